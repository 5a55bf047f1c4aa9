"""Random histories with agents on the line: reloads, dying legs, crashes, words lost, late, doubled, out of order."""

import os
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest

from autocall import timing
from autocall.leads import FINAL
from autocall.session import LIVE
from autocall.session_table import SessionTable
from functions.leads_api import concurrent_map
from functions.leads_api.lists import phone_numbers
from tests.faults import writes
from tests.faults.effects import AWS_FAULTS, KILLS, Fault
from tests.faults.line_world import LineWorld
from tests.faults.world import PHONES, TAB_LIVES_S, USER, InTurn, _read_once

SEEDS, AT_ONCE, STEPS = int(os.environ.get("LINE_SEEDS", "600")), 200, 40
# An agent's phone is rung in `tests/unit/test_agent_first.py`.
REACHED = [name for name in writes.names(SessionTable) if name != "rung"]


class History:
    """One history by its seed: what happens is drawn, and everything else is the functions' own code."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.world = LineWorld()
        self.script: list[str] = []

    def play(self) -> Counter[str]:
        world = self.world
        with (
            patch.object(timing, "time", world),
            patch.object(concurrent_map, "ThreadPoolExecutor", InTurn),
            patch.object(phone_numbers, "parse", _read_once),
        ):
            world.imports(*PHONES[: self.draw.choice((2, 4, 6))])
            world.open_tab()
            world.opens()
            for _ in range(STEPS):
                name = self.draw.choice(_WEIGHTED)
                self.script.append(name)
                getattr(self, name)()
                world.check()
            self.come_to_rest()
        return world.written

    def fault(self) -> Fault | None:
        kind = self.draw.choice(("",) * 8 + KILLS + AWS_FAULTS)
        return Fault(kind, self.draw.randrange(12)) if kind else None

    def one(self, options: Sequence[Any]) -> Any:
        return self.draw.choice(options) if options else None

    # -- what happens --------------------------------------------------------------------------------------------------

    def run(self) -> None:
        self.world.run(self.fault())

    def fetched(self) -> None:
        if tab := self.one(list(self.world.sockets.open)):
            self.world.frame(tab, "leads:fetched", self.fault())

    def opens(self) -> None:
        self.world.opens(self.fault())

    def leg_ends(self) -> None:
        if leg := self.one([leg for leg in self.world.legs if leg.alive]):
            self.world.leg_ends(leg)

    def answers(self) -> None:
        if call := self.one([call for call in self.world.twilio.calls if not call.ended]):
            self.world.answers(call, self.fault())

    def hangs_up(self) -> None:
        if call := self.one([call for call in self.world.twilio.calls if not call.ended]):
            self.world.hangs_up(call, self.draw.choice(("completed", "busy", "no-answer", "failed")), impatient=True)

    def word(self) -> None:
        self.world.hears_a_word(self.draw.randrange(9), self.draw.choice(_HOW), self.fault())

    def callback(self) -> None:
        if report := self.one(self.world.twilio.callbacks):
            how = self.draw.choice(_HOW)
            if how == "lost":
                self.world.twilio.callbacks.remove(report)
            else:
                self.world.callback(report, self.fault(), again=how == "and comes again")

    def alone(self) -> None:
        self.world.alone_for_two_seconds(self.fault())

    def ready(self) -> None:
        world = self.world
        session = world.sessions.get(USER)
        attempt = session.attempt or str(session.item.get("wrap_attempt", "old"))
        event = self.draw.choice(("agent:ready", "agent:typing"))
        world._invoke(
            lambda: world._desk.agent_frames.answer(USER, event, {"attempt_id": attempt}, "c", world.now),
            10,
            self.fault(),
        )

    def conversation(self) -> None:
        """A call that goes as calls go, until its wrap-up; any of it may be struck."""
        self.run()
        self.answers()
        for _ in range(3):
            self.world.hears_a_word(0, "", self.fault())
        self.hangs_up()
        for _ in range(3):
            self.world.hears_a_word(0, "", self.fault())
        self.ready()

    def leaves_while_it_rings(self) -> None:
        """The agent's call ends, Twilio's word of it is still on its way, and the lead answers."""
        self.run()
        self.leg_ends()
        self.answers()
        self.alone()

    def holds(self) -> None:
        self.world.holds(self.draw.choice([leg.session for leg in self.world.legs] or [""]))

    def twilio_answers(self) -> None:
        self.world.twilio.answer = self.draw.choice(
            ("placed", "placed", "lost, call made", "lost, no call", "refused number", "throttled", "not sent")
        )

    def wait(self) -> None:
        seconds = self.draw.choice((0.5, 5, 31, 61, 130, 600, 4000))
        if seconds > 2:
            self.world.alone_for_two_seconds(self.fault())
        self.world.wait(seconds)

    # -- and in the end ------------------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Faults are over, a page is open, an agent is on the line: everybody who may be called is called."""
        world = self.world
        world.twilio.answer = "placed"
        for _ in range(400):
            self._settle()
            if not world.messages.messages and all(self._rests(row) for row in world.rows()):
                break
            world.wait(30)
            self._page_keeps_its_line()
            for tab, since in list(world.sockets.open.items()):
                if world.now - since > TAB_LIVES_S - 60:
                    world.close_tab(tab, told=True)
            tab = next(iter(world.sockets.open), "") or world.open_tab()
            world.holds(next((leg.session for leg in reversed(world.legs) if leg.alive), ""))
            world.frame(tab, "leads:fetched")
        else:
            raise AssertionError(f"it never rests: {[(r['call_status'], r.get('held')) for r in world.rows()]}")
        self._settle()
        world.check()
        world.check_in_the_end()
        assert not world.sessions.get(USER).is_engaged(world.now + 4000)

    def _page_keeps_its_line(self) -> None:
        """A page whose call is not the session's, as `GET /api/phone` says, hangs up and opens another."""
        world = self.world
        with world.unseen():
            session = world.sessions.get(USER)
        held = [leg for leg in world.legs if leg.alive and leg.session == session.session_id]
        if session.phase == LIVE and held:
            return
        for leg in world.legs:
            world.leg_ends(leg)
        world.opens()

    def _settle(self) -> None:
        world = self.world
        for _ in range(60):
            world.alone_for_two_seconds()
            while world.words:
                world.hears_a_word(0, "")
            for call in [call for call in world.twilio.calls if not call.ended]:
                world.answers(call)
                world.alone_for_two_seconds()
                world.hangs_up(call)
            for report in list(world.twilio.callbacks):
                world.callback(report)
            while world.run():
                world.check()
            if not (world.words or world.twilio.callbacks or [c for c in world.twilio.calls if not c.ended]):
                return

    def _rests(self, row: dict[str, Any]) -> bool:
        status = row.get("call_status")
        return status in FINAL or (status == "unknown" and not self.world.twilio.made(row["phone"]))


_HOW = ("", "", "", "and comes again", "lost")
_HAPPENS = {
    "run": 8,
    "fetched": 5,
    "opens": 3,
    "leg_ends": 2,
    "answers": 8,
    "hangs_up": 5,
    "word": 10,
    "callback": 8,
    "alone": 3,
    "ready": 3,
    "conversation": 5,
    "leaves_while_it_rings": 3,
    "holds": 2,
    "twilio_answers": 2,
    "wait": 5,
}
_WEIGHTED = [name for name, weight in _HAPPENS.items() for _ in range(weight)]


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_whatever_happens_nobody_is_called_without_their_agent_and_nobody_hears_nothing(first: int) -> None:
    """Never two leads in one mix, one conversation at a time, no state for ever, and once ever all the same."""
    told: Counter[str] = Counter()
    for seed in range(first, first + AT_ONCE):
        history = History(seed)
        try:
            told += history.play()
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}: {' '.join(history.script)}") from broken
    assert not [name for name in REACHED if told[writes.word(SessionTable, name)] < 5], "writes that are hardly reached"
