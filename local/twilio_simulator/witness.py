"""The simulator's own routes: query what happened, and control what will happen."""

import json
import uuid
from collections import Counter
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from local.twilio_simulator import callers, judgement
from local.twilio_simulator.api import Api
from local.twilio_simulator.clock import BadTime
from local.twilio_simulator.progress import form
from local.twilio_simulator.scripts import BadScript


class Witness:
    """The routes for tests and tools."""

    def __init__(self, api: Api, dialled: dict[str, int]) -> None:
        self._api, self._line, self._scripts = api, api.line, api.scripts
        self._before = Counter(dialled)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_witness", self.summary),
            web.delete("/_witness", self.forget),
            web.get("/_witness/heard", self.heard),
            web.get("/_witness/rooms", self.rooms),
            web.get("/_witness/errors", self.errors),
            web.post("/_ring", self.ring),
            web.post("/_client", self.client),
            web.post("/_calls/{sid}", self.act),
            web.post("/_agent_phones", self.agent_phones),
            web.get("/_script", self.pending),
            web.post("/_script", self.script),
            web.delete("/_script", self.clear),
            web.get("/_clock", self.clock),
            web.post("/_clock", self.set_clock),
            web.post("/_callback", self.callback),
            web.post("/_credentials", self.credentials),
        ]

    async def summary(self, _request: web.Request) -> web.Response:
        """How often each number was dialled, and the results of callbacks."""
        posts, dialled = Counter(self._api.posts), self.dialled()
        numbers: dict[str, dict[str, Any]] = {
            number: {"dialled": dialled.get(number, 0), "posts": posts[number], "calls": []}
            for number in dialled | posts
            if number
        }
        calls = [call for call in self._line.calls.values() if call.asked_for]
        for call in calls:
            at = call.changes[0].moment
            call_data = {"sid": call.sid, "attempt": call.attempt, "at": at, "status": call.status, "from": call.sender}
            numbers[call.to]["calls"].append(call_data)
        callbacks = self._line.outbox.callbacks
        return web.json_response(
            {
                "numbers": numbers,
                "calls": sum(dialled.values()),
                "most_per_number": max(dialled.values(), default=0),
                "posts": len(self._api.posts),
                "statuses": dict(Counter(call.status for call in calls)),
                "most_calls_in_a_second": densest([call.changes[0].ticked for call in calls]),
                "callbacks": {
                    "waiting": self._line.outbox.waiting,
                    "sent": len(callbacks),
                    "tries": sum(len(callback["answered"]) for callback in callbacks),
                    "answered": dict(Counter(str(callback["answered"][-1]) for callback in callbacks)),
                },
            }
        )

    async def forget(self, _request: web.Request) -> web.Response:
        self._line.forget()
        self._api.posts.clear()
        self._before.clear()
        return web.Response(status=204)

    async def heard(self, _request: web.Request) -> web.Response:
        """Who heard whom and which sentences, and who heard nothing."""
        line = self._line
        return web.json_response(judgement.heard(line.calls.values(), line.hearing, line.agent_phones))

    async def rooms(self, _request: web.Request) -> web.Response:
        rooms = [
            room.resource()
            | {"participants": [room.participant(guest) for guest in room.guests], "events": room.events}
            for room in self._line.rooms.all.values()
        ]
        return web.json_response(rooms)

    async def errors(self, _request: web.Request) -> web.Response:
        return web.json_response(self._line.errors)

    async def ring(self, request: web.Request) -> web.Response:
        return web.json_response({"sid": callers.ring(self._line, await _object(request)).sid})

    async def client(self, request: web.Request) -> web.Response:
        return web.json_response({"sid": callers.browser(self._line, await _object(request)).sid})

    async def act(self, request: web.Request) -> web.Response:
        """Make the person in a call act: `{hangs_up: true}`, `{presses: digits}`, or `{dies: seconds}`."""
        call = self._line.calls.get(request.match_info["sid"])
        match await _object(request):
            case {"hangs_up": True} if call and call.talk and not call.ended:
                self._line.hang_up(call)
            case {"presses": str() as keys} if call and call.talk and not call.ended:
                call.talk.press(keys)
            case {"dies": int() | float() as noticed_after_s} if call and not call.ended:
                self._line.die(call, noticed_after_s)
            case _:
                raise BadScript("a live call needs {hangs_up: true}, {presses: digits} or {dies: seconds}")
        return web.Response(status=204)

    async def agent_phones(self, request: web.Request) -> web.Response:
        numbers = (await _object(request)).get("numbers")
        if not isinstance(numbers, list):
            raise BadScript('{"numbers": ["+1202..."]}')
        self._line.agent_phones |= set(map(str, numbers))
        return web.Response(status=204)

    async def script(self, request: web.Request) -> web.Response:
        self._scripts.add(await request.json())
        return web.Response(status=204)

    async def pending(self, _request: web.Request) -> web.Response:
        return web.json_response(self._scripts.pending())

    async def clear(self, _request: web.Request) -> web.Response:
        self._scripts.clear()
        return web.Response(status=204)

    async def clock(self, _request: web.Request) -> web.Response:
        return web.json_response({"now": self._line.clock.now(), "offset_s": self._line.clock.offset_s})

    async def set_clock(self, request: web.Request) -> web.Response:
        self._line.clock.set(await request.json())
        return await self.clock(request)

    async def callback(self, request: web.Request) -> web.Response:
        """Send a callback by hand: `{sid, status, sequence?, token?, form?}`; *token* signs it, *form* adds fields."""
        data = await request.json()
        call = self._line.calls.get(data.get("sid"))
        if call is None or "status" not in data or not call.form.get("StatusCallback"):
            raise BadScript("a callback needs a status, and the sid of a call with a StatusCallback")
        sequence = data.get("sequence", call.sequence)
        words = form(call, data["status"], sequence, self._line.clock.now()) | data.get("form", {})
        answered = await self._line.outbox.send_status(
            call, words, event=str(uuid.uuid4()), token=data.get("token", "")
        )
        return web.json_response({"answered": answered})

    async def credentials(self, request: web.Request) -> web.Response:
        """Rotate credentials: `{auth_token}` for signatures, `{keys: {sid: secret}}` for the API."""
        data = await request.json()
        self._line.outbox.token = data.get("auth_token", self._line.outbox.token)
        self._api.rotate(data.get("keys"), self._line.outbox.token)
        return web.Response(status=204)

    def dialled(self) -> dict[str, int]:
        """How often each number was dialled, restarts included."""
        count = Counter(self._before)
        count.update(call.to for call in self._line.calls.values() if call.asked_for)
        return dict(count)


async def _object(request: web.Request) -> dict[str, Any]:
    data = await request.json()
    if not isinstance(data, dict):
        raise BadScript("the body must be an object")
    return data


@web.middleware
async def frank(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn invalid requests into a 400 with the reason."""
    try:
        return await handler(request)
    except (BadScript, BadTime, json.JSONDecodeError) as error:
        return web.json_response({"error": str(error)}, status=400)


def densest(moments: list[float]) -> int:
    """The greatest number of these moments within one second."""
    moments = sorted(moments)
    first = most = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most
