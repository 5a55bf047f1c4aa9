"""Who a token speaks for: signature, algorithm, issuer, audience and expiry, by the issuer's published keys."""

import time
from dataclasses import dataclass

import jwt
from jwt import PyJWK, PyJWKClient

ALGORITHMS = ("RS256", "ES256")
_KEYS_LIVE_S = 3600
_REFETCH_S = 10


class Refused(Exception):
    """The token opens no socket; the text is for the log, never for the stranger."""


@dataclass(frozen=True)
class Bearer:
    """The token's subject, and when it ends (seconds since the epoch)."""

    subject: str
    expires_at: int


class Keys:
    """The issuer's keys, kept across invocations and fetched anew for an unknown key, but not at a stranger's pace."""

    def __init__(self, url: str) -> None:
        self._source = PyJWKClient(url, cache_jwk_set=False, timeout=5)
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = float("-inf")

    def get(self, key_id: str) -> PyJWK:
        """The key of that id; Refused if the issuer has none."""
        age = time.monotonic() - self._fetched_at
        if age > _KEYS_LIVE_S or (key_id not in self._keys and age > _REFETCH_S):
            self._fetch()
        if key_id not in self._keys:
            raise Refused("unknown key")
        return self._keys[key_id]

    def _fetch(self) -> None:
        try:
            keys = self._source.get_signing_keys(refresh=True)
        except jwt.PyJWTError as error:
            raise Refused(f"the issuer's keys cannot be had: {type(error).__name__}") from error
        self._keys = {key.key_id: key for key in keys if key.key_id}
        self._fetched_at = time.monotonic()


@dataclass(frozen=True)
class Verifier:
    """The one issuer and the clients whose tokens open a socket."""

    keys: Keys
    issuer: str
    audiences: frozenset[str]

    def verify(self, token: str) -> Bearer:
        """The bearer of a good token; Refused says what is wrong with any other."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise Refused(f"algorithm {str(header.get('alg'))[:10]!r}")
            key = self.keys.get(str(header.get("kid")))
            claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                issuer=self.issuer,
                options={"require": ["exp", "iss", "sub"], "verify_aud": False},
            )
        except jwt.PyJWTError as error:
            raise Refused(type(error).__name__) from error
        if not self.audiences & _audiences(claims):
            raise Refused("audience")
        return Bearer(str(claims["sub"]), int(claims["exp"]))


def _audiences(claims: dict[str, object]) -> set[str]:
    """The `aud` of an id token, or the `client_id` of a Cognito access token, which has no `aud`."""
    told = claims.get("aud", claims.get("client_id"))
    return {str(one) for one in (told if isinstance(told, list) else [told])}
