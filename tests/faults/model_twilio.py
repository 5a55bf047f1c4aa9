"""A Twilio that knows the truth: which calls there are, and which callbacks are on their way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autocall import reasons
from autocall.call_outcomes import NotSent, Outcome, Placed, Refused, Throttled, TwilioCall, Unknown, Unreachable
from autocall.leads import FINAL, LIVE
from functions.status_webhook.status_callback import StatusCallback

ANSWERS: dict[str, Outcome] = {
    "refused number": Refused("lead", 21211, "Twilio refused the call (21211)"),
    "refused country": Refused("permission", 21215, "Twilio refused the call (21215)"),
    "refused account": Refused("account", 20003, "Twilio refused the call (20003)"),
    "refused by a new code": Refused("unlisted", 29999, "Twilio refused the call (29999)"),
    "blocked": Refused("permission", 21216, "Twilio refused the call (21216)"),
    "throttled": Throttled("Twilio asks for patience (429)"),
    "not sent": NotSent("NewConnectionError"),
    "lost, no call": Unknown(reasons.TIMEOUT, "ReadTimeout"),
    "lost, call made": Unknown(reasons.TIMEOUT, "ReadTimeout"),
}
TAKEN = "placed"


@dataclass
class Call:
    """One call that exists, whoever knows of it."""

    sid: str
    phone: str
    sender: str
    created_at: float
    where: tuple[str, str, str]
    listed_at: float
    status: str = "queued"

    @property
    def ended(self) -> bool:
        return self.status in FINAL


@dataclass
class ModelTwilio:
    """Answers as told; every change of a call is a callback on its way, delivered by whoever drives the world.

    It says when it is *asked* for a call of a number and a lead. While it is *silent* no callback is sent at all; it
    *takes* so many seconds to answer a POST; its list of calls shows a call *lists_after* seconds late.
    """

    clock: Callable[[], float]
    wait: Callable[[float], None]
    asked: Callable[[str, str], None]
    calls: list[Call] = field(default_factory=list)
    callbacks: list[StatusCallback] = field(default_factory=list)
    answer: str = TAKEN
    unreachable: bool = False
    silent: bool = False
    lists_after: float = 0.0
    takes: float = 0.0
    refused: set[str] = field(default_factory=set)

    # -- as `autocall.twilio_calls` asks -----------------------------------------------------------------------------

    def place(self, request: Mapping[str, Any]) -> Outcome:
        self.asked(request["To"], _where(request)[1])
        self.wait(self.takes)
        if self.answer in (TAKEN, "lost, call made"):
            call = self._make(request)
            return Placed(call.sid) if self.answer == TAKEN else ANSWERS[self.answer]
        if self.answer in ("refused number", "refused by a new code", "blocked"):
            self.refused.add(request["To"])
        return ANSWERS[self.answer]

    def fetch(self, sid: str) -> TwilioCall | None:
        self._reach()
        return next((_told(call) for call in self.calls if call.sid == sid), None)

    def to_number(self, phone: str) -> list[TwilioCall]:
        self._reach()
        return [_told(call) for call in self.calls if call.phone == phone and call.listed_at <= self.clock()]

    def cancel(self, sid: str) -> TwilioCall | None:
        """A call in progress goes on; one that waits in the queue ends without a callback."""
        for call in self.calls:
            if call.sid == sid and not call.ended:
                if call.status == "queued":
                    call.status = "canceled"
                elif call.status != "in-progress":
                    self.becomes(call, "canceled")
                return _told(call)
        return None

    def serves(self) -> bool:
        return not self.unreachable

    # -- as the world goes on ----------------------------------------------------------------------------------------

    def becomes(self, call: Call, status: str) -> None:
        """The call reaches *status*, if it can, and Twilio sends word of it."""
        if call.ended or (status in LIVE and LIVE.index(status) <= LIVE.index(call.status)):
            return
        call.status = status
        if self.silent:
            return
        user, lead, attempt = call.where
        duration = 12 if status == "completed" else None
        self.callbacks.append(StatusCallback(user, lead, attempt, call.sid, status, duration))

    def lists_late(self, seconds: float) -> None:
        """Its list shows every call that late, also those that were made already."""
        self.lists_after = seconds
        for call in self.calls:
            call.listed_at = call.created_at + seconds

    def hides(self, phone: str) -> bool:
        """Whether there is a call to this number that the list does not show yet."""
        return any(call.phone == phone and call.listed_at > self.clock() for call in self.calls)

    def made(self, phone: str) -> int:
        """How many calls there ever were to this number."""
        return sum(call.phone == phone for call in self.calls)

    def made_for(self, row: Mapping[str, Any]) -> int:
        """How many calls there were of the attempt that the row stands for."""
        return sum(call.where[2] == row.get("attempt_id") for call in self.calls)

    def _make(self, request: Mapping[str, Any]) -> Call:
        now, sid = self.clock(), f"CA{len(self.calls):032d}"
        call = Call(sid, request["To"], request["From"], now, _where(request), now + self.lists_after)
        self.calls.append(call)
        return call

    def _reach(self) -> None:
        if self.unreachable:
            raise Unreachable("Twilio answered 503")


def _where(request: Mapping[str, Any]) -> tuple[str, str, str]:
    """The user, lead and attempt that the callback's address carries."""
    address = urlsplit(request["StatusCallback"])
    _, _, _, user, lead = address.path.split("/")
    return user, lead, parse_qs(address.query)["attempt"][0]


def _told(call: Call) -> TwilioCall:
    return TwilioCall(call.sid, call.status, call.sender, call.created_at, 12 if call.status == "completed" else None)
