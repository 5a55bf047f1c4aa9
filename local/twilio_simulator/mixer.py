"""The sound of calls, which a page in a browser mixes and measures; without the page there is no sound."""

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from local.twilio_simulator.hearing import WORDS, Hearing

_PAGE = Path(__file__).with_name("mixer.html")
_LOWEST_HZ, _STEP_HZ = 300, 70
_PATIENCE_S = 30


class NoMixer(Exception):
    """The mixer page is not open."""


class Mixer:
    """Controls the page `GET /_mixer`: its legs, their mixes, and the sentences that they hear.

    Each call without a browser has its own tone, in `tones`, so that one can measure who hears whom.
    """

    def __init__(self, hearing: Hearing) -> None:
        self.tones: dict[str, int] = {}
        self._browsers = set[str]()
        self._mixes: dict[str, tuple[str | None, bool]] = {}
        self._socket: web.WebSocketResponse | None = None
        self._there = asyncio.Event()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._asked = 0
        self._sending: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        hearing.changed, hearing.spoken = self._changed, self._spoken

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_mixer", self.page),
            web.get("/_mixer/socket", self.socket),
            web.get("/_mixer/tones", self.list_tones),
            web.get("/_mixer/ear/{sid}", self.ear),
        ]

    async def page(self, _request: web.Request) -> web.Response:
        return web.Response(text=_PAGE.read_text(), content_type="text/html")

    async def list_tones(self, _request: web.Request) -> web.Response:
        return web.json_response(self.tones)

    async def ear(self, request: web.Request) -> web.Response:
        """Which of `?tones=440,880` a call hears just now."""
        tones = [int(tone) for tone in request.query["tones"].split(",")]
        try:
            return web.json_response(await self.ask("heard", sid=request.match_info["sid"], tones=tones))
        except NoMixer as error:
            return web.json_response({"error": str(error)}, status=503)

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """The page's socket. A new page replaces an old one, and has no sound of browsers yet."""
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        self._socket = socket
        for sid in self.tones:
            self._tell_phone(sid)
        sender = asyncio.ensure_future(self._send(socket))
        self._there.set()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    reply = json.loads(message.data)
                    answer = self._answers.pop(reply["id"], None)
                    if answer and not answer.done():
                        answer.set_result(reply["value"])
        finally:
            sender.cancel()
            if self._socket is socket:
                self._socket = None
                self._there.clear()
        return socket

    async def _send(self, socket: web.WebSocketResponse) -> None:
        while True:
            await socket.send_json(await self._sending.get())

    def mark(self, sid: str) -> None:
        """Mark the call as a browser's, which has real sound instead of a tone."""
        self._browsers.add(sid)

    async def browser(self, sid: str, offer: str) -> str:
        """Connect a browser's sound; returns the answer to its SDP offer."""
        answer = str(await self.ask("browser", sid=sid, offer=offer))
        self._tell_mix(sid)  # the mix may have begun before the page knew this call
        return answer

    async def reinvited(self, sid: str, offer: str) -> str:
        return str(await self.ask("reinvite", sid=sid, offer=offer))

    def end(self, sid: str) -> None:
        self._browsers.discard(sid)
        self.tell("end", sid=sid)

    async def ask(self, what: str, **arguments: Any) -> Any:
        """Send the page a command and wait for its result; NoMixer if there is no page."""
        try:
            await asyncio.wait_for(self._there.wait(), _PATIENCE_S)
            self._asked += 1
            answer = self._answers[self._asked] = asyncio.get_running_loop().create_future()
            self._sending.put_nowait({"id": self._asked, "do": what, **arguments})
            return await asyncio.wait_for(answer, _PATIENCE_S)
        except TimeoutError:
            raise NoMixer("open the page /_mixer in a browser: it mixes the sound") from None

    def tell(self, what: str, **arguments: Any) -> None:
        if self._socket:
            self._sending.put_nowait({"id": 0, "do": what, **arguments})

    def _changed(self, sid: str, mix: str | None, muted: bool) -> None:
        self._mixes[sid] = (mix, muted)
        if sid in self._browsers or sid in self.tones:
            self._tell_mix(sid)
        else:
            self.tones[sid] = _LOWEST_HZ + _STEP_HZ * (len(self.tones) % 40)
            self._tell_phone(sid)

    def _tell_phone(self, sid: str) -> None:
        self.tell("phone", sid=sid, hertz=self.tones[sid])
        self._tell_mix(sid)

    def _tell_mix(self, sid: str) -> None:
        mix, muted = self._mixes.get(sid, (None, False))
        self.tell("put", sid=sid, room=mix, muted=muted)

    def _spoken(self, sid: str, kind: str, begins: bool) -> None:
        if sid in self._browsers and kind in WORDS:
            self.tell("words", sid=sid, on=begins)
