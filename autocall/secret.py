"""Twilio's credentials: read once per environment, and again after a failure."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True)
class TwilioSecret:
    """The account, the API key that places calls, and the auth tokens that callbacks may be signed with."""

    account_sid: str
    api_key: str
    api_secret: str
    auth_tokens: tuple[str, ...]


class Secret:
    """The secret `autocall/twilio`."""

    def __init__(self, client: "SecretsManagerClient", name: str) -> None:
        self._client, self._name = client, name
        self._read: TwilioSecret | None = None

    def get(self) -> TwilioSecret:
        """The credentials; ValueError names a field that is missing from the secret."""
        if self._read is None:
            self._read = _parse(self._client.get_secret_value(SecretId=self._name)["SecretString"])
        return self._read

    def forget(self) -> None:
        """Read it again at the next use: it may have been rotated."""
        self._read = None


def _parse(text: str) -> TwilioSecret:
    fields = json.loads(text)
    for name in ("account_sid", "api_key", "api_secret", "auth_tokens"):
        if not fields.get(name):
            raise ValueError(f"the secret of Twilio's credentials has no {name}")
    return TwilioSecret(fields["account_sid"], fields["api_key"], fields["api_secret"], tuple(fields["auth_tokens"]))
