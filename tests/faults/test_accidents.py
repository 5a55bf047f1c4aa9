"""Accidents that other dialers have had, as they were reported in public, tried on this one.

Those of duplicate calls, of calls that are stuck, and of callbacks that are lost; each test names its report.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from autocall import leads
from autocall.leads import DUE_LINE, FINAL, Attempt
from tests.faults.effects import Fault
from tests.faults.world import PHONES, SENDER, TIMES, USERS, World, world

ONE, TWO, THREE = PHONES[:3]
DAY_S = 86_400
TAB = "ada-0"


@contextmanager
def three_wait() -> Iterator[World]:
    """Three leads wait, a page is open, one run is queued."""
    with world() as made:
        made.imports(ONE, TWO, THREE)
        made.open_tab()
        made.messages.messages = made.messages.messages[-1:]
        yield made


@pytest.fixture
def here() -> Iterator[World]:
    with three_wait() as made:
        yield made


def effects_of_a_run() -> list[str]:
    with three_wait() as clean:
        clean.effects.named = True
        invocation = clean.run()
        assert invocation
        return invocation.effects


EFFECTS = effects_of_a_run()


def status(here: World, phone: str) -> str:
    return str(here.row(phone)["call_status"])


def ask_again(here: World) -> None:
    """The page asks as it was told to, and the run is done."""
    here.wait(1)
    here.frame(TAB, "leads:fetched")
    while here.run():
        pass


# -- duplicate calls ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(len(EFFECTS)), ids=[f"{at} {name}" for at, name in enumerate(EFFECTS)])
def test_runs_that_overlap_over_a_stale_list_call_nobody_twice(here: World, at: int) -> None:
    """51 calls instead of 3, juspay/clairvoyance#668; a message whose visibility had passed, spring-cloud-aws#196."""
    message = here.messages.messages[0].body

    def side_by_side() -> None:
        here.messages.send_message(MessageBody=message, MessageGroupId="another group")
        here.run()

    here.run(Fault("meanwhile", at, side_by_side))
    here.check()
    assert sum(here.twilio.made(phone) for phone in PHONES) >= 2
    here.rest()


def test_a_dialer_that_restarts_again_and_again_calls_nobody_again(here: World) -> None:
    """Ten calls in 48 minutes after restarts, openclaw/openclaw#48739."""
    for _ in range(10):
        here.run(Fault("killed after", EFFECTS.index("place")))
        here.check()
        here.wait(4.8 * 60)
        here.frame(TAB, "leads:fetched")
    here.rest()
    assert here.twilio.made(ONE) == 1
    assert all(here.twilio.made(phone) or status(here, phone) == "unknown" for phone in (TWO, THREE))


def test_a_request_that_timed_out_after_the_call_was_made_is_never_repeated(here: World) -> None:
    """Created again on a timeout or 5xx, elizaOS/eliza#22382 and #22384; plivo/plivo-node#177."""
    here.twilio.answer, here.twilio.silent, here.twilio.lists_after = "lost, call made", True, 2 * DAY_S
    here.run()
    called = [phone for phone in PHONES if here.twilio.made(phone)]
    for _ in range(40):
        here.wait(3600)
        ask_again(here)
        here.check()
    assert [here.twilio.made(phone) for phone in called] == [1] * len(called)


def test_an_unknown_outcome_offers_no_second_call_while_it_may_still_be_known(here: World) -> None:
    """Shown as an error with "Call again", elizaOS/eliza#24838."""
    here.twilio.answer = "lost, call made"
    here.run()
    assert status(here, ONE) == "unknown"
    assert here.release(ONE) == "too_early"
    here.twilio.becomes(here.twilio.calls[0], "ringing")
    here.callback(here.twilio.callbacks[0])
    assert status(here, ONE) == "ringing"
    assert here.release(ONE) == "not_releasable"


def test_a_caller_whose_request_timed_out_learns_the_calls_id_from_its_callback(here: World) -> None:
    """The server placed the call and the caller never learned its id, CALLE-AI/awesome-phone-call-agents#150."""
    here.twilio.answer = "lost, call made"
    here.run()
    assert "call_sid" not in here.row(ONE)
    here.twilio.becomes(here.twilio.calls[0], "busy")
    here.callback(here.twilio.callbacks[0])
    assert (here.row(ONE)["call_sid"], status(here, ONE)) == (here.twilio.calls[0].sid, "busy")


def test_a_list_that_comes_again_calls_nobody_a_second_time(here: World) -> None:
    """A lead answered twice in two minutes, Vacademy-io/vacademy_platform#2790."""
    here.rest()
    here.imports(ONE, TWO, THREE)
    here.rest()
    assert [here.twilio.made(phone) for phone in (ONE, TWO, THREE)] == [1, 1, 1]


@pytest.mark.parametrize("at", range(6))
def test_two_imports_at_once_make_one_lead_of_a_number(at: int) -> None:
    """The second import makes every contact twice, shridarpatil/whatomate#562; frappe/crm#1296."""
    with world() as here:
        here.open_tab()
        here.imports(ONE, TWO, fault=Fault("meanwhile", at, lambda: here.imports(TWO, ONE) and None))
        here.rest()
        assert [here.twilio.made(phone) for phone in (ONE, TWO)] == [1, 1]


def test_a_callback_that_comes_twice_starts_no_second_call_of_its_lead(here: World) -> None:
    """Each replayed callback dials again, as kaiquelupo/twilio-power-dialer reads."""
    here.run()
    here.twilio.becomes(here.twilio.calls[0], "busy")
    for _ in range(5):
        here.callback(here.twilio.callbacks[0], again=True)
        while here.run():
            here.check()
    here.rest()
    assert here.twilio.made(ONE) == 1


def test_a_claim_that_the_sdk_repeats_after_a_lost_answer_is_still_won(here: World) -> None:
    """ConditionalCheckFailed on one's own write: the lead is silently never called, aws/aws-sdk-java#2667."""
    here.run(Fault("answer lost, sent again", EFFECTS.index("claim")))
    assert here.twilio.made(ONE) == 1
    assert status(here, ONE) == "queued"


def test_a_slow_request_is_not_made_again_while_it_may_still_be_answered(here: World) -> None:
    """POST is not safe to retry after the client's own timeout, twilio/twilio-ruby#519."""
    message = here.messages.messages[0].body

    def another_run() -> None:
        here.wait(TIMES.post - 1)
        here.messages.send_message(MessageBody=message, MessageGroupId="another group")
        here.run()

    here.run(Fault("meanwhile", EFFECTS.index("place"), another_run))
    assert here.twilio.made(ONE) == 1
    here.rest()


def test_a_message_that_comes_twice_makes_one_call(here: World) -> None:
    """Each call-in triggers two calls, instedd/verboice#473."""
    body, group = here.messages.messages[0].body, here.messages.messages[0].group
    here.messages.send_message(MessageBody=body, MessageGroupId=group)
    while here.run():
        here.check()
    assert [here.twilio.made(phone) for phone in (ONE, TWO, THREE)] == [1, 1, 0]
    here.rest()


def test_a_run_of_one_agent_calls_no_lead_of_another() -> None:
    """A batch mixes message groups, aws-powertools/powertools-lambda-python#2981: ours takes one message at a time."""
    with world(users=USERS) as here:
        for user, phone in zip(USERS, (ONE, PHONES[3]), strict=True):
            here.imports(phone)
            here.open_tab(user=user)
        for message in here.messages.messages:
            message.group = "one group"
        here.messages.messages = [message for message in here.messages.messages if USERS[1] in message.body]
        while here.run():
            pass
        assert [here.twilio.made(phone) for phone in (ONE, PHONES[3])] == [0, 1]
        here.rest()


@pytest.mark.parametrize("at", range(EFFECTS.index("claim")))
def test_a_process_that_dies_before_it_has_dialled_loses_no_lead(here: World, at: int) -> None:
    """The message is deleted before the call, so a crash loses the contact: aws-samples/amazon-connect-power-dialer."""
    here.run(Fault("killed after", at))
    assert here.messages.messages
    here.rest()
    assert here.twilio.made(ONE) == 1


# -- stuck calls -------------------------------------------------------------------------------------------------------


def test_a_call_whose_end_is_never_told_ends_all_the_same(here: World) -> None:
    """Terminal webhooks that never arrive, openclaw/openclaw#18437; "in-progress" for five days, CALLE-AI#97."""
    here.run()
    here.twilio.becomes(here.twilio.calls[0], "in-progress")
    here.callback(here.twilio.callbacks[0])
    here.twilio.silent = True
    here.twilio.becomes(here.twilio.calls[0], "completed")
    here.wait(TIMES.check_in_progress_at(0) + 1)
    ask_again(here)
    assert status(here, ONE) == "completed"


def test_callbacks_that_expire_while_they_are_queued_are_asked_for(here: World) -> None:
    """Slow handling makes them expire, Twilio's errors 15002 and 15003; they may fail, so poll: Exotel's documents."""
    here.run()
    for reached in ("ringing", "in-progress", "no-answer"):
        here.twilio.becomes(here.twilio.calls[0], reached)
    here.twilio.callbacks.clear()
    here.wait(TIMES.check_ringing_at(0) + 1)
    ask_again(here)
    assert status(here, ONE) == "no-answer"


def test_a_lead_that_hangs_in_the_middle_is_a_persons_to_settle(here: World) -> None:
    """Stuck in connecting or ringing, with no manual override: Epharmix/varys-issues#156 and #58."""
    here.twilio.answer = "lost, no call"
    here.run()
    here.twilio.answer = "placed"
    here.wait(TIMES.give_up_after + 1)
    ask_again(here)
    assert leads.can_release(here.row(ONE))
    assert here.release(ONE) == "ok"
    here.rest()
    assert status(here, ONE) == "completed"


def test_a_long_call_is_not_ended_by_the_clock(here: World) -> None:
    """The reaper killed calls that lived, at 120 seconds, openclaw/openclaw#79121."""
    here.run()
    here.twilio.becomes(here.twilio.calls[0], "in-progress")
    here.callback(here.twilio.callbacks[0])
    here.twilio.callbacks.clear()
    for _ in range(10):
        here.wait(600)
        ask_again(here)
    assert status(here, ONE) == "in-progress"
    assert here.row(ONE)["due"].startswith(DUE_LINE)


def test_stale_calls_do_not_hold_up_those_that_wait(here: World) -> None:
    """Stale rows block every new call, openclaw/openclaw#6721, #9707, #129473; a slot leaks, dograh-hq/dograh#737."""
    here.twilio.silent = True
    here.run()
    for call in here.twilio.calls:
        here.twilio.becomes(call, "no-answer")
    assert here.twilio.made(THREE) == 0
    here.wait(TIMES.check_ringing_at(0) + 1)
    ask_again(here)
    assert here.twilio.made(THREE) == 1


def test_without_callbacks_an_unanswered_call_is_asked_about_within_a_minute(here: World) -> None:
    """Two to ten minutes of waiting without status callbacks, instedd/verboice#938."""
    here.run()
    finished = [frame["data"] for frame in here.sockets.frames[TAB] if frame["event"] == "autocall:finished"]
    assert finished[-1]["next_at"] == here.row(ONE)["due"].removeprefix(DUE_LINE)
    assert TIMES.check_ringing_at(0) <= 60


def test_a_message_that_always_fails_does_not_hold_up_the_next(here: World) -> None:
    """One bad message blocks its group, drake#11192."""
    bad = here.messages.messages[0]
    while bad not in here.messages.dead:
        here.run(Fault("5xx", 0))
        here.wait(3 * TIMES.function + 1)
    here.rest()
    assert [here.twilio.made(phone) for phone in (ONE, TWO, THREE)] == [1, 1, 1]


def test_a_list_that_is_asked_for_again_within_minutes_is_looked_at_again(here: World) -> None:
    """The deduplication window of FIFO queues swallows what looks like a repeat."""
    here.rest()
    tab = next(iter(here.sockets.open))
    for _ in range(2):
        here.wait(1)
        here.frame(tab, "leads:fetched")
        assert here.run()


# -- callbacks out of order --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", ["initiated", "ringing", "in-progress"])
def test_a_callback_that_comes_after_the_end_changes_nothing(here: World, late: str) -> None:
    """twilio-labs/twilio-firebase-extensions#21, Nexmo/nexmo-developer#1653; ringing after the end, CALLE-AI#112."""
    here.run()
    for reached in (late, "completed"):
        here.twilio.becomes(here.twilio.calls[0], reached)
    first, last = here.twilio.callbacks
    here.callback(last)
    ended = here.row(ONE)
    here.callback(first)
    assert here.row(ONE) == ended
    assert ended["call_status"] in FINAL


def test_every_kind_of_callback_is_asked_for_by_a_field_of_its_own(here: World) -> None:
    """Stuck at "initiated", for the events were sent joined by spaces: vellum-ai/vellum-assistant#6044.

    "initiated" itself is not asked for: it says nothing that the POST's answer, or the next callback, does not.
    """
    asked = here._dialer.dialer.options.params(Attempt("ada", "lead", "attempt"), ONE, SENDER)
    assert asked["StatusCallbackEvent"] == ["ringing", "answered", "completed"]


# -- one run that waits ------------------------------------------------------------------------------------------------


def effects_of_a_run_that_finds_nothing() -> list[str]:
    with _nothing_to_call() as here:
        here.effects.named = True
        invocation = here.run()
        assert invocation
        return invocation.effects


@contextmanager
def _nothing_to_call() -> Iterator[World]:
    """A page is open, and has asked for a run."""
    with world() as here:
        here.open_tab()
        yield here


IDLE = effects_of_a_run_that_finds_nothing()


@pytest.mark.parametrize("at", range(len(IDLE)), ids=[f"{at} {name}" for at, name in enumerate(IDLE)])
def test_whatever_is_asked_for_while_a_run_goes_on_is_seen_by_it_or_by_the_next(at: int) -> None:
    """A wake-up that is lost between the look and the sleep: nobody asks again, for nothing was due."""
    with _nothing_to_call() as here:
        here.run(Fault("meanwhile", at, lambda: here.imports(ONE) and None))
        while here.run():
            pass
        assert here.twilio.made(ONE) == 1


def test_a_lost_message_costs_no_more_than_the_longest_run() -> None:
    """The mark says that one is on its way; after 30 s it says nothing any more."""
    with world() as here:
        here.imports(ONE)
        here.messages.messages.clear()
        tab = here.open_tab()
        assert not here.messages.messages
        here.wait(TIMES.function + 1)
        here.frame(tab, "leads:fetched")
        while here.run():
            pass
        assert here.twilio.made(ONE) == 1


def test_a_flood_of_frames_of_many_pages_is_one_message() -> None:
    """300 frames were 221 runs; 120,000 of them stand before everybody else's."""
    with world() as here:
        tabs = [here.open_tab() for _ in range(10)]
        for _ in range(30):
            for tab in tabs:
                here.frame(tab, "leads:fetched")
        assert len(here.messages.messages) == 1
