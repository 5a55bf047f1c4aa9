"""Pause and resume, as the socket and the HTTP API share them."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from autocall.agent_table import AgentTable
from autocall.call_outcomes import TwilioCall
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey
from autocall.pause import pause, resume
from autocall.timing import Timing
from tests.faults.tables import AGENTS, LEADS, Tables

NOW = 1_780_000_000.0
AGENT = "agent"


@dataclass
class FakePush:
    """Remembers what was pushed, and what the profile said at that moment."""

    agents: AgentTable
    pushed: list[tuple[str, str, Any]] = field(default_factory=list)
    paused_when_pushed: list[bool] = field(default_factory=list)

    def broadcast(self, user: str, event: str, data: Any) -> None:
        self.pushed.append((user, event, data))
        self.paused_when_pushed.append(self.agents.get_agent(user).paused)

    def push_lead(self, user: str, row: Any) -> None:
        self.pushed.append((user, row["call_status"], row["lead_id"]))


@dataclass
class FakeQueue:
    """Remembers who is to be looked at again, and whether they were paused then."""

    agents: AgentTable
    runs: list[tuple[str, str, bool]] = field(default_factory=list)

    def enqueue_run(self, user: str, cause: str, correlation_id: str) -> None:
        assert cause
        self.runs.append((user, correlation_id, self.agents.get_agent(user).paused))


@dataclass
class FakeTwilio:
    """Ends every call but those that are *past* ringing by now, and says of each how it is then; *silent*: nothing."""

    past: frozenset[str] = frozenset()
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    def cancel(self, sid: str) -> TwilioCall | None:
        self.asked.append(sid)
        status = "in-progress" if sid in self.past else "canceled"
        return None if self.silent else TwilioCall(sid, status, "", None, None)


class World:
    """One agent's tables, tabs and queue; `leads_read` says whether the profile was paused when calls were read."""

    def __init__(self, client: Any) -> None:
        self.agents = AgentTable(client, AGENTS)
        self.leads = LeadTable(client, LEADS, Timing())
        self.push = FakePush(self.agents)
        self.queue = FakeQueue(self.agents)

    def call(self, lead: str, status: str = "claimed", user: str = AGENT) -> None:
        """A lead of *user* whose call has come as far as *status*."""
        self.leads.create(LeadKey(user, lead), {"phone": "+15005550100"}, NOW - 60, NOW - 60)
        if status == "pending":
            return
        self.leads.claim(Attempt(user, lead, "attempt"), "run", NOW - 50)
        if status == "claimed":
            return
        self.leads.mark_placed(Attempt(user, lead, "attempt"), f"CA{lead}", NOW - 49)
        if status in ("initiated", "ringing", "in-progress"):
            self.leads.record_live(Attempt(user, lead, "attempt"), f"CA{lead}", status, "callback", NOW - 48)
        elif status != "queued":
            self.leads.record_end(Attempt(user, lead, "attempt"), f"CA{lead}", status, "callback", NOW - 48)

    def pause(self, twilio: FakeTwilio | None = None) -> dict[str, Any]:
        return pause(self.agents, self.leads, self.push, AGENT, now=NOW, calls=twilio)  # type: ignore[arg-type]

    def resume(self) -> dict[str, Any]:
        return resume(self.agents, self.queue, self.push, AGENT, "cause")  # type: ignore[arg-type]


@pytest.fixture
def world() -> World:
    return World(Tables())


def test_a_pause_stays_until_it_is_resumed(world: World) -> None:
    world.pause()
    assert world.agents.get_agent(AGENT).paused
    world.resume()
    assert not world.agents.get_agent(AGENT).paused


def test_the_answer_to_a_pause_names_the_calls_in_flight_and_nothing_else(world: World) -> None:
    for lead, status in [("a", "claimed"), ("b", "in-progress"), ("c", "completed"), ("d", "pending")]:
        world.call(lead, status)
    world.call("e", "ringing", user="another")
    assert sorted(world.pause()["in_flight"]) == ["a", "b"]


def test_a_call_that_waits_for_a_person_is_not_in_flight(world: World) -> None:
    world.call("a", "claimed")
    world.leads.mark_unknown(Attempt(AGENT, "a", "attempt"), "no answer", NOW)
    due = world.leads.get(LeadKey(AGENT, "a"))["due"]
    world.leads.mark_lost(Attempt(AGENT, "a", "attempt"), due, "no such call", NOW + 3600, NOW)
    assert world.pause()["in_flight"] == []


def test_calls_in_flight_are_read_after_the_pause_is_written(world: World) -> None:
    seen: list[bool] = []
    read = world.leads.unsettled

    def in_flight(user: str) -> list[dict[str, Any]]:
        seen.append(world.agents.get_agent(user).paused)
        return read(user)

    world.leads.unsettled = in_flight  # type: ignore[method-assign]
    world.pause()
    assert seen == [True]


def test_all_tabs_hear_of_a_pause_what_its_answer_says(world: World) -> None:
    world.call("a", "ringing")
    answer = world.pause()
    assert world.push.pushed == [(AGENT, "autocall:paused", answer)]
    assert world.push.paused_when_pushed == [True]


def test_every_change_raises_the_version_that_tabs_compare(world: World) -> None:
    versions = [world.pause()["version"], world.resume()["version"], world.pause()["version"]]
    assert versions == [1, 2, 3]


def test_nothing_is_canceled_unless_asked(world: World) -> None:
    world.call("a", "ringing")
    assert "canceled" not in world.pause()


@pytest.mark.parametrize("status", ["queued", "initiated", "ringing"])
def test_a_call_that_only_rings_is_canceled_if_asked(world: World, status: str) -> None:
    world.call("a", status)
    twilio = FakeTwilio()
    assert world.pause(twilio)["canceled"] == ["a"]
    assert twilio.asked == ["CAa"]


@pytest.mark.parametrize("status", ["claimed", "in-progress"])
def test_a_conversation_or_a_call_without_a_sid_is_left_alone(world: World, status: str) -> None:
    world.call("a", status)
    twilio = FakeTwilio()
    assert world.pause(twilio) == {"version": 1, "in_flight": ["a"], "canceled": []}
    assert twilio.asked == []


def test_a_call_that_was_answered_meanwhile_is_not_reported_as_canceled(world: World) -> None:
    world.call("a", "ringing")
    world.call("b", "ringing")
    assert world.pause(FakeTwilio(past=frozenset({"CAa"})))["canceled"] == ["b"]
    assert world.leads.get(LeadKey(AGENT, "a"))["call_status"] == "in-progress", "and is shown as what it is"


@pytest.mark.parametrize("status", ["queued", "ringing"])
def test_a_cancel_that_twilio_confirms_is_recorded_from_its_answer(world: World, status: str) -> None:
    """A call that waits in Twilio's queue ends in silence: no callback follows."""
    world.call("a", status)
    world.pause(FakeTwilio())
    row = world.leads.get(LeadKey(AGENT, "a"))
    assert (row["call_status"], "due" in row) == ("canceled", False)
    assert row["history"][-1]["evidence"] == "asked Twilio to cancel"
    assert world.push.pushed[-1] == (AGENT, "canceled", "a")


def test_a_cancel_of_which_twilio_says_nothing_changes_nothing(world: World) -> None:
    world.call("a", "ringing")
    assert world.pause(FakeTwilio(silent=True))["canceled"] == []
    assert world.leads.get(LeadKey(AGENT, "a"))["call_status"] == "ringing"


def test_resuming_queues_a_run_that_finds_the_agent_resumed_and_tells_all_tabs(world: World) -> None:
    world.pause()
    assert world.resume() == {"version": 2}
    assert world.queue.runs == [(AGENT, "cause", False)]
    assert world.push.pushed[-1] == (AGENT, "autocall:resumed", {"version": 2})


def test_resuming_ends_a_pause_that_had_an_end(world: World) -> None:
    world.agents.update_profile(AGENT, {"resume_at": "2100-01-01T00:00:00.000Z"})
    world.resume()
    assert "resume_at" not in world.agents.get_profile(AGENT)


def test_a_pause_leaves_the_other_settings_as_they_are(world: World) -> None:
    world.agents.update_profile(AGENT, {"lines": 3})
    world.pause()
    world.resume()
    assert world.agents.get_profile(AGENT)["lines"] == 3


@dataclass
class Answers:
    """A Twilio that gives this answer to whoever cancels."""

    sid: str
    status: str

    def cancel(self, _sid: str) -> TwilioCall:
        return TwilioCall(self.sid, self.status, "", None, 0)


def _cancel(world: World, answers: Answers, *, agent_first: bool = True) -> dict[str, Any]:
    return pause(
        world.agents,
        world.leads,
        world.push,  # type: ignore[arg-type]
        AGENT,
        now=NOW,
        calls=answers,
        agent_first=agent_first,
    )


def test_what_twilio_says_of_another_call_is_not_recorded(world: World) -> None:
    world.call("a", "ringing")
    assert _cancel(world, Answers("CAanother", "canceled"))["canceled"] == []
    assert world.leads.get(LeadKey(AGENT, "a"))["call_status"] == "ringing"


@pytest.mark.parametrize("agent_first", [True, False])
def test_a_call_that_was_answered_and_is_over_already_met_no_agent(world: World, agent_first: bool) -> None:
    """Where agents are on the line the row says so in the same write; elsewhere a message was heard."""
    world.call("a", "ringing")
    assert _cancel(world, Answers("CAa", "completed"), agent_first=agent_first)["canceled"] == []
    row = world.leads.get(LeadKey(AGENT, "a"))
    assert (row["call_status"], "abandoned_at" in row) == ("completed", agent_first)


def test_what_a_callback_says_while_twilio_is_asked_is_shown_once(world: World) -> None:
    """The callback has shown it."""
    world.call("a", "ringing")

    class Overtaken:
        def cancel(self, sid: str) -> TwilioCall:
            assert world.leads.record_live(Attempt(AGENT, "a", "attempt"), sid, "in-progress", "callback", NOW).won
            return TwilioCall(sid, "in-progress", "", None, None)

    _cancel(world, Overtaken())
    assert [event for _, event, _ in world.push.pushed] == ["autocall:paused"]


def test_what_was_known_already_of_a_call_is_shown_to_nobody(world: World) -> None:
    world.call("a", "ringing")
    answers = Answers("CAa", "in-progress")
    _cancel(world, answers)
    shown = len(world.push.pushed)
    world.leads.record_end(Attempt(AGENT, "a", "attempt"), "CAa", "completed", "callback", NOW)
    _cancel(world, answers)
    assert [event for _, event, _ in world.push.pushed[shown:]] == ["autocall:paused"]
