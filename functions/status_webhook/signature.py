"""Whether a callback is Twilio's: its signature over the address that was configured and the form that came."""

from collections.abc import Iterable, Iterator

from twilio.request_validator import RequestValidator

FRAGMENT = "#rc=5&rp=all"  # as the dialer gives it


class Form:
    """The form of a callback, blank values and repeated names kept, as the signature covers them."""

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


def genuine(url: str, form: Form, signature: str, tokens: Iterable[str]) -> bool:
    """Whether one of the account's auth tokens signed this; several are tried while they are rotated.

    No document says whether the fragment of the address that Twilio was given, by which it is told how to repeat a
    callback, is signed: the callback comes without it, and is taken with it and without.
    """
    urls = (url, url + FRAGMENT)
    return bool(signature) and any(_signed(each, form, signature, token) for token in tokens for each in urls)


def _signed(url: str, form: Form, signature: str, token: str) -> bool:
    try:
        return bool(RequestValidator(token).validate(url, form, signature))
    except (TypeError, ValueError, IndexError):  # what the validator raises for shapes it did not expect
        return False
