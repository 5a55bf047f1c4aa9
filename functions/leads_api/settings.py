"""What an agent may set for themselves: lines, own phone and how it is used, own hours, a pause that ends by itself."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from autocall.dynamo import Item
from autocall.gates import BadHours, opens_wider, validate_window
from autocall.leads import lead_ids, number_hashes
from autocall.messages import Cause
from autocall.pausing import calls_in_flight
from autocall.session import BROWSER, PHONE, UNTIL_READY
from autocall.timing import parse, stamp
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import MOST_LINES, Services

_LONGEST_PAUSE_S = 366 * 86400
_LONGEST_NUMBER = 64
_LONGEST_WRAP_UP_S = 3600
_SHOWN = ("paused_at", "resume_at", "lines", "agent_phone", "window", "via", "wrap_up_s")
_READ_ONLY = {"installation", "paused_at", "admin", "at"}


def show(tools: Services, request: Request) -> Response:
    """The agent's settings, and what the installation has set for all."""
    return Response(data=_view(tools, request, tools.agents.get_profile(request.user)))


def change(tools: Services, request: Request) -> Response:
    """Set the fields that are given, null for the installation's default; all that is wrong is said at once."""
    told = request.json_object()
    seen = tools.agents.get_profile(request.user)
    changes = _checked(tools, request, told, seen)
    if changes:
        before, seen = _write(tools, request.user, told.get("version"), changes, seen)
        _tell(tools, request.user, before, seen)
        _let_run(tools, request, changes, before, seen)
    return Response(data=_view(tools, request, seen))


def _view(tools: Services, request: Request, profile: Item) -> dict[str, Any]:
    """With the role, so that a page offers only what may be done, and with the time, for its clock may be wrong."""
    standing = tools.standing(request.received_at)
    mine = {"paused": bool(profile.get("paused")), "version": profile.get("version", 0)}
    mine |= {"admin": request.admin, "at": stamp(request.received_at)}
    return mine | {name: profile.get(name) for name in _SHOWN} | {"installation": {**tools.installation, **standing}}


def _write(
    tools: Services, user: str, version: int | None, changes: Mapping[str, Any], seen: Item
) -> tuple[Item, Item]:
    """The profile before and after the change; with a *version* only if that is the one there.

    What is set already is not written again, whatever the version: it may be by the first try of this very change.
    """
    while not _is_set(changes, seen):
        if version not in (None, seen.get("version", 0)):
            raise HttpError(409, "changed_meanwhile", "the settings were changed meanwhile: load them again")
        written = tools.agents.try_update_profile(user, seen.get("version"), changes)
        if written.won:
            return seen, written.row
        seen = written.row
    return seen, seen


def _tell(tools: Services, user: str, before: Item, after: Item) -> None:
    """Open pages hear of a pause that ends by itself, too; the calls in flight are read once it is written."""
    if before.get("resume_at") == after.get("resume_at"):
        return
    version = {"version": after["version"]}
    if after.get("resume_at"):
        data = version | {"in_flight": calls_in_flight(tools.leads, user), "resume_at": after["resume_at"]}
        tools.push.broadcast(user, "autocall:paused", data)
    elif not after.get("paused"):
        tools.push.broadcast(user, "autocall:resumed", version)


def _is_set(changes: Mapping[str, Any], profile: Item) -> bool:
    return all(profile.get(name) == value for name, value in changes.items())


def _let_run(tools: Services, request: Request, changes: Mapping[str, Any], before: Item, after: Item) -> None:
    """What lets more calls start queues a run; so does what was set already, whose first try may have died before."""
    again = _is_set(changes, before)
    wider = _wider(before.get("window"), after.get("window")) or (again and "window" in changes)
    lines = tools.installation["lines"]
    more_lines = (after.get("lines") or lines) > (before.get("lines") or lines)
    sooner = (after.get("resume_at") or "") < (before.get("resume_at") or "")
    if again or wider or more_lines or sooner:
        tools.queue.enqueue_run(request.user, Cause.HOURS if wider else Cause.SETTINGS, request.correlation_id)


def _wider(before: Any, after: Any) -> bool:
    try:
        return opens_wider(before, after)
    except BadHours:  # an earlier release stored what this one does not understand
        return True


# -- what may be set ---------------------------------------------------------------------------------------------------


def _checked(tools: Services, request: Request, told: Mapping[str, Any], seen: Item) -> dict[str, Any]:
    checks: dict[str, Callable[[Any], Any]] = {
        "lines": lambda lines: _lines(lines, int(tools.installation.get("most_lines", MOST_LINES))),
        "agent_phone": lambda phone: _phone(tools, request.user, phone),
        "window": validate_window,
        "resume_at": lambda moment: _resume_at(moment, request.received_at),
        "via": _via,
        "wrap_up_s": lambda seconds: _wrap_up_s(seconds, tools.installation["wrap_up_s"]),
    }
    changes: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in told.items():
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


def _lines(told: Any, most: int) -> int:
    if type(told) is not int or not 1 <= told <= most:
        raise ValueError(f"must be a whole number from 1 to {most}")
    return told


def _via(told: Any) -> str:
    if told not in (BROWSER, PHONE):
        raise ValueError(f"must be {BROWSER} or {PHONE}")
    return str(told)


def _wrap_up_s(told: Any, least: int) -> int | str:
    if told == UNTIL_READY:
        return UNTIL_READY
    if type(told) is not int or not least <= told <= _LONGEST_WRAP_UP_S:
        raise ValueError(f"must be a whole number from {least} to {_LONGEST_WRAP_UP_S}, or {UNTIL_READY}")
    return told


def _phone(tools: Services, user: str, told: Any) -> str:
    """A phone that the installation may call, and that is on no do-not-call list."""
    from functions.leads_api import number_limits  # the data of all telephone numbers: only for who sets one
    from functions.leads_api.lists import phone_numbers

    if not isinstance(told, str) or len(told) > _LONGEST_NUMBER:
        raise ValueError("must be a telephone number")
    phone = phone_numbers.parse(told, tools.region).e164
    if why := number_limits.out_of_reach(phone, tools.limits):
        raise ValueError(why)
    listed = any(tools.leads.get(user, lead).get("dnc") for lead in lead_ids(user, phone))
    if listed or tools.installation_table.is_forbidden(*number_hashes(phone)):
        raise ValueError("is on a do-not-call list")
    return phone


def _resume_at(told: Any, moment: float) -> str | None:
    """The end of a pause as a stamp; one that is over pauses nothing."""
    try:
        resume_at = parse(told) if datetime.fromisoformat(told).tzinfo else None
    except (TypeError, ValueError, OverflowError):
        resume_at = None
    if resume_at is None or resume_at > moment + _LONGEST_PAUSE_S:
        raise ValueError("must be a moment within a year, such as 2026-12-31T08:00:00Z")
    return stamp(resume_at) if resume_at > moment else None


def _paused(told: Any, seen: Item) -> None:
    if told is not bool(seen.get("paused")):
        raise ValueError("is changed by POST /api/autocall/pause and /api/autocall/resume")


def _version(told: Any) -> None:
    if type(told) not in (int, type(None)):
        raise ValueError("must be the version that was read, or absent")
