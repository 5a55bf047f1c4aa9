"""Twilio's status callbacks: accepts only signed ones, and answers 204 after everything is stored."""

import os
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from autocall.agent_table import AgentTable
from autocall.audio import AGENT
from autocall.aws import client
from autocall.caller_id_table import CallerIdTable
from autocall.caller_ids import CallerIds
from autocall.dial_queue import DialQueue
from autocall.lead_table import LeadTable
from autocall.push import Push
from autocall.queued_run import QueuedRuns
from autocall.secret import Secret
from autocall.session_table import SessionTable
from autocall.signature import FormData, is_twilios, read_form
from autocall.timing import Timing, now
from functions.status_webhook.caller_id_evidence import CallerIdEvidence
from functions.status_webhook.status_callback import CallbackHandler, StatusCallback

_OF_THE_CALL = ("applied", "abandoned", "repeated")
logger = Logger()
metrics = Metrics()
dynamodb = client("dynamodb")
agents = AgentTable(dynamodb, os.environ["AGENTS_TABLE"])
secret = Secret(client("secretsmanager"), os.environ["TWILIO_SECRET"])
public_url = os.environ["PUBLIC_URL"]
push = Push(client("apigatewaymanagementapi", endpoint_url=os.environ["WEBSOCKET_URL"]), agents)
timing = Timing(float(os.environ["FUNCTION_TIMEOUT_S"]), float(os.environ["RING_TIMEOUT_S"]))
agent_first = os.environ["AUDIO"] == AGENT
evidence = CallerIdEvidence(
    CallerIds.parse(os.environ["CALL_FROM"]), CallerIdTable(dynamodb, os.environ["AGENTS_TABLE"]), timing
)
callbacks = CallbackHandler(
    LeadTable(dynamodb, os.environ["LEADS_TABLE"], timing),
    DialQueue(
        client("sqs"), os.environ["QUEUE_URL"], QueuedRuns(dynamodb, os.environ["AGENTS_TABLE"], timing.function)
    ),
    push,
    SessionTable(dynamodb, os.environ["AGENTS_TABLE"], timing) if agent_first else None,
)


@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Refuse a request that Twilio did not sign, apply any other. Anything unexpected is a 5xx: Twilio tries again."""
    logger.set_correlation_id(event["requestContext"]["requestId"])
    form = read_form(event)
    if form is None or not is_twilios(_url(event), event, form, secret):
        logger.warning("callback refused")
        metrics.add_metric("callback_refused", MetricUnit.Count, 1)
        return {"statusCode": 403}
    callback = _callback(event, form)
    if callback is None:
        return {"statusCode": 400}
    moment = now()
    try:
        became = callbacks.handle(callback, moment)
    finally:
        _count(push.counts())
    if became in _OF_THE_CALL and evidence.note(callback, moment):
        metrics.add_metric("caller_id_rests", MetricUnit.Count, 1)
    if became in ("applied", "abandoned"):
        _measure_number(callback)
    logger.info("callback", extra=_about(callback) | {"became": became})
    _count({f"callback_{became}": 1})
    if agent_first and callback.status == "completed" and became in ("applied", "abandoned"):
        metrics.add_metric("abandoned_percent", MetricUnit.Percent, 100 if became == "abandoned" else 0)
    _measure_lag(form)
    return {"statusCode": 204}


def _count(counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)


def _measure_number(callback: StatusCallback) -> None:
    """Emit what the call's end says of its number, in a dimension of its own: the number's label."""
    for name, percent in evidence.percentages(callback):
        with single_metric(name=name, unit=MetricUnit.Percent, value=percent) as metric:
            metric.add_dimension(name="service", value="status_webhook")
            metric.add_dimension(name="caller_id", value=evidence.label(callback))


def _measure_lag(form: FormData) -> None:
    """Record the time from the callback's `Timestamp`, which has whole seconds, to now."""
    try:
        sent_at = parsedate_to_datetime(form.get("Timestamp")).timestamp()
    except ValueError:
        return
    metrics.add_metric("callback_lag", MetricUnit.Milliseconds, max(0.0, now() - sent_at) * 1000)


def _url(event: dict[str, Any]) -> str:
    path = event["pathParameters"]
    return f"{public_url}/twilio/status/{path['user_id']}/{path['lead_id']}?{event.get('rawQueryString', '')}"


def _callback(event: dict[str, Any], form: FormData) -> StatusCallback | None:
    query = parse_qs(event.get("rawQueryString", ""))
    attempt = query.get("attempt", [""])[0]
    if not (attempt and form.get("CallSid") and form.get("CallStatus")):
        return None
    duration = form.get("CallDuration")
    path = event["pathParameters"]
    return StatusCallback(
        path["user_id"],
        path["lead_id"],
        attempt,
        form.get("CallSid"),
        form.get("CallStatus"),
        int(duration) if duration.isdecimal() else None,
        form.get("SipResponseCode"),
        form.get("From"),
        "doubted" in query,
    )


def _about(callback: StatusCallback) -> dict[str, Any]:
    return {
        "user_id": callback.user,
        "lead_id": callback.lead,
        "attempt_id": callback.attempt,
        "status": callback.status,
    }
