"""Status callbacks as Twilio sends them: signed, in a form of its own spelling, tried again as the address asks."""

import asyncio
import base64
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

_CAP_S = 15.0


def signature(url: str, form: Mapping[str, str], token: str) -> str:
    """Twilio's signature of a form: over HTTPS without the port, over HTTP with it, never over the fragment."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    netloc = host if parts.scheme == "https" or not parts.port else f"{host}:{parts.port}"
    signed = urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
    text = signed + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


async def send(session: ClientSession, url: str, form: Mapping[str, str], token: str) -> list[int]:
    """Send one callback, again while the address's fragment asks for it; the statuses answered, 0 for none."""
    wishes = dict(pair.split("=", 1) for pair in urlsplit(url).fragment.split("&") if "=" in pair)
    tries, policy = int(wishes.get("rc", 1)), wishes.get("rp", "ct").split(",")
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "User-Agent": "TwilioProxy/1.1",
        "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
        "X-Twilio-Signature": signature(url, form, token),
        "X-Home-Region": "us1",
        "Accept": "*/*",
    }
    data = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in form.items())
    answered: list[int] = []
    for pause in range(tries + 1):
        await asyncio.sleep(0.1 * pause)
        answered.append(await _post(session, url.split("#")[0], data, headers))
        if not _again(answered[-1], policy):
            break
    return answered


async def _post(session: ClientSession, url: str, data: str, headers: Mapping[str, str]) -> int:
    try:
        async with session.post(url, data=data, headers=headers, timeout=ClientTimeout(total=_CAP_S)) as answer:
            return answer.status
    except (ClientError, TimeoutError, OSError):
        return 0


def _again(status: int, policy: list[str]) -> bool:
    if status == 0:
        return bool({"ct", "rt", "all"} & set(policy))
    return (status >= 500 and bool({"5xx", "all"} & set(policy))) or (
        400 <= status < 500 and bool({"4xx", "all"} & set(policy))
    )
