"""The two APIs. They are created without routes, so that their URLs can go into the functions' environment.

Routes are added after the functions exist.
"""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_authorizers import (
    HttpJwtAuthorizer,
    HttpLambdaAuthorizer,
    HttpLambdaResponseType,
    WebSocketLambdaAuthorizer,
)
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration, WebSocketLambdaIntegration

from cdk.identity import Identity
from cdk.settings import Settings

SOCKET_STAGE = "live"
FRAMES = ("$default",)  # no document says whether a route's key may hold a colon; the function reads the event itself
CALLBACK = "/twilio/status/{user_id}/{lead_id}"
VOICE = (
    "/twilio/agent",
    "/twilio/agent/{user_id}",
    "/twilio/leg",
    "/twilio/leg/{user_id}",
    "/twilio/room/{user_id}",
    "/twilio/inbound",
    "/twilio/inbound/menu",
    "/twilio/inbound/over",
    *(f"/twilio/{what}/{{user_id}}/{{lead_id}}" for what in ("answer", "alone", "left", "menu", "amd")),
)
LEADS_API = (
    ("GET", "/api/leads"),
    ("POST", "/api/leads"),
    ("GET", "/api/leads.csv"),
    ("GET", "/api/leads/{id}"),
    ("DELETE", "/api/leads/{id}"),
    ("POST", "/api/leads/{id}/release"),
    ("POST", "/api/leads/{id}/settle"),
    ("POST", "/api/leads/{id}/confirm"),
    ("PUT", "/api/leads/{id}/ring-back"),
    ("POST", "/api/leads/{id}/hang-up"),
    ("POST", "/api/leads/{id}/hold"),
    ("POST", "/api/leads/{id}/voicemail"),
    ("POST", "/api/leads/{id}/outcome"),
    ("PUT", "/api/leads/{id}/note"),
    ("POST", "/api/leads/{id}/again"),
    ("PUT", "/api/leads/{id}/do-not-call"),
    ("DELETE", "/api/leads/{id}/do-not-call"),
    ("POST", "/api/do-not-call"),
    ("DELETE", "/api/do-not-call"),
    ("GET", "/api/may-call"),
    ("POST", "/api/may-call"),
    ("POST", "/api/called"),
    ("DELETE", "/api/called"),
    ("GET", "/api/abandoned"),
    ("POST", "/api/autocall/pause"),
    ("POST", "/api/autocall/resume"),
    ("GET", "/api/settings"),
    ("PUT", "/api/settings"),
    ("GET", "/api/installation"),
    ("PUT", "/api/installation"),
    ("DELETE", "/api/connections"),
    ("GET", "/api/phone"),
    ("POST", "/api/phone"),
    ("DELETE", "/api/phone"),
)
_LOGGED = {
    "requestId": "requestId",
    "ip": "identity.sourceIp",
    "route": "routeKey",
    "status": "status",
    "bytes": "responseLength",
    "latency_ms": "responseLatency",
    "refused": "authorizer.error",
    "failed": "integrationErrorMessage",
}
_ACCOUNTS_BURST = 5000  # requests at once, over all APIs of an account and region
_ROUTES = (apigateway.HttpRoute, apigateway.WebSocketRoute)


class Socket:
    """The WebSocket API: one stage, and one route for all frames."""

    def __init__(self, stack: Stack, settings: Settings) -> None:
        self._settings = settings
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

    @property
    def url(self) -> str:
        """The socket's URL."""
        return f"wss://{self._settings.socket_domain}" if self._settings.socket_domain else self.stage.url

    def add_routes(self, functions: Mapping[str, lambda_.Function]) -> None:
        """Route the handshake and the disconnect to `connect`, and every frame to `leads_fetched`."""
        connect, frames = functions["connect"], functions["leads_fetched"]
        door = WebSocketLambdaIntegration("Connect", connect)
        authorizer = WebSocketLambdaAuthorizer("Token", connect, identity_source=["route.request.querystring.token"])
        self.api.add_route("$connect", integration=door, authorizer=authorizer)
        self.api.add_route("$disconnect", integration=door)
        for event in FRAMES:
            self.api.add_route(event, integration=WebSocketLambdaIntegration("Frames", frames))
        _throttle_routes(self.stage, self.api, {"$connect": self._settings.handshakes_per_second})


class Http:
    """The HTTP API: the agents' routes, which need a token, and Twilio's, whose requests are signed."""

    def __init__(self, stack: Stack, settings: Settings) -> None:
        self._stack, self._settings = stack, settings
        origins = list(settings.allowed_origins)
        self.api = apigateway.HttpApi(
            stack,
            "Http",
            api_name=f"{settings.name}-http",
            create_default_stage=False,
            disable_execute_api_endpoint=bool(settings.api_domain) or None,
            cors_preflight=_cors(origins) if origins else None,
        )
        self.stage = apigateway.HttpStage(
            stack,
            "HttpStage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=_throttle(settings.http_requests_per_second),
        )
        self.log = self._keep_access_log()

    @property
    def url(self) -> str:
        """The API's URL, without a slash at the end."""
        return f"https://{self._settings.api_domain}" if self._settings.api_domain else self.api.api_endpoint

    def public_url(self) -> str:
        """The URL for Twilio: the API's own, unless the setting gives another one, in which `{api}` is replaced."""
        return self._settings.public_url.replace("{api}", self.api.api_id) or self.url

    def add_routes(self, functions: Mapping[str, lambda_.Function], identity: Identity) -> None:
        """Route the agents' requests to `leads_api`, status callbacks to `status_webhook`, other TwiML to `voice`."""
        authorizer = self._authorizer(functions["connect"], identity)
        leads_api = HttpLambdaIntegration("LeadsApi", functions["leads_api"], scope_permission_to_route=False)
        for method, path in LEADS_API:
            methods = [apigateway.HttpMethod[method]]
            self.api.add_routes(path=path, methods=methods, integration=leads_api, authorizer=authorizer)
        webhook = HttpLambdaIntegration("Status", functions["status_webhook"])
        self.api.add_routes(path=CALLBACK, methods=[apigateway.HttpMethod.POST], integration=webhook)
        voice = HttpLambdaIntegration("Voice", functions["voice"], scope_permission_to_route=False)
        for path in VOICE:
            self.api.add_routes(path=path, methods=[apigateway.HttpMethod.POST], integration=voice)
        limits = {f"POST {path}": self._settings.callbacks_per_second for path in (CALLBACK, *VOICE)}
        _throttle_routes(self.stage, self.api, limits)

    def _authorizer(self, connect: lambda_.Function, identity: Identity) -> apigateway.IHttpRouteAuthorizer:
        """The gateway's own authorizer for our own pool; for any other issuer the socket's authorizer function.

        The gateway's own accepts RSA only, finds keys only through the issuer's discovery document, and joins all
        groups into one text, in which `Sales admins` looks like two groups.
        """
        if not self._settings.issuer:
            return HttpJwtAuthorizer("Agent", identity.issuer, jwt_audience=identity.audience)
        return HttpLambdaAuthorizer(
            "Agent",
            connect,
            response_types=[HttpLambdaResponseType.SIMPLE],
            identity_source=["$request.header.Authorization"],
            results_cache_ttl=Duration.seconds(0),
        )

    def _keep_access_log(self) -> logs.LogGroup:
        """Log one line per request, also for rejected ones; never a path, a query or a token."""
        group = logs.LogGroup(
            self._stack,
            "HttpLogs",
            log_group_name=f"/aws/vendedlogs/{self._settings.name}-http",
            retention=logs.RetentionDays[self._settings.log_retention.upper()],
            removal_policy=RemovalPolicy.DESTROY,
        )
        line = json.dumps({name: f"$context.{variable}" for name, variable in _LOGGED.items()})
        below: Any = self.stage.node.default_child
        below.access_log_settings = {"destinationArn": group.log_group_arn, "format": line}
        return group


def _cors(origins: list[str]) -> apigateway.CorsPreflightOptions:
    return apigateway.CorsPreflightOptions(
        allow_origins=origins,
        allow_headers=["authorization", "content-type"],
        expose_headers=["x-next-cursor"],  # the cursor of the next part of a list; hidden from the page otherwise
        allow_methods=[apigateway.CorsHttpMethod[name] for name in ("GET", "POST", "PUT", "DELETE")],
        max_age=Duration.hours(1),
    )


def _throttle(per_second: int) -> apigateway.ThrottleSettings:
    return apigateway.ThrottleSettings(rate_limit=per_second, burst_limit=_burst(per_second))


def _burst(per_second: int) -> int:
    return min(2 * per_second, _ACCOUNTS_BURST)


def _throttle_routes(stage: apigateway.IStage, api: apigateway.IApi, per_second: Mapping[str, int]) -> None:
    """Set the limits of single routes, after all routes exist: the stage cannot name a route before."""
    settings = {
        route: {"ThrottlingRateLimit": limit, "ThrottlingBurstLimit": _burst(limit)}
        for route, limit in per_second.items()
    }
    below: Any = stage.node.default_child
    below.add_property_override("RouteSettings", settings)
    below.node.add_dependency(*(child for child in api.node.children if isinstance(child, _ROUTES)))
