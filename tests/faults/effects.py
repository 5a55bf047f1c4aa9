"""Every request of a function is an effect, at which it can be killed, refused, cut off, sent twice or overtaken."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import ClientError, ReadTimeoutError

KILLS = ("killed before", "killed after")
LATE_ANSWER, LATE_REQUEST = "answered late", "timeout, applied late"
AWS_FAULTS = ("throttled", "5xx", "timeout, not applied", "timeout, applied", "answer lost, sent again")
MEANWHILE = "meanwhile"
_REQUEST_S, _POST_S = 0.003, 0.1
_GENERATORS = {"_index_pages": "waiting"}
_MARKS = "autocall.queued_run"
_OF_OURS = (
    "lead_table",
    "agent_table",
    "installation_table",
    "session_table",
    "called_table",
    "dial_queue",
    "push",
    "pause",
)


class Killed(BaseException):
    """The process is gone: nothing of ours may catch this."""


@dataclass
class Fault:
    """What happens at the effect number *at* of one invocation; *action* is what is done meanwhile."""

    kind: str
    at: int
    action: Callable[[], None] | None = None
    struck: bool = False

    def around(self, request: Callable[[], Any], *, aws: bool) -> Any:
        self.struck = True
        match self.kind:
            case "killed before":
                raise Killed
            case "killed after":
                request()
                raise Killed
            case "meanwhile":
                assert self.action
                self.action()
        if self.kind in AWS_FAULTS and aws:
            return self._aws(request)
        return request()

    def _aws(self, request: Callable[[], Any]) -> Any:
        match self.kind:
            case "throttled":
                raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "Any")
            case "5xx":
                raise ClientError({"Error": {"Code": "InternalServerError", "Message": "try again"}}, "Any")
            case "timeout, applied" | "answer lost, sent again":
                self._try(request)
        if self.kind == "answer lost, sent again":
            return request()
        raise ReadTimeoutError(endpoint_url="aws")

    @staticmethod
    def _try(request: Callable[[], Any]) -> None:
        """Whatever this was answered, nobody heard it."""
        try:
            request()
        except ClientError:
            return


@dataclass
class Invocation:
    """The effects of one invocation of a function, counted; it dies at its deadline, and does no more then."""

    deadline: float
    fault: Fault | None = None
    effects: list[str] = field(default_factory=list)
    dead: bool = False


class Turn(Protocol):
    """Hands the turn to others at an effect: returns what strikes it when the turn comes back."""

    def wait(self, name: str, *, aws: bool) -> str: ...

    def send_later(self, name: str, request: Callable[[], Any]) -> None: ...

    def begin_beside(self, name: str, does: Callable[[], object]) -> Any: ...


@dataclass
class Effects:
    """Stands between the functions and everything they ask."""

    clock: Callable[[], float]
    takes: Callable[[float], None]
    stack: list[Invocation] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    named: bool = False
    last: Invocation | None = None
    turn: Turn | None = None
    done: int = 0

    def invoke(self, function: Callable[[], Any], timeout: float, fault: Fault | None = None) -> Invocation:
        """Run *function* as one invocation; what it raises, being killed among it, is the invocation's end."""
        invocation = Invocation(self.clock() + timeout, fault)
        self.stack.append(invocation)
        try:
            function()
        finally:
            self.last = self.stack.pop()
            if fault and fault.struck:
                self.struck.append(fault.kind)
        return invocation

    def effect(self, name: str, request: Callable[[], Any], *, aws: bool = True) -> Any:
        if not self.stack:
            return request()
        invocation = self.stack[-1]
        if invocation.dead:
            raise Killed  # also what stands in a `finally` of ours is not done any more
        self.done += 1
        self.takes(_POST_S if name == "place" else _REQUEST_S)
        index = len(invocation.effects)
        invocation.effects.append(_caller(name) if self.named else name)
        try:
            if self.turn:
                return self._in_turn(self.turn, invocation, request, aws=aws)
            if invocation.fault and invocation.fault.at == index:
                return invocation.fault.around(lambda: self._in_time(invocation, request), aws=aws)
            return self._in_time(invocation, request)
        except Killed:
            invocation.dead = True
            raise

    def moment(self) -> tuple[int, int]:
        """How much has been done, and struck, so far."""
        return self.done, len(self.struck)

    def was_alone_since(self, before: tuple[int, int]) -> bool:
        """Whether all that was done since then is of the invocation that ended last, and nothing struck it."""
        return self.last is not None and self.moment() == (before[0] + len(self.last.effects), before[1])

    def _in_turn(self, turn: Turn, invocation: Invocation, request: Callable[[], Any], *, aws: bool) -> Any:
        """Everything else that goes on may come between the decision to ask and the request, or before its answer."""
        name, index = invocation.effects[-1], len(invocation.effects) - 1
        kind = turn.wait(name, aws=aws)
        if not kind or self.clock() > invocation.deadline:
            return self._in_time(invocation, request)
        self.struck.append(kind)
        if kind == LATE_REQUEST:
            self._in_time(invocation, lambda: turn.send_later(name, request))
            raise ReadTimeoutError(endpoint_url="aws")
        if kind == LATE_ANSWER:
            try:
                return self._in_time(invocation, request)
            finally:
                if turn.wait(f"answer to {name}", aws=False) in KILLS:
                    raise Killed
                self._in_time(invocation, lambda: None)
        return Fault(kind, index).around(lambda: self._in_time(invocation, request), aws=aws)

    def _in_time(self, invocation: Invocation, request: Callable[[], Any]) -> Any:
        """Lambda ends what has run too long, also while something else happened."""
        if self.clock() > invocation.deadline:
            raise Killed
        return request()


class Wire:
    """A client whose every request is an effect."""

    def __init__(self, effects: Effects, target: Any, *, aws: bool = True) -> None:
        self._effects, self._target, self._aws = effects, target, aws

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found
        return lambda *args, **kwargs: self._effects.effect(name, lambda: found(*args, **kwargs), aws=self._aws)


def _caller(name: str) -> str:
    """The request in the words of who makes it: `claim`, not `update_item`."""
    frame, words = sys._getframe(2), name
    while frame.f_back:
        if frame.f_globals.get("__name__") == _MARKS and not frame.f_code.co_name.startswith("_"):
            return frame.f_code.co_name  # by itself, whatever it is part of: a step that matters
        module = frame.f_globals.get("__name__", "").rpartition(".")[2]
        function = _GENERATORS.get(frame.f_code.co_name, frame.f_code.co_name)
        if module in _OF_OURS and not function.startswith(("_", "<")):
            words = "push" if module == "push" else function
        frame = frame.f_back
    return words
