"""The identity provider: our own Cognito pool, or any other OpenID Connect issuer."""

from typing import Any

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito

from cdk.settings import ADMINS, Settings

_INVITATION = (
    " is the leads page. Log in there as {username} with this password, which holds for three days: {####}"
    "<br>You will be asked for one of your own."
)


class Identity:
    """An issuer, the accepted audiences, the URL of its keys, and the origins where the page logs in."""

    def __init__(self, stack: Stack, settings: Settings) -> None:
        if settings.issuer:
            self.issuer, self.audience = settings.issuer, list(settings.audience)
            self.jwks_url = "" if settings.token_secret else _published_at(settings)
            self.login_origins = [_origin(settings.issuer), *settings.page_connects_to]
            self._pool: cognito.UserPool | None = None
            return
        pool = self._pool = _pool(stack, settings)
        client = _client(pool)
        self.login_origins = [f"https://cognito-idp.{stack.region}.{stack.url_suffix}", *settings.page_connects_to]
        self.issuer = f"https://cognito-idp.{stack.region}.{stack.url_suffix}/{pool.user_pool_id}"
        self.audience = [client.user_pool_client_id]
        self.jwks_url = _jwks_url(self.issuer, settings.jwks_url, pool)
        CfnOutput(stack, "UserPoolId", value=pool.user_pool_id)

    def invite_to(self, page: str) -> None:
        """Put the page's URL into the mail with an agent's first password. Other issuers send their own mails."""
        if self._pool:
            below: Any = self._pool.node.default_child
            message = {"EmailSubject": "Your login to the leads page", "EmailMessage": f"{page}{_INVITATION}"}
            below.add_property_override("AdminCreateUserConfig.InviteMessageTemplate", message)


def _published_at(settings: Settings) -> str:
    return settings.jwks_url or f"{settings.issuer.rstrip('/')}/.well-known/jwks.json"


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _jwks_url(issuer: str, chosen: str, pool: cognito.UserPool) -> str:
    """The URL of the pool's keys; the setting gives an emulator's, in which `{pool}` is replaced."""
    return chosen.replace("{pool}", pool.user_pool_id) if chosen else f"{issuer}/.well-known/jwks.json"


def _pool(stack: Stack, settings: Settings) -> cognito.UserPool:
    pool = cognito.UserPool(
        stack,
        "AgentPool",
        user_pool_name=settings.name,
        self_sign_up_enabled=False,
        sign_in_aliases=cognito.SignInAliases(email=True),
        sign_in_case_sensitive=False,
        password_policy=cognito.PasswordPolicy(
            min_length=12,
            require_lowercase=True,
            require_uppercase=True,
            require_digits=True,
            require_symbols=True,
            temp_password_validity=Duration.days(3),
        ),
        account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
        deletion_protection=not settings.local,
        removal_policy=RemovalPolicy.DESTROY if settings.local else RemovalPolicy.RETAIN,
    )
    pool.add_group(ADMINS, group_name=ADMINS, description="May change what holds for the whole installation")
    return pool


def _client(pool: cognito.UserPool) -> cognito.UserPoolClient:
    return pool.add_client(
        "Page",
        disable_o_auth=True,
        auth_flows=cognito.AuthFlow(user_password=True, user_srp=True),
        prevent_user_existence_errors=True,
        id_token_validity=Duration.hours(1),
        access_token_validity=Duration.hours(1),
        refresh_token_validity=Duration.days(1),
    )
