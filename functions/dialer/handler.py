"""The dialer: does one run for each message of the queue."""

import os
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from autocall.agent_phone import AgentPhone
from autocall.agent_table import AgentTable
from autocall.audio import Audio
from autocall.aws import client
from autocall.called_table import CalledTable
from autocall.caller_id_table import CallerIdTable
from autocall.caller_ids import CallerIds
from autocall.dial_queue import DialQueue
from autocall.gates import load_hours
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.limits import Limits
from autocall.messages import RunMessage
from autocall.push import Push
from autocall.queued_run import QueuedRuns
from autocall.rate_limit import RateLimiter
from autocall.secret import Secret
from autocall.session_table import SessionTable
from autocall.timing import Timing, now
from autocall.twilio_calls import TwilioCalls
from functions.dialer.agent_line import AgentLine
from functions.dialer.call_request import CallRequest
from functions.dialer.caller_id_gate import CallerIdGate
from functions.dialer.daily_limit import DailyLimit
from functions.dialer.dial import Dialer
from functions.dialer.number_gate import NumberGate
from functions.dialer.reconcile import Reconciler
from functions.dialer.retry import delivery, run_or_retry
from functions.dialer.run import Run, Services

logger = Logger()
metrics = Metrics()


def _services(env: dict[str, str]) -> Services:
    timing = Timing(float(env["FUNCTION_TIMEOUT_S"]), float(env["RING_TIMEOUT_S"]), float(env["PING_PERIOD_S"]))
    dynamodb = client("dynamodb")
    agents = AgentTable(dynamodb, env["AGENTS_TABLE"])
    installation = InstallationTable(dynamodb, env["AGENTS_TABLE"])
    leads = LeadTable(dynamodb, env["LEADS_TABLE"], timing)
    calls = TwilioCalls(Secret(client("secretsmanager"), env["TWILIO_SECRET"]), env["TWILIO_URL"], timing.post)
    caller_ids = CallerIds.parse(env["CALL_FROM"])
    options = CallRequest(
        ring_s=int(env["RING_TIMEOUT_S"]),
        limit_s=int(env["TIME_LIMIT_S"]),
        message=env["CALL_MESSAGE"],
        twiml_url=env["CALL_TWIML_URL"],
        public_url=env["PUBLIC_URL"],
        audio=Audio.of(env),
    )
    hours = load_hours(env["CALLING_HOURS"], env["TRUST_LIST_CONSENT"])
    push = Push(client("apigatewaymanagementapi", endpoint_url=env["WEBSOCKET_URL"]), agents)
    sessions = SessionTable(dynamodb, env["AGENTS_TABLE"], timing)
    phone = AgentPhone(sessions, caller_ids, options.ring_s, options.public_url)
    line = _line(sessions, calls, phone, options.audio, push, timing)
    numbers = NumberGate(CalledTable(dynamodb, env["AGENTS_TABLE"]), leads, int(env["COLLEAGUE_DAYS"]), timing)
    limits, rate = Limits.of(env), float(env["CALLS_PER_SECOND"])
    return Services(
        leads=leads,
        agents=agents,
        installation=installation,
        queue=DialQueue(client("sqs"), env["QUEUE_URL"], QueuedRuns(dynamodb, env["AGENTS_TABLE"], timing.function)),
        push=push,
        reconciler=Reconciler(leads, calls, timing, caller_ids.default, options.audio.agent_first),
        dialer=Dialer(
            leads,
            agents,
            installation,
            calls,
            options,
            hours,
            timing,
            numbers,
            CallerIdGate(caller_ids, CallerIdTable(dynamodb, env["AGENTS_TABLE"]), timing),
            limits=limits,
            line=line,
        ),
        rate_limiter=RateLimiter(installation, 1 / rate, min(5.0, timing.reserve)) if rate else None,
        hours=hours,
        timing=timing,
        lines=int(env["LINES"]),
        most_lines=int(env["MOST_LINES"]),
        daily=DailyLimit(installation, int(env["AGENT_CALLS_PER_DAY"]), int(env["CALLS_PER_DAY"])),
        line=line,
    )


def _line(
    sessions: SessionTable, calls: TwilioCalls, phone: AgentPhone, audio: Audio, push: Push, timing: Timing
) -> AgentLine | None:
    """The agents' own calls, if agents must be on the line before anybody is called."""
    return AgentLine(sessions, calls, phone, push, timing, audio.wrap_up_s) if audio.agent_first else None


services = _services(dict(os.environ))


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> None:
    """Do one run; an exception leaves the message on the queue for a retry."""
    record = event["Records"][0]
    message = RunMessage.loads(record["body"])
    logger.set_correlation_id(message.correlation_id)
    started = now()
    run = Run(services, message, started + context.get_remaining_time_in_millis() / 1000)
    metrics.add_metric("runs", MetricUnit.Count, 1)
    logger.info("run starts", extra={"user_id": message.user_id, "cause": message.cause})
    try:
        stop = run_or_retry(run.work, services.queue, services.timing, delivery(record))
    finally:
        _count(run)
        metrics.add_metric("run_length", MetricUnit.Milliseconds, (now() - started) * 1000)
    logger.info("run ends", extra={"user_id": message.user_id, "stop": stop and stop.reason, **run.report.totals})


def _count(run: Run) -> None:
    """Emit metrics even if the run raises, so that unknown outcomes always alarm."""
    ends = {f"run_{name}": count for name, count in run.report.totals.items()}
    for name, count in (ends | run.report.metrics | services.push.counts()).items():
        metrics.add_metric(name, MetricUnit.Count, count)
