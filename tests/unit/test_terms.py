"""What a place asks for besides its hours: consent, a person who starts the call; and by which kind of call."""

from datetime import UTC, datetime
from typing import Any

import pytest

from autocall import reasons
from autocall.gates import BadHours, Held, Hours, lead_gate, load_hours, mode_gate, rules_in_force
from autocall.hours_file import read_hours
from autocall.terms import Terms
from autocall.timing import FAR, stamp

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()  # a Tuesday
DAY = 86_400.0
ALWAYS = {"week": {"mon-sun": "00:00-24:00"}}
DEFAULT = load_hours("default")
CONSENT, CONFIRM = Held(reasons.CONSENT, FAR), Held(reasons.CONFIRM, FAR)


def hours(trusted: str = "", **rules: Any) -> Hours:
    told = {"world": ALWAYS, "countries": {place: ALWAYS | rule for place, rule in rules.items()}}
    read = read_hours(told)
    return Hours(read.world, read.jurisdictions, frozenset(filter(None, trusted.split(","))))


def gate(read: Hours, *zones: str, at: float = NOON, **terms: Any) -> Held | None:
    return lead_gate([f"{place}/UTC" for place in zones or ("AA",)], None, read, at, Terms(**terms))


# -- what a lead's row says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "terms"),
    [
        ({}, Terms()),
        ({"basis": "business"}, Terms("business")),
        ({"basis": "friend"}, Terms()),
        ({"basis": None, "consent_at": None, "consent_until": None}, Terms()),
        ({"consent_at": stamp(NOON)}, Terms(consent_at=NOON)),
        ({"consent_at": "yes"}, Terms()),
        ({"consent_at": 7}, Terms()),
        ({"consent_at": stamp(NOON), "consent_until": "some day"}, Terms(consent_at=NOON, consent_until=-1.0)),
        ({"confirmed_until": stamp(NOON)}, Terms(confirmed_until=NOON)),
        ({"confirmed_until": "soon"}, Terms()),
    ],
)
def test_what_is_missing_or_cannot_be_read_is_not_there(row: dict[str, Any], terms: Terms) -> None:
    assert Terms.of(row, recorded=True) == terms


# -- consent -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "held"),
    [
        ({}, CONSENT),
        ({"consent_at": NOON - DAY}, None),
        ({"consent_at": NOON}, None),
        ({"consent_at": NOON + 1}, CONSENT),
        ({"consent_at": NOON - DAY, "consent_until": NOON + 1}, None),
        ({"consent_at": NOON - DAY, "consent_until": NOON}, CONSENT),
        ({"consent_until": NOON + DAY}, CONSENT),
        ({"basis": "customer"}, CONSENT),
        ({"confirmed_until": NOON + 60}, CONSENT),
    ],
)
def test_a_place_that_asks_for_consent_lets_out_who_has_given_it(terms: dict[str, Any], held: Held | None) -> None:
    assert gate(hours(AA={"mode": "consent"}), **terms) == held


@pytest.mark.parametrize(("days", "held"), [(29, None), (30, CONSENT), (31, CONSENT)])
def test_consent_may_grow_old(days: int, held: Held | None) -> None:
    assert gate(hours(AA={"mode": "consent", "consent_days": 30}), consent_at=NOON - days * DAY) == held


@pytest.mark.parametrize(
    ("trusted", "held"), [("", CONSENT), ("BB", CONSENT), ("AA", None), ("all", None), ("BB,AA", None)]
)
def test_an_installation_may_answer_for_the_consent_of_its_lists(trusted: str, held: Held | None) -> None:
    assert gate(hours(trusted, AA={"mode": "consent"})) == held


def test_an_installation_cannot_answer_for_consent_that_is_over() -> None:
    assert gate(hours("all", AA={"mode": "consent"}), consent_at=NOON - DAY, consent_until=NOON - 1) == CONSENT


def test_of_several_places_each_asks_for_itself() -> None:
    read = hours("BB", AA={"mode": "consent"}, BB={"mode": "consent"}, CC={"mode": "confirm"})
    assert gate(read, "BB") is None
    assert gate(read, "BB", "CC") == CONFIRM
    assert gate(read, "AA", "CC") == CONSENT


def test_of_a_state_that_is_not_known_all_ask_and_trust_in_one_is_none_in_the_others() -> None:
    states = {"states": {"FL": ALWAYS | {"mode": "consent"}, "OK": ALWAYS | {"mode": "consent"}}}
    assert gate(hours("US-FL", US=states), "US-FL") is None
    assert gate(hours("US-FL", US=states), "US-OK") == CONSENT
    assert gate(hours("US-FL", US=states), "US") == CONSENT
    assert gate(hours("US-FL,US-OK", US=states), "US") is None
    assert gate(hours("US", US=states), "US") is None


# -- a person starts each call -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "held"),
    [
        ({}, CONFIRM),
        ({"confirmed_until": NOON + 1}, None),
        ({"confirmed_until": NOON}, CONFIRM),
        ({"consent_at": NOON - DAY}, CONFIRM),
    ],
)
def test_a_place_may_ask_that_a_person_starts_each_call(terms: dict[str, Any], held: Held | None) -> None:
    assert gate(hours(AA={"mode": "confirm"}), **terms) == held


def test_a_call_that_a_person_started_keeps_the_hours_all_the_same() -> None:
    read = hours(AA={"mode": "confirm", "week": {"mon-sun": "13:00-20:00"}})
    assert gate(read, confirmed_until=NOON + 60) == Held("hours", NOON + 3600)


# -- kinds of calls ----------------------------------------------------------------------------------------------------


def test_a_kind_of_call_has_what_its_rule_says_and_the_rest_from_the_place() -> None:
    read = hours(AA={"week": {"mon-sun": "09:00-20:00"}, "mode": "confirm", "for": {"business": {"mode": "call"}}})
    assert gate(read) == CONFIRM
    assert gate(read, basis="customer") == CONFIRM
    assert gate(read, basis="business") is None
    assert gate(read, basis="business", at=NOON + 8 * 3600) == Held("hours", NOON + 21 * 3600)


def test_where_several_rules_fit_all_of_them_must_be_open() -> None:
    kinds = {"recorded": {"week": {"mon-sun": "13:00-17:00"}}, "consented": {"week": {"mon-sun": "08:00-16:00"}}}
    read = hours(AA={"for": kinds})
    assert gate(read, consent_at=NOON - DAY, recorded=False) is None
    assert gate(read, consent_at=NOON - DAY) == Held("hours", NOON + 3600)
    assert gate(read, consent_at=NOON - DAY, at=NOON + 4 * 3600) == Held("hours", NOON + 25 * 3600)


def test_a_telephone_of_a_person_is_not_bound_by_the_rule_for_recordings() -> None:
    zone, evening = "US-ME/America/New_York", datetime(2026, 12, 1, 23, tzinfo=UTC).timestamp()
    assert lead_gate([zone], None, DEFAULT, evening, Terms(recorded=False)) is None
    assert lead_gate([zone], None, DEFAULT, evening, Terms()) == Held("hours", evening + 15 * 3600)


def test_the_index_holds_a_lead_only_where_no_call_to_it_could_start() -> None:
    read = hours(
        AA={
            "week": {"mon-sun": "09:00-11:00"},
            "mode": "consent",
            "for": {"business": {"week": {"mon-sun": "14:00-16:00"}}},
        }
    )
    assert lead_gate(["AA/UTC"], None, read, NOON) == Held("hours", NOON + 2 * 3600)
    assert lead_gate(["AA/UTC"], None, read, NOON + 2 * 3600) is None
    assert lead_gate(["AA/UTC"], None, hours(AA={"mode": "consent"}), NOON) is None


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"mode": "ask"}, "'ask' is not a mode"),
        ({"mode": None}, "None is not a mode"),
        ({"consent_days": 0}, "whole number of days"),
        ({"consent_days": True}, "whole number of days"),
        ({"for": {"friends": {}}}, "AA: for: unknown key 'friends'"),
        ({"for": {"business": {"mode": "maybe"}}}, "AA, business: 'maybe' is not a mode"),
        ({"for": {"business": {"for": {}}}}, "AA, business: unknown key 'for'"),
        ({"for": {"business": "call"}}, "AA, business: must be a JSON object"),
        ({"for": []}, "AA: for: must be a JSON object"),
    ],
)
def test_what_is_misspelt_is_refused(rule: dict[str, Any], why: str) -> None:
    with pytest.raises(BadHours, match=why):
        hours(AA=rule)


# -- what ships --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "terms", "held"),
    [
        ("US-FL", {}, CONFIRM),
        ("US-FL", {"consent_at": NOON - DAY}, None),
        ("US-FL", {"basis": "business"}, None),
        ("US-OK", {}, CONFIRM),
        ("US-MD", {}, CONFIRM),
        ("US-WY", {}, CONFIRM),
        ("US-WY", {"basis": "customer"}, None),
        ("US-CT", {}, CONSENT),
        ("US-CT", {"confirmed_until": NOON + 60}, CONSENT),
        ("US-OH", {}, None),
        ("US", {}, CONSENT),
        ("FR", {}, CONSENT),
        ("FR", {"basis": "business"}, None),
        ("RE", {}, CONSENT),
        ("NL", {"basis": "customer"}, CONSENT),
        ("DE", {}, CONSENT),
        ("AT", {"basis": "business"}, CONSENT),
        ("ES", {"consent_at": NOON - 700 * DAY}, None),
        ("ES", {"consent_at": NOON - 731 * DAY}, CONSENT),
        ("PE", {}, CONSENT),
        ("GB", {}, None),
        ("BE", {}, None),
        ("XX", {}, None),
    ],
)
def test_the_places_that_ask_for_more_than_hours(place: str, terms: dict[str, Any], held: Held | None) -> None:
    assert mode_gate([f"{place}/UTC"], DEFAULT, NOON, Terms(**terms)) == held


def test_without_hours_nothing_is_asked() -> None:
    assert gate(load_hours("always")) is None


# -- what an operator has closed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed", "place", "shut"),
    [
        ("US-LA", "US-LA", True),
        ("US-LA", "US-TX", False),
        ("US-LA", "US", True),
        ("US", "US-LA", True),
        ("US", "US", True),
        ("FR", "DE", False),
    ],
)
def test_a_place_that_is_closed_holds_who_can_be_in_it(closed: str, place: str, shut: bool) -> None:
    for read in (load_hours("always"), hours()):
        held = lead_gate([f"{place}/UTC"], None, read, NOON, closed={closed: NOON + 3600})
        assert held == (Held(reasons.CLOSED, NOON + 3600) if shut else None)


def test_a_closure_that_is_over_holds_nobody() -> None:
    assert lead_gate(["US-LA/UTC"], None, hours(), NOON, closed={"US-LA": NOON}) is None


def test_behind_a_closure_the_hours_of_the_place_are_kept() -> None:
    read = hours(AA={"week": {"mon-sun": "09:00-13:00"}})
    held = lead_gate(["AA/UTC"], None, read, NOON, closed={"AA": NOON + 2 * 3600})
    assert held == Held(reasons.CLOSED, NOON + 21 * 3600)


def test_who_can_be_anywhere_can_be_in_the_closed_place() -> None:
    assert lead_gate([], None, load_hours("always"), NOON, closed={"AA": NOON + 60}) == Held("closed", NOON + 60)
    assert lead_gate([], None, hours(), NOON, closed={"AA": NOON + 60}) == Held("zone", NOON + DAY)


def test_consent_that_is_missing_is_said_before_a_closure_that_ends_by_itself() -> None:
    read = hours(AA={"mode": "consent"})
    assert lead_gate(["AA/UTC"], None, read, NOON, Terms(), {"AA": NOON + 60}) == CONSENT


def test_the_rules_behind_an_answer_are_named_by_their_places() -> None:
    def named(*zones: str) -> list[str]:
        return [name for name, _ in rules_in_force(zones, DEFAULT, NOON, Terms())]

    assert named("US-FL/UTC", "DE/UTC") == ["DE", "US-FL"]
    assert named("US-OH/UTC") == ["US"]
    assert named("JP/UTC") == ["world"]
    assert {"US", "US-FL", "US-LA"} < set(named("US/UTC"))
