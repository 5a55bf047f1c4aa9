"""Agents of the installation's own pool: made by an administrator, never by themselves."""

from collections.abc import Mapping
from typing import Any

from autocall.leads import user_id
from ops import leave
from ops.installation import Installation, OpsError, client

_BY_MAIL = {"DesiredDeliveryMediums": ["EMAIL"]}


def create(installation: Installation, email: str, group: str = "", password: str = "") -> str:
    """Make an agent, or change the group or the password of one who is there; what happened, in words."""
    if "UserPoolId" not in installation.outputs:
        if "AgentsTable" in installation.outputs and leave.come_back(installation, user_id(email)):
            return f"{email} is back"
        raise OpsError(
            f"The agents of {installation.name} are made where its issuer keeps them: {installation['Issuer']}"
        )
    cognito, pool = client("cognito-idp"), installation["UserPoolId"]
    told = _create(installation, cognito, email, password)
    if group:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
        told += f", in the group {group}"
    return told


def _create(installation: Installation, cognito: Any, email: str, password: str) -> str:
    pool = installation["UserPoolId"]
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    how: dict[str, Any] = {"MessageAction": "SUPPRESS"} if password else _BY_MAIL
    told = f"{email} is an agent"
    try:
        cognito.admin_create_user(UserPoolId=pool, Username=email, UserAttributes=attributes, **how)
    except cognito.exceptions.UsernameExistsException:
        found = cognito.admin_get_user(UserPoolId=pool, Username=email)
        if _brought_back(installation, cognito, email, found):
            told = f"{email} is back, and is an agent"
        if not password:
            return f"{told} already{_let_in(cognito, pool, email, found)}"
        told += " already, who has this password now"
    if not password:
        return f"{told}; Cognito has mailed a password that holds for three days"
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    return told


def _brought_back(installation: Installation, cognito: Any, email: str, found: Mapping[str, Any]) -> bool:
    """Whether they had been taken out, by `make leave` or in the pool: now they may come in again."""
    disabled = not found.get("Enabled", True)
    if disabled:
        cognito.admin_enable_user(UserPoolId=installation["UserPoolId"], Username=email)
    return leave.come_back(installation, user_id(leave.subject(found["UserAttributes"]))) or disabled


def _let_in(cognito: Any, pool: str, email: str, found: Mapping[str, Any]) -> str:
    """Mail another temporary password to who has not used the first one, for it may be over; else what can be done."""
    if found["UserStatus"] != "FORCE_CHANGE_PASSWORD":
        return "; NEW_PASSWORD=1 gives them another password"
    cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="RESEND", **_BY_MAIL)
    return "; Cognito has mailed another password that holds for three days"
