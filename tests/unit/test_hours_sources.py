"""Every rule that ships names its law, where and when it was read, and how sure that is."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.minute_by_minute import DEFAULT

TOO_OLD = timedelta(366)
CONFIDENCE = ("high", "medium", "uncertain")


def every_rule() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "world", DEFAULT["world"]
    for country, rule in DEFAULT["countries"].items():
        if isinstance(rule, dict):
            yield country, rule
            yield from ((f"{country}-{state}", one) for state, one in rule.get("states", {}).items())


def test_a_place_that_asks_for_consent_or_a_person_says_why() -> None:
    asking = {place: rule for place, rule in every_rule() if rule.get("mode")}
    assert {"US-FL", "US-OK", "US-MD", "US-WY", "US-CT", "FR", "NL", "DE", "AT", "ES", "PE"} <= set(asking)
    assert all(re.search("(?i)consent|person|barred", rule["note"]) for rule in asking.values())


def wrong(rule: dict[str, Any], today: date) -> str | None:
    """What a rule fails to say of itself."""
    if not rule.get("cite"):
        return "no law is named"
    if not rule.get("url", "https://").startswith("https://"):
        return "its address is none"
    if not date(2026, 1, 1) <= date.fromisoformat(rule.get("read_on", "1970-01-01")) <= today:
        return "nobody has read it"
    if today - date.fromisoformat(rule["read_on"]) > TOO_OLD:
        return "nobody has looked at it for twelve months"
    if rule.get("confidence") not in CONFIDENCE:
        return "how sure it is, is not said"
    if rule["confidence"] == "uncertain" and "the stricter reading" not in rule.get("note", ""):
        return "it is uncertain, and does not say that it is the stricter reading"
    if rule["confidence"] == "high" and not rule.get("url"):
        return "it is sure, and nobody can look where"
    return None


@pytest.mark.parametrize(("place", "rule"), list(every_rule()), ids=lambda told: told if isinstance(told, str) else "")
def test_every_rule_that_ships_names_a_source_that_somebody_has_read_within_a_year(
    place: str, rule: dict[str, Any]
) -> None:
    """Red because it is old? Read it again where its `url` says, correct it, and set `read_on`."""
    assert wrong(rule, datetime.now(UTC).date()) is None, place


GOOD = {"cite": "A law, art. 1", "url": "https://a.law/1", "read_on": "2026-11-30", "confidence": "high"}


@pytest.mark.parametrize(
    ("change", "today", "why"),
    [
        ({}, date(2027, 11, 30), None),
        ({}, date(2027, 12, 2), "twelve months"),
        ({}, date(2026, 11, 29), "nobody has read it"),
        ({"cite": ""}, date(2027, 1, 1), "no law"),
        ({"url": "ftp://a.law"}, date(2027, 1, 1), "address"),
        ({"url": ""}, date(2027, 1, 1), "address"),
        ({"confidence": "sure"}, date(2027, 1, 1), "how sure"),
        ({"confidence": "uncertain"}, date(2027, 1, 1), "stricter"),
        ({"confidence": "uncertain", "note": "the stricter reading"}, date(2027, 1, 1), None),
    ],
)
def test_a_rule_that_is_old_or_without_a_source_is_refused(
    change: dict[str, Any], today: date, why: str | None
) -> None:
    found = wrong(GOOD | change, today)
    assert (found is None) if why is None else (why in (found or ""))


def test_the_file_says_that_it_is_no_legal_advice() -> None:
    assert "verify every line before use" in DEFAULT["about"][0]
