"""What a run does with a row, and from when on, as it is read out of `due`."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocall.leads import DUE_LINE, DUE_LOST, DUE_WAIT, Due, is_in_flight
from autocall.timing import parse, stamp

AT = "2026-03-01T10:00:00.000Z"


@given(st.sampled_from((DUE_WAIT, DUE_LINE, DUE_LOST)), st.integers(0, 4_000_000_000_000).map(lambda ms: ms / 1000))
def test_what_was_written_is_read_again(kind: str, moment: float) -> None:
    due = Due.of({"due": kind + stamp(moment)})
    assert due == (kind, stamp(moment))
    assert due.moment == parse(stamp(moment))


def test_the_index_has_calls_in_flight_first_and_what_waits_last() -> None:
    assert sorted((DUE_WAIT + AT, DUE_LOST + AT, DUE_LINE + AT)) == [DUE_LINE + AT, DUE_LOST + AT, DUE_WAIT + AT]


def test_a_row_that_no_run_looks_at_is_due_never() -> None:
    assert Due.of({"call_status": "completed"}) == ("", "")
    with pytest.raises(ValueError, match="isoformat"):
        _ = Due.of({}).moment


@pytest.mark.parametrize(
    ("row", "holds_a_line"),
    [({"due": DUE_LINE + AT}, True), ({"due": DUE_LOST + AT}, False), ({"due": DUE_WAIT + AT}, False), ({}, False)],
)
def test_only_a_call_that_is_made_or_being_made_holds_a_line(row: dict[str, Any], holds_a_line: bool) -> None:
    assert is_in_flight(row) is holds_a_line


MOMENTS = st.integers(1_000_000_000_000, 4_000_000_000_000).map(lambda ms: ms / 1000)


@given(MOMENTS, MOMENTS)
def test_a_lead_that_is_held_says_until_when_and_where_it_stands(until: float, place: float) -> None:
    due = Due.parse("".join(Due.held(until, place)))
    assert (due.kind, due.moment, due.position, due.keeps_position) == (DUE_WAIT, parse(stamp(until)), place, True)
    assert parse(due.at) == pytest.approx(until, abs=0.001), "as a release before this one reads it"


@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS)
def test_what_is_held_comes_back_by_its_time_and_then_by_its_place(
    until: float, place: float, later: float, behind: float
) -> None:
    one, other = (until, place), (later, behind)
    dues = ["".join(Due.held(*held)) for held in (one, other)]
    assert (dues[0] < dues[1]) == (one < other)


@given(MOMENTS, MOMENTS)
def test_what_is_held_until_now_may_be_claimed_now_and_not_before(until: float, place: float) -> None:
    due = "".join(Due.held(until, place))
    assert DUE_WAIT <= due <= DUE_WAIT + stamp(until)
    assert due > DUE_WAIT + stamp(until - 0.001)


def test_what_was_never_held_stands_where_it_waits() -> None:
    assert Due.parse(DUE_WAIT + AT).position == parse(AT)
    assert not Due.parse(DUE_WAIT + AT).keeps_position
