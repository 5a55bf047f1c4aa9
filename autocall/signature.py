"""Checks Twilio's signature, which covers the configured URL and the request's form."""

import base64
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from autocall.secret import Secret

MOST_BYTES = 64 * 1024
FRAGMENTS = ("", "#rc=5&rp=all", "#rt=2500&rc=1&rp=5xx,ct")
"""The dialer appends the second to the URLs of callbacks, the third to those of documents."""

_MAY_BE_UNSIGNED = {"CallToken", "StirVerstat"}


class FormData:
    """The form of a request. Blank values and repeated names are kept, because the signature covers them."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def getall(self, name: str) -> list[str]:
        return self._values[name]

    def get(self, name: str) -> str:
        """The first value, "" if there is none."""
        return self._values.get(name, [""])[0]


def is_valid_signature(url: str, form: FormData, signature: str, tokens: Iterable[str]) -> bool:
    """Whether one of the account's auth tokens signed the request; during a rotation there are several.

    A URL that Twilio was given has a fragment that tells it how to retry. The request comes without it, and no document
    says whether the signature covers it: a signature with or without the fragment is accepted.
    """
    urls = [url + fragment for fragment in FRAGMENTS]
    return bool(signature) and any(_signed(each, form, signature, token) for token in tokens for each in urls)


def _signed(url: str, form: FormData, signature: str, token: str) -> bool:
    try:
        return bool(RequestValidator(token).validate(url, form, signature))
    except (TypeError, ValueError, IndexError):  # what the validator raises for malformed input
        return False


def read_form(event: Mapping[str, Any]) -> FormData | None:
    """The form in an API Gateway event; None if it is not a form, or too long to be Twilio's."""
    body = event.get("body") or ""
    if len(body) > MOST_BYTES:
        return None
    try:
        text = base64.b64decode(body, validate=True).decode() if event.get("isBase64Encoded") else body
        return FormData(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200))
    except ValueError:
        return None


def without(form: FormData, names: Collection[str]) -> FormData:
    return FormData((name, value) for name in form if name not in names for value in form.getall(name))


def is_twilios(url: str, event: Mapping[str, Any], form: FormData, secret: "Secret") -> bool:
    """Whether Twilio signed the event. Before it is refused, the secret is read again: its token may be new.

    Twilio adds two fields to the first request of an inbound call, and reports differ on whether it signs them. Nobody
    here reads them, so the form is accepted with them and without.
    """
    signature = event["headers"].get("x-twilio-signature", "")
    forms = [form, without(form, _MAY_BE_UNSIGNED)] if _MAY_BE_UNSIGNED & set(form) else [form]

    def fits() -> bool:
        return any(is_valid_signature(url, one, signature, secret.get().auth_tokens) for one in forms)

    return fits() or (secret.invalidate() and fits())
