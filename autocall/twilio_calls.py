"""Twilio client: places a call with one POST, which is never retried; queries and ends calls."""

import logging
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from requests import exceptions as failed
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from autocall import reasons
from autocall.call_outcomes import (
    NOT_FOUND,
    NotSent,
    Outcome,
    Refused,
    TwilioCall,
    Unknown,
    Unreachable,
    classify_response,
    parse_object,
)
from autocall.secret import Secret, UnreadableSecret
from autocall.timing import now

logging.getLogger("twilio.http_client").setLevel(logging.WARNING)

_STALE_S = 30
_CALL_IS_OVER = 21220
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
_HANDSHAKE = {"WRONG_VERSION_NUMBER", "SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION", "HTTP_REQUEST"}


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
        return None if response is None else TwilioCall.parse(response)

    def to_number(self, phone: str) -> list[TwilioCall]:
        """All calls of the account to a number; raises Unreachable without a usable answer."""
        found: list[TwilioCall] = []
        path: str | None = "Calls.json"
        params: dict[str, Any] | None = {"To": phone, "PageSize": 1000}
        while path:
            page = self._ask("GET", path, params)
            if page is None or not isinstance(page.get("calls"), list):
                raise Unreachable("Twilio's answer is no list of calls")
            found += [TwilioCall.parse(call) for call in page["calls"]]
            path, params = page.get("next_page_uri"), None
        return found

    def cancel(self, sid: str) -> TwilioCall | None:
        """Cancel a call that only rings. Returns the call as Twilio answers it, None if it refuses or fails.

        The call's `status` counts, not that of HTTP: Twilio also answers a cancel of a call in progress with 200, and
        does not end it.
        """
        try:
            response = self._request("POST", f"Calls/{sid}.json", data={"Status": "canceled"})
            return TwilioCall.parse(parse_object(response.text) or {}) if response.status_code == 200 else None
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
        try:
            return self._change(sid, {"Status": "completed"}).status_code == 200
        except _FAILED:
            return False

    def say(self, sid: str, twiml: str) -> bool:
        """Replace the TwiML of a call in progress; False if it has ended, or Twilio gave no usable answer."""
        try:
            return self.redirect(sid, twiml)
        except Unreachable:
            return False

    def redirect(self, sid: str, twiml: str) -> bool:
        """As `say`, but False only if the call has ended; raises Unreachable without a usable answer."""
        try:
            response = self._change(sid, {"Twiml": twiml})
        except _FAILED as error:
            raise Unreachable(_error_kind(error)) from error
        if response.status_code == 200:
            return True
        if response.status_code in (401, 403):
            self._drop_client()
        if (parse_object(response.text) or {}).get("code") in (_CALL_IS_OVER, NOT_FOUND):
            return False
        raise Unreachable(f"Twilio answered {response.status_code}")

    def hold(self, room: str, sid: str, held: bool) -> bool:
        """Put a call in a conference on hold, with Twilio's music, or take it off; False if it is not there.

        Raises Unreachable without a usable answer.
        """
        found = self._ask("GET", "Conferences.json", {"FriendlyName": room, "Status": "in-progress"})
        rooms = found and found.get("conferences")
        if not rooms:
            return False
        path = f"Conferences/{rooms[0]['sid']}/Participants/{sid}.json"
        return self._ask("POST", path, data={"Hold": str(held).lower()}) is not None

    def _change(self, sid: str, about: dict[str, str]) -> Response:
        return self._request("POST", f"Calls/{sid}.json", data=about, timeout=self._question_s)

    def _ask(
        self, method: str, path: str, params: dict[str, Any] | None = None, data: dict[str, str] | None = None
    ) -> Any:
        try:
            response = self._request(method, path, params=params, data=data, timeout=self._question_s)
        except _FAILED as error:
            raise Unreachable(_error_kind(error)) from error
        if response.status_code in (401, 403):
            self._drop_client()
        answer = parse_object(response.text)
        if response.status_code == 404 and answer and answer.get("code") == NOT_FOUND:
            return None
        if response.status_code != 200:
            raise Unreachable(f"Twilio answered {response.status_code}")
        if answer is None:
            raise Unreachable("Twilio's answer cannot be read")
        return answer

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
