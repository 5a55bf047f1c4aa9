"""Whether a request is Twilio's: its signature over the address that was configured and the form that came."""

import base64
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from autocall.secret import Secret

MOST_BYTES = 64 * 1024
FRAGMENTS = ("", "#rc=5&rp=all", "#rt=2500&rc=1&rp=5xx,ct")  # as the dialer gives them to a callback and to an answer

_MAY_BE_UNSIGNED = {"CallToken", "StirVerstat"}


class FormData:
    """The form of a request, blank values and repeated names kept, as the signature covers them."""

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
    """Whether one of the account's auth tokens signed this; several are tried while they are rotated.

    No document says whether the fragment of the address that Twilio was given, by which it is told how to repeat a
    request, is signed: the request comes without it, and is taken with it and without.
    """
    urls = [url + fragment for fragment in FRAGMENTS]
    return bool(signature) and any(_signed(each, form, signature, token) for token in tokens for each in urls)


def _signed(url: str, form: FormData, signature: str, token: str) -> bool:
    try:
        return bool(RequestValidator(token).validate(url, form, signature))
    except (TypeError, ValueError, IndexError):  # what the validator raises for shapes it did not expect
        return False


def read_form(event: Mapping[str, Any]) -> FormData | None:
    """The form in an event of API Gateway; None if it is none, or too long to be Twilio's."""
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
    """Whether Twilio signed the event; a token that was rotated in is read before it is refused.

    Twilio adds two fields to the first request of an inbound call, and reports differ on whether it signs them. They
    are read by nobody here, so the form is taken with them and without.
    """
    signature = event["headers"].get("x-twilio-signature", "")
    forms = [form, without(form, _MAY_BE_UNSIGNED)] if _MAY_BE_UNSIGNED & set(form) else [form]

    def fits() -> bool:
        return any(is_valid_signature(url, one, signature, secret.get().auth_tokens) for one in forms)

    return fits() or (secret.invalidate() and fits())
