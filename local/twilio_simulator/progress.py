"""The callbacks about a call's progress: for which changes they are sent, and their forms."""

from local.twilio_simulator.calls import FINAL, Call
from local.twilio_simulator.clock import rfc2822

EVENTS = ("initiated", "ringing", "answered", "completed")
_EVENT = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
_SIP = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}


def wanted(call: Call) -> bool:
    """Whether a callback was requested for the call's last change."""
    events = call.form.get("StatusCallbackEvent") or ["completed"]
    return bool(call.form.get("StatusCallback")) and _EVENT.get(call.status, "completed") in events


def form(call: Call, status: str, sequence: int, moment: float) -> dict[str, str]:
    """A callback's form: not in alphabetical order, and with empty fields, like Twilio's own."""
    sender = call.sender
    fields = {
        "Called": call.to,
        **_address("To"),
        **_address("Caller"),
        "Direction": call.direction,
        "Timestamp": rfc2822(moment),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
        "CallSid": call.sid,
        "To": call.to,
        "CallStatus": status,
        "From": sender,
        "Caller": sender,
        **_address("Called"),
        "AccountSid": call.account,
        "ApiVersion": "2010-04-01",
        **_address("From"),
    }
    if call.parent:
        fields["ParentCallSid"] = call.parent
    if status in ("ringing", "in-progress"):
        fields["StirStatus"] = "B"
    if status in FINAL:
        seconds = call.duration_s or 0
        fields |= {
            "CallDuration": str(seconds),
            "Duration": str(-(-seconds // 60)),
            "SipResponseCode": str(call.happens.get("sip_code") or _SIP[status]),
        }
        if call.answered_by:
            fields["AnsweredBy"] = call.answered_by
    return fields


def document_form(call: Call) -> dict[str, str]:
    """The form with which Twilio requests a document for a call."""
    fields = {
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
        fields |= _address(whose) if number.startswith("+") else {}
    if call.parent:
        fields["ParentCallSid"] = call.parent
    if call.application:
        fields["ApplicationSid"] = call.application
    return fields


def _address(whose: str) -> dict[str, str]:
    return {f"{whose}City": "", f"{whose}State": "", f"{whose}Zip": "", f"{whose}Country": "US"}
