"""The settings of one agent: lines, their phone and how they are reached, their hours, a pause with an end."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from autocall.dynamo import Item
from autocall.gates import BadHours, opens_wider, validate_window
from autocall.leads import LeadKey, lead_ids, number_hashes
from autocall.messages import Cause
from autocall.pause import calls_in_flight
from autocall.session import BROWSER, PHONE, UNTIL_READY, Session, wrap_up_of
from autocall.timing import parse, stamp
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import MOST_LINES, Services

_LONGEST_PAUSE_S = 366 * 86400
_LONGEST_NUMBER = 64
_LONGEST_WRAP_UP_S = 3600
_SHOWN = ("paused_at", "resume_at", "lines", "agent_phone", "window", "via", "wrap_up_s")
_READ_ONLY = {"installation", "paused_at", "admin", "at"}


def show(services: Services, request: Request) -> Response:
    """The agent's settings, and those of the installation."""
    return Response(data=_view(services, request, services.agents.get_profile(request.user)))


def change(services: Services, request: Request) -> Response:
    """Set the given fields; null restores the installation's default. All errors are reported together."""
    requested = request.json_object()
    seen = services.agents.get_profile(request.user)
    changes = _checked(services, request, requested, seen)
    if changes:
        before, seen = _write(services, request.user, requested.get("version"), changes, seen)
        _tell(services, request.user, before, seen)
        _let_run(services, request, changes, before, seen)
        if "wrap_up_s" in changes:
            _set_wrap_up(services, request, seen)
    return Response(data=_view(services, request, seen))


def _view(services: Services, request: Request, profile: Item) -> dict[str, Any]:
    """Includes the role, so that the page offers only what is allowed, and the server's time."""
    standing = services.standing(request.received_at)
    mine = {"paused": bool(profile.get("paused")), "version": profile.get("version", 0)}
    mine |= {"admin": request.admin, "at": stamp(request.received_at)}
    return mine | {name: profile.get(name) for name in _SHOWN} | {"installation": {**services.installation, **standing}}


def _write(
    services: Services, user: str, version: int | None, changes: Mapping[str, Any], seen: Item
) -> tuple[Item, Item]:
    """The profile before and after the change. If *version* is given, it must be the stored one.

    Values that are already stored are not written again, whatever the version: they may come from a first try of this
    change.
    """
    while not _is_set(changes, seen):
        if version not in (None, seen.get("version", 0)):
            raise HttpError(409, "changed_meanwhile", "the settings were changed meanwhile: load them again")
        written = services.agents.try_update_profile(user, seen.get("version"), changes)
        if written.won:
            return seen, written.row
        seen = written.row
    return seen, seen


def _tell(services: Services, user: str, before: Item, after: Item) -> None:
    """Push a pause with an end to open pages; the calls in flight are read after the write."""
    if before.get("resume_at") == after.get("resume_at"):
        return
    version = {"version": after["version"]}
    if after.get("resume_at"):
        data = version | {"in_flight": calls_in_flight(services.leads, user), "resume_at": after["resume_at"]}
        services.push.broadcast(user, "autocall:paused", data)
    elif not after.get("paused"):
        services.push.broadcast(user, "autocall:resumed", version)


def _is_set(changes: Mapping[str, Any], profile: Item) -> bool:
    return all(profile.get(name) == value for name, value in changes.items())


def _let_run(services: Services, request: Request, changes: Mapping[str, Any], before: Item, after: Item) -> None:
    """Queue a run if the change lets more calls start, or repeats one whose first try may have failed before it did."""
    again = _is_set(changes, before)
    wider = _wider(before.get("window"), after.get("window")) or (again and "window" in changes)
    lines = services.installation["lines"]
    more_lines = (after.get("lines") or lines) > (before.get("lines") or lines)
    sooner = (after.get("resume_at") or "") < (before.get("resume_at") or "")
    if again or wider or more_lines or sooner:
        services.queue.enqueue_run(request.user, Cause.HOURS if wider else Cause.SETTINGS, request.correlation_id)


def _set_wrap_up(services: Services, request: Request, profile: Item) -> None:
    """Let the new length count for the session that is open; a wrap-up that has begun keeps its end."""
    if services.lines is None:
        return
    written = services.lines.sessions.set_wrap_up(request.user, wrap_up_of(profile, services.lines.wrap_up_s))
    if written.won:
        services.push.session(request.user, Session(written.row), request.received_at)


def _wider(before: Any, after: Any) -> bool:
    try:
        return opens_wider(before, after)
    except BadHours:  # stored by an earlier release, and not valid in this one
        return True


# -- what may be set ---------------------------------------------------------------------------------------------------


def _checked(services: Services, request: Request, requested: Mapping[str, Any], seen: Item) -> dict[str, Any]:
    checks: dict[str, Callable[[Any], Any]] = {
        "lines": lambda lines: _lines(lines, int(services.installation.get("most_lines", MOST_LINES))),
        "agent_phone": lambda phone: _phone(services, request.user, phone),
        "window": validate_window,
        "resume_at": lambda moment: _resume_at(moment, request.received_at),
        "via": _via,
        "wrap_up_s": lambda seconds: _wrap_up_s(seconds, services.installation["wrap_up_s"]),
    }
    changes: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in requested.items():
        try:
            if name in checks:
                changes[name] = None if value is None else checks[name](value)
            elif name == "paused":
                _paused(value, seen)
            elif name == "version":
                _version(value)
            elif name not in _READ_ONLY:
                raise ValueError("there is no such setting")
        except ValueError as error:
            wrong[name[:64]] = str(error)
    if wrong:
        message = "; ".join(f"{name}: {why}" for name, why in wrong.items())
        raise HttpError(400, "bad_settings", message, wrong)
    return changes


def _lines(value: Any, most: int) -> int:
    if type(value) is not int or not 1 <= value <= most:
        raise ValueError(f"must be a whole number from 1 to {most}")
    return value


def _via(value: Any) -> str:
    if value not in (BROWSER, PHONE):
        raise ValueError(f"must be {BROWSER} or {PHONE}")
    return str(value)


def _wrap_up_s(value: Any, least: int) -> int | str:
    if value == UNTIL_READY:
        return UNTIL_READY
    if type(value) is not int or not least <= value <= _LONGEST_WRAP_UP_S:
        raise ValueError(f"must be a whole number from {least} to {_LONGEST_WRAP_UP_S}, or {UNTIL_READY}")
    return value


def _phone(services: Services, user: str, text: Any) -> str:
    """A phone number that the installation may call, and that is on no do-not-call list."""
    from functions.leads_api import number_limits  # heavy: it loads the data of all telephone numbers
    from functions.leads_api.lists import phone_numbers

    if not isinstance(text, str) or len(text) > _LONGEST_NUMBER:
        raise ValueError("must be a telephone number")
    phone = phone_numbers.parse(text, services.region).e164
    if why := number_limits.out_of_reach(phone, services.limits):
        raise ValueError(why)
    listed = any(services.leads.get(LeadKey(user, lead)).get("dnc") for lead in lead_ids(user, phone))
    if listed or services.installation_table.is_forbidden(*number_hashes(phone)):
        raise ValueError("is on a do-not-call list")
    return phone


def _resume_at(text: Any, moment: float) -> str | None:
    """The end of a pause as a stamp; None if it is in the past."""
    try:
        resume_at = parse(text) if datetime.fromisoformat(text).tzinfo else None
    except (TypeError, ValueError, OverflowError):
        resume_at = None
    if resume_at is None or resume_at > moment + _LONGEST_PAUSE_S:
        raise ValueError("must be a time within a year, such as 2026-12-31T08:00:00Z")
    return stamp(resume_at) if resume_at > moment else None


def _paused(value: Any, seen: Item) -> None:
    if value is not bool(seen.get("paused")):
        raise ValueError("is changed by POST /api/autocall/pause and /api/autocall/resume")


def _version(value: Any) -> None:
    if type(value) not in (int, type(None)):
        raise ValueError("must be the version that was read, or absent")
