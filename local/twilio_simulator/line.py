"""The life of calls: they wait in the queue, ring, are answered or not, and end; each change sends a callback."""

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
    """Runs calls: *speed* seconds of a call pass in one real second, *cps* calls start in one (0: any number).

    *concurrent* is the limit of concurrent calls (0: none). Unscripted outcomes depend on *seed* and the number only,
    not on the order of calls.
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
        """Whether a new call would wait longer than Twilio's queue allows."""
        return self._free_at - time.monotonic() > _LONGEST_QUEUE_S

    def crowded(self) -> bool:
        """Whether the account's limit of concurrent calls is reached."""
        return bool(self.concurrent) and sum(not call.ended for call in self.calls.values()) >= self.concurrent

    def happens(self, number: str) -> dict[str, Any]:
        """The script of a call to this number; for an agent's phone, on top of its default behaviour."""
        if number in self.agent_phones:
            return AGENT | self.scripts.take_for_agent(number)
        return self.scripts.take("create", number)

    def make(self, form: dict[str, Any], happens: dict[str, Any]) -> Call:
        """Create a call, queue it and start it."""
        call = self.draft(form, happens, self._turn())
        application = self.applications.get(str(form.get("ApplicationSid") or ""))
        if application:
            call.application, call.first = application.sid, application.source()
            call.form |= application.status_callback()
        elif form.get("Url"):
            call.first = Source(form["Url"], form.get("Method") or "POST")
        else:
            call.first = Source(text=form.get("Twiml", ""))
        return self._begin(call, self._live(call))

    def dial(self, parent: Call, form: dict[str, Any]) -> Call:
        """Create a call that a document dials; the person answers and stays, unless a script says otherwise."""
        happens = AGENT | self.scripts.take_named(str(form["To"]))
        call = self.draft(form, happens)
        call.direction, call.parent = "outbound-dial", parent.sid
        if self.crowded():
            call.happens = happens | {"outcome": "failed"}
            self.note(parent, BadTwiml(10004, "the account has as many calls as it may have"))
        return self._begin(call, self._live(call))

    def arrive(self, form: dict[str, Any], happens: dict[str, Any], first: Source, application: str = "") -> Call:
        """Create an inbound call, which rings until its document answers or rejects it."""
        call = Call(self.account, form, happens, self.speed, direction="inbound", application=application)
        call.first = first
        call.reach("ringing", self.clock.now())
        if self.crowded():
            call.reach("busy", self.clock.now())
            self.note(call, BadTwiml(10004, "the account has as many calls as it may have"))
            self.calls[call.sid] = call
            return call
        return self._begin(call, self._answer(call))

    def draft(self, form: dict[str, Any], happens: dict[str, Any], queue_s: float = 0) -> Call:
        """Create a queued call without starting it, as with test credentials."""
        call = Call(self.account, form, happens, self.speed, queue_s)
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
        """Record and print errors of the simulator itself."""
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
        """Perform the document of an inbound call, which may answer or reject it."""
        await self._converse(call, Person(call.happens, call.sender, self.seed))
        self.reach(call, "completed" if call.status == "in-progress" else call.rejected or "canceled")

    async def _converse(self, call: Call, person: Person) -> None:
        """Perform documents until one of the two ends hangs up."""
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
        """The call's first document; answering machine detection runs before its request, or meanwhile if async."""
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
            detection = {
                "CallSid": call.sid,
                "AccountSid": self.account,
                "AnsweredBy": found,
                "MachineDetectionDuration": str(round(after_s * 1000)),
            }
            await self.outbox.send(url, call.form.get("AsyncAmdStatusCallbackMethod") or "POST", detection)

    async def pass_time(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)

    def reach(self, call: Call, status: str) -> bool:
        """Set the call's status and send its callback; False if the call has ended."""
        if call.ended:
            return False
        call.reach(status, self.clock.now())
        self.outbox.tell(call)
        return True

    # -- calls end ---------------------------------------------------------------------------------------------------

    def end(self, call: Call, status: str) -> bool:
        """End a call through the API; False if its state does not allow it. A queued call sends no callback."""
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
        """The person at the other end hangs up."""
        if call.talk:
            call.talk.hang_up()

    def die(self, call: Call, noticed_after_s: float) -> None:
        """Cut the call's sound now, and end the call later."""
        self.hearing.fall_silent(call.sid)
        if call.talk:
            asyncio.get_running_loop().call_later(noticed_after_s / self.speed, call.talk.hang_up)

    def may_show(self, sender: str, call: Call | None = None) -> bool:
        """Whether this caller id is allowed: a number of the account, or one of the call."""
        return self.numbers.owns(sender) or (call is not None and sender in (call.sender, call.to))

    # -- errors ------------------------------------------------------------------------------------------------------

    def note(self, call: Call, refused: BadTwiml) -> None:
        """Record an error in a document, like Twilio's debugger."""
        self.errors.append({"sid": call.sid, "code": refused.code, "text": str(refused), "at_s": self.hearing.now_s()})

    # -- reset and shutdown ------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Delete all calls and records; calls in progress send no more callbacks."""
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
