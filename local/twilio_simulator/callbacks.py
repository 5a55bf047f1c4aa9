"""Sends callbacks: signed, encoded like Twilio's, and retried as the URL's fragment asks."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError
from yarl import URL

_CAP_MS = 15_000
_PAUSE_S = 0.1  # Twilio does not say how long it waits


@dataclass(frozen=True)
class Policy:
    """The retries in a URL's fragment, such as `#rc=5&rp=ct,rt,5xx`; by default one retry, of failed connections."""

    retries: int
    reasons: frozenset[str]
    connect_s: float
    total_s: float

    @classmethod
    def of(cls, url: str, reasons: str = "ct") -> "Policy":
        options = {name: values[-1] for name, values in parse_qs(urlsplit(url).fragment).items()}
        return cls(
            _number(options.get("rc"), 1, 0, 5),
            frozenset(options.get("rp", reasons).split(",")),
            _number(options.get("ct"), 5000, 100, 10_000) / 1000,
            min(_number(options.get("rt"), _CAP_MS, 100, _CAP_MS), _number(options.get("tt"), _CAP_MS, 100, _CAP_MS))
            / 1000,
        )

    def again(self, failed: str) -> bool:
        return failed != "" and ("all" in self.reasons or failed in self.reasons)


def _number(text: str | None, usual: int, least: int, most: int) -> int:
    return min(max(int(text), least), most) if text and text.isdecimal() else usual


def signature(url: str, form: Mapping[str, str], token: str) -> str:
    """Twilio's signature of a form: over HTTPS without the port, over HTTP with it, never over the fragment."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    netloc = host if parts.scheme == "https" or not parts.port else f"{host}:{parts.port}"
    signed = urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
    text = signed + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


@dataclass(frozen=True)
class Answer:
    """The last response, and the statuses of all tries; 0 for no response."""

    statuses: list[int]
    body: str = ""
    content_type: str = ""

    @property
    def status(self) -> int:
        return self.statuses[-1] if self.statuses else 0


async def send(
    session: ClientSession,
    method: str,
    url: str,
    form: Mapping[str, str],
    *,
    token: str,
    event: str,
    reasons: str = "ct",
    patience: float = 1,
) -> Answer:
    """Send one request, and retry it for the reasons in the URL's fragment, or by default for *reasons*.

    It waits *patience* times as long as the fragment says.
    """
    policy, address = Policy.of(url, reasons), url.partition("#")[0]
    spelled = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in form.items())
    signed, data = form, spelled
    if method == "GET":
        address += ("&" if urlsplit(address).query else "?") + spelled
        signed, data = {}, ""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "User-Agent": "TwilioProxy/1.1",
        "I-Twilio-Idempotency-Token": event,
        "X-Twilio-Signature": signature(address, signed, token),
        "X-Home-Region": "us1",
        "Accept": "*/*",
    }
    ends_at = time.monotonic() + policy.total_s * patience
    answered: list[int] = []
    last: list[str] = []
    for retry in range(policy.retries + 1):
        await asyncio.sleep(_PAUSE_S * retry)
        left_s = ends_at - time.monotonic()
        if left_s <= 0:
            break
        timeout = ClientTimeout(total=left_s, sock_connect=policy.connect_s * patience)
        status, failed, *last = await _once(session, method, address, data, headers, timeout)
        answered.append(status)
        if not policy.again(failed):
            break
    return Answer(answered, *last)


async def _once(
    session: ClientSession, method: str, address: str, data: str, headers: Mapping[str, str], timeout: ClientTimeout
) -> tuple[int, str, str, str]:
    """The status; the failure as a retry policy names it (ct, rt, 4xx, 5xx) or ""; the body and its type."""
    try:
        async with session.request(
            method, URL(address, encoded=True), data=data, headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
            failed = f"{answer.status // 100}xx" if answer.status >= 400 else ""
            return answer.status, failed, await answer.text(errors="replace"), answer.content_type
    except (ClientConnectorError, ConnectionTimeoutError):
        return 0, "ct", "", ""
    except (ClientError, TimeoutError):
        return 0, "rt", "", ""
