"""Converts local opening hours to UTC intervals, correct across DST changes. Pure.

Between two DST changes a zone has a constant offset from UTC, and a local day is an interval of seconds. All functions
work on such pieces; bisection finds the change.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from autocall.calling_hours import Rule
from autocall.timing import DAY_S

Span = tuple[float, float]

_NEVER = (math.inf, math.inf)


class UnknownZone(ValueError):
    """The name is not that of a time zone."""


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone with an IANA name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UnknownZone(name) from None


def open_spans(tz: ZoneInfo, rule: Rule, start: float, end: float) -> Iterator[Span]:
    """The intervals when *rule* is open in a zone, soonest first; at a DST change two intervals may touch."""
    while start < end:
        offset, until = _constant_offset(tz, start, end)
        yield from _open_spans_at_offset(rule, offset, start, until)
        start = until


def first_common_opening(timetables: Sequence[Iterator[Span]], start: float) -> float | None:
    """The first moment from *start* on when all timetables are open; None if there is none."""
    spans = [next(timetable, _NEVER) for timetable in timetables]
    while (moment := max(start, *(opens for opens, _ in spans))) < math.inf:
        behind = [number for number, (_, closes) in enumerate(spans) if closes <= moment]
        if not behind:
            return moment
        for number in behind:
            spans[number] = next(timetables[number], _NEVER)
    return None


def _constant_offset(tz: ZoneInfo, start: float, end: float) -> tuple[float, float]:
    """The zone's offset from UTC at *start*, and until when it is constant; it changes at most once a day."""
    offset, until = _offset(tz, start), min(start + DAY_S, end)
    if _offset(tz, until) == offset:
        return offset, until
    before, after = math.floor(start), math.ceil(until)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(tz, middle) == offset:
            before = middle
        else:
            after = middle
    return offset, min(float(after), end)


def _offset(tz: ZoneInfo, moment: float) -> float:
    distance = datetime.fromtimestamp(moment, tz).utcoffset()
    assert distance is not None
    return distance.total_seconds()


def _open_spans_at_offset(rule: Rule, offset: float, start: float, until: float) -> Iterator[Span]:
    day = math.floor((start + offset) / DAY_S)
    while (midnight := day * DAY_S - offset) < until:
        for opens, closes in rule.on(day):
            first, last = max(start, midnight + opens * 60), min(until, midnight + closes * 60)
            if first < last:
                yield first, last
        day += 1
