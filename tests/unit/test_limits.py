"""What an installation lets be called at all: at an import, for an agent's phone, and again before each call."""

from collections.abc import Iterator
from typing import Any

import pytest

from autocall import reasons
from autocall.installation_table import INSTALLATION
from autocall.leads import number_hash
from autocall.limits import NO_LIMITS, Limits
from autocall.timing import DAY_S, now, parse, stamp
from functions.dialer.daily_limit import DailyLimit
from functions.dialer.dial import Dialer
from functions.dialer.run import Run, Services
from tests.unit import dialer_world, leads_api_world
from tests.unit.dialer_world import AGENT, phone
from tests.unit.leads_api_world import World as Api

BERLIN, PARIS, JAMAICA, PERSONAL, SATELLITE = (
    "+4930123456",
    "+33142345678",
    "+18762345678",
    "+447012345678",
    "+881612345678",
)
GERMANY = Limits(frozenset({"DE"}))
USUAL = Limits(frozenset(), frozenset({"personal", "shared_cost", "satellite"}))


@pytest.mark.parametrize(
    ("limits", "may", "may_not"),
    [
        (NO_LIMITS, [BERLIN, PARIS, JAMAICA, SATELLITE], []),
        (GERMANY, [BERLIN, SATELLITE], [PARIS, JAMAICA, phone(1)]),
        (Limits(frozenset({"US"})), [phone(1)], [JAMAICA, BERLIN, "+14165550123"]),
        (USUAL, [BERLIN, JAMAICA], [SATELLITE]),
        (Limits.of({"COUNTRIES": "DE,FR", "REFUSED_NUMBER_TYPES": "satellite"}), [BERLIN, PARIS], [JAMAICA, SATELLITE]),
        (Limits.of({"COUNTRIES": "", "REFUSED_NUMBER_TYPES": ""}), [BERLIN, PARIS, SATELLITE], []),
    ],
)
def test_a_number_may_be_called_within_the_limits_only(limits: Limits, may: list[str], may_not: list[str]) -> None:
    assert [number for number in may if not limits.may_call(number)] == []
    assert [number for number in may_not if limits.may_call(number)] == []


# -- the HTTP API ------------------------------------------------------------------------------------------------------


@pytest.fixture
def api() -> Iterator[Api]:
    with leads_api_world.world() as made:
        yield made


def _limited(api: Api, limits: Limits, **installation: Any) -> None:
    from dataclasses import replace

    api.tools = replace(api.tools, limits=limits, installation={**api.tools.installation, **installation})


def test_an_import_refuses_other_countries_and_kinds_and_takes_the_rest(api: Api) -> None:
    _limited(api, Limits(frozenset({"DE", "GB"}), USUAL.refused_types))
    numbers = [BERLIN, PARIS, PERSONAL, SATELLITE, JAMAICA]
    told = api.ask("POST /api/leads", {"leads": [{"phone": number} for number in numbers]}).data
    assert told["created"] == 1
    assert {refusal["line"]: refusal["reason"] for refusal in told["refused"]} == {
        2: "the phone number is of a country that is not called from here (FR)",
        3: "the phone number is a personal number, which is not called from here",
        4: "the phone number is a satellite number, which is not called from here",
        5: "the phone number is of a country that is not called from here (JM)",
    }


def test_a_mark_is_heeded_in_whatever_country_its_number_is(api: Api) -> None:
    _limited(api, GERMANY)
    told = api.ask("POST /api/leads", {"leads": [{"phone": PARIS, "do_not_call": "yes"}]}).data
    assert "never called" in told["refused"][0]["reason"]


@pytest.mark.parametrize(
    ("number", "why"),
    [(PARIS, "country"), (PERSONAL, "personal"), (SATELLITE, "satellite"), ("+4930111111", "do-not-call list")],
)
def test_an_agents_phone_is_within_the_limits_and_on_no_list(api: Api, number: str, why: str) -> None:
    _limited(api, Limits(frozenset({"DE", "GB"}), USUAL.refused_types))
    api.installation.add_to_dnc([number_hash("+4930111111")], "admin", now())
    told = api.ask("PUT /api/settings", {"agent_phone": number})
    assert (told.status, told.code) == (400, "bad_settings")
    assert why in told.data["error"]["details"]["agent_phone"]
    assert api.ask("PUT /api/settings", {"agent_phone": BERLIN}).status == 200


def test_an_agents_phone_may_not_be_on_their_own_list_either(api: Api) -> None:
    assert api.ask("POST /api/do-not-call", {"numbers": [BERLIN]}).status == 200
    assert "do-not-call list" in api.ask("PUT /api/settings", {"agent_phone": BERLIN}).data["error"]["message"]


def test_an_agent_sets_at_most_the_installations_lines(api: Api) -> None:
    _limited(api, NO_LIMITS, most_lines=3)
    assert api.ask("PUT /api/settings", {"lines": 4}).data["error"]["details"] == {
        "lines": "must be a whole number from 1 to 3"
    }
    assert api.ask("PUT /api/settings", {"lines": 3}).data["installation"]["most_lines"] == 3


def test_whoever_has_left_is_served_by_no_route_until_they_are_back(api: Api) -> None:
    api.agents.leave(AGENT, "operator", now())
    for route in ("GET /api/leads", "GET /api/settings", "POST /api/autocall/resume", "POST /api/leads"):
        told = api.ask(route)
        assert (told.status, told.code) == (403, "left"), route
    assert api.ask("GET /api/settings", user="other").status == 200
    api.agents.come_back(AGENT)
    assert api.ask("GET /api/settings").status == 200


# -- the dialer --------------------------------------------------------------------------------------------------------


@pytest.fixture
def world() -> Iterator[dialer_world.World]:
    with dialer_world.world() as made:
        yield made


def _run(world: dialer_world.World, monkeypatch: pytest.MonkeyPatch, limits: Limits = NO_LIMITS, **tools: Any) -> Run:
    """One run of an installation with these limits."""
    make_dial, make_tools = Dialer, Services
    monkeypatch.setattr(dialer_world, "Dialer", lambda *of: make_dial(*of, limits=limits))
    monkeypatch.setattr(dialer_world, "Services", lambda *of: make_tools(*of, **tools))
    return world.run()


def test_a_lead_that_was_imported_before_the_limits_is_held_for_a_day(
    world: dialer_world.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lead,) = world.waiting(1)
    _run(world, monkeypatch, GERMANY)
    assert world.called == []
    row = world.row(lead)
    assert (row["call_status"], row["held"]["reason"]) == ("pending", reasons.COUNTRY)
    assert stamp(parse(row["due"].removeprefix("wait#"))) == stamp(now() + DAY_S)
    assert row["has_been_called"] is False


def test_no_call_is_connected_to_an_agents_phone_out_of_bounds(
    world: dialer_world.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.waiting(2)
    world.agents.update_profile(AGENT, {"agent_phone": PARIS})
    _run(world, monkeypatch, Limits(frozenset({"US"})))
    assert world.called == []
    assert world.finished["reason"] == reasons.AGENT_PHONE


def test_nobody_is_called_for_an_agent_who_has_left_though_a_page_is_open(world: dialer_world.World) -> None:
    world.waiting(2)
    world.agents.leave(AGENT, "operator", now())
    world.run()
    assert world.called == []


def test_an_agent_who_leaves_between_a_claim_and_its_call_is_not_called_for(
    world: dialer_world.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lead,) = world.waiting(1)
    claim = world.leads.claim

    def leaves(*of: Any) -> Any:
        claimed = claim(*of)
        world.agents.leave(AGENT, "operator", now())
        return claimed

    monkeypatch.setattr(world.leads, "claim", leaves)
    world.run()
    assert world.called == []
    assert world.row(lead)["held"]["reason"] == reasons.TAKEN_OUT


def test_lines_that_were_set_before_the_limit_are_cut_to_it(
    world: dialer_world.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.waiting(6)
    world.agents.update_profile(AGENT, {"lines": 5})
    _run(world, monkeypatch, most_lines=2)
    assert len(world.called) == 2


@pytest.mark.parametrize(("per_agent", "in_all"), [(3, 0), (0, 3), (3, 100), (100, 3)])
def test_no_more_calls_are_made_on_a_day_than_it_may_have(
    world: dialer_world.World, monkeypatch: pytest.MonkeyPatch, per_agent: int, in_all: int
) -> None:
    """What is left waits for the next day of UTC, in its place, and its agent is told."""
    leads = world.waiting(5)
    daily = DailyLimit(world.installation, per_agent, in_all)
    world.agents.update_profile(AGENT, {"lines": 20})
    run = _run(world, monkeypatch, daily=daily)
    assert world.called == [phone(index) for index in range(3)]
    assert world.finished["reason"] == reasons.DAY
    assert run._stop
    assert run._stop.until == now() - now() % DAY_S + DAY_S
    assert [world.status(lead) for lead in leads[3:]] == ["pending", "pending"]
    assert "held" not in world.row(leads[4])


def test_the_next_day_begins_to_count_anew(world: dialer_world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    daily = DailyLimit(world.installation, 2, 0)
    assert [bool(daily.count(AGENT)) for _ in range(3)] == [False, False, True]
    tomorrow = now() + DAY_S
    monkeypatch.setattr("functions.dialer.daily_limit.now", lambda: tomorrow)
    assert daily.count(AGENT) is None


def test_other_agents_have_days_of_their_own_within_the_installations(world: dialer_world.World) -> None:
    daily = DailyLimit(world.installation, 2, 3)
    assert [bool(daily.count(user)) for user in (AGENT, AGENT, AGENT, "other", "other")] == [
        *(False, False, True),
        *(False, True),
    ]


def test_a_count_is_forgotten_in_time(world: dialer_world.World) -> None:
    world.installation.count_call(INSTALLATION, 1, now())
    item = world.agents._item(INSTALLATION, f"calls#{stamp(now())[:10]}")
    assert item["calls"] == 1
    assert DAY_S < item["expires_at"] - now() <= 3 * DAY_S


def test_without_bounds_nothing_is_counted(world: dialer_world.World) -> None:
    assert DailyLimit(world.installation).count(AGENT) is None
    assert world.agents._item(AGENT, f"calls#{stamp(now())[:10]}") == {}
