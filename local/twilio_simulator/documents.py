"""Fetches TwiML documents for a call."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientSession

from local.twilio_simulator import callbacks
from local.twilio_simulator.twiml import BadTwiml, parse
from local.twilio_simulator.verbs import Play, Verb

_XML = ("text/xml", "application/xml", "text/html")
_NOT_HAD, _NO_ADDRESS, _NO_TWIML = 11200, 11100, 12300


@dataclass(frozen=True)
class Source:
    """The source of a document: a URL, requested with *form*, or inline *text*."""

    url: str = ""
    method: str = "POST"
    text: str | None = None
    form: Mapping[str, str] = field(default_factory=dict)

    def beside(self, url: str, method: str, form: Mapping[str, str]) -> "Source":
        """The source of a URL that is relative to this one; the same URL if *url* is empty."""
        if not self.url and not urlsplit(url).scheme:
            raise BadTwiml(_NO_ADDRESS, f"{url!r} in a document without an address is no address")
        return Source(urljoin(self.url, url) if url else self.url, method, None, form)


async def read(
    session: ClientSession, source: Source, form: Mapping[str, str], token: str, patience: float
) -> list[Verb]:
    """The document's verbs; the request is repeated once after a 5xx. BadTwiml if there is no valid document."""
    if source.text is not None:
        return parse(source.text)
    fields = {**form, **source.form}
    answer = await callbacks.send(
        session,
        source.method,
        source.url,
        fields,
        token=token,
        event=str(uuid.uuid4()),
        reasons="ct,5xx",
        patience=patience,
    )
    if not 200 <= answer.status < 300:
        raise BadTwiml(_NOT_HAD, f"{_bare(source.url)} answered {answer.status}")
    if answer.content_type.startswith("audio/"):
        return [Play(source.url)]
    if answer.content_type not in _XML:
        raise BadTwiml(_NO_TWIML, f"{_bare(source.url)} is {answer.content_type}")
    return parse(answer.body)


def _bare(url: str) -> str:
    return url.partition("?")[0]
