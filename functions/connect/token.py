"""Verifies a token's signature, algorithm, issuer, audience and expiry, with keys of exactly one kind."""

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
_RETRY_S = 1  # after a failed fetch, while there is no key at all and so nobody can log in


class Refused(Exception):
    """Invalid token. The message is logged, and never returned to the client."""


class KeysUnavailable(Exception):
    """The issuer's keys cannot be fetched, so no token can be verified. The function fails, which raises an alarm."""


@dataclass(frozen=True)
class Identity:
    """The token's subject, its expiry (seconds since the epoch), and the groups of the subject."""

    subject: str
    expires_at: int
    groups: tuple[str, ...] = ()


class KeySource(Protocol):
    """Keys of one kind: the algorithms they are used with, and the keys that may have signed a given token."""

    @property
    def algorithms(self) -> tuple[str, ...]: ...

    def keys_for(self, header: Mapping[str, Any]) -> Iterable[Any]: ...


class JwksKeys:
    """The issuer's keys, cached across invocations.

    An unknown key id fetches them again, at most every ten seconds: anybody can name an unknown key. While the issuer
    cannot be reached, cached keys stay valid for a day.
    """

    algorithms = ("RS256", "ES256")

    def __init__(self, url: str) -> None:
        self._source = PyJWKClient(url, cache_jwk_set=False, timeout=5)
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = self._tried_at = float("-inf")

    def keys_for(self, header: Mapping[str, Any]) -> Iterator[PyJWK]:
        """The key that the token names."""
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
        """The issuer's current key, or *known* if the issuer cannot be reached.

        After a failed fetch there is a pause, whatever key is asked for: anybody can name an unknown key.
        """
        pause = _REFETCH_S if self._keys else _RETRY_S
        try:
            if self._tried_at > self._fetched_at and moment - self._tried_at < pause:
                raise KeysUnavailable("the issuer could not be reached a moment ago")
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
    """Accepts tokens of one issuer for the given audiences."""

    keys: KeySource
    issuer: str
    audiences: frozenset[str]

    def verify(self, token: str) -> Identity:
        """The identity in a valid token. Raises Refused for an invalid one, KeysUnavailable if it cannot be checked."""
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
    """The token's `aud`; for Cognito's access tokens, which have none, the `client_id`.

    Cognito states the kind of token in `token_use`; any kind other than id and access is refused.
    """
    use = claims.get("token_use")
    if use not in (None, "id", "access"):
        raise Refused("token_use")
    audiences = claims.get("client_id") if use == "access" and "aud" not in claims else claims.get("aud")
    return {str(audience) for audience in (audiences if isinstance(audiences, list) else [audiences])}


def _groups(claims: Mapping[str, Any]) -> tuple[str, ...]:
    groups = claims.get("cognito:groups") or claims.get("groups") or []
    return tuple(str(group) for group in groups) if isinstance(groups, list) else (str(groups),)
