"""Whoever calls us: people who dial one of our numbers, and browsers that call through a TwiML App."""

from typing import Any

from local.twilio_simulator.calls import Call
from local.twilio_simulator.documents import Source
from local.twilio_simulator.line import Line
from local.twilio_simulator.people import AGENT
from local.twilio_simulator.scripts import BadScript, person

_STAYS = {"talk_s": AGENT["talk_s"], "presses": None}


def ring(line: Line, told: dict[str, Any]) -> Call:
    """A person dials a number of ours; what their telephone company vouches for is in the first request only."""
    caller = {name: told.pop(name, None) for name in ("from", "to", "stir", "call_token")}
    happens = _STAYS | person(told)
    number = line.numbers.of(caller["to"])
    if not number or not caller["from"]:
        raise BadScript("a ring is from somebody, to one of the account's numbers")
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


def browser(line: Line, told: dict[str, Any]) -> Call:
    """A browser calls through an application with parameters of its own; it stays until it hangs up."""
    about = {name: told.pop(name, None) for name in ("identity", "application_sid", "params")}
    happens = _STAYS | person(told)
    return connect(line, str(about["identity"]), str(about["application_sid"]), about["params"] or {}, happens)


def connect(
    line: Line, identity: str, application_sid: str, params: dict[str, str], happens: dict[str, Any] | None = None
) -> Call:
    """The call of the browser that has this identity, by what its token allows."""
    application = line.applications.get(application_sid)
    if not application or not identity:
        raise BadScript("a browser has an identity, and calls through an application that there is")
    source = _with(application.source(), params, "the application has no VoiceUrl")
    form = {"From": f"client:{identity}", "To": params.get("To", "")} | application.status_callback()
    return line.arrive(form | {"StatusCallbackEvent": ["completed"]}, happens or dict(_STAYS), source, application.sid)


def _with(source: Source, form: dict[str, str], missing: str) -> Source:
    if not source.url:
        raise BadScript(missing)
    return Source(source.url, source.method, None, {str(name): str(value) for name, value in form.items()})
