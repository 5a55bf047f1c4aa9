"""One number and several agents: who has called it decides whether it may be called, and what made no call does not."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from autocall import reasons
from autocall.call_outcomes import NotSent, Outcome, Refused, Throttled, Unknown
from autocall.called import Called, called_gate, made_no_call, per_week
from autocall.gates import Held
from autocall.hours_file import read_hours
from autocall.leads import Attempt, LeadKey, lead_id, number_hash
from autocall.timing import DAY_S, HOUR_S, now, parse, stamp
from functions.dialer.agent_gate import AgentGate
from tests.unit.dialer_world import AGENT, TIMING, World, phone, world

OTHER = "other"
PLACE = ["US-OR/America/Los_Angeles"]
REFUSED = Refused("lead", 21211, "Twilio refused the call (21211)")
NO_CALL = [REFUSED, Throttled("429"), NotSent("no connection"), Refused("account", 20003, "account refused (20003)")]


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        made.agents.connect(OTHER, "others-tab", int(now() + 3600), now())
        made.agents.touch(OTHER, "others-tab", now())
        yield made


def imports(here: World, user: str = OTHER, index: int = 0, **about: Any) -> str:
    lead = lead_id(user, phone(index))
    assert here.leads.create(LeadKey(user, lead), {"phone": phone(index), **about}, now() - 1000, now() - 1000).won
    return lead


def dials(here: World, lead: str, user: str = OTHER) -> dict[str, Any]:
    """The lead's row after a run came to it."""
    here.dial.dial(user, lead, "run", AgentGate(TIMING))
    return here.leads.get(LeadKey(user, lead))


def called(here: World, index: int = 0) -> Called:
    return here.called_numbers.get(number_hash(phone(index)), now())


def test_what_a_colleague_has_called_waits_for_the_days_that_the_installation_says(here: World) -> None:
    here.lead(here.waiting()[0])
    row = dials(here, imports(here))
    assert (row["call_status"], row["held"]["reason"]) == ("pending", reasons.COLLEAGUE)
    assert row["due"].startswith(f"wait#{stamp(now() + 30 * DAY_S)[:19]}")
    assert here.called == [phone(0)]


def test_the_note_names_the_call_before_it_is_asked_for(here: World) -> None:
    (lead,) = here.waiting()
    here.twilio.meanwhile = lambda: seen.append(called(here))
    seen: list[Called] = []
    here.lead(lead)
    (noted,) = seen
    assert (noted.agent, noted.lead, noted.attempt) == (AGENT, lead, here.row(lead)["attempt_id"])
    assert noted.recent == (stamp(now()),)
    assert noted.expires_at == int(now()) + 30 * DAY_S


@pytest.mark.parametrize("outcome", NO_CALL, ids=lambda outcome: repr(outcome)[:30])
def test_a_number_that_was_certainly_not_called_is_as_it_was(here: World, outcome: Outcome) -> None:
    here.twilio.outcomes = [outcome]
    here.lead(here.waiting()[0])
    assert not called(here).attempt
    here.installation.set_breaker("test", now() - 1)
    assert dials(here, imports(here))["call_status"] == "queued"


@pytest.mark.parametrize("outcome", NO_CALL, ids=lambda outcome: repr(outcome)[:30])
def test_what_was_noted_before_is_noted_again(here: World, outcome: Outcome) -> None:
    here.colleague_days = 0
    here.lead(here.waiting()[0])
    before = called(here)
    here.twilio.outcomes = [outcome]
    dials(here, imports(here))
    assert len(here.called) == 2
    assert called(here) == before


def test_a_call_that_may_have_been_made_stays_noted_and_its_colleague_asks_again_soon(here: World) -> None:
    """Nobody waits a month for a number of which it will be known in an hour whether it was called."""
    here.twilio.outcomes = [Unknown("timeout", "")]
    here.lead(here.waiting()[0])
    row = dials(here, imports(here))
    assert row["held"]["reason"] == reasons.COLLEAGUE
    assert parse(row["due"][5:28] + "Z") == pytest.approx(now() + HOUR_S, abs=1)


@pytest.mark.parametrize("outcome", [REFUSED, Throttled("429"), NotSent("no connection")])
def test_a_call_that_rang_stays_noted_whatever_the_answer_says(here: World, outcome: Outcome) -> None:
    (lead,) = here.waiting()
    here.twilio.outcomes = [outcome]

    def rings() -> None:
        attempt = here.row(lead)["attempt_id"]
        assert here.leads.record_live(Attempt(AGENT, lead, attempt), "CA1", "ringing", "callback", now()).won

    here.twilio.meanwhile = rings
    here.lead(lead)
    assert called(here).lead == lead


def test_a_number_whose_dialer_died_before_the_post_is_free_once_that_is_known(here: World) -> None:
    """The note says that a call may have been made; the colleague's row is the better witness."""
    (mine,) = here.waiting()
    assert here.leads.claim(Attempt(AGENT, mine, "dead"), "run", now()).won
    here.called_numbers.mark(number_hash(phone(0)), Called(), Attempt(AGENT, mine, "dead"), now(), now() + DAY_S)
    theirs = imports(here)
    row = dials(here, theirs)
    assert row["held"]["reason"] == reasons.COLLEAGUE
    assert parse(row["due"][5:28] + "Z") < now() + 120
    assert here.leads.mark_unknown(Attempt(AGENT, mine, "dead"), "not_found", now()).won
    assert here.leads.mark_lost(Attempt(AGENT, mine, "dead"), here.row(mine)["due"], "not_found", now() + 60, now()).won
    assert here.leads.release_by_agent(Attempt(AGENT, mine, "dead"), AGENT, now()).won
    assert here.leads.unhold(LeadKey(OTHER, theirs), row["due"], now(), reasons.COLLEAGUE).won
    assert dials(here, theirs)["call_status"] == "queued"
    assert called(here).recent == (stamp(now()),)


def test_of_two_agents_who_look_at_the_same_moment_one_calls(here: World) -> None:
    (mine,), theirs = here.waiting(), imports(here)
    read = here.installation.get_before_call

    def overtaken(*hashes: str, **about: Any) -> Any:
        before = read(*hashes, **about)
        here.installation.get_before_call = read  # type: ignore[method-assign]
        here.lead(mine)
        return before

    here.installation.get_before_call = overtaken  # type: ignore[method-assign]
    row = dials(here, theirs)
    assert (row["call_status"], row["held"]["reason"]) == ("pending", reasons.COLLEAGUE)
    assert len(here.called) == 1


def test_with_no_days_colleagues_call_as_often_as_the_installation_allows_in_a_week(here: World) -> None:
    here.colleague_days = 0
    assert here.installation.change_settings(0, {"again_per_week": 2})[0]
    here.lead(here.waiting()[0])
    assert dials(here, imports(here))["call_status"] == "queued"
    third = "third"
    here.agents.connect(third, "thirds-tab", int(now() + 3600), now())
    here.agents.touch(third, "thirds-tab", now())
    row = dials(here, imports(here, third), third)
    assert row["held"]["reason"] == reasons.TOO_OFTEN
    assert parse(row["due"][5:28] + "Z") == pytest.approx(now() + 7 * DAY_S, abs=1)


def test_a_place_allows_only_so_many_calls_to_one_number() -> None:
    hours = read_hours({"world": {"week": {"mon-sun": "00:00-24:00"}, "at_most": {"24 hours": 1}}})
    with world() as here:
        here.hours, here.colleague_days = hours, 0
        number = number_hash(phone(0))
        before = Called.of({}, now())
        here.called_numbers.mark(number, before, Attempt(OTHER, "lead", "long ago"), now() - 3 * DAY_S, now() + DAY_S)
        here.called_numbers.mark(number, called(here), Attempt(OTHER, "lead", "A"), now() - HOUR_S, now() + DAY_S)
        (lead,) = here.waiting(zones=PLACE)
        here.lead(lead)
        row = here.row(lead)
        assert row["held"]["reason"] == reasons.TOO_OFTEN
        assert parse(row["due"][5:28] + "Z") == pytest.approx(now() + 23 * HOUR_S, abs=1)


def test_what_an_administrator_has_lifted_holds_nobody_until_somebody_calls(here: World) -> None:
    here.lead(here.waiting()[0])
    assert here.called_numbers.lift(number_hash(phone(0)), called(here), "admin", now()).won
    assert dials(here, imports(here))["call_status"] == "queued"
    assert called(here).lifted is None


NOW = 1_780_000_000.0


def _called(ago: float, *recent: float, **more: Any) -> Called:
    moments = tuple(stamp(NOW - one) for one in recent or (ago,))
    return Called("ada", "lead", "A1", NOW - ago, moments, NOW + DAY_S, stored="A1", **more)


@pytest.mark.parametrize(
    ("noted", "user", "held"),
    [
        (Called(), "ada", None),
        (_called(HOUR_S), "ada", None),
        (_called(HOUR_S), "grace", Held(reasons.COLLEAGUE, NOW - HOUR_S + 30 * DAY_S)),
        (_called(31 * DAY_S), "grace", None),
        (_called(HOUR_S, lifted={"by": "admin"}), "grace", None),
        (_called(1, 3 * DAY_S, 2 * DAY_S, 1), "ada", Held(reasons.TOO_OFTEN, NOW + 4 * DAY_S)),
        (_called(1, 8 * DAY_S, 2 * DAY_S, 1), "ada", None),
        (_called(31 * DAY_S, 31 * DAY_S, 2, 1), "ada", None),
    ],
)
def test_a_number_is_held_for_the_colleague_or_for_having_been_called_too_often(
    noted: Called, user: str, held: Held | None
) -> None:
    assert called_gate(noted, user, [per_week(3)], 30, NOW) == held


def test_the_strictest_of_all_caps_counts() -> None:
    noted = _called(1, 20 * DAY_S, 10)
    assert noted.capped_until([(3, DAY_S), (1, HOUR_S), (2, 30 * DAY_S)], NOW) == NOW + 10 * DAY_S


def test_what_has_expired_is_gone_though_the_table_still_has_it() -> None:
    item = {"agent": "ada", "lead_id": "l", "attempt_id": "A1", "at": stamp(NOW), "expires_at": int(NOW)}
    assert Called.of(item, NOW - 1).attempt == "A1"
    assert Called.of(item, NOW) == Called(stored="A1")


def _row(status: str, attempt: str = "A1", *events: str, **more: Any) -> dict[str, Any]:
    history = [{"event": event, "attempt_id": "A1"} for event in events]
    return {"call_status": status, "attempt_id": attempt, "history": history, **more}


@pytest.mark.parametrize(
    ("row", "proven"),
    [
        ({}, False),
        (_row("claimed"), False),
        (_row("unknown", "A1", "unknown"), False),
        (_row("queued", "A1", "placed", call_sid="CA1"), False),
        (_row("pending"), True),
        (_row("pending", "A1", "unknown", "lost", "released"), True),
        (_row("pending", "A1", "placed", "completed", call_sid="CA1"), False),
        (_row("pending", "A1", "unknown", "settled"), False),
        (_row("failed", "A1", "refused"), True),
        (_row("failed", "A1", "placed", "failed", call_sid="CA1"), False),
        (_row("claimed", "A2"), True),
        (_row("claimed", "A2", "placed", "completed"), False),
        (_row("queued", "A2", strays=[{"attempt_id": "A1", "call_sid": "CA1"}]), False),
    ],
)
def test_only_a_row_that_is_settled_and_knows_of_no_call_proves_that_there_was_none(
    row: dict[str, Any], proven: bool
) -> None:
    assert made_no_call(row, "A1") is proven


def test_a_hold_that_ends_before_its_colleagues_call_is_known_ends_then(here: World) -> None:
    here.twilio.outcomes = [Unknown("timeout", "")]
    here.lead(here.waiting()[0])
    earlier = replace(called(here), at=now() - 30 * DAY_S + 60)
    gate = here.dial.numbers
    _, held = gate.closed({"user_id": OTHER, "lead_id": "theirs", "phone": phone(0)}, earlier, set(), now())
    assert held == Held(reasons.COLLEAGUE, now() + 60)


def test_what_an_administrator_has_lifted_is_not_asked_after(here: World) -> None:
    """Its outcome changes nothing: the week of the installation counts it as called."""
    assert here.installation.change_settings(0, {"again_per_week": 1})[0]
    here.twilio.outcomes = [Unknown("timeout", "")]
    here.lead(here.waiting()[0])
    assert here.called_numbers.lift(number_hash(phone(0)), called(here), "admin", now()).won
    row = dials(here, imports(here))
    assert row["held"]["reason"] == reasons.TOO_OFTEN
    assert parse(row["due"][5:28] + "Z") == pytest.approx(now() + 7 * DAY_S, abs=1)
