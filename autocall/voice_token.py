"""The access token with which a page makes its agent's call at Twilio, and the agent's identity there.

It is the same JWT as that of Twilio's library. The library is not used, because importing it takes half a second.
"""

import base64
import hmac
import json
import re
from typing import Any

from autocall.secret import TwilioSecret

CLIENT = "client:"
_PLAIN = re.compile(r"[A-Za-z0-9]")
_ESCAPED = re.compile(r"_([0-9A-F]{2})")


def identity(user: str) -> str:
    """The agent's identity at Twilio. It has only letters, digits and underscores, which are safe everywhere."""
    return "".join(each if _PLAIN.fullmatch(each) else f"_{ord(each):02X}" for each in user)


def user_of(caller: str) -> str:
    """The user in the `From` of a call, `client:…`, which Twilio takes from the token; "" if no page made the call."""
    if not caller.startswith(CLIENT):
        return ""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), caller.removeprefix(CLIENT))


def mint(secret: TwilioSecret, user: str, now: float, lasts_s: int) -> str:
    """A token for this agent, for a day at most, as Twilio demands. A call also needs an open session."""
    moment = int(now)
    header = {"typ": "JWT", "alg": "HS256", "cty": "twilio-fpa;v=1"}
    voice = {"incoming": {"allow": False}, "outgoing": {"application_sid": secret.app_sid}}
    claims = {
        "jti": f"{secret.api_key}-{moment}",
        "iss": secret.api_key,
        "sub": secret.account_sid,
        "nbf": moment - 60,  # our clock may be ahead of Twilio's
        "exp": moment + lasts_s,
        "grants": {"identity": identity(user), "voice": voice},
    }
    signed = f"{_encoded(header)}.{_encoded(claims)}"
    signature = hmac.digest(secret.api_secret.encode(), signed.encode(), "sha256")
    return f"{signed}.{_base64(signature)}"


def _encoded(part: Any) -> str:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
