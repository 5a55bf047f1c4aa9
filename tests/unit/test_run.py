"""One run: look at this agent again, fill the free lines, and say what comes next."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Any

import pytest

from autocall import reasons
from autocall.call_outcomes import NotSent, Outcome, Placed, Refused, Throttled, TwilioCall, Unknown
from autocall.dynamo import WriteResult
from autocall.leads import Attempt, LeadKey
from autocall.queued_run import Causes
from autocall.timing import now, parse, stamp
from functions.dialer import run
from tests.unit import dialer_world
from tests.unit.dialer_world import AGENT, SENDER, World, phone

UNKNOWN, THROTTLED = Unknown(reasons.TIMEOUT, "ReadTimeout"), Throttled("patience")
UNLISTED = Refused("unlisted", 29999, "Twilio refused the call (29999)")
ALL_DAY = {"from": "00:00", "to": "23:59", "days": [1, 2, 3, 4, 5, 6, 7]}
LEAD, ACCOUNT = (Refused(concerns, 20003, "why") for concerns in ("lead", "account"))


@pytest.fixture
def world() -> Iterator[World]:
    with dialer_world.world() as made:
        yield made


def _next_in(world: World) -> float:
    return parse(world.finished["next_at"]) - now()


# -- lines -------------------------------------------------------------------------------------------------------------


def test_a_run_fills_the_free_lines_in_calling_order(world: World) -> None:
    world.waiting(5)
    world.run()
    assert world.called == [phone(0), phone(1)]
    assert world.finished["called"] == 2


def test_who_a_person_wants_called_goes_before_all_others_once_their_time_has_come(world: World) -> None:
    """However long the list is: the lead stands behind everybody who waits since before that moment."""
    world.lines = 2
    *_, later, wanted = world.waiting(60)
    world.agents.put_first(AGENT, wanted, now() - 1)
    world.agents.put_first(AGENT, later, now() + 60)
    world.run()
    assert world.called == [phone(59), phone(0)]


def test_who_was_called_is_wanted_first_no_more(world: World) -> None:
    world.lines = 3
    (wanted,) = world.waiting(1)
    world.agents.put_first(AGENT, wanted, now() - 1)
    world.run()
    world.run()
    assert world.called == [phone(0)]
    assert world.agents.get_agent(AGENT).first == {}


def test_who_is_held_or_forbidden_is_not_called_first(world: World) -> None:
    held, forbidden = world.waiting(2)
    row = world.leads.get(LeadKey(AGENT, held))
    world.leads.hold(LeadKey(AGENT, held), row["due"], "hours", now() + 600, now())
    world.leads.add_to_dnc(LeadKey(AGENT, forbidden), phone(1), AGENT, now())
    for lead in (held, forbidden):
        world.agents.put_first(AGENT, lead, now() - 1)
    world.run()
    assert world.called == []


def test_calls_in_flight_hold_their_lines(world: World) -> None:
    world.live("in-progress")
    world.waiting(5)
    world.run()
    assert len(world.called) == 1


@pytest.mark.parametrize("state", ["claimed", "unknown"])
def test_a_call_that_may_be_ringing_holds_its_line(world: World, state: str) -> None:
    getattr(world, state)()
    world.waiting(5)
    world.run()
    assert len(world.called) == 1


def test_a_call_that_waits_for_a_person_holds_no_line(world: World) -> None:
    world.lost()
    world.waiting(5)
    world.run()
    assert len(world.called) == 2


def test_an_agents_own_lines_count_before_the_installations(world: World) -> None:
    world.agents.update_profile(AGENT, {"lines": 4})
    world.waiting(5)
    world.run()
    assert len(world.called) == 4


def test_a_full_line_calls_nobody_and_says_when_twilio_will_be_asked(world: World) -> None:
    world.live()
    world.claimed(index=91)
    world.waiting(1)
    world.run()
    assert world.called == []
    assert 0 < _next_in(world) <= 60


def test_a_lead_that_was_refused_leaves_its_line_to_the_next(world: World) -> None:
    world.twilio.outcomes = [LEAD]
    world.waiting(5)
    world.run()
    assert world.called == [phone(0), phone(1), phone(2)]
    assert (world.finished["called"], world.finished["failed"]) == (2, 1)


def test_a_lead_that_another_run_has_claimed_meanwhile_is_passed(world: World) -> None:
    world.lines = 3
    first, _, _ = world.waiting(3)
    due = world.leads.due

    def read_before_the_other_run_claims(user: str, limit: int) -> Any:
        in_flight, waiting = due(user, limit)
        pages = list(waiting)
        world.leads.claim(Attempt(AGENT, first, "another"), "another run", now())
        return in_flight, iter(pages)

    world.leads.due = read_before_the_other_run_claims  # type: ignore[method-assign]
    world.run()
    assert world.called == [phone(1), phone(2)]


# -- gates -------------------------------------------------------------------------------------------------------------


def test_nobody_is_called_for_an_agent_who_is_not_there(world: World) -> None:
    world.waiting(2)
    world.agents.disconnect(AGENT, "tab")
    run = world.run()
    assert world.called == []
    assert run.report.totals.total() == 0


@pytest.mark.parametrize(("seen_ago", "token_left"), [(181, 3600), (0, -1)], ids=["silent", "expired"])
def test_a_tab_that_is_silent_or_expired_is_nobody(world: World, seen_ago: float, token_left: float) -> None:
    world.waiting(2)
    world.agents.disconnect(AGENT, "tab")
    world.tab("stale", seen_ago, token_left)
    world.run()
    assert world.called == []
    if token_left < 0:
        assert world.sockets.frames == []  # who holds a token that is over hears nothing more
        return
    assert world.finished["reason"] == "absent"
    assert _next_in(world) == 180  # a page that only slept hears this when it wakes


def test_nobody_is_called_while_paused(world: World) -> None:
    world.waiting(2)
    world.agents.update_profile(AGENT, {"paused": True})
    world.run()
    assert world.called == []
    assert (world.finished["reason"], world.finished["next_at"]) == ("paused", None)


def test_a_pause_that_ends_by_itself_says_when(world: World) -> None:
    world.waiting(2)
    world.agents.update_profile(AGENT, {"resume_at": dialer_world.soon(500)})
    world.run()
    assert world.called == []
    assert _next_in(world) == 500


def test_a_pause_that_comes_during_a_run_stops_it_before_the_next_call(world: World) -> None:
    world.waiting(2)
    world.twilio.meanwhile = lambda: world.agents.update_profile(AGENT, {"paused": True})
    world.run()
    assert world.called == [phone(0)]
    assert world.finished["reason"] == "paused"


def test_held_leads_do_not_hold_up_the_others() -> None:
    with dialer_world.world() as world:
        world.agents.update_profile(AGENT, {"window": {"from": "00:00", "to": "23:59", "days": [1, 2, 3, 4, 5, 6, 7]}})
        held = world.waiting(3, zones=["nowhere"])
        world.waiting(2, first=3, zones=["DE/Etc/UTC"])
        world.run()
        assert world.called == [phone(3), phone(4)]
        assert [world.row(lead)["held"]["reason"] for lead in held] == ["zone"] * 3
        assert world.finished["held"] == 3


def test_leads_held_together_come_back_in_calling_order() -> None:
    with dialer_world.world("default") as world:
        held = world.waiting(4, zones=["nowhere"])
        world.run()
        dues = [world.row(lead)["due"] for lead in held]
        assert dues == sorted(set(dues))


def test_a_lead_that_is_due_later_is_said_and_not_called(world: World) -> None:
    world.waiting(1, due_in=700)
    world.run()
    assert world.called == []
    assert _next_in(world) == 700


def test_when_nothing_waits_nothing_is_next(world: World) -> None:
    world.run()
    assert world.finished == {"called": 0, "held": 0, "failed": 0, "next_at": None, "at": stamp(now()), "reason": None}


# -- what Twilio answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "reason", "wait"),
    [
        (UNKNOWN, "unknown", 30),
        (THROTTLED, "throttled", 2),
        (NotSent("ConnectionError"), "unreachable", 30),
        (ACCOUNT, "account refused (20003)", 300),
    ],
    ids=["unknown", "throttled", "not sent", "account"],
)
def test_what_concerns_all_leads_stops_the_run_and_says_when_it_goes_on(
    world: World, outcome: Outcome, reason: str, wait: float
) -> None:
    world.twilio.outcomes = [outcome]
    world.waiting(4)
    world.run()
    assert world.called == [phone(0)]
    assert world.finished["reason"] == reason
    assert _next_in(world) == wait


def test_nobody_is_called_while_the_installation_rests(world: World) -> None:
    world.waiting(2)
    world.resting(200)
    world.run()
    assert world.called == []
    assert _next_in(world) == 200


def test_after_a_rest_one_call_probes_and_its_success_ends_the_rest(world: World) -> None:
    world.waiting(2)
    world.resting(-1)
    world.run()
    assert world.installation.get_installation().resume_at is None
    assert len(world.called) == 2


def test_after_a_rest_a_probe_that_fails_lets_the_rest_go_on(world: World) -> None:
    world.waiting(3)
    world.resting(-1)
    world.twilio.outcomes = [NotSent("ConnectionError")]
    world.run()
    account = world.installation.get_installation()
    assert len(world.called) == 1
    assert account.resume_at
    assert account.resume_at > now()


@pytest.mark.parametrize("concerns", ["lead", "permission"])
def test_after_a_rest_a_number_that_is_refused_for_itself_shows_that_twilio_serves_again(
    world: World, concerns: str
) -> None:
    world.waiting(3)
    world.resting(-1)
    world.twilio.outcomes = [Refused(concerns, 21215, "why")]
    world.run()
    assert world.installation.get_installation().resume_at is None
    assert world.called == [phone(0), phone(1), phone(2)]


@pytest.mark.parametrize("lasts", [60.0, 5 * 86400.0], ids=["a minute", "five days"])
def test_a_pause_that_is_lifted_before_its_time_has_cost_no_lead_its_place(world: World, lasts: float) -> None:
    world.waiting(1)
    claim = world.leads.claim

    def paused_before(*of: Any) -> WriteResult:
        world.agents.update_profile(AGENT, {"resume_at": stamp(now() + lasts)})
        return claim(*of)

    world.leads.claim = paused_before  # type: ignore[method-assign]
    world.run()
    assert world.called == []
    assert _next_in(world) == lasts
    world.leads.claim = claim  # type: ignore[method-assign]
    world.agents.update_profile(AGENT, {"resume_at": None})
    world.run()
    assert world.called == [phone(0)]


def test_after_a_rest_only_one_of_two_runs_probes(world: World) -> None:
    world.waiting(3)
    world.resting(-1)
    seen = world.installation.get_installation().resume_at
    assert seen
    world.installation.take_probe(seen, now() + 60)
    world.run()
    assert world.called == []


@pytest.mark.parametrize("busy", [False, True], ids=["nobody waits", "every line is busy"])
def test_after_a_rest_a_run_that_has_nobody_to_call_leaves_the_probe_to_others(world: World, busy: bool) -> None:
    world.resting(-1)
    if busy:
        world.waiting(1)
        world.agents.update_profile(AGENT, {"lines": 1})
        world.live(ago=1)
    before = world.installation.get_installation()
    world.run()
    assert world.called == []
    assert world.installation.get_installation() == before


def test_after_a_rest_a_probe_whose_lead_was_another_runs_is_given_back(world: World) -> None:
    (lead,) = world.waiting(1)
    world.resting(-1)
    probe = world.installation.take_probe

    def claimed_meanwhile(seen: float, until: float) -> bool:
        world.leads.claim(Attempt(AGENT, lead, "another"), "another run", now())
        return probe(seen, until)

    world.installation.take_probe = claimed_meanwhile  # type: ignore[method-assign]
    world.run()
    resume_at = world.installation.get_installation().resume_at
    assert world.called == []
    assert resume_at
    assert resume_at <= now()


# -- pace and time -----------------------------------------------------------------------------------------------------


def test_calls_wait_for_the_accounts_rate(world: World) -> None:
    waits = world.paced(1)
    world.waiting(2)
    world.run()
    assert [round(wait) for wait in waits] == [0, 1]


def test_a_rate_that_is_taken_for_long_stops_the_run_and_says_when_to_come_back(world: World) -> None:
    world.paced(1, patience=5)
    world.installation.take_slot(None, dialer_world.soon(20))
    world.waiting(2)
    world.run()
    assert world.called == []
    assert world.finished["reason"] == "rate"
    assert 15 < _next_in(world) <= 25


def test_no_call_starts_that_could_not_be_recorded_in_time(world: World) -> None:
    world.waiting(2)
    world.run(left_s=14)
    assert world.called == []
    assert world.finished["reason"] == "time"


def test_a_run_out_of_time_that_got_on_queues_its_continuation(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.waiting(2)
    late: list[float] = [0]
    monkeypatch.setattr("functions.dialer.run.now", lambda: now() + late[0])
    world.twilio.meanwhile = lambda: late.append(late.pop() + 20)
    world.run()
    assert world.called == [phone(0)]
    assert world.queue.runs == [(AGENT, "continue", "run")]


def test_a_run_out_of_time_that_did_nothing_does_not_go_round_in_circles(world: World) -> None:
    world.waiting(2)
    world.run(left_s=14)
    assert world.queue.runs == []


def test_a_run_that_ends_for_another_reason_queues_nothing(world: World) -> None:
    world.waiting(5)
    world.run()
    assert world.queue.runs == []


# -- overdue calls -----------------------------------------------------------------------------------------------------


def test_an_overdue_call_that_has_ended_leaves_its_line_to_the_next(world: World) -> None:
    lead = world.live(ago=600)
    world.claimed(index=91)
    world.waiting(3)
    world.twilio.known = [TwilioCall("CA9", "completed", SENDER, now() - 599, 30)]
    world.run()
    assert world.status(lead) == "completed"
    assert world.called == [phone(0)]


def test_overdue_calls_are_settled_even_while_paused(world: World) -> None:
    lead = world.live(ago=600)
    world.agents.update_profile(AGENT, {"paused": True})
    world.twilio.known = [TwilioCall("CA9", "completed", SENDER, now() - 599, 30)]
    world.run()
    assert world.status(lead) == "completed"
    assert world.events == ["call:completed", "autocall:finished"]


def test_no_more_overdue_calls_are_asked_about_than_there_is_time_for(world: World) -> None:
    for index in range(70, 80):
        world.claimed(600, index)
    world.run()
    assert len(world.twilio.asked) == 5
    world.twilio.asked.clear()
    world.run(left_s=9)
    assert world.twilio.asked == []


def test_overdue_calls_that_had_no_turn_are_asked_about_at_once(world: World) -> None:
    lead = world.live(ago=600)
    world.twilio.known = [TwilioCall("CA9", "completed", SENDER, now() - 599, 30)]
    world.run(left_s=9)
    assert world.status(lead) == "ringing"
    assert _next_in(world) <= 0


def test_a_call_that_comes_due_while_its_run_lasts_is_not_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by a random history: `next_at` was null, and the call held its line until the page was opened again."""
    lead = world.live()
    asked_at = parse(world.row(lead)["due"].removeprefix("busy#"))
    moments = chain([asked_at - 0.001] * 3, repeat(asked_at + 0.02))
    monkeypatch.setattr("functions.dialer.run.now", lambda: next(moments))
    world.run()
    assert world.twilio.asked == []
    assert parse(world.finished["next_at"]) <= asked_at + 0.1


# -- what the page hears -----------------------------------------------------------------------------------------------


def test_the_page_hears_what_will_be_called_before_the_first_call(world: World) -> None:
    world.waiting(3)
    world.waiting(1, first=3, due_in=600)
    world.run("leads:fetched")
    assert world.events == ["autocall:started", "call:started", "call:started", "autocall:finished"]
    assert world.told("autocall:started") == {"pending": 3, "held": {"later": 1}, "more": False}


@pytest.mark.parametrize("count", [50, 51, 60])
def test_a_long_list_is_counted_when_its_first_call_has_left(
    world: World, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """And before any page hears of that call; no lead is called twice for it, nor left out."""
    world.lines = 20
    world.waiting(count)
    pages, read, read_before_the_post = world.leads._index_pages, list[int](), list[int]()
    monkeypatch.setattr(
        world.leads, "_index_pages", lambda *asked: ((read.append(len(page[0])), page)[1] for page in pages(*asked))
    )
    world.twilio.meanwhile = lambda: read_before_the_post.append(sum(read))
    world.run("leads:fetched")
    assert read_before_the_post[0] == 50
    assert world.events[:2] == ["autocall:started", "call:started"]
    assert world.told("autocall:started") == {"pending": count, "held": {}, "more": False}
    assert world.called == [phone(index) for index in range(20)]


def test_a_long_list_is_counted_even_if_nobody_may_be_called(world: World) -> None:
    world.waiting(60)
    world.agents.update_profile(AGENT, {"paused": True})
    world.run("leads:fetched")
    assert world.told("autocall:started") == {"pending": 0, "held": {"paused": 60}, "more": False}


def test_who_is_on_the_page_that_was_read_to_count_is_called_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_PAGE", 5)
    world.lines = 20
    world.waiting(12)
    world.run("leads:fetched")
    assert world.called == [phone(index) for index in range(12)]
    assert world.told("autocall:started")["pending"] == 12


def test_the_start_is_told_only_to_who_asked_for_it(world: World) -> None:
    world.waiting(1)
    world.run("call ended")
    assert world.events == ["call:started", "autocall:finished"]


def test_every_tab_hears_of_every_call(world: World) -> None:
    world.tab("second")
    world.waiting(1)
    world.run()
    assert [to for to, event, _ in world.sockets.frames if event == "call:started"] == ["second", "tab"]


def test_no_event_carries_a_number(world: World) -> None:
    world.twilio.outcomes = [LEAD, Placed("CA" + "1" * 32), UNKNOWN]
    world.waiting(3, name="Ada")
    world.run("leads:fetched")
    said = repr(world.sockets.frames)
    assert "+1" not in said
    assert "Ada" not in said


# -- held leads do not hold up the others ------------------------------------------------------------------------------


def _slowly(world: World, monkeypatch: pytest.MonkeyPatch, name: str, seconds: float) -> list[float]:
    """Each such write takes so long, by the run's clock; the moments at which calls were asked for."""
    late, asked = [0.0], list[float]()
    monkeypatch.setattr("functions.dialer.run.now", lambda: now() + late[0])
    write = getattr(world.leads, name)

    def slow(*of: Any) -> Any:
        late[0] += seconds
        return write(*of)

    monkeypatch.setattr(world.leads, name, slow)
    world.twilio.meanwhile = lambda: asked.append(late[0])
    return asked


def test_who_may_be_called_is_called_before_it_is_noted_why_the_others_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.agents.update_profile(AGENT, {"window": ALL_DAY})
    held = world.waiting(150, zones=["nowhere"])
    world.waiting(2, first=150, zones=["DE/Etc/UTC"])
    asked = _slowly(world, monkeypatch, "hold", 0.02)
    world.run()
    assert (world.called, asked) == ([phone(150), phone(151)], [0, 0])
    assert 45 <= world.finished["held"] <= 55, "for a second; then the next run goes on"
    assert sum("held" in world.row(lead) for lead in held) == world.finished["held"]


def test_a_run_that_has_not_noted_all_queues_the_next_which_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.agents.update_profile(AGENT, {"window": ALL_DAY})
    held = world.waiting(150, zones=["nowhere"])
    _slowly(world, monkeypatch, "hold", 0.02)
    runs = 0
    while not runs or world.queue.runs:
        world.queue.runs.clear()
        world.run()
        runs += 1
    assert runs == 3
    dues = [world.row(lead)["due"] for lead in held]
    assert dues == sorted(set(dues)), "in calling order, whichever run has held them"
    assert _next_in(world) == pytest.approx(86_400, abs=5)


@pytest.mark.parametrize("busy", [True, False], ids=["every line is busy", "Twilio asks for patience"])
def test_a_run_that_cannot_call_on_does_not_go_round_in_circles(
    world: World, monkeypatch: pytest.MonkeyPatch, busy: bool
) -> None:
    """The end of a call, or the page at its time, lets the next one go on with what waits for its hours."""
    world.agents.update_profile(AGENT, {"window": ALL_DAY, "lines": 1})
    world.waiting(150, zones=["nowhere"])
    world.waiting(2, first=150, zones=["DE/Etc/UTC"])
    world.twilio.outcomes = [] if busy else [THROTTLED]
    _slowly(world, monkeypatch, "hold", 0.02)
    world.run()
    assert world.queue.runs == []
    assert _next_in(world) <= 60


# -- what a run was asked for ------------------------------------------------------------------------------------------


def test_a_run_takes_what_it_was_asked_for_before_it_looks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks after that finds no mark, and queues the next run: nobody may ask between the look and the taking."""
    steps = []
    take, look = world.queue.take, world.agents.get_agent
    monkeypatch.setattr(world.queue, "take", lambda user: (steps.append("take"), take(user))[1])
    monkeypatch.setattr(world.agents, "get_agent", lambda user: (steps.append("look"), look(user))[1])
    world.run()
    assert steps[:2] == ["take", "look"]


def test_a_page_that_asked_while_a_run_waited_hears_what_will_be_called(world: World) -> None:
    world.waiting(3)
    world.queue.causes = Causes(fetched=True)
    world.run("call ended")
    assert world.told("autocall:started")["pending"] == 3


# -- the probe ---------------------------------------------------------------------------------------------------------


def test_no_lead_is_risked_while_twilio_does_not_even_answer_a_question(world: World) -> None:
    world.waiting(3)
    world.resting(-1)
    world.twilio.unreachable = True
    world.run()
    assert (world.called, world.twilio.questions) == ([], 1)
    assert world.finished["reason"] == "unknown"
    assert _next_in(world) == 60
    assert world.installation.get_installation().resume_at == now() + 60, "and nobody else asks before"


def test_twilio_is_asked_nothing_unless_a_rest_is_over(world: World) -> None:
    world.waiting(3)
    world.run()
    assert world.twilio.questions == 0


def test_a_lead_that_twilio_has_refused_is_never_the_probe_while_there_is_another(world: World) -> None:
    first, _, _ = world.waiting(3)
    world.leads.hold(
        LeadKey(AGENT, first), world.row(first)["due"], "Twilio refused the call (29999)", now() - 900, now()
    )
    world.resting(-1)
    world.run()
    assert world.called == [phone(1), phone(2)]


def test_where_there_is_no_other_the_lead_that_twilio_has_refused_is_tried(world: World) -> None:
    (lead,) = world.waiting(1)
    world.leads.hold(
        LeadKey(AGENT, lead), world.row(lead)["due"], "Twilio refused the call (20003)", now() - 900, now()
    )
    world.resting(-1)
    world.run()
    assert world.called == [phone(0)]


def test_a_probe_that_meets_a_code_nobody_knows_leaves_it_to_the_next_lead(world: World) -> None:
    world.waiting(3)
    world.resting(-1)
    world.twilio.outcomes = [UNLISTED]
    world.run()
    assert world.called == [phone(0), phone(1), phone(2)]
    assert world.installation.get_installation().resume_at is None


def test_a_probe_that_only_met_such_a_code_leaves_it_to_the_next_run(world: World) -> None:
    world.waiting(1)
    world.resting(-1)
    world.twilio.outcomes = [UNLISTED]
    world.run()
    resume_at = world.installation.get_installation().resume_at
    assert resume_at
    assert resume_at <= now()


def test_one_bad_lead_of_one_agent_lets_nobody_rest_and_the_others_be_called(world: World) -> None:
    world.waiting(4)
    world.twilio.outcomes = [UNLISTED]
    world.run()
    assert world.called == [phone(0), phone(1), phone(2)]
    assert (world.finished["called"], world.finished["held"], world.finished["reason"]) == (2, 1, None)
    assert world.installation.get_installation().resume_at is None


# -- what the log tells ------------------------------------------------------------------------------------------------


def test_the_log_tells_how_many_wait_and_what_became_of_each_without_names_and_numbers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, Any]] = []
    monkeypatch.setattr(run.logger, "info", lambda message, extra: told.append((message, extra)))
    first, second = world.waiting(2, name="Ada")
    world.twilio.outcomes = [Placed("CA1"), THROTTLED]
    world.run("leads:fetched")
    assert [message for message, _ in told] == ["leads pending", "placed", "held"]
    assert (told[0][1]["pending"], [extra["lead_id"] for _, extra in told[1:]]) == (2, [first, second])
    assert not [word for word in ("Ada", phone(0), phone(1)) if word in repr(told)]


def test_a_run_whose_lines_are_full_is_not_out_of_time(world: World) -> None:
    world.live()
    world.claimed(index=91)
    world.waiting(1)
    world.run(left_s=1)
    assert world.finished["reason"] is None


def test_who_was_deleted_is_wanted_first_no_more(world: World) -> None:
    (lead,) = world.waiting(1)
    world.agents.put_first(AGENT, lead, now() - 1)
    assert world.leads.delete(LeadKey(AGENT, lead), AGENT, now()).won
    world.run()
    assert world.agents.get_agent(AGENT).first == {}


def _claims(world: World, first: Callable[[], object] = lambda: None) -> list[str]:
    """The leads that are claimed from now on, however often; *first* happens at the first claim."""
    claim, claimed = world.leads.claim, list[str]()

    def noted(attempt: Attempt, *about: Any) -> Any:
        if not claimed:
            first()
        claimed.append(attempt.lead)
        return claim(attempt, *about)

    world.leads.claim = noted  # type: ignore[method-assign]
    return claimed


def test_who_a_person_wants_called_is_claimed_once(world: World) -> None:
    wanted, other = world.waiting(2)
    world.agents.put_first(AGENT, wanted, now() - 1)
    claimed = _claims(world)
    world.run()
    assert claimed == [wanted, other]


def test_what_the_look_after_a_claim_has_read_holds_for_the_next_lead(world: World) -> None:
    """The agent's hours have ended meanwhile: it needs no claim to see that again."""
    first, second = world.waiting(2, zones=["DE/Europe/Berlin"])
    never = {"from": "09:00", "to": "09:01", "days": [(datetime.now(UTC).isoweekday() + 2) % 7 + 1]}
    claimed = _claims(world, lambda: world.agents.update_profile(AGENT, {"window": never}))
    world.run()
    assert claimed == [first]
    assert [world.row(lead)["held"]["reason"] for lead in (first, second)] == ["hours", "hours"]


def test_the_pages_are_shown_who_is_held_and_why(world: World) -> None:
    world.waiting(2, zones=["DE/Europe/Berlin"])
    never = {"from": "09:00", "to": "09:01", "days": [(datetime.now(UTC).isoweekday() + 2) % 7 + 1]}
    world.agents.update_profile(AGENT, {"window": never})
    world.run("leads:fetched")
    assert world.events == ["autocall:started", "call:status_updated", "call:status_updated", "autocall:finished"]
    assert world.told("autocall:started") == {"pending": 0, "held": {"hours": 2}, "more": False}


def test_the_lead_that_twilio_has_refused_is_no_probe_although_it_is_the_first(world: World) -> None:
    refused, _ = world.waiting(2)
    key = LeadKey(AGENT, refused)
    assert world.leads.hold(key, world.row(refused)["due"], "Twilio refused the call (29999)", now() - 2000, now()).won
    world.resting(-1)
    world.run()
    assert world.called[0] == phone(1)
