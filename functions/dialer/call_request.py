"""The parameters of the POST for one call, and what the lead hears who answers."""

from dataclasses import dataclass
from typing import Any

from autocall.audio import Audio
from autocall.leads import Attempt

_EVENTS = ("ringing", "answered", "completed")
_RETRIES = "#rc=5&rp=all"
_OF_THE_ANSWER = "#rt=2500&rc=1&rp=5xx,ct"  # a lead has said hello: it may take two seconds, and half of one to be late


@dataclass(frozen=True)
class CallRequest:
    """The settings of all calls: *ring_s* (at least 15) and *limit_s* are seconds.

    Without an agent on the line a lead hears *message* or *twiml_url*; a message must say who calls.
    """

    ring_s: int
    limit_s: int
    message: str
    twiml_url: str
    public_url: str
    audio: Audio

    def __post_init__(self) -> None:
        if self.ring_s < 15:
            raise ValueError("RING_TIMEOUT_S must be at least 15: hanging up earlier counts as an abandoned call")
        if not self.audio.agent_first:
            self._check_message()

    @property
    def recorded(self) -> bool:
        """Whether the lead may hear a recording: what a TwiML URL says is not known."""
        return not self.audio.agent_first

    def _check_message(self) -> None:
        if not (self.message or self.twiml_url):
            raise ValueError("CALL_MESSAGE or CALL_TWIML_URL must be set: what a lead hears where no agent is")
        if not self.twiml_url and not self.audio.is_named_in(self.message):
            raise ValueError("CALL_MESSAGE must say who calls (COMPANY) and the number to call back (CALLBACK_NUMBER)")

    def params(self, attempt: Attempt, phone: str, sender: str, *, doubted: bool = False) -> dict[str, Any]:
        """Twilio's parameters. The callback's URL names user, lead and attempt, and asks for all retries.

        *doubted*: networks have just rejected calls of *sender*, and the callback shall say if this one is answered.
        """
        user, lead, attempt_id = attempt
        callback = f"{self.public_url}/twilio/status/{user}/{lead}?attempt={attempt_id}{'&doubted=1' * doubted}"
        return (
            {
                "To": phone,
                "From": sender,
                "Timeout": self.ring_s,
                "TimeLimit": self.limit_s,
                "StatusCallback": callback + _RETRIES,
                "StatusCallbackEvent": list(_EVENTS),
                "StatusCallbackMethod": "POST",
            }
            | self._twiml(user, lead, attempt_id)
            | self._detection(user, lead, attempt_id)
        )

    def _detection(self, user: str, lead: str, attempt: str) -> dict[str, str]:
        """Twilio listens meanwhile, and says later who answered: nobody waits for that before they are connected."""
        if not self.audio.detection:
            return {}
        return {
            "MachineDetection": self.audio.detection,
            "AsyncAmd": "true",
            "AsyncAmdStatusCallback": f"{self.public_url}/twilio/amd/{user}/{lead}?attempt={attempt}{_RETRIES}",
            "AsyncAmdStatusCallbackMethod": "POST",
        }

    def _twiml(self, user: str, lead: str, attempt: str) -> dict[str, str]:
        """With an agent on the line the TwiML is fetched when the lead answers, and decided then."""
        if self.audio.agent_first:
            return {
                "Url": f"{self.public_url}/twilio/answer/{user}/{lead}?attempt={attempt}{_OF_THE_ANSWER}",
                "Method": "POST",
                "FallbackUrl": self.audio.fallback_url,
                "FallbackMethod": "GET",
            }
        if self.twiml_url:
            return {"Url": self.twiml_url}
        from twilio.twiml.voice_response import (
            VoiceResponse,  # only where a message is spoken: it costs every cold start
        )

        response: Any = VoiceResponse()
        response.say(self.message)
        return {"Twiml": str(response)}
