"""The text of one secret in Secrets Manager, cached for four minutes: a removed value soon stops working."""

import time
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_MAX_AGE_S = 240  # a value that was removed from the secret must stop working within five minutes
_PAUSE_S = 10  # at least, between two reads: forged requests, or an outage, must not cause a read each
_DOWN = {"InternalServiceError", "InternalServiceErrorException", "InternalFailure", "ServiceUnavailable"}
_DOWN |= {"ServiceUnavailableException", "ThrottlingException", "Throttling", "TooManyRequestsException"}
_DOWN |= {"RequestTimeout", "RequestTimeoutException", "LimitExceededException"}


class UnreadableSecret(ValueError):
    """The secret cannot be read, or its content is invalid; the message says what is wrong."""


class SecretText:
    """The text is kept across invocations; for longer than four minutes only while Secrets Manager is down."""

    def __init__(self, client: "SecretsManagerClient", name: str, what: str) -> None:
        self._client, self._name, self._what = client, name, what
        self._text: str | None = None
        self._read_at = self._tried_at = float("-inf")

    def get(self) -> str:
        """The text, at most four minutes old; raises UnreadableSecret if it cannot be read."""
        moment = time.monotonic()
        if self._text is not None and moment - self._read_at < _MAX_AGE_S:
            return self._text
        if self._text is not None and moment - self._tried_at < _PAUSE_S:
            return self._text
        return self._refresh(moment)

    def invalidate(self) -> bool:
        """Read the text again at the next use, because it may have changed; False if it was read a moment ago."""
        if time.monotonic() - max(self._read_at, self._tried_at) < _PAUSE_S:
            return False
        self._read_at = self._tried_at = float("-inf")
        return True

    def forget(self) -> None:
        """Drop a text whose content is invalid: the next use reads it again, because it may have been corrected."""
        self._text = None

    def _refresh(self, moment: float) -> str:
        self._tried_at = moment
        try:
            self._text = self._client.get_secret_value(SecretId=self._name)["SecretString"]
        except (ClientError, BotoCoreError) as error:
            if self._text is not None and _is_down(error):
                return self._text
            self._text = None
            raise UnreadableSecret(f"{self._what} cannot be read: {error}") from error
        self._read_at = moment
        return self._text


def _is_down(error: ClientError | BotoCoreError) -> bool:
    """True if Secrets Manager did not answer. What it says about the secret, such as *deleted*, counts at once."""
    return not isinstance(error, ClientError) or error.response["Error"]["Code"] in _DOWN
