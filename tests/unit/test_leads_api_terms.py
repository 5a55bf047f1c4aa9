"""Consent and basis of a lead: as a list says them, as they hold it or let it out; a person's word; may I call now?"""

from collections.abc import Iterator
from typing import Any

import pytest

from autocall import reasons
from autocall.called import Called
from autocall.gates import Hours, load_hours
from autocall.hours_file import read_hours
from autocall.leads import Attempt, LeadKey, lead_id, number_hash
from autocall.timing import is_far, now, stamp
from functions.leads_api.lists import lead_terms
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, Told, World

IMPORT, CONFIRM = "POST /api/leads", "POST /api/leads/{id}/confirm"
OF_LEAD, OF_NUMBER = "GET /api/may-call", "POST /api/may-call"
BERLIN, MIAMI, OHIO, MOVED = "+4930123456", "+13055550123", "+16145550123", "+12125550123"
TUESDAY = "2026-12-01T17:00:00Z"
ALWAYS = {"week": {"mon-sun": "00:00-24:00"}}
OPEN: Hours = read_hours({"world": ALWAYS, "countries": {"US": ALWAYS | {"mode": "confirm"}}})


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def imported(world: World, phone: str = BERLIN, **about: str) -> dict[str, Any]:
    told = world.ask(IMPORT, {"leads": [{"phone": phone, **about}]})
    assert (told.status, told.data["refused"]) == (200, []), told.body
    return world.row(lead_id(AGENT, phone))


# -- as a list says them -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"consent_at": "2026-03-01"}, {"consent_at": "2026-03-01T00:00:00.000Z"}),
        ({"consent_at": "2026-03-01 10:00"}, {"consent_at": "2026-03-01T10:00:00.000Z"}),
        ({"consent_at": "2026-03-01T10:00:00+02:00"}, {"consent_at": "2026-03-01T08:00:00.000Z"}),
        ({"consent_until": "2027-03-01"}, {"consent_until": "2027-03-01T00:00:00.000Z"}),
        ({"basis": "Business"}, {"basis": "business"}),
        ({"consent_source": "form, page 3"}, {"consent_source": "form, page 3"}),
        ({"name": "Ada", "consent_at": ""}, {}),
    ],
)
def test_what_a_list_says_of_consent_is_stored_in_one_way(given: dict[str, str], stored: dict[str, str]) -> None:
    assert lead_terms.checked(given) == stored


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"consent_at": "yes"}, "the consent_at must be a date such as 2026-03-01"),
        ({"consent_at": "01.03.2026"}, "the consent_at must be a date"),
        ({"consent_at": "2026-13-01"}, "the consent_at must be a date"),
        ({"consent_until": "2026-W10"}, "the consent_until must be a date"),
        ({"basis": "friend"}, "unknown basis: it must be consumer, customer or business"),
        ({"consent_source": "x" * 501}, "the consent_source is too long"),
    ],
)
def test_what_a_list_cannot_mean_refuses_the_row(world: World, given: dict[str, str], why: str) -> None:
    told = world.ask(IMPORT, {"leads": [{"phone": BERLIN, **given}]}).data
    assert why in told["refused"][0]["reason"]


def test_consent_comes_in_by_the_columns_of_a_list_and_goes_out_by_the_export(world: World) -> None:
    text = f"phone,consent_at,consent_source,basis\n{BERLIN},2026-03-01,fair,customer\n"
    assert world.ask(IMPORT, body=text, content_type="text/csv").data["created"] == 1
    (lead,) = world.ask("GET /api/leads").data["items"]
    said = {
        "consent_at": "2026-03-01T00:00:00.000Z",
        "consent_source": "fair",
        "basis": "customer",
        "consent_until": None,
    }
    assert said.items() <= lead.items()
    assert "2026-03-01T00:00:00.000Z,fair," in world.ask("GET /api/leads.csv").body


def test_a_lead_that_is_deleted_forgets_what_it_consented_to(world: World) -> None:
    imported(world, consent_at="2026-03-01", consent_source="fair")
    world.ask("DELETE /api/leads/{id}", lead=lead_id(AGENT, BERLIN))
    assert not {"consent_at", "consent_source", "basis"} & set(world.row(lead_id(AGENT, BERLIN)))


# -- as they hold it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "about", "reason"),
    [
        (BERLIN, {}, "consent"),
        (BERLIN, {"consent_at": "2026-03-01"}, None),
        (BERLIN, {"consent_at": "2026-03-01", "consent_until": "2026-04-01"}, "consent"),
        (BERLIN, {"basis": "business"}, None),
        (MIAMI, {}, "confirm"),
        (MIAMI, {"consent_at": "2026-03-01"}, None),
        (OHIO, {}, None),
    ],
)
def test_an_import_holds_who_lacks_what_the_place_asks_for(
    world: World, phone: str, about: dict[str, str], reason: str | None
) -> None:
    row = imported(world, phone, **about)
    assert (row.get("held") or {}).get("reason") == reason
    assert is_far(row["due"].removeprefix("wait#")) is (reason is not None)


def test_leads_that_are_held_keep_the_order_of_their_file(world: World) -> None:
    phones = [f"+49301234{index:02}" for index in range(5)]
    world.ask(IMPORT, {"leads": [{"phone": phone} for phone in phones]})
    dues = [world.row(lead_id(AGENT, phone))["due"] for phone in phones]
    assert dues == sorted(dues)
    assert len(set(dues)) == 5


@pytest.mark.parametrize("news", [{"consent_at": "2026-03-01"}, {"basis": "business"}])
def test_a_list_that_brings_what_was_missing_lets_the_lead_out(world: World, news: dict[str, str]) -> None:
    imported(world)
    row = imported(world, **news)
    assert "held" not in row
    assert row["due"] <= "wait#" + stamp(now())
    assert world.queue.runs[-1] == (AGENT, "imported")


def test_a_list_that_died_half_way_lets_the_lead_out_when_it_comes_again(world: World) -> None:
    imported(world)
    world.leads.merge(LeadKey(AGENT, lead_id(AGENT, BERLIN)), {"consent_at": "2026-03-01T00:00:00.000Z"}, now())
    assert "held" not in imported(world, consent_at="2026-03-01")


def test_a_list_that_brings_nothing_of_it_leaves_the_lead_held(world: World) -> None:
    imported(world)
    assert imported(world, note="rang twice")["held"]["reason"] == "consent"


def test_an_installation_that_answers_for_its_lists_holds_nobody(world: World) -> None:
    world.have_hours(load_hours("default", "DE"))
    assert "held" not in imported(world)
    assert imported(world, MIAMI)["held"]["reason"] == "confirm"


# -- a person's word ---------------------------------------------------------------------------------------------------


def to_confirm(world: World, **about: Any) -> str:
    world.have_hours(OPEN)
    return world.held("confirm", now() + 1e9, zones=["US-FL/UTC"], **about)


def confirm(world: World, lead: str) -> Told:
    return world.ask(CONFIRM, lead=lead)


def test_a_persons_word_makes_the_lead_due_queues_a_run_and_is_recorded(world: World) -> None:
    lead = to_confirm(world)
    world.tab("one")
    told = confirm(world, lead)
    row = world.row(lead)
    assert (told.status, told.data["held"]) == (200, None)
    assert (row["confirmed_by"], row["confirmed_until"]) == (AGENT, stamp(now() + 120))
    assert row["history"][-1]["event"] == "confirmed"
    assert world.queue.runs == [(AGENT, "confirmed")]
    assert world.agents.get_agent(AGENT).first == {lead: now()}
    assert [event for _, event, _ in world.sockets.frames] == ["call:status_updated"]


def test_a_word_that_is_repeated_is_one_word(world: World) -> None:
    lead = to_confirm(world)
    first, second = confirm(world, lead), confirm(world, lead)
    assert (second.status, second.data) == (200, first.data)
    assert [entry["event"] for entry in world.row(lead)["history"]] == ["confirmed"]
    assert len(world.queue.runs) == 2


def test_only_a_lead_that_waits_for_a_person_can_be_started(world: World) -> None:
    world.have_hours(OPEN)
    for lead in (world.held("hours"), world.ended(phone="+12015550124")):
        assert (confirm(world, lead).status, confirm(world, lead).code) == (409, "not_to_confirm")
    assert confirm(world, "nobody").status == 404


def test_a_lead_on_the_do_not_call_list_is_not_started(world: World) -> None:
    lead = to_confirm(world)
    world.leads.add_to_dnc(LeadKey(AGENT, lead), PHONE, AGENT, now())
    assert (confirm(world, lead).status, confirm(world, lead).code) == (409, "do_not_call")


def test_a_word_outside_the_hours_is_refused_and_says_until_when(world: World) -> None:
    lead = to_confirm(world)
    world.have_hours(read_hours({"world": {"week": {}}}))
    told = confirm(world, lead)
    assert (told.status, told.code) == (409, "not_now")
    assert told.data["error"]["details"]["reason"] == "hours"
    assert "confirmed_until" not in world.row(lead)


def test_a_word_for_a_place_that_is_closed_is_refused(world: World) -> None:
    lead = to_confirm(world)
    world.installation.close("US", now() + 600, "operator", now())
    told = confirm(world, lead)
    assert told.data["error"]["details"] == {"reason": "closed", "until": stamp(now() + 600)}


# -- may I call now? ---------------------------------------------------------------------------------------------------


def test_a_number_may_be_asked_about_and_its_rule_is_named(world: World) -> None:
    told = world.ask(OF_NUMBER, {"phone": OHIO, "at": TUESDAY}).data
    assert (told["may"], told["reason"], told["until"], told["at"]) == (True, None, None, "2026-12-01T17:00:00.000Z")
    assert told["zones"] == ["US-OH/America/New_York"]
    (rule,) = told["rules"]
    assert rule["place"] == "US"
    assert "47 CFR 64.1200" in rule["cite"]
    assert rule["url"].startswith("https://")
    assert (rule["read_on"], rule["confidence"]) == ("2026-11-30", "high")
    assert rule["rule"] == {"week": {"mon-sun": "08:00-21:00"}}


@pytest.mark.parametrize(
    ("phone", "about", "at", "reason", "until"),
    [
        (OHIO, {}, "2026-12-02T02:30:00Z", "hours", "2026-12-02T13:00:00.000Z"),
        (BERLIN, {}, "2026-12-01T12:00:00Z", "consent", None),
        (BERLIN, {"consent_at": "2026-03-01"}, "2026-12-01T12:00:00Z", None, None),
        (BERLIN, {"basis": "business"}, "2026-12-25T12:00:00+01:00", "hours", "2026-12-28T08:00:00.000Z"),
        (MIAMI, {}, TUESDAY, "confirm", None),
    ],
)
def test_the_answer_is_the_dialers(
    world: World, phone: str, about: dict[str, str], at: str, reason: str | None, until: str | None
) -> None:
    told = world.ask(OF_NUMBER, {"phone": phone, "at": at, **about}).data
    assert (told["may"], told["reason"], told["until"]) == (reason is None, reason, until)


def test_what_the_own_lead_of_a_number_says_stands_behind_the_question(world: World) -> None:
    imported(world, consent_at="2026-03-01")
    told = world.ask(OF_NUMBER, {"phone": BERLIN, "at": "2026-12-01T12:00:00Z"}).data
    assert told["may"]


def test_a_lead_may_be_asked_about_by_its_id(world: World) -> None:
    imported(world)
    query = {"lead": lead_id(AGENT, BERLIN), "at": "2026-12-01T12:00:00+01:00"}
    told = world.ask(OF_LEAD, query=query).data
    assert (told["reason"], [rule["place"] for rule in told["rules"]]) == ("consent", ["DE"])
    assert "UWG" in told["rules"][0]["cite"]


def test_a_number_that_is_forbidden_may_not_be_called(world: World) -> None:
    world.installation.add_to_dnc([number_hash(OHIO)], "admin", now())
    assert world.ask(OF_NUMBER, {"phone": OHIO, "at": TUESDAY}).data["reason"] == "dnc"
    lead = world.waiting(zones=["US-OH/America/New_York"])
    world.leads.add_to_dnc(LeadKey(AGENT, lead), PHONE, AGENT, now())
    assert world.ask(OF_LEAD, query={"lead": lead, "at": TUESDAY}).data["reason"] == "dnc"


def test_of_a_state_that_is_not_known_every_rule_is_named(world: World) -> None:
    lead = world.waiting(zones=["US/America/New_York"])
    places = [rule["place"] for rule in world.ask(OF_LEAD, query={"lead": lead, "at": TUESDAY}).data["rules"]]
    assert {"US", "US-FL", "US-LA"} < set(places)
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("route", "query", "body", "status"),
    [
        (OF_LEAD, {}, None, 404),
        (OF_LEAD, {"lead": "nobody"}, None, 404),
        (OF_LEAD, {"lead": "../x"}, None, 404),
        (OF_NUMBER, {}, {}, 400),
        (OF_NUMBER, {}, {"phone": "12"}, 400),
        (OF_NUMBER, {}, {"phone": OHIO, "at": "noon"}, 400),
        (OF_NUMBER, {}, {"phone": OHIO, "at": "2026-12-01T12:00:00"}, 400),
        (OF_NUMBER, {}, {"phone": OHIO, "at": 7}, 400),
        (OF_NUMBER, {}, {"phone": OHIO, "basis": "friend"}, 400),
        (OF_NUMBER, {}, [], 400),
    ],
)
def test_what_cannot_be_answered_is_refused(world: World, route: str, query: Any, body: Any, status: int) -> None:
    assert world.ask(route, body, query=query).status == status


def test_the_settings_name_what_the_installation_takes_upon_itself_and_what_is_closed(world: World) -> None:
    world.installation.close("US-LA", now() + 600, "operator", now())
    world.installation.close("FR", now() - 1, "operator", now() - 99)
    told = world.ask("GET /api/settings").data["installation"]
    assert (told["trust_list_consent"], told["closed"]) == (None, [{"place": "US-LA", "until": stamp(now() + 600)}])


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1999-12-31T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_moment_of_another_century_is_refused(world: World, at: str) -> None:
    assert world.ask(OF_NUMBER, {"phone": OHIO, "at": at}).status == 400


def test_a_number_that_the_list_itself_forbids_is_refused(world: World) -> None:
    told = world.ask(OF_NUMBER, {"phone": OHIO, "do_not_call": "yes"})
    assert (told.status, told.code) == (400, "bad_field")
    assert "do-not-call" in told.data["error"]["message"]


def test_the_place_of_a_number_is_that_of_its_own_lead(world: World) -> None:
    """A number alone says the United States: the list has said Ohio."""
    imported(world, MOVED, state="Ohio")
    told = world.ask(OF_NUMBER, {"phone": MOVED, "at": TUESDAY}).data
    assert told["zones"] == list(world.row(lead_id(AGENT, MOVED))["zones"])
    assert told["zones"] != world.ask(OF_NUMBER, {"phone": MOVED, "at": TUESDAY}, user=OTHER).data["zones"]


def test_how_often_a_number_may_be_called_is_asked_too(world: World) -> None:
    world.installation.change_settings(0, {"again_per_week": 1})
    world.have_hours(read_hours({"world": ALWAYS}))
    lead = world.waiting()
    called = world.called.mark(number_hash(PHONE), Called(), Attempt(AGENT, lead, "attempt"), now() - 60, now() + 9e5)
    assert called.won
    told = world.ask(OF_NUMBER, {"phone": PHONE}).data
    assert (told["may"], told["reason"]) == (False, reasons.TOO_OFTEN)


def _confirmed_since(world: World, lead: str, seconds: float) -> None:
    world.keeps(lead, confirmed_until=stamp(now() + 120 - seconds))


def test_a_word_that_was_refused_puts_nobody_first(world: World) -> None:
    world.have_hours(OPEN)
    confirm(world, world.held("hours"))
    assert world.agents.get_agent(AGENT).first == {}


def test_the_run_that_a_word_queues_finds_that_its_lead_goes_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead, found = to_confirm(world), list[dict[str, float]]()
    monkeypatch.setattr(world.queue, "enqueue_run", lambda *_: found.append(world.agents.get_agent(AGENT).first))
    confirm(world, lead)
    assert found == [{lead: now()}]


def test_a_word_whose_two_minutes_are_over_is_no_word_any_more(world: World) -> None:
    lead = to_confirm(world)
    confirm(world, lead)
    _confirmed_since(world, lead, 121)
    assert confirm(world, lead).code == "not_to_confirm"


def test_who_is_being_called_already_needs_no_further_word(world: World) -> None:
    """Two minutes are not over: the word was for this one call."""
    lead = to_confirm(world)
    confirm(world, lead)
    assert world.leads.claim(Attempt(AGENT, lead, "attempt"), "run", now() + 1).won
    assert "confirmed_until" in world.row(lead)
    assert confirm(world, lead).code == "not_to_confirm"


def test_a_lead_that_was_held_again_within_the_two_minutes_needs_another_word(world: World) -> None:
    lead = to_confirm(world)
    confirm(world, lead)
    assert world.leads.hold(LeadKey(AGENT, lead), world.row(lead)["due"], "hours", now() + 60, now()).won
    assert confirm(world, lead).code == "not_to_confirm"


def test_of_two_who_start_a_call_at_once_both_are_answered_that_it_starts(world: World) -> None:
    lead = to_confirm(world)
    due = world.row(lead)["due"]
    world.overtake("confirm", lambda: world.leads.confirm(LeadKey(AGENT, lead), due, "another", now()))
    assert confirm(world, lead).status == 200
    assert world.row(lead)["confirmed_by"] == "another"


def test_a_lead_that_has_changed_meanwhile_is_not_started(world: World) -> None:
    lead = to_confirm(world)
    world.overtake("confirm", lambda: world.leads.delete(LeadKey(AGENT, lead), AGENT, now()))
    assert confirm(world, lead).code == "not_to_confirm"
    assert world.queue.runs == []
