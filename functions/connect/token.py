"""Who a token speaks for: signature, algorithm, issuer, audience and expiry, by keys of exactly one kind."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Protocol

import jwt
from jwt import PyJWK, PyJWKClient

_KEYS_LIVE_S = 3600
_KEYS_OUTLIVE_S = 24 * 3600
_REFETCH_S = 10
_RETRY_S = 1  # after a failed try, while there is no key at all: nobody can come in meanwhile


class Refused(Exception):
    """The token opens no socket; the text is for the log, never for the stranger."""


class KeysUnavailable(Exception):
    """The issuer's keys cannot be had, so no token can be judged: the function fails, which rings an alarm."""


@dataclass(frozen=True)
class Identity:
    """The token's subject, when it ends (seconds since the epoch), and the groups its issuer puts the subject in."""

    subject: str
    expires_at: int
    groups: tuple[str, ...] = ()


class KeySource(Protocol):
    """Keys of one kind: the algorithms they are good for, and those of them that may have signed a token."""

    @property
    def algorithms(self) -> tuple[str, ...]: ...

    def keys_for(self, header: Mapping[str, Any]) -> Iterable[Any]: ...


class JwksKeys:
    """The issuer's keys, kept across invocations and fetched anew for an unknown key, but not at a stranger's pace.

    While the issuer cannot be reached, keys that it has given are good for a day.
    """

    algorithms = ("RS256", "ES256")

    def __init__(self, url: str) -> None:
        self._source = PyJWKClient(url, cache_jwk_set=False, timeout=5)
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = self._tried_at = float("-inf")

    def keys_for(self, header: Mapping[str, Any]) -> Iterator[PyJWK]:
        """The one key that the token names."""
        yield self.get(str(header.get("kid")))

    def get(self, key_id: str) -> PyJWK:
        """The key of that id; Refused if the issuer has none."""
        moment = time.monotonic()
        age = moment - self._fetched_at
        known = self._keys.get(key_id) if age < _KEYS_OUTLIVE_S else None
        if age > _KEYS_LIVE_S or (known is None and age > _REFETCH_S):
            known = self._refresh(key_id, known, moment)
        if known is None:
            raise Refused("unknown key")
        return known

    def _refresh(self, key_id: str, known: PyJWK | None, moment: float) -> PyJWK | None:
        """The key as the issuer has it now, or as *known* if it cannot be reached.

        After a try that failed it is left alone for a while, whatever key is asked for: a stranger can name any.
        """
        pause = _REFETCH_S if self._keys else _RETRY_S
        try:
            if self._tried_at > self._fetched_at and moment - self._tried_at < pause:
                raise KeysUnavailable("it could not be reached a moment ago")
            self._tried_at = moment
            self._fetch()
        except KeysUnavailable:
            if known:
                return known
            raise
        return self._keys.get(key_id)

    def _fetch(self) -> None:
        try:
            keys = self._source.get_signing_keys(refresh=True)
        except (jwt.PyJWTError, HTTPException, OSError, ValueError) as error:
            raise KeysUnavailable(type(error).__name__) from error
        self._keys = {key.key_id: key for key in keys if key.key_id}
        self._fetched_at = time.monotonic()


@dataclass(frozen=True)
class Verifier:
    """The one issuer and the clients whose tokens open a socket."""

    keys: KeySource
    issuer: str
    audiences: frozenset[str]

    def verify(self, token: str) -> Identity:
        """The bearer of a good token; Refused says what is wrong with any other, KeysNotHad that none can be judged."""
        try:
            claims = self._claims(token)
        except jwt.PyJWTError as error:
            raise Refused(type(error).__name__) from error
        if not self.audiences & _audiences(claims):
            raise Refused("audience")
        return Identity(str(claims["sub"]), int(claims["exp"]), _groups(claims))

    def _claims(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        if header.get("alg") not in self.keys.algorithms:
            raise Refused(f"algorithm {str(header.get('alg'))[:10]!r}")
        for key in self.keys.keys_for(header):
            try:
                return self._decoded(token, key)
            except jwt.InvalidSignatureError:
                continue
        raise jwt.InvalidSignatureError

    def _decoded(self, token: str, key: Any) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=list(self.keys.algorithms),
            issuer=self.issuer,
            options={"require": ["exp", "iss", "sub"], "verify_aud": False},
        )


def _audiences(claims: Mapping[str, Any]) -> set[str]:
    """The `aud` of a token; of an access token of Cognito's, which has none, its `client_id`.

    Cognito says in `token_use` what a token is for; what it says of any other than these two opens nothing.
    """
    use = claims.get("token_use")
    if use not in (None, "id", "access"):
        raise Refused("token_use")
    told = claims.get("client_id") if use == "access" and "aud" not in claims else claims.get("aud")
    return {str(one) for one in (told if isinstance(told, list) else [told])}


def _groups(claims: Mapping[str, Any]) -> tuple[str, ...]:
    told = claims.get("cognito:groups") or claims.get("groups") or []
    return tuple(str(group) for group in told) if isinstance(told, list) else (str(told),)
