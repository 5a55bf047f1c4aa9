"""The agents of a stack on this machine, and their tokens."""

import base64
import json
from dataclasses import asdict, dataclass
from typing import Any

from autocall.leads import user_id

PASSWORD = "Calling-1-2-3"
_NAMES = {"ada@example.com": "admins", "grace@example.com": ""}


@dataclass(frozen=True)
class Person:
    """Somebody who can log in."""

    username: str
    password: str
    user_id: str

    def as_output(self) -> dict[str, str]:
        return asdict(self)


def create(cognito: Any, pool: str) -> list[Person]:
    """The two agents, the first of them an administrator; those that are there already stay as they are."""
    return [_create(cognito, pool, username, group) for username, group in _NAMES.items()]


def _create(cognito: Any, pool: str, username: str, group: str) -> Person:
    try:
        created = cognito.admin_create_user(
            UserPoolId=pool,
            Username=username,
            UserAttributes=[{"Name": "email", "Value": username}, {"Name": "email_verified", "Value": "true"}],
            MessageAction="SUPPRESS",
        )["User"]["Attributes"]
    except cognito.exceptions.UsernameExistsException:
        created = cognito.admin_get_user(UserPoolId=pool, Username=username)["UserAttributes"]
    cognito.admin_set_user_password(UserPoolId=pool, Username=username, Password=PASSWORD, Permanent=True)
    if group:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=username, GroupName=group)
    subject = next(attribute["Value"] for attribute in created if attribute["Name"] == "sub")
    return Person(username, PASSWORD, user_id(subject))


def token(cognito: Any, client_id: str, username: str, password: str) -> str:
    """An id token, as the page gets it."""
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )
    found: str = answer["AuthenticationResult"]["IdToken"]
    return found


def subject(id_token: str) -> str:
    """Whose token it is."""
    body = id_token.split(".")[1]
    claims: dict[str, str] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims["sub"]
