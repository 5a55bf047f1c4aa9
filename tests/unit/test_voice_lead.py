"""A lead who has answered is in the room of their agent, or hears something polite that ends; whatever comes when."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from autocall.leads import Attempt
from autocall.session import ENDED, LIVE
from autocall.timing import stamp
from tests.unit.agent_world import AGENT, LEG, NUMBER, SESSION, AgentWorld, agent_world


@pytest.fixture
def world() -> Iterator[AgentWorld]:
    with agent_world() as made:
        yield made


@pytest.fixture
def lead(world: AgentWorld) -> str:
    """A lead whose call rings, and whose agent is on the line."""
    (lead,) = world.waiting()
    world.by_browser()
    world.run()
    return lead


def _is_an_apology(document: str) -> bool:
    return "We are sorry" in document and "press 9" in document and "Acme" in document and "1 2 0 1 5 5 5" in document


def test_an_answer_leads_into_the_agents_room_by_one_write(world: AgentWorld, lead: str) -> None:
    before = dict(world.session.item)
    document = world.answers(lead)
    assert f">{SESSION}</Conference>" in document
    assert 'startConferenceOnEnter="false"' in document
    assert 'endConferenceOnExit="false"' in document
    assert f'participantLabel="{world.attempt(lead)}.{lead}"' in document
    changed = {name for name, value in world.session.item.items() if before.get(name) != value}
    assert changed == {"call_taken", "call_until", "version", "write_id"}
    assert world.counted() == {"answers": 1}


def test_who_answered_is_shown_as_twilio_thinks_and_nothing_follows_from_it(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    attempt = Attempt(AGENT, lead, world.attempt(lead))
    world.lead_calls.answered_by(attempt, world.row(lead)["call_sid"], "machine_start", world.now)
    assert world.row(lead)["answered_by"] == "machine_start"
    assert world.told("call:status_updated")["answered_by"] == "machine_start"
    assert world.counted() == {"answers": 1, "answered_by_machine": 1}
    assert world.twilio.hung_up == []
    assert world.session.is_engaged(world.now)


def test_the_first_verdict_counts_and_that_of_another_attempt_does_not(world: AgentWorld, lead: str) -> None:
    sid = world.row(lead)["call_sid"]
    world.lead_calls.answered_by(Attempt(AGENT, lead, "another"), sid, "machine_start", world.now)
    assert "answered_by" not in world.row(lead)
    for who in ("no such word", "human", "machine_start"):
        world.lead_calls.answered_by(Attempt(AGENT, lead, world.attempt(lead)), sid, who, world.now)
    assert world.row(lead)["answered_by"] == "human"


@pytest.mark.parametrize(("who", "ends"), [("machine_end_beep", True), ("fax", True), ("human", False)])
def test_an_operator_may_have_machines_hung_up_on(world: AgentWorld, lead: str, who: str, ends: bool) -> None:
    chosen, sid = replace(world.lead_calls, hang_up_on_machines=True), world.row(lead)["call_sid"]
    for _ in range(2):
        chosen.answered_by(Attempt(AGENT, lead, world.attempt(lead)), sid, who, world.now)
    assert world.twilio.hung_up == ([sid, sid] if ends else [])
    chosen.answered_by(Attempt(AGENT, lead, "another"), "CA" + "9" * 32, who, world.now)
    assert len(world.twilio.hung_up) == 2 * ends


@pytest.mark.parametrize(("attempt", "sid"), [("another", ""), ("", "CA" + "9" * 32)])
def test_a_verdict_on_another_call_hangs_nobody_up(world: AgentWorld, lead: str, attempt: str, sid: str) -> None:
    chosen, row = replace(world.lead_calls, hang_up_on_machines=True), world.row(lead)
    chosen.answered_by(Attempt(AGENT, lead, row["attempt_id"]), row["call_sid"], "machine_start", world.now)
    world.twilio.hung_up.clear()
    of = Attempt(AGENT, lead, attempt or row["attempt_id"])
    chosen.answered_by(of, sid or row["call_sid"], "machine_start", world.now)
    assert world.twilio.hung_up == []


def test_an_answer_that_is_asked_for_again_has_the_same_document(world: AgentWorld, lead: str) -> None:
    assert world.answers(lead) == world.answers(lead)


def test_a_lead_whose_agent_has_left_hears_who_called_and_is_counted_once(world: AgentWorld, lead: str) -> None:
    world.sessions.end(AGENT, sid=LEG, now=world.now)
    assert _is_an_apology(world.answers(lead))
    assert _is_an_apology(world.answers(lead))
    assert world.row(lead)["abandoned_at"] == stamp(world.now)
    assert world.counted() == {"answers": 2, "abandoned": 1}
    assert world.ends(lead) == "abandoned"


def test_a_lead_who_answers_while_the_page_is_loaded_anew_is_asked_to_wait_a_second_once(
    world: AgentWorld, lead: str
) -> None:
    world.sessions.open(AGENT, "s2", "browser", 30, world.now)
    waits = world.answers(lead)
    assert re.search(r'<Pause length="1" /><Redirect>.*again=1.*</Redirect>', waits)
    world.sessions.live(AGENT, "s2", "CA" + "b" * 32, world.now)
    assert ">s2</Conference>" in world.answers(lead, again=True)


def test_a_page_that_does_not_come_back_in_that_second_is_not_waited_for_longer(world: AgentWorld, lead: str) -> None:
    world.sessions.open(AGENT, "s2", "browser", 30, world.now)
    world.answers(lead)
    assert _is_an_apology(world.answers(lead, again=True))


def test_a_late_answer_of_another_attempt_takes_nobody(world: AgentWorld, lead: str) -> None:
    world.sessions.free(AGENT, world.attempt(lead), world.now)
    world.sessions.reserve(AGENT, SESSION, "another lead", "another", world.now)
    assert _is_an_apology(world.answers(lead))
    assert world.session.attempt == "another"


# -- alone in the room -------------------------------------------------------------------------------------------------


def test_whoever_comes_into_a_room_first_is_asked_after_in_two_seconds(world: AgentWorld, lead: str) -> None:
    document = world.lead_calls.alone(world.leg(lead), SESSION, 0, world.now)
    assert re.search(r'<Pause length="2" /><Redirect>.*&amp;n=1.*</Redirect>', document)


def test_a_lead_who_is_alone_is_told_so_and_the_dead_line_is_ended(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    world.lead_calls.alone(world.leg(lead), SESSION, 1, world.now)
    ((sid, twiml),) = world.twilio.said
    assert sid == world.row(lead)["call_sid"]
    assert _is_an_apology(twiml)
    assert "abandoned_at" in world.row(lead)
    assert world.session.phase == ENDED


def test_a_line_that_twilio_says_is_over_is_ended(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    world.twilio.known[LEG] = "completed"
    world.lead_calls.alone(world.leg(lead), SESSION, 1, world.now)
    assert world.session.phase == ENDED


def test_a_line_that_twilio_says_stands_is_not_ended(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    world.twilio.known = {LEG: "in-progress"}
    world.lead_calls.alone(world.leg(lead), SESSION, 1, world.now)
    assert world.session.phase == LIVE


@pytest.mark.parametrize("late", [False, True])
def test_a_doubled_or_late_question_pulls_nobody_out_of_a_conversation(
    world: AgentWorld, lead: str, late: bool
) -> None:
    world.answers(lead)
    world.joins(lead)
    if late:
        world.leaves(lead)
    assert world.lead_calls.alone(world.leg(lead), SESSION, 1, world.now).endswith("<Response />")
    assert world.twilio.said == []
    assert "abandoned_at" not in world.row(lead)


def test_whoever_could_not_be_told_that_they_are_alone_is_asked_after_again(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    world.twilio.unreachable = True
    assert "n=1" in world.lead_calls.alone(world.leg(lead), SESSION, 1, world.now)


# -- the end -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bridged", [True, False])
def test_after_a_conversation_whose_agent_has_left_a_lead_hears_one_sentence(
    world: AgentWorld, lead: str, bridged: bool
) -> None:
    world.answers(lead)
    world.joins(lead)
    document = world.lead_calls.left(world.leg(lead), bridged, world.now)
    assert "The call has ended." in document
    assert "<Hangup />" in document
    assert "abandoned_at" not in world.row(lead)


def test_who_was_bridged_has_met_the_agent_though_no_word_of_the_room_has_come(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    assert "The call has ended." in world.lead_calls.left(world.leg(lead), True, world.now)
    assert "abandoned_at" not in world.row(lead)


def test_a_conversation_that_only_the_session_knows_is_no_abandoned_call(world: AgentWorld, lead: str) -> None:
    """The room's word was written to the session, and the function died before it wrote the row."""
    world.answers(lead)
    world.sessions.joined(AGENT, world.attempt(lead), world.now)
    assert "The call has ended." in world.lead_calls.left(world.leg(lead), False, world.now)
    assert "abandoned_at" not in world.row(lead)


def test_a_conversation_that_the_session_knows_no_more_is_known_by_the_leads_row(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    world.joins(lead)
    world.sessions.done(AGENT, world.attempt(lead), world.now)
    world.leaves(lead)
    assert "The call has ended." in world.lead_calls.left(world.leg(lead), False, world.now)


def test_a_lead_who_was_in_the_room_and_met_nobody_hears_the_apology(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    assert _is_an_apology(world.lead_calls.left(world.leg(lead), False, world.now))
    assert "abandoned_at" in world.row(lead)


def test_a_report_that_says_late_that_they_talked_corrects_what_was_said_before(world: AgentWorld, lead: str) -> None:
    world.answers(lead)
    world.lead_calls.left(world.leg(lead), False, world.now)
    world.joins(lead)
    assert "abandoned_at" not in world.row(lead)
    assert "joined_at" in world.row(lead)


def test_an_answer_that_our_endpoint_never_heard_of_is_abandoned_too(world: AgentWorld, lead: str) -> None:
    """The fallback document was read out: the last report shows that nobody was there."""
    assert world.ends(lead) == "abandoned"
    assert world.row(lead)["abandoned_at"] == stamp(world.now)
    assert world.ends(lead) == "repeated"


def test_a_call_that_was_not_answered_is_not_abandoned(world: AgentWorld, lead: str) -> None:
    assert world.ends(lead, "busy") == "applied"
    assert "abandoned_at" not in world.row(lead)


# -- never again -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("digits", "forbidden"), [("9", True), ("1", False), ("", False)])
def test_pressing_nine_forbids_the_number(world: AgentWorld, lead: str, digits: str, forbidden: bool) -> None:
    document = world.lead_calls.menu(world.leg(lead), digits, NUMBER, world.now)
    assert "Goodbye." in document
    assert "<Hangup />" in document
    assert ("dnc" in world.row(lead)) is forbidden


def test_a_lead_who_presses_nine_is_counted_and_shown_and_a_number_that_is_no_lead_is_shown_to_nobody(
    world: AgentWorld, lead: str
) -> None:
    leg = world.leg(lead)
    world.sockets.frames.clear()
    world.lead_calls.menu(leg, "9", NUMBER, world.now)
    assert world.counted() == {"never_again": 1}
    assert world.told("call:status_updated")["lead_id"] == lead
    world.sockets.frames.clear()
    world.lead_calls.menu(replace(leg, lead="nobody"), "9", NUMBER, world.now)
    assert world.sockets.frames == []


def test_pressing_nine_forbids_nothing_where_the_number_is_not_known(world: AgentWorld, lead: str) -> None:
    world.lead_calls.menu(world.leg(lead), "9", "", world.now)
    assert "dnc" not in world.row(lead)


def test_who_answers_late_is_not_asked_to_wait_for_a_page_that_is_loaded_for_another(
    world: AgentWorld, lead: str
) -> None:
    world.sessions.free(AGENT, world.attempt(lead), world.now)
    world.sessions.reserve(AGENT, SESSION, "another lead", "another", world.now)
    world.sessions.open(AGENT, "s2", "browser", 30, world.now)
    assert _is_an_apology(world.answers(lead))
