"""The account's line: calls wait for their turn, ring, are answered or not, and end; each change is told."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

from local.twilio_simulator.applications import Applications
from local.twilio_simulator.calls import Call
from local.twilio_simulator.clock import Clock
from local.twilio_simulator.documents import Source
from local.twilio_simulator.hearing import Hearing
from local.twilio_simulator.numbers import Numbers
from local.twilio_simulator.outbox import Outbox
from local.twilio_simulator.people import AGENT, Person, detected
from local.twilio_simulator.rooms import Rooms
from local.twilio_simulator.scripts import Scripts
from local.twilio_simulator.talk import Talk
from local.twilio_simulator.twiml import BadTwiml

_LONGEST_QUEUE_S = 24 * 3600
_LIMIT_S = 4 * 3600


class Line:
    """Makes calls and lets them live: *speed* seconds of a call pass in one, *cps* calls start in one (0: any number).

    *concurrent* is how many calls the account may have at once (0: any number). What no script says is drawn from
    *seed* and the number, so that it does not hang on the order of calls.
    """

    def __init__(
        self, account: str, token: str, *, cps: float, speed: float, seed: int, concurrent: int, numbers: Numbers
    ) -> None:
        self.account, self.cps, self.speed, self.seed = account, cps, speed, seed
        self.concurrent, self.numbers, self.applications = concurrent, numbers, Applications(account)
        self.clock, self.scripts, self.hearing = Clock(), Scripts(), Hearing(speed)
        self.calls: dict[str, Call] = {}
        self.outbox = Outbox(token, seed, self.clock, self.spawn)
        self.rooms = Rooms(account, self.hearing, self.clock, self.outbox.tell_room)
        self.agent_phones = set[str]()
        self.errors: list[dict[str, Any]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._free_at = 0.0

    # -- calls begin -------------------------------------------------------------------------------------------------

    def full(self) -> bool:
        """Whether a call would wait for longer than Twilio lets any wait."""
        return self._free_at - time.monotonic() > _LONGEST_QUEUE_S

    def crowded(self) -> bool:
        """Whether one call more would be more than the account may have at once."""
        return bool(self.concurrent) and sum(not call.ended for call in self.calls.values()) >= self.concurrent

    def happens(self, number: str) -> dict[str, Any]:
        """What happens to a call to this number: its script, over what an agent's phone does by itself."""
        if number in self.agent_phones:
            return AGENT | self.scripts.take_for_agent(number)
        return self.scripts.take("create", number)

    def make(self, asked: dict[str, Any], happens: dict[str, Any]) -> Call:
        """A new call: queued, and on its way."""
        call = self.draft(asked, happens, self._turn())
        application = self.applications.get(str(asked.get("ApplicationSid") or ""))
        if application:
            call.application, call.first = application.sid, application.source()
            call.form |= application.status_callback()
        elif asked.get("Url"):
            call.first = Source(asked["Url"], asked.get("Method") or "POST")
        else:
            call.first = Source(text=asked.get("Twiml", ""))
        return self._begin(call, self._live(call))

    def dial(self, parent: Call, asked: dict[str, Any]) -> Call:
        """A call that another one's document dials, to somebody who picks up and stays unless a script says no."""
        happens = AGENT | self.scripts.take_named(str(asked["To"]))
        call = self.draft(asked, happens)
        call.direction, call.parent = "outbound-dial", parent.sid
        if self.crowded():
            call.happens = happens | {"outcome": "failed"}
            self.note(parent, BadTwiml(10004, "the account has as many calls as it may have"))
        return self._begin(call, self._live(call))

    def arrive(self, asked: dict[str, Any], happens: dict[str, Any], first: Source, application: str = "") -> Call:
        """A call of somebody's to us, which rings until its document says something."""
        call = Call(self.account, asked, happens, self.speed, direction="inbound", application=application)
        call.first = first
        call.reach("ringing", self.clock.now())
        if self.crowded():
            call.reach("busy", self.clock.now())
            self.note(call, BadTwiml(10004, "the account has as many calls as it may have"))
            self.calls[call.sid] = call
            return call
        return self._begin(call, self._answer(call))

    def draft(self, asked: dict[str, Any], happens: dict[str, Any], queue_s: float = 0) -> Call:
        """A call that is queued and goes nowhere, as with test credentials."""
        call = Call(self.account, asked, happens, self.speed, queue_s)
        call.reach("queued", self.clock.now())
        return call

    def _begin(self, call: Call, life: Coroutine[Any, Any, None]) -> Call:
        self.calls[call.sid] = call
        self.spawn(life)
        return call

    def _turn(self) -> float:
        now = time.monotonic()
        start = max(now, self._free_at)
        self._free_at = start + (1 / self.cps if self.cps else 0)
        return start - now

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        """What goes wrong in the simulator itself is written down too, and printed."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error:
            self.errors.append({"sid": None, "code": 0, "text": repr(error), "at_s": self.hearing.now_s()})
            task.get_loop().call_exception_handler({"message": "the simulator is wrong", "exception": error})

    # -- calls live --------------------------------------------------------------------------------------------------

    async def _live(self, call: Call) -> None:
        """Ring, and be answered or not."""
        await asyncio.sleep(call.queue_s)
        person = Person(call.happens, call.to, self.seed)
        outcome, skips = person.outcome, call.happens.get("skips", ())
        for status in ("initiated",) if outcome == "failed" else ("initiated", "ringing"):
            await self.pass_time(0.5)
            if call.ended or (status not in skips and not self.reach(call, status)):
                return
        timeout_s = float(call.form.get("Timeout") or 60)
        await self.pass_time(min(person.ring_s, timeout_s))
        if not person.answers:
            self.reach(call, outcome)
        elif person.ring_s >= timeout_s:
            self.reach(call, "no-answer")
        elif self.reach(call, "in-progress"):
            await self._converse(call, person)
            self.reach(call, "completed")

    async def _answer(self, call: Call) -> None:
        """Let a call of somebody's hear its document, which may take it or turn it away."""
        await self._converse(call, Person(call.happens, call.sender, self.seed))
        self.reach(call, "completed" if call.status == "in-progress" else call.rejected or "canceled")

    async def _converse(self, call: Call, person: Person) -> None:
        """Everything that is heard on the call, until one of both ends hangs up."""
        talk = call.talk = Talk(self, call, person)
        loop, limit_s = asyncio.get_running_loop(), float(call.form.get("TimeLimit") or _LIMIT_S)
        ends = [loop.call_later(limit_s / self.speed, talk.hang_up)]

        def begin() -> None:
            ends.append(loop.call_later(person.talk_s / self.speed, talk.had_enough))

        if person.waits:
            talk.begins = begin
        else:
            begin()
        try:
            await talk.live(await self._detected(call))
        finally:
            for end in ends:
                end.cancel()
            self.hearing.leave(call.sid)

    async def _detected(self, call: Call) -> Source | None:
        """The call's first document; a person or a machine is made out before it is asked for, or meanwhile."""
        detection = call.form.get("MachineDetection")
        if not detection or not call.first:
            return call.first
        found, after_s = detected(call.happens, detection)
        if call.form.get("AsyncAmd") == "true":
            self.spawn(self._tell_detected(call, found, after_s))
            return call.first
        call.verdict = found
        return Source(call.first.url, call.first.method, call.first.text, {"AnsweredBy": found})

    async def _tell_detected(self, call: Call, found: str, after_s: float) -> None:
        await self.pass_time(after_s)
        if call.ended:
            return
        call.verdict = found
        url = call.form.get("AsyncAmdStatusCallback")
        if url:
            told = {
                "CallSid": call.sid,
                "AccountSid": self.account,
                "AnsweredBy": found,
                "MachineDetectionDuration": str(round(after_s * 1000)),
            }
            await self.outbox.send(url, call.form.get("AsyncAmdStatusCallbackMethod") or "POST", told)

    async def pass_time(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)

    def reach(self, call: Call, status: str) -> bool:
        """Move the call on and tell; False if it has ended meanwhile."""
        if call.ended:
            return False
        call.reach(status, self.clock.now())
        self.outbox.tell(call)
        return True

    # -- calls end ---------------------------------------------------------------------------------------------------

    def end(self, call: Call, status: str) -> bool:
        """End a call by the API; False in a state that does not allow it. One that still waits ends in silence."""
        if call.ended or (status == "canceled" and call.status == "in-progress"):
            return False
        if call.status == "queued":
            call.reach("canceled", self.clock.now())
        else:
            self.reach(call, "completed" if call.status == "in-progress" else "canceled")
        if call.talk:
            call.talk.hang_up()
        return True

    def hang_up(self, call: Call) -> None:
        """Let the person at the other end hang up: who talks, or who calls us."""
        if call.talk:
            call.talk.hang_up()

    def die(self, call: Call, noticed_after_s: float) -> None:
        """Let the sound be gone at once, and Twilio notice later."""
        self.hearing.fall_silent(call.sid)
        if call.talk:
            asyncio.get_running_loop().call_later(noticed_after_s / self.speed, call.talk.hang_up)

    def may_show(self, sender: str, call: Call | None = None) -> bool:
        """Whether the account may call with this number: its own, or who called it."""
        return self.numbers.owns(sender) or (call is not None and sender in (call.sender, call.to))

    # -- what is told ------------------------------------------------------------------------------------------------

    def note(self, call: Call, refused: BadTwiml) -> None:
        """Write down what a document got wrong, as Twilio's debugger does."""
        self.errors.append({"sid": call.sid, "code": refused.code, "text": str(refused), "at_s": self.hearing.now_s()})

    # -- the end of it all -------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """As if no call had ever been made; those that live say no more."""
        self._fall_silent()
        for call in self.calls.values():
            call.forgotten = True
        for room in self.rooms.all.values():
            room.forgotten = True
        self.calls.clear()
        self.outbox.forget()
        self.errors.clear()
        self.rooms.all.clear()
        self.hearing.forget()
        self._free_at = 0.0

    def _fall_silent(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        self._fall_silent()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.outbox.close()
