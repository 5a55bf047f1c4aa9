"""Twilio's secret: created before the first deployment, and rotated without losing a callback."""

import getpass
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from autocall.secret import Secret, UnreadableSecret
from ops.installation import OpsError, client

Ask = Callable[[str], str]


@dataclass(frozen=True)
class Field:
    """One credential from Twilio's console: its environment variable, its prompt, and its pattern."""

    name: str
    variable: str
    prompt: str
    pattern: str


ACCOUNT = (Field("account_sid", "TWILIO_ACCOUNT_SID", "Account SID (AC...)", "AC[0-9a-fA-F]{32}"),)
KEY = (
    Field("api_key", "TWILIO_API_KEY", "API key's SID (SK...)", "SK[0-9a-fA-F]{32}"),
    Field("api_secret", "TWILIO_API_SECRET", "API key's secret", r"\S{8,}"),
)
TOKEN = (Field("auth_token", "TWILIO_AUTH_TOKEN", "Account's auth token", r"\S{8,}"),)

CHECK_CALLBACKS = ("status_webhook", "voice")
ASK_TWILIO = ("dialer", "leads_api", "voice")


def ensure(name: str, say: Callable[[str], None], ask: Ask = getpass.getpass) -> None:
    """Create the secret if it does not exist, from the environment or by prompting."""
    if _read(name) is not None:
        held(name)
        return
    say(f"There is no secret {name} yet; its values are not shown or logged.")
    given: dict[str, Any] = _given(ACCOUNT + KEY + TOKEN, ask, os.environ)
    given["auth_tokens"] = [given.pop("auth_token")]
    client("secretsmanager").create_secret(
        Name=name, Description="Twilio's credentials of autocall", SecretString=json.dumps(given)
    )
    say(f"Made the secret {name}.")


def add_token(name: str, ask: Ask = getpass.getpass) -> int:
    """Accept callbacks with one more auth token; returns how many are accepted then."""
    secret, token = held(name), _rotated(TOKEN, ask)["auth_token"]
    if token in secret["auth_tokens"]:
        raise OpsError(f"This auth token, {_end(token)}, is already accepted; nothing was changed.")
    secret["auth_tokens"] = [token, *secret["auth_tokens"]]
    _write(name, secret)
    return len(secret["auth_tokens"])


def only_token(name: str, ask: Ask = getpass.getpass) -> str:
    """Accept callbacks with only one of the accepted auth tokens; returns its last characters."""
    secret, token = held(name), _rotated(TOKEN, ask)["auth_token"]
    if token not in secret["auth_tokens"]:
        accepted = " or ".join(map(_end, secret["auth_tokens"]))
        raise OpsError(
            f"This auth token, {_end(token)}, is not among the accepted ones ({accepted}); nothing was changed."
        )
    _write(name, secret | {"auth_tokens": [token]})
    return _end(token)


def replace_key(name: str, ask: Ask = getpass.getpass) -> None:
    """Place calls with another API key."""
    secret = held(name)
    _write(name, secret | _rotated(KEY, ask))


def set_app(name: str, app_sid: str) -> None:
    """Store the SID of the TwiML App for the pages' calls."""
    _write(name, held(name) | {"app_sid": app_sid})


def held(name: str) -> dict[str, Any]:
    """The current content of the secret; OpsError if there is none, or if the functions cannot read it."""
    text = _read(name)
    if text is None:
        raise OpsError(f"There is no secret {name}: make deploy asks for it.")
    try:
        Secret(client("secretsmanager"), name).get()
    except UnreadableSecret as wrong:
        raise OpsError(f"{name}: {wrong}; put it right in Secrets Manager.") from None
    secret: dict[str, Any] = json.loads(text)
    return secret


def _end(token: str) -> str:
    """The last characters of a token, to identify it without revealing it."""
    return f"...{token[-4:]}"


def _rotated(fields: Sequence[Field], ask: Ask) -> dict[str, str]:
    """Prompt; use environment variables only without a terminal, because a shell may still hold the old value."""
    return _given(fields, ask, {} if sys.stdin.isatty() else os.environ)


def _given(fields: Sequence[Field], ask: Ask, variables: Mapping[str, str]) -> dict[str, str]:
    """The values of these variables; prompts for the missing ones."""
    missing = [field.variable for field in fields if not variables.get(field.variable, "").strip()]
    if missing and not sys.stdin.isatty() and ask is getpass.getpass:
        raise OpsError(f"No terminal to ask: set {', '.join(missing)}.")
    return {
        field.name: _checked(field, variables.get(field.variable, "") or ask(f"{field.prompt}: ")) for field in fields
    }


def _checked(field: Field, value: str) -> str:
    if not re.fullmatch(field.pattern, value.strip()):
        raise OpsError(f"This is not a valid value for: {field.prompt}.")
    return value.strip()


def _write(name: str, secret: dict[str, Any]) -> None:
    client("secretsmanager").put_secret_value(SecretId=name, SecretString=json.dumps(secret))


def _read(name: str) -> str | None:
    try:
        text: str = client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    return text
