"""Histories: what happens to an installation, one step after another; drawn by hypothesis or by a seed."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autocall.leads import FINAL, LIVE, UNKNOWN
from autocall.reasons import CONFIRM
from autocall.timing import stamp
from functions.status_webhook.status_callback import StatusCallback
from tests.faults.effects import AWS_FAULTS, KILLS, MEANWHILE, Fault
from tests.faults.model_twilio import ANSWERS, TAKEN
from tests.faults.world import BY_HAND, PHONES, USERS, World

Choose = Callable[[Sequence[Any]], Any]
LONGEST = 40
_EFFECTS_OF_A_RUN = range(30)
# what an installation can be like; most are small, for a history is to be short
_INSTALLATIONS: dict[str, Sequence[Any]] = {
    "lines": (1, 2, 2, 3),
    "calls_per_second": (0, 0, 0.1, 0.5),
    "hours": ("always", "always", "always", "default", BY_HAND),
    "users": (USERS[:1], USERS[:1], USERS[:1], USERS),
}
_NEVER_KNOWN = ("lost, no call", "lost, call made", "lost, call made; listed when a person is asked")
_SETTINGS: dict[str, dict[str, Any]] = {
    "no window": {"window": None},
    "a window that is closed": {"window": {"from": "09:00", "to": "12:00"}},
    "a window that is open": {"window": {"from": "10:00", "to": "20:00"}},
    "one line": {"lines": 1},
    "three lines": {"lines": 3},
}
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


def installation(choose: Choose) -> dict[str, Any]:
    """How an installation is set up."""
    return {name: choose(options) for name, options in _INSTALLATIONS.items()}


def begin(world: World) -> None:
    """Every agent has imported three leads and opened a page."""
    for user in world.users:
        world.imports(*[phone for phone in PHONES if world.owner(phone) == user][:3])
        world.open_tab(user=user)


def _user(world: World, step: Step) -> str:
    return world.users[step.which % len(world.users)]


def _import(world: World, step: Step, fault: Fault | None) -> None:
    phones = [phone for phone in PHONES if world.owner(phone) == world.owner(PHONES[step.which])]
    first = phones.index(PHONES[step.which])
    note = f"list of {world.now:.0f}"
    world.imports(phones[first], phones[(first + 1) % len(phones)], note=note, fault=fault)


def _open(world: World, step: Step, fault: Fault | None) -> None:
    world.open_tab(fault, _user(world, step))


def _frame(event: str) -> Callable[[World, Step, Fault | None], None]:
    def send(world: World, step: Step, fault: Fault | None) -> None:
        if tabs := list(world.sockets.open):
            world.frame(tabs[step.which % len(tabs)], event, fault)

    return send


def _close(world: World, step: Step, fault: Fault | None) -> None:
    if tabs := list(world.sockets.open):
        world.close_tab(tabs[step.which % len(tabs)], fault, told=step.how == "orderly")


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


def _stray(world: World, step: Step, fault: Fault | None) -> None:
    """A report of an attempt that no row knows: as if a call had been made that we have forgotten."""
    phone = PHONES[step.which]
    if lead := world.row(phone).get("lead_id"):
        world.callback(StatusCallback(world.owner(phone), lead, "forgotten", f"CA{9:032}", step.how), fault)


def _message(world: World, step: Step, _fault: Fault | None) -> None:
    if step.how == "is lost":
        world.messages.lose(step.which)
    else:
        world.messages.double(step.which)


def _answers(world: World, step: Step, _fault: Fault | None) -> None:
    world.twilio.answer = step.how


def _reachable(world: World, step: Step, _fault: Fault | None) -> None:
    world.twilio.unreachable = step.how == "no"


def _calls_back(world: World, step: Step, _fault: Fault | None) -> None:
    world.twilio.silent = step.how == "no"


def _lists(world: World, step: Step, _fault: Fault | None) -> None:
    world.twilio.lists_after = step.how


def _takes(world: World, step: Step, _fault: Fault | None) -> None:
    world.twilio.takes = step.how


def _of_a_lead(what: str) -> Callable[[World, Step, Fault | None], None]:
    return lambda world, step, fault: world.ask(what, PHONES[step.which], fault=fault) and None


def _of_an_agent(what: str) -> Callable[[World, Step, Fault | None], None]:
    return lambda world, step, fault: world.ask(what, fault=fault, user=_user(world, step)) and None


def _settings(world: World, step: Step, fault: Fault | None) -> None:
    body = _SETTINGS.get(step.how) or {"resume_at": stamp(world.now + 600)}
    world.ask("settings", body=body, fault=fault, user=_user(world, step))


def _hours(world: World, step: Step, fault: Fault | None) -> None:
    """An agent closes for the day, and opens again."""
    user = _user(world, step)
    for window in ("a window that is closed", "no window"):
        world.ask("settings", body=_SETTINGS[window], fault=fault if window == "no window" else None, user=user)
        while world.run():
            world.check()


def _leaves(world: World, step: Step, fault: Fault | None) -> None:
    """An operator takes an agent out, and brings them back, or not before the end."""
    world.leaves(_user(world, step), fault)
    if step.how == "and comes back":
        world.run()
        world.comes_back(_user(world, step))


def _one(world: World, step: Step, fits: Callable[[dict[str, Any]], Any]) -> str:
    """One of the numbers whose rows fit, if there are any."""
    fitting = [phone for phone in PHONES if fits(world.row(phone))] or PHONES
    return fitting[step.which % len(fitting)]


def _allow(world: World, step: Step, fault: Fault | None) -> None:
    world.ask("allow", _one(world, step, lambda row: row.get("dnc")), fault=fault)


def _release(world: World, step: Step, fault: Fault | None) -> None:
    """Of a lead whose outcome is unknown; what we say is beyond the promise is not done."""
    phone = _one(world, step, lambda row: row.get("call_status") == UNKNOWN)
    if not world.hidden(phone):
        world.release(phone, fault)


def _confirm(world: World, step: Step, fault: Fault | None) -> None:
    """A person starts the call of a lead that waits for that, and the run that this queued goes on, or not."""
    world.ask("confirm", _one(world, step, lambda row: (row.get("held") or {}).get("reason") == CONFIRM), fault=fault)


def _never_known(world: World, step: Step, fault: Fault | None) -> None:
    """Answers are lost for long: past the bound only a person may know what became of such a lead."""
    before = world.twilio.lists_after
    world.twilio.answer, _, late = step.how.partition("; ")
    world.twilio.lists_after = 1400 if late else before
    world.run(fault)
    world.twilio.lists_after = before
    world.live_on(1500)


def _again(world: World, step: Step, fault: Fault | None) -> None:
    """A person wants a lead called once more whose call is over; what we say is beyond the promise is not done."""
    phone = _one(world, step, lambda row: row.get("call_status") in (*FINAL, UNKNOWN))
    if not world.hidden(phone):
        world.again(phone, fault, step.how)


def _whole_calls(world: World, step: Step, fault: Fault | None) -> None:
    """Calls go as calls go, some of their reports are still on the way a second time, and others are wanted."""
    world.run()
    for call in world.twilio.calls:
        world.twilio.becomes(call, "in-progress")
        world.twilio.becomes(call, "completed")
    for report in list(world.twilio.callbacks):
        world.callback(report, again=step.how)
    for _ in range(2):
        _again(world, step._replace(how=0), fault)


def _note(world: World, step: Step, fault: Fault | None) -> None:
    phone = _one(world, step, lambda row: row.get("call_status"))
    seen = (world.row(phone).get("agent_note") or {}).get("version", 0)
    world.ask("note", phone, {"text": f"{world.now}", "seen": seen}, fault)


def _settle(world: World, step: Step, fault: Fault | None) -> None:
    """Of a lead whose outcome is unknown: a person says that it was called."""
    world.settle(_one(world, step, lambda row: row.get("call_status") == UNKNOWN), fault)


Does = Callable[[World, Step, Fault | None], Any]
# what happens: how often, in which ways, and whether functions run that a fault can strike
_HAPPENS: dict[str, tuple[int, Sequence[Any], bool, Does]] = {
    "import": (4, ("",), True, _import),
    "open a tab": (2, ("",), True, _open),
    "leads:fetched": (3, ("",), True, _frame("leads:fetched")),
    "ping": (1, ("",), True, _frame("ping")),
    "close a tab": (1, ("orderly", "torn off"), True, _close),
    "run": (12, ("",), True, lambda world, _step, fault: world.run(fault)),
    "a run that is queued": (1, ("is lost", "comes twice"), False, _message),
    "Twilio answers": (5, (TAKEN, "lost, call made", *ANSWERS, "refused by a new code"), False, _answers),
    "Twilio can be asked": (1, ("yes", "no"), False, _reachable),
    "Twilio calls back": (1, ("yes", "no"), False, _calls_back),
    "Twilio lists calls late by": (2, (0, 20, 600, 2000), False, _lists),
    "Twilio takes": (1, (0, 9), False, _takes),
    "call becomes": (6, (*LIVE[1:], *FINAL), False, _call_becomes),
    "callback": (9, ("", "", "and comes again", "lost"), True, _callback),
    "callback of another attempt": (1, ("ringing", "completed"), True, _stray),
    "pause": (1, ("",), True, _of_an_agent("pause")),
    "resume": (1, ("",), True, _of_an_agent("resume")),
    "settings": (2, (*_SETTINGS, "a pause for ten minutes"), True, _settings),
    "closed for a while": (1, ("",), True, _hours),
    "sign out": (1, ("",), True, _of_an_agent("sign out")),
    "leaves": (1, ("and comes back", ""), True, _leaves),
    "forbid": (1, ("",), True, _of_a_lead("forbid")),
    "forbid for all": (1, ("",), True, lambda world, step, fault: world.forbid_for_all(PHONES[step.which], fault)),
    "allow": (2, ("",), True, _allow),
    "delete": (1, ("",), True, _of_a_lead("delete")),
    "release": (5, ("",), True, _release),
    "settle": (2, ("",), True, _settle),
    "calls that end, and are wanted again": (3, (True, False), True, _whole_calls),
    "again": (5, (0, 0, 40, 700), True, _again),
    "note": (1, ("",), True, _note),
    "confirm": (3, ("",), True, _confirm),
    "wait": (6, _MOMENTS, False, lambda world, step, _fault: world.wait(step.how)),
    "outcomes are not known for long": (3, _NEVER_KNOWN, True, _never_known),
    "time passes with runs": (1, (200, 1500, 6000), False, lambda world, step, _fault: world.live_on(step.how)),
}
_OF_ONE = {
    "a run that is queued",
    "import",
    "leads:fetched",
    "close a tab",
    "call becomes",
    "callback",
    "callback of another attempt",
}
_OF_ONE |= {
    "forbid",
    "forbid for all",
    "allow",
    "delete",
    "release",
    "settle",
    "confirm",
    "again",
    "calls that end, and are wanted again",
    "note",
    "settings",
    "closed for a while",
    "pause",
    "resume",
    "leaves",
    "open a tab",
}
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


def script(choices: dict[str, Any], history: Sequence[Step]) -> str:
    """A history to read: the installation, and one line for each step."""
    return "\n".join([str(choices), *(f"{place:3}. {one}" for place, one in enumerate(history, 1))])
