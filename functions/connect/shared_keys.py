"""HS256 keys that are shared with a back end which signs the tokens itself, in place of published keys."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from autocall.secret_text import SecretText

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_SHORTEST = 32


class SharedKeys:
    """The secret `{"keys": ["…", …]}`: several during a rotation. A key that was removed is soon not accepted."""

    algorithms = ("HS256",)

    def __init__(self, client: "SecretsManagerClient", name: str) -> None:
        self._text = SecretText(client, name, "the secret of the tokens' keys")

    def keys_for(self, _header: Mapping[str, Any]) -> Iterator[bytes]:
        """Every key that may have signed the token; keys that were added since the last read come last."""
        keys = self._keys()
        yield from keys
        if self._text.invalidate():
            yield from (key for key in self._keys() if key not in keys)

    def _keys(self) -> tuple[bytes, ...]:
        try:
            return _parse(self._text.get())
        except ValueError:
            self._text.forget()
            raise


def _parse(text: str) -> tuple[bytes, ...]:
    keys = tuple(str(key).encode() for key in json.loads(text).get("keys", []))
    if not keys or min(map(len, keys)) < _SHORTEST:
        raise ValueError(f'the secret with the token keys must be {{"keys": [...]}}, each of {_SHORTEST} bytes or more')
    return keys
