"""Keys that a back end of one's own signs its tokens with (HS256), for an installation that has no issuer of keys."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_SHORTEST = 32
_READ_AGAIN_S = 10


class SharedKeys:
    """The secret `{"keys": ["…", …]}`: several while they are rotated; read again when none fits, but not too often."""

    algorithms = ("HS256",)

    def __init__(self, client: "SecretsManagerClient", name: str) -> None:
        self._client, self._name = client, name
        self._keys: tuple[bytes, ...] = ()
        self._read_at = float("-inf")

    def candidates(self, _header: Mapping[str, Any]) -> Iterator[bytes]:
        """Every key that may have signed the token; those that were rotated in a moment ago come last."""
        yield from self._keys
        if time.monotonic() - self._read_at > _READ_AGAIN_S:
            self._keys = _parse(self._client.get_secret_value(SecretId=self._name)["SecretString"])
            self._read_at = time.monotonic()
            yield from self._keys


def _parse(text: str) -> tuple[bytes, ...]:
    keys = tuple(str(key).encode() for key in json.loads(text).get("keys", []))
    if not keys or min(map(len, keys)) < _SHORTEST:
        raise ValueError(f'the secret of the tokens\' keys is {{"keys": [...]}}, each of at least {_SHORTEST} bytes')
    return keys
