"""The two APIs. Made bare first, for an address depends on nothing and functions may then be told it; opened later."""

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer, WebSocketLambdaAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration, WebSocketLambdaIntegration

from cdk.identity import Identity
from cdk.settings import Settings

SOCKET_STAGE = "live"
FRAMES = ("leads:fetched", "ping", "autocall:pause", "autocall:resume", "$default")
CALLBACK = "/twilio/status/{user_id}/{lead_id}"
LEADS_API = (
    ("GET", "/api/leads"),
    ("POST", "/api/leads"),
    ("GET", "/api/leads.csv"),
    ("GET", "/api/leads/{id}"),
    ("DELETE", "/api/leads/{id}"),
    ("POST", "/api/leads/{id}/release"),
    ("PUT", "/api/leads/{id}/do-not-call"),
    ("DELETE", "/api/leads/{id}/do-not-call"),
    ("POST", "/api/do-not-call"),
    ("POST", "/api/autocall/pause"),
    ("POST", "/api/autocall/resume"),
    ("GET", "/api/settings"),
    ("PUT", "/api/settings"),
    ("DELETE", "/api/connections"),
)


class Socket:
    """The WebSocket API: one stage, one event per route."""

    def __init__(self, stack: Stack, settings: Settings) -> None:
        self.api = apigateway.WebSocketApi(
            stack, "Socket", api_name=f"{settings.name}-socket", route_selection_expression="$request.body.event"
        )
        self.stage = apigateway.WebSocketStage(
            stack,
            "Live",
            web_socket_api=self.api,
            stage_name=SOCKET_STAGE,
            auto_deploy=True,
            throttle=_throttle(settings.socket_frames_per_second),
        )

    def open(self, functions: Mapping[str, lambda_.Function]) -> None:
        """`connect` for the handshake and the end, `leads_fetched` for every frame."""
        connect, frames = functions["connect"], functions["leads_fetched"]
        door = WebSocketLambdaIntegration("Connect", connect)
        authorizer = WebSocketLambdaAuthorizer("Token", connect, identity_source=["route.request.querystring.token"])
        self.api.add_route("$connect", integration=door, authorizer=authorizer)
        self.api.add_route("$disconnect", integration=door)
        for event in FRAMES:
            self.api.add_route(event, integration=WebSocketLambdaIntegration("Frames", frames))


class Http:
    """The HTTP API: the agents' routes behind their tokens, and Twilio's callback, which proves itself."""

    def __init__(self, stack: Stack, settings: Settings) -> None:
        origins = list(settings.allowed_origins)
        self.api = apigateway.HttpApi(
            stack,
            "Http",
            api_name=f"{settings.name}-http",
            create_default_stage=False,
            cors_preflight=_cors(origins) if origins else None,
        )
        apigateway.HttpStage(
            stack,
            "HttpStage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=_throttle(settings.http_requests_per_second),
        )

    def open(self, functions: Mapping[str, lambda_.Function], identity: Identity) -> None:
        """All routes of the agents to `leads_api`, the callback to `status_webhook`."""
        jwt = HttpJwtAuthorizer("Agent", identity.issuer, jwt_audience=identity.audience)
        leads_api = HttpLambdaIntegration("LeadsApi", functions["leads_api"], scope_permission_to_route=False)
        for method, path in LEADS_API:
            methods = [apigateway.HttpMethod[method]]
            self.api.add_routes(path=path, methods=methods, integration=leads_api, authorizer=jwt)
        webhook = HttpLambdaIntegration("Status", functions["status_webhook"])
        self.api.add_routes(path=CALLBACK, methods=[apigateway.HttpMethod.POST], integration=webhook)

    def public_url(self, settings: Settings) -> str:
        """Where Twilio reaches us; elsewhere than the API's own address by a setting that may say `{api}`."""
        return settings.public_url.replace("{api}", self.api.api_id) or self.api.api_endpoint


def _cors(origins: list[str]) -> apigateway.CorsPreflightOptions:
    return apigateway.CorsPreflightOptions(
        allow_origins=origins,
        allow_headers=["authorization", "content-type"],
        allow_methods=[apigateway.CorsHttpMethod[name] for name in ("GET", "POST", "PUT", "DELETE")],
        max_age=Duration.hours(1),
    )


def _throttle(per_second: int) -> apigateway.ThrottleSettings:
    return apigateway.ThrottleSettings(rate_limit=per_second, burst_limit=2 * per_second)
