"""Creates agents in the installation's own Cognito pool; nobody can register themselves."""

from collections.abc import Mapping
from typing import Any

from autocall.leads import user_id
from ops import leave
from ops.installation import Installation, OpsError, client

_BY_MAIL = {"DesiredDeliveryMediums": ["EMAIL"]}


def create(installation: Installation, email: str, group: str = "", password: str = "") -> str:
    """Create an agent, or change the group or password of an existing one; returns a message about it."""
    if "UserPoolId" not in installation.outputs:
        if "AgentsTable" in installation.outputs and leave.come_back(installation, user_id(email)):
            return f"{email} is back"
        raise OpsError(f"The agents of {installation.name} are managed by its issuer: {installation['Issuer']}")
    cognito, pool = client("cognito-idp"), installation["UserPoolId"]
    message = _create(installation, cognito, email, password)
    if group:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
        message += f", in the group {group}"
    return message


def _create(installation: Installation, cognito: Any, email: str, password: str) -> str:
    pool = installation["UserPoolId"]
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    how: dict[str, Any] = {"MessageAction": "SUPPRESS"} if password else _BY_MAIL
    message = f"{email} is an agent"
    try:
        cognito.admin_create_user(UserPoolId=pool, Username=email, UserAttributes=attributes, **how)
    except cognito.exceptions.UsernameExistsException:
        found = cognito.admin_get_user(UserPoolId=pool, Username=email)
        if _brought_back(installation, cognito, email, found):
            message = f"{email} is back, and is an agent"
        if not password:
            return f"{message} already{_let_in(cognito, pool, email, found)}"
        message += " already, and has this password now"
    if not password:
        return f"{message}; Cognito has mailed a password that is valid for three days"
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    return message


def _brought_back(installation: Installation, cognito: Any, email: str, found: Mapping[str, Any]) -> bool:
    """Re-enable an agent whom `make leave` or the pool had disabled; False if nobody had."""
    disabled = not found.get("Enabled", True)
    if disabled:
        cognito.admin_enable_user(UserPoolId=installation["UserPoolId"], Username=email)
    return leave.come_back(installation, user_id(leave.subject(found["UserAttributes"]))) or disabled


def _let_in(cognito: Any, pool: str, email: str, found: Mapping[str, Any]) -> str:
    """Resend the temporary password if it was never used; otherwise say how to set one."""
    if found["UserStatus"] != "FORCE_CHANGE_PASSWORD":
        return "; NEW_PASSWORD=1 gives them another password"
    cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="RESEND", **_BY_MAIL)
    return "; Cognito has mailed another password that is valid for three days"
