"""The system as a picture.

page ── socket ── connect, leads_fetched ──▶ runs ──▶ dialer ──▶ Twilio ──▶ http ── status_webhook, voice
     └─ http ──── leads_api                                    all of them ──▶ tables, and events back by the socket
"""

from aws_cdk import Annotations, CfnOutput, Stack
from constructs import Construct

from cdk.acknowledgements import acknowledge
from cdk.apis import Http, Socket
from cdk.data import Runs, Tables
from cdk.domains import Domains
from cdk.functions import Functions, add_queue_trigger
from cdk.grants import allow, resources
from cdk.identity import Identity
from cdk.observability import watch
from cdk.page import Page
from cdk.page_headers import FALLBACK, INBOUND_FALLBACK
from cdk.settings import Settings


class Autocall(Stack):
    """One installation of autocall."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, settings.name, stack_name=settings.name, description="autocall, a serverless dialer")
        self._warn(settings)
        tables, runs = Tables(self, settings), Runs(self, settings)
        identity = Identity(self, settings)
        socket, http = Socket(self, settings), Http(self, settings)
        page = Page(self, settings, identity, socket.url, http.url) if settings.own_page else None
        if page:
            identity.invite_to(f"{page.origin}/")
        origins = [*settings.allowed_origins, page.origin] if page else settings.allowed_origins
        variables = _settings_environment(settings) | {
            "LEADS_TABLE": tables.leads.table_name,
            "AGENTS_TABLE": tables.agents.table_name,
            "QUEUE_URL": runs.queue.queue_url,
            "WEBSOCKET_URL": socket.stage.callback_url,
            "PUBLIC_URL": http.public_url(),
            "FALLBACK_URL": settings.fallback_url or (f"{page.origin}/{FALLBACK}" if page else ""),
            "ISSUER": identity.issuer,
            "AUDIENCE": ",".join(identity.audience),
            "JWKS_URL": identity.jwks_url,
            "ALLOWED_ORIGINS": ",".join(origins),
        }
        inbound_fallback = settings.inbound_fallback_url or (f"{page.origin}/{INBOUND_FALLBACK}" if page else "")
        functions = Functions(self, settings, variables).by_name
        socket.add_routes(functions)
        http.add_routes(functions, identity)
        add_queue_trigger(functions["dialer"], runs, settings)
        named = resources(self, settings, tables, runs, socket.stage, socket.api.api_id)
        allow(functions, named)
        Domains(self, settings, socket, http)
        topic = watch(self, settings, functions, runs, http, socket)
        acknowledge(self, self.resolve(socket.api.api_id)["Ref"])
        self._outputs(
            WebsocketUrl=socket.url,
            HttpUrl=http.url,
            PublicUrl=http.public_url(),
            ManagementUrl=socket.stage.callback_url,
            SocketApiId=socket.api.api_id,
            HttpApiId=http.api.api_id,
            Issuer=identity.issuer,
            Audience=",".join(identity.audience),
            LeadsTable=tables.leads.table_name,
            AgentsTable=tables.agents.table_name,
            QueueUrl=runs.queue.queue_url,
            DeadLetterQueueUrl=runs.dead.queue_url,
            TwilioSecret=settings.twilio_secret,
            TwilioUrl=settings.twilio_url,
            Audio=settings.audio,
            AlarmTopic=topic.topic_arn,
            **{"CallFrom": ",".join(settings.call_from)} if settings.call_from else {},
            **{"InboundFallbackUrl": inbound_fallback} if inbound_fallback else {},
        )

    def _warn(self, settings: Settings) -> None:
        if not settings.call_from:
            text = "call_from is not set: every run fails at its start, and nobody is called, until you set your number"
            Annotations.of(self).add_warning_v2("autocall:call_from", text)
        if not settings.countries and not settings.local:
            text = "countries is not set: agents may call any country, as far as Twilio's geo permissions let them"
            Annotations.of(self).add_warning_v2("autocall:countries", text)
        for name in ("company", "callback_number"):
            if not getattr(settings, name):
                text = f"{name} is not set: every run fails at its start, because called people must hear who calls"
                Annotations.of(self).add_warning_v2(f"autocall:{name}", text)

    def _outputs(self, **values: str) -> None:
        for name, value in values.items():
            CfnOutput(self, name, value=value)


def _settings_environment(settings: Settings) -> dict[str, str]:
    return {
        "TWILIO_SECRET": settings.twilio_secret,
        "TWILIO_URL": settings.twilio_url,
        "FUNCTION_TIMEOUT_S": str(settings.function_timeout_s),
        "RING_TIMEOUT_S": str(settings.ring_timeout_s),
        "TIME_LIMIT_S": str(settings.time_limit_s),
        "PING_PERIOD_S": str(settings.ping_period_s),
        "LINES": str(settings.lines),
        "CALLS_PER_SECOND": f"{settings.calls_per_second:g}",
        "CALL_FROM": ",".join(settings.call_from),
        "AUDIO": settings.audio,
        "COMPANY": settings.company,
        "CALLBACK_NUMBER": settings.callback_number,
        "LANGUAGE": settings.language,
        "CALL_REASON": settings.call_reason,
        "WRAP_UP_S": str(settings.wrap_up_s),
        "MACHINE_DETECTION": settings.machine_detection,
        "HANG_UP_ON_MACHINES": settings.hang_up_on_machines,
        "CALL_MESSAGE": settings.call_message,
        "CALL_TWIML_URL": settings.call_twiml_url,
        "VOICEMAIL_MESSAGE": settings.voicemail_message,
        "VOICEMAIL_URL": settings.voicemail_url,
        "CALLING_HOURS": settings.calling_hours,
        "TRUST_LIST_CONSENT": ",".join(settings.trust_list_consent),
        "DEFAULT_REGION": settings.default_region,
        "TOKEN_SECRET": settings.token_secret,
        "MOST_LINES": str(settings.most_lines),
        "CALLS_PER_DAY": str(settings.calls_per_day),
        "AGENT_CALLS_PER_DAY": str(settings.agent_calls_per_day),
        "COLLEAGUE_DAYS": str(settings.colleague_days),
        "COUNTRIES": ",".join(settings.countries),
        "REFUSED_NUMBER_TYPES": ",".join(settings.refused_number_types),
    }
