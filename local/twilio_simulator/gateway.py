"""The signalling server for the real @twilio/voice-sdk, over one WebSocket; the mixer handles the sound.

Frames are JSON, `{type, version, payload}`; a frame "\\n" is a heartbeat. The SDK opens only `wss://HOST/signal`: tests
redirect it here, with Playwright or with the script `GET /_gateway.js` on the page.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

from local.twilio_simulator import callers, tokens
from local.twilio_simulator.calls import Call
from local.twilio_simulator.line import Line
from local.twilio_simulator.mixer import Mixer, NoMixer
from local.twilio_simulator.scripts import BadScript
from local.twilio_simulator.tokens import BadToken, Bearer

_BEAT_S = 5  # the SDK gives a socket up after 15 s without a frame
_LONGEST_RECONNECT_S = 30
_REDIRECT = """(() => {{
  const Socket = window.WebSocket
  window.WebSocket = class extends Socket {{
    constructor(url, ...more) {{ super(/^wss:.*[/]signal$/.test(url) ? 'ws://{host}/signal' : url, ...more) }}
  }}
}})()
"""


class Gateway:
    """All connected browsers, and their calls."""

    def __init__(self, line: Line, mixer: Mixer, secrets: Callable[[], Mapping[str, str]]) -> None:
        self.line, self.mixer, self.secrets = line, mixer, secrets
        self.sockets: dict[str, Signalling] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/signal", self.signal),
            web.get("/_gateway.js", self.script),
            web.post("/_gateway/drop", self.drop),
        ]

    async def script(self, request: web.Request) -> web.Response:
        return web.Response(text=_REDIRECT.format(host=request.host), content_type="text/javascript")

    async def drop(self, _request: web.Request) -> web.Response:
        """Cut all sockets, like a broken network."""
        for socket in set(self.sockets.values()):
            await socket.cut()
        return web.Response(status=204)

    async def signal(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await Signalling(self, socket).serve()
        return socket


class Signalling:
    """One browser's socket. A call belongs to the socket that named it last."""

    def __init__(self, gateway: Gateway, socket: web.WebSocketResponse) -> None:
        self._gateway, self._socket, self._line, self._mixer = gateway, socket, gateway.line, gateway.mixer
        self._bearer: Bearer | None = None
        self._reconnect_s = 0.0

    async def serve(self) -> None:
        beat = asyncio.ensure_future(self._beat())
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT and message.data.strip():
                    frame = json.loads(message.data)
                    await self._hear(str(frame["type"]), frame.get("payload") or {})
        finally:
            beat.cancel()
            for sid in [sid for sid, socket in self._gateway.sockets.items() if socket is self]:
                self._line.spawn(self._lost(sid))

    async def cut(self) -> None:
        await self._socket.close(code=1011)

    async def _beat(self) -> None:
        while not self._socket.closed:
            await self._socket.send_str("\n")
            await asyncio.sleep(_BEAT_S)

    async def _say(self, kind: str, **payload: Any) -> None:
        if not self._socket.closed:
            await self._socket.send_str(json.dumps({"type": kind, "version": "1.6", "payload": payload}))

    async def _error(self, code: int, text: str, **more: Any) -> None:
        await self._say("error", error={"code": code, "message": text}, **more)

    async def _hear(self, kind: str, payload: dict[str, Any]) -> None:
        match kind:
            case "listen":
                await self._listen(payload)
            case "register":
                await self._say("ready" if (payload.get("media") or {}).get("audio") else "offline")
            case "invite" if payload.get("reconnect"):
                await self._rejoin(str(payload["reconnect"]))
            case "invite":
                self._line.spawn(self._invite(payload))
            case "reinvite":
                sid = str(payload["callsid"])
                await self._say("answer", callsid=sid, sdp=await self._mixer.reinvited(sid, str(payload["sdp"])))
            case "hangup" | "reject":
                self._end(str(payload.get("callsid")))
            case "dtmf":
                call = self._line.calls.get(str(payload.get("callsid")))
                if call and call.talk:
                    call.talk.press(str(payload.get("dtmf", "")))

    async def _listen(self, payload: dict[str, Any]) -> None:
        """The browser sends its token, for the first time or again."""
        try:
            bearer = tokens.read(str(payload.get("token")), self._line.account, self._gateway.secrets())
        except BadToken as bad:
            await self._error(bad.code, str(bad))
            return
        self._bearer = bearer
        self._reconnect_s = min(float(payload.get("reconnectTimeout") or 0), _LONGEST_RECONNECT_S)
        about = {"identity": bearer.identity, "ttl": bearer.lasts_s}
        await self._say("connected", region="us1", edge="ashburn", home="us1", gateway="local", token=about)

    async def _invite(self, payload: dict[str, Any]) -> None:
        """The browser starts a call, which is answered when the application's document answers."""
        browsers_own = str(payload.get("callsid"))
        if not self._bearer:
            await self._error(31204, "there is no token", callsid=browsers_own)
            return
        params = dict(parse_qsl(str((payload.get("twilio") or {}).get("params", "")), keep_blank_values=True))
        try:
            call = callers.connect(self._line, self._bearer.identity, self._bearer.application_sid, params)
            self._gateway.sockets[call.sid] = self
            self._mixer.mark(call.sid)
            sdp = await self._mixer.browser(call.sid, str(payload["sdp"]))
        except BadScript as bad:
            await self._error(31002, str(bad), callsid=browsers_own)
            return
        except NoMixer as bad:
            self._line.hang_up(call)
            await self._error(31005, str(bad), callsid=browsers_own)
            return
        await self._say("ringing", callsid=call.sid)
        await call.settled.wait()
        if not call.ended:
            await self._say("answer", callsid=call.sid, sdp=sdp, reconnect=call.sid)
        await self._until_over(call)

    async def _until_over(self, call: Call) -> None:
        await call.over.wait()
        self._mixer.end(call.sid)
        socket = self._gateway.sockets.pop(call.sid, None)
        if socket:
            await socket._say("hangup", callsid=call.sid)

    async def _rejoin(self, sid: str) -> None:
        """The browser reconnects its signalling to a call whose sound continued."""
        call = self._line.calls.get(sid)
        if not call or call.ended:
            await self._say("hangup", callsid=sid)
            return
        self._gateway.sockets[sid] = self
        await self._say("answer", callsid=sid, reconnect=sid)

    async def _lost(self, sid: str) -> None:
        """The socket was lost: end the call after the browser's reconnect timeout."""
        await asyncio.sleep(self._reconnect_s)
        if self._gateway.sockets.get(sid) is self:
            self._end(sid)

    def _end(self, sid: str) -> None:
        call = self._line.calls.get(sid)
        if call and self._gateway.sockets.pop(sid, None):
            self._line.hang_up(call)
