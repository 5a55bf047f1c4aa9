"""Twilio's status callbacks as they arrive: only signed ones, each answered once it is safe."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from twilio.request_validator import RequestValidator

from tests.unit.shipped_functions import AGENT, PUBLIC_URL, TOKEN, Shipped, callback_event, shipped, sid


@pytest.fixture(scope="module")
def functions() -> Iterator[Shipped]:
    with pytest.MonkeyPatch.context() as monkeypatch, shipped(monkeypatch) as world:
        yield world


@pytest.fixture
def world(functions: Shipped) -> Iterator[Shipped]:
    """Tables without any lead of an earlier test, and an empty queue."""
    yield functions
    for row in functions.leads.page(AGENT, None, 100)[0]:
        functions.aws("dynamodb").delete_item(
            TableName="Leads", Key={"user_id": {"S": AGENT}, "lead_id": {"S": row["lead_id"]}}
        )
    functions.queued()


def _event(lead: str, form: dict[str, str], query: str = "attempt=attempt", token: str = TOKEN) -> dict[str, Any]:
    url = f"{PUBLIC_URL}/twilio/status/{AGENT}/{lead}?{query}"
    return callback_event(lead, query, form, RequestValidator(token).compute_signature(url, form))


def _form(lead: str, status: str = "completed", **more: str) -> dict[str, str]:
    return {"CallSid": sid(lead), "CallStatus": status, **more}


def _send(world: Shipped, event: dict[str, Any]) -> int:
    return int(world.invoke("status_webhook", event)["statusCode"])


def test_a_signed_callback_is_applied_and_answered_without_a_body(world: Shipped) -> None:
    lead = world.calls(1, "ringing")[0]
    answer = world.invoke("status_webhook", _event(lead, _form(lead, CallDuration="12")))
    assert answer == {"statusCode": 204}
    assert (world.row(lead)["call_status"], world.row(lead)["duration_s"]) == ("completed", 12)
    assert [message.cause for message in world.queued()] == ["call ended"]


def test_a_body_that_the_gateway_has_encoded_is_the_same_body(world: Shipped) -> None:
    lead = world.calls(1, "ringing")[0]
    event = _event(lead, _form(lead, CallerName="Ünïcödé", AnsweredBy=""))
    event |= {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}
    assert _send(world, event) == 204


@pytest.mark.parametrize(
    "change",
    [
        {"headers": {}},
        {"headers": {"x-twilio-signature": ""}},
        {"headers": {"x-twilio-signature": "AAAA"}},
        {"rawQueryString": "attempt=another"},
        {"rawQueryString": ""},
        {"rawQueryString": "attempt=attempt&more=1"},
        {"pathParameters": {"user_id": "another", "lead_id": "x"}},
        {"body": None},
        {"body": ""},
        {"body": "CallStatus=completed"},
        {"body": "x" * 70_000},
        {"body": "%%%", "isBase64Encoded": True},
        {"body": "/w==", "isBase64Encoded": True},
        {"body": "A=%ff"},
        {"body": "&".join(f"a{index}=1" for index in range(300))},
    ],
    ids=lambda change: json.dumps(change)[:40],
)
def test_what_twilio_has_not_signed_is_refused_and_does_nothing(world: Shipped, change: dict[str, Any]) -> None:
    lead = world.calls(1, "ringing")[0]
    before = world.row(lead)
    assert _send(world, _event(lead, _form(lead)) | change) == 403
    assert world.row(lead) == before
    assert world.queued() == []


def test_a_callback_of_another_account_is_refused(world: Shipped) -> None:
    lead = world.calls(1, "ringing")[0]
    assert _send(world, _event(lead, _form(lead), token="of another account")) == 403


@pytest.mark.parametrize(
    ("form", "query"),
    [
        ({"CallStatus": "completed"}, "attempt=attempt"),
        ({"CallSid": "CA1"}, "attempt=attempt"),
        ({"CallSid": "", "CallStatus": ""}, "attempt=attempt"),
        ({"CallSid": "CA1", "CallStatus": "completed"}, "attempt="),
        ({"CallSid": "CA1", "CallStatus": "completed"}, "other=1"),
    ],
    ids=["no SID", "no status", "blank", "no attempt", "another query"],
)
def test_a_signed_callback_without_what_is_needed_is_a_bad_request(
    world: Shipped, form: dict[str, str], query: str
) -> None:
    lead = world.calls(1, "ringing")[0]
    assert _send(world, _event(lead, form, query)) == 400


@pytest.mark.parametrize("duration", ["", "-1", "1.5", "twelve", "²"])
def test_a_duration_that_is_no_number_is_left_out(world: Shipped, duration: str) -> None:
    lead = world.calls(1, "ringing")[0]
    assert _send(world, _event(lead, _form(lead, CallDuration=duration))) == 204
    assert "duration_s" not in world.row(lead)


@pytest.mark.parametrize(
    "told", ["", "yesterday", "Tue, 99 Nov 2026 10:00:00 +0000", "Tue, 24 Nov 2026 10:00:00 +0000"]
)
def test_a_timestamp_that_cannot_be_read_costs_only_its_measurement(world: Shipped, told: str) -> None:
    lead = world.calls(1, "ringing")[0]
    assert _send(world, _event(lead, _form(lead, Timestamp=told))) == 204


def test_an_answered_call_is_in_progress(world: Shipped) -> None:
    lead = world.calls(1, "ringing")[0]
    assert _send(world, _event(lead, _form(lead, "in-progress"))) == 204
    assert world.row(lead)["call_status"] == "in-progress"


def test_an_end_is_measured_by_the_label_of_its_number_once_and_the_number_is_named_nowhere(
    world: Shipped, capsys: pytest.CaptureFixture[str]
) -> None:
    lead, number = world.calls(1, "ringing")[0], "+15005550006"
    event = _event(lead, _form(lead, CallDuration="3", From=number))
    assert (_send(world, event), _send(world, event)) == (204, 204)
    printed = capsys.readouterr().out
    lines = [json.loads(line) for line in printed.splitlines() if '"_aws"' in line]
    by_number = [line for line in lines if "caller_id" in line]
    assert [{name: line[name] for name in line if name != "_aws"} for line in by_number] == [
        {"service": "status_webhook", "caller_id": "default", "declined_percent": [0.0]},
        {"service": "status_webhook", "caller_id": "default", "short_percent": [100.0]},
    ]
    for line in by_number:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert (directive["Namespace"], directive["Dimensions"]) == ("autocall", [["service", "caller_id"]])
    assert number not in printed


def test_a_network_that_rejects_a_number_five_times_lets_it_rest_and_rings_the_alarm_once(
    world: Shipped, capsys: pytest.CaptureFixture[str]
) -> None:
    for lead in world.calls(5, "ringing"):
        form = _form(lead, "failed", SipResponseCode="608", From="+15005550006")
        assert _send(world, _event(lead, form)) == 204
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"caller_id_rests"' in line]
    assert [line["caller_id_rests"] for line in printed] == [[1.0]]


def test_a_stray_is_answered_so_that_it_does_not_come_again(world: Shipped) -> None:
    lead = world.calls(1, "ringing")[0]
    assert _send(world, _event(lead, _form(lead), "attempt=another")) == 204
    assert world.row(lead)["call_status"] == "ringing"
    assert len(world.row(lead)["strays"]) == 1


def test_a_callback_of_nobody_known_is_answered_so_that_it_does_not_come_again(world: Shipped) -> None:
    assert _send(world, _event("nobody", _form("nobody"))) == 204


def test_a_queue_that_is_down_is_an_error_so_that_twilio_comes_again(
    world: Shipped, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = world.calls(1, "ringing")[0]
    world.queued()

    def down(*_: object) -> None:
        raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": ""}}, "SendMessage")

    with monkeypatch.context() as patched:
        patched.setattr(type(world.function("status_webhook").callbacks.queue), "_send", down)
        with pytest.raises(ClientError):
            _send(world, _event(lead, _form(lead)))
    assert _send(world, _event(lead, _form(lead))) == 204
    assert len(world.queued()) == 1


def test_a_token_that_was_rotated_in_is_read_without_a_restart(world: Shipped, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = world.calls(1, "ringing")[0]
    secrets = world.aws("secretsmanager")
    held = secrets.get_secret_value(SecretId="autocall/twilio")["SecretString"]
    both = json.loads(held) | {"auth_tokens": ["rotated in", TOKEN]}
    assert _send(world, _event(lead, _form(lead, "initiated"))) == 204
    secrets.put_secret_value(SecretId="autocall/twilio", SecretString=json.dumps(both))
    monkeypatch.setattr("autocall.secret_text._PAUSE_S", 0)
    for token in ("rotated in", TOKEN):
        assert _send(world, _event(lead, _form(lead), token=token)) == 204
    secrets.put_secret_value(SecretId="autocall/twilio", SecretString=held)


def test_no_number_is_logged(world: Shipped, logged: io.StringIO) -> None:
    lead = world.calls(1, "ringing")[0]
    _send(world, _event(lead, _form(lead, To="+12015550000", From="+15005550006", Called="+12015550000")))
    _send(world, _event(lead, _form(lead, To="+12015550000"), token="another"))
    assert lead in logged.getvalue()
    assert "callback refused" in logged.getvalue()
    assert "5550000" not in logged.getvalue()
