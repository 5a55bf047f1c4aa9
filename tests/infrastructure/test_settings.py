"""A setting that cannot be meant stops at synth, with its name and what is allowed."""

from dataclasses import fields
from typing import Any

import pytest
from aws_cdk import App

from autocall.timing import Timing
from cdk.app import main
from cdk.settings import ADMINS, BadSetting, Settings, parse
from functions.leads_api import request
from tests.infrastructure.conftest import CHOSEN
from tests.page_modules import exports_of

ISSUER = {"issuer": "https://login.example.com", "audience": "page"}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0b1c-2d3e"

WRONG: dict[str, list[Any]] = {
    "target": ["", "AWS", "gcp"],
    "stage": ["Prod", "1st", "a_b", "-x", "x" * 21, "pröd"],
    "lines": ["0", "21", "1.5", "-1", "one", "", "1e1", " 1"],
    "calls_per_second": ["-1", "1001", "fast", "1,5", "nan"],
    "max_concurrency": ["1", "1001", "2.5"],
    "function_timeout_s": ["2", "301", "30s"],
    "ring_timeout_s": ["14", "601"],
    "time_limit_s": ["0", "86401"],
    "ping_period_s": ["0", "29", "541"],
    "call_from": [
        *("DE:+4930123456", "+12015550123,", "de:+4930123456,+12015550123", "+12015550123, +12015550124"),
        ",".join(["+12015550123"] * 51),
        "12025550100",
        "+0123456789",
        "+120255",
        "+1 202 555 0100",
        "+1202555010012345",
        "client:ada",
    ],
    "audio": ["", "Agent", "robot"],
    "company": [" Acme", "<Acme>", "x" * 65],
    "callback_number": ["12025550100", "+0123456789", "client:ada"],
    "wrap_up_s": ["-1", "3601", "ready"],
    "fallback_url": ["page.example.com", "ftp://example.com"],
    "inbound_fallback_url": ["page.example.com", "ftp://example.com"],
    "machine_detection": ["", "yes", "Enable"],
    "hang_up_on_machines": ["", "maybe", "Yes"],
    "call_message": ["", "x" * 3001, "ж" * 1501],
    "call_twiml_url": ["calls.example.com", "ftp://example.com", "https://", "https://a b"],
    "voicemail_message": ["x" * 3001, "ж" * 1501],
    "voicemail_url": ["http://example.com/message.mp3", "example.com", "https://example.com", "https://a b/c"],
    "calling_hours": ["", "../secret", "Default", "a.json"],
    "trust_list_consent": ["yes", "fr", "FR, DE", "USA", "all,", "US-"],
    "default_region": ["us", "USA", ""],
    "twilio_secret": ["", "a b", "x" * 513, "twilio*"],
    "twilio_url": ["api.twilio.com"],
    "public_url": ["example.com"],
    "issuer": ["login.example.com"],
    "audience": ["a,,b", "a, b", ","],
    "jwks_url": ["keys"],
    "token_secret": ["a b", "*"],
    "allowed_origins": ["*", "example.com", "https://a.example.com/", "https://*.example.com", "https://a b"],
    "log_level": ["LOUD", "info", ""],
    "log_retention": ["forever", "90", ""],
    "alarm_email": ["ada", "ada@", "a b@example.com"],
    "runbook_url": ["", "a b"],
    "http_requests_per_second": ["0", "10001"],
    "callbacks_per_second": ["0", "10001"],
    "socket_frames_per_second": ["0", "10001"],
    "handshakes_per_second": ["0", "501"],
    "connect_concurrency": ["-1", "1001"],
    "dialer_concurrency": ["-1", "1001", "49"],
    "webhook_concurrency": ["-1", "1001"],
    "memory_mb": ["128", "255", "3009"],
    "most_lines": ["0", "21"],
    "calls_per_day": ["-1", "1.5"],
    "agent_calls_per_day": ["-1", "many"],
    "language": ["", "it", "de-DE"],
    "call_reason": [" ", "<b>", "x" * 301],
    "colleague_days": ["-1", "367", "1.5"],
    "countries": ["us", "USA", "US, CA", "US,"],
    "refused_number_types": ["mobile", "personal,", "Personal"],
    "page": ["true", "off"],
    "page_client_id": ["a b"],
    "page_scope": ["openid;", "'self'"],
    "page_audience": ["a b"],
    "page_token": ["", "refresh"],
    "page_connects_to": ["http://a.example.com", "https://a.example.com;", "'unsafe-inline'", "*"],
    "page_domain": ["example", "https://calls.example.com", "Calls.example.com", "calls.example.com."],
    "page_certificate": ["arn:aws:iam::1:x", "certificate"],
    "api_domain": ["example", "a_b.example.com"],
    "socket_domain": ["example", "wss://socket.example.com"],
    "domain_certificate": ["arn:aws:acm:us-east-1:1:certificate/x"],
}

RIGHT: dict[str, list[Any]] = {
    "target": ["aws", "local"],
    "stage": ["", "prod", "x1-y", "a" * 20],
    "lines": ["1", "20", 3],
    "calls_per_second": ["0", "0.5", "1000"],
    "function_timeout_s": ["3", "300"],
    "ping_period_s": ["30", "540"],
    "call_from": ["", "+12015550123", "+4915112345678", "DE:+4930123456,DE:+4930123457,US:+12015550123,+12015550124"],
    "call_message": ["x", "Two\nlines", "x" * 3000, "ж" * 1500],
    "voicemail_message": ["", "Two\nlines", "x" * 3000],
    "voicemail_url": ["", "https://example.com/message.mp3"],
    "trust_list_consent": ["", "all", "FR", "US-FL,DE"],
    "audio": ["agent", "message"],
    "company": ["", "Acme Ltd.", "x" * 64],
    "wrap_up_s": ["0", "3600"],
    "machine_detection": ["off", "start", "message_end"],
    "hang_up_on_machines": ["yes", "no"],
    "twilio_secret": ["team/autocall+twilio", "x" * 512],
    "public_url": ["", "http://127.0.0.1:4566/{api}"],
    "allowed_origins": ["", "http://localhost:5173", "https://a.example.com,https://b.example.com"],
    "connect_concurrency": ["0", "1000"],
    "dialer_concurrency": ["0", "50", "1000"],
    "countries": ["", "US", "US,CA,DE"],
    "refused_number_types": ["", "personal", "toll_free,voip,uan"],
    "page": ["", "yes", "no"],
    "page_scope": ["", "openid email api://calls/read"],
}

WHO = {"audio": "message", "company": "Acme Ltd.", "callback_number": "+12015550123"}
TALKS = {"audio": "agent"}
CONTRADICTIONS: list[tuple[str, dict[str, str]]] = [
    ("lines", {"lines": "3", "most_lines": "2"}),
    ("dialer_concurrency", {"dialer_concurrency": "20", "max_concurrency": "21"}),
    ("call_message", WHO),
    ("call_message", WHO | {"call_message": "This is ACME LTD., call us."}),
    ("call_message", WHO | {"call_message": "Call us at +1 201 555 0123."}),
    ("voicemail_message", WHO | TALKS | {"voicemail_message": "This is Acme Ltd., call us."}),
    ("voicemail_message", WHO | TALKS | {"voicemail_message": "Call us at +1 201 555 0123."}),
    ("voicemail_url", {"voicemail_message": "x", "voicemail_url": "https://example.com/message.mp3"}),
    ("audience", {"issuer": "https://login.example.com"}),
    ("audience", {"audience": "page"}),
    ("token_secret", {"token_secret": "key"}),
    ("token_secret", ISSUER | {"token_secret": "key", "jwks_url": "https://login.example.com/keys"}),
    ("page", ISSUER | {"token_secret": "key", "page": "yes"}),
    ("page_certificate", {"page_domain": "calls.example.com"}),
    ("page_certificate", {"page_certificate": CERTIFICATE}),
    ("domain_certificate", {"api_domain": "api.example.com"}),
    ("domain_certificate", {"socket_domain": "socket.example.com"}),
    ("domain_certificate", {"domain_certificate": CERTIFICATE}),
]

TOGETHER = [
    {},
    WHO | TALKS,
    WHO | TALKS | {"voicemail_message": "This is Acme Ltd.: +1 (201) 555-0123."},
    WHO | {"call_message": "This is Acme Ltd.: +1 (201) 555-0123."},
    WHO | {"call_twiml_url": "https://twiml.example.com"},
    ISSUER,
    ISSUER | {"jwks_url": "https://keys.example.com/jwks"},
    ISSUER | {"token_secret": "key"},
    ISSUER | {"token_secret": "key", "page": "no"},
    {"jwks_url": "http://127.0.0.1:4566/{pool}/.well-known/jwks.json"},
    {"page_domain": "calls.example.com", "page_certificate": CERTIFICATE},
    {"api_domain": "api.example.com", "domain_certificate": CERTIFICATE},
    {"api_domain": "api.example.com", "socket_domain": "socket.example.com", "domain_certificate": CERTIFICATE},
]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_setting_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(BadSetting, match=rf"^{name}: ."):
        parse({name: value})


def test_every_setting_has_a_wrong_value_here() -> None:
    assert set(WRONG) == {field.name for field in fields(Settings)}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in RIGHT.items() for value in values])
def test_the_ends_of_what_is_allowed_are_allowed(name: str, value: Any) -> None:
    parse({name: value})


def test_a_page_is_never_absent_between_two_of_its_pings() -> None:
    """However short the period is set, the page pings when it does."""
    page_pings_s = exports_of("socket/frames.ts")["PING_MS"] / 1000
    shortest = next(s for s in range(1, 541) if _taken("ping_period_s", s))
    assert Timing(ping=shortest).presence_timeout > page_pings_s


def _taken(name: str, value: Any) -> bool:
    try:
        parse({name: value})
    except BadSetting:
        return False
    return True


@pytest.mark.parametrize(("name", "context"), CONTRADICTIONS)
def test_choices_that_contradict_each_other_are_refused(name: str, context: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match=rf"^{name}: ."):
        parse(context)


@pytest.mark.parametrize("context", TOGETHER)
def test_choices_that_belong_together_are_taken(context: dict[str, str]) -> None:
    parse(context)


@pytest.mark.parametrize("name", ["line", "Lines", "call-from", "twilio_auth_token"])
def test_a_setting_that_does_not_exist_is_refused(name: str) -> None:
    """A misspelled setting would otherwise be one that has no effect."""
    with pytest.raises(BadSetting, match=rf"^{name}: there is no such setting; there are .*lines"):
        parse({name: "1"})


def test_the_cdks_own_context_is_no_setting_of_ours() -> None:
    assert parse(CHOSEN) == parse({})


def test_a_wrong_setting_stops_synth_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdk.app.App", lambda: App(context={"lines": "99"}))
    with pytest.raises(SystemExit, match=r"^Context: lines: 99 is not from 1 to 20$"):
        main()


def test_the_group_that_is_made_is_the_one_that_the_api_knows() -> None:
    """A function ships nothing of the deployment's, and so names it again."""
    assert request._ADMINS == ADMINS
