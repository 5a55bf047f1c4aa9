"""An issuer of tokens on this machine: its keys, the JWKS that it serves, and the tokens that it signs."""

import base64
import json
import time
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER, CLIENT = "https://issuer.example.com", "page"


class Issuer:
    """Signs with one RSA and one EC key; `jwks` is what it publishes of them.

    They are made when they are used: every worker loads the modules that have an issuer, and one runs their tests.
    """

    @cached_property
    def rsa(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def ec(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    @property
    def jwks(self) -> dict[str, Any]:
        keys = {
            "rsa": RSAAlgorithm.to_jwk(self.rsa.public_key(), True),
            "ec": ECAlgorithm.to_jwk(self.ec.public_key(), True),
        }
        return {"keys": [key | {"kid": key_id, "use": "sig"} for key_id, key in keys.items()]}

    @property
    def public_pem(self) -> bytes:
        """The RSA key as anybody can have it."""
        return self.rsa.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def token(self, algorithm: str = "RS256", kid: str | None = None, **changes: Any) -> str:
        """A good id token, but for the claims that are changed; None removes one."""
        key, usual = (self.ec, "ec") if algorithm == "ES256" else (self.rsa, "rsa")
        return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": kid or usual})


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {"sub": "ada", "iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 600, "token_use": "id"}
    return {name: value for name, value in (good | changes).items() if value is not None}


def by_hand(header: dict[str, Any], told: Any, signature: bytes = b"") -> str:
    """A token that no library would make."""
    return ".".join(_text(part) for part in (json.dumps(header).encode(), json.dumps(told).encode(), signature))


def _text(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
