"""Options of a local stack, and its CDK context and secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdk.page_headers import FALLBACK, INBOUND_FALLBACK
from local.ports import address

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
API_KEY = "SK" + "0123456789abcdef" * 2
API_SECRET = "local-api-secret"
AUTH_TOKEN = "local-auth-token"
_CALL_FROM = "+12025550100"
_COMPANY = "Autocall, on one machine"
_CALL_MESSAGE = f"Hello. This is a call from {_COMPANY}. Call us back at {_CALL_FROM}."
_VOICEMAIL_MESSAGE = f"Hello. We have tried to reach you. {_CALL_MESSAGE} Goodbye."


@dataclass(frozen=True)
class StackOptions:
    """Changes to the context, and the parts of the stack to start."""

    context: Mapping[str, str] = field(default_factory=dict)
    emulator: Mapping[str, str] = field(default_factory=dict)
    simulator: tuple[str, ...] = ()
    page: bool = True
    samples: bool = True
    keep: bool = False


def context(options: StackOptions, ports: Mapping[str, int]) -> dict[str, str]:
    """The CDK context of the stack: the same stack as anywhere, with the addresses of this machine."""
    aws = address(ports["aws"])
    return {
        "target": "local",
        "lines": "3",
        "calls_per_second": "20",
        "calling_hours": "always",
        "function_timeout_s": "30",
        "connect_concurrency": "0",  # no limit: tests open many sockets at once, each with a cold start
        "call_from": _CALL_FROM,
        "call_message": _CALL_MESSAGE,
        "voicemail_message": _VOICEMAIL_MESSAGE,
        "company": _COMPANY,
        "callback_number": _CALL_FROM,
        "wrap_up_s": "3",
        "fallback_url": f"{address(ports['page'])}/{FALLBACK}",
        "inbound_fallback_url": f"{address(ports['page'])}/{INBOUND_FALLBACK}",
        "twilio_url": address(ports["twilio"]),
        "public_url": f"{aws}/_aws/execute-api/{{api}}",
        "jwks_url": f"{aws}/{{pool}}/.well-known/jwks.json",
        "allowed_origins": ",".join(f"http://{host}:{ports['page']}" for host in ("127.0.0.1", "localhost")),
        **options.context,
    }


def secret() -> dict[str, object]:
    """The content of the secret `autocall/twilio` on this machine."""
    return {
        "account_sid": ACCOUNT_SID,
        "api_key": API_KEY,
        "api_secret": API_SECRET,
        "auth_tokens": [AUTH_TOKEN],
    }
