"""The numbers that calls are made from: one for each country, the same for a person, and none that rests."""

from collections.abc import Iterator
from typing import Any

import pytest

from autocall import reasons
from autocall.call_outcomes import Refused
from autocall.caller_id_table import REJECTED_IN_A_ROW, CallerIdTable
from autocall.caller_ids import FORMER, CallerIds, CallerIdState, Chosen
from autocall.leads import Attempt, Due, LeadKey, lead_id
from autocall.timing import DAY_S, HOUR_S, now, parse
from cdk.settings import BadSetting
from cdk.settings import parse as settings
from functions.dialer.agent_gate import AgentGate
from functions.status_webhook.caller_id_evidence import SHORT_S, CallerIdEvidence
from functions.status_webhook.status_callback import StatusCallback
from tests.faults.tables import AGENTS, Tables
from tests.unit.dialer_world import AGENT, SENDER, TIMING, World, world
from tests.unit.stopped_clock import stopped

BERLIN, SPARE, US, OTHERS = "+4930123456", "+4930123457", "+12015550199", "+442071234567"
SEVERAL = f"DE:{BERLIN},DE:{SPARE},US:{US},{OTHERS}"
GERMAN, AMERICAN, CANADIAN, FRENCH = "+4915112345678", "+12015550123", "+14165550123", "+33612345678"
NOW = 1_800_000_000.0
REFUSED = Refused("account", 21212, "Twilio refused the call (21212)")


# -- the setting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "number"), [(GERMAN, BERLIN), (AMERICAN, US), (CANADIAN, OTHERS), (FRENCH, OTHERS), ("+88212345", OTHERS)]
)
def test_a_country_is_called_from_its_own_number_and_all_others_from_the_default(phone: str, number: str) -> None:
    caller_ids = CallerIds.parse(SEVERAL)
    assert caller_ids.number_for(phone) == number
    assert caller_ids.choose(phone, "", {}, NOW) == Chosen(number)


def test_one_number_alone_is_for_everybody() -> None:
    caller_ids = CallerIds.parse(SENDER)
    assert {caller_ids.number_for(phone) for phone in (GERMAN, AMERICAN, FRENCH)} == {SENDER}
    assert (caller_ids.numbers, caller_ids.default) == ((SENDER,), SENDER)


@pytest.mark.parametrize(
    "text", [f"DE:{BERLIN}", "DE:", "+0123456", f"de:{BERLIN},{US}", f"{US},", f"{US} {BERLIN}", "DE:DE:+4930", "ada"]
)
def test_a_malformed_setting_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"^CALL_FROM "):
        CallerIds.parse(text)
    with pytest.raises(BadSetting, match=r"^call_from: "):
        settings({"call_from": text})


@pytest.mark.parametrize("text", [SENDER, SEVERAL, f"AT:{BERLIN},DE:{BERLIN},{US},{OTHERS}"])
def test_the_alarms_have_the_labels_that_the_metrics_have(text: str) -> None:
    """The CDK imports nothing of ours, so it makes them out by itself."""
    caller_ids = CallerIds.parse(text)
    assert settings({"call_from": text}).caller_id_labels == tuple(map(caller_ids.label, caller_ids.numbers))


def test_a_label_says_the_numbers_place_and_never_the_number() -> None:
    caller_ids = CallerIds.parse(f"{SEVERAL},{SENDER}")
    assert [caller_ids.label(number) for number in (BERLIN, SPARE, US, OTHERS, SENDER, "+12015550000")] == [
        *("DE", "DE-2", "US", "default", "default-2", FORMER)
    ]
    assert (caller_ids.named("DE-2"), caller_ids.named(US), caller_ids.named("FR")) == (SPARE, US, "")


@pytest.mark.parametrize(
    ("zones", "number"),
    [
        (["DE/Europe/Berlin"], BERLIN),
        (["US-FL/America/New_York", "US-FL/America/Chicago"], US),
        (["DE/Europe/Berlin", "AT/Europe/Vienna"], OTHERS),
        (["FR/Europe/Paris"], OTHERS),
        ([], OTHERS),
    ],
)
def test_the_zones_of_a_lead_say_which_number_will_probably_call_it(zones: list[str], number: str) -> None:
    assert CallerIds.parse(SEVERAL).guess(zones) == number


# -- which number calls ------------------------------------------------------------------------------------------------


def _rests(seconds: float) -> CallerIdState:
    return CallerIdState(rests_until=NOW + seconds)


@pytest.mark.parametrize(
    ("former", "states", "chosen"),
    [
        ("", {BERLIN: _rests(60)}, Chosen(SPARE)),
        ("", {BERLIN: _rests(60), SPARE: _rests(30)}, Chosen(BERLIN, NOW + 30)),
        ("", {BERLIN: _rests(0), SPARE: _rests(30)}, Chosen(BERLIN)),
        (OTHERS, {}, Chosen(OTHERS)),
        (SPARE, {}, Chosen(SPARE)),
        (BERLIN, {BERLIN: _rests(60)}, Chosen(BERLIN, NOW + 60)),
        ("+12015550000", {}, Chosen(BERLIN)),
    ],
    ids=["spare", "both rest", "rested", "keeps another's", "keeps the spare", "waits for its own", "a former number"],
)
def test_who_was_called_keeps_their_number_and_who_was_not_may_get_a_spare(
    former: str, states: dict[str, CallerIdState], chosen: Chosen
) -> None:
    assert CallerIds.parse(SEVERAL).choose(GERMAN, former, states, NOW) == chosen


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        made.call_from = SEVERAL
        yield made


def imports(here: World, phone: str = GERMAN) -> str:
    lead = lead_id(AGENT, phone)
    assert here.leads.create(LeadKey(AGENT, lead), {"phone": phone}, now() - 1000, now() - 1000).won
    return lead


def dials(here: World, lead: str, *zones: str) -> dict[str, Any]:
    """The lead's row after a run came to it."""
    here.dial.dial(AGENT, lead, "run", AgentGate(TIMING), zones)
    return here.row(lead)


def callers(here: World) -> list[str]:
    return [call["From"] for call in here.twilio.posted]


def rests(here: World, number: str, seconds: float = DAY_S) -> None:
    here.caller_ids.rest(number, reasons.STOPPED, now() + seconds, "operator", now())


@pytest.mark.parametrize("zones", [["DE/Europe/Berlin"], ["FR/Europe/Paris"], []], ids=["guessed", "wrong", "none"])
def test_a_lead_is_called_from_its_countrys_number_whatever_the_claim_could_guess(
    here: World, zones: list[str]
) -> None:
    row = dials(here, imports(here), *zones)
    assert callers(here) == [BERLIN]
    assert row["sender"] == BERLIN, "by which its call is found at Twilio"


def test_a_person_sees_the_same_number_again_also_if_their_country_has_got_one_since(here: World) -> None:
    here.call_from = OTHERS
    lead = imports(here)
    _again(here, lead)
    here.call_from = SEVERAL
    dials(here, lead, "DE/Europe/Berlin")
    assert callers(here) == [OTHERS, OTHERS]


def test_a_number_that_is_not_ours_any_more_calls_nobody_again(here: World) -> None:
    here.call_from = SENDER
    lead = imports(here)
    _again(here, lead)
    here.call_from = SEVERAL
    assert dials(here, lead, "DE/Europe/Berlin")["sender"] == BERLIN
    assert callers(here) == [SENDER, BERLIN]


def test_what_was_put_back_was_not_called_and_may_get_another_number(here: World) -> None:
    lead = imports(here)
    attempt = Attempt(AGENT, lead, "attempt")
    assert here.leads.claim(attempt, "run", now(), BERLIN).won
    assert here.leads.release(attempt, reasons.ABSENT, now(), now()).won
    rests(here, BERLIN)
    dials(here, lead, "DE/Europe/Berlin")
    assert callers(here) == [SPARE]


def test_a_lead_of_a_number_that_rests_waits_for_it_and_nobody_is_asked_to_call(here: World) -> None:
    rests(here, US, HOUR_S)
    row = dials(here, imports(here, AMERICAN), "US-NJ/America/New_York")
    assert (row["call_status"], row["held"]["reason"]) == ("pending", reasons.CALLER_ID)
    assert Due.of(row).moment == now() + HOUR_S
    assert callers(here) == []


def test_who_was_called_before_waits_for_their_number_although_there_is_a_spare(here: World) -> None:
    lead = imports(here)
    _again(here, lead)
    rests(here, BERLIN)
    assert dials(here, lead)["held"]["reason"] == reasons.CALLER_ID
    assert callers(here) == [BERLIN]


def test_a_row_that_somebody_has_changed_after_the_claim_is_not_called(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number cannot be written any more: then there is no POST, and what there is stands."""
    choose = here.leads.choose_sender

    def overtaken(attempt: Attempt, sender: str) -> Any:
        here.leads.mark_unknown(attempt, "asked meanwhile", now())
        return choose(attempt, sender)

    monkeypatch.setattr(here.leads, "choose_sender", overtaken)
    assert dials(here, imports(here))["call_status"] == "pending"
    assert callers(here) == []


def _again(here: World, lead: str) -> None:
    """The lead is called, nobody answers, and a person wants it called again."""
    row = dials(here, lead)
    assert here.leads.record_end(Attempt.of(row), row["call_sid"], "no-answer", "callback", now()).won
    assert here.leads.again(here.row(lead), AGENT, now()).won


# -- Twilio refuses a number -------------------------------------------------------------------------------------------


def test_a_number_that_twilio_refuses_rests_alone_and_its_lead_goes_out_from_the_spare(here: World) -> None:
    here.twilio.outcomes = [REFUSED]
    lead = imports(here)
    row = dials(here, lead)
    assert (row["call_status"], row["has_been_called"], row["calls"]) == ("pending", False, 0)
    assert here.caller_ids.get(BERLIN).rests_until == now() + HOUR_S
    assert not here.installation.get_installation().resume_at, "the others are called"
    dials(here, lead)
    assert callers(here) == [BERLIN, SPARE]


def test_without_a_spare_the_lead_waits_and_others_go_on(here: World) -> None:
    here.twilio.outcomes = [REFUSED]
    row = dials(here, imports(here, AMERICAN))
    assert (row["held"]["reason"], Due.of(row).moment) == (reasons.CALLER_ID, now() + HOUR_S)
    dials(here, imports(here))
    assert callers(here) == [US, BERLIN]


def test_the_only_number_refused_is_the_account_refused(here: World) -> None:
    here.call_from, here.twilio.outcomes = SENDER, [REFUSED]
    dials(here, imports(here))
    assert here.installation.get_installation().reason == reasons.account_refused(21212)


def test_a_number_that_an_operator_lets_rest_for_longer_stays_so(here: World) -> None:
    rests(here, BERLIN)
    stands = here.caller_ids.rest_if_refused(BERLIN, REFUSED.reason, now() + HOUR_S, now())
    assert (stands.rests_until, stands.by) == (now() + DAY_S, "operator")


# -- networks reject a number ------------------------------------------------------------------------------------------


@pytest.fixture
def table() -> Iterator[CallerIdTable]:
    with stopped():
        client: Any = Tables()
        yield CallerIdTable(client, AGENTS)


@pytest.fixture
def evidence(table: CallerIdTable) -> CallerIdEvidence:
    return CallerIdEvidence(CallerIds.parse(SEVERAL), table, TIMING)


def ends(
    sid: str, sip_code: str = "608", status: str = "failed", sender: str = BERLIN, *, doubted: bool = False
) -> StatusCallback:
    return StatusCallback("user", "lead", "attempt", sid, status, None, sip_code, sender, doubted)


def test_five_rejected_calls_in_a_row_let_their_number_rest_for_a_day(
    evidence: CallerIdEvidence, table: CallerIdTable
) -> None:
    rested = [evidence.note(ends(f"CA{call}", "607" if call else "608"), now()) for call in range(REJECTED_IN_A_ROW)]
    assert rested == [False, False, False, False, True], "one alarm"
    state = table.get(BERLIN)
    assert (state.rests_until, state.reason, state.rejected) == (now() + DAY_S, reasons.not_connected("607"), 0)
    assert table.get(SPARE) == CallerIdState()


def test_a_report_that_comes_again_is_one_call(evidence: CallerIdEvidence, table: CallerIdTable) -> None:
    assert not any(evidence.note(ends("CA1"), now()) for _ in range(2 * REJECTED_IN_A_ROW))
    assert table.get(BERLIN).rejected == 1


def test_a_report_that_comes_again_does_what_a_crash_has_left_undone(
    evidence: CallerIdEvidence, table: CallerIdTable
) -> None:
    """The fifth call was noted, and the function died before the number rested."""
    for call in range(REJECTED_IN_A_ROW):
        table.reject(BERLIN, f"CA{call}", now())
    assert evidence.note(ends("CA4"), now())
    assert table.get(BERLIN).rests_until > now()


def test_an_answered_call_that_was_made_in_doubt_ends_the_doubt(
    evidence: CallerIdEvidence, table: CallerIdTable
) -> None:
    evidence.note(ends("CA1"), now())
    evidence.note(ends("CA2", "200", "completed"), now())
    assert table.get(BERLIN).rejected == 1, "made before the doubt, so its callback asks for no write"
    evidence.note(ends("CA3", "480", "no-answer", doubted=True), now())
    assert table.get(BERLIN).rejected == 1, "nobody has answered"
    evidence.note(ends("CA4", "200", "completed", doubted=True), now())
    assert table.get(BERLIN).rejected == 0


def test_a_number_that_rests_gathers_no_evidence_and_begins_anew_after_that(
    evidence: CallerIdEvidence, table: CallerIdTable
) -> None:
    table.rest(BERLIN, reasons.STOPPED, now() + HOUR_S, "operator", now())
    assert not any(evidence.note(ends(f"CA{call}"), now()) for call in range(9))
    assert (table.get(BERLIN).rejected, table.get(BERLIN).by) == (0, "operator")
    assert not evidence.note(ends("CA9"), now() + HOUR_S)
    assert table.get(BERLIN).rejected == 1


@pytest.mark.parametrize(
    "callback",
    [
        ends("CA1", "603"),
        ends("CA1", "486", "busy"),
        ends("CA1", "608", "ringing"),
        ends("CA1", sender="+12015550000"),
        ends("CA1", ""),
    ],
    ids=["declined", "busy", "not over", "not ours", "no answer of a network"],
)
def test_nothing_else_is_evidence(evidence: CallerIdEvidence, table: CallerIdTable, callback: StatusCallback) -> None:
    assert not evidence.note(callback, now())
    assert table.get(callback.sender).rejected == 0


def test_only_a_call_in_doubt_asks_for_a_word_about_it(here: World) -> None:
    """So a number that nobody doubts costs no write."""
    dials(here, imports(here))
    here.caller_ids.reject(BERLIN, "CA1", now())
    dials(here, imports(here, "+4915112345679"))
    addresses = [call["StatusCallback"].partition("?attempt=")[2][32:] for call in here.twilio.posted]
    assert addresses == ["#rc=5&rp=all", "&doubted=1#rc=5&rp=all"]


@pytest.mark.parametrize(
    ("callback", "measured"),
    [
        (ends("CA1", "608"), {"declined_percent": 100}),
        (ends("CA1", "603", "busy"), {"declined_percent": 100}),
        (ends("CA1", "486", "busy"), {"declined_percent": 0}),
        (ends("CA1", "", "in-progress"), {}),
        (StatusCallback("u", "l", "a", "CA1", "completed", SHORT_S - 1), {"declined_percent": 0, "short_percent": 100}),
        (StatusCallback("u", "l", "a", "CA1", "completed", SHORT_S), {"declined_percent": 0, "short_percent": 0}),
        (StatusCallback("u", "l", "a", "CA1", "completed"), {"declined_percent": 0}),
    ],
)
def test_each_end_counts_for_the_shares_that_it_belongs_to(
    evidence: CallerIdEvidence, callback: StatusCallback, measured: dict[str, int]
) -> None:
    assert dict(evidence.percentages(callback)) == measured


@pytest.mark.parametrize(
    ("calls", "rests_until", "rests_now"),
    [
        (REJECTED_IN_A_ROW - 1, None, False),
        (REJECTED_IN_A_ROW, None, True),
        (REJECTED_IN_A_ROW, NOW - 1, True),
        (REJECTED_IN_A_ROW, NOW + 1, False),
    ],
)
def test_a_number_begins_one_rest_once_enough_of_its_calls_were_rejected(
    calls: int, rests_until: float | None, rests_now: bool
) -> None:
    client: Any = Tables()
    table = CallerIdTable(client, AGENTS)
    if rests_until is not None:
        table.rest_if_refused(SENDER, "refused", rests_until, NOW - DAY_S)
    for call in range(calls):
        table.reject(SENDER, f"CA{call}", NOW - HOUR_S if rests_until is None else NOW + 2)
    assert table.rest_if_rejected(SENDER, "rejected", NOW + DAY_S, NOW) is rests_now


def test_a_refusal_makes_a_rest_of_a_number_longer_and_never_shorter() -> None:
    client: Any = Tables()
    table = CallerIdTable(client, AGENTS)
    for until, stands in ((NOW + 60, NOW + 60), (NOW + 90, NOW + 90), (NOW + 30, NOW + 90)):
        table.rest_if_refused(SENDER, "refused", until, NOW)
        assert table.get(SENDER).rests_until == stands


def test_a_rest_ends_by_hand_and_with_it_what_was_noted(table: CallerIdTable) -> None:
    table.rest(BERLIN, reasons.STOPPED, now() + DAY_S, "operator", now())
    table.use_again(BERLIN)
    assert table.get(BERLIN) == CallerIdState()


def test_leads_that_wait_for_a_number_are_looked_at_again_when_it_is_mended(here: World) -> None:
    rests(here, US)
    lead = imports(here, AMERICAN)
    assert dials(here, lead)["held"]["reason"] == reasons.CALLER_ID
    here.caller_ids.use_again(US)
    here.run(cause="mended")
    assert callers(here) == [US]
    assert parse(here.row(lead)["placed_at"]) == now()


def test_the_page_is_told_when_a_lead_whose_number_rests_may_be_called(here: World) -> None:
    """Soon, if it goes out from another; else when the number's rest is over."""
    here.twilio.outcomes = [REFUSED, REFUSED]
    from_a_spare, without = imports(here), imports(here, AMERICAN)
    dial = [here.dial.dial(AGENT, lead, "run", AgentGate(TIMING)) for lead in (from_a_spare, without)]
    assert [result.until for result in dial] == [now() + TIMING.margin, now() + HOUR_S]
