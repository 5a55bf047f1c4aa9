"""A random history with agents on the line, by its seed: what happens in it is drawn, in a world that plays it.

By browser and phone, two tabs, reloads, legs that die in silence; crashes, words lost, late, doubled, out of order, and
whatever comes between a run's last look and its reservation.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from autocall.leads import FINAL, LIVE, conversation_id
from autocall.session import BROWSER, PHONE
from autocall.timing import parse
from tests.faults.effects import AWS_FAULTS, KILLS, MEANWHILE, Fault
from tests.faults.line_world import AgentLeg, LineWorld
from tests.faults.world import PHONES, USER, in_order

STEPS = 40


class LineHistory:
    """One history by its seed: what happens is drawn, and everything else is the functions' own code."""

    def __init__(self, seed: int) -> None:
        self.seed, self.draw = seed, random.Random(seed)
        self.world = LineWorld()
        self.script: list[str] = []

    def play(self) -> Counter[str]:
        world = self.world
        with in_order(world):
            world.imports(*PHONES[: self.draw.choice((2, 4, 6))])
            world.reached_by(self.draw.choice((BROWSER, BROWSER, PHONE)))
            world.opens(world.open_tab())
            for _ in range(STEPS):
                name = self.draw.choice(_WEIGHTED)
                self.script.append(name)
                getattr(self, name)()
                world.check()
            world.rest()
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

    def tab(self) -> str:
        return self.one(list(self.world.sockets.open)) or self.world.open_tab()

    def opens(self) -> None:
        self.world.opens(self.tab(), self.fault())

    def two_tabs(self) -> None:
        """Both open a session at once: one while the other is opening, or while Twilio asks about the other."""
        first, second = self.tab(), self.world.open_tab()
        struck = Fault(MEANWHILE, self.draw.randrange(4), lambda: self.world.opens(first))
        if self.draw.random() < 0.3:
            self.world.opens(second, struck)
        else:
            self.world.opens(second, asking=struck)

    def reloads(self) -> None:
        self.world.reloads(self.tab(), self.fault(), told=self.draw.random() < 0.5)

    def falls_silent(self) -> None:
        if leg := self._leg():
            self.world.falls_silent(leg)

    def changes_how_they_are_reached(self) -> None:
        self.world.reached_by(PHONE if self.world.via == BROWSER else BROWSER)

    def asks_for_their_phone(self) -> None:
        self.world.asks_for_their_phone(self.fault())

    def picks_up(self) -> None:
        for leg in [leg for leg in self.world.legs if leg.rings]:
            self.world.picks_up(leg, presses=self.draw.random() < 0.8, fault=self.fault())

    def _leg(self) -> AgentLeg | None:
        leg: AgentLeg | None = self.one([leg for leg in self.world.legs if leg.alive])
        return leg

    def leg_ends(self) -> None:
        if leg := self._leg():
            self.world.leg_ends(leg)

    def answers(self) -> None:
        if call := self.one([call for call in self.world.twilio.calls if not call.ended]):
            self.world.answers(call, self.fault())

    def hangs_up(self) -> None:
        if call := self.one([call for call in self.world.twilio.calls if not call.ended]):
            self.world.hangs_up(call, self.draw.choice(("completed", "busy", "no-answer", "failed")), impatient=True)

    def rings_back(self) -> None:
        """One who was called, or one who rang back hangs up."""
        if call := self.one([call for call in self.world.twilio.back if not call.ended]):
            self.world.hangs_up(call, impatient=True)
        elif call := self.one([call for call in self.world.twilio.calls if call.ended]):
            self.world.rings_back(call.phone, self.fault())

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
        self._says(self.draw.choice(("agent:ready", "agent:typing")))

    def _types(self) -> None:
        self._says("agent:typing")

    def _says(self, event: str) -> None:
        world = self.world
        with world.unseen():
            session = world.sessions.get(USER)
        attempt = session.attempt or str(session.item.get("wrap_attempt", "old"))
        world.says(event, attempt, self.fault())

    def conversation(self) -> None:
        """A call that goes as calls go, until its wrap-up; any of it may be struck."""
        self.run()
        self.answers()
        for _ in range(3):
            self.world.hears_a_word(0, "", self.fault())
        if talks := [row["phone"] for row in self.world.rows() if "joined_at" in row and row["call_status"] in LIVE]:
            self.world.puts_on_hold(talks[0], True)
            self.world.puts_on_hold(talks[0], False)
        self.hangs_up()
        for _ in range(3):
            self.world.hears_a_word(0, "", self.fault())
        self.ready()

    def says_what_came_of_it(self) -> None:
        """Of a conversation by our call or by theirs; now and then they are called again, or never."""
        talked = [row["phone"] for row in self.world.rows() if conversation_id(row)]
        if phone := self.one(talked):
            code = self.draw.choice(("meeting", "interested", "call_back", "do_not_call"))
            after_s = self.draw.choice((0, 20, 300)) if code == "call_back" else 0
            ready = self.draw.random() < 0.7
            self.world.says_what_came_of_it(phone, code, self.fault(), after_s=after_s, ready=ready)

    def wants_another_call(self) -> None:
        over = [row["phone"] for row in self.world.rows() if row["call_status"] in FINAL]
        if phone := self.one(over):
            self.world.again(phone, self.fault(), self.draw.choice((0, 0, 60)))

    def leaves_while_it_rings(self) -> None:
        """The agent's call ends, Twilio's word of it is still on its way, and the lead answers."""
        self.run()
        self.leg_ends()
        self.answers()
        self.alone()

    def overtaken(self) -> None:
        """Anything may come between what a run has seen and what it writes."""
        self._meanwhile(self.draw.choice(_MEANWHILE))

    def late(self) -> None:
        """What the agent was taken up with has run out by the clock, and word of it comes while a run goes on."""
        with self.world.unseen():
            session = self.world.sessions.get(USER)
        ends = [parse(session.item[name]) for name in ("call_until", "wrap_until") if name in session.item]
        if not ends:
            return
        self.world.passes(max(0.0, max(ends) - self.world.now) + 1)
        self.holds()
        self.fetched()
        kept = "call_until" in session.item
        self._meanwhile(self.draw.choice(("answers", "callback", "word") if kept else ("_types", "_types", "ready")))

    def _meanwhile(self, happens: str) -> None:
        self.script.append(happens)
        if self.draw.random() < 0.7:
            self.world.overtake(self.draw.randrange(3), getattr(self, happens))
        else:
            self.world.run(Fault(MEANWHILE, self.draw.randrange(4, 24), getattr(self, happens)))

    def hardly_answered(self) -> None:
        """A call rings longer than any should, and is answered while the next is about to be made."""
        self.run()
        self.late()

    def holds(self) -> None:
        for tab in list(self.world.sockets.open):
            self.world.ping(tab)

    def twilio_answers(self) -> None:
        self.world.twilio.answer = self.draw.choice(
            ("placed", "placed", "lost, call made", "lost, no call", "refused number", "throttled", "not sent")
        )

    def changes_how_long_a_wrap_up_lasts(self) -> None:
        seconds = self.draw.choice((5, 30, 120, None))
        self.world._invoke(lambda: self.world.sessions.set_wrap_up(USER, seconds), 10, self.fault())

    def wait(self) -> None:
        self.world.passes(self.draw.choice((0.5, 5, 31, 61, 130, 600, 4000)), self.fault())


_MEANWHILE = (
    *("answers", "hangs_up", "callback", "word", "ready", "says_what_came_of_it", "rings_back"),
    *("opens", "reloads", "leg_ends", "falls_silent", "picks_up"),
)
_HOW = ("", "", "", "and comes again", "lost")
_HAPPENS = {
    "run": 8,
    "fetched": 5,
    "opens": 3,
    "two_tabs": 1,
    "reloads": 2,
    "falls_silent": 1,
    "changes_how_they_are_reached": 1,
    "asks_for_their_phone": 1,
    "changes_how_long_a_wrap_up_lasts": 1,
    "picks_up": 3,
    "leg_ends": 2,
    "answers": 8,
    "hangs_up": 5,
    "rings_back": 6,
    "word": 10,
    "callback": 8,
    "alone": 3,
    "ready": 3,
    "conversation": 5,
    "says_what_came_of_it": 5,
    "wants_another_call": 3,
    "leaves_while_it_rings": 3,
    "overtaken": 3,
    "late": 3,
    "hardly_answered": 3,
    "holds": 2,
    "twilio_answers": 2,
    "wait": 5,
}
_WEIGHTED = [name for name, weight in _HAPPENS.items() for _ in range(weight)]


# -- the same steps, overlapping ---------------------------------------------------------------------------------------


class LineStep(NamedTuple):
    """One thing that happens where an agent is on the line; *seed* draws how."""

    what: str
    seed: int

    def __str__(self) -> str:
        return self.what


class Step(LineHistory):
    """A step in a world that others happen to as well; what strikes it, and what overtakes it, is not its own."""

    def __init__(self, world: LineWorld, seed: int) -> None:
        self.seed, self.draw = seed, random.Random(seed)
        self.world, self.script = world, []

    def fault(self) -> None:
        return None

    def two_tabs(self) -> None:
        self.world.opens(self.world.open_tab())

    def comes_twice_at_once(self) -> None:
        self.world.messages.double(self.draw.randrange(4), at_once=True)

    def _meanwhile(self, happens: str) -> None:
        """It begins once the run has claimed, and takes turns with it."""
        turn = self.world.effects.turn
        assert turn
        self.world.once_claimed = lambda: turn.begin_beside(happens, getattr(self, happens))
        self.run()


class OnTheLine(NamedTuple):
    """The setting of a history with an agent on the line."""

    leads: int
    via: str

    def world(self) -> AbstractContextManager[LineWorld]:
        return in_order(LineWorld())

    def begin(self, world: Any) -> None:
        world.imports(*PHONES[: self.leads])
        world.reached_by(self.via)
        world.opens(world.open_tab())

    def draw(self, rng: random.Random) -> LineStep:
        return LineStep(rng.choice(_OVERLAPPING), rng.randrange(10**6))

    def does(self, world: Any, step: LineStep) -> Callable[[], object]:
        return getattr(Step(world, step.seed), step.what)  # type: ignore[no-any-return]


_OVERLAPPING = [*(name for name in _WEIGHTED if name != "overtaken"), *("comes_twice_at_once",) * 4]


def setting(seed: int) -> OnTheLine:
    """The setting of the history of a seed."""
    rng = random.Random(f"setting {seed}")
    return OnTheLine(rng.choice((2, 4, 6)), rng.choice((BROWSER, BROWSER, PHONE)))
