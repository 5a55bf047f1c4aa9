"""Answers Twilio's requests for TwiML, and its callbacks about conferences and about agents' own calls.

The status callbacks of leads' calls go to `status_webhook`.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from autocall.agent_table import AgentTable
from autocall.audio import Audio
from autocall.aws import client
from autocall.called_table import CalledTable
from autocall.dial_queue import DialQueue
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import Attempt
from autocall.push import Push
from autocall.queued_run import QueuedRuns
from autocall.secret import Secret
from autocall.session_table import SessionTable
from autocall.signature import FormData, is_twilios, read_form
from autocall.timing import Timing, now
from autocall.voice_token import user_of
from functions.voice.agent_calls import AgentCalls, RoomEvent
from functions.voice.counts import Counts
from functions.voice.documents import Documents
from functions.voice.inbound_calls import InboundCall, InboundCalls
from functions.voice.inbound_documents import InboundDocuments
from functions.voice.lead_calls import LeadCalls, Leg
from functions.voice.phrases import LANGUAGES

if TYPE_CHECKING:
    from autocall.twilio_calls import TwilioCalls

logger = Logger()
metrics = Metrics()
env = os.environ
timing = Timing(float(env["FUNCTION_TIMEOUT_S"]), float(env["RING_TIMEOUT_S"]))
secret = Secret(client("secretsmanager"), env["TWILIO_SECRET"])
public_url = env["PUBLIC_URL"]
audio = Audio.of(env)
dynamodb = client("dynamodb")
agents = AgentTable(dynamodb, env["AGENTS_TABLE"])
push = Push(client("apigatewaymanagementapi", endpoint_url=env["WEBSOCKET_URL"]), agents)
sessions = SessionTable(dynamodb, env["AGENTS_TABLE"], timing)
leads = LeadTable(dynamodb, env["LEADS_TABLE"], timing)
phrases = LANGUAGES[env["LANGUAGE"]]
documents = Documents(phrases, audio.company, audio.callback_number, public_url)
inbound_documents = InboundDocuments(phrases, audio.company, env["CALL_REASON"], public_url)
counts = Counts()


@cache
def twilio() -> "TwilioCalls":
    """The Twilio client, imported only for a lead who is alone in a room: it would slow down every cold start."""
    from autocall.twilio_calls import TwilioCalls

    return TwilioCalls(secret, env["TWILIO_URL"], timing.post)


queue = DialQueue(client("sqs"), env["QUEUE_URL"], QueuedRuns(dynamodb, env["AGENTS_TABLE"], timing.function))
limit_s = int(env["TIME_LIMIT_S"])
agent_calls = AgentCalls(sessions, leads, queue, push, documents, counts)
lead_calls = LeadCalls(
    sessions,
    leads,
    push,
    documents,
    counts,
    twilio,
    limit_s,
    inbound_documents,
    audio.hang_up_on_machines,
)
inbound_calls = InboundCalls(
    CalledTable(dynamodb, env["AGENTS_TABLE"]),
    sessions,
    leads,
    InstallationTable(dynamodb, env["AGENTS_TABLE"]),
    queue,
    push,
    documents,
    inbound_documents,
    counts,
    limit_s,
)


@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Refuse a request that Twilio did not sign, and answer any other.

    An unexpected error in a callback, or when a call is answered, is a 5xx: Twilio retries, and in the end plays the
    installation's static document. After that, a lead hears a polite document instead, and the retry comes later.
    """
    logger.set_correlation_id(event["requestContext"]["requestId"])
    method_and_path = event["routeKey"]
    path = event.get("pathParameters") or {}
    form = read_form(event)
    if form is None or not is_twilios(_url(method_and_path, path, event), event, form, secret):
        logger.warning("request refused")
        metrics.add_metric("voice_refused", MetricUnit.Count, 1)
        return {"statusCode": 403}
    what = method_and_path.split("/twilio/")[1].partition("/{")[0]
    query = dict(parse_qsl(event.get("rawQueryString") or ""))
    try:
        answer = _answer(what, path, query, form, event["requestContext"]["requestId"])
    finally:
        _count()
    logger.info("voice", extra={"what": what, "user_id": path.get("user_id"), "lead_id": path.get("lead_id")})
    return answer


def _answer(
    what: str, path: dict[str, str], query: dict[str, str], form: FormData, correlation_id: str
) -> dict[str, Any]:
    moment = now()
    user = path.get("user_id") or user_of(form.get("From"))
    if what == "agent":
        return _heard(_agent(user, "user_id" in path, query, form, correlation_id, moment))
    if what == "leg":
        if user:
            agent_calls.over(user, query.get("session", ""), form.get("CallSid"), form.get("CallStatus"), moment)
        return {"statusCode": 204}
    if what == "amd":
        attempt = Attempt(path["user_id"], path["lead_id"], query.get("attempt", ""))
        lead_calls.answered_by(attempt, form.get("CallSid"), form.get("AnsweredBy"), moment)
        return {"statusCode": 204}
    if what == "room":
        agent_calls.room(_room_event(user, query, form), moment, correlation_id)
        return {"statusCode": 204}
    if what == "inbound/over":
        inbound_calls.over(_inbound(form, query), form.get("CallStatus"), moment, correlation_id)
        return {"statusCode": 204}
    try:
        if what.startswith("inbound"):
            return _heard(_to_who_calls_us(what, query, form, moment, correlation_id))
        return _heard(_to_a_lead(what, path, query, form, moment))
    except Exception:
        if what == "answer":
            raise
        logger.exception("a document failed")
        logger.warning("a lead hears something polite instead", extra={"what": what})
        counts.add("voice_failed")
        return _heard(_instead(what, path, query))


def _instead(what: str, path: dict[str, str], query: dict[str, str]) -> str:
    """A polite end; a lead who may be alone in a room waits, and is checked again."""
    if what.startswith("inbound"):
        return inbound_documents.goodbye()
    if what == "alone":
        return documents.wait(path["user_id"], path["lead_id"], query.get("attempt", ""), query.get("session", ""))
    return documents.goodbye()


def _agent(user: str, by_phone: bool, query: dict[str, str], form: FormData, correlation_id: str, moment: float) -> str:
    """The TwiML for an agent. A page chooses its own parameters, so only the session is used, and it must be open."""
    session = query.get("session", "") if by_phone else form.get("session")
    if not user or not session:
        return documents.not_this_line()
    if by_phone and form.get("Digits") != "1":
        return documents.not_this_line() if form.get("Digits") else documents.press_one(user, session)
    return agent_calls.document(user, session, form.get("CallSid"), correlation_id, moment)


def _to_a_lead(what: str, path: dict[str, str], query: dict[str, str], form: FormData, moment: float) -> str:
    leg = Leg(path["user_id"], path["lead_id"], query.get("attempt", ""), form.get("CallSid"), "again" in query)
    match what:
        case "answer":
            return lead_calls.answer(leg, moment)
        case "alone":
            return lead_calls.alone(leg, query.get("session", ""), int(query.get("n") == "1"), moment)
        case "left":
            return lead_calls.left(leg, form.get("DialBridged") == "true", moment)
        case _:
            return lead_calls.menu(leg, form.get("Digits"), form.get("To"), moment)


def _inbound(form: FormData, query: dict[str, str]) -> InboundCall:
    waited = query.get("waited", "0")
    about = query.get("user", ""), query.get("lead", ""), int(waited) if waited.isdecimal() else 0
    return InboundCall(form.get("From"), form.get("CallSid"), *about)


def _to_who_calls_us(what: str, query: dict[str, str], form: FormData, moment: float, correlation_id: str) -> str:
    call = _inbound(form, query)
    if what == "inbound/menu":
        return inbound_calls.menu(call, form.get("Digits"), moment)
    return inbound_calls.answer(call, moment, correlation_id)


def _room_event(user: str, query: dict[str, str], form: FormData) -> RoomEvent:
    return RoomEvent(
        user,
        query.get("session", ""),
        form.get("StatusCallbackEvent"),
        form.get("ParticipantLabel"),
        query.get("attempt", ""),
        query.get("lead", ""),
    )


def _url(route: str, path: dict[str, str], event: dict[str, Any]) -> str:
    """The URL that Twilio signed: the one that we gave it, without the fragment."""
    query = event.get("rawQueryString") or ""
    return public_url + route.split(" ")[1].format(**path) + (f"?{query}" if query else "")


def _heard(document: str) -> dict[str, Any]:
    headers = {"content-type": "text/xml; charset=utf-8", "cache-control": "no-store"}
    return {"statusCode": 200, "headers": headers, "body": document}


def _count() -> None:
    counted, measured = counts.take()
    for name, count in (counted + push.counts()).items():
        metrics.add_metric(name, MetricUnit.Count, count)
    for name, milliseconds in measured.items():
        metrics.add_metric(name, MetricUnit.Milliseconds, milliseconds)
