"""Inbound calls: people who dial one of our numbers, and browsers that call through a TwiML App."""

from typing import Any

from local.twilio_simulator.calls import Call
from local.twilio_simulator.documents import Source
from local.twilio_simulator.line import Line
from local.twilio_simulator.people import AGENT
from local.twilio_simulator.scripts import BadScript, person

_STAYS = {"talk_s": AGENT["talk_s"], "presses": None}


def ring(line: Line, data: dict[str, Any]) -> Call:
    """A person dials one of our numbers. The caller's STIR attestation is in the first request only."""
    caller = {name: data.pop(name, None) for name in ("from", "to", "stir", "call_token")}
    happens = _STAYS | person(data)
    number = line.numbers.of(caller["to"])
    if not number or not caller["from"]:
        raise BadScript("a ring needs a caller, and one of the account's numbers")
    source, callbacks = number.answers_with(line.applications)
    first = {}
    if caller["stir"]:
        first["StirVerstat"] = str(caller["stir"])
    if caller["call_token"]:
        first["CallToken"] = str(caller["call_token"])
    application = number.application(line.applications)
    return line.arrive(
        {"From": str(caller["from"]), "To": number.number} | callbacks | {"StatusCallbackEvent": ["completed"]},
        happens,
        _with(source, first, "the number has no VoiceUrl"),
        application.sid if application else "",
    )


def browser(line: Line, data: dict[str, Any]) -> Call:
    """A browser calls through an application with its own parameters; it stays until it hangs up."""
    about = {name: data.pop(name, None) for name in ("identity", "application_sid", "params")}
    happens = _STAYS | person(data)
    return connect(line, str(about["identity"]), str(about["application_sid"]), about["params"] or {}, happens)


def connect(
    line: Line, identity: str, application_sid: str, params: dict[str, str], happens: dict[str, Any] | None = None
) -> Call:
    """The call of the browser with this identity, through the application of its token."""
    application = line.applications.get(application_sid)
    if not application or not identity:
        raise BadScript("a browser needs an identity, and an existing application")
    source = _with(application.source(), params, "the application has no VoiceUrl")
    form = {"From": f"client:{identity}", "To": params.get("To", "")} | application.status_callback()
    return line.arrive(form | {"StatusCallbackEvent": ["completed"]}, happens or dict(_STAYS), source, application.sid)


def _with(source: Source, form: dict[str, str], missing: str) -> Source:
    if not source.url:
        raise BadScript(missing)
    return Source(source.url, source.method, None, {str(name): str(value) for name, value in form.items()})
