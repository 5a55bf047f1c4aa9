"""Verifies access tokens: a browser's identity and application, signed with one of the account's keys."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

_INVALID, _EXPIRED = 31204, 31205


class BadToken(Exception):
    """Invalid token, with Twilio's error code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Bearer(NamedTuple):
    identity: str
    application_sid: str
    lasts_s: int


def read(token: str, account: str, secrets: Mapping[str, str]) -> Bearer:
    """The content of a valid token; *secrets* are those of the account's keys."""
    try:
        signed, _, signature = token.rpartition(".")
        head, claims = (json.loads(_decoded(part)) for part in signed.split("."))
        secret = secrets.get(str(claims["iss"]), "")
        right = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
        genuine = bool(secret) and hmac.compare_digest(right, _decoded(signature))
        voice, identity = claims["grants"]["voice"], str(claims["grants"]["identity"])
        application = str(voice["outgoing"]["application_sid"])
        lasts_s, began = int(claims["exp"] - time.time()), claims.get("nbf", 0)
    except (ValueError, KeyError, TypeError) as error:
        raise BadToken(_INVALID, "the token cannot be read") from error
    if not genuine or claims.get("sub") != account or not _is_twilios(head) or began > time.time() or not identity:
        raise BadToken(_INVALID, "the token is not one of this account's")
    if lasts_s <= 0 or lasts_s > 24 * 3600:
        raise BadToken(_EXPIRED, "the token has expired, or lasts for more than a day")
    return Bearer(identity, application, lasts_s)


def _is_twilios(head: dict[str, Any]) -> bool:
    return head.get("alg") == "HS256" and str(head.get("cty", "")).startswith("twilio-fpa")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
