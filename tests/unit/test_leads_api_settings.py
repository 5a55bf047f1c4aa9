"""An agent's settings over the HTTP API."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from autocall.timing import now, parse, stamp
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, World

SHOW, CHANGE = "GET /api/settings", "PUT /api/settings"
NOT_TODAY = (datetime.now(UTC).isoweekday() + 2) % 7 + 1
NARROW = {"from": "09:00", "to": "09:01", "days": [NOT_TODAY]}
BERLIN = "DE/Europe/Berlin"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def test_who_has_set_nothing_sees_the_installations_defaults(world: World) -> None:
    told = world.ask(SHOW).data
    assert told["installation"] == {
        "lines": 2,
        "most_lines": 20,
        "calls_per_second": 1.0,
        "ring_timeout_s": 25.0,
        "calling_hours": "default",
        "trust_list_consent": None,
        "default_region": "US",
        "audio": "message",
        "wrap_up_s": 30,
        "colleague_days": 30,
        "voicemail": False,
        "rest": None,
        "closed": [],
    }
    assert {name: told[name] for name in ("paused", "resume_at", "lines", "agent_phone", "window", "version")} == {
        "paused": False,
        "resume_at": None,
        "lines": None,
        "agent_phone": None,
        "window": None,
        "version": 0,
    }


def test_what_is_set_is_shown_and_kept(world: World) -> None:
    given = {"lines": 3, "agent_phone": "+12015550123", "window": {"from": "09:00", "to": "17:30", "days": [1, 2]}}
    told = world.ask(CHANGE, given)
    assert told.status == 200
    assert {name: told.data[name] for name in given} == given
    assert world.ask(SHOW).data == told.data
    assert told.data["version"] == 1


def test_what_is_not_given_stays_and_null_brings_the_default_back(world: World) -> None:
    world.ask(CHANGE, {"lines": 3, "agent_phone": "+12015550123"})
    assert world.ask(CHANGE, {"lines": None}).data["lines"] is None
    assert world.ask(SHOW).data["agent_phone"] == "+12015550123"


def test_settings_are_the_callers_own(world: World) -> None:
    world.ask(CHANGE, {"lines": 3}, user=OTHER)
    assert world.ask(SHOW).data["lines"] is None


def test_the_agents_phone_is_kept_as_an_international_number(world: World) -> None:
    assert world.ask(CHANGE, {"agent_phone": "(201) 555-0123"}).data["agent_phone"] == "+12015550123"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("lines", value) for value in (0, 21, -1, 1.5, "3", True, [], {})],
        *[("agent_phone", value) for value in ("", "123", "sip:me@example.com", 12015550123, ["+12015550123"])],
        *[("window", value) for value in ("9-17", {}, {"from": "17:00", "to": "09:00"}, {"from": "9", "to": "17"}, [])],
        *[("resume_at", value) for value in ("tomorrow", "2026-12-31T08:00:00", 5, "9999-12-31T23:59:59Z", "", [])],
        ("paused", True),
        ("paused", "no"),
        ("version", "1"),
        ("colour", "red"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_nothing_is_set(world: World, name: str, value: Any) -> None:
    told = world.ask(CHANGE, {"lines": 3} | {name: value})
    assert (told.status, told.code) == (400, "bad_settings")
    assert set(told.data["error"]["details"]) == {name}
    assert world.agents.get_profile(AGENT) == {}


def test_all_that_is_wrong_is_said_at_once(world: World) -> None:
    error = world.ask(CHANGE, {"lines": 0, "agent_phone": "x", "window": "x", "resume_at": "x"}).data["error"]
    assert set(error["details"]) == {"lines", "agent_phone", "window", "resume_at"}
    assert all(name in error["message"] for name in error["details"])


def test_settings_can_be_sent_back_as_they_were_read(world: World) -> None:
    world.ask("POST /api/autocall/pause")
    world.ask(CHANGE, {"lines": 3})
    read = world.ask(SHOW).data
    assert world.ask(CHANGE, read).status == 200
    assert world.agents.get_agent(AGENT).paused


def test_settings_that_were_changed_meanwhile_are_not_overwritten(world: World) -> None:
    version = world.ask(CHANGE, {"lines": 3}).data["version"]
    world.ask("POST /api/autocall/pause")
    told = world.ask(CHANGE, {"lines": 5, "version": version})
    assert (told.status, told.code) == (409, "changed_meanwhile")
    assert world.ask(SHOW).data["lines"] == 3
    assert world.ask(CHANGE, {"lines": 5, "version": version + 1}).status == 200


def test_version_zero_is_the_profile_that_is_not_there_yet(world: World) -> None:
    assert [world.ask(CHANGE, {"lines": lines, "version": 0}).status for lines in (5, 6)] == [200, 409]


def test_a_change_between_reading_and_writing_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read = world.agents.get_profile

    def overtaken(user: str) -> dict[str, Any]:
        seen = read(user)
        world.agents.try_update_profile(user, seen.get("version"), {"paused": True})
        return seen

    monkeypatch.setattr(world.agents, "get_profile", overtaken)
    told = world.ask(CHANGE, {"lines": 5})
    assert (told.data["lines"], told.data["paused"], told.data["version"]) == (5, True, 2)


@pytest.mark.parametrize(("lines", "runs"), [(3, 1), (2, 0), (1, 0)])
def test_more_lines_than_before_queue_a_run(world: World, lines: int, runs: int) -> None:
    """The installation's default counts as before."""
    world.ask(CHANGE, {"lines": lines})
    assert world.queue.runs == [(AGENT, "settings")] * runs


@pytest.mark.parametrize("versioned", [False, True])
def test_a_change_whose_run_could_not_be_queued_is_made_up_for_by_its_repeat(world: World, versioned: bool) -> None:
    change = {"lines": 5, "window": None} | ({"version": 0} if versioned else {})
    world.queue.fails = 1
    with pytest.raises(ClientError):
        world.ask(CHANGE, change)
    told = world.ask(CHANGE, change)
    assert (told.status, told.data["lines"], told.data["version"]) == (200, 5, 1)
    assert world.queue.runs == [(AGENT, "hours")]


def test_a_pause_until_a_moment_is_kept_and_taking_it_away_queues_a_run(world: World) -> None:
    until = stamp(now() + 3600)
    assert world.ask(CHANGE, {"resume_at": until}).data["resume_at"] == until
    assert world.queue.runs == []
    world.ask(CHANGE, {"resume_at": None})
    assert world.queue.runs == [(AGENT, "settings")]


def test_all_tabs_hear_of_a_pause_that_ends_by_itself_and_of_its_end_before_that(world: World) -> None:
    world.tab("one")
    lead = world.claimed()
    until = stamp(now() + 3600)
    world.ask(CHANGE, {"resume_at": until})
    world.ask(CHANGE, {"resume_at": until, "lines": 3})
    world.ask(CHANGE, {"resume_at": None})
    assert [(event, data) for _, event, data in world.sockets.frames] == [
        ("autocall:paused", {"version": 1, "in_flight": [lead], "resume_at": until}),
        ("autocall:resumed", {"version": 3}),
    ]


def test_who_pauses_until_a_moment_while_paused_stays_paused_when_that_is_taken_away(world: World) -> None:
    world.tab("one")
    world.agents.update_profile(AGENT, {"resume_at": stamp(now() + 3600), "paused": True})
    world.ask(CHANGE, {"resume_at": None})
    assert world.sockets.frames == []


def test_a_pause_that_is_over_is_none(world: World) -> None:
    assert world.ask(CHANGE, {"resume_at": "2020-01-01T00:00:00+01:00"}).data["resume_at"] is None


def test_the_page_is_told_that_the_installation_rests_and_why(world: World) -> None:
    world.installation.open_breaker("account refused (20003)", now() + 300)
    rest = world.ask(SHOW).data["installation"]["rest"]
    assert rest["reason"] == "account refused (20003)"
    assert parse(rest["until"]) > now()


class TestWiderHours:
    """Hours that open wider queue a run that brings back what the old ones hold."""

    @pytest.fixture(autouse=True)
    def _narrow(self, world: World) -> None:
        world.agents.update_profile(AGENT, {"window": NARROW})

    def test_the_run_is_told_why_it_comes(self, world: World) -> None:
        world.ask(CHANGE, {"window": None, "lines": 3})
        assert world.queue.runs == [(AGENT, "hours")]

    def test_a_repeat_whose_first_try_may_have_died_before_queues_it_again(self, world: World) -> None:
        for _ in range(2):
            world.ask(CHANGE, {"window": None})
        assert world.queue.runs == [(AGENT, "hours")] * 2

    def test_a_narrower_window_brings_nothing_back_and_queues_no_run(self, world: World) -> None:
        world.agents.update_profile(AGENT, {"window": None})
        world.ask(CHANGE, {"window": NARROW})
        assert world.queue.runs == []


def test_the_page_is_told_who_may_act_for_all_and_what_time_it_is(world: World) -> None:
    """It offers nothing that would be refused, and its own clock may be wrong."""
    mine, admins = world.ask(SHOW).data, world.ask(SHOW, groups="[admins]").data
    assert (mine["admin"], admins["admin"]) == (False, True)
    assert abs(parse(mine["at"]) - now()) < 60


@pytest.mark.parametrize(
    "window", ["9-17", {"from": "17:00", "to": "09:00"}, {"from": "09:00", "to": "17:00", "days": []}]
)
def test_what_is_wrong_with_a_window_names_it_once(world: World, window: Any) -> None:
    message = world.ask(CHANGE, {"window": window}).data["error"]["message"]
    assert message.startswith("window: ")
    assert message.count("window") == 1
