"""Histories: what happens to an installation, drawn by a seed."""

import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from autocall.leads import FINAL, LIVE, UNKNOWN
from autocall.reasons import CONFIRM
from autocall.timing import stamp
from functions.status_webhook.status_callback import StatusCallback
from tests.faults.model_twilio import ANSWERS, TAKEN
from tests.faults.world import BY_HAND, PHONES, USERS, World, world

Choose = Callable[[Sequence[Any]], Any]
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
    """One thing that happens: what, to which of those that it can happen to, and how."""

    what: str
    which: int = 0
    how: Any = ""

    def __str__(self) -> str:
        words = [self.what, f"#{self.which}" if self.what in _OF_ONE else "", str(self.how)]
        return " ".join(word for word in words if word)


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


def _import(world: World, step: Step) -> None:
    phones = [phone for phone in PHONES if world.owner(phone) == world.owner(PHONES[step.which])]
    first = phones.index(PHONES[step.which])
    note = f"list of {world.now:.0f}"
    world.imports(phones[first], phones[(first + 1) % len(phones)], note=note)


def _open(world: World, step: Step) -> None:
    world.open_tab(user=_user(world, step))


def _frame(event: str) -> Callable[[World, Step], None]:
    def send(world: World, step: Step) -> None:
        if tabs := list(world.sockets.open):
            world.frame(tabs[step.which % len(tabs)], event)

    return send


def _close(world: World, step: Step) -> None:
    if tabs := list(world.sockets.open):
        world.close_tab(tabs[step.which % len(tabs)], told=step.how == "orderly")


def _call_becomes(world: World, step: Step) -> None:
    if calls := [call for call in world.twilio.calls if not call.ended]:
        world.twilio.becomes(calls[step.which % len(calls)], step.how)


def _callback(world: World, step: Step) -> None:
    if reports := world.twilio.callbacks:
        report = reports[step.which % len(reports)]
        if step.how == "lost":
            reports.remove(report)
        else:
            world.callback(report, again=step.how == "and comes again")


def _stray(world: World, step: Step) -> None:
    """A report of an attempt that no row knows: as if a call had been made that we have forgotten."""
    phone = PHONES[step.which]
    if lead := world.row(phone).get("lead_id"):
        world.callback(StatusCallback(world.owner(phone), lead, "forgotten", f"CA{9:032}", step.how))


def _message(world: World, step: Step) -> None:
    if step.how == "is lost":
        world.messages.lose(step.which)
    else:
        world.messages.double(step.which, at_once=step.how == "comes twice at once")


def _answers(world: World, step: Step) -> None:
    world.twilio.answer = step.how


def _reachable(world: World, step: Step) -> None:
    world.twilio.unreachable = step.how == "no"


def _calls_back(world: World, step: Step) -> None:
    world.twilio.silent = step.how == "no"


def _lists(world: World, step: Step) -> None:
    world.twilio.lists_after = step.how


def _takes(world: World, step: Step) -> None:
    world.twilio.takes = step.how


def _of_a_lead(what: str) -> Callable[[World, Step], None]:
    return lambda world, step: world.ask(what, PHONES[step.which]) and None


def _of_an_agent(what: str) -> Callable[[World, Step], None]:
    return lambda world, step: world.ask(what, user=_user(world, step)) and None


def _settings(world: World, step: Step) -> None:
    body = _SETTINGS.get(step.how) or {"resume_at": stamp(world.now + 600)}
    world.ask("settings", body=body, user=_user(world, step))


def _hours(world: World, step: Step) -> None:
    """An agent closes for the day, and opens again."""
    user = _user(world, step)
    for window in ("a window that is closed", "no window"):
        world.ask("settings", body=_SETTINGS[window], user=user)
        while world.run():
            world.check()


def _leaves(world: World, step: Step) -> None:
    """An operator takes an agent out, and brings them back, or not before the end."""
    world.leaves(_user(world, step))
    if step.how == "and comes back":
        world.run()
        world.comes_back(_user(world, step))


def _one(world: World, step: Step, fits: Callable[[dict[str, Any]], Any]) -> str:
    """One of the numbers whose rows fit, if there are any."""
    fitting = [phone for phone in PHONES if fits(world.row(phone))] or PHONES
    return fitting[step.which % len(fitting)]


def _forbid(world: World, step: Step) -> None:
    """A lead, or a number that is none."""
    phone = PHONES[step.which]
    if world.row(phone):
        world.ask("forbid", phone)
    else:
        world.ask("forbid numbers", body={"numbers": [phone], "installation": False}, user=world.owner(phone))


def _allow(world: World, step: Step) -> None:
    world.ask("allow", _one(world, step, lambda row: row.get("dnc")))


def _release(world: World, step: Step) -> None:
    """Of a lead whose outcome is unknown; what we say is beyond the promise is not done."""
    phone = _one(world, step, lambda row: row.get("call_status") == UNKNOWN)
    if not world.hidden(phone):
        world.release(phone)


def _confirm(world: World, step: Step) -> None:
    """A person starts the call of a lead that waits for that, and the run that this queued goes on, or not."""
    world.ask("confirm", _one(world, step, lambda row: (row.get("held") or {}).get("reason") == CONFIRM))


def _never_known(world: World, step: Step) -> None:
    """Answers are lost for long: past the bound only a person may know what became of such a lead, or decide."""
    before = world.twilio.lists_after
    world.twilio.answer, _, late = step.how.partition("; ")
    world.twilio.lists_after = 1400 if late else before
    world.run()
    world.twilio.lists_after = before
    world.live_on(1500)
    if decides := (_release, _settle, None)[step.which % 3]:
        decides(world, step)


def _again(world: World, step: Step) -> None:
    """A person wants a lead called once more whose call is over, or at another time.

    What we say is beyond the promise is not done.
    """
    phone = _one(world, step, lambda row: row.get("call_status") in (*FINAL, UNKNOWN) or "again_after" in row)
    if not world.hidden(phone):
        world.again(phone, after_s=step.how)


def _whole_calls(world: World, step: Step) -> None:
    """Calls go as calls go, some of their reports are still on the way a second time, and others are wanted."""
    world.run()
    for call in world.twilio.calls:
        world.twilio.becomes(call, "in-progress")
        world.twilio.becomes(call, "completed")
    for report in list(world.twilio.callbacks):
        world.callback(report, again=step.how)
    for _ in range(2):
        _again(world, step._replace(how=0))


def _note(world: World, step: Step) -> None:
    phone = _one(world, step, lambda row: row.get("call_status"))
    seen = (world.row(phone).get("agent_note") or {}).get("version", 0)
    world.ask("note", phone, {"text": f"{world.now}", "seen": seen})


def _settle(world: World, step: Step) -> None:
    """Of a lead whose outcome is unknown: a person says that it was called."""
    world.settle(_one(world, step, lambda row: row.get("call_status") == UNKNOWN))


Does = Callable[[World, Step], Any]
# what happens: how often, and in which ways
_HAPPENS: dict[str, tuple[int, Sequence[Any], Does]] = {
    "import": (4, ("",), _import),
    "open a tab": (2, ("",), _open),
    "leads:fetched": (3, ("",), _frame("leads:fetched")),
    "ping": (1, ("",), _frame("ping")),
    "close a tab": (1, ("orderly", "torn off"), _close),
    "run": (12, ("",), lambda world, _step: world.run()),
    "a run that is queued": (4, ("is lost", "comes twice", *("comes twice at once",) * 4), _message),
    "Twilio answers": (5, (TAKEN, "lost, call made", *ANSWERS, "refused by a new code"), _answers),
    "Twilio can be asked": (1, ("yes", "no"), _reachable),
    "Twilio calls back": (1, ("yes", "no"), _calls_back),
    "Twilio lists calls late by": (2, (0, 20, 600, 2000), _lists),
    "Twilio takes": (1, (0, 9), _takes),
    "call becomes": (6, (*LIVE[1:], *FINAL), _call_becomes),
    "callback": (9, ("", "", "and comes again", "lost"), _callback),
    "callback of another attempt": (1, ("ringing", "completed"), _stray),
    "pause": (1, ("",), _of_an_agent("pause")),
    "resume": (1, ("",), _of_an_agent("resume")),
    "settings": (2, (*_SETTINGS, "a pause for ten minutes"), _settings),
    "closed for a while": (1, ("",), _hours),
    "sign out": (1, ("",), _of_an_agent("sign out")),
    "leaves": (1, ("and comes back", ""), _leaves),
    "forbid": (1, ("",), _forbid),
    "forbid for all": (1, ("",), lambda world, step: world.forbid_for_all(PHONES[step.which])),
    "allow": (2, ("",), _allow),
    "delete": (1, ("",), _of_a_lead("delete")),
    "release": (5, ("",), _release),
    "settle": (4, ("",), _settle),
    "calls that end, and are wanted again": (3, (True, False), _whole_calls),
    "again": (5, (0, 0, 40, 700), _again),
    "note": (1, ("",), _note),
    "confirm": (3, ("",), _confirm),
    "wait": (6, _MOMENTS, lambda world, step: world.wait(step.how)),
    "outcomes are not known for long": (3, _NEVER_KNOWN, _never_known),
    "time passes with runs": (1, (200, 1500, 6000), lambda world, step: world.live_on(step.how)),
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


def draw(rng: random.Random) -> Step:
    """Any one step."""
    what = rng.choice(_WEIGHTED)
    _, ways, _ = _HAPPENS[what]
    return Step(what, rng.randrange(6), rng.choice(ways))


def do(world: World, step: Step) -> None:
    """Let it happen."""
    _HAPPENS[step.what][2](world, step)


class Installation(NamedTuple):
    """The setting of a history: an installation, set up with these *choices*."""

    choices: dict[str, Any]

    def __str__(self) -> str:
        return str(self.choices)

    def world(self) -> AbstractContextManager[World]:
        return world(**self.choices)

    def begin(self, world: World) -> None:
        begin(world)

    def draw(self, rng: random.Random) -> Step:
        return draw(rng)

    def does(self, world: World, step: Step) -> Callable[[], None]:
        return lambda: do(world, step)


def setting(seed: int) -> Installation:
    """The installation that the history of a seed happens to."""
    return Installation(installation(random.Random(f"installation {seed}").choice))
