"""Killed before and after every effect of every function: redelivered, repaired, nobody twice and nobody forgotten.

The points are counted in a run without faults, so that a new step cannot be forgotten.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults.effects import AWS_FAULTS, KILLS, Fault, Invocation
from tests.faults.world import PHONES, World, world

LEADS = PHONES[:3]
Act = Callable[[World, Fault | None], Invocation | None]


def _waiting() -> Iterator[World]:
    """Three leads wait, a page is open, a run is queued."""
    with world() as here:
        here.imports(*LEADS)
        here.open_tab()
        here.messages.messages = here.messages.messages[-1:]
        yield here


def _run(here: World, fault: Fault | None) -> Invocation | None:
    return here.run(fault)


def _overdue_run(here: World, fault: Fault | None) -> Invocation | None:
    """A run that has to ask Twilio first: no callback has come for two calls."""
    here.run()
    here.twilio.callbacks.clear()
    here.wait(60)
    here.twilio.becomes(here.twilio.calls[0], "completed")
    here.twilio.callbacks.clear()
    here.frame("tab-0", "leads:fetched")
    return here.run(fault)


def _callback(status: str) -> Act:
    def receive(here: World, fault: Fault | None) -> Invocation | None:
        here.run()
        here.twilio.becomes(here.twilio.calls[0], status)
        return here.callback(here.twilio.callbacks[-1], fault)

    return receive


def _early_callback(here: World, fault: Fault | None) -> Invocation | None:
    """The callback comes although the POST's answer was lost with the dialer that waited for it."""
    here.run(Fault("killed after", _place_of(_run, "place")))
    here.twilio.becomes(here.twilio.calls[0], "ringing")
    return here.callback(here.twilio.callbacks[-1], fault)


def _frame(here: World, fault: Fault | None) -> Invocation | None:
    here.messages.messages.clear()
    return here.frame("tab-0", "leads:fetched", fault)


def _pause(here: World, fault: Fault | None) -> Invocation | None:
    return here.frame("tab-0", "autocall:pause", fault)


FUNCTIONS: dict[str, Act] = {
    "dialer": _run,
    "dialer, asking Twilio": _overdue_run,
    "webhook, ringing": _callback("ringing"),
    "webhook, completed": _callback("completed"),
    "webhook, before the answer": _early_callback,
    "leads_fetched": _frame,
    "pause": _pause,
}


def _effects(act: Act) -> list[str]:
    for here in _waiting():
        here.effects.named = True
        invocation = act(here, None)
        assert invocation
        return invocation.effects
    raise AssertionError


def _place_of(act: Act, effect: str) -> int:
    return _effects(act).index(effect)


def _points(*kinds: str) -> list[Any]:
    return [
        pytest.param(act, Fault(kind, place), id=f"{function}: {kind} {place} {effect}")
        for function, act in FUNCTIONS.items()
        for place, effect in enumerate(_effects(act))
        for kind in kinds
    ]


def _strike(act: Act, fault: Fault) -> Iterator[World]:
    """The world after the fault has struck; it must come to rest."""
    for here in _waiting():
        act(here, Fault(fault.kind, fault.at))
        here.check()
        yield here
        here.rest()


@pytest.mark.parametrize(("act", "fault"), _points(*KILLS))
def test_killed_there_nobody_is_called_twice_and_nobody_forgotten(act: Act, fault: Fault) -> None:
    for _ in _strike(act, fault):
        pass


@pytest.mark.parametrize(("act", "fault"), _points(*KILLS))
def test_the_same_if_no_callback_ever_comes_and_twilio_lists_late(act: Act, fault: Fault) -> None:
    """What remains is to ask, again and again, until Twilio knows."""

    for here in _strike(act, fault):
        here.twilio.lists_after, here.twilio.silent = 600, True
        here.twilio.callbacks.clear()


@pytest.mark.parametrize(("act", "fault"), _points(*AWS_FAULTS))
def test_aws_fails_there_and_nobody_is_called_twice_or_forgotten(act: Act, fault: Fault) -> None:
    """Throttled, 5xx, timeouts with the write applied and not, and the SDK's own second try."""
    for _ in _strike(act, fault):
        pass


@pytest.mark.parametrize(("act", "fault"), _points("answer lost, sent again"))
def test_a_second_try_of_the_sdk_is_no_second_winner_and_no_loser(act: Act, fault: Fault) -> None:
    """The first try had won: the page hears what it hears without the fault, and the rows end the same."""
    seen = []
    for struck in (None, Fault(fault.kind, fault.at)):
        for here in _waiting():
            act(here, struck)
            frames = [frame for frame in here.sockets.frames["tab-0"] if frame["event"].startswith("call:")]
            told = {(frame["event"], frame["data"]["call_status"]) for frame in frames}
            seen.append((told, [here.row(phone).get("call_status") for phone in LEADS]))
    assert seen[0] == seen[1]
