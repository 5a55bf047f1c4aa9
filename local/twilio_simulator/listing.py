"""Lists of calls, with Twilio's filters and paging."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from local.twilio_simulator.calls import Call
from local.twilio_simulator.clock import BadTime, moment

MOST = 1000
_ASKED_FOR = {"To": "to", "From": "from", "Status": "status", "ParentCallSid": "parent_call_sid"}
_DAY = timedelta(days=1)


class BadFilter(ValueError):
    """Invalid filter or page."""


def fits(call: Call, query: Mapping[str, str]) -> bool:
    """Whether a call passes all filters; a call that was not dialled has no StartTime, and passes no filter on it."""
    resource = call.resource()
    if any(resource[field] != query[name] for name, field in _ASKED_FOR.items() if query.get(name)):
        return False
    return all(at is not None and passes(at) for name, at in call.moments().items() for passes in _times(name, query))


def _times(name: str, query: Mapping[str, str]) -> list[Callable[[float], bool]]:
    """The filters on one time: on a day, from a time on, before a time; a date means midnight, UTC."""
    filters: list[Callable[[float], bool]] = []
    if on := query.get(name):
        day = _moment(on[:10])
        filters.append(lambda at: day <= at < day + _DAY.total_seconds())
    if since := query.get(name + ">"):
        first = _moment(since)
        filters.append(lambda at: at >= first)
    if until := query.get(name + "<"):
        end = _moment(until)
        filters.append(lambda at: at < end)
    return filters


def _moment(text: str) -> float:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() if len(text) == 10 else moment(text)
    except (ValueError, BadTime) as error:
        raise BadFilter(str(error)) from error


def page(path: str, query: Mapping[str, str], calls: Sequence[Call]) -> dict[str, Any]:
    """One page of *calls*, the newest first; a page token is the last call of the page before."""
    try:
        size, number = min(max(int(query.get("PageSize", 50)), 1), MOST), max(int(query.get("Page", 0)), 0)
    except ValueError as error:
        raise BadFilter(str(error)) from error
    sids, token = [call.sid for call in calls], query.get("PageToken", "").removeprefix("PA")
    start = sids.index(token) + 1 if token in sids else number * size
    shown = calls[start : start + size]

    def address(number: int, token: str = "") -> str:
        kept = {name: value for name, value in query.items() if name not in ("Page", "PageSize", "PageToken")}
        paging = {"PageSize": size, "Page": number}
        if token:
            return f"{path}?{urlencode(kept | paging | {'PageToken': f'PA{token}'})}"
        return f"{path}?{urlencode(kept | paging)}"

    return {
        "calls": [call.resource() for call in shown],
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start + len(shown) - 1, 0),
        "uri": address(number, token),
        "first_page_uri": address(0),
        "next_page_uri": address(number + 1, shown[-1].sid) if start + size < len(calls) else None,
        "previous_page_uri": address(number - 1) if number else None,
    }
