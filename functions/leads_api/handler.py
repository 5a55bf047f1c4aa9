"""The HTTP API of the page: leads, import, do-not-call, pause, settings. Agents reach only their own data."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from autocall.agent_table import AgentTable
from autocall.audio import AGENT, VoicemailMessage
from autocall.aws import client
from autocall.called_table import CalledTable
from autocall.caller_ids import CallerIds
from autocall.dial_queue import DialQueue
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.limits import Limits
from autocall.push import Push
from autocall.queued_run import QueuedRuns
from autocall.rate_limit import RateLimiter
from autocall.secret import Secret
from autocall.session_table import SessionTable
from autocall.timing import Timing, now
from functions.leads_api import request, routes
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Lines, Services

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from autocall.gates import Hours
    from autocall.twilio_calls import TwilioCalls

_TIME_TO_ANSWER_S = 4

logger = Logger()
metrics = Metrics()
timing = Timing(float(os.environ["FUNCTION_TIMEOUT_S"]), float(os.environ["RING_TIMEOUT_S"]))
secret = Secret(client("secretsmanager"), os.environ["TWILIO_SECRET"])
twilio_url = os.environ["TWILIO_URL"]


@cache
def twilio() -> "TwilioCalls":
    """The Twilio client, imported by the first request that needs it."""
    from autocall.twilio_calls import TwilioCalls

    return TwilioCalls(secret, twilio_url, timing.post)


@cache
def hours() -> "Hours":
    """The calling hours, loaded by the first request that needs them."""
    from autocall.gates import load_hours

    return load_hours(os.environ["CALLING_HOURS"], os.environ["TRUST_LIST_CONSENT"])


def _services(env: dict[str, str]) -> Services:
    dynamodb = client("dynamodb")
    agents = AgentTable(dynamodb, env["AGENTS_TABLE"])
    installation_table = InstallationTable(dynamodb, env["AGENTS_TABLE"])
    return Services(
        leads=LeadTable(dynamodb, env["LEADS_TABLE"], timing),
        agents=agents,
        installation_table=installation_table,
        called_table=CalledTable(dynamodb, env["AGENTS_TABLE"]),
        queue=DialQueue(client("sqs"), env["QUEUE_URL"], QueuedRuns(dynamodb, env["AGENTS_TABLE"], timing.function)),
        push=Push(client("apigatewaymanagementapi", endpoint_url=env["WEBSOCKET_URL"]), agents),
        twilio=twilio,
        hours=hours,
        timing=timing,
        caller_ids=CallerIds.parse(env["CALL_FROM"]),
        region=env["DEFAULT_REGION"],
        installation=_installation(env),
        limits=Limits.of(env),
        colleague_days=int(env["COLLEAGUE_DAYS"]),
        lines=_lines(env, installation_table, dynamodb) if env["AUDIO"] == AGENT else None,
        voicemail=VoicemailMessage.of(env),
    )


def _lines(env: dict[str, str], installation_table: InstallationTable, dynamodb: "DynamoDBClient") -> Lines:
    rate = float(env["CALLS_PER_SECOND"])
    return Lines(
        sessions=SessionTable(dynamodb, env["AGENTS_TABLE"], timing),
        secret=secret,
        pacer=RateLimiter(installation_table, 1 / rate) if rate else None,
        public_url=env["PUBLIC_URL"],
        wrap_up_s=int(env["WRAP_UP_S"]),
    )


def _installation(env: dict[str, str]) -> dict[str, Any]:
    return {
        "lines": int(env["LINES"]),
        "most_lines": int(env["MOST_LINES"]),
        "calls_per_second": float(env["CALLS_PER_SECOND"]),
        "ring_timeout_s": timing.ring,
        "calling_hours": env["CALLING_HOURS"],
        "trust_list_consent": env["TRUST_LIST_CONSENT"] or None,
        "default_region": env["DEFAULT_REGION"],
        "audio": env["AUDIO"],
        "wrap_up_s": int(env["WRAP_UP_S"]),
        "colleague_days": int(env["COLLEAGUE_DAYS"]),
        "voicemail": VoicemailMessage.of(env) is not None,
    }


services = _services(dict(os.environ))


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request: a client's error with its reason, anything unexpected with a 500."""
    logger.set_correlation_id(event["requestContext"]["requestId"])
    answer, about = _answer(event, context)
    logger.info("request", extra={"route": event["routeKey"], "status": answer.status, **about})
    for name, count in ({f"api_{answer.status // 100}xx": 1} | services.push.counts()).items():
        metrics.add_metric(name, MetricUnit.Count, count)
    return answer.event(request.accepts_gzip(event))


def _answer(event: dict[str, Any], context: Any) -> tuple[Response, dict[str, str]]:
    moment = now()
    left = context.get_remaining_time_in_millis() / 1000
    try:
        parsed = request.parse(event, moment, moment + left - _TIME_TO_ANSWER_S)
        if services.agents.has_left(parsed.user):
            raise HttpError(403, "left", "this account has been disabled: ask whoever runs the installation")
        return routes.answer(services, parsed), {"user_id": parsed.user}
    except HttpError as problem:
        return problem.answer(), {"code": problem.code}
