"""One format for moments, and every wait derived from the function timeout."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocall.timing import DAY_S, HOUR_S, Timing, parse, stamp

MOMENTS = st.integers(0, 4_000_000_000_000).map(lambda ms: ms / 1000)


@given(MOMENTS)
def test_a_stamp_is_always_24_characters_and_means_its_moment(moment: float) -> None:
    assert len(stamp(moment)) == 24
    assert parse(stamp(moment)) == pytest.approx(moment, abs=0.0005)


@given(MOMENTS, MOMENTS)
def test_the_order_of_stamps_is_the_order_of_moments(one: float, other: float) -> None:
    assert (stamp(one) < stamp(other)) == (round(one, 3) < round(other, 3))


@given(MOMENTS)
def test_a_stamp_that_was_read_is_written_the_same_again(moment: float) -> None:
    assert stamp(parse(stamp(moment))) == stamp(moment)


@pytest.mark.parametrize(
    ("moment", "text"),
    [(0, "1970-01-01T00:00:00.000Z"), (1.9996, "1970-01-01T00:00:02.000Z"), (0.0004, "1970-01-01T00:00:00.000Z")],
)
def test_moments_are_rounded_to_milliseconds(moment: float, text: str) -> None:
    assert stamp(moment) == text


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00.000Z"])
def test_what_is_no_stamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


def test_a_stamp_is_utc() -> None:
    assert parse("2026-03-01T10:00:00.000Z") == datetime(2026, 3, 1, 10, tzinfo=UTC).timestamp()


def test_with_the_usual_timeout_the_bounds_are_those_of_the_documents() -> None:
    timing = Timing()
    bounds = [timing.margin, timing.post, timing.repair, timing.presence_timeout, timing.give_up_after, timing.breaker]
    assert bounds == [30, 10, 15, 180, 900, 300]
    asks = [
        timing.check_claimed_at(0),
        timing.check_ringing_at(0),
        timing.check_unknown_at(0),
        timing.check_in_progress_at(0),
    ]
    assert asks == [60, 55, 85, 300]


@pytest.mark.parametrize("function", [1.0, 2.0, 30.0])
def test_every_wait_shrinks_with_the_function_timeout(function: float) -> None:
    usual, timing = Timing(ring=0), Timing(function=function, ring=0)
    for name in ("margin", "post", "repair", "give_up_after", "long_backoff", "breaker"):
        assert getattr(timing, name) == pytest.approx(getattr(usual, name) * function / 30)
    for ask in ("check_claimed_at", "check_ringing_at", "check_unknown_at", "check_in_progress_at"):
        assert getattr(timing, ask)(0) == pytest.approx(getattr(usual, ask)(0) * function / 30)


def test_a_day_stays_a_day_where_runs_may_take_longer() -> None:
    longer = Timing(function=300)
    assert (longer.long_backoff, longer.breaker, longer.check_in_progress_at(0)) == (DAY_S, 300, 300)
    assert [longer.check_lost_at(waited, 0) - waited for waited in (0, 7200, 1e6)] == [HOUR_S, 7200, DAY_S]
    assert [longer.backoff(releases) for releases in (0, 3, 4, 1000)] == [300, 2400, HOUR_S, HOUR_S]
    assert [longer.account_backoff(releases) for releases in (0, 1, 8, 1000)] == [300, 600, HOUR_S, HOUR_S]


@pytest.mark.parametrize("function", [1.0, 30.0, 60.0, 300.0])
def test_what_must_outlast_a_run_grows_with_its_timeout(function: float) -> None:
    """A call is given up for lost only after it has been asked for, and long after its POST can have been made."""
    timing = Timing(function=function, ring=0)
    assert timing.margin >= function
    assert timing.post < function / 2
    assert timing.check_unknown_at(timing.check_claimed_at(0)) < timing.give_up_after


@pytest.mark.parametrize("function", [1.0, 30.0, 300.0])
def test_a_claimed_row_is_asked_about_only_after_its_run_can_have_posted(function: float) -> None:
    assert Timing(function=function).check_claimed_at(0) > function


@pytest.mark.parametrize(
    ("waited", "again_in"), [(0, 3600), (3600, 3600), (7200, 7200), (50_000, 50_000), (1e6, 86_400)]
)
def test_a_lost_call_is_asked_about_after_an_hour_then_twice_as_long_and_at_most_a_day(
    waited: float, again_in: float
) -> None:
    assert Timing().check_lost_at(1000 + waited, 1000) == 1000 + waited + again_in


def test_a_backoff_doubles_up_to_an_hour() -> None:
    assert [Timing().backoff(releases) for releases in (0, 1, 2, 6, 7, 1000)] == [30, 60, 120, 1920, 3600, 3600]


def test_what_has_failed_is_tried_again_soon_and_then_ever_later() -> None:
    timing = Timing()
    assert [timing.retry(receives) for receives in range(1, 6)] == [3, 6, 10, None, None]
    assert [timing.throttled(releases) for releases in range(6)] == [2, 4, 8, 16, 30, 30]
    assert [timing.refused_again(tries) for tries in range(1, 7)] == [300, 1200, 4800, 19_200, 76_800, DAY_S]


def test_a_run_that_comes_again_finds_no_other_of_its_agent() -> None:
    """What is shortened is so once the run has ended; what is not is out of sight for three of the longest runs."""
    for function in (6.0, 30.0, 60.0, 900.0):
        timing = Timing(function=function)
        again = [wait for receives in range(1, 6) if (wait := timing.retry(receives))]
        assert again == sorted(again)
        assert all(0 < wait <= min(10, function) for wait in again)
        assert timing.holding < timing.reserve


def test_an_unknown_call_holds_its_line_for_longer_than_any_call_can_ring() -> None:
    timing = Timing()
    assert timing.post + timing.ring < timing.rung_out <= timing.check_unknown_at(0) < timing.give_up_after
