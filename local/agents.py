"""The agents of a stack on this machine, and their tokens."""

from dataclasses import asdict, dataclass
from typing import Any

from autocall.leads import user_id
from cdk.settings import ADMINS
from local.emulator import client

PASSWORD = "Calling-1-2-3"
_NAMES = {"ada@example.com": ADMINS, "grace@example.com": ""}


class UnknownAgent(Exception):
    """The stack has no agent with that name."""


@dataclass(frozen=True)
class LocalAgent:
    """An agent who can log in."""

    username: str
    password: str
    user_id: str

    def as_output(self) -> dict[str, str]:
        return asdict(self)


def create(cognito: Any, pool: str) -> list[LocalAgent]:
    """Create the two agents, the first one as an administrator; existing ones are kept."""
    return [_create(cognito, pool, username, group) for username, group in _NAMES.items()]


def _create(cognito: Any, pool: str, username: str, group: str) -> LocalAgent:
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
    return LocalAgent(username, PASSWORD, user_id(subject))


def token_of(outputs: dict[str, Any], username: str = "") -> str:
    """An id token of an agent of a running stack, by default of the first one."""
    known = {user["username"]: user["password"] for user in outputs["users"]}
    username = username or next(iter(known))
    if username not in known:
        raise UnknownAgent(f"{username} is not an agent of this stack; there are {', '.join(known)}")
    port = int(outputs["aws_endpoint"].rpartition(":")[2])
    answer = client("cognito-idp", port).initiate_auth(
        ClientId=outputs["cognito_client_id"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": known[username]},
    )
    found: str = answer["AuthenticationResult"]["IdToken"]
    return found
