"""The account's line: calls wait for their turn, ring, are answered or not, and end; each change is told."""

import asyncio
import random
import time
import uuid
from collections.abc import Coroutine
from typing import Any

from aiohttp import ClientSession

from local.twilio_simulator import callbacks
from local.twilio_simulator.calls import Call
from local.twilio_simulator.clock import Clock
from local.twilio_simulator.progress import form, wanted

OUTCOMES = ("completed", "machine", "no-answer", "busy", "failed", "canceled")
_MOSTLY = {"completed": 14, "no-answer": 3, "busy": 2, "failed": 1}
_LONGEST_QUEUE_S = 24 * 3600


class Line:
    """Makes calls and lets them live: *speed* seconds of a call pass in one, *cps* calls start in one (0: any number).

    What no script says is drawn from *seed* and the number, so that it does not hang on the order of calls.
    """

    def __init__(self, account: str, token: str, *, cps: float, speed: float, seed: int) -> None:
        self.account, self.token, self.cps, self.speed, self.seed = account, token, cps, speed, seed
        self.clock = Clock()
        self.calls: dict[str, Call] = {}
        self.callbacks: list[dict[str, Any]] = []
        self.waiting = 0
        self._session: ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._free_at = 0.0

    def full(self) -> bool:
        """Whether a call would wait for longer than Twilio lets any wait."""
        return self._free_at - time.monotonic() > _LONGEST_QUEUE_S

    def make(self, asked: dict[str, Any], happens: dict[str, Any]) -> Call:
        """A new call: queued, and on its way."""
        call = self.draft(asked, happens, self._turn())
        self.calls[call.sid] = call
        self._spawn(self._live(call))
        return call

    def draft(self, asked: dict[str, Any], happens: dict[str, Any], queue_s: float = 0) -> Call:
        """A call that is queued and goes nowhere, as with test credentials."""
        call = Call(self.account, asked, happens, self.speed, queue_s)
        call.reach("queued", self.clock.now())
        return call

    def _turn(self) -> float:
        now = time.monotonic()
        start = max(now, self._free_at)
        self._free_at = start + (1 / self.cps if self.cps else 0)
        return start - now

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self, call: Call) -> None:
        await asyncio.sleep(call.queue_s)
        chance = random.Random(f"{self.seed} {call.to}")
        outcome = str(call.happens.get("outcome") or chance.choices([*_MOSTLY], [*_MOSTLY.values()])[0])
        ring_s = call.happens.get("ring_s", chance.uniform(3, 12))
        talk_s = call.happens.get("talk_s", chance.uniform(5, 40))
        for status in ("initiated",) if outcome == "failed" else ("initiated", "ringing"):
            await self._pass(0.5)
            if not self._reach(call, status):
                return
        timeout_s = float(call.form.get("Timeout") or 60)
        await self._pass(min(ring_s, timeout_s))
        if outcome in ("completed", "machine"):
            if ring_s >= timeout_s:
                outcome = "no-answer"
            elif not self._reach(call, "in-progress"):
                return
            else:
                await self._pass(min(talk_s, float(call.form.get("TimeLimit") or 14400)))
                outcome = "completed"
        self._reach(call, outcome)

    async def _pass(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)

    def _reach(self, call: Call, status: str) -> bool:
        """Move the call on and tell; False if it has ended meanwhile."""
        if call.ended:
            return False
        call.reach(status, self.clock.now())
        self._tell(call)
        return True

    def end(self, call: Call, status: str) -> bool:
        """End a call by the API; False in a state that does not allow it. One that still waits ends in silence."""
        if call.ended or (status == "canceled" and call.status == "in-progress"):
            return False
        if call.status == "queued":
            call.reach("canceled", self.clock.now())
        else:
            self._reach(call, "completed" if call.status == "in-progress" else "canceled")
        return True

    def _tell(self, call: Call) -> None:
        wishes = call.happens.get("callbacks") or {}
        chance = random.Random(f"{self.seed} {call.to} {call.status}")
        if not wanted(call) or _lost(wishes.get("lose", False), call.status, chance):
            return
        delay_s = wishes.get("delay_s", 0) + (chance.random() if wishes.get("shuffle") else 0)
        told, event = form(call, call.status, call.sequence, self.clock.now()), str(uuid.uuid4())
        for _ in range(wishes.get("repeat", 1)):
            self._spawn(self.send(call, told, event=event, delay_s=delay_s))

    async def send(
        self, call: Call, told: dict[str, str], *, event: str, delay_s: float = 0, token: str = ""
    ) -> list[int]:
        """Send one callback of a call and note what was answered."""
        self._session = self._session or ClientSession()
        url, method = str(call.form["StatusCallback"]), call.form.get("StatusCallbackMethod") or "POST"
        self.waiting += 1
        try:
            await asyncio.sleep(delay_s)
            answered = await callbacks.send(self._session, method, url, told, token=token or self.token, event=event)
        finally:
            self.waiting -= 1
        self.callbacks.append({"sid": call.sid, "status": told["CallStatus"], "answered": answered})
        return answered

    def forget(self) -> None:
        """As if no call had ever been made; those that live say no more."""
        self._fall_silent()
        self.calls.clear()
        self.callbacks.clear()
        self._free_at = 0.0

    def _fall_silent(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        self._fall_silent()
        if self._session:
            await self._session.close()


def _lost(lose: bool | float | list[str], status: str, chance: random.Random) -> bool:
    if isinstance(lose, list):
        return status in lose
    return chance.random() < lose
