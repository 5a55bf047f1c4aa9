"""Pause, resume and sign-out over the HTTP API."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from autocall.leads import Attempt
from autocall.timing import now, parse
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, Gone, World, soon

PAUSE, RESUME, SIGN_OUT = "POST /api/autocall/pause", "POST /api/autocall/resume", "DELETE /api/connections"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def test_a_pause_is_answered_with_the_calls_in_flight_and_told_to_all_tabs(world: World) -> None:
    lead = world.ringing()
    world.tab("one")
    told = world.ask(PAUSE)
    assert told.data == {"version": 1, "in_flight": [lead]}
    assert world.sockets.frames == [("one", "autocall:paused", told.data)]
    assert world.agents.get_agent(AGENT).paused


def test_a_pause_cancels_what_only_rings_if_asked(world: World) -> None:
    lead = world.ringing("CA1")
    assert world.ask(PAUSE, {"cancel_ringing": True}).data["canceled"] == [lead]
    assert world.twilio.canceled == ["CA1"]


@pytest.mark.parametrize("body", [None, {}, {"cancel_ringing": False}, {"cancel_ringing": None}])
def test_a_pause_cancels_nothing_unless_asked(world: World, body: object) -> None:
    world.ringing("CA1")
    world.ask(PAUSE, body)
    assert world.twilio.canceled == []


def test_a_pause_that_cannot_be_understood_pauses_nothing(world: World) -> None:
    told = world.ask(PAUSE, {"cancel_ringing": "perhaps"})
    assert (told.status, told.code) == (400, "bad_field")
    assert not world.agents.get_agent(AGENT).paused


def test_a_pause_is_the_callers_own(world: World) -> None:
    world.ringing("CA1", user=OTHER)
    told = world.ask(PAUSE, {"cancel_ringing": True})
    assert (told.data["in_flight"], told.data["canceled"]) == ([], [])
    assert not world.agents.get_agent(OTHER).paused
    assert world.twilio.canceled == []


def test_resuming_queues_a_run(world: World) -> None:
    world.ask(PAUSE)
    assert world.ask(RESUME).data == {"version": 2, "installation": {"rest": None}}
    assert world.queue.runs == [(AGENT, "resumed")]
    assert not world.agents.get_agent(AGENT).paused


def test_an_admin_who_resumes_ends_the_installations_rest(world: World) -> None:
    world.installation.open_breaker("account refused (20003)", now() + 300)
    world.ask(RESUME, groups="[admins]")
    account = world.installation.get_installation()
    assert account.resume_at is not None
    assert account.resume_at <= now()
    assert account.reason == "account refused (20003)"


def test_anybody_else_who_resumes_leaves_the_installations_rest(world: World) -> None:
    world.tab("one", OTHER)
    until = soon(300)
    world.installation.open_breaker("unknown", parse(until))
    told = world.ask(RESUME)
    assert told.data["installation"] == {"rest": {"until": until, "reason": "unknown"}}
    assert world.installation.get_installation().resume_at == parse(until)
    assert world.queue.runs == [(AGENT, "resumed")]


def test_an_admin_who_ends_the_rest_has_everybody_looked_at_who_is_there(world: World) -> None:
    """Their pages wait for the moment that they were told, which is the old end of the rest."""
    for connection, user in [("one", OTHER), ("two", OTHER), ("three", "third"), ("four", AGENT)]:
        world.tab(connection, user)
    world.agents.update_profile("absent", {"lines": 3})
    world.installation.open_breaker("unknown", now() + 300)
    told = world.ask(RESUME, groups="[admins]")
    assert told.data["installation"] == {"rest": None}
    assert sorted(world.queue.runs) == [(AGENT, "mended"), (OTHER, "mended"), ("third", "mended")]


def test_an_admin_who_resumes_again_has_everybody_looked_at_again_until_a_call_was_placed(world: World) -> None:
    """The first try may have ended the rest and died before it had looked at everybody."""
    world.tab("one", OTHER)
    world.installation.open_breaker("unknown", now() - 1)
    world.ask(RESUME, groups="[admins]")
    assert (OTHER, "mended") in world.queue.runs
    world.installation.close_breaker(world.installation.get_installation())
    world.queue.runs.clear()
    world.ask(RESUME, groups="[admins]")
    assert world.queue.runs == [(AGENT, "mended")]


def test_an_admin_who_resumes_starts_no_rest_where_there_is_none(world: World) -> None:
    world.ask(RESUME, groups="[admins]")
    assert world.installation.get_installation().resume_at is None


def test_pushes_and_those_that_found_nobody_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The dashboard shows them for every function that pushes."""
    world.tab("here")
    world.tab("gone")
    post = world.sockets.post_to_connection

    def to_who_is_here(**told: Any) -> None:
        if told["ConnectionId"] == "gone":
            raise Gone
        post(**told)

    monkeypatch.setattr(world.sockets, "post_to_connection", to_who_is_here)
    world.ask(PAUSE)
    (counted,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line)
    assert (counted["api_2xx"], counted["pushes"], counted["pushes_gone"]) == ([1], [2], [1])


def test_signing_out_forgets_and_closes_every_tab_of_the_caller_and_of_nobody_else(world: World) -> None:
    for connection, user in [("one", AGENT), ("two", AGENT), ("three", OTHER)]:
        world.tab(connection, user)
    assert world.ask(SIGN_OUT).data == {"closed": 2, "in_flight": []}
    assert sorted(world.sockets.closed) == ["one", "two"]
    assert world.agents.get_agent(AGENT).connections == ()
    assert len(world.agents.get_agent(OTHER).connections) == 1


def test_signing_out_may_close_just_one_tab(world: World) -> None:
    world.tab("one")
    world.tab("two")
    assert world.ask(SIGN_OUT, query={"connection": "one"}).data == {"closed": 1, "in_flight": []}
    assert [connection.connection_id for connection in world.agents.get_agent(AGENT).connections] == ["two"]
    assert world.sockets.closed == ["one"]


def test_nobody_closes_the_tab_of_another(world: World) -> None:
    world.tab("three", OTHER)
    assert world.ask(SIGN_OUT, query={"connection": "three"}).data == {"closed": 0, "in_flight": []}
    assert world.sockets.closed == []
    assert len(world.agents.get_agent(OTHER).connections) == 1


def test_the_answer_names_the_calls_that_were_in_flight_when_nobody_was_there_any_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tab("one")
    lead = world.waiting()
    disconnect = world.agents.disconnect

    def claimed_before(user: str, connection: str) -> None:
        assert world.leads.claim(Attempt(AGENT, lead, "attempt"), "run", now()).won
        disconnect(user, connection)

    monkeypatch.setattr(world.agents, "disconnect", claimed_before)
    assert world.ask(SIGN_OUT).data["in_flight"] == [lead]


def test_a_tab_is_forgotten_before_it_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a frame that comes in between would keep somebody present who has signed out."""
    world.tab("one")
    left: list[int] = []
    monkeypatch.setattr(
        world.sockets, "delete_connection", lambda **_: left.append(len(world.agents.get_agent(AGENT).connections))
    )
    world.ask(SIGN_OUT)
    assert left == [0]
