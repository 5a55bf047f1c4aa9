"""Sends the callbacks of calls and rooms; scripts can lose, delay, or repeat them."""

import asyncio
import random
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import ClientSession

from local.twilio_simulator import callbacks
from local.twilio_simulator.calls import Call
from local.twilio_simulator.clock import Clock
from local.twilio_simulator.progress import form, wanted
from local.twilio_simulator.rooms import Room


class Outbox:
    """Sends callbacks, signed with *token*; waits for an answer *patience* times as long as a URL says."""

    def __init__(self, token: str, seed: int, clock: Clock, spawn: Callable[[Coroutine[Any, Any, Any]], None]) -> None:
        self.token, self.patience, self.waiting = token, 1.0, 0
        self.callbacks: list[dict[str, Any]] = []
        self._seed, self._clock, self._spawn = seed, clock, spawn
        self._session: ClientSession | None = None

    def session(self) -> ClientSession:
        self._session = self._session or ClientSession()
        return self._session

    def tell(self, call: Call) -> None:
        """Send a callback for the call's last change, if one was requested."""
        if call.forgotten or not wanted(call):
            return
        chance = random.Random(f"{self._seed} {call.to} {call.status}")
        fields, event = form(call, call.status, call.sequence, self._clock.now()), str(uuid.uuid4())
        for delay_s in _deliveries(call.happens.get("callbacks") or {}, call.status, chance):
            self._spawn(self.send_status(call, fields, event=event, delay_s=delay_s))

    async def send_status(
        self, call: Call, fields: dict[str, str], *, event: str, delay_s: float = 0, token: str = ""
    ) -> list[int]:
        """Send one callback of a call, and record the responses."""
        url, method = str(call.form["StatusCallback"]), call.form.get("StatusCallbackMethod") or "POST"
        answered = await self.send(url, method, fields, event=event, delay_s=delay_s, token=token)
        self.callbacks.append({"sid": call.sid, "status": fields["CallStatus"], "answered": answered})
        return answered

    def tell_room(self, room: Room, fields: dict[str, str], happens: dict[str, Any]) -> None:
        """Send a room's event, with the faults in the script of the call that it is about."""
        if room.forgotten:
            return
        about, event = room.events[-1], str(uuid.uuid4())
        chance = random.Random(f"{self._seed} {room.name} {fields['StatusCallbackEvent']}")
        for delay_s in _deliveries(happens.get("room") or {}, fields["StatusCallbackEvent"], chance):
            self._spawn(self._send_room(room, fields, about, event, delay_s))

    async def _send_room(
        self, room: Room, fields: dict[str, str], about: dict[str, Any], event: str, delay_s: float
    ) -> None:
        url, method = room.callback.url, room.callback.method
        about["answered"] = await self.send(url, method, fields, event=event, delay_s=delay_s)

    async def send(
        self, url: str, method: str, fields: dict[str, str], *, event: str = "", delay_s: float = 0, token: str = ""
    ) -> list[int]:
        """Send a form; returns the statuses of all tries."""
        self.waiting += 1
        try:
            await asyncio.sleep(delay_s)
            answer = await callbacks.send(
                self.session(),
                method,
                url,
                fields,
                token=token or self.token,
                event=event or str(uuid.uuid4()),
                patience=self.patience,
            )
        finally:
            self.waiting -= 1
        return answer.statuses

    def forget(self) -> None:
        self.callbacks.clear()

    async def close(self) -> None:
        if self._session:
            await self._session.close()


def _deliveries(faults: dict[str, Any], what: str, chance: random.Random) -> list[float]:
    """The delays, in seconds, of each copy of a callback; empty if it is lost."""
    lose = faults.get("lose", False)
    if what in lose if isinstance(lose, list) else chance.random() < lose:
        return []
    delay_s = faults.get("delay_s", 0) + (chance.random() if faults.get("shuffle") else 0)
    return [delay_s] * faults.get("repeat", 1)
