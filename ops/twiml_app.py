"""The TwiML App at Twilio, which has our URLs for calls from agents' pages: created once, and kept up to date."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

_PATIENCE_S = 20
_NOT_THERE = 404


class Unmade(Exception):
    """Twilio did not create or change the app; the message has its response."""


@dataclass(frozen=True)
class Twilio:
    """One Twilio account: its API's URL, its SID, and an API key."""

    url: str
    account_sid: str
    api_key: str
    api_secret: str

    @classmethod
    def of(cls, url: str, secret: Mapping[str, Any]) -> "Twilio":
        return cls(url, secret["account_sid"], secret["api_key"], secret["api_secret"])

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        address = f"{self.url}/2010-04-01/Accounts/{self.account_sid}/{path}"
        return requests.request(method, address, auth=(self.api_key, self.api_secret), timeout=_PATIENCE_S, **more)


def wanted(name: str, public_url: str) -> dict[str, str]:
    """The settings that the app must have: the URLs for a page's call, and for its status callbacks."""
    return {
        "FriendlyName": name,
        "VoiceUrl": f"{public_url}/twilio/agent#rt=2500&rc=1&rp=5xx,ct",
        "VoiceMethod": "POST",
        "StatusCallback": f"{public_url}/twilio/leg#rc=5&rp=all",
        "StatusCallbackMethod": "POST",
    }


def ensure(twilio: Twilio, name: str, public_url: str, known: str) -> str:
    """Set up the *known* app, or one with the same name, or a new one; returns its SID."""
    about = wanted(name, public_url)
    for sid in filter(None, (known, _named(twilio, name))):
        changed = twilio.ask("POST", f"Applications/{sid}.json", data=about)
        if changed.status_code != _NOT_THERE:
            return _sid(changed)
    return _sid(twilio.ask("POST", "Applications.json", data=about))


def differs(twilio: Twilio, name: str, public_url: str, known: str) -> str:
    """What is wrong with the app at Twilio; "" if nothing is."""
    if not known:
        return "the secret names no app: make deploy creates it"
    answer = twilio.ask("GET", f"Applications/{known}.json")
    if answer.status_code != 200:
        return f"Twilio answered {answer.status_code}"
    named = {"voice_url": "VoiceUrl", "status_callback": "StatusCallback"}
    held, about = answer.json(), wanted(name, public_url)
    wrong = [theirs for theirs, ours in named.items() if held.get(theirs) != about[ours]]
    return f"its {' and '.join(wrong)} has another URL: make deploy sets it" if wrong else ""


def _named(twilio: Twilio, name: str) -> str:
    answer = twilio.ask("GET", "Applications.json", params={"FriendlyName": name})
    if answer.status_code != 200:
        raise Unmade(f"Twilio answered {answer.status_code} to a query for the TwiML App {name}")
    return next((str(app["sid"]) for app in answer.json()["applications"]), "")


def _sid(answer: requests.Response) -> str:
    if answer.status_code not in (200, 201):
        raise Unmade(f"Twilio answered {answer.status_code}, and the TwiML App was not set")
    return str(answer.json()["sid"])
