"""After a call, over the HTTP API: what came of it, the agent's note, another call by a person's word."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest

from autocall.leads import Attempt, LeadKey
from autocall.secret import Secret
from autocall.session_table import SessionTable
from autocall.timing import Timing, now, parse, stamp
from functions.leads_api.services import Lines
from tests.faults.tables import AGENTS
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, Told, World, soon

OUTCOME, NOTE, AGAIN = (
    f"{method} /api/leads/{{id}}/{what}" for method, what in (("POST", "outcome"), ("PUT", "note"), ("POST", "again"))
)
SHOW = "GET /api/leads/{id}"
WHY = "they were about to board"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def talked(world: World) -> str:
    """A lead whose conversation with the agent is over."""
    lead = world.ended()
    assert world.leads.mark_joined(Attempt(AGENT, lead, "attempt"), now() - 75).won
    return lead


def outcome(world: World, lead: str, code: str, attempt: str = "attempt", **more: Any) -> Told:
    return world.ask(OUTCOME, {"attempt_id": attempt, "code": code} | more, lead=lead)


def again(world: World, lead: str, attempt: str = "attempt", **more: Any) -> Told:
    return world.ask(AGAIN, {"attempt_id": attempt} | more, lead=lead)


def rang_back(world: World, sid: str = "CA5") -> str:
    """A lead who did not talk with the agent when they were called, and did when they called back."""
    lead = world.ended()
    assert world.leads.mark_rang_back(LeadKey(AGENT, lead), sid, now() - 60).won
    assert world.leads.mark_ring_back_heard(LeadKey(AGENT, lead), sid, now() - 59).won
    return lead


def on_the_line(world: World) -> SessionTable:
    """Agents of this installation have a line; this one talks with the lead of the attempt."""
    sessions, unread = SessionTable(world.client, AGENTS, Timing()), cast(Secret, None)
    world.tools = replace(world.tools, lines=Lines(sessions, unread, None, "https://calls.example.com", 30))
    assert sessions.open(AGENT, "session", "browser", 30, now()).won
    assert sessions.live(AGENT, "session", "CA9", now()).won
    return sessions


# -- what came of it ---------------------------------------------------------------------------------------------------


def test_an_outcome_is_kept_with_who_said_it_and_is_in_the_history(world: World) -> None:
    lead = talked(world)
    told = outcome(world, lead, "meeting")
    assert (told.status, told.data["outcome"]) == (200, {"code": "meeting", "at": stamp(now()), "by": AGENT})
    entry = world.row(lead)["history"][-1]
    assert (entry["event"], entry["code"], entry["by"], entry["attempt_id"]) == ("outcome", "meeting", AGENT, "attempt")


def test_other_tabs_are_told_the_code_and_no_note(world: World) -> None:
    lead = talked(world)
    world.ask(NOTE, {"text": "secret"}, lead=lead)
    world.tab("one")
    outcome(world, lead, "meeting")
    [(_, event, data)] = world.sockets.frames
    assert (event, data["outcome"]["code"]) == ("call:status_updated", "meeting")
    assert "agent_note" not in data
    assert "secret" not in str(data)


def test_an_outcome_must_be_one_of_the_installations(world: World) -> None:
    lead = talked(world)
    told = outcome(world, lead, "sold")
    assert (told.status, told.code) == (400, "no_such_outcome")
    assert "meeting, interested, call_back" in told.data["error"]["message"]
    sold = [{"code": "sold", "label": "Sold", "kind": "ordinary"}]
    world.ask("PUT /api/installation", {"outcomes": sold, "version": 0}, groups="[admins]")
    assert outcome(world, lead, "sold").status == 200
    assert outcome(world, lead, "meeting").status == 400


def test_an_outcome_needs_a_conversation(world: World) -> None:
    told = outcome(world, world.ended(), "meeting")
    assert (told.status, told.code) == (409, "no_conversation")


def test_an_outcome_of_another_attempt_than_the_person_saw_is_refused(world: World) -> None:
    lead = talked(world)
    told = outcome(world, lead, "do_not_call", attempt="earlier")
    assert (told.status, told.code) == (409, "another_attempt")
    assert "dnc" not in world.row(lead)
    assert world.ask(OUTCOME, {"code": "meeting"}, lead=lead).status == 400


def test_an_outcome_that_comes_again_is_kept_once(world: World) -> None:
    lead = talked(world)
    first, second = (outcome(world, lead, "meeting") for _ in range(2))
    assert (second.status, second.data["outcome"]) == (200, first.data["outcome"])
    assert [entry["event"] for entry in world.row(lead)["history"]].count("outcome") == 1


def test_do_not_call_forbids_the_number(world: World) -> None:
    lead = talked(world)
    told = outcome(world, lead, "do_not_call")
    assert (told.data["do_not_call"], told.data["outcome"]["code"]) == (True, "do_not_call")
    assert world.row(lead)["dnc"]["by"] == AGENT


def test_a_call_back_is_an_appointment_that_goes_first(world: World) -> None:
    lead, at = talked(world), soon(600)
    told = outcome(world, lead, "call_back", call_back_at=at)
    assert (told.data["call_status"], told.data["appointment_at"], told.data["calls"]) == ("pending", at, 1)
    assert told.data["outcome"]["code"] == "call_back"
    assert world.row(lead)["due"] == "wait#" + at
    assert world.agents.get_agent(AGENT).first == {lead: parse(at)}
    assert world.queue.runs == [(AGENT, "again")]


def test_a_call_back_that_comes_again_is_one_appointment(world: World) -> None:
    lead, at = talked(world), soon(600)
    told = [outcome(world, lead, "call_back", call_back_at=at) for _ in range(2)]
    assert told[0].data == told[1].data
    assert [entry["event"] for entry in world.row(lead)["history"]].count("again") == 1


def test_a_call_back_may_be_moved(world: World) -> None:
    lead, at = talked(world), soon(1200)
    outcome(world, lead, "call_back", call_back_at=soon(600))
    assert outcome(world, lead, "call_back", call_back_at=at).data["appointment_at"] == at
    assert len(world.row(lead)["earlier_calls"]) == 1


def test_only_a_call_back_has_a_time(world: World) -> None:
    told = outcome(world, talked(world), "meeting", call_back_at=soon(600))
    assert (told.status, told.code) == (400, "bad_field")


@pytest.mark.parametrize("at", ["tomorrow", "2026-12-31T08:00:00", 5, "9999-01-01T00:00:00Z"])
def test_a_call_back_needs_a_time_within_a_year(world: World, at: Any) -> None:
    lead = talked(world)
    assert outcome(world, lead, "call_back", call_back_at=at).status == 400
    assert "outcome" not in world.row(lead)


def test_a_call_back_of_a_number_that_is_forbidden_is_refused_before_anything_is_kept(world: World) -> None:
    lead = talked(world)
    world.leads.add_to_dnc(LeadKey(AGENT, lead), PHONE, AGENT, now())
    told = outcome(world, lead, "call_back", call_back_at=soon(600))
    assert (told.status, told.code) == (409, "do_not_call")
    assert "outcome" not in world.row(lead)


def test_a_call_back_is_made_although_twilios_last_word_of_the_call_is_not_here_yet(world: World) -> None:
    """The wrap-up begins when the lead leaves the room: Twilio is asked whether the call is over."""
    lead = world.ringing("CA1")
    world.leads.mark_joined(Attempt(AGENT, lead, "attempt"), now() - 75)
    told = outcome(world, lead, "call_back", call_back_at=soon(600))
    assert (told.status, told.code) == (409, "call_not_over")
    world.twilio.calls = [world.a_call("CA1", "in-progress")]
    assert outcome(world, lead, "call_back", call_back_at=soon(600)).code == "call_not_over"
    world.twilio.calls = [world.a_call("CA1")]
    told = outcome(world, lead, "call_back", call_back_at=soon(600))
    assert (told.status, told.data["call_status"]) == (200, "pending")


def test_saving_lets_the_next_call_go(world: World) -> None:
    lead, sessions = talked(world), on_the_line(world)
    sessions.reserve(AGENT, "session", lead, "attempt", now())
    sessions.joined(AGENT, "attempt", now())
    sessions.free(AGENT, "attempt", now())
    assert outcome(world, lead, "meeting").status == 200
    assert sessions.get(AGENT).is_wrapping(now())
    assert world.queue.runs == []
    assert outcome(world, lead, "meeting", ready=True).status == 200
    assert not sessions.get(AGENT).is_wrapping(now())
    assert world.queue.runs == [(AGENT, "ready")]


def test_the_outcome_of_a_call_back_names_that_call(world: World) -> None:
    lead = rang_back(world)
    assert world.ask(SHOW, lead=lead).data["conversation_id"] == "CA5"
    told = outcome(world, lead, "meeting", attempt="CA5")
    assert (told.status, told.data["outcome"]["code"]) == (200, "meeting")
    assert world.row(lead)["history"][-1]["attempt_id"] == "CA5"
    assert outcome(world, lead, "meeting").code == "no_conversation", "in our call they did not talk"
    assert outcome(world, lead, "meeting", attempt="CA6").code == "another_attempt"


def test_who_only_rang_back_has_no_outcome(world: World) -> None:
    lead = world.ended()
    world.leads.mark_rang_back(LeadKey(AGENT, lead), "CA5", now())
    assert world.ask(SHOW, lead=lead).data["conversation_id"] is None
    assert outcome(world, lead, "meeting").code == "no_conversation"
    assert outcome(world, lead, "meeting", attempt="CA5").code == "another_attempt"


def test_an_outcome_of_an_earlier_call_back_is_refused_once_the_lead_was_called_again(world: World) -> None:
    lead = rang_back(world)
    again(world, lead)
    assert world.leads.claim(Attempt(AGENT, lead, "next"), "run", now()).won
    assert world.ask(SHOW, lead=lead).data["conversation_id"] is None
    assert outcome(world, lead, "meeting", attempt="CA5").code == "another_attempt"


def test_the_same_outcome_of_a_later_conversation_is_another_word(world: World) -> None:
    lead = talked(world)
    outcome(world, lead, "interested")
    world.leads.mark_rang_back(LeadKey(AGENT, lead), "CA5", now())
    world.leads.mark_ring_back_heard(LeadKey(AGENT, lead), "CA5", now() + 1)
    for _ in range(2):
        assert outcome(world, lead, "interested", attempt="CA5").status == 200
    said = [entry["attempt_id"] for entry in world.row(lead)["history"] if entry["event"] == "outcome"]
    assert said == ["attempt", "CA5"]


def test_who_rang_back_is_called_back_at_a_time_and_the_agent_goes_on(world: World) -> None:
    lead, sessions, at = rang_back(world), on_the_line(world), soon(600)
    sessions.take_inbound(AGENT, lead, "CA5", 3600, now())
    sessions.joined(AGENT, "CA5", now())
    sessions.free(AGENT, "CA5", now())
    told = outcome(world, lead, "call_back", attempt="CA5", call_back_at=at, ready=True)
    assert (told.status, told.data["call_status"], told.data["appointment_at"]) == (200, "pending", at)
    assert not sessions.get(AGENT).is_wrapping(now())


# -- the note ----------------------------------------------------------------------------------------------------------


def test_a_note_is_saved_as_it_is_typed(world: World) -> None:
    lead = talked(world)
    saved = [world.ask(NOTE, {"text": text, "seen": seen}, lead=lead).data for seen, text in enumerate(("a", "ab"))]
    assert [note["version"] for note in saved] == [1, 2]
    shown = world.ask(SHOW, lead=lead).data
    assert shown["agent_note"] == {"text": "ab", "at": stamp(now()), "by": AGENT, "version": 2}
    assert "note" not in {entry["event"] for entry in shown["history"]}


def test_other_tabs_are_told_at_once_that_there_is_another_note_and_not_what_is_in_it(world: World) -> None:
    lead = talked(world)
    world.tab("one")
    for seen, text in enumerate(("secret", "secret, too")):
        world.ask(NOTE, {"text": text, "seen": seen}, lead=lead)
    told = [(event, data["agent_note_version"]) for _, event, data in world.sockets.frames]
    assert told == [("call:status_updated", 1), ("call:status_updated", 2)]
    assert "secret" not in str(world.sockets.frames)


def test_a_note_that_is_refused_is_told_to_nobody(world: World) -> None:
    lead = talked(world)
    world.ask(NOTE, {"text": "a"}, lead=lead)
    world.tab("one")
    assert world.ask(NOTE, {"text": "b"}, lead=lead).status == 409
    assert world.sockets.frames == []


def test_a_note_of_another_tab_is_not_lost(world: World) -> None:
    lead = talked(world)
    world.ask(NOTE, {"text": "of the first"}, lead=lead)
    told = world.ask(NOTE, {"text": "of the second"}, lead=lead)
    assert (told.status, told.code) == (409, "note_changed")
    standing = told.data["error"]["details"]["agent_note"]
    assert (standing["text"], standing["version"]) == ("of the first", 1)
    assert world.ask(NOTE, {"text": "of both", "seen": 1}, lead=lead).data["version"] == 2


def test_a_note_that_comes_again_is_answered_as_the_first_time(world: World) -> None:
    lead = talked(world)
    first, second = (world.ask(NOTE, {"text": "a"}, lead=lead) for _ in range(2))
    assert (second.status, second.data) == (200, first.data)


@pytest.mark.parametrize(("body", "code"), [({"text": "x" * 4001}, "note_too_long"), ({}, "bad_field")])
def test_a_note_that_cannot_be_kept_is_refused_in_plain_words(world: World, body: Any, code: str) -> None:
    told = world.ask(NOTE, body, lead=talked(world))
    assert (told.status, told.code) == (400, code)
    assert code == "bad_field" or told.data["error"]["message"].endswith("4,000 characters: this one has 4,001")


def test_an_import_changes_the_lists_note_and_not_the_agents(world: World) -> None:
    lead = talked(world)
    world.ask(NOTE, {"text": "mine"}, lead=lead)
    world.ask("POST /api/leads", [{"phone": PHONE, "note": "of the list"}])
    shown = world.ask(SHOW, lead=lead).data
    assert (shown["note"], shown["agent_note"]["text"]) == ("of the list", "mine")


def test_a_deleted_lead_leaves_no_note_and_no_reason(world: World) -> None:
    lead = talked(world)
    world.ask(NOTE, {"text": "mine"}, lead=lead)
    again(world, lead, why=WHY)
    world.ask("DELETE /api/leads/{id}", lead=lead)
    assert WHY not in str(world.row(lead))
    assert "mine" not in str(world.row(lead))
    assert world.ask(NOTE, {"text": "mine", "seen": 1}, lead=lead).status == 404


# -- another call ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_a_person_lets_a_lead_that_has_ended_be_called_again(world: World, status: str) -> None:
    lead = world.ringing()
    world.leads.record_end(Attempt(AGENT, lead, "attempt"), "CA1", status, "callback", now() - 70)
    told = again(world, lead, why=WHY)
    assert (told.status, told.data["call_status"], told.data["call_sid"]) == (200, "pending", "CA1")
    entry = world.ask(SHOW, lead=lead).data["history"][-1]
    assert (entry["event"], entry["by"], entry["attempt_id"], entry["why"]) == ("again", AGENT, "attempt", WHY)
    assert world.queue.runs == [(AGENT, "again")]
    assert world.leads.claim(Attempt(AGENT, lead, "next"), "run", now()).won


def test_the_calls_before_are_shown_until_the_next_is_claimed_and_after(world: World) -> None:
    lead = talked(world)
    outcome(world, lead, "interested")
    shown = again(world, lead).data
    assert (shown["outcome"]["code"], shown["earlier_calls"], shown["calls"]) == ("interested", [], 1)
    world.leads.claim(Attempt(AGENT, lead, "next"), "run", now())
    shown = world.ask(SHOW, lead=lead).data
    [earlier] = shown["earlier_calls"]
    assert (shown["outcome"], shown["joined_at"], shown["calls"]) == (None, None, 2)
    assert (earlier["outcome"]["code"], earlier["duration_s"], earlier["joined_at"]) == (
        "interested",
        9,
        stamp(now() - 75),
    )


def test_a_word_that_comes_again_is_one_call(world: World) -> None:
    lead = talked(world)
    assert [again(world, lead).status for _ in range(2)] == [200, 200]
    assert world.leads.claim(Attempt(AGENT, lead, "next"), "run", now()).won
    told = again(world, lead)
    assert (told.status, told.code) == (409, "another_attempt")


def test_an_appointment_is_moved_to_now(world: World) -> None:
    lead = talked(world)
    again(world, lead, at=soon(600))
    told = again(world, lead)
    assert (told.data["appointment_at"], world.row(lead)["due"]) == (None, "wait#" + stamp(now()))
    assert world.agents.get_agent(AGENT).first == {lead: now()}


def test_a_moment_that_is_over_is_now(world: World) -> None:
    told = again(world, talked(world), at=soon(-600))
    assert (told.status, told.data["appointment_at"]) == (200, None)


def test_nobody_is_called_again_while_their_call_goes_on(world: World) -> None:
    for lead in (world.claimed(), world.ringing(phone="+12015550124")):
        told = again(world, lead)
        assert (told.status, told.code) == (409, "call_not_over")


def test_an_unknown_outcome_is_asked_after_at_twilio_first(world: World) -> None:
    lead = world.lost()
    world.twilio.calls = [world.a_call("CA7")]
    told = again(world, lead)
    assert (told.status, told.code) == (409, "was_called")
    assert world.row(lead)["call_status"] == "completed"


def test_an_unknown_outcome_of_which_twilio_knows_no_call_is_called_again(world: World) -> None:
    lead = world.lost()
    told = again(world, lead)
    assert (told.status, told.data["call_status"], told.data["calls"]) == (200, "pending", 1)


def test_an_unknown_outcome_is_not_called_again_while_twilio_is_still_asked(world: World) -> None:
    assert again(world, world.asked_about()).code == "too_early"


def test_twilio_that_cannot_be_asked_changes_nothing(world: World) -> None:
    lead = world.lost()
    world.twilio.unreachable = True
    told = again(world, lead)
    assert (told.status, told.code) == (503, "twilio_unreachable")
    assert world.row(lead)["call_status"] == "unknown"


def test_nobody_on_the_do_not_call_list_is_called_again(world: World) -> None:
    lead = talked(world)
    outcome(world, lead, "do_not_call")
    told = again(world, lead)
    assert (told.status, told.code) == (409, "do_not_call")


def test_another_agents_lead_is_no_lead(world: World) -> None:
    lead = talked(world)
    for route, body in ((OUTCOME, {"code": "meeting"}), (NOTE, {"text": "x"}), (AGAIN, {})):
        assert world.ask(route, {"attempt_id": "attempt"} | body, lead=lead, user=OTHER).status == 404


@pytest.mark.parametrize("wrong", [{"at": "soon"}, {"why": "x" * 201}, {"why": 5}])
def test_what_cannot_be_meant_is_refused(world: World, wrong: dict[str, Any]) -> None:
    lead = talked(world)
    assert again(world, lead, **wrong).status == 400
    assert world.row(lead)["call_status"] == "completed"


def test_a_full_history_takes_no_further_word(world: World) -> None:
    lead = talked(world)
    world.keeps(lead, history=[{"event": "again", "at": stamp(now())}] * 200)
    told = again(world, lead)
    assert (told.status, told.code) == (409, "too_often")
    assert outcome(world, lead, "meeting").code == "too_often"


def test_a_run_that_could_not_be_queued_is_made_up_for_by_the_repeat(world: World) -> None:
    lead = talked(world)
    world.queue.fails = 1
    with pytest.raises(Exception, match="SendMessage"):
        again(world, lead)
    assert again(world, lead).status == 200
    assert world.queue.runs == [(AGENT, "again")]


def test_the_pages_are_told_that_a_lead_is_called_again(world: World) -> None:
    lead = talked(world)
    world.tab("one")
    again(world, lead)
    assert [event for _, event, _ in world.sockets.frames] == ["call:status_updated"]


def test_the_run_that_is_queued_finds_that_the_lead_goes_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lead, found = talked(world), list[dict[str, float]]()
    monkeypatch.setattr(world.queue, "enqueue_run", lambda *_: found.append(world.agents.get_agent(AGENT).first))
    again(world, lead)
    assert found == [{lead: now()}]


def test_a_lead_that_is_deleted_meanwhile_is_no_lead_any_more(world: World) -> None:
    lead = talked(world)
    world.overtake("again", lambda: world.leads.delete(LeadKey(AGENT, lead), AGENT, now()))
    assert again(world, lead).code == "not_found"


def test_a_word_that_is_overtaken_twice_is_heard_the_third_time(world: World) -> None:
    lead = talked(world)

    def noted() -> None:
        assert world.leads.set_outcome(Attempt(AGENT, lead, "attempt"), "meeting", AGENT, now()).won

    def noted_twice() -> None:
        noted()
        world.overtake("again", noted)

    world.overtake("again", noted_twice)
    told = again(world, lead)
    assert (told.status, told.data["call_status"]) == (200, "pending")


def test_a_call_in_a_status_that_nobody_knows_is_not_over(world: World) -> None:
    lead = world.ringing()
    world.twilio.calls = [world.a_call("CA1", "levitating")]
    told = again(world, lead)
    assert (told.status, told.code) == (409, "call_not_over")


@pytest.mark.parametrize(("code", "write"), [("do_not_call", "add_to_dnc"), ("meeting", "set_outcome")])
def test_a_lead_that_is_deleted_while_it_gets_its_outcome_is_no_lead_any_more(
    world: World, code: str, write: str
) -> None:
    lead = talked(world)
    world.overtake(write, lambda: world.leads.delete(LeadKey(AGENT, lead), AGENT, now()))
    assert outcome(world, lead, code).code == "not_found"
