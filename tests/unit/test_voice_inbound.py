"""Who rings back meets the agent who called them, or hears who called and chooses; a stranger learns nothing."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from botocore.exceptions import EndpointConnectionError

from autocall.dial_queue import DialQueue
from autocall.leads import FINAL, Attempt, LeadKey, lead_id, number_hash
from autocall.queued_run import QueuedRuns
from autocall.timing import DAY_S, parse, stamp
from functions.voice.inbound_calls import BY_THE_CALLER, InboundCall
from functions.voice.lead_calls import Leg
from functions.voice.phrases import LANGUAGES
from tests.unit.agent_world import AGENT, AGENTS, SESSION, AgentWorld, agent_world

SID, PHONE, STRANGER = "CA" + "b" * 32, "+12015550200", "+12015550999"


@pytest.fixture
def world() -> Iterator[AgentWorld]:
    with agent_world() as made:
        yield made


@pytest.fixture
def lead(world: AgentWorld) -> str:
    """A lead who did not pick up; their agent is still on the line."""
    (lead,) = world.waiting()
    world.by_browser()
    world.run()
    assert world.ends(lead, "no-answer")
    assert not world.session.is_engaged(world.now)
    world.queue.runs.clear()
    return lead


def rings(world: AgentWorld, phone: str = PHONE, waited: int = 0, lead: str = "") -> str:
    """*waited*: the caller has heard *one moment*, and Twilio asks again at the address that this named."""
    about = (AGENT, lead) if lead else ("", "")
    return world.inbound.answer(InboundCall(phone, SID, *about, waited), world.now, "answer")


def presses(world: AgentWorld, digit: str, lead: str = "", phone: str = PHONE) -> str:
    return world.inbound.menu(InboundCall(phone, SID, AGENT if lead else "", lead), digit, world.now)


def is_the_menu(document: str) -> bool:
    return "<Gather" in document and "This is Acme." in document and "press 9" in document


def test_who_rings_back_is_in_the_room_of_the_agent_who_called_and_the_page_shows_whom(
    world: AgentWorld, lead: str
) -> None:
    before = world.row(lead)
    document = rings(world)
    assert f">{SESSION}</Conference>" in document
    assert f'participantLabel="{SID}.{lead}"' in document
    assert world.told("agent:session")["call"]["lead_id"] == lead
    assert world.told("call:status_updated")["rang_back_at"] == stamp(world.now)
    changed = {name for name, value in world.row(lead).items() if before.get(name) != value}
    assert changed <= {"rang_back_at", "rang_back_sid", "at", "was", "version", "write_id"}
    assert world.counted() == {"rang_back": 1}


def test_they_hear_each_other_and_then_the_agent_writes_it_up(world: AgentWorld, lead: str) -> None:
    rings(world)
    world.room("participant-join", f"{SID}.{lead}")
    row = world.row(lead)
    assert row["ring_back_heard_at"] == stamp(world.now)
    assert world.told("agent:session")["call"]["inbound"] is True
    assert world.told("call:status_updated")["conversation_id"] == SID
    assert "joined_at" not in row
    assert world.session.has_joined(SID)
    world.room("participant-leave", f"{SID}.{lead}")
    assert world.session.is_wrapping_of(SID, world.now)
    assert world.told("agent:session")["wrap_up"]["inbound"] is True
    assert world.causes == ["rang back"]


def test_a_request_that_comes_again_has_the_same_answer_and_forgets_no_conversation(
    world: AgentWorld, lead: str
) -> None:
    first = rings(world)
    world.room("participant-join", f"{SID}.{lead}")
    before = world.row(lead)
    world.now += 1
    assert rings(world) == first
    assert world.session.has_joined(SID)
    assert world.row(lead) == before, "they have met: it is no call that was missed"
    assert world.counted()["rang_back"] == 1


def test_while_the_agent_talks_or_writes_the_caller_waits_three_times_and_then_chooses(
    world: AgentWorld, lead: str
) -> None:
    world.sessions.reserve(AGENT, SESSION, "another lead", "attempt", world.now)
    heard = rings(world)
    assert "One moment" in heard
    for waited in (1, 2):
        assert f"user={AGENT}&amp;lead={lead}&amp;waited={waited}" in heard
        heard = rings(world, waited=waited, lead=lead)
        assert '<Pause length="10"' in heard
        assert "One moment" not in heard
    assert is_the_menu(rings(world, waited=3, lead=lead))
    assert world.counted() == {"rang_back": 1}


def test_an_agent_who_becomes_free_meanwhile_takes_the_call(world: AgentWorld, lead: str) -> None:
    world.sessions.reserve(AGENT, SESSION, "another lead", "attempt", world.now)
    rings(world)
    world.sessions.free(AGENT, "attempt", world.now)
    assert f">{SESSION}</Conference>" in rings(world, waited=1, lead=lead)


def test_an_agent_who_is_away_is_not_waited_for(world: AgentWorld, lead: str) -> None:
    world.sessions.end(AGENT, session_id=SESSION, now=world.now)
    assert is_the_menu(rings(world))
    assert world.row(lead)["rang_back_at"] == stamp(world.now)


def test_one_is_a_note_for_a_person_and_moves_no_call(world: AgentWorld, lead: str) -> None:
    before = world.row(lead)["call_status"]
    assert "Thank you" in presses(world, "1", lead)
    row = world.row(lead)
    assert (row["ring_back_asked_at"], row["call_status"]) == (stamp(world.now), before)
    assert world.told("call:status_updated")["ring_back_asked_at"] == stamp(world.now)
    assert before in FINAL
    assert "due" not in row


def test_who_presses_one_hears_the_same_and_something_true_whether_we_know_them_or_not(
    world: AgentWorld, lead: str
) -> None:
    """Nothing is kept for a stranger, and whoever shows a false number does not learn whether it was called."""
    answer = presses(world, "1", lead)
    assert answer == presses(world, "1", phone=STRANGER) == presses(world, "1", phone="anonymous")
    assert "If we have called your number and still have it" in answer


def test_nine_is_for_both_lists_and_says_who_asked(world: AgentWorld, lead: str) -> None:
    assert "will not be called again" in presses(world, "9", lead)
    assert world.row(lead)["dnc"]["by"] == BY_THE_CALLER
    assert world.installation.is_forbidden(number_hash(PHONE))


def test_a_stranger_hears_the_same_and_learns_nothing(world: AgentWorld, lead: str) -> None:
    world.sessions.end(AGENT, session_id=SESSION, now=world.now)
    known, unknown = rings(world), rings(world, STRANGER)
    assert re.findall("<Say.*?</Say>", known) == re.findall("<Say.*?</Say>", unknown)
    assert AGENT not in unknown
    assert lead not in unknown
    assert presses(world, "1", lead) == presses(world, "1", phone=STRANGER)
    assert world.leads.get(LeadKey(AGENT, lead_id(AGENT, STRANGER))) == {}


def test_a_strangers_nine_is_kept_for_everybody(world: AgentWorld) -> None:
    presses(world, "9", phone=STRANGER)
    assert world.installation.is_forbidden(number_hash(STRANGER))
    assert world.leads.get(LeadKey(AGENT, lead_id(AGENT, STRANGER))) == {}


@pytest.mark.parametrize("caller", ["anonymous", "", "Restricted", "+266696687", "client:x", "sip:a@b"])
def test_who_withholds_their_number_hears_the_menu_and_nothing_is_kept(world: AgentWorld, caller: str) -> None:
    assert is_the_menu(rings(world, caller))
    assert "Goodbye" in presses(world, "9", phone=caller)
    assert not [key for key in world.tables.items["Agents"] if key[1].startswith("dnc#")]


def test_a_lead_that_its_agent_has_deleted_is_a_stranger(world: AgentWorld, lead: str) -> None:
    assert world.leads.delete(LeadKey(AGENT, lead), AGENT, world.now).won
    assert is_the_menu(rings(world))
    assert "rang_back_at" not in world.row(lead)
    assert not world.session.is_engaged(world.now)


def test_after_thirty_days_nobody_is_known(world: AgentWorld, lead: str) -> None:
    world.now += 30 * DAY_S + 1
    assert is_the_menu(rings(world))
    assert "rang_back_at" not in world.row(lead)


@pytest.mark.usefixtures("lead")
def test_nobody_is_called_while_the_agent_talks_with_who_rang_back(world: AgentWorld) -> None:
    rings(world)
    second = "+12015550777"
    key = LeadKey(AGENT, lead_id(AGENT, second))
    assert world.leads.create(key, {"phone": second}, world.now - 1, world.now).won
    world.is_there(SESSION)
    world.run()
    assert world.finished["reason"] == "on_call"
    assert len(world.twilio.posted) == 1


@pytest.mark.usefixtures("lead")
def test_the_numbers_own_report_frees_the_agent_if_the_caller_hung_up_at_once(world: AgentWorld) -> None:
    rings(world)
    for status in ("ringing", "completed", "completed"):
        world.inbound.over(InboundCall(PHONE, SID), status, world.now, "over")
    assert not world.session.is_engaged(world.now)
    assert world.causes == ["rang back", "call ended"]


@pytest.mark.parametrize(("status", "engaged"), [("completed", False), ("in-progress", True), ("", False)])
@pytest.mark.parametrize(("joined", "patience_s"), [(True, 300), (False, 30)])
def test_a_conversation_of_whose_end_nothing_was_heard_is_asked_after(
    world: AgentWorld, lead: str, status: str, engaged: bool, joined: bool, patience_s: int
) -> None:
    """Each run says when, so that a page asks for another one then."""
    rings(world)
    if joined:
        world.room("participant-join", f"{SID}.{lead}")
    world.twilio.known = {SID: status} if status else {}
    world.now += patience_s - 1
    world.is_there(SESSION)
    world.run()
    assert world.session.is_engaged(world.now)
    assert world.finished["next_at"] == stamp(world.now + 1)
    world.now += 2
    world.run()
    assert world.session.is_engaged(world.now) is engaged
    if engaged:
        assert world.finished["next_at"] == stamp(world.now + patience_s)


@pytest.mark.usefixtures("lead")
def test_an_agent_is_not_kept_for_a_caller_whose_end_is_reported_before_they_are_answered(world: AgentWorld) -> None:
    """Who hangs up while the document is on its way: the report of the end finds nobody to free."""
    world.inbound.over(InboundCall(PHONE, SID), "completed", world.now, "over")
    rings(world)
    world.twilio.known[SID] = "completed"
    world.is_there(SESSION)
    world.run()
    world.now = parse(world.finished["next_at"]) + 1
    assert world.now - parse(world.session.item["call_at"]) < 35
    world.run()
    assert not world.session.is_engaged(world.now)


class UnreachableSqs:
    def send_message(self, **_request: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://sqs.example.com")


@pytest.mark.usefixtures("lead")
def test_who_rings_back_meets_their_agent_though_no_run_can_be_queued(world: AgentWorld) -> None:
    queue = DialQueue(UnreachableSqs(), "queue", QueuedRuns(world.tables, AGENTS))  # type: ignore[arg-type]
    inbound = replace(world.inbound, queue=queue)
    assert f">{SESSION}</Conference>" in inbound.answer(InboundCall(PHONE, SID), world.now, "answer")
    assert world.session.is_engaged(world.now)
    world.inbound.over(InboundCall(PHONE, SID), "completed", world.now, "over")
    assert not world.session.is_engaged(world.now)


def test_who_is_alone_in_the_room_hears_the_menu_and_is_not_counted_as_abandoned(world: AgentWorld, lead: str) -> None:
    rings(world)
    leg = Leg(AGENT, lead, SID, SID)
    assert is_the_menu(world.lead_calls.left(leg, bridged=False, now=world.now))
    world.lead_calls.alone(leg, SESSION, 1, world.now)
    assert "abandoned_at" not in world.row(lead)
    assert "abandoned" not in world.counted()


def test_who_talked_in_an_earlier_call_hears_the_menu_when_they_ring_back_and_nobody_comes(
    world: AgentWorld, lead: str
) -> None:
    """What their row says of that conversation is not about this call."""
    assert world.leads.mark_joined(Attempt(AGENT, lead, world.attempt(lead)), world.now).won
    rings(world)
    assert is_the_menu(world.lead_calls.left(Leg(AGENT, lead, SID, SID), bridged=False, now=world.now))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_who_it_is_and_both_keys(language: str) -> None:
    phrases = LANGUAGES[language]
    assert "{company}" in phrases.who
    assert "1" in phrases.menu
    assert "9" in phrases.menu
    assert phrases.code.startswith(language)


@pytest.mark.usefixtures("lead")
def test_a_conversation_lasts_as_long_as_the_longest_call(world: AgentWorld) -> None:
    rings(world)
    assert parse(world.session.item["call_until"]) >= world.now + 3600


@pytest.mark.parametrize("digit", ["5", "0", "#", ""])
def test_another_key_is_no_word(world: AgentWorld, lead: str, digit: str) -> None:
    assert "Goodbye" in presses(world, digit, lead)
    assert "dnc" not in world.row(lead)
    assert not world.installation.is_forbidden(number_hash(PHONE))


def test_the_page_shows_who_must_not_be_called_any_more_and_not_who_was_deleted(world: AgentWorld, lead: str) -> None:
    world.sockets.frames.clear()
    presses(world, "9", lead)
    world.push.counts()  # all is sent then
    assert [data["lead_id"] for _, _, data in world.sockets.frames] == [lead]
    assert world.counted()["never_again"] == 1
    assert world.leads.delete(LeadKey(AGENT, lead), AGENT, world.now).won
    world.sockets.frames.clear()
    presses(world, "9", lead)
    assert world.sockets.frames == []


@pytest.mark.usefixtures("lead")
def test_a_caller_who_still_talks_frees_nobody_and_the_page_shows_when_they_are_gone(world: AgentWorld) -> None:
    rings(world)
    world.inbound.over(InboundCall(PHONE, SID), "in-progress", world.now, "over")
    assert world.session.is_engaged(world.now)
    world.inbound.over(InboundCall(PHONE, SID), "completed", world.now, "over")
    assert world.told("agent:session")["call"] is None


@pytest.mark.usefixtures("lead")
def test_the_page_shows_that_a_caller_is_gone_though_no_run_can_be_queued(world: AgentWorld) -> None:
    rings(world)
    queue = DialQueue(UnreachableSqs(), "queue", QueuedRuns(world.tables, AGENTS))  # type: ignore[arg-type]
    with pytest.raises(EndpointConnectionError):
        replace(world.inbound, queue=queue).over(InboundCall(PHONE, SID), "completed", world.now, "over")
    assert world.told("agent:session")["call"] is None


@pytest.mark.parametrize("caller", [STRANGER, "anonymous"])
def test_the_end_of_a_strangers_call_is_nobodys(world: AgentWorld, caller: str) -> None:
    assert is_the_menu(rings(world, caller))
    assert world.counted() == {"inbound_unknown": 1}
    world.inbound.over(InboundCall(caller, SID), "completed", world.now, "over")
    assert world.causes == []


def test_an_agent_whose_line_has_ended_while_a_phone_rings_is_not_waited_for(world: AgentWorld, lead: str) -> None:
    world.sessions.reserve(AGENT, SESSION, "another lead", "attempt", world.now)
    world.sessions.end(AGENT, session_id=SESSION, now=world.now)
    assert is_the_menu(rings(world))
    assert world.row(lead)["rang_back_at"] == stamp(world.now)
