"""Checks a live installation from outside: it answers, and refuses what it must refuse."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import requests
from twilio.request_validator import RequestValidator
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.sync.client import connect

from ops import caller_ids, phone_number, secret, twiml_app
from ops.installation import Installation, OpsError

_PATIENCE_S = 20
_REFUSED = (401, 403)


@dataclass(frozen=True)
class Check:
    """The name of a check, and what is wrong; "" if it passed."""

    what: str
    wrong: str


def checks(installation: Installation) -> Iterator[Check]:
    """Run all checks; none of them changes anything."""
    page = _OF_THE_PAGE if "PageUrl" in installation.outputs else {}
    line = _OF_THE_LINE if installation.outputs.get("Audio") == "agent" else {}
    number = _OF_THE_NUMBER if "CallFrom" in installation.outputs else {}
    for what, check in (_CHECKS | page | line | number).items():
        try:
            yield Check(what, check(installation))
        except (requests.RequestException, OSError, ValueError, InvalidHandshake) as error:
            yield Check(what, f"no answer ({type(error).__name__})")
        except OpsError as error:
            yield Check(what, str(error))


def _handshake(query: str) -> Callable[[Installation], str]:
    """A handshake that must be refused; any other failure means that the authorizer does not work."""

    def check(installation: Installation) -> str:
        try:
            with connect(installation["WebsocketUrl"] + query, open_timeout=_PATIENCE_S):
                return "the socket opened"
        except InvalidStatus as refused:
            status = refused.response.status_code
            return "" if status in _REFUSED else f"answered {status}"

    return check


def _api_without_token(installation: Installation) -> str:
    status = requests.get(f"{installation['HttpUrl']}/api/leads", timeout=_PATIENCE_S).status_code
    return "" if status in _REFUSED else f"answered {status}"


def _callback(*, signed: bool) -> Callable[[Installation], str]:
    """A callback for a call that does not exist: if it is signed, it is accepted and ignored."""

    def check(installation: Installation) -> str:
        nobody = uuid.uuid4().hex
        address = f"{installation['PublicUrl']}/twilio/status/{nobody}/{nobody}?attempt={nobody}"
        form = {"CallSid": f"CA{nobody}", "CallStatus": "ringing"}
        token = secret.held(installation["TwilioSecret"])["auth_tokens"][0] if signed else "somebody else's"
        headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(address, form)}
        status = requests.post(address, data=form, headers=headers, timeout=_PATIENCE_S).status_code
        return "" if status == (204 if signed else 403) else f"answered {status}"

    return check


def _app(installation: Installation) -> str:
    """Check that the TwiML App exists at Twilio, and has this installation's URLs."""
    held = secret.held(installation["TwilioSecret"])
    twilio = twiml_app.Twilio.of(installation["TwilioUrl"], held)
    return twiml_app.differs(twilio, installation.name, installation["PublicUrl"], held.get("app_sid", ""))


def _number(installation: Installation) -> str:
    """Check that the account owns each number, and that whoever calls it reaches this installation."""
    twilio = twiml_app.Twilio.of(installation["TwilioUrl"], secret.held(installation["TwilioSecret"]))
    numbers = caller_ids.of(installation).numbers
    wrong = (phone_number.differs(twilio, number, installation["PublicUrl"]) for number in numbers)
    return "; ".join(filter(None, wrong))


def _page(installation: Installation) -> str:
    answer = requests.get(installation["PageUrl"], timeout=_PATIENCE_S)
    if answer.status_code != 200 or "<html" not in answer.text:
        return f"answered {answer.status_code}, {len(answer.text)} characters"
    return "" if "content-security-policy" in answer.headers else "it comes without a Content-Security-Policy"


def _config(installation: Installation) -> str:
    answer = requests.get(f"{installation['PageUrl']}config.json", timeout=_PATIENCE_S)
    config = json.loads(answer.text)
    if config.get("websocket_url") != installation["WebsocketUrl"]:
        return "it names another socket"
    cached = answer.headers.get("cache-control", "")
    return "" if "no-cache" in cached or "no-store" in cached else "it may be cached"


_CHECKS: dict[str, Callable[[Installation], str]] = {
    "a handshake without a token is refused": _handshake(""),
    "a handshake with a bad token is refused": _handshake("?token=bad"),
    "the API refuses a request without a token": _api_without_token,
    "a callback that Twilio did not sign is refused": _callback(signed=False),
    "a callback with Twilio's signature is accepted": _callback(signed=True),
}
_OF_THE_PAGE: dict[str, Callable[[Installation], str]] = {
    "the page is served, with its security headers": _page,
    "config.json names this installation and is never cached": _config,
}
_OF_THE_NUMBER: dict[str, Callable[[Installation], str]] = {
    "the numbers of call_from are ours, and who calls them back reaches this installation": _number,
}
_OF_THE_LINE: dict[str, Callable[[Installation], str]] = {
    "the agents' pages reach this installation through their TwiML App": _app,
}
