"""What a list may say of what a call to a lead stands on: who it is, and with whose consent. Pure.

A moment is a date, `2026-03-01`, or a date with a time; without a zone it is UTC. The date alone of an end means its
first moment: whoever consented until then is not called that day.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from autocall.terms import BASES
from autocall.timing import stamp

LONGEST_SOURCE = 500
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


class BadTerms(ValueError):
    """What is wrong with one of the four, in words for whoever sent it."""


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """Those of the four that are given, as they are stored; BadTerms if one cannot be meant."""
    return {name: _CHECKS[name](name, given[name]) for name in _CHECKS if given.get(name)}


def _basis(name: str, told: str) -> str:
    if told.casefold() not in BASES:
        raise BadTerms(f"the {name} is none: it must be {', '.join(BASES[:-1])} or {BASES[-1]}")
    return told.casefold()


def _moment(name: str, told: str) -> str:
    try:
        if not _DATE.fullmatch(told):
            raise ValueError(told)
        read = datetime.fromisoformat(told)
        return stamp((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise BadTerms(f"the {name} is no date such as 2026-03-01") from None


def _source(name: str, told: str) -> str:
    if len(told) > LONGEST_SOURCE:
        raise BadTerms(f"the {name} is too long: at most {LONGEST_SOURCE} characters")
    return told


_CHECKS: Mapping[str, Callable[[str, str], str]] = {
    "basis": _basis,
    "consent_at": _moment,
    "consent_source": _source,
    "consent_until": _moment,
}
