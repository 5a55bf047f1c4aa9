"""What Twilio tells of a call's progress: which changes, and in which words."""

from local.twilio_simulator.calls import FINAL, Call
from local.twilio_simulator.clock import rfc2822

EVENTS = ("initiated", "ringing", "answered", "completed")
_EVENT = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
_SIP = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}


def wanted(call: Call) -> bool:
    """Whether the call's last change is one that somebody asked to be told of."""
    events = call.form.get("StatusCallbackEvent") or ["completed"]
    return bool(call.form.get("StatusCallback")) and _EVENT.get(call.status, "completed") in events


def form(call: Call, status: str, sequence: int, moment: float) -> dict[str, str]:
    """A callback's form: not in alphabetical order, and with blanks, as real ones are."""
    sender = call.sender
    told = {
        "Called": call.to,
        **_place("To"),
        **_place("Caller"),
        "Direction": call.direction,
        "Timestamp": rfc2822(moment),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
        "CallSid": call.sid,
        "To": call.to,
        "CallStatus": status,
        "From": sender,
        "Caller": sender,
        **_place("Called"),
        "AccountSid": call.account,
        "ApiVersion": "2010-04-01",
        **_place("From"),
    }
    if call.parent:
        told["ParentCallSid"] = call.parent
    if status in ("ringing", "in-progress"):
        told["StirStatus"] = "B"
    if status in FINAL:
        seconds = call.duration_s or 0
        told |= {
            "CallDuration": str(seconds),
            "Duration": str(-(-seconds // 60)),
            "SipResponseCode": str(call.happens.get("sip_code") or _SIP[status]),
        }
        if call.answered_by:
            told["AnsweredBy"] = call.answered_by
    return told


def asked(call: Call) -> dict[str, str]:
    """What Twilio says of a call when it asks for a document."""
    told = {
        "Called": call.to,
        "Direction": call.direction,
        "CallStatus": "queued" if call.status == "initiated" else call.status,
        "CallSid": call.sid,
        "To": call.to,
        "From": call.sender,
        "Caller": call.sender,
        "AccountSid": call.account,
        "ApiVersion": "2010-04-01",
    }
    for whose, number in (("To", call.to), ("Called", call.to), ("From", call.sender), ("Caller", call.sender)):
        told |= _place(whose) if number.startswith("+") else {}
    if call.parent:
        told["ParentCallSid"] = call.parent
    if call.application:
        told["ApplicationSid"] = call.application
    return told


def _place(whose: str) -> dict[str, str]:
    return {f"{whose}City": "", f"{whose}State": "", f"{whose}Zip": "", f"{whose}Country": "US"}
