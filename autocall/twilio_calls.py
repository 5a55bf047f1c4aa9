"""Calls at Twilio: one POST that is never repeated and says honestly what became of it, and asking about calls."""

import json
import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from requests import exceptions as failed
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from autocall import reasons
from autocall.secret import Secret, UnreadableSecret
from autocall.timing import now
from autocall.twilio_errors import ACCOUNT_CODES, LEAD_CODES, NOT_FOUND, PERMISSION_CODES, THROTTLE_CODES

logging.getLogger("twilio.http_client").setLevel(logging.WARNING)

_STALE_S = 30
_NO_ENVIRONMENT = {"_": ""}  # an empty one counts as absent, and TWILIO_REGION would then rewrite the address
_CONNECT_S = 3.05
_FAILED = (failed.RequestException, TwilioException, OSError, UnreadableSecret)
_NEVER_SENT = (
    NewConnectionError,
    NameResolutionError,
    ConnectTimeoutError,
    ssl.SSLCertVerificationError,
    UnreadableSecret,
)
_BROKEN = (failed.ConnectionError, failed.ChunkedEncodingError, ConnectionError)
_DIGITS = re.compile(r"[0-9]{5}")
_HANDSHAKE = {"WRONG_VERSION_NUMBER", "SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION", "HTTP_REQUEST"}


RefusalScope = Literal["lead", "permission", "account", "unlisted"]


@dataclass(frozen=True)
class Placed:
    """Twilio has the call."""

    sid: str


@dataclass(frozen=True)
class Refused:
    """No call was made. *concerns*: `lead` (this number never), `permission` (not yet), `account` (no number).

    Of an `unlisted` code it is not known whom it concerns: the next lead that is tried will show it.
    """

    scope: RefusalScope
    code: int
    reason: str


@dataclass(frozen=True)
class Throttled:
    """No call was made; later it may be. *detail* is for the log."""

    detail: str


@dataclass(frozen=True)
class NotSent:
    """No byte of the request left: no call was made. *detail* is for the log."""

    detail: str


@dataclass(frozen=True)
class Unknown:
    """A call may have been made: never dialled again by the machine. *reason* is for the page, *detail* for the log."""

    reason: str
    detail: str


Outcome = Placed | Refused | Throttled | NotSent | Unknown


@dataclass(frozen=True)
class TwilioCall:
    """A call as Twilio tells it; `status` is of Twilio's REST vocabulary, `created_at` in seconds since the epoch."""

    sid: str
    status: str
    sender: str
    created_at: float | None
    duration_s: int | None


class Unreachable(Exception):
    """Twilio gave no usable answer to a question; asking again later is harmless."""


class TwilioCalls:
    """The account's calls, over the official client's generic request."""

    def __init__(self, secret: Secret, base_url: str, timeout_s: float) -> None:
        self._secret, self._base_url = secret, base_url.rstrip("/")
        self._client: Client | None = None
        self._http = TwilioHttpClient(max_retries=0)
        connect_and_read: Any = (min(_CONNECT_S, timeout_s), timeout_s)
        self._http.timeout = connect_and_read
        self._question_s = timeout_s / 2  # it may be asked again, and must leave time for a call
        self._used_at = 0.0

    def place(self, call: Mapping[str, Any]) -> Outcome:
        """POST one call, once. *call* holds Twilio's parameters (To, From, Twiml, StatusCallback, …)."""
        try:
            response = self._request("POST", "Calls.json", data=dict(call))
        except _FAILED as error:
            return (
                NotSent(_error_kind(error))
                if _never_sent(error)
                else Unknown(_unknown_reason(error), _error_kind(error))
            )
        outcome = classify_response(response.status_code, response.text)
        if isinstance(outcome, Refused) and response.status_code in (401, 403):
            self._drop_client()
        return outcome

    def fetch(self, sid: str) -> TwilioCall | None:
        """The call as Twilio has it now, None if it does not know it; Unreachable if it cannot say."""
        response = self._ask("GET", f"Calls/{sid}.json")
        return None if response is None else _call(response)

    def to_number(self, phone: str) -> list[TwilioCall]:
        """All calls to a number, whenever and by whoever; Unreachable if Twilio cannot say."""
        found: list[TwilioCall] = []
        path: str | None = "Calls.json"
        params: dict[str, Any] | None = {"To": phone, "PageSize": 1000}
        while path:
            page = self._ask("GET", path, params)
            if page is None or not isinstance(page.get("calls"), list):
                raise Unreachable("Twilio's answer is no list of calls")
            found += [_call(call) for call in page["calls"]]
            path, params = page.get("next_page_uri"), None
        return found

    def cancel(self, sid: str) -> TwilioCall | None:
        """End a call that only rings; the call as Twilio answers it, None if it refuses or cannot say.

        The answer's `status` counts, not that of HTTP: to cancel a call in progress is answered too, and ends nothing.
        """
        try:
            response = self._request("POST", f"Calls/{sid}.json", data={"Status": "canceled"})
            return _call(_object(response.text)) if response.status_code == 200 else None
        except (*_FAILED, Unreachable):
            return None

    def serves(self) -> bool:
        """Whether Twilio answers questions of this account: asked before a lead is risked to find that out."""
        try:
            return self._ask("GET", "Calls.json", {"PageSize": 1}) is not None
        except Unreachable:
            return False

    def hang_up(self, sid: str) -> bool:
        """End a call, however far it is; False if it had ended before or Twilio cannot say."""
        return self._change(sid, {"Status": "completed"})

    def say(self, sid: str, twiml: str) -> bool:
        """Let a call that is going on hear another document from now on; False if it has ended or Twilio cannot say."""
        return self._change(sid, {"Twiml": twiml})

    def _change(self, sid: str, about: dict[str, str]) -> bool:
        try:
            return self._request("POST", f"Calls/{sid}.json", data=about, timeout=self._question_s).status_code == 200
        except _FAILED:
            return False

    def _ask(self, method: str, path: str, params: dict[str, Any] | None = None) -> Any:
        try:
            response = self._request(method, path, params=params, timeout=self._question_s)
        except _FAILED as error:
            raise Unreachable(_error_kind(error)) from error
        if response.status_code in (401, 403):
            self._drop_client()
        read = _object(response.text)
        if response.status_code == 404 and read and read.get("code") == NOT_FOUND:
            return None
        if response.status_code != 200:
            raise Unreachable(f"Twilio answered {response.status_code}")
        if read is None:
            raise Unreachable("Twilio's answer cannot be read")
        return read

    def _request(self, method: str, path: str, **kwargs: Any) -> Response:
        client = self._fresh_client()
        account = f"{self._base_url}/2010-04-01/Accounts/{client.account_sid}/"
        url = f"{self._base_url}{path}" if path.startswith("/") else account + path
        response = client.request(method, url, **kwargs)
        self._used_at = now()
        return response

    def _fresh_client(self) -> Client:
        """The client, without sockets that may have slept through a freeze of this environment."""
        if self._client is None:
            secret = self._secret.get()
            self._client = Client(
                secret.api_key,
                secret.api_secret,
                secret.account_sid,
                http_client=self._http,
                environment=_NO_ENVIRONMENT,
            )
        if now() - self._used_at > _STALE_S and self._http.session:
            self._http.session.close()
        return self._client

    def _drop_client(self) -> None:
        if self._secret.invalidate():
            self._client = None


def classify_response(status: int, text: str) -> Outcome:
    """What an answer to the POST means: by its HTTP status first, then by Twilio's own code."""
    body = _object(text) or {}
    if 200 <= status < 300:
        sid = str(body.get("sid") or "")
        if sid.startswith("CA") and len(sid) == 34:
            return Placed(sid)
        return Unknown(reasons.NO_CLEAR_ANSWER, f"{status} without a call's SID")
    code = _code(body.get("code"))
    if status == 429 or (code in THROTTLE_CODES and 400 <= status < 500):
        return Throttled(f"Twilio asks for patience ({code or status})")
    if not 400 <= status < 500 or code is None:
        return Unknown(reasons.NO_CLEAR_ANSWER, f"Twilio answered {status}")
    return Refused(_concerns(code), code, reasons.refused(code))


def _concerns(code: int) -> RefusalScope:
    if code in LEAD_CODES:
        return "lead"
    if code in PERMISSION_CODES:
        return "permission"
    return "account" if code in ACCOUNT_CODES else "unlisted"


def _code(told: Any) -> int | None:
    """Twilio's own code, which it writes as a number; one in quotes is read too."""
    if isinstance(told, str) and _DIGITS.fullmatch(told):
        return int(told)
    return told if type(told) is int else None


def _object(text: str) -> dict[str, Any] | None:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _call(told: Any) -> TwilioCall:
    """One call of Twilio's answer; Unreachable if it cannot be read."""
    try:
        created, duration = told.get("date_created"), told.get("duration")
        return TwilioCall(
            str(told["sid"]),
            str(told["status"]),
            str(told.get("from")),
            parsedate_to_datetime(created).timestamp() if created else None,
            int(duration) if duration else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unreachable("Twilio's answer cannot be read") from error


def _never_sent(error: BaseException) -> bool:
    return any(isinstance(link, _NEVER_SENT) or _in_handshake(link) for link in _chain(error))


def _in_handshake(error: BaseException) -> bool:
    return isinstance(error, ssl.SSLError) and error.reason in _HANDSHAKE


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception with all that it wraps: requests and urllib3 keep the cause in different places."""
    seen: list[BaseException] = []
    todo: list[Any] = [error]
    while todo:
        link = todo.pop()
        if isinstance(link, BaseException) and link not in seen:
            seen.append(link)
            todo += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
    return iter(seen)


def _unknown_reason(error: BaseException) -> str:
    """How a request that was sent came to have no answer."""
    links = list(_chain(error))
    if any(isinstance(link, failed.Timeout | TimeoutError) for link in links):
        return reasons.TIMEOUT
    broken = any(isinstance(link, _BROKEN) for link in links)
    return reasons.CONNECTION_LOST if broken else reasons.NO_CLEAR_ANSWER


def _error_kind(error: BaseException) -> str:
    """The kind of failure only: the texts of these exceptions hold addresses and numbers."""
    return type(error).__name__
