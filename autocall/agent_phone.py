"""The call to an agent's own phone: asked for once, and what Twilio's answer means for the session."""

from dataclasses import dataclass
from typing import Any, Protocol

from autocall import reasons
from autocall.call_outcomes import NotSent, Outcome, Placed, Refused, Throttled
from autocall.caller_ids import CallerIds
from autocall.session_table import SessionTable, SessionWrite

_RETRIES = "#rc=5&rp=all"
_OF_A_DOCUMENT = "#rt=2500&rc=1&rp=5xx,ct"
_LONGEST_S = 4 * 3600  # of any call at Twilio


class Caller(Protocol):
    """What asks Twilio for a call."""

    def place(self, call: dict[str, Any]) -> Outcome: ...


@dataclass(frozen=True)
class AgentPhone:
    """Rings the phones of agents. The phone hears *press 1*, so that no mailbox takes part.

    The call comes from the number for the phone's country, even while that rests for leads.
    """

    sessions: SessionTable
    caller_ids: CallerIds
    ring_s: int
    public_url: str

    def ring(
        self, calls: Caller, user: str, phone: str, session_id: str, now: float
    ) -> tuple[Outcome, SessionWrite | None]:
        """Ask for the call, once; and what was then written of the session, if anything was.

        Where the answer is not clear the phone may ring: the session goes on ringing until the agent presses 1, or
        until its time has run out.
        """
        outcome = calls.place(self._request(user, phone, session_id))
        match outcome:
            case Placed(sid):
                return outcome, self.sessions.rung(user, session_id, sid)
            case Refused("account", code, _) if not self.caller_ids.concerns_one_number(code):
                return outcome, self._ended(user, session_id, reasons.account_refused(code), now)
            case Refused(_, _, reason):
                return outcome, self._ended(user, session_id, reason, now)
            case Throttled():
                return outcome, self._ended(user, session_id, reasons.THROTTLED, now)
            case NotSent():
                return outcome, self._ended(user, session_id, reasons.UNREACHABLE, now)
        return outcome, None

    def _ended(self, user: str, session_id: str, reason: str, now: float) -> SessionWrite:
        return self.sessions.end(user, session_id=session_id, reason=reason, now=now)

    def _request(self, user: str, phone: str, session_id: str) -> dict[str, Any]:
        where, query = f"{self.public_url}/twilio", f"{user}?session={session_id}"
        return {
            "To": phone,
            "From": self.caller_ids.number_for(phone),
            "Timeout": self.ring_s,
            "TimeLimit": _LONGEST_S,
            "Url": f"{where}/agent/{query}{_OF_A_DOCUMENT}",
            "Method": "POST",
            "StatusCallback": f"{where}/leg/{query}{_RETRIES}",
            "StatusCallbackEvent": ["completed"],
            "StatusCallbackMethod": "POST",
        }
