"""Twilio client: places a call with one POST, never retried, and classifies the result; queries and ends calls."""

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
    """No call was made. *scope*: `lead` (this number never), `permission` (not yet), `account` (no number at all).

    The scope of an `unlisted` code is not known: the next lead that is tried will show it.
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
    """A call may have been made: the machine never dials this lead again. *reason* is for pages, *detail* for logs."""

    reason: str
    detail: str


Outcome = Placed | Refused | Throttled | NotSent | Unknown


@dataclass(frozen=True)
class TwilioCall:
    """A call of Twilio's REST API, with its `status`; `created_at` is in seconds since the epoch."""

    sid: str
    status: str
    sender: str
    created_at: float | None
    duration_s: int | None


class Unreachable(Exception):
    """Twilio gave no usable answer to a query; the query may be repeated later."""


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
        """POST one call, once. *call* has Twilio's parameters (To, From, Twiml, StatusCallback, …)."""
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
        """The call as it is now, None if Twilio does not know it; raises Unreachable without a usable answer."""
        response = self._ask("GET", f"Calls/{sid}.json")
        return None if response is None else _call(response)

    def to_number(self, phone: str) -> list[TwilioCall]:
        """All calls of the account to a number; raises Unreachable without a usable answer."""
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
        """Cancel a call that only rings. Returns the call as Twilio answers it, None if it refuses or fails.

        The call's `status` counts, not that of HTTP: Twilio also answers a cancel of a call in progress with 200, and
        does not end it.
        """
        try:
            response = self._request("POST", f"Calls/{sid}.json", data={"Status": "canceled"})
            return _call(_object(response.text)) if response.status_code == 200 else None
        except (*_FAILED, Unreachable):
            return None

    def serves(self) -> bool:
        """Whether Twilio answers a query of this account: checked before a lead is risked to find that out."""
        try:
            return self._ask("GET", "Calls.json", {"PageSize": 1}) is not None
        except Unreachable:
            return False

    def hang_up(self, sid: str) -> bool:
        """End a call in any state; False if it had ended before, or Twilio gave no usable answer."""
        return self._change(sid, {"Status": "completed"})

    def say(self, sid: str, twiml: str) -> bool:
        """Replace the TwiML of a call in progress; False if it has ended, or Twilio gave no usable answer."""
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
        """The client, without sockets that may be stale after a freeze of this environment."""
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
    """Classify an answer to the POST: by its HTTP status first, then by Twilio's own code."""
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


def _code(value: Any) -> int | None:
    """Twilio's own error code, as a number or, if it should come so, in quotes."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    return value if type(value) is int else None


def _object(text: str) -> dict[str, Any] | None:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _call(payload: Any) -> TwilioCall:
    """Parse one call of an answer; raises Unreachable if it is not one."""
    try:
        created, duration = payload.get("date_created"), payload.get("duration")
        return TwilioCall(
            str(payload["sid"]),
            str(payload["status"]),
            str(payload.get("from")),
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
    """The exception and all that it wraps: requests and urllib3 keep the cause in different places."""
    seen: list[BaseException] = []
    todo: list[Any] = [error]
    while todo:
        link = todo.pop()
        if isinstance(link, BaseException) and link not in seen:
            seen.append(link)
            todo += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
    return iter(seen)


def _unknown_reason(error: BaseException) -> str:
    """Why a request that was sent has no answer."""
    links = list(_chain(error))
    if any(isinstance(link, failed.Timeout | TimeoutError) for link in links):
        return reasons.TIMEOUT
    broken = any(isinstance(link, _BROKEN) for link in links)
    return reasons.CONNECTION_LOST if broken else reasons.NO_CLEAR_ANSWER


def _error_kind(error: BaseException) -> str:
    """The type of the exception only: the texts of these exceptions hold URLs and phone numbers."""
    return type(error).__name__
