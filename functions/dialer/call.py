"""What is asked of Twilio for one call, and what the answered lead hears."""

from dataclasses import dataclass
from typing import Any

from twilio.twiml.voice_response import VoiceResponse

_EVENTS = ("initiated", "ringing", "answered", "completed")
_RETRIES = "#rc=5&rp=all"


@dataclass(frozen=True)
class CallOptions:
    """How calls are made: *ring_s* (at least 15) and *limit_s* are seconds; *message* or *twiml_url* must be set."""

    sender: str
    ring_s: int
    limit_s: int
    message: str
    twiml_url: str
    public_url: str

    def __post_init__(self) -> None:
        if not self.sender:
            raise ValueError("CALL_FROM must be set: the number that calls are made from")
        if self.ring_s < 15:
            raise ValueError("RING_TIMEOUT_S must be at least 15: hanging up earlier counts as an abandoned call")
        if not (self.message or self.twiml_url):
            raise ValueError(
                "CALL_MESSAGE or CALL_TWIML_URL must be set: what a lead hears when there is no agent's phone"
            )

    def recorded(self, agent_phone: str | None) -> bool:
        """Whether the lead hears a recording, or may: nobody knows what an address of TwiML says."""
        return bool(self.twiml_url or not agent_phone)

    def request(self, user: str, lead: str, attempt: str, phone: str, agent_phone: str | None) -> dict[str, Any]:
        """Twilio's parameters; the callback's address carries user, lead and attempt, and asks for every retry."""
        callback = f"{self.public_url}/twilio/status/{user}/{lead}?attempt={attempt}{_RETRIES}"
        return {
            "To": phone,
            "From": self.sender,
            "Timeout": self.ring_s,
            "TimeLimit": self.limit_s,
            "StatusCallback": callback,
            "StatusCallbackEvent": list(_EVENTS),
            "StatusCallbackMethod": "POST",
        } | self._heard(agent_phone)

    def _heard(self, agent_phone: str | None) -> dict[str, str]:
        if self.twiml_url:
            return {"Url": self.twiml_url}
        response: Any = VoiceResponse()
        if agent_phone:
            response.dial(answer_on_bridge=True, caller_id=self.sender).number(agent_phone)
        else:
            response.say(self.message)
        return {"Twiml": str(response)}
