"""Twilio's credentials: read once per environment, and again after a failure."""

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


_RENEWED_AT_MOST_EVERY_S = 10


class UnreadableSecret(ValueError):
    """There are no credentials: the secret cannot be had, or is not what it must be; the text says what is wrong."""


@dataclass(frozen=True)
class TwilioSecret:
    """The account, the API key that places calls, and the auth tokens that callbacks may be signed with.

    *app_sid* is the TwiML App through which pages call; "" as long as `make deploy` has made none.
    """

    account_sid: str
    api_key: str
    api_secret: str
    auth_tokens: tuple[str, ...]
    app_sid: str = ""


class Secret:
    """The secret `autocall/twilio`."""

    def __init__(self, client: "SecretsManagerClient", name: str) -> None:
        self._client, self._name = client, name
        self._read: TwilioSecret | None = None
        self._read_at = 0.0

    def get(self) -> TwilioSecret:
        """The credentials; UnreadableSecret names a field that is missing from the secret."""
        if self._read is None:
            self._read = _parse(self._text())
            self._read_at = time.monotonic()
        return self._read

    def _text(self) -> str:
        try:
            return self._client.get_secret_value(SecretId=self._name)["SecretString"]
        except (ClientError, BotoCoreError) as error:
            raise UnreadableSecret(f"the secret of Twilio's credentials cannot be had: {error}") from error

    def renew(self) -> bool:
        """Read it again at the next use, for it may have been rotated; False if it was read a moment ago."""
        if time.monotonic() - self._read_at < _RENEWED_AT_MOST_EVERY_S:
            return False
        self._read = None
        return True


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
        raise UnreadableSecret("the auth_tokens of Twilio's credentials must be a list of texts")
    app_sid = str(fields.get("app_sid") or "")
    return TwilioSecret(fields["account_sid"], fields["api_key"], fields["api_secret"], tuple(tokens), app_sid)
