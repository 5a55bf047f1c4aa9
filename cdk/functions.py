"""The six functions: environment, timeout, memory and role of each."""

import platform
from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_logs as logs

from cdk.bundling import RUNTIME, code
from cdk.data import Runs
from cdk.dependencies import ARM64, HOST
from cdk.settings import Settings

_ROWS = "LEADS_TABLE AGENTS_TABLE QUEUE_URL WEBSOCKET_URL FUNCTION_TIMEOUT_S "
_TWILIO = "TWILIO_SECRET RING_TIMEOUT_S "
_LIMITS = "COUNTRIES REFUSED_NUMBER_TYPES MOST_LINES COLLEAGUE_DAYS "
_CALLS = "TWILIO_URL LINES CALLS_PER_SECOND CALL_FROM CALLING_HOURS TRUST_LIST_CONSENT "
_AUDIO = "AUDIO COMPANY CALLBACK_NUMBER WRAP_UP_S FALLBACK_URL MACHINE_DETECTION HANG_UP_ON_MACHINES "
ENVIRONMENT = {
    "connect": "AGENTS_TABLE WEBSOCKET_URL ISSUER AUDIENCE JWKS_URL TOKEN_SECRET ALLOWED_ORIGINS",
    "leads_fetched": _ROWS + "PING_PERIOD_S",
    "dialer": _ROWS
    + _TWILIO
    + _CALLS
    + _AUDIO
    + "PUBLIC_URL PING_PERIOD_S TIME_LIMIT_S CALL_MESSAGE CALL_TWIML_URL "
    + _LIMITS
    + "CALLS_PER_DAY AGENT_CALLS_PER_DAY",
    "status_webhook": _ROWS + _TWILIO + "PUBLIC_URL AUDIO CALL_FROM",
    "voice": _ROWS + _TWILIO + _AUDIO + "PUBLIC_URL TWILIO_URL TIME_LIMIT_S LANGUAGE CALL_REASON",
    "leads_api": _ROWS + _TWILIO + _CALLS + _LIMITS + "DEFAULT_REGION PUBLIC_URL AUDIO WRAP_UP_S "
    "VOICEMAIL_MESSAGE VOICEMAIL_URL",
}
_GATEWAY_WAITS_S = 29
_WHOLE_PROCESSOR_MB = 1769


class Functions:
    """The functions by name, each with its own role and log group.

    Anybody can invoke `connect`: its concurrency is limited, so that a flood of handshakes cannot stop the calls.
    `dialer` and `status_webhook` may have reserved concurrency.
    """

    def __init__(self, stack: Stack, settings: Settings, variables: Mapping[str, str]) -> None:
        self._stack, self._settings, self._variables = stack, settings, variables
        self.by_name = {name: self._function(name, self._timeout_s(name)) for name in ENVIRONMENT}

    def __getitem__(self, name: str) -> lambda_.Function:
        return self.by_name[name]

    def _timeout_s(self, name: str) -> int:
        """The dialer's timeout is a setting; the others answer a gateway, `leads_api` with up to a thousand rows."""
        return {"dialer": self._settings.function_timeout_s, "leads_api": _GATEWAY_WAITS_S}.get(name, 10)

    def _memory_mb(self, name: str) -> int:
        """More memory means more CPU: `leads_api`, with its thousand rows, gets a whole processor."""
        return max(self._settings.memory_mb, _WHOLE_PROCESSOR_MB) if name == "leads_api" else self._settings.memory_mb

    def _reserved(self, name: str) -> int:
        """The reserved concurrency of the function, which is also its limit; 0 for none."""
        return {
            "connect": self._settings.connect_concurrency,
            "dialer": self._settings.dialer_concurrency,
            "status_webhook": self._settings.webhook_concurrency,
        }.get(name, 0)

    def _function(self, name: str, timeout_s: int) -> lambda_.Function:
        title = name.title().replace("_", "")
        log_group = self._log_group(title, name)
        return lambda_.Function(
            self._stack,
            title,
            function_name=f"{self._settings.name}-{name}",
            runtime=RUNTIME,
            architecture=_architecture(self._settings),
            code=code(name, HOST if self._settings.local else ARM64),
            handler=f"functions.{name}.handler.handler",
            memory_size=self._memory_mb(name),
            timeout=Duration.seconds(timeout_s),
            role=self._role(title, log_group),
            log_group=log_group,
            recursive_loop=lambda_.RecursiveLoop.ALLOW if name == "dialer" else None,
            reserved_concurrent_executions=self._reserved(name) or None,
            tracing=lambda_.Tracing.ACTIVE,
            environment={variable: self._variables[variable] for variable in ENVIRONMENT[name].split()}
            | {"POWERTOOLS_SERVICE_NAME": name, "POWERTOOLS_METRICS_NAMESPACE": self._settings.name}
            | {"POWERTOOLS_LOG_LEVEL": self._settings.log_level},
        )

    def _log_group(self, title: str, name: str) -> logs.LogGroup:
        return logs.LogGroup(
            self._stack,
            f"{title}Logs",
            log_group_name=f"/aws/lambda/{self._settings.name}-{name}",
            retention=logs.RetentionDays[self._settings.log_retention.upper()],
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _role(self, title: str, log_group: logs.LogGroup) -> iam.Role:
        role = iam.Role(self._stack, f"{title}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        return role


def add_queue_trigger(dialer: lambda_.Function, runs: Runs, settings: Settings) -> None:
    """Let the queue invoke the dialer, one message a batch: runs of different agents do not wait for each other."""
    dialer.add_event_source(
        event_sources.SqsEventSource(runs.queue, batch_size=1, max_concurrency=settings.max_concurrency)
    )


def _architecture(settings: Settings) -> lambda_.Architecture:
    if settings.local and platform.machine() in ("x86_64", "AMD64"):
        return lambda_.Architecture.X86_64
    return lambda_.Architecture.ARM_64
