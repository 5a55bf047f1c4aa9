"""Histories: what happens to an installation, one step after another; drawn by hypothesis or by a seed."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autocall.leads import FINAL, LIVE
from tests.faults.effects import AWS_FAULTS, KILLS, MEANWHILE, Fault
from tests.faults.model_twilio import ANSWERS, TAKEN
from tests.faults.world import PHONES, World

Choose = Callable[[Sequence[Any]], Any]
LONGEST = 40
_EFFECTS_OF_A_RUN = range(30)
_MOMENTS = (0.5, 5, 31, 61, 90, 130, 600, 1000, 4000, 90_000)


class Step(NamedTuple):
    """One thing that happens; *fault* strikes at the effect number *at* of what it sets going."""

    what: str
    which: int = 0
    how: Any = ""
    fault: str = ""
    at: int = 0
    meanwhile: "Step | None" = None

    def __str__(self) -> str:
        words = [self.what, f"#{self.which}" if self.what in _OF_ONE else "", str(self.how)]
        struck = f"   !! {self.fault} at effect {self.at}" if self.fault else ""
        inner = f" [{self.meanwhile}]" if self.meanwhile else ""
        return " ".join(word for word in words if word) + struck + inner


def _import(world: World, step: Step, fault: Fault | None) -> None:
    world.imports(PHONES[step.which % len(PHONES)], PHONES[(step.which + 1) % len(PHONES)], fault=fault)


def _frame(event: str) -> Callable[[World, Step, Fault | None], None]:
    def send(world: World, step: Step, fault: Fault | None) -> None:
        if tabs := list(world.sockets.open):
            world.frame(tabs[step.which % len(tabs)], event, fault)

    return send


def _close(world: World, step: Step, _fault: Fault | None) -> None:
    if tabs := list(world.sockets.open):
        world.close_tab(tabs[step.which % len(tabs)], told=step.how == "orderly")


def _call_becomes(world: World, step: Step, _fault: Fault | None) -> None:
    if calls := [call for call in world.twilio.calls if not call.ended]:
        world.twilio.becomes(calls[step.which % len(calls)], step.how)


def _callback(world: World, step: Step, fault: Fault | None) -> None:
    if reports := world.twilio.callbacks:
        report = reports[step.which % len(reports)]
        if step.how == "lost":
            reports.remove(report)
        else:
            world.callback(report, fault, again=step.how == "and comes again")


def _answers(world: World, step: Step, _fault: Fault | None) -> None:
    world.twilio.answer = step.how


def _reachable(world: World, step: Step, _fault: Fault | None) -> None:
    world.twilio.unreachable = step.how == "no"


def _calls_back(world: World, step: Step, _fault: Fault | None) -> None:
    world.twilio.silent = step.how == "no"


def _lists(world: World, step: Step, _fault: Fault | None) -> None:
    world.twilio.lists_after = step.how


def _person(what: str) -> Callable[[World, Step, Fault | None], None]:
    def ask(world: World, step: Step, fault: Fault | None) -> None:
        phone = PHONES[step.which % len(PHONES)]
        if what == "release":
            world.release(phone, fault)
        else:
            world.ask(what, phone, fault=fault)

    return ask


Does = Callable[[World, Step, Fault | None], Any]
# what happens: how often, in which ways, and whether functions run that a fault can strike
_HAPPENS: dict[str, tuple[int, Sequence[Any], bool, Does]] = {
    "import": (4, ("",), True, _import),
    "open a tab": (2, ("",), True, lambda world, _step, fault: world.open_tab(fault)),
    "leads:fetched": (3, ("",), True, _frame("leads:fetched")),
    "ping": (2, ("",), True, _frame("ping")),
    "close a tab": (1, ("orderly", "torn off"), False, _close),
    "run": (12, ("",), True, lambda world, _step, fault: world.run(fault)),
    "Twilio answers": (5, (TAKEN, "lost, call made", *ANSWERS), False, _answers),
    "Twilio can be asked": (1, ("yes", "no"), False, _reachable),
    "Twilio calls back": (1, ("yes", "no"), False, _calls_back),
    "Twilio lists calls late by": (1, (0, 20, 600), False, _lists),
    "call becomes": (6, (*LIVE[1:], *FINAL), False, _call_becomes),
    "callback": (9, ("", "", "and comes again", "lost"), True, _callback),
    "pause": (1, ("",), True, _person("pause")),
    "resume": (1, ("",), True, _person("resume")),
    "sign out": (1, ("",), True, _person("sign out")),
    "forbid": (1, ("",), True, _person("forbid")),
    "allow": (1, ("",), True, _person("allow")),
    "delete": (1, ("",), True, _person("delete")),
    "release": (2, ("",), True, _person("release")),
    "wait": (6, _MOMENTS, False, lambda world, step, _fault: world.wait(step.how)),
}
_OF_ONE = {"import", "leads:fetched", "close a tab", "call becomes", "callback", "forbid", "allow", "delete", "release"}
_WEIGHTED = [what for what, (weight, *_) in _HAPPENS.items() for _ in range(weight)]
_FAULTS = ("",) * 10 + KILLS * 2 + AWS_FAULTS + (MEANWHILE,) * 3


def step(choose: Choose, *, nested: bool = False) -> Step:
    """Any one step; one that happens in the middle of another has no fault of its own."""
    what = choose(_WEIGHTED)
    _, ways, faulty, _ = _HAPPENS[what]
    which, how = choose(range(6)), choose(ways) if len(ways) > 1 else ways[0]
    fault = choose(_FAULTS) if faulty and not nested else ""
    if not fault:
        return Step(what, which, how)
    at = choose(_EFFECTS_OF_A_RUN)
    return Step(what, which, how, fault, at, step(choose, nested=True) if fault == MEANWHILE else None)


def take(world: World, history: Sequence[Step]) -> None:
    """Let it all happen, one step after another; nobody may be called twice at any moment."""
    for one in history:
        _do(world, one)
        world.check()


def _do(world: World, one: Step) -> None:
    inner = one.meanwhile
    action = (lambda: _do(world, inner)) if inner else None
    fault = Fault(one.fault, one.at, action) if one.fault else None
    _HAPPENS[one.what][3](world, one, fault)


def script(history: Sequence[Step]) -> str:
    """A history to read: one line for each step."""
    return "\n".join(f"{place:3}. {one}" for place, one in enumerate(history, 1))
