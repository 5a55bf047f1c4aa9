"""The number that calls are made from: who calls it back must reach this installation, and not Twilio's greeting."""

from ops.twiml_app import Twilio, Unmade


def wanted(public_url: str, fallback_url: str) -> dict[str, str]:
    """The settings that the number must have at Twilio. An application of the number's own would be heeded instead."""
    return {
        "VoiceUrl": f"{public_url}/twilio/inbound",
        "VoiceMethod": "POST",
        "VoiceFallbackUrl": fallback_url,
        "VoiceFallbackMethod": "GET",
        "StatusCallback": f"{public_url}/twilio/inbound/over",
        "StatusCallbackMethod": "POST",
        "VoiceApplicationSid": "",
    }


def point(twilio: Twilio, number: str, public_url: str, fallback_url: str) -> None:
    """Make the number call this installation; Unmade if the account does not own it, or Twilio refuses."""
    sid = str(_found(twilio, number)["sid"])
    answer = twilio.ask("POST", f"IncomingPhoneNumbers/{sid}.json", data=wanted(public_url, fallback_url))
    if answer.status_code != 200:
        raise Unmade(f"Twilio answered {answer.status_code}, and {number} was not set")


def differs(twilio: Twilio, number: str, public_url: str) -> str:
    """What is wrong with the number at Twilio; "" if nothing is."""
    try:
        held = _found(twilio, number)
    except Unmade as unmade:
        return str(unmade)
    about = wanted(public_url, "")
    named = {
        "voice_url": "VoiceUrl",
        "status_callback": "StatusCallback",
        "voice_application_sid": "VoiceApplicationSid",
    }
    wrong = [theirs for theirs, ours in named.items() if (held.get(theirs) or "") != about[ours]]
    return f"{number}: its {' and '.join(wrong)} is another: make number sets it" if wrong else ""


def _found(twilio: Twilio, number: str) -> dict[str, object]:
    answer = twilio.ask("GET", "IncomingPhoneNumbers.json", params={"PhoneNumber": number})
    if answer.status_code != 200:
        raise Unmade(f"Twilio answered {answer.status_code} to a query for the number {number}")
    found = [one for one in answer.json()["incoming_phone_numbers"] if one["phone_number"] == number]
    if not found:
        raise Unmade(f"{number} is not a number of this Twilio account: nobody who calls back reaches you")
    return dict(found[0])
