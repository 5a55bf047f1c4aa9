"""An agent's session: their own call, and the lead that it is reserved for, connected to, or wrapping up. Pure.

The session is one item of the Agents table with flat attributes. The `call_…` attributes name the lead that the agent
is reserved for or talks with. The `wrap_…` attributes name the conversation that the agent is writing up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autocall import reasons
from autocall.timing import Timing, parse, stamp

RINGING, LIVE, ENDED = "ringing", "live", "ended"
BROWSER, PHONE = "browser", "phone"
UNTIL_READY = "ready"
"""A value of the agent's setting `wrap_up_s`: a wrap-up ends only when the agent says so."""


@dataclass(frozen=True)
class NotReady:
    """Why the agent cannot take a call now, and when to check again."""

    reason: str
    until: float


@dataclass(frozen=True)
class Session:
    """The item as it was read; it is empty if the agent never opened a session."""

    item: Mapping[str, Any] = field(default_factory=dict)

    @property
    def session_id(self) -> str:
        return str(self.item.get("session_id", ""))

    @property
    def via(self) -> str:
        return str(self.item.get("via", ""))

    @property
    def phase(self) -> str:
        return str(self.item.get("phase", ENDED))

    @property
    def call_sid(self) -> str:
        """The SID of the agent's own call; "" until Twilio reports it."""
        return str(self.item.get("call_sid", ""))

    @property
    def reason(self) -> str:
        return str(self.item.get("reason", ""))

    @property
    def attempt(self) -> str:
        """The attempt that the agent is reserved for, even if the reservation has expired; "" if there is none."""
        return str(self.item.get("call_attempt", ""))

    @property
    def lead(self) -> str:
        """The lead that the agent is reserved for; "" if there is none."""
        return str(self.item.get("call_lead", ""))

    @property
    def inbound_call(self) -> str:
        """The SID of the call in which that lead calls back; "" if the agent calls them."""
        return str(self.item.get("call_leg", ""))

    def talks(self, attempt: str, now: float) -> bool:
        """Whether the agent and this attempt's lead are in a conversation, on hold or not."""
        return self.attempt == attempt and "call_joined" in self.item and self.is_engaged(now)

    def has_joined(self, attempt: str) -> bool:
        """Whether this attempt's lead was connected to the agent. False if the session no longer knows the attempt."""
        is_on_call = self.attempt == attempt and "call_joined" in self.item
        return is_on_call or self.item.get("wrap_attempt") == attempt

    def is_engaged(self, now: float) -> bool:
        """Whether the agent is reserved for a call or is in one."""
        return "call_attempt" in self.item and stamp(now) < str(self.item.get("call_until", ""))

    def is_wrapping(self, now: float) -> bool:
        """Whether a wrap-up is running. Without `wrap_until` it runs until the agent ends it."""
        return "wrap_attempt" in self.item and ("wrap_until" not in self.item or stamp(now) < self.item["wrap_until"])

    def is_wrapping_of(self, attempt: str, now: float) -> bool:
        return self.item.get("wrap_attempt") == attempt and self.is_wrapping(now)

    def has_run_out(self, now: float, timing: Timing) -> bool:
        """Whether the agent's call has been ringing for longer than is possible."""
        return self.phase == RINGING and now >= timing.session_rings(parse(self.item["asked_at"]))

    def call_back_is_overdue(self, now: float, timing: Timing) -> bool:
        """Whether Twilio must be asked if the lead who calls back is still there.

        No lead's row holds a line for that call. Every word of its end may be lost, or come before the agent is kept.
        """
        if not self.inbound_call or not self.is_engaged(now):
            return False
        return now >= parse(self.item["call_at"]) + self._call_back_patience(timing)

    def call_back_check_at(self, now: float, timing: Timing) -> float | None:
        """When Twilio is asked that next; None if nobody calls back."""
        if not self.inbound_call or not self.is_engaged(now):
            return None
        since = now if self.call_back_is_overdue(now, timing) else parse(self.item["call_at"])
        return since + self._call_back_patience(timing)

    def _call_back_patience(self, timing: Timing) -> float:
        return timing.call_back_checked if "call_joined" in self.item else timing.call_back_unheard

    def not_ready(self, held: bool, now: float, timing: Timing) -> NotReady | None:
        """Why no lead may be called for this agent; None if one may. *held*: an open page holds the session.

        The gate of a run uses it, and the recheck between a claim and its POST.
        """
        if self.phase == RINGING:
            return NotReady(reasons.RINGING, timing.session_rings(parse(self.item["asked_at"])))
        if self.phase != LIVE:
            return NotReady(reasons.SESSION, now + timing.recheck_after)
        if self.is_engaged(now):
            return NotReady(reasons.ON_CALL, parse(self.item["call_until"]))
        if self.is_wrapping(now):
            ends = self.item.get("wrap_until")
            return NotReady(reasons.WRAP_UP, parse(ends) if ends else now + timing.recheck_after)
        if self.via == BROWSER and not held:
            return NotReady(reasons.UNHEARD, now + timing.ping)
        return None

    def view(self, now: float) -> dict[str, Any]:
        """The data of `agent:session` for the agent's page; it has no phone number."""
        shown = {name: self.item.get(name) for name in ("session_id", "via", "asked_at", "live_since", "wrap_up_s")}
        return shown | {
            "phase": self.phase,
            "reason": self.item.get("reason"),
            "call": self._group("call") if self.is_engaged(now) else None,
            "wrap_up": self._group("wrap") if self.is_wrapping(now) else None,
            "version": self.item.get("version", 0),
            "at": stamp(now),
        }

    def _group(self, prefix: str) -> dict[str, Any]:
        names = {"call": ("until", "taken", "joined", "held", "done"), "wrap": ("until",)}[prefix]
        about = {"lead_id": self.item.get(f"{prefix}_lead"), "attempt_id": self.item.get(f"{prefix}_attempt")}
        about["inbound"] = f"{prefix}_leg" in self.item
        return about | {name: self.item.get(f"{prefix}_{name}") for name in names}


def wrap_up_of(profile: Mapping[str, Any], usual_s: int) -> int | None:
    """The length of a wrap-up: the installation's, or the agent's if longer; None: until the agent ends it."""
    own = profile.get("wrap_up_s")
    return None if own == UNTIL_READY else max(usual_s, own or 0)
