"""One lead, called once: claimed, looked at again, posted once, and recorded before anything else."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from autocall import leads, reasons
from autocall.call_outcomes import NotSent, Outcome, Placed, Refused, Throttled, Unknown
from autocall.leads import Attempt, Due, LeadKey, number_hash
from autocall.timing import now
from tests.unit import dialer_world
from tests.unit.dialer_world import AGENT, World, phone

SID = "CA" + "7" * 32
UNKNOWN, THROTTLED, NOT_SENT = (
    Unknown(reasons.TIMEOUT, "ReadTimeout"),
    Throttled("patience"),
    NotSent("ConnectionError"),
)
LEAD, PERMISSION, ACCOUNT = (Refused(concerns, 21211, "why") for concerns in ("lead", "permission", "account"))
UNLISTED = Refused("unlisted", 29999, "Twilio refused the call (29999)")
ANOTHER = "another agent"


@pytest.fixture
def world() -> Iterator[World]:
    with dialer_world.world() as made:
        yield made


def _answered(world: World, outcome: Outcome) -> tuple[Any, dict[str, Any]]:
    lead = world.waiting()[0]
    world.twilio.outcomes = [outcome]
    return world.lead(lead), world.row(lead)


def _ahead(moment: str) -> float:
    return Due.parse(moment).moment - now()


def test_a_lead_is_claimed_before_it_is_posted(world: World) -> None:
    lead = world.waiting()[0]
    seen: list[str] = []
    world.twilio.meanwhile = lambda: seen.append(world.status(lead))
    world.lead(lead)
    assert seen == ["claimed"]


def test_the_callbacks_address_names_the_attempt_of_the_claim(world: World) -> None:
    lead = world.waiting()[0]
    world.lead(lead)
    address = world.twilio.posted[0]["StatusCallback"]
    attempt = world.row(lead)["attempt_id"]
    assert address == f"https://calls.example.com/twilio/status/{AGENT}/{lead}?attempt={attempt}#rc=5&rp=all"


@pytest.mark.parametrize(
    ("outcome", "status", "called", "prefix"),
    [
        (Placed(SID), "queued", True, "busy#"),
        (LEAD, "failed", True, ""),
        (PERMISSION, "pending", False, "wait#"),
        (ACCOUNT, "pending", False, "wait#"),
        (THROTTLED, "pending", False, "wait#"),
        (NOT_SENT, "pending", False, "wait#"),
        (UNKNOWN, "unknown", True, "busy#"),
    ],
    ids=lambda value: value.scope if isinstance(value, Refused) else type(value).__name__,
)
def test_every_answer_is_recorded_as_what_it_says(
    world: World, outcome: Outcome, status: str, called: bool, prefix: str
) -> None:
    dialled, row = _answered(world, outcome)
    assert (row["call_status"], row["has_been_called"], row.get("due", "")[:5]) == (status, called, prefix)
    assert dialled.written.won
    assert len(world.twilio.posted) == 1


@pytest.mark.parametrize("outcome", [Placed(SID), LEAD, UNKNOWN], ids=["placed", "refused", "unknown"])
def test_what_may_have_rung_is_never_posted_again(world: World, outcome: Outcome) -> None:
    lead = world.waiting()[0]
    world.twilio.outcomes = [outcome]
    told = [world.lead(lead).outcome for _ in range(3)]
    assert told[1:] == ["passed", "passed"]
    assert len(world.twilio.posted) == 1


@pytest.mark.parametrize(
    ("outcome", "stops"),
    [
        (Placed(SID), None),
        (LEAD, None),
        (PERMISSION, None),
        (ACCOUNT, "account refused (21211)"),
        (THROTTLED, "throttled"),
        (NOT_SENT, "unreachable"),
        (UNKNOWN, "unknown"),
    ],
    ids=lambda value: value.scope if isinstance(value, Refused) else type(value).__name__,
)
def test_only_what_concerns_other_leads_too_stops_the_run(world: World, outcome: Outcome, stops: str | None) -> None:
    dialled, _ = _answered(world, outcome)
    assert (dialled.stop.reason if dialled.stop else None) == stops
    assert not dialled.stop or dialled.stop.until > now()


def test_a_number_that_may_not_be_called_yet_waits_a_day(world: World) -> None:
    _, row = _answered(world, PERMISSION)
    assert _ahead(row["due"]) == 86400
    assert row["held"]["reason"] == "why"


@pytest.mark.parametrize(
    ("outcome", "stops"), [(NOT_SENT, [30] * 8), (THROTTLED, [2, 4, 8, 16, 30, 30, 30, 30])], ids=["not sent", "429"]
)
def test_what_is_not_for_a_leads_sake_leaves_it_in_its_place_until_it_has_come_again_and_again(
    world: World, outcome: Outcome, stops: list[float]
) -> None:
    """Then it steps back further each time, lest it hold up the others."""
    lead = world.waiting()[0]
    place, waits, said = world.row(lead)["due"], [], []
    for _ in range(8):
        world.twilio.outcomes = [outcome]
        dialled = world.lead(lead)
        due = world.row(lead)["due"]
        waits.append(0 if due == place else _ahead(due))
        said.append(dialled.stop.until - now())
        assert world.leads.hold(LeadKey(AGENT, lead), due, "test", now() - 1, now()).won
    assert waits == [0, 0, 0, 0, 0, 30, 60, 120]
    assert said == stops


# -- refusals by evidence ----------------------------------------------------------------------------------------------


def test_a_code_that_nobody_knows_is_that_leads_own_and_stops_nobody(world: World) -> None:
    dialled, row = _answered(world, UNLISTED)
    assert (dialled.outcome, dialled.stop, _ahead(row["due"])) == ("held", None, 300)
    assert row["held"]["reason"] == "Twilio refused the call (29999)"
    assert world.installation.get_installation().resume_at is None


def test_the_next_lead_of_another_agent_that_meets_the_same_code_shows_that_it_concerns_all(world: World) -> None:
    world.tab("another tab", agent=ANOTHER)
    world.twilio.outcomes = [UNLISTED, UNLISTED]
    (one,), (other,) = world.waiting(), world.waiting(agent=ANOTHER)
    assert world.lead(one).stop is None
    dialled = world.lead(other, ANOTHER)
    account = world.installation.get_installation()
    assert (account.resume_at, account.reason) == (now() + 300, "account refused (29999)")
    assert (dialled.stop.reason, dialled.stop.until) == ("account refused (29999)", now() + 300)
    assert dialled.metric == "refused_account", "which rings the alarm"


def test_a_list_whose_leads_meet_the_same_code_one_after_the_other_lets_its_agent_rest_and_nobody_else(
    world: World,
) -> None:
    world.tab("another tab", agent=ANOTHER)
    world.twilio.outcomes = [UNLISTED, UNLISTED]
    one, other, third = world.waiting(3)
    assert world.lead(one).stop is None
    dialled = world.lead(other)
    rests = ("Twilio refused the call (29999)", now() + 300)
    assert (dialled.stop.reason, dialled.stop.until) == rests
    assert dialled.metric == "refused_account", "which rings the alarm: there may be no other agent to show it"
    assert world.installation.get_installation().resume_at is None
    held = world.lead(third)
    assert (held.stop.reason, held.stop.until, len(world.twilio.posted)) == (*rests, 2)
    (theirs,) = world.waiting(agent=ANOTHER)
    assert world.lead(theirs, ANOTHER).outcome == "placed"


def test_a_call_that_twilio_serves_for_anybody_ends_the_rest_of_one_agent(world: World) -> None:
    """The account is well: the list goes on, lead by lead."""
    world.tab("another tab", agent=ANOTHER)
    world.twilio.outcomes = [UNLISTED, UNLISTED]
    one, other, third = world.waiting(3)
    world.lead(one)
    world.lead(other)
    world.lead(world.waiting(agent=ANOTHER)[0], ANOTHER)
    assert world.lead(third).outcome == "placed"


def test_an_agent_who_has_rested_tries_one_lead_and_rests_again_if_it_meets_the_same(world: World) -> None:
    one, other, third = world.waiting(3)
    world.installation.note_refusal(29999, one, AGENT, now() - 1)
    world.twilio.outcomes = [UNLISTED, UNLISTED]
    assert world.lead(other).stop.until == now() + 300
    assert world.lead(third).stop.until == now() + 300
    assert len(world.twilio.posted) == 1


def test_an_operators_word_ends_the_rest_of_one_agent(world: World) -> None:
    (one,) = world.waiting()
    world.installation.note_refusal(29999, one, AGENT, now() + 300)
    world.installation.set_breaker("resumed by an operator", now())
    assert not world.installation.get_installation().rests_alone(AGENT, now())


@pytest.mark.parametrize("between", [Placed(SID), LEAD, PERMISSION, Refused("unlisted", 28888, "another")])
def test_a_lead_between_them_that_met_anything_else_shows_that_it_does_not(world: World, between: Outcome) -> None:
    world.twilio.outcomes = [UNLISTED, between, UNLISTED]
    for lead in world.waiting(3):
        assert world.lead(lead).stop is None
    assert world.installation.get_installation().resume_at is None


def test_a_lead_that_meets_it_again_is_evidence_of_nothing_and_has_ended_after_its_last_try(world: World) -> None:
    lead, other = world.waiting(2)
    world.twilio.outcomes = [UNLISTED] * 6
    waits = []
    for _ in range(5):
        dialled = world.lead(lead)
        row = world.row(lead)
        waits.append(_ahead(row["due"]) if "due" in row else None)
        assert dialled.stop is None
        world.installation.note_refusal(29999, other, ANOTHER)
        world.leads.hold(LeadKey(AGENT, lead), row.get("due", ""), "test", now() - 1, now())
    assert waits == [300, 1200, 4800, 19200, None]
    assert (world.status(lead), world.row(lead)["reason"]) == ("failed", "Twilio refused the call (29999)")
    assert world.installation.get_installation().resume_at is None


def _blocked_again_and_again(world: World, lead: str, before: Callable[[], object]) -> list[str]:
    statuses = []
    for _ in range(6):
        before()
        world.twilio.outcomes = [Refused("permission", 21216, "Twilio refused the call (21216)")]
        world.lead(lead)
        statuses.append(world.status(lead))
        world.leads.hold(LeadKey(AGENT, lead), world.row(lead).get("due", ""), "test", now() - 1, now())
    return statuses


def test_a_number_that_twilio_blocks_alone_has_ended_after_its_last_try(world: World) -> None:
    lead = world.waiting()[0]
    statuses = _blocked_again_and_again(world, lead, lambda: None)
    assert statuses == ["pending"] * 4 + ["failed"] * 2
    assert world.row(lead)["reason"] == "Twilio refused the call (21216)"


def test_while_twilio_blocks_every_number_none_of_them_ends(world: World) -> None:
    """An account without a customer profile: a person mends it, and all are called."""
    lead, other = world.waiting(2)
    statuses = _blocked_again_and_again(world, lead, lambda: world.installation.note_refusal(21216, other, ANOTHER))
    assert statuses == ["pending"] * 6


def test_a_refused_account_lets_the_whole_installation_rest(world: World) -> None:
    _answered(world, ACCOUNT)
    account = world.installation.get_installation()
    assert account.resume_at == now() + 300
    assert account.reason == "account refused (21211)"


def test_the_lead_with_which_the_account_is_refused_waits_longer_each_time_and_the_others_do_not(world: World) -> None:
    """It may be the only one that Twilio refuses: others probe in between."""
    lead = world.waiting()[0]
    waits = []
    for _ in range(3):
        world.twilio.outcomes = [ACCOUNT]
        dialled = world.lead(lead)
        row = world.row(lead)
        waits.append((_ahead(row["due"]), dialled.stop.until - now()))
        world.installation.set_breaker("over", now())
        assert world.leads.hold(LeadKey(AGENT, lead), row["due"], "test", now() - 1, now()).won
    assert waits == [(300, 300), (600, 300), (1200, 300)]


def test_a_second_look_that_fails_leaves_the_lead_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is certain that nothing was sent: an error of AWS between claim and POST must not make it unknown."""

    (lead,) = world.waiting()
    monkeypatch.setattr(world.installation, "get_before_call", _throttled)
    with pytest.raises(ClientError):
        world.lead(lead)
    row = world.row(lead)
    assert (row["call_status"], row["has_been_called"], row["held"]["reason"]) == ("pending", False, "interrupted")
    assert world.called == []


def test_a_refused_lead_waits_again_though_the_rest_cannot_be_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> Any:
        raise ClientError({"Error": {"Code": "InternalServerError", "Message": ""}}, "UpdateItem")

    (lead,) = world.waiting()
    world.twilio.outcomes = [ACCOUNT]
    monkeypatch.setattr(world.installation, "open_breaker", down)
    with pytest.raises(ClientError):
        world.lead(lead)
    assert world.status(lead) == "pending"


def test_a_call_that_is_not_the_rows_is_kept_as_evidence(world: World) -> None:
    """A callback of another call with our attempt was first: one request has become two calls."""
    (lead,) = world.waiting()

    def rings() -> None:
        attempt = world.row(lead)["attempt_id"]
        assert world.leads.record_live(Attempt(AGENT, lead, attempt), "CA9", "ringing", "callback", now()).won

    world.twilio.meanwhile, world.twilio.outcomes = rings, [Placed(SID)]
    world.lead(lead)
    assert world.row(lead)["call_sid"] == "CA9"
    assert [stray["call_sid"] for stray in world.row(lead)["strays"]] == [SID]


def test_a_claim_keeps_the_number_that_it_is_called_from(world: World) -> None:
    (lead,) = world.waiting()
    world.lead(lead)
    assert world.row(lead)["sender"] == dialer_world.SENDER


def test_the_third_unknown_in_a_row_lets_the_whole_installation_rest(world: World) -> None:
    rests = []
    for lead in world.waiting(3):
        world.twilio.outcomes = [UNKNOWN]
        world.lead(lead)
        rests.append(world.installation.get_installation().resume_at is not None)
    assert rests == [False, False, True]


@pytest.mark.parametrize("outcome", [Placed(SID), LEAD], ids=["placed", "refused"])
def test_an_answer_as_usual_ends_the_streak(world: World, outcome: Outcome) -> None:
    world.twilio.outcomes = [UNKNOWN, UNKNOWN, outcome, UNKNOWN]
    for lead in world.waiting(4):
        world.lead(lead)
    account = world.installation.get_installation()
    assert (account.consecutive_unknowns, account.resume_at) == (1, None)


# -- the second look ---------------------------------------------------------------------------------------------------


def _pause(world: World) -> None:
    world.agents.update_profile(AGENT, {"paused": True})


def _leave(world: World) -> None:
    world.agents.disconnect(AGENT, "tab")


def _forbid(world: World) -> None:
    world.installation.add_to_dnc([number_hash(phone(0))], "admin", now())


def _rest(world: World) -> None:
    world.resting(60)


@pytest.mark.parametrize(
    ("change", "outcome"), [(_pause, "paused"), (_leave, "absent"), (_forbid, "dnc"), (_rest, "unknown")]
)
def test_what_changed_before_the_claim_was_written_stops_the_post(
    world: World, change: Callable[[World], None], outcome: str
) -> None:
    lead = world.waiting()[0]
    change(world)
    world.lead(lead)
    row = world.row(lead)
    assert world.twilio.posted == []
    assert (row["call_status"], row["has_been_called"], row["held"]["reason"]) == ("pending", False, outcome)


@pytest.mark.parametrize("change", [_pause, _leave, _rest])
def test_a_lead_that_is_put_back_keeps_its_place(world: World, change: Callable[[World], None]) -> None:
    lead = world.waiting()[0]
    place = world.row(lead)["due"]
    change(world)
    world.lead(lead)
    assert world.row(lead)["due"] == place
    reason = world.row(lead)["held"]["reason"]
    assert leads.hold_view(world.row(lead)) == {"reason": reason, "until": None, "needs_person": False}


def test_the_second_look_is_after_the_claim(world: World) -> None:
    lead = world.waiting()[0]
    seen: list[str] = []
    look = world.agents.get_agent

    def noting(user: str) -> Any:
        seen.append(world.status(lead))
        return look(user)

    world.agents.get_agent = noting  # type: ignore[method-assign]
    world.lead(lead)
    assert seen == ["claimed"]


def test_a_closed_hour_is_seen_after_the_claim_too() -> None:
    with dialer_world.world("default") as world:
        lead = world.waiting(zones=["nowhere"])[0]
        assert world.lead(lead).outcome == "held"
        assert world.twilio.posted == []
        assert world.row(lead)["held"]["reason"] == "zone"


def test_a_lead_that_is_not_to_be_called_is_parked(world: World) -> None:
    lead = world.waiting()[0]
    world.leads.add_to_dnc(LeadKey(AGENT, lead), phone(0), AGENT, now())
    assert world.lead(lead).outcome == "parked"
    assert "due" not in world.row(lead)
    assert world.twilio.posted == []


# -- callbacks that overtake the answer --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["ringing", "in-progress", "completed"])
def test_a_callback_that_overtakes_the_answer_is_not_set_back(world: World, status: str) -> None:
    lead = world.waiting()[0]

    def overtake() -> None:
        attempt = world.row(lead)["attempt_id"]
        write = world.leads.record_end if status == "completed" else world.leads.record_live
        assert write(Attempt(AGENT, lead, attempt), SID, status, "callback", now()).won

    world.twilio.meanwhile = overtake
    world.twilio.outcomes = [Placed(SID)]
    dialled = world.lead(lead)
    assert not dialled.written.won
    assert world.status(lead) == status


def test_a_call_that_rang_although_its_answer_was_lost_is_not_unknown(world: World) -> None:
    lead = world.waiting()[0]
    world.twilio.meanwhile = lambda: world.leads.record_live(
        Attempt(AGENT, lead, world.row(lead)["attempt_id"]), SID, "ringing", "callback", now()
    )
    world.twilio.outcomes = [UNKNOWN]
    world.lead(lead)
    assert world.status(lead) == "ringing"


@pytest.mark.parametrize("outcome", [LEAD, THROTTLED, ACCOUNT], ids=["refused", "throttled", "account"])
def test_a_call_that_rang_is_not_put_back_whatever_the_answer_says(world: World, outcome: Outcome) -> None:
    lead = world.waiting()[0]
    world.twilio.meanwhile = lambda: world.leads.record_live(
        Attempt(AGENT, lead, world.row(lead)["attempt_id"]), SID, "ringing", "callback", now()
    )
    world.twilio.outcomes = [outcome]
    world.lead(lead)
    assert (world.status(lead), world.row(lead)["has_been_called"]) == ("ringing", True)


# -- one line under two numbers, each a lead of release 1.0.0 ----------------------------------------------------------

MOBILE, SAME_MOBILE = "+5491123456789", "+541123456789"


def _former(world: World, number: str) -> str:
    """A lead as release 1.0.0 made one: its id is a hash of the very number."""
    lead = leads._short_hash(f"{AGENT}\n{number}")
    assert world.leads.create(LeadKey(AGENT, lead), {"phone": number}, now() - 1000, now() - 1000).won
    return lead


@pytest.mark.parametrize("numbers", [(MOBILE, SAME_MOBILE), (SAME_MOBILE, MOBILE)])
def test_a_line_that_was_called_under_another_spelling_is_not_called_again(
    world: World, numbers: tuple[str, str]
) -> None:
    first, second = (_former(world, number) for number in numbers)
    world.lead(first)
    world.lead(second)
    assert world.called == [numbers[0]]
    assert world.row(second)["held"]["reason"] == reasons.SAME_LINE
    assert world.row(second)["has_been_called"] is False


def test_of_two_leads_of_one_line_that_only_wait_either_is_called(world: World) -> None:
    first, _ = _former(world, MOBILE), _former(world, SAME_MOBILE)
    world.lead(first)
    assert world.called == [MOBILE]


def test_a_line_that_is_being_called_under_another_spelling_is_not_called(world: World) -> None:
    first, second = _former(world, MOBILE), _former(world, SAME_MOBILE)
    assert world.leads.claim(Attempt(AGENT, first, "mine"), "another run", now()).won
    world.lead(second)
    assert world.called == []


def test_a_line_that_its_agent_forbade_under_another_spelling_is_not_called(world: World) -> None:
    first, second = _former(world, MOBILE), _former(world, SAME_MOBILE)
    world.leads.add_to_dnc(LeadKey(AGENT, first), MOBILE, AGENT, now())
    world.lead(second)
    assert (world.called, world.row(second)["held"]["reason"]) == ([], reasons.DNC)


@pytest.mark.parametrize("listed", [MOBILE, SAME_MOBILE])
def test_an_entry_of_the_installations_list_holds_for_every_spelling(world: World, listed: str) -> None:
    """Release 1.0.0 kept a hash of the very number."""
    world.installation.add_to_dnc([leads._short_hash(listed)], "admin", now())
    for number in (MOBILE, SAME_MOBILE):
        world.lead(_former(world, number))
    assert world.called == []


def test_two_numbers_that_twilio_blocks_one_beside_the_other_both_wait_on(world: World) -> None:
    """Each shows that the other is not blocked alone; the calls of another agent in between change nothing of that."""
    leads_of_both = world.waiting(2)
    for _ in range(6):
        for lead in leads_of_both:
            world.twilio.outcomes = [Refused("permission", 21216, "Twilio refused the call (21216)")]
            world.lead(lead)
            assert world.status(lead) == "pending"
            world.leads.hold(LeadKey(AGENT, lead), world.row(lead)["due"], "test", now() - 1, now())


def test_the_last_try_of_a_number_that_is_blocked_shows_the_next_that_it_is_not_alone(world: World) -> None:
    lead, other = world.waiting(2)

    def something_else_in_between() -> None:
        if world.status(lead) == "pending":
            world.installation.note_refusal(29999, other, ANOTHER)

    assert _blocked_again_and_again(world, lead, something_else_in_between)[-2:] == ["failed", "failed"]
    assert world.installation.get_installation().met_by_another(21216, other)


def test_a_place_that_the_account_may_not_call_is_tried_again_for_ever(world: World) -> None:
    """A person permits it some day; it is no evidence about the number, nor about another."""
    (lead,) = world.waiting()
    for _ in range(6):
        world.twilio.outcomes = [Refused("permission", 21215, "Twilio refused the call (21215)")]
        world.lead(lead)
        assert world.status(lead) == "pending"
        assert world.installation.get_installation().refused_code is None
        world.leads.hold(LeadKey(AGENT, lead), world.row(lead)["due"], "test", now() - 1, now())


def test_a_call_whose_callback_is_first_is_no_alarm(world: World, logged: io.StringIO) -> None:
    (lead,) = world.waiting()
    world.twilio.meanwhile = lambda: world.leads.record_live(
        Attempt(AGENT, lead, world.row(lead)["attempt_id"]), SID, "ringing", "callback", now()
    )
    world.twilio.outcomes = [Placed(SID)]
    world.lead(lead)
    assert "ONCE-005" not in logged.getvalue()
    assert "strays" not in world.row(lead)


def test_an_error_keeps_a_leads_place_the_first_time_and_lets_it_wait_the_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lead,) = world.waiting()
    monkeypatch.setattr(world.installation, "get_before_call", _throttled)
    with pytest.raises(ClientError):
        world.lead(lead)
    assert _ahead(world.row(lead)["due"]) == -1000
    with pytest.raises(ClientError):
        world.lead(lead)
    assert _ahead(world.row(lead)["due"]) > 0


def test_a_row_of_the_first_release_that_is_being_called_counts_as_called(world: World) -> None:
    """Whatever it says of how often."""
    first, second = _former(world, MOBILE), _former(world, SAME_MOBILE)
    key = {"user_id": {"S": AGENT}, "lead_id": {"S": first}}
    world.leads._client.put_item(TableName="Leads", Item={**key, "call_status": {"S": "unknown"}, "calls": {"N": "0"}})
    world.lead(second)
    assert world.called == []
    assert world.row(second)["held"]["reason"] == reasons.SAME_LINE


def _throttled(*_: str, **__: float) -> Any:
    raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "BatchGetItem")
