"""Agents of the installation's own pool: made by an administrator, never by themselves."""

from typing import Any

from ops.installation import Installation, NotThere, client


def create(installation: Installation, email: str, group: str = "", password: str = "") -> str:
    """Make an agent, or change the group of one who is there; what happened, in words."""
    if "UserPoolId" not in installation.outputs:
        raise NotThere(
            f"The agents of {installation.name} are made where its issuer keeps them: {installation['Issuer']}"
        )
    cognito, pool = client("cognito-idp"), installation["UserPoolId"]
    told = _create(cognito, pool, email, password)
    if group:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
        told += f", in the group {group}"
    return told


def _create(cognito: Any, pool: str, email: str, password: str) -> str:
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    how: dict[str, Any] = {"MessageAction": "SUPPRESS"} if password else {"DesiredDeliveryMediums": ["EMAIL"]}
    try:
        cognito.admin_create_user(UserPoolId=pool, Username=email, UserAttributes=attributes, **how)
    except cognito.exceptions.UsernameExistsException:
        return f"{email} is an agent already"
    if not password:
        return f"{email} is an agent; Cognito has mailed a password that holds for three days"
    cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    return f"{email} is an agent"
