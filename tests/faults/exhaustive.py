"""A small world to exhaustion: everything that can happen in it, in every order of its effects, with crashes anywhere.

Time stands still, so that only the order counts. A state that was met before, by whatever order, is not gone on from
again; and what is only told to a page commutes with everything else. `python -m tests.faults.exhaustive` says how many
states there are in the larger worlds. Where those are too many, `--switches` bounds how often something is interrupted
by something else, which then goes on as long as it likes: most faults need no more than two such switches.
"""

import argparse
import hashlib
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from greenlet import getcurrent

from autocall.leads import FINAL
from tests.faults.effects import KILLS, Invocation
from tests.faults.line_world import LineWorld
from tests.faults.scheduler import Scheduler, Task, taking_turns
from tests.faults.world import PHONES, USERS, Gone, World, in_order, world

_ONLY_TOLD = ("post_to_connection", "delete_connection")


@dataclass(frozen=True)
class Action:
    """One thing that happens once, as soon as it can."""

    name: str
    can: Callable[[Any], bool]
    does: Callable[[Any], object]


@dataclass(frozen=True)
class Small:
    """A world, and what happens in it; *crashes* is how often something of it is killed."""

    name: str
    world: Callable[[], AbstractContextManager[World]]
    actions: tuple[Action, ...]
    crashes: int = 1


@dataclass(frozen=True)
class Choice:
    """Which goes on, and whether it is killed there."""

    name: str
    strikes: str = ""

    def __str__(self) -> str:
        return f"{self.name}{' !! ' + self.strikes if self.strikes else ''}"


class Violation(AssertionError):
    """An order that breaks the promise."""


@dataclass
class Explored:
    """What there was: states, steps from one to the next, orders that were played, ends that differ."""

    switches: int | None = None
    states: int = 0
    steps: int = 0
    orders: int = 0
    ends: int = 0
    complete: bool = True

    def __str__(self) -> str:
        bound = "" if self.switches is None else f" with {self.switches} switches at most"
        whole = f"all of it{bound}" if self.complete else f"as far as time allowed{bound}"
        return f"{self.states:,} states, {self.steps:,} steps, {self.orders:,} orders, {self.ends:,} ends: {whole}"


@dataclass
class _Played:
    """A world in which some choices were made."""

    small: Small
    world: World
    scheduler: Scheduler
    begun: set[str] = field(default_factory=set)
    crashes: int = 0
    switched: int = 0
    last: str = ""
    heard: dict[str, Any] = field(default_factory=dict)

    @property
    def goes_on(self) -> str:
        """What did the last effect, if that was not its end: for anything else to happen is a switch."""
        return self.last if self.last in self.scheduler.going else ""

    def choices(self, switches: int | None) -> list[Choice]:
        """What can happen next. Something that is only told to a page happens at once, and nothing else does."""
        going = self.scheduler.going
        for task in going.values():
            if task.at in _ONLY_TOLD:
                return [Choice(task.name)]
        found = [Choice(name) for name in going]
        found += [
            Choice(action.name)
            for action in self.small.actions
            if action.name not in self.begun and action.can(self.world)
        ]
        if self.crashes < self.small.crashes:
            found += [Choice(name, kind) for name in going for kind in KILLS]
        if switches is not None and self.switched >= switches and self.goes_on:
            return [choice for choice in found if choice.name == self.goes_on]
        return found

    def make(self, choice: Choice, *, again: bool = False) -> None:
        """*again*: this was made before, and what follows was looked at then."""
        self.switched += self.goes_on not in ("", choice.name)
        self.last = choice.name
        if choice.name in self.begun:
            self.crashes += bool(choice.strikes)
            self.scheduler.go(self.scheduler.going[choice.name], choice.strikes)
        else:
            self.begun.add(choice.name)
            (does,) = (action.does for action in self.small.actions if action.name == choice.name)
            self.scheduler.start(choice.name, lambda: does(self.world))
        if not again:
            self.world.check()

    def state(self) -> bytes:
        """Everything that what follows depends on; what a task has heard so far says where it is."""
        world = self.world
        told: list[Any] = [
            [_sorted(items) for items in world.tables.items.values()],
            [(each.body, each.group, each.receives, each.hidden_until) for each in world.messages.messages],
            [(call.sid, call.status, call.where) for call in world.twilio.calls],
            world.twilio.callbacks,
            sorted(self.begun),
            sorted((name, task.at, self.heard[name].digest()) for name, task in self.scheduler.going.items()),
            self.crashes,
        ]
        if isinstance(world, LineWorld):
            rooms = sorted((room, sorted(inside)) for room, inside in world.rooms.items())
            told += [rooms, world.legs, len(world.words), sorted(world.joined), sorted(world.told.items())]
        return hashlib.blake2b(repr(told).encode(), digest_size=16).digest()


def _sorted(items: Mapping[Any, Mapping[str, Any]]) -> list[Any]:
    return sorted((key, sorted(item.items(), key=str)) for key, item in items.items())


def explore(small: Small, seconds: float = float("inf"), switches: int | None = None) -> Explored:
    """Every order of everything, or each with so many *switches*. Violation with the first that breaks the promise."""
    explored, ended = Explored(switches), set[bytes]()
    met: dict[tuple[bytes, str], int] = {}
    """States, with what goes on in each; and the fewest switches that it took to come there."""
    until = time.process_time() + seconds
    ahead: list[tuple[Choice, ...]] = [()]
    while ahead:
        if time.process_time() > until:
            explored.complete = False
            break
        chosen = list(ahead.pop())
        explored.orders += 1
        try:
            with _begun(small) as played:
                for choice in chosen:
                    played.make(choice, again=True)
                played.world.check()
                while _is_new(met, played, state := played.state(), switches):
                    choices = played.choices(switches)
                    explored.steps += len(choices)
                    if not choices:
                        if state not in ended:
                            ended.add(state)
                            _comes_to_rest(played)
                        break
                    first, *others = choices
                    ahead += [(*chosen, other) for other in others]
                    chosen.append(first)
                    played.make(first)
        except AssertionError as error:
            raise Violation(f"{error}\n" + "\n".join(map(str, _merged(chosen)))) from error
    explored.states, explored.ends = len({state for state, _ in met}), len(ended)
    return explored


def _is_new(met: dict[tuple[bytes, str], int], played: _Played, state: bytes, switches: int | None) -> bool:
    """Whether more can follow than was followed when this state was met before."""
    point, switched = (state, "" if switches is None else played.goes_on), 0 if switches is None else played.switched
    if met.get(point, switched + 1) <= switched:
        return False
    met[point] = switched
    return True


def _merged(chosen: Sequence[Choice]) -> Iterator[str]:
    """The choices to read: what goes on for several effects in a row is one line."""
    kept, times = None, 0
    for choice in [*chosen, None]:
        if choice == kept:
            times += 1
            continue
        if kept:
            yield f"{kept}{f', {times} effects' if times > 1 else ''}"
        kept, times = choice, 1


def _comes_to_rest(played: _Played) -> None:
    """From this end, which is one of its kind, everything that may be called is called."""
    played.world.effects.turn = None
    played.world.effects.takes = played.world.wait
    played.world.rest()


@contextmanager
def _begun(small: Small) -> Iterator[_Played]:
    random.seed(0)
    drawn: Counter[str] = Counter()
    played: list[_Played] = []

    def who() -> str:
        task = played[0].scheduler._tasks.get(getcurrent()) if played else None
        return task.name if task else ""

    def drawn_uuid() -> uuid.UUID:
        """The same in every order: each has its own."""
        drawn[who()] += 1
        return uuid.UUID(bytes=hashlib.blake2b(f"{who()} {drawn[who()]}".encode(), digest_size=16).digest())

    with patch("uuid.uuid4", drawn_uuid), small.world() as here, taking_turns(here.effects, (Gone,)) as scheduler:
        here.effects.takes = lambda _seconds: None
        now = _Played(small, here, scheduler)
        played.append(now)
        _listen(now, who)
        yield now
        scheduler.abandon()


def _listen(played: _Played, who: Callable[[], str]) -> None:
    """Note what each hears: a function's own state follows from that."""
    effects: Any = played.world.effects
    in_time = effects._in_time

    def heard(invocation: Invocation, request: Callable[[], Any]) -> Any:
        told = played.heard.setdefault(who(), hashlib.blake2b(digest_size=16))
        try:
            answer = in_time(invocation, request)
        except BaseException as error:
            told.update(repr(error).encode())
            raise
        told.update(repr(answer).encode())
        return answer

    effects._in_time = heard
    start = played.scheduler.start

    def started(name: str, does: Callable[[], object]) -> Task:
        played.heard.setdefault(name, hashlib.blake2b(digest_size=16))
        return start(name, does)

    played.scheduler.start = started  # type: ignore[method-assign]


# -- the worlds --------------------------------------------------------------------------------------------------------


def _waits(here: World) -> bool:
    return here.messages.next_visible() <= here.now


def _reports(status: str) -> Callable[[Any], object]:
    """The first call reaches a status, and its callback comes."""

    def report(here: World) -> None:
        here.twilio.becomes(here.twilio.calls[0], status)
        for told in [told for told in here.twilio.callbacks if told.status == status]:
            here.callback(told)

    return report


def _was_called(here: World) -> bool:
    return bool(here.twilio.calls)


RUN = Action("run", _waits, lambda here: here.run())
RINGS = Action("callback: ringing", _was_called, _reports("ringing"))
ENDS = Action("callback: completed", _was_called, _reports("completed"))
PAUSE = Action("pause", lambda _here: True, lambda here: here.ask("pause"))
IMPORT = Action("import again", lambda _here: True, lambda here: here.imports(PHONES[0], note="again"))
FORBID = Action("forbid", lambda _here: True, lambda here: here.ask("forbid", PHONES[0]))
BESIDE = Action("run beside it", _waits, lambda here: here.run())


def _leads(count: int, users: tuple[str, ...] = USERS[:1], *, beside: bool = False) -> Callable[[], Any]:
    @contextmanager
    def made() -> Iterator[World]:
        with world(users=users) as here:
            for user in users:
                here.imports(*[phone for phone in PHONES if here.owner(phone) == user][:count])
                here.open_tab(user=user)
            if beside:
                here.messages.double(0, at_once=True)
            yield here

    return made


@contextmanager
def _on_the_line() -> Iterator[World]:
    with in_order(LineWorld()) as here:
        here.imports(PHONES[0])
        here.opens(here.open_tab())
        here.hear_all()
        here.messages.messages = here.messages.messages[-1:]
        yield here


def _answers(here: Any) -> None:
    here.answers(here.twilio.calls[0])


def _hangs_up(here: Any) -> None:
    """The lead leaves the room, if they are there; word of that comes when everything else is over."""
    here.hangs_up(here.twilio.calls[0], "no-answer")
    for told in [told for told in here.twilio.callbacks if told.status in FINAL]:
        here.callback(told)


def _is_over(here: World) -> bool:
    return here.row(PHONES[0]).get("call_status") in FINAL


AGAIN = Action("a further call", _is_over, lambda here: here.again(PHONES[0]))
ANSWERS = Action("answer", _was_called, _answers)
HANGS_UP = Action("callback: the end", _was_called, _hangs_up)

QUICK = Small("1 lead, 1 run, 2 callbacks, 1 crash", _leads(1), (RUN, RINGS, ENDS))
LARGE = (
    QUICK,
    Small("1 lead, 2 runs at once, 2 callbacks, 1 crash", _leads(1, beside=True), (RUN, BESIDE, RINGS, ENDS)),
    Small("1 lead, 1 run, 2 callbacks, a pause, a do-not-call, 1 crash", _leads(1), (RUN, RINGS, ENDS, PAUSE, FORBID)),
    Small(
        "1 lead, agent on the line, 1 run, an answer, 2 callbacks, 1 crash",
        _on_the_line,
        (RUN, ANSWERS, RINGS, HANGS_UP),
    ),
    Small("2 leads, 2 runs at once, 2 callbacks, 1 crash", _leads(2, beside=True), (RUN, BESIDE, RINGS, ENDS)),
    Small("2 agents with a lead each, 2 runs, 2 callbacks, 1 crash", _leads(1, USERS), (RUN, BESIDE, RINGS, ENDS)),
    Small(
        "1 lead, 2 runs at once, 2 callbacks, an import, a pause, 1 crash",
        _leads(1, beside=True),
        (RUN, BESIDE, RINGS, ENDS, IMPORT, PAUSE),
    ),
    Small(
        "1 lead, agent on the line, 2 runs, an answer, 2 callbacks, a further call, a pause, 1 crash",
        _on_the_line,
        (RUN, BESIDE, ANSWERS, RINGS, HANGS_UP, AGAIN, PAUSE),
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.exhaustive", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="of a processor, for each world, at most")
    parser.add_argument("--only", default="", help="the worlds whose name has this in it")
    parser.add_argument("--switches", type=int, help="how often something is interrupted, at most")
    asked = parser.parse_args()
    for small in LARGE:
        if asked.only not in small.name:
            continue
        began = time.process_time()
        explored = explore(small, asked.seconds, asked.switches)
        print(f"{small.name}: {explored}, {time.process_time() - began:.0f} s", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
