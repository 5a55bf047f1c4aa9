"""Every write of the session's state machine, in every state that a session can be in."""

from collections.abc import Callable
from typing import Any

import pytest

from autocall import reasons
from autocall.session import BROWSER, ENDED, LIVE, PHONE, RINGING, Session, wrap_up_of
from autocall.session_table import SessionTable
from autocall.timing import Timing, stamp
from tests.faults.tables import AGENTS, Tables

NOW = 1_780_000_000.0
USER, SESSION, LEG, LEAD, ATTEMPT, LIMIT_S = "ada", "s1", "CA1", "lead", "attempt", 3600
TIMING = Timing()
Step = Callable[[SessionTable], Any]

OPENED: list[Step] = [lambda t: t.open(USER, SESSION, BROWSER, 30, NOW)]
RANG = [*OPENED, lambda t: t.rung(USER, SESSION, LEG)]
ON_THE_LINE: list[Step] = [*OPENED, lambda t: t.live(USER, SESSION, LEG, NOW)]
RESERVED: list[Step] = [*ON_THE_LINE, lambda t: t.reserve(USER, SESSION, LEAD, ATTEMPT, NOW)]
TAKEN: list[Step] = [*RESERVED, lambda t: t.take(USER, ATTEMPT, LIMIT_S, NOW)]
TALKS: list[Step] = [*TAKEN, lambda t: t.joined(USER, ATTEMPT, NOW)]
DONE_EARLY: list[Step] = [*TALKS, lambda t: t.done(USER, ATTEMPT, NOW)]
WRAPS_UP: list[Step] = [*TALKS, lambda t: t.free(USER, ATTEMPT, NOW)]
LEFT: list[Step] = [*TALKS, lambda t: t.end(USER, sid=LEG, now=NOW)]
RELOADED: list[Step] = [*TALKS, lambda t: t.open(USER, "s2", BROWSER, 30, NOW)]
STATES: dict[str, list[Step]] = {
    "none": [],
    "opened": OPENED,
    "rang": RANG,
    "on the line": ON_THE_LINE,
    "reserved": RESERVED,
    "taken": TAKEN,
    "talks": TALKS,
    "done early": DONE_EARLY,
    "wraps up": WRAPS_UP,
    "left": LEFT,
    "reloaded": RELOADED,
    "not picked up": [*RANG, lambda t: t.end(USER, sid=LEG, now=NOW)],
    "ended": [*ON_THE_LINE, lambda t: t.end(USER, sid=LEG, now=NOW)],
}
_HAS_A_CALL = {"reserved", "taken", "talks", "done early", "left", "reloaded"}
_STANDS = {"on the line", "reserved", "taken", "talks", "done early", "wraps up"}
WRITES: dict[str, tuple[Step, set[str]]] = {
    "open, by a person": (lambda t: t.open(USER, "new", PHONE, 30, NOW), set(STATES)),
    "open, by the machine": (
        lambda t: t.open(USER, "new", PHONE, 30, NOW, by_machine=True),
        {"none", "left", "ended"},
    ),
    "rung": (lambda t: t.rung(USER, SESSION, LEG), {"opened", "rang"}),
    "live": (lambda t: t.live(USER, SESSION, LEG, NOW), {"opened", "rang", *_STANDS}),
    "live, another leg": (lambda t: t.live(USER, SESSION, "CA2", NOW), {"opened", "rang"}),
    "live, another session": (lambda t: t.live(USER, "old", LEG, NOW), set()),
    "heard, a moment later": (lambda t: t.heard(USER, SESSION, NOW + 59), set()),
    "heard, a minute later": (lambda t: t.heard(USER, SESSION, NOW + 61), _STANDS),
    "end of the session": (lambda t: t.end(USER, session_id=SESSION, now=NOW), {"opened", "rang", *_STANDS}),
    "end of the leg": (lambda t: t.end(USER, sid=LEG, now=NOW), {"rang", *_STANDS}),
    "end, with a reason": (
        lambda t: t.end(USER, session_id=SESSION, reason=reasons.SIGNED_OUT, now=NOW),
        {"opened", "rang", *_STANDS},
    ),
    "end of another session": (lambda t: t.end(USER, session_id="old", sid="CA9", now=NOW), set()),
    "set_wrap_up": (lambda t: t.set_wrap_up(USER, 90), {"opened", "rang", "reloaded", *_STANDS}),
    "set_wrap_up, until their word": (lambda t: t.set_wrap_up(USER, None), {"opened", "rang", "reloaded", *_STANDS}),
    "reserve": (
        lambda t: t.reserve(USER, SESSION, LEAD, ATTEMPT, NOW),
        {"on the line", "reserved", "taken", "talks", "done early"},
    ),
    "reserve, for another": (lambda t: t.reserve(USER, SESSION, "l2", "another", NOW), {"on the line"}),
    "reserve, for another, once all has run out": (
        lambda t: t.reserve(USER, SESSION, "l2", "another", NOW + 100_000),
        _STANDS,
    ),
    "reserve, in another session": (lambda t: t.reserve(USER, "old", LEAD, ATTEMPT, NOW), set()),
    "take": (lambda t: t.take(USER, ATTEMPT, LIMIT_S, NOW), {"reserved", "taken", "talks", "done early"}),
    "take, by another": (lambda t: t.take(USER, "another", LIMIT_S, NOW), set()),
    "joined": (lambda t: t.joined(USER, ATTEMPT, NOW), _HAS_A_CALL),
    "joined, another": (lambda t: t.joined(USER, "another", NOW), set()),
    "take_inbound": (lambda t: t.take_inbound(USER, LEAD, "CA2", LIMIT_S, NOW), {"on the line"}),
    "take_inbound, once the reservation has run out": (
        lambda t: t.take_inbound(USER, LEAD, "CA2", LIMIT_S, NOW + 100_000),
        {"on the line", "reserved", "taken", "talks", "done early", "wraps up"},
    ),
    "hold": (lambda t: t.hold(USER, ATTEMPT, NOW, held=True), {"talks", "done early", "left", "reloaded"}),
    "hold, another": (lambda t: t.hold(USER, "another", NOW, held=True), set()),
    "hold, no longer": (lambda t: t.hold(USER, ATTEMPT, NOW, held=False), _HAS_A_CALL),
    "hold, no longer another": (lambda t: t.hold(USER, "another", NOW, held=False), set()),
    "done": (lambda t: t.done(USER, ATTEMPT, NOW), {*_HAS_A_CALL, "wraps up"}),
    "done, with another": (lambda t: t.done(USER, "another", NOW), set()),
    "extend": (lambda t: t.extend(USER, ATTEMPT, NOW), {"wraps up"}),
    "extend, another": (lambda t: t.extend(USER, "another", NOW), set()),
    "free": (lambda t: t.free(USER, ATTEMPT, NOW), _HAS_A_CALL),
    "free, another": (lambda t: t.free(USER, "another", NOW), set()),
}


def _table(steps: list[Step]) -> tuple[SessionTable, Tables]:
    """A table in which these steps were taken."""
    tables: Any = Tables()
    table = SessionTable(tables, AGENTS, TIMING)
    for step in steps:
        assert step(table).won
    return table, tables


def _session(steps: list[Step]) -> Session:
    return _table(steps)[0].get(USER)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("state", STATES)
def test_a_write_is_won_in_just_these_states(write: str, state: str) -> None:
    step, wins = WRITES[write]
    table, _ = _table(STATES[state])
    before = table.get(USER).item
    written = step(table)
    after = table.get(USER).item
    assert written.won is (state in wins)
    assert written.row == after
    if written.won:
        assert after["version"] == before.get("version", 0) + 1
    else:
        assert after == before


@pytest.mark.parametrize("state", STATES)
def test_opening_keeps_what_the_agent_is_taken_up_with(state: str) -> None:
    """A reload must not let a second lead into a conversation."""
    table, _ = _table(STATES[state])
    before = table.get(USER)
    opened = table.open(USER, "new", BROWSER, 30, NOW).row
    kept = {name: value for name, value in before.item.items() if name.startswith(("wrap_", "call_"))}
    kept = {name: value for name, value in kept.items() if name != "call_sid"}
    assert kept.items() <= opened.items()
    assert opened["phase"] == RINGING
    assert opened["former_sid"] == before.call_sid
    assert not {"call_sid", "live_since", "reason"} & opened.keys()


def test_a_request_that_an_sdk_repeats_does_not_lose_the_former_leg() -> None:
    table, _ = _table(ON_THE_LINE)
    for _ in range(2):
        row = table.open(USER, "s2", BROWSER, 30, NOW).row
    assert row["former_sid"] == LEG


def test_a_leg_that_ended_is_not_brought_back_by_its_doubled_word() -> None:
    table, _ = _table([*ON_THE_LINE, lambda t: t.end(USER, sid=LEG, now=NOW)])
    assert not table.live(USER, SESSION, LEG, NOW).won
    assert table.get(USER).phase == ENDED


@pytest.mark.parametrize(
    ("steps", "reason"),
    [(OPENED, reasons.NOT_PICKED_UP), (ON_THE_LINE, reasons.LEFT), (TALKS, reasons.LEFT)],
    ids=["it rings", "it stands", "they talk"],
)
def test_why_a_call_has_ended_is_how_far_it_had_come(steps: list[Step], reason: str) -> None:
    table, _ = _table(steps)
    assert table.end(USER, session_id=SESSION, now=NOW).row["reason"] == reason


@pytest.mark.parametrize("reason", [reasons.NOT_PICKED_UP, reasons.NOT_ACCEPTED, reasons.refused(21215)])
def test_a_phone_that_was_not_answered_is_rung_again_at_a_persons_word_only(reason: str) -> None:
    table, _ = _table(OPENED)
    assert table.end(USER, session_id=SESSION, reason=reason, now=NOW).won
    assert not table.open(USER, "new", PHONE, 30, NOW, by_machine=True).won
    assert table.open(USER, "new", PHONE, 30, NOW).won


def test_an_answer_takes_the_agent_for_as_long_as_the_call_can_last() -> None:
    table, _ = _table(RESERVED)
    assert table.get(USER).item["call_until"] == stamp(TIMING.reserved(NOW))
    assert table.take(USER, ATTEMPT, LIMIT_S, NOW + 5).row["call_until"] == stamp(NOW + 5 + LIMIT_S + 60)


def test_what_came_first_stays_written() -> None:
    table, _ = _table(TALKS)
    again = [table.take(USER, ATTEMPT, LIMIT_S, NOW + 9).row, table.joined(USER, ATTEMPT, NOW + 9).row][-1]
    assert (again["call_taken"], again["call_joined"]) == (stamp(NOW), stamp(NOW))
    assert table.live(USER, SESSION, LEG, NOW + 9).row["live_since"] == stamp(NOW)


def test_a_conversation_leads_to_its_wrap_up_and_a_call_that_nobody_joined_does_not() -> None:
    talked, alone = _table(TALKS)[0], _table(TAKEN)[0]
    wrapping = Session(talked.free(USER, ATTEMPT, NOW).row)
    assert wrapping.is_wrapping_of(ATTEMPT, NOW)
    assert wrapping.item["wrap_until"] == stamp(NOW + 30)
    assert not Session(alone.free(USER, ATTEMPT, NOW).row).is_wrapping(NOW)


def test_who_has_said_to_be_ready_before_the_end_wraps_nothing_up() -> None:
    table, _ = _table(DONE_EARLY)
    assert not Session(table.free(USER, ATTEMPT, NOW).row).is_wrapping(NOW)


def test_a_conversation_that_begins_while_its_end_is_written_is_wrapped_up_all_the_same() -> None:
    table, tables = _table(TAKEN)
    tables_: Any = tables
    update, raced = tables_.update_item, []

    def join_first(**request: Any) -> Any:
        if "REMOVE" in request["UpdateExpression"] and not raced:
            raced.append(True)
            table.joined(USER, ATTEMPT, NOW)
        return update(**request)

    tables_.update_item = join_first
    assert Session(table.free(USER, ATTEMPT, NOW).row).is_wrapping(NOW)


def test_who_says_to_be_ready_while_the_end_is_written_wraps_nothing_up() -> None:
    table, tables = _table(TALKS)
    tables_: Any = tables
    update, raced = tables_.update_item, []

    def ready_between_the_two_writes(**request: Any) -> Any:
        if "wrap_lead" in request["ExpressionAttributeNames"].values() and not raced:
            raced.append(True)
            table.done(USER, ATTEMPT, NOW)
        return update(**request)

    tables_.update_item = ready_between_the_two_writes
    freed = table.free(USER, ATTEMPT, NOW)
    assert raced
    assert freed.won
    assert not Session(freed.row).is_wrapping(NOW)


def test_a_wrap_up_until_the_agents_word_is_not_ended_by_typing_after_a_change_of_the_setting() -> None:
    table, _ = _table([lambda t: t.open(USER, SESSION, BROWSER, None, NOW), *TALKS[1:]])
    assert table.free(USER, ATTEMPT, NOW).won
    assert table.set_wrap_up(USER, 30).won
    assert not table.extend(USER, ATTEMPT, NOW).won
    assert table.get(USER).is_wrapping(NOW + 1e7)


def test_a_wrap_up_until_the_agents_word_has_no_end_and_is_not_extended() -> None:
    steps: list[Step] = [lambda t: t.open(USER, SESSION, BROWSER, None, NOW), *TALKS[1:]]
    table, _ = _table(steps)
    session = Session(table.free(USER, ATTEMPT, NOW).row)
    assert session.is_wrapping(NOW + 1e7)
    assert not table.extend(USER, ATTEMPT, NOW).won
    assert not Session(table.done(USER, ATTEMPT, NOW).row).is_wrapping(NOW)


@pytest.mark.parametrize(("usual_s", "lasts_s"), [(3, 60), (30, 60), (60, 60), (300, 300)])
def test_typing_extends_a_wrap_up_by_a_minute_or_by_its_usual_length(usual_s: int, lasts_s: int) -> None:
    steps: list[Step] = [lambda t: t.open(USER, SESSION, BROWSER, usual_s, NOW), *WRAPS_UP[1:]]
    table, _ = _table(steps)
    extended = table.extend(USER, ATTEMPT, NOW + 1)
    assert extended.won
    assert extended.row["wrap_until"] == stamp(NOW + 1 + lasts_s)


@pytest.mark.parametrize(
    ("profile", "lasts_s"),
    [({}, 30), ({"wrap_up_s": 90}, 90), ({"wrap_up_s": 5}, 30), ({"wrap_up_s": "ready"}, None)],
)
def test_an_agents_own_wrap_up_may_be_longer_and_never_shorter(profile: dict[str, Any], lasts_s: int | None) -> None:
    assert wrap_up_of(profile, 30) == lasts_s


# -- what is derived ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "reason", "until"),
    [
        ("none", reasons.SESSION, NOW + 300),
        ("opened", reasons.RINGING, NOW + 85),
        ("on the line", None, 0),
        ("reserved", reasons.ON_CALL, TIMING.reserved(NOW)),
        ("talks", reasons.ON_CALL, NOW + LIMIT_S + 60),
        ("wraps up", reasons.WRAP_UP, NOW + 30),
        ("left", reasons.SESSION, NOW + 300),
        ("reloaded", reasons.RINGING, NOW + 85),
    ],
)
def test_an_agent_is_ready_on_the_line_alone_and_every_other_state_has_an_end(
    state: str, reason: str | None, until: float
) -> None:
    closed = _session(STATES[state]).not_ready(True, NOW, TIMING)
    assert (closed and closed.reason, closed.until if closed else 0) == (reason, until)


def test_a_browsers_session_counts_while_a_page_says_that_it_holds_it() -> None:
    closed = _session(ON_THE_LINE).not_ready(False, NOW, TIMING)
    assert closed
    assert (closed.reason, closed.until) == (reasons.UNHEARD, NOW + TIMING.ping)
    by_phone: list[Step] = [lambda t: t.open(USER, SESSION, PHONE, 30, NOW), *ON_THE_LINE[1:]]
    assert _session(by_phone).not_ready(False, NOW, TIMING) is None


def test_a_wrap_up_until_the_agents_word_is_asked_after_every_five_minutes() -> None:
    steps: list[Step] = [lambda t: t.open(USER, SESSION, BROWSER, None, NOW), *WRAPS_UP[1:]]
    closed = _session(steps).not_ready(True, NOW, TIMING)
    assert closed
    assert (closed.reason, closed.until) == (reasons.WRAP_UP, NOW + 300)


def test_nothing_lasts_for_ever() -> None:
    assert _session(TALKS).not_ready(True, NOW + LIMIT_S + 61, TIMING) is None
    assert _session(WRAPS_UP).not_ready(True, NOW + 31, TIMING) is None
    assert _session(OPENED).has_run_out(NOW + 85, TIMING)
    assert not _session(ON_THE_LINE).has_run_out(NOW + 1e6, TIMING)


def test_whether_somebody_has_joined_is_known_until_the_wrap_up_is_over() -> None:
    known = {state for state, steps in STATES.items() if _session(steps).has_joined(ATTEMPT)}
    assert known == {"talks", "done early", "wraps up", "left", "reloaded"}


def test_a_page_is_told_whom_the_agent_talks_with_and_no_more() -> None:
    view = _session(TALKS).view(NOW)
    assert view["phase"] == LIVE
    assert view["wrap_up"] is None
    assert view["call"] | {"until": ""} == {
        "lead_id": LEAD,
        "attempt_id": ATTEMPT,
        "inbound": False,
        "until": "",
        "taken": stamp(NOW),
        "joined": stamp(NOW),
        "held": None,
        "done": None,
    }
    assert _session(WRAPS_UP).view(NOW)["wrap_up"] == {
        "lead_id": LEAD,
        "attempt_id": ATTEMPT,
        "inbound": False,
        "until": stamp(NOW + 30),
    }
    assert _session(WRAPS_UP).view(NOW + 31)["wrap_up"] is None
