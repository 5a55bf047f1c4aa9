"""Which call of Twilio's list belongs to an attempt whose answer was lost."""

from typing import Any

import pytest

from autocall.call_matching import match
from autocall.call_outcomes import TwilioCall
from autocall.timing import Timing, parse, stamp

TIMING = Timing()
SENDER = "+15005550006"
CLAIMED_AT = parse("2026-03-01T10:00:00.000Z")
ROW = {"attempt_id": "second", "claimed_at": stamp(CLAIMED_AT)}


def a_call(sid: str = "CA1", after: float = 1, sender: str = SENDER) -> TwilioCall:
    return TwilioCall(sid, "ringing", sender, CLAIMED_AT + after, None)


def matched(*calls: TwilioCall, row: dict[str, Any] = ROW, sender: str = SENDER) -> str | None:
    found = match(row, calls, TIMING, sender)
    return found.sid if found else None


def test_the_single_call_made_after_the_claim_is_the_attempts() -> None:
    assert matched(a_call("CA1")) == "CA1"


def test_no_call_is_no_match() -> None:
    assert matched() is None


def test_two_calls_that_both_fit_are_no_match() -> None:
    assert matched(a_call("CA1"), a_call("CA2")) is None


def test_one_call_listed_twice_is_still_one_call() -> None:
    """A page boundary that moves while the list is read shows a call twice."""
    assert matched(a_call("CA1"), a_call("CA1")) == "CA1"


@pytest.mark.parametrize(("after", "fits"), [(-5, True), (-5.1, False), (70, True), (70.1, False), (-86400, False)])
def test_only_a_call_created_between_claim_and_the_end_of_the_post_fits(after: float, fits: bool) -> None:
    assert matched(a_call(after=after)) == ("CA1" if fits else None)


def test_the_bounds_follow_the_function_timeout() -> None:
    short = Timing(function=3)
    assert match(ROW, [a_call(after=7)], short, SENDER)
    assert match(ROW, [a_call(after=7.1)], short, SENDER) is None


def test_a_call_without_a_date_is_not_adopted() -> None:
    assert matched(TwilioCall("CA1", "queued", SENDER, None, None)) is None


def test_a_call_from_another_number_is_somebody_elses() -> None:
    assert matched(a_call("CA1", sender="+15005550000"), a_call("CA2")) == "CA2"


def test_any_caller_fits_where_our_own_number_is_not_known() -> None:
    assert matched(a_call("CA1", sender="+15005550000"), sender="") == "CA1"


def test_the_number_that_a_row_was_called_from_is_its_own_whatever_the_setting_is_now() -> None:
    earlier = "+15005550000"
    assert matched(a_call("CA1", sender=earlier), a_call("CA2"), row=ROW | {"sender": earlier}) == "CA1"


@pytest.mark.parametrize("ledger", ["history", "strays"])
def test_a_call_of_an_earlier_attempt_is_left_alone(ledger: str) -> None:
    row = ROW | {ledger: [{"attempt_id": "first", "call_sid": "CA1"}]}
    assert matched(a_call("CA1"), row=row) is None
    assert matched(a_call("CA1"), a_call("CA2"), row=row) == "CA2"


def test_the_attempts_own_entries_do_not_hide_its_call() -> None:
    row = ROW | {"history": [{"attempt_id": "second", "call_sid": "CA1"}, {"attempt_id": "first", "event": "unknown"}]}
    assert matched(a_call("CA1"), row=row) == "CA1"


@pytest.mark.parametrize("row", [{}, {"attempt_id": "second"}, {"claimed_at": stamp(CLAIMED_AT)}])
def test_a_row_that_was_never_claimed_has_no_call(row: dict[str, Any]) -> None:
    assert matched(a_call(), row=row) is None
