"""Calls: how one is made, lives and ends, and what is told of it meanwhile."""

import asyncio
import random
import time
import uuid
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession

from local.twilio_simulator.callbacks import send

FINAL = ("completed", "busy", "no-answer", "failed", "canceled")
_EVENT = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
_OUTCOMES, _OF_TWENTY = ("completed", "no-answer", "busy", "failed"), (14, 3, 2, 1)
_SIP = {"busy": "486", "no-answer": "487", "failed": "404", "completed": "200"}


@dataclass
class Call:
    """One call, with what its script says of it."""

    sid: str
    account: str
    form: dict[str, Any]
    happens: dict[str, Any]
    made_at: float
    status: str = "queued"
    sequence: int = 0
    answered_at: float | None = None
    ended_at: float | None = None
    deleted: bool = False
    tasks: set[Any] = field(default_factory=set)

    @property
    def duration(self) -> int | None:
        if self.ended_at is None:
            return None
        return max(1, round(self.ended_at - self.answered_at)) if self.answered_at else 0

    def resource(self) -> dict[str, Any]:
        """The call as Twilio's API shows it."""
        base = f"/2010-04-01/Accounts/{self.account}/Calls/{self.sid}"
        to, sender = self.form["To"], self.form["From"]
        return {
            "sid": self.sid,
            "date_created": _date(self.made_at),
            "date_updated": _date(self.ended_at or self.made_at),
            "parent_call_sid": None,
            "account_sid": self.account,
            "to": to,
            "to_formatted": to,
            "from": sender,
            "from_formatted": sender,
            "phone_number_sid": None,
            "status": self.status,
            "start_time": _date(self.answered_at or (self.made_at if self.sequence else None)),
            "end_time": _date(self.ended_at),
            "duration": None if self.duration is None else str(self.duration),
            "price": None,
            "price_unit": "USD",
            "direction": "outbound-api",
            "answered_by": None,
            "annotation": None,
            "api_version": "2010-04-01",
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": "0",
            "trunk_sid": None,
            "uri": f"{base}.json",
            "subresource_uris": {
                name: f"{base}/{path}.json"
                for name, path in {
                    "notifications": "Notifications",
                    "recordings": "Recordings",
                    "streams": "Streams",
                    "events": "Events",
                }.items()
            },
        }


def _date(moment: float | None) -> str | None:
    return formatdate(moment).replace("-0000", "+0000") if moment else None


class Line:
    """Makes calls and lets them live; `speed` seconds of a call pass in one, and `cps` calls start in one."""

    def __init__(self, account: str, token: str, cps: float, speed: float, seed: int) -> None:
        self.account, self.token, self.cps, self.speed, self.seed = account, token, cps, speed, seed
        self.calls: dict[str, Call] = {}
        self.callbacks: list[dict[str, Any]] = []
        self._session: ClientSession | None = None
        self._free_at = 0.0

    def make(self, form: dict[str, Any], happens: dict[str, Any]) -> Call:
        """A new call: queued, and on its way."""
        call = Call("CA" + uuid.uuid4().hex, self.account, form, happens, time.time())
        self.calls[call.sid] = call
        self._spawn(call, self._live(call))
        return call

    def _spawn(self, call: Call, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        call.tasks.add(task)
        task.add_done_callback(call.tasks.discard)

    async def _live(self, call: Call) -> None:
        await asyncio.sleep(self._queue_time())
        if call.status == "canceled":
            return
        chance = random.Random(f"{self.seed} {call.form['To']}")
        outcome = str(call.happens.get("outcome") or chance.choices(_OUTCOMES, _OF_TWENTY)[0])
        ring_s = call.happens.get("ring_s", chance.uniform(3, 12))
        stages = [("initiated", 0.5), ("ringing", 1.0)] if outcome != "failed" else [("initiated", 1.0)]
        for status, after_s in stages:
            await self._sleep(after_s)
            if not self._reach(call, status):
                return
        await self._sleep(min(ring_s, float(call.form.get("Timeout", 60))))
        if outcome == "completed":
            if not self._reach(call, "in-progress"):
                return
            talk_s = call.happens.get("talk_s", chance.uniform(5, 40))
            await self._sleep(min(talk_s, float(call.form.get("TimeLimit", 14400))))
        self._reach(call, outcome)

    def _queue_time(self) -> float:
        start = max(time.monotonic(), self._free_at)
        self._free_at = start + (1 / self.cps if self.cps else 0)
        return start - time.monotonic()

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)

    def _reach(self, call: Call, status: str) -> bool:
        """Move the call on; False if it has ended meanwhile."""
        if call.status in FINAL:
            return False
        call.status = status
        if status == "in-progress":
            call.answered_at = time.time()
        if status in FINAL:
            call.ended_at = time.time()
        self._tell(call, status)
        call.sequence += 1
        return True

    def cancel(self, call: Call, status: str) -> bool:
        """End a call by the API; False in a state that does not allow it. One that still waits is silent."""
        if call.status in FINAL or (status == "canceled" and call.status == "in-progress"):
            return False
        if call.status == "queued":
            call.status, call.ended_at = "canceled", time.time()
        else:
            self._reach(call, "completed" if call.status == "in-progress" else "canceled")
        return True

    def _tell(self, call: Call, status: str) -> None:
        wanted = call.form.get("StatusCallbackEvent") or ["completed"]
        url, wishes = call.form.get("StatusCallback"), call.happens.get("callbacks") or {}
        lost = wishes.get("lose") or []
        if not url or _EVENT.get(status, "completed") not in wanted or lost is True or status in lost:
            return
        delay_s = wishes.get("delay_s", 0) + (random.random() if wishes.get("shuffle") else 0)
        form = self.form(call, status, call.sequence)
        for _ in range(wishes.get("repeat", 1)):
            self._spawn(call, self.send(url, form, delay_s=delay_s))

    def form(self, call: Call, status: str, sequence: int) -> dict[str, str]:
        """A callback's form: not in alphabetical order, with blanks, as real ones are."""
        told = {
            "Called": call.form["To"],
            "ToState": "",
            "CallerCountry": "US",
            "Direction": "outbound-api",
            "Timestamp": formatdate(time.time()).replace("-0000", "+0000"),
            "CallbackSource": "call-progress-events",
            "CallSid": call.sid,
            "ToZip": "",
            "SequenceNumber": str(sequence),
            "To": call.form["To"],
            "CallStatus": status,
            "From": call.form["From"],
            "Caller": call.form["From"],
            "AccountSid": call.account,
            "ApiVersion": "2010-04-01",
        }
        if status in FINAL:
            seconds = call.duration or 0
            sip = call.happens.get("sip_code") or _SIP.get(status, "487")
            told |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60)), "SipResponseCode": sip}
        return told

    async def send(self, url: str, form: dict[str, str], *, delay_s: float = 0, token: str | None = None) -> list[int]:
        """Send one callback and note what was answered."""
        await asyncio.sleep(delay_s)
        self._session = self._session or ClientSession()
        answered = await send(self._session, url, form, token or self.token)
        self.callbacks.append({"sid": form["CallSid"], "status": form["CallStatus"], "answered": answered})
        return answered

    async def close(self) -> None:
        if self._session:
            await self._session.close()


def attempt(call: Call) -> str:
    """The attempt that the callback's address names."""
    return parse_qs(urlsplit(call.form.get("StatusCallback") or "").query).get("attempt", [""])[0]
