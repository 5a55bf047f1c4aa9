"""Twilio's credentials: cached per execution environment, read again after some minutes and after a failure."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autocall.secret_text import SecretText, UnreadableSecret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

__all__ = ["Secret", "TwilioSecret", "UnreadableSecret"]


@dataclass(frozen=True)
class TwilioSecret:
    """The account, the API key that places calls, and the auth tokens that may sign callbacks.

    *app_sid* is the TwiML App of the agents' browser calls; "" until `make deploy` has made one.
    """

    account_sid: str
    api_key: str
    api_secret: str
    auth_tokens: tuple[str, ...]
    app_sid: str = ""


class Secret:
    """The secret `autocall/twilio`."""

    def __init__(self, client: "SecretsManagerClient", name: str) -> None:
        self._text = SecretText(client, name, "the secret of Twilio's credentials")
        self._parsed: tuple[str, TwilioSecret] | None = None

    def get(self) -> TwilioSecret:
        """The credentials; UnreadableSecret names a field that is missing from the secret."""
        text = self._text.get()
        if self._parsed is None or self._parsed[0] != text:
            self._parsed = (text, self._parse(text))
        return self._parsed[1]

    def _parse(self, text: str) -> TwilioSecret:
        try:
            return _parse(text)
        except UnreadableSecret:
            self._text.forget()
            raise

    def invalidate(self) -> bool:
        """Read the secret again at the next use, because it may have changed; False if it was read a moment ago."""
        return self._text.invalidate()


def _parse(text: str) -> TwilioSecret:
    try:
        fields = json.loads(text)
    except ValueError:
        raise UnreadableSecret("the secret of Twilio's credentials is not JSON") from None
    if not isinstance(fields, dict):
        raise UnreadableSecret("the secret of Twilio's credentials is not an object")
    for name in ("account_sid", "api_key", "api_secret", "auth_tokens"):
        if not fields.get(name):
            raise UnreadableSecret(f"the secret of Twilio's credentials has no {name}")
    tokens = fields["auth_tokens"]
    if not isinstance(tokens, list) or not all(isinstance(token, str) and token for token in tokens):
        raise UnreadableSecret("the auth_tokens of Twilio's credentials must be a list of strings")
    app_sid = str(fields.get("app_sid") or "")
    return TwilioSecret(fields["account_sid"], fields["api_key"], fields["api_secret"], tuple(tokens), app_sid)
