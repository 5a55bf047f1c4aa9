"""The settings of an installation, from the CDK context (`-c lines=3`, or `cdk.json`), validated at synth."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_RETENTIONS = ("one_week", "one_month", "three_months", "six_months", "one_year", "two_years", "ten_years")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_JURISDICTION = r"(all|[A-Z]{2}(-[A-Z0-9]{1,3})?)"
_HOURS = r"[a-z0-9][a-z0-9_-]{0,40}"
_E164 = r"\+[1-9]\d{6,14}"
_CALL_FROM = "a number in E.164, such as +12015550123, or several with commas: DE:+4930123456,+12015550123"
_MOST_NUMBERS = 50  # each is read before each call
_ARN = r"|arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+"
_SECRETS_NAME = r"[\w/+=.@-]{1,512}"
_MOST_SAID = 3000  # of the 4 KB that all variables of a function may have together
_DOMAIN = r"|([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
_MESSAGE = "Hello. We are sorry: nobody can take this call right now. Goodbye."
_TYPES = ("personal", "shared_cost", "satellite", "toll_free", "voip", "uan")
_ACCOUNTS_REQUESTS = 10_000  # a second, over all APIs of an account and region; 2,500 in newer regions
_ACCOUNTS_SOCKETS = 500  # new ones a second, of an account and region
ADMINS = "admins"  # the group whose members may change what holds for the whole installation
_FOREIGN = re.compile(r"[:/]")  # names in the CDK's own context have one of these


class BadSetting(ValueError):
    """Invalid context value; the message names it and says what is allowed."""


@dataclass(frozen=True)
class Settings:
    """The settings of one installation; the defaults are in `parse`."""

    target: str
    stage: str
    lines: int
    calls_per_second: float
    max_concurrency: int
    function_timeout_s: int
    ring_timeout_s: int
    time_limit_s: int
    ping_period_s: int
    call_from: tuple[str, ...]
    audio: str
    company: str
    callback_number: str
    language: str
    call_reason: str
    wrap_up_s: int
    fallback_url: str
    inbound_fallback_url: str
    machine_detection: str
    hang_up_on_machines: str
    call_message: str
    call_twiml_url: str
    voicemail_message: str
    voicemail_url: str
    calling_hours: str
    trust_list_consent: tuple[str, ...]
    default_region: str
    twilio_secret: str
    twilio_url: str
    public_url: str
    issuer: str
    audience: tuple[str, ...]
    jwks_url: str
    token_secret: str
    allowed_origins: tuple[str, ...]
    log_level: str
    log_retention: str
    alarm_email: str
    runbook_url: str
    http_requests_per_second: int
    callbacks_per_second: int
    socket_frames_per_second: int
    handshakes_per_second: int
    connect_concurrency: int
    dialer_concurrency: int
    webhook_concurrency: int
    memory_mb: int
    most_lines: int
    calls_per_day: int
    agent_calls_per_day: int
    colleague_days: int
    countries: tuple[str, ...]
    refused_number_types: tuple[str, ...]
    page: str
    page_client_id: str
    page_scope: str
    page_audience: str
    page_token: str
    page_connects_to: tuple[str, ...]
    page_domain: str
    page_certificate: str
    api_domain: str
    socket_domain: str
    domain_certificate: str

    @property
    def local(self) -> bool:
        """Whether this is for an emulator on this machine: with its processor, and data that may be deleted."""
        return self.target == "local"

    @property
    def caller_id_labels(self) -> tuple[str, ...]:
        """The label of each number that calls are made from, as `autocall/caller_ids.py` has it: `DE`, `DE-2`."""
        labels: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for entry in self.call_from:
            country, _, number = entry.rpartition(":")
            country = country or "default"
            counts[country] += 1
            labels.setdefault(number, country if counts[country] == 1 else f"{country}-{counts[country]}")
        return tuple(labels.values()) or ("default",)

    @property
    def name(self) -> str:
        """The prefix of all names of this installation."""
        return name_of(self.stage)

    @property
    def own_page(self) -> bool:
        """Whether the stack has the page: not on an emulator, nor if a back end signs the tokens."""
        return (self.page or ("no" if self.local or self.token_secret else "yes")) == "yes"


def name_of(stage: str) -> str:
    """The stack's name; several stages can exist in one account."""
    return f"autocall-{stage}" if stage else "autocall"


def parse(context: Mapping[str, Any]) -> Settings:
    """The settings in *context*; BadSetting names the first one that is invalid or does not exist."""
    given = _ContextReader(context)
    stage = given.text("stage", "", r"|[a-z][a-z0-9-]{0,19}", "lower-case letters, digits and hyphens, at most 20")
    settings = Settings(
        target=given.text("target", "aws", "aws|local", "aws or local"),
        stage=stage,
        lines=given.whole("lines", 1, 1, 20),
        calls_per_second=given.number("calls_per_second", 1, 0, 1000),
        max_concurrency=given.whole("max_concurrency", 50, 2, 1000),
        function_timeout_s=given.whole("function_timeout_s", 30, 3, 300),
        ring_timeout_s=given.whole("ring_timeout_s", 25, 15, 600),
        time_limit_s=given.whole("time_limit_s", 3600, 1, 86_400),
        ping_period_s=given.whole("ping_period_s", 60, 30, 540),
        call_from=given.several("call_from", rf"([A-Z]{{2}}:)?{_E164}", allowed=_CALL_FROM),
        audio=given.text("audio", "agent", "agent|message", "agent or message"),
        company=given.text("company", "", r"|[^\s<>].{0,63}", "a name, at most 64 characters"),
        callback_number=given.text("callback_number", "", rf"|{_E164}", "a number in E.164, such as +12015550123"),
        language=given.text("language", "en", "en|de|fr|es", "en, de, fr or es"),
        call_reason=given.text("call_reason", "", r"|[^\s<>][^<>]{0,299}", "a sentence, at most 300 characters"),
        wrap_up_s=given.whole("wrap_up_s", 30, 0, 3600),
        fallback_url=given.url("fallback_url", ""),
        inbound_fallback_url=given.url("inbound_fallback_url", ""),
        machine_detection=given.text("machine_detection", "off", "off|start|message_end", "off, start or message_end"),
        hang_up_on_machines=given.text("hang_up_on_machines", "no", "yes|no", "yes or no"),
        call_message=given.text("call_message", _MESSAGE, r"(?s).{1,3000}", "1 to 3000 characters"),
        call_twiml_url=given.url("call_twiml_url", ""),
        voicemail_message=given.text("voicemail_message", "", r"(?s).{0,3000}", "at most 3000 characters"),
        voicemail_url=given.text("voicemail_url", "", r"|https://[^\s/]+/\S+", "the https:// address of a recording"),
        calling_hours=given.text("calling_hours", "default", _HOURS, "the name of a file in autocall/hours, or always"),
        trust_list_consent=given.several("trust_list_consent", _JURISDICTION),
        default_region=given.text("default_region", "US", "[A-Z]{2}", "a country's two capital letters"),
        twilio_secret=given.text("twilio_secret", f"{name_of(stage)}/twilio", _SECRETS_NAME, "the name of a secret"),
        twilio_url=given.url("twilio_url", "https://api.twilio.com"),
        public_url=given.url("public_url", ""),
        issuer=given.url("issuer", "", end_slash=True),
        audience=given.several("audience", r"[^\s,]+"),
        jwks_url=given.url("jwks_url", ""),
        token_secret=given.text("token_secret", "", f"|{_SECRETS_NAME}", "the name of a secret"),
        allowed_origins=given.several("allowed_origins", r"https?://[^\s/,*]+"),
        log_level=given.text("log_level", "INFO", "|".join(_LEVELS), " or ".join(_LEVELS)),
        log_retention=given.text("log_retention", "three_months", "|".join(_RETENTIONS), " or ".join(_RETENTIONS)),
        alarm_email=given.text("alarm_email", "", r"|[^\s@]+@[^\s@]+", "an address that alarms are mailed to"),
        runbook_url=given.text("runbook_url", "docs/runbook", r"\S+", "where the runbook's pages are"),
        http_requests_per_second=given.whole("http_requests_per_second", _ACCOUNTS_REQUESTS, 1, _ACCOUNTS_REQUESTS),
        callbacks_per_second=given.whole("callbacks_per_second", _ACCOUNTS_REQUESTS, 1, _ACCOUNTS_REQUESTS),
        socket_frames_per_second=given.whole("socket_frames_per_second", _ACCOUNTS_REQUESTS, 1, _ACCOUNTS_REQUESTS),
        handshakes_per_second=given.whole("handshakes_per_second", _ACCOUNTS_SOCKETS, 1, _ACCOUNTS_SOCKETS),
        connect_concurrency=given.whole("connect_concurrency", 50, 0, 1000),
        dialer_concurrency=given.whole("dialer_concurrency", 0, 0, 1000),
        webhook_concurrency=given.whole("webhook_concurrency", 0, 0, 1000),
        memory_mb=given.whole("memory_mb", 1024, 256, 3008),
        most_lines=given.whole("most_lines", 20, 1, 20),
        calls_per_day=given.whole("calls_per_day", 0, 0, 10_000_000),
        agent_calls_per_day=given.whole("agent_calls_per_day", 0, 0, 100_000),
        colleague_days=given.whole("colleague_days", 30, 0, 366),
        countries=given.several("countries", r"[A-Z]{2}"),
        refused_number_types=given.several("refused_number_types", "|".join(_TYPES), "personal,shared_cost,satellite"),
        page=given.text("page", "", "|yes|no", "yes or no"),
        page_client_id=given.text("page_client_id", "", r"\S*", "a client's id"),
        page_scope=given.text("page_scope", "", r"[\w:./ -]*", "scopes, with spaces between"),
        page_audience=given.text("page_audience", "", r"\S*", "an audience"),
        page_token=given.text("page_token", "access", "access|id", "access or id"),
        page_connects_to=given.several("page_connects_to", r"https://[^\s/,*;'\"]+"),
        page_domain=given.text("page_domain", "", _DOMAIN, "a domain, such as calls.example.com"),
        page_certificate=given.text("page_certificate", "", _ARN, "the ARN of a certificate in us-east-1"),
        api_domain=given.text("api_domain", "", _DOMAIN, "a domain, such as calls-api.example.com"),
        socket_domain=given.text("socket_domain", "", _DOMAIN, "a domain, such as calls-socket.example.com"),
        domain_certificate=given.text("domain_certificate", "", _ARN, "the ARN of a certificate in the stack's region"),
    )
    given.reject_unknown()
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    """BadSetting for combinations of settings that contradict each other."""
    size = len(f"{settings.call_message}{settings.call_twiml_url}".encode())
    left = len(f"{settings.voicemail_message}{settings.voicemail_url}".encode())
    heard = settings.audio == "message" and not settings.call_twiml_url
    contradictions = {
        "call_from: one number must have no country: the number for all others": settings.call_from
        and all(":" in entry for entry in settings.call_from),
        f"call_from: more than {_MOST_NUMBERS} numbers": len(settings.call_from) > _MOST_NUMBERS,
        "call_message: what is heard in place of an agent must say who calls (company) and the number to call back"
        " (callback_number)": heard
        and settings.company
        and settings.callback_number
        and not _names(settings, settings.call_message),
        f"call_message: {size} bytes are too many for the function's environment: at most 3000, an address of TwiML"
        " among them": size > _MOST_SAID,
        "voicemail_message: what a mailbox keeps must say who calls (company) and the number to call back"
        " (callback_number)": settings.voicemail_message and not _names(settings, settings.voicemail_message),
        "voicemail_url: either a recording or a text that is read out (voicemail_message), never both": (
            settings.voicemail_message and settings.voicemail_url
        ),
        f"voicemail_message: {left} bytes are too many for the function's environment: at most 3000": left > _MOST_SAID,
        "audience: an issuer of your own needs the audience of its tokens, such as a client's id": settings.issuer
        and not settings.audience,
        "audience: only with an issuer of your own; Cognito's client is known": settings.audience
        and not settings.issuer,
        "token_secret: tokens that a back end signs still name an issuer and an audience": settings.token_secret
        and not settings.issuer,
        "token_secret: either a shared secret or published keys (jwks_url), never both": settings.token_secret
        and settings.jwks_url,
        "page: nobody can log in to this page with tokens that a back end signs": settings.token_secret
        and settings.own_page,
        "lines: more than an agent may set, which is most_lines": settings.lines > settings.most_lines,
        "dialer_concurrency: 0, or at least max_concurrency; else runs that find no room fail until they are dead": 0
        < settings.dialer_concurrency
        < settings.max_concurrency,
        "page_certificate: with page_domain, and only with it": bool(settings.page_domain)
        != bool(settings.page_certificate),
        "domain_certificate: with api_domain or socket_domain, and only with one": bool(
            settings.api_domain or settings.socket_domain
        )
        != bool(settings.domain_certificate),
    }
    for problem, found in contradictions.items():
        if found:
            raise BadSetting(problem)


def _names(settings: Settings, message: str) -> bool:
    """Whether the message has the company and the callback number, however its digits are grouped."""
    digits = [re.sub(r"\D", "", text) for text in (settings.callback_number, message)]
    return settings.company.casefold() in message.casefold() and digits[0] in digits[1]


class _ContextReader:
    """Reads the context one value at a time, and rejects unknown names at the end."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._context, self._known = context, set[str]()

    def text(self, name: str, default: str, pattern: str, allowed: str) -> str:
        self._known.add(name)
        value = str(self._context.get(name, default))
        if not re.fullmatch(pattern, value):
            raise BadSetting(f"{name}: {value!r} is not {allowed}")
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        text = self.text(name, str(default), r"\d+(\.\d+)?", f"a number from {low} to {high}")
        if not low <= float(text) <= high:
            raise BadSetting(f"{name}: {text} is not from {low} to {high}")
        return float(text)

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        value = self.number(name, default, low, high)
        if not value.is_integer():
            raise BadSetting(f"{name}: {value} is not a whole number")
        return int(value)

    def url(self, name: str, default: str, *, end_slash: bool = False) -> str:
        """A URL without a slash at its end, unless *end_slash* keeps it."""
        value = self.text(name, default, r"|https?://[^\s/]+(/\S*)?", "an address that starts with https:// or http://")
        return value if end_slash else value.rstrip("/")

    def several(
        self,
        name: str,
        pattern: str,
        default: str = "",
        allowed: str = "one or more, with commas and no spaces between",
    ) -> tuple[str, ...]:
        item = f"(?:{pattern})"
        value = self.text(name, default, rf"|{item}(,{item})*", allowed)
        return tuple(filter(None, value.split(",")))

    def reject_unknown(self) -> None:
        for name in self._context:
            if name not in self._known and not _FOREIGN.search(name):
                raise BadSetting(f"{name}: there is no such setting; there are {', '.join(sorted(self._known))}")
