"""The text of one secret in Secrets Manager, read again by age: what is taken out of it stops working soon."""

import time
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_LIVES_S = 240  # of the five minutes within which what was taken out of a secret must have stopped working
_PAUSE_S = 10  # between reads that a stranger, or a Secrets Manager that is down, could make us repeat
_DOWN = {"InternalServiceError", "InternalServiceErrorException", "InternalFailure", "ServiceUnavailable"}
_DOWN |= {"ServiceUnavailableException", "ThrottlingException", "Throttling", "TooManyRequestsException"}
_DOWN |= {"RequestTimeout", "RequestTimeoutException", "LimitExceededException"}


class UnreadableSecret(ValueError):
    """The secret cannot be had, or is not what it must be; the text says what is wrong."""


class SecretText:
    """Kept across invocations. Only while Secrets Manager is down it is kept for longer than its age allows."""

    def __init__(self, client: "SecretsManagerClient", name: str, what: str) -> None:
        self._client, self._name, self._what = client, name, what
        self._text: str | None = None
        self._read_at = self._tried_at = float("-inf")

    def get(self) -> str:
        """The text, not older than four minutes; UnreadableSecret if there is none."""
        moment = time.monotonic()
        if self._text is not None and moment - self._read_at < _LIVES_S:
            return self._text
        if self._text is not None and moment - self._tried_at < _PAUSE_S:
            return self._text
        return self._refresh(moment)

    def invalidate(self) -> bool:
        """Read it again at the next use, for it may have been changed; False if that was done a moment ago."""
        if time.monotonic() - max(self._read_at, self._tried_at) < _PAUSE_S:
            return False
        self._read_at = self._tried_at = float("-inf")
        return True

    def forget(self) -> None:
        """It is not what it must be: the next use reads it again, for it may have been put right."""
        self._text = None

    def _refresh(self, moment: float) -> str:
        self._tried_at = moment
        try:
            self._text = self._client.get_secret_value(SecretId=self._name)["SecretString"]
        except (ClientError, BotoCoreError) as error:
            if self._text is not None and _is_down(error):
                return self._text
            self._text = None
            raise UnreadableSecret(f"{self._what} cannot be had: {error}") from error
        self._read_at = moment
        return self._text


def _is_down(error: ClientError | BotoCoreError) -> bool:
    """Whether Secrets Manager did not answer; what it says of the secret, such as *deleted*, counts at once."""
    return not isinstance(error, ClientError) or error.response["Error"]["Code"] in _DOWN
