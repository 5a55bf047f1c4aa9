"""What a run's parts do to one another: the day's count, the probe after a rest, and the agent's own line."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from autocall import reasons
from autocall.call_outcomes import NotSent, Outcome, Placed, Refused, Throttled, Unknown
from autocall.installation_table import INSTALLATION
from autocall.leads import number_hash
from autocall.session import ENDED, LIVE
from autocall.timing import now, stamp
from functions.dialer.daily_limit import DailyLimit
from tests.unit.agent_world import AGENT, OWN_PHONE, TIMING, AgentWorld, agent_world


@pytest.fixture
def world() -> Iterator[AgentWorld]:
    with agent_world() as made:
        yield made


def _at_most(world: AgentWorld, per_agent: int, in_all: int = 100) -> None:
    """So many calls on a day."""
    world._tools = replace(world._tools, daily=DailyLimit(world.installation, per_agent, in_all))


def _counted(world: AgentWorld) -> list[int]:
    """How many calls this day has had: the agent's, and the installation's."""
    day = f"calls#{stamp(world.now)[:10]}"
    return [int(world.agents._item(whose, day).get("calls", 0)) for whose in (AGENT, INSTALLATION)]


def _rests(world: AgentWorld, seconds: float) -> None:
    world.installation.set_breaker(reasons.account_refused(20003), now() + seconds)


# -- the day's count ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (Placed("CA1"), 1),
        (Unknown(reasons.TIMEOUT, "timeout"), 1),
        (Refused("lead", 21211, "why"), 0),
        (Refused("permission", 21215, "why"), 0),
        (Refused("unlisted", 29999, "why"), 0),
        (Refused("account", 20003, "why"), 0),
        (Throttled("429"), 0),
        (NotSent("refused"), 0),
    ],
)
def test_a_day_counts_the_calls_that_may_have_been_made(world: AgentWorld, outcome: Outcome, counts: int) -> None:
    _at_most(world, 10)
    world.waiting()
    world.by_browser()
    world.twilio.outcomes = [outcome]
    world.run()
    assert len(world.twilio.posted) == 1
    assert _counted(world) == [counts, counts]


def test_leads_that_may_not_be_called_use_up_nobodys_day(world: AgentWorld) -> None:
    _at_most(world, 1)
    *forbidden, last = world.waiting(4)
    world.installation.add_to_dnc([number_hash(world.row(lead)["phone"]) for lead in forbidden], "operator", now())
    world.by_browser()
    world.run()
    assert world.row(last)["call_status"] == "queued"
    assert _counted(world) == [1, 1]


def test_a_day_of_the_installation_that_is_over_uses_up_nobodys_own(world: AgentWorld) -> None:
    _at_most(world, 10, in_all=1)
    world.installation.count_call(INSTALLATION, 1, now())
    world.waiting()
    world.by_browser()
    world.run()
    world.run()
    assert (world.twilio.posted, world.finished["reason"]) == ([], reasons.DAY)
    assert _counted(world) == [0, 1]


def test_what_was_counted_before_midnight_is_not_given_back_on_the_next_day(world: AgentWorld) -> None:
    daily = DailyLimit(world.installation, 10, 0)
    counted_at = now()
    assert daily.count(AGENT) is None
    world.now += 86_400
    assert daily.count(AGENT) is None
    daily.give_back(AGENT, counted_at)
    assert _counted(world) == [1, 0]


def test_no_phone_rings_for_an_agent_whose_day_is_over(world: AgentWorld) -> None:
    _at_most(world, 1)
    world.by_phone()
    world.waiting()
    assert world.installation.count_call(AGENT, 1, now())
    world.run()
    assert (world.twilio.posted, world.finished["reason"]) == ([], reasons.DAY)


def test_the_agents_own_call_is_none_of_the_days(world: AgentWorld) -> None:
    _at_most(world, 1)
    world.by_phone()
    world.waiting()
    world.run()
    assert world.twilio.called == [OWN_PHONE]
    assert _counted(world) == [0, 0]


# -- the probe after a rest --------------------------------------------------------------------------------------------


def test_a_lead_that_is_put_back_between_claim_and_post_spends_no_probe(world: AgentWorld) -> None:
    """The agent's call ended meanwhile: Twilio was asked for nothing, and the next run, whoever's, probes at once."""
    (lead,) = world.waiting()
    world.by_browser()
    _rests(world, -1)
    reserve = world.sessions.reserve

    def ends_before(*of: Any) -> Any:
        assert world.sessions.end(AGENT, session_id=world.session.session_id, now=world.now).won
        return reserve(*of)

    world.sessions.reserve = ends_before  # type: ignore[method-assign, assignment]
    world.run()
    assert (world.twilio.posted, world.row(lead)["held"]["reason"]) == ([], reasons.SESSION)
    resume_at = world.installation.get_installation().resume_at
    assert resume_at
    assert resume_at <= world.now


def test_a_probe_with_an_agent_on_the_line_ends_the_rest_and_keeps_the_agent(world: AgentWorld) -> None:
    (lead,) = world.waiting()
    world.by_browser()
    _rests(world, -1)
    world.run()
    assert world.installation.get_installation().resume_at is None
    assert (world.session.phase, world.session.attempt) == (LIVE, world.attempt(lead))


def test_no_agents_phone_rings_while_twilio_answers_no_question_after_a_rest(world: AgentWorld) -> None:
    world.by_phone()
    world.waiting()
    _rests(world, -1)
    world.twilio.unreachable = True
    world.run()
    assert (world.twilio.posted, world.finished["reason"]) == ([], reasons.account_refused(20003))
    assert world.installation.get_installation().resume_at == world.now + 60, "and nobody else asks before"


def test_an_agents_phone_that_rings_after_a_rest_leaves_the_probe_to_a_lead(world: AgentWorld) -> None:
    world.by_phone()
    world.waiting()
    _rests(world, -1)
    world.run()
    assert world.twilio.called == [OWN_PHONE]
    resume_at = world.installation.get_installation().resume_at
    assert resume_at
    assert resume_at <= world.now


def test_where_the_account_is_refused_for_an_agents_phone_everybody_rests_and_it_rings_again(world: AgentWorld) -> None:
    """It says nothing about that phone: no word of the agent's is needed once Twilio serves again."""
    world.by_phone()
    world.waiting()
    world.twilio.outcomes = [Refused("account", 20003, "why")]
    world.run()
    why = reasons.account_refused(20003)
    assert (world.session.phase, world.session.reason, world.finished["reason"]) == (ENDED, why, why)
    assert world.installation.get_installation().resume_at == world.now + TIMING.breaker
    world.run()
    assert world.twilio.called == [OWN_PHONE]
    world.now += TIMING.breaker + 1
    world.is_there()
    world.run()
    assert world.twilio.called == [OWN_PHONE, OWN_PHONE]
