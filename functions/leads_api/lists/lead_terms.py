"""Validates the legal basis of a call: the kind of lead, and when, how and until when they consented. Pure.

A time is a date, `2026-03-01`, or a date with a time; without a zone it is UTC. An end date means the start of that
day: a lead who consented until then is not called on that day.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from autocall.terms import BASES
from autocall.timing import stamp

LONGEST_SOURCE = 500
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


class BadTerms(ValueError):
    """One of the four fields is invalid; the message is for the sender."""


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """The given fields of the four, as they are stored; BadTerms if one is invalid."""
    return {name: _CHECKS[name](name, given[name]) for name in _CHECKS if given.get(name)}


def _basis(name: str, text: str) -> str:
    if text.casefold() not in BASES:
        raise BadTerms(f"unknown {name}: it must be {', '.join(BASES[:-1])} or {BASES[-1]}")
    return text.casefold()


def _moment(name: str, text: str) -> str:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text)
        return stamp((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise BadTerms(f"the {name} must be a date such as 2026-03-01") from None


def _source(name: str, text: str) -> str:
    if len(text) > LONGEST_SOURCE:
        raise BadTerms(f"the {name} is too long: at most {LONGEST_SOURCE} characters")
    return text


_CHECKS: Mapping[str, Callable[[str, str], str]] = {
    "basis": _basis,
    "consent_at": _moment,
    "consent_source": _source,
    "consent_until": _moment,
}
