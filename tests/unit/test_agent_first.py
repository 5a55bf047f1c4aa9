"""Nobody is called until their agent is on the line; one conversation at a time; and no state that is for ever."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from autocall import reasons
from autocall.call_outcomes import NotSent, Outcome, Placed, Refused, Throttled, Unknown
from autocall.leads import Attempt, LeadKey
from autocall.messages import RunMessage
from autocall.session import ENDED, LIVE, PHONE, RINGING
from autocall.timing import stamp
from functions.dialer.call_request import CallRequest
from functions.dialer.run import Run
from tests.unit.agent_world import (
    AGENT,
    AUDIO,
    FALLBACK_URL,
    LEG,
    OWN_PHONE,
    PUBLIC_URL,
    SENDER,
    SESSION,
    START,
    TIMING,
    AgentWorld,
    agent_world,
)


@pytest.fixture
def world() -> Iterator[AgentWorld]:
    with agent_world() as made:
        yield made


# -- the gate ----------------------------------------------------------------------------------------------------------


def test_nobody_is_called_while_no_agent_is_on_the_line(world: AgentWorld) -> None:
    (lead,) = world.waiting()
    world.run()
    assert world.twilio.called == []
    assert world.row(lead)["call_status"] == "pending"
    assert world.finished["reason"] == reasons.SESSION
    assert world.finished["next_at"] == stamp(world.now + 300)
    assert world.told("autocall:started")["held"] == {reasons.SESSION: 1}


def test_a_lead_is_called_once_the_agent_is_there_and_it_is_decided_at_the_answer_what_is_heard(
    world: AgentWorld,
) -> None:
    (lead,) = world.waiting()
    world.by_browser()
    assert world.causes == ["on the line"]
    world.run()
    (call,) = world.twilio.posted
    where = f"{PUBLIC_URL}/twilio/answer/{AGENT}/{lead}?attempt={world.attempt(lead)}"
    assert call["Url"] == f"{where}#rt=2500&rc=1&rp=5xx,ct"
    assert (call["FallbackUrl"], call["FallbackMethod"]) == (FALLBACK_URL, "GET")
    assert "Twiml" not in call
    assert world.session.is_engaged(world.now)


@pytest.mark.parametrize(
    ("setting", "asked"), [("off", None), ("start", "Enable"), ("message_end", "DetectMessageEnd")]
)
def test_twilio_is_asked_who_answers_only_where_an_installation_wants_that_and_nobody_waits_for_it(
    setting: str, asked: str | None
) -> None:
    audio = replace(AUDIO, machine_detection=setting)
    params = CallRequest(25, 3600, "", "", PUBLIC_URL, audio).params(
        Attempt(AGENT, "lead", "attempt"), "+12015550123", SENDER
    )
    assert params.get("MachineDetection") == asked
    assert params.get("AsyncAmd") == (asked and "true")
    where = f"{PUBLIC_URL}/twilio/amd/{AGENT}/lead?attempt=attempt#rc=5&rp=all"
    assert params.get("AsyncAmdStatusCallback") == (asked and where)


def test_an_agent_has_one_call_in_the_air_however_many_wait(world: AgentWorld) -> None:
    world.waiting(3)
    world.agents.update_profile(AGENT, {"lines": 3})
    world.by_browser()
    world.run()
    world.run()
    assert len(world.twilio.posted) == 1
    assert world.finished["reason"] == reasons.ON_CALL
    assert world.finished["next_at"] <= stamp(TIMING.reserved(world.now))


def test_the_next_call_follows_a_wrap_up_and_not_the_end_of_the_call(world: AgentWorld) -> None:
    first, _ = world.waiting(2)
    world.by_browser()
    world.run()
    world.answers(first)
    world.joins(first)
    world.leaves(first)
    world.ends(first)
    assert world.causes == ["on the line"]
    assert world.told("agent:session")["wrap_up"]["until"] == stamp(world.now + 30)
    world.run()
    assert len(world.twilio.posted) == 1
    assert world.finished["reason"] == reasons.WRAP_UP
    assert world.finished["next_at"] == stamp(world.now + 30)
    world.now += 31
    world.is_there()
    world.run()
    assert len(world.twilio.posted) == 2


def test_a_call_that_nobody_answered_needs_no_wrap_up(world: AgentWorld) -> None:
    first, _ = world.waiting(2)
    world.by_browser()
    world.run()
    assert world.ends(first, "no-answer") == "applied"
    assert world.causes == ["on the line", "call ended"]
    world.run()
    assert len(world.twilio.posted) == 2


def test_the_agents_word_ends_a_wrap_up_at_once(world: AgentWorld) -> None:
    first, _ = world.waiting(2)
    world.by_browser()
    world.run()
    world.answers(first)
    world.joins(first)
    world.ends(first)
    world.frames.answer(AGENT, "agent:ready", {"attempt_id": world.attempt(first)}, "frame", world.now)
    assert world.causes[-1] == "ready"
    world.run()
    assert len(world.twilio.posted) == 2


def test_a_page_that_is_gone_without_a_word_is_noticed_before_the_next_call(world: AgentWorld) -> None:
    world.waiting()
    world.by_browser()
    world.is_there("")
    world.run()
    assert world.twilio.called == []
    assert world.finished["reason"] == reasons.UNHEARD


# -- between the second look and the POST ------------------------------------------------------------------------------


def test_an_agent_whose_call_ends_between_claim_and_post_is_not_waited_for(world: AgentWorld) -> None:
    (lead,) = world.waiting()
    world.by_browser()
    reserve = world.sessions.reserve

    def after_its_end(*args: object) -> object:
        world.sessions.end(AGENT, sid=LEG, now=world.now)
        return reserve(*args)  # type: ignore[arg-type]

    world.sessions.reserve = after_its_end  # type: ignore[method-assign,assignment]
    world.run()
    assert world.twilio.posted == []
    assert (world.row(lead)["call_status"], world.row(lead)["held"]["reason"]) == ("pending", reasons.SESSION)


def test_a_session_that_was_opened_meanwhile_is_not_reserved_by_the_old_ones_name(world: AgentWorld) -> None:
    (lead,) = world.waiting()
    world.by_browser()
    reserve = world.sessions.reserve

    def after_a_reload(*args: object) -> object:
        world.by_browser("another", "CA" + "b" * 32)
        return reserve(*args)  # type: ignore[arg-type]

    world.sessions.reserve = after_a_reload  # type: ignore[method-assign,assignment]
    world.run()
    assert world.twilio.posted == []
    assert world.row(lead)["call_status"] == "pending"
    assert not world.session.is_engaged(world.now)


@pytest.mark.parametrize(
    ("outcome", "engaged"),
    [
        (Placed("CA" + "1" * 32), True),
        (Unknown(reasons.TIMEOUT, "timeout"), True),
        (Refused("lead", 21211, reasons.refused(21211)), False),
        (Refused("account", 20003, reasons.refused(20003)), False),
        (Throttled("429"), False),
        (NotSent("refused"), False),
    ],
    ids=lambda told: type(told).__name__,
)
def test_the_agent_is_kept_as_long_as_there_may_be_a_call_and_free_where_there_is_none(
    world: AgentWorld, outcome: Outcome, engaged: bool
) -> None:
    world.waiting()
    world.by_browser()
    world.twilio.outcomes = [outcome]
    world.run()
    assert world.session.is_engaged(world.now) is engaged


def test_a_run_goes_on_to_the_next_lead_after_one_that_twilio_refuses(world: AgentWorld) -> None:
    world.waiting(2)
    world.by_browser()
    world.twilio.outcomes = [Refused("lead", 21211, reasons.refused(21211))]
    world.run()
    assert len(world.twilio.posted) == 2


# -- no state is for ever ----------------------------------------------------------------------------------------------


def test_a_reservation_whose_run_died_is_freed_by_the_next(world: AgentWorld) -> None:
    world.waiting()
    world.by_browser()
    world.sessions.reserve(AGENT, SESSION, "a lead that waits again", "an attempt", world.now)
    world.run()
    assert len(world.twilio.posted) == 1


def test_a_reservation_for_a_call_that_is_being_made_is_left_alone(world: AgentWorld) -> None:
    world.waiting(2)
    world.by_browser()
    world.run()
    attempt = world.session.attempt
    world.run()
    assert world.session.attempt == attempt


def test_a_reservation_that_is_younger_than_what_the_index_says_is_left_alone(world: AgentWorld) -> None:
    """The run reads agent and index side by side; meanwhile another of its runs, that was thought dead, calls."""
    (lead,) = world.waiting()
    world.by_browser()
    nobody_is_called = world.leads.due(AGENT, 50)
    world.run()
    attempt = world.session.attempt
    assert world.row(lead)["attempt_id"] == attempt
    world.leads.due = lambda *_: nobody_is_called  # type: ignore[method-assign]
    world.run()
    assert world.session.attempt == attempt


def test_a_conversation_whose_end_nobody_reported_is_wrapped_up(world: AgentWorld) -> None:
    """The lead's row has ended by asking Twilio; the reservation goes the same way as by a report."""
    (lead,) = world.waiting()
    world.by_browser()
    world.run()
    world.answers(lead)
    world.joins(lead)
    row = world.row(lead)
    world.leads.record_end(
        Attempt(AGENT, lead, row["attempt_id"]), row["call_sid"], "completed", "asked Twilio", world.now
    )
    world.run()
    assert world.session.is_wrapping(world.now)


def test_an_answered_call_that_only_twilios_answer_tells_of_is_abandoned_unless_joined(
    world: AgentWorld,
) -> None:
    """No word of the answer and no callback ever came: those who met no agent are counted all the same."""
    (lead,) = world.waiting()
    world.by_browser()
    world.run()
    world.twilio.known[world.row(lead)["call_sid"]] = "completed"
    world.now += 200
    world.is_there(SESSION)
    world.run()
    row = world.row(lead)
    assert (row["call_status"], "joined_at" in row) == ("completed", False)
    assert row["abandoned_at"] == stamp(world.now)
    assert world.told("call:completed")["abandoned_at"] == row["abandoned_at"]
    world.joins(lead)
    assert "abandoned_at" not in world.row(lead)


@pytest.mark.parametrize("status", ["busy", "no-answer", "canceled", "failed"])
def test_a_call_that_nobody_answered_is_not_abandoned(world: AgentWorld, status: str) -> None:
    (lead,) = world.waiting()
    world.by_browser()
    world.run()
    world.twilio.known[world.row(lead)["call_sid"]] = status
    world.now += 200
    world.run()
    assert (world.row(lead)["call_status"], "abandoned_at" in world.row(lead)) == (status, False)


def test_a_session_that_never_came_to_be_ends_by_the_clock(world: AgentWorld) -> None:
    world.waiting()
    world.sessions.open(AGENT, SESSION, "browser", 30, world.now)
    world.run()
    assert world.finished["reason"] == reasons.RINGING
    assert world.finished["next_at"] == stamp(world.now + 85)
    world.now += 85
    world.run()
    assert world.session.phase == ENDED


@pytest.mark.parametrize(("status", "phase"), [("completed", ENDED), ("in-progress", LIVE), ("", ENDED)])
def test_a_phone_of_which_nothing_was_heard_for_ten_minutes_is_asked_after(
    world: AgentWorld, status: str, phase: str
) -> None:
    world.sessions.open(AGENT, SESSION, PHONE, 30, world.now)
    world.sessions.live(AGENT, SESSION, LEG, world.now)
    world.twilio.known = {LEG: status} if status else {}
    world.now += 599
    world.is_there()
    world.run()
    assert world.session.phase == LIVE
    world.now += 1
    world.run()
    assert world.session.phase == phase


def test_what_twilio_cannot_say_of_a_phone_changes_nothing(world: AgentWorld) -> None:
    world.sessions.open(AGENT, SESSION, PHONE, 30, world.now)
    world.sessions.live(AGENT, SESSION, LEG, world.now)
    world.twilio.unreachable = True
    world.now += 700
    world.is_there()
    world.run()
    assert world.session.phase == LIVE


# -- the agent's phone -------------------------------------------------------------------------------------------------


def test_the_agents_phone_is_rung_once_when_somebody_is_to_be_called(world: AgentWorld) -> None:
    world.by_phone()
    world.run()
    assert world.twilio.called == []
    world.waiting()
    world.run()
    world.run()
    (call,) = world.twilio.posted
    session = world.session
    assert call["To"] == OWN_PHONE
    assert call["Url"].startswith(f"{PUBLIC_URL}/twilio/agent/{AGENT}?session={session.session_id}#")
    assert call["StatusCallback"].startswith(f"{PUBLIC_URL}/twilio/leg/{AGENT}?session={session.session_id}#")
    assert (session.phase, session.call_sid) == (RINGING, "CA" + "1".zfill(32))
    assert world.finished["reason"] == reasons.RINGING


@pytest.mark.parametrize(
    ("outcome", "reason", "again"),
    [
        (Refused("lead", 21211, reasons.refused(21211)), reasons.refused(21211), 0),
        (Throttled("429"), reasons.THROTTLED, 1),
        (NotSent("refused"), reasons.UNREACHABLE, 1),
    ],
)
def test_why_a_phone_could_not_be_rung_is_the_sessions_reason(
    world: AgentWorld, outcome: Outcome, reason: str, again: int
) -> None:
    """One that Twilio refuses is rung again at the agent's word only."""
    world.by_phone()
    world.waiting()
    world.twilio.outcomes = [outcome]
    world.run()
    assert (world.session.phase, world.session.reason) == (ENDED, reason)
    world.run()
    assert len(world.twilio.posted) == 1 + again
    assert world.installation.get_installation().consecutive_unknowns == 0


@pytest.mark.parametrize(
    ("status", "reason"), [("no-answer", reasons.NOT_PICKED_UP), ("completed", reasons.NOT_ACCEPTED)]
)
def test_a_phone_that_nobody_picked_up_or_accepted_is_not_rung_by_the_machine_again(
    world: AgentWorld, status: str, reason: str
) -> None:
    world.by_phone()
    world.waiting()
    world.run()
    session = world.session
    world.agent_calls.over(AGENT, session.session_id, session.call_sid, status, world.now)
    assert world.session.reason == reason
    world.run()
    assert len(world.twilio.posted) == 1
    assert world.finished["reason"] == reasons.SESSION


def test_a_phone_whose_post_had_no_clear_answer_may_ring_and_is_waited_for(world: AgentWorld) -> None:
    world.by_phone()
    world.waiting()
    world.twilio.outcomes = [Unknown(reasons.TIMEOUT, "timeout")]
    world.run()
    assert world.session.phase == RINGING
    assert "<Conference" in world.agent_calls.document(AGENT, world.session.session_id, LEG, "voice", world.now)
    world.run()
    assert world.twilio.called == [OWN_PHONE, "+12015550200"]


def test_no_phone_rings_for_a_lead_who_is_outside_their_hours(world: AgentWorld) -> None:
    world.by_phone()
    (lead,) = world.waiting()
    world.agents.update_profile(AGENT, {"window": {"from": "09:00", "to": "10:00", "days": [1]}})
    world.run()
    assert world.twilio.posted == []
    assert world.row(lead)["held"]["reason"] in (reasons.ZONE, reasons.HOURS)


def test_an_agent_without_a_number_of_their_own_is_not_rung(world: AgentWorld) -> None:
    world.agents.update_profile(AGENT, {"via": PHONE})
    world.waiting()
    world.run()
    assert world.twilio.posted == []
    assert world.finished["reason"] == reasons.SESSION


def test_the_page_hears_what_will_be_called_before_the_agents_phone_rings(world: AgentWorld) -> None:
    world.by_phone()
    world.waiting()
    world.run("leads:fetched")
    events = [event for _, event, _ in world.sockets.frames]
    assert events.index("autocall:started") < events.index("agent:session")


def test_no_phone_rings_that_could_not_be_waited_for_in_time(world: AgentWorld) -> None:
    world.by_phone()
    world.waiting()
    Run(world._tools, RunMessage(AGENT, "call ended", "run"), world.now + 1).work()
    assert world.twilio.posted == []


class _Taken:
    """The account's rate, of which nothing is left for a while; it counts who wanted a part of it."""

    max_wait = 0.0
    wanted = 0

    def wait_for_slot(self, _next_slot: float | None) -> float:
        self.wanted += 1
        return START + 60


def test_no_phone_rings_past_the_accounts_rate(world: AgentWorld) -> None:
    limiter: Any = _Taken()
    world.by_phone()
    world.waiting()
    Run(replace(world._tools, rate_limiter=limiter), RunMessage(AGENT, "call ended", "run"), world.now + 29).work()
    assert world.twilio.posted == []


def test_an_agent_who_picks_up_at_once_is_called_nobody_for_in_a_run_that_is_out_of_time(world: AgentWorld) -> None:
    world.by_phone()
    world.waiting()

    def picks_up() -> None:
        world.twilio.meanwhile = lambda: None
        assert world.sessions.live(AGENT, world.session.session_id, LEG, world.now).won
        world.now += 25

    world.twilio.meanwhile = picks_up
    world.run()
    assert world.twilio.called == [OWN_PHONE]


def test_nobody_is_called_once_asking_twilio_has_taken_the_time_of_the_run(
    world: AgentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> bool:
        world.now += 25
        return True

    world.by_browser()
    world.waiting()
    world.installation.open_breaker("test", world.now - 1)
    monkeypatch.setattr(world.twilio, "serves", slow)
    world.run()
    assert world.twilio.posted == []


def test_a_browser_of_which_no_word_of_the_room_came_is_not_asked_after(world: AgentWorld) -> None:
    """Its page says every minute that it holds the line."""
    world.by_browser()
    world.now += 700
    world.is_there(SESSION)
    world.run()
    assert world.session.phase == LIVE


def _before_reserving(world: AgentWorld, happens: Callable[[], object]) -> None:
    reserve = world.sessions.reserve

    def overtaken(*args: Any) -> Any:
        happens()
        return reserve(*args)

    world.sessions.reserve = overtaken  # type: ignore[method-assign]


def test_why_an_agent_could_not_be_reserved_is_what_the_lead_waits_for(world: AgentWorld) -> None:
    (lead,) = world.waiting()
    world.by_browser()
    _before_reserving(world, lambda: world.sessions.open(AGENT, "another", "browser", 30, world.now))
    world.run()
    assert world.row(lead)["held"]["reason"] == reasons.RINGING


def test_a_phone_that_was_picked_up_meanwhile_is_another_line(world: AgentWorld) -> None:
    """It is free, and needs no page: but the run has not looked at it."""
    (lead,) = world.waiting()
    world.by_browser()

    def by_phone() -> None:
        assert world.sessions.open(AGENT, "another", PHONE, 30, world.now).won
        assert world.sessions.live(AGENT, "another", "CA" + "b" * 32, world.now).won

    _before_reserving(world, by_phone)
    world.run()
    assert world.twilio.posted == []
    assert world.row(lead)["held"]["reason"] == reasons.SESSION


def test_an_agent_whose_lead_a_colleague_calls_at_the_same_moment_is_free(world: AgentWorld) -> None:
    (lead,) = world.waiting()
    world.by_browser()
    mark, theirs = world.called_numbers.mark, Attempt("colleague", "their lead", "theirs")
    assert world.leads.create(LeadKey(theirs.user, theirs.lead), {"phone": "+12015550200"}, START, START).won
    assert world.leads.claim(theirs, "run", world.now).won

    def overtaken(number: str, seen: Any, attempt: Attempt, *about: Any) -> Any:
        if not seen.attempt:
            assert mark(number, seen, theirs, *about).won
        return mark(number, seen, attempt, *about)

    world.called_numbers.mark = overtaken  # type: ignore[method-assign]
    world.run()
    assert world.twilio.posted == []
    assert world.row(lead)["held"]["reason"] == reasons.COLLEAGUE
    assert not world.session.is_engaged(world.now)


def test_a_call_of_which_nothing_is_known_says_so_and_not_that_the_agent_talks(world: AgentWorld) -> None:
    world.waiting()
    world.by_browser()
    world.twilio.outcomes = [Unknown(reasons.TIMEOUT, "timeout")]
    world.run()
    assert world.finished["reason"] == reasons.UNKNOWN


@pytest.mark.parametrize("reason", [reasons.NOT_PICKED_UP, reasons.NOT_ACCEPTED, reasons.refused(21211)])
def test_a_phone_that_is_not_rung_again_takes_nothing_of_the_accounts_rate(world: AgentWorld, reason: str) -> None:
    limiter: Any = _Taken()
    world.by_phone()
    world.waiting()
    world.sessions.open(AGENT, SESSION, PHONE, 30, world.now)
    world.sessions.end(AGENT, session_id=SESSION, reason=reason, now=world.now)
    Run(replace(world._tools, rate_limiter=limiter), RunMessage(AGENT, "call ended", "run"), world.now + 29).work()
    assert limiter.wanted == 0
    assert world.twilio.posted == []
