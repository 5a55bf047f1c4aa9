"""Broken responses, as a client gets them when Twilio or the network fails."""

import asyncio
from typing import Any

from aiohttp import web

from local.twilio_simulator import errors

FAULTS = ("500", "502", "503", "504", "307", "reset", "hang", "empty", "truncated", "html")
CALL_MADE = ("empty", "truncated", "html")
_HANG_S = 60
_CODES = {"500": 20500, "503": 20503}


async def answer(request: web.Request, happens: dict[str, Any], status: int) -> web.Response:
    """The broken response that the script asks for; *status* is the one that it would have had."""
    fault = str(happens["fault"])
    await asyncio.sleep(happens.get("delay_s", _HANG_S if fault == "hang" else 0))
    if fault in ("hang", "reset"):
        if request.transport:
            request.transport.abort()
        return web.Response()
    if fault == "empty":
        return web.Response(status=status)
    if fault == "truncated":
        return web.Response(status=status, text='{"sid": "CA', content_type="application/json")
    if fault == "html":
        return web.Response(status=status, text="<html>Welcome</html>", content_type="text/html")
    if fault in _CODES:
        return web.json_response(errors.body(_CODES[fault]), status=int(fault))
    headers = {"Location": "/elsewhere"} if fault == "307" else {}
    return web.Response(status=int(fault), text="<html>Bad gateway</html>", content_type="text/html", headers=headers)
