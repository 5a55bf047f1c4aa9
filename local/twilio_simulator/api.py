"""Twilio's routes, and the witness's beside them."""

import asyncio
import re
import time
import uuid
from collections import Counter
from typing import Any

from aiohttp import BasicAuth, web

from local.twilio_simulator import errors
from local.twilio_simulator.calls import Call, Line, attempt
from local.twilio_simulator.scripts import Scripts

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_ROOT = "/2010-04-01/Accounts/{account}/Calls"


class Api:
    """The simulator's whole HTTP surface."""

    def __init__(self, line: Line, credentials: dict[str, str]) -> None:
        self.line, self.scripts = line, Scripts()
        self._credentials = credentials
        self._posts: list[tuple[float, str]] = []
        self._dialled_before: Counter[str] = Counter()

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post(f"{_ROOT}.json", self.create),
                web.get(f"{_ROOT}.json", self.list),
                web.get(_ROOT + "/{sid}.json", self.fetch),
                web.post(_ROOT + "/{sid}.json", self.update),
                web.delete(_ROOT + "/{sid}.json", self.delete),
                web.get("/_witness", self.witness),
                web.delete("/_witness", self.forget),
                web.get("/_script", self.pending),
                web.post("/_script", self.script),
                web.delete("/_script", self.clear),
                web.get("/_clock", self.clock),
                web.post("/_callback", self.callback),
            ]
        )
        app.on_cleanup.append(self._close)
        return app

    async def _close(self, _app: web.Application) -> None:
        await self.line.close()

    # -- Twilio's ------------------------------------------------------------------------------------------------------

    async def create(self, request: web.Request) -> web.StreamResponse:
        told = await request.post()
        form: dict[str, Any] = {name: str(told[name]) for name in told}
        form["StatusCallbackEvent"] = [str(event) for event in told.getall("StatusCallbackEvent", [])]
        number = form.get("To", "")
        self._posts.append((time.time(), number))
        happens = self.scripts.take(number)
        code = self._stranger(request) or self._wrong(form) or happens.get("refuse")
        if code:
            return _error(code)
        if happens.get("fault"):
            return await self._faulty(request, form, happens)
        call = self.line.make(form, happens)
        await asyncio.sleep(happens.get("delay_s", 0))
        return _answer(call.resource() | {"status": "queued", "start_time": None}, 201)

    async def _faulty(self, request: web.Request, form: dict[str, Any], happens: dict[str, Any]) -> web.StreamResponse:
        fault = str(happens["fault"])
        if happens.get("made", fault in ("empty", "truncated", "html")):
            self.line.make(form, happens)
        if fault == "hang":
            await asyncio.sleep(happens.get("delay_s", 60))
        if fault in ("hang", "reset"):
            assert request.transport
            request.transport.abort()
            return web.Response()
        if fault == "empty":
            return web.Response(status=201)
        if fault == "truncated":
            return web.Response(status=201, text='{"sid": "CA', content_type="application/json")
        if fault == "html":
            return web.Response(status=201, text="<html>Created</html>", content_type="text/html")
        headers = {"Location": "/elsewhere"} if fault == "307" else {}
        code = {"500": 20500, "503": 20503}.get(fault)
        return web.json_response(errors.body(code) if code else {}, status=int(fault), headers=headers)

    def _stranger(self, request: web.Request) -> int | None:
        try:
            told = BasicAuth.decode(request.headers.get("Authorization", ""))
        except ValueError:
            return 20003
        known = self._credentials.get(told.login) == told.password
        return None if known and request.match_info["account"] == self.line.account else 20003

    def _wrong(self, form: dict[str, Any]) -> int | None:
        to, sender = form.get("To", ""), form.get("From", "")
        if not to:
            return 21201
        if not sender:
            return 21213
        if to in errors.MAGIC_TO or sender in errors.MAGIC_FROM:
            return errors.MAGIC_TO.get(to) or errors.MAGIC_FROM[sender]
        if not _E164.fullmatch(to) or to == sender:
            return 21211
        return None if form.get("Url") or form.get("Twiml") or form.get("ApplicationSid") else 21205

    async def list(self, request: web.Request) -> web.Response:
        if self._stranger(request):
            return _error(20003)
        wanted = {name: request.query[name] for name in ("To", "From", "Status") if name in request.query}
        found = [
            call.resource()
            for call in self.line.calls.values()
            if not call.deleted and all(call.resource()[name.lower()] == value for name, value in wanted.items())
        ]
        size, page = int(request.query.get("PageSize", 50)), int(request.query.get("Page", 0))
        return _answer(_page(request, found, size, page))

    async def fetch(self, request: web.Request) -> web.Response:
        call = self._call(request)
        return _error(20404) if call is None else _answer(call.resource())

    async def update(self, request: web.Request) -> web.Response:
        call, form = self._call(request), await request.post()
        if call is None:
            return _error(20404)
        return _answer(call.resource()) if self.line.cancel(call, str(form.get("Status"))) else _error(21220)

    async def delete(self, request: web.Request) -> web.Response:
        call = self._call(request)
        if call is None:
            return _error(20404)
        call.deleted = True
        return web.Response(status=204)

    def _call(self, request: web.Request) -> Call | None:
        call = self.line.calls.get(request.match_info["sid"])
        return None if self._stranger(request) or call is None or call.deleted else call

    # -- the witness's -------------------------------------------------------------------------------------------------

    async def witness(self, _request: web.Request) -> web.Response:
        """Who was dialled how often, and what became of the callbacks."""
        numbers: dict[str, dict[str, Any]] = {
            number: {"dialled": count, "calls": []} for number, count in self._dialled_before.items()
        }
        for call in self.line.calls.values():
            number = numbers.setdefault(call.form["To"], {"dialled": 0, "calls": []})
            number["dialled"] += 1
            number["calls"].append(
                {"sid": call.sid, "attempt": attempt(call), "at": call.made_at, "status": call.status}
            )
        answered = Counter(str(callback["answered"][-1]) for callback in self.line.callbacks)
        return web.json_response(
            {
                "numbers": numbers,
                "calls": sum(number["dialled"] for number in numbers.values()),
                "most_per_number": max((number["dialled"] for number in numbers.values()), default=0),
                "posts": len(self._posts),
                "most_calls_in_a_second": _densest([call.made_at for call in self.line.calls.values()]),
                "callbacks": {"sent": len(self.line.callbacks), "answered": dict(answered)},
            }
        )

    async def forget(self, _request: web.Request) -> web.Response:
        self.line.calls.clear()
        self.line.callbacks.clear()
        self._posts.clear()
        self._dialled_before.clear()
        return web.Response(status=204)

    async def script(self, request: web.Request) -> web.Response:
        self.scripts.add(await request.json())
        return web.Response(status=204)

    async def pending(self, _request: web.Request) -> web.Response:
        return web.json_response(self.scripts.pending())

    async def clear(self, _request: web.Request) -> web.Response:
        self.scripts.clear()
        return web.Response(status=204)

    async def clock(self, _request: web.Request) -> web.Response:
        return web.json_response({"now": time.time()})

    async def callback(self, request: web.Request) -> web.Response:
        """Send a callback by hand: `{sid, status, sequence, token?, form?}`."""
        told = await request.json()
        call = self.line.calls[told["sid"]]
        form = self.line.form(call, told["status"], told.get("sequence", call.sequence)) | told.get("form", {})
        answered = await self.line.send(call.form["StatusCallback"], form, token=told.get("token"))
        return web.json_response({"answered": answered})

    def dialled(self) -> dict[str, int]:
        """The count that is kept over a restart."""
        count = Counter(self._dialled_before)
        count.update(call.form["To"] for call in self.line.calls.values())
        return dict(count)

    def remember(self, dialled: dict[str, int]) -> None:
        self._dialled_before = Counter(dialled)


def _densest(moments: list[float]) -> int:
    moments = sorted(moments)
    first = most = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def _page(request: web.Request, found: list[dict[str, Any]], size: int, page: int) -> dict[str, Any]:
    path = request.path
    more = len(found) > (page + 1) * size
    query = "&".join(f"{name}={value}" for name, value in request.query.items() if name not in ("Page", "PageSize"))
    address = f"{path}?{query}&PageSize={size}&Page=".replace("?&", "?").replace("+", "%2B")
    return {
        "calls": found[page * size : (page + 1) * size],
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": min(len(found), (page + 1) * size) - 1,
        "uri": address + str(page),
        "first_page_uri": address + "0",
        "next_page_uri": address + str(page + 1) if more else None,
        "previous_page_uri": address + str(page - 1) if page else None,
    }


def _error(code: int) -> web.Response:
    return _answer(errors.body(code), errors.status(code))


def _answer(body: dict[str, Any], status: int = 200) -> web.Response:
    headers = {"Twilio-Request-Id": "RQ" + uuid.uuid4().hex, "X-Home-Region": "us1", "X-API-Domain": "api.twilio.com"}
    return web.json_response(body, status=status, headers=headers)
