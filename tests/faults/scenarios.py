"""Every branch that a function can take, each as one invocation that a fault can strike.

A scenario is a world, what has happened in it before, and the invocation itself; all that it asks of AWS and Twilio is
counted when the tests are collected. A branch that is missing here is one whose new steps nobody would kill.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from autocall import reasons
from autocall.call_outcomes import TRIES
from autocall.called import Called
from autocall.installation_table import BeforeCall
from autocall.leads import Attempt, LeadKey, number_hash
from autocall.session import PHONE
from autocall.timing import DAY_S, FAR
from functions.status_webhook.status_callback import StatusCallback
from functions.voice.inbound_calls import InboundCall
from tests.faults.effects import Fault
from tests.faults.line_world import LineWorld
from tests.faults.model_twilio import ANSWERS, Call
from tests.faults.world import PHONES, TIMES, USER, World, in_order, world

ONE, TWO, THREE = THREE_WAIT = PHONES[:3]
READS = {
    *("get_agent", "get_installation", "get_before_call", "get_profile"),
    *("unsettled", "waiting", "due", "get", "page"),
}
Act = Callable[[World, Fault | None], Any]


@dataclass(frozen=True)
class Scenario:
    """What one function does in an installation that is set up with *choices*."""

    name: str
    act: Act
    choices: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def begun(self) -> Iterator[World]:
        """Three leads wait, a page is open, a run is queued."""
        with world(**self.choices) as here:
            here.imports(*THREE_WAIT)
            here.open_tab()
            here.messages.messages = here.messages.messages[-1:]
            yield here

    def effects(self) -> list[str]:
        """What the function asks of others, in its own words, when nothing goes wrong."""
        with self.begun() as here:
            here.effects.named = True
            self.act(here, None)
            assert here.effects.last
            return here.effects.last.effects


@dataclass(frozen=True)
class LineScenario(Scenario):
    """The same where agents must be on the line, and one is: by browser, in an empty room."""

    act: Callable[[LineWorld, Fault | None], Any]

    @contextmanager
    def begun(self) -> Iterator[LineWorld]:
        with in_order(LineWorld(**self.choices)) as here:
            here.imports(*THREE_WAIT)
            here.opens(here.open_tab())
            here.hear_all()
            here.messages.messages = here.messages.messages[-1:]
            yield here


def tab(here: World) -> str:
    return next(iter(here.sockets.open))


def ask_again(here: World, fault: Fault | None = None) -> None:
    """The page asks, and the run comes; it asks once a second at most."""
    here.drop_runs()
    here.wait(1)
    here.frame(tab(here), "leads:fetched")
    here.run(fault)


@cache
def place_of(effect: str) -> int:
    """The number of an effect in an ordinary run."""
    return Scenario("", run).effects().index(effect)


# -- the dialer --------------------------------------------------------------------------------------------------------


def run(here: World, fault: Fault | None) -> None:
    here.run(fault)


def _twilio(answer: str) -> Act:
    def act(here: World, fault: Fault | None) -> None:
        here.twilio.answer = answer
        here.run(fault)

    return act


def _third_unknown(here: World, fault: Fault | None) -> None:
    """The streak lets the installation rest."""
    here.twilio.answer = "lost, no call"
    here.run()
    ask_again(here)
    ask_again(here, fault)


def _first_answer_after(answer: str) -> Act:
    """After an unknown outcome Twilio answers again."""

    def act(here: World, fault: Fault | None) -> None:
        here.twilio.answer = "lost, call made"
        here.run()
        here.twilio.answer = answer
        ask_again(here, fault)

    return act


def _after_a_rest(answer: str) -> Act:
    """The rest is over, and one call probes."""

    def act(here: World, fault: Fault | None) -> None:
        here.twilio.answer = "refused account"
        here.run()
        here.wait(TIMES.breaker + 1)
        here.twilio.answer = answer
        ask_again(here, fault)

    return act


def _second_new_code(here: World, fault: Fault | None) -> None:
    """Two leads, one behind the other, meet a code that nobody knows: the installation rests."""
    here.imports(ONE)
    here.twilio.answer = "refused by a new code"
    here.run(fault)


def _last_try(here: World, fault: Fault | None) -> None:
    """A lead has met that code again and again, and those behind it are called: it has ended."""
    for phone in (TWO, THREE):
        here.ask("forbid", phone)
    here.twilio.answer = "refused by a new code"
    for _ in range(TRIES - 1):
        ask_again(here)
        here.wait(TIMES.long_backoff)
        here.frame(tab(here), "ping")
    ask_again(here, fault)


def _met_and_called(here: World, fault: Fault | None) -> None:
    """The lead behind the one that met such a code is called: it was that lead's own."""
    act = here.twilio.place

    def once(_request: Any) -> Any:
        here.twilio.place = act  # type: ignore[method-assign]
        return ANSWERS["refused by a new code"]

    here.twilio.place = once  # type: ignore[method-assign]
    here.run(fault)


def _probe_not_served(here: World, fault: Fault | None) -> None:
    """The rest is over, and Twilio does not even answer a question."""
    here.twilio.answer = "refused account"
    here.run()
    here.wait(TIMES.breaker + 1)
    here.twilio.unreachable = True
    ask_again(here, fault)
    here.twilio.unreachable = False


def _rung_out(here: World, fault: Fault | None) -> None:
    """The answer was lost, the longest ring is over, and Twilio lists no call."""
    here.twilio.answer = "lost, no call"
    here.run()
    here.twilio.answer = "placed"
    here.wait(100)
    ask_again(here, fault)


def _two_are_asked_for(here: World, fault: Fault | None) -> None:
    """A run waits already when the hours widen: it learns of that, and no other is queued."""
    _held(here, None)
    here.wait(1)
    here.frame(tab(here), "leads:fetched")
    here.ask("settings", body={"window": None}, fault=fault)


def _probe_with_nobody_to_call(here: World, fault: Fault | None) -> None:
    here.twilio.answer = "refused account"
    here.run()
    for phone in THREE_WAIT:
        here.ask("forbid", phone)
    here.wait(TIMES.breaker + 1)
    ask_again(here, fault)


def _meanwhile(what: Callable[[World], object]) -> Act:
    """Between the claim and the second look somebody says no."""

    def act(here: World, fault: Fault | None) -> None:
        here.once_claimed = lambda: what(here)
        here.run(fault)

    return act


def _colleague_calls(here: World) -> None:
    """Long ago: their colleagues may call in an hour."""
    number, moment = number_hash(ONE), here.now - 30 * DAY_S + 3600
    with here.unseen():
        here.called.mark(number, Called(), Attempt("colleague", "lead", "theirs"), moment, here.now + DAY_S)


def _colleague_has_called(here: World, fault: Fault | None) -> None:
    _colleague_calls(here)
    here.run(fault)


def _colleague_is_first(here: World, fault: Fault | None) -> None:
    """Both have looked, and the colleague's call is noted before this one."""
    look = here.installation.get_before_call

    def overtaken(*hashes: str, **about: Any) -> BeforeCall:
        before = look(*hashes, **about)
        here.installation.get_before_call = look  # type: ignore[method-assign]
        _colleague_calls(here)
        return before

    here.installation.get_before_call = overtaken  # type: ignore[method-assign]
    here.run(fault)


def _lifted(here: World, fault: Fault | None) -> None:
    """A lead waits for what a colleague has called, and an administrator lifts that."""
    _colleague_has_called(here, None)
    here.ask("lift", body={"phone": ONE}, fault=fault)


def _parked(here: World, fault: Fault | None) -> None:
    here.ask("forbid", ONE)
    ask_again(here, fault)


def _held(here: World, fault: Fault | None) -> None:
    here.ask("settings", body={"window": {"from": "09:00", "to": "12:00"}})
    ask_again(here, fault)


def _overdue(here: World, fault: Fault | None) -> None:
    """No callback has come for two calls: one has ended, one lives."""
    here.run()
    here.wait(60)
    here.twilio.becomes(here.twilio.calls[0], "completed")
    here.twilio.callbacks.clear()
    ask_again(here, fault)


def _answer_lost(call_made: bool) -> Act:
    def act(here: World, fault: Fault | None) -> None:
        here.twilio.answer = "lost, call made" if call_made else "lost, no call"
        here.run()
        here.twilio.answer = "placed"
        here.wait(TIMES.give_up_after + 1)
        here.frame(tab(here), "ping")
        ask_again(here, fault)

    return act


def _never_asked_for(here: World, fault: Fault | None) -> None:
    """The dialer died between the claim and the POST."""
    here.run(Fault("killed after", place_of("claim")))
    here.wait(100)
    ask_again(here, fault)


def _twilio_cannot_say(here: World, fault: Fault | None) -> None:
    here.run()
    here.twilio.unreachable = True
    here.wait(60)
    ask_again(here, fault)


def _lost_and_asked_again(here: World, fault: Fault | None) -> None:
    _answer_lost(False)(here, None)
    here.wait(4000)
    here.frame(tab(here), "ping")
    ask_again(here, fault)


def _out_of_time(here: World, fault: Fault | None) -> None:
    """Twilio answers slowly: the run hands over to the next one."""
    here.twilio.takes = 9
    here.run(fault)


# -- the webhook -------------------------------------------------------------------------------------------------------


def _callback(*statuses: str) -> Act:
    """A call's callbacks come, in this order; the last of them is struck."""

    def act(here: World, fault: Fault | None) -> None:
        here.run()
        for status in statuses:
            here.twilio.becomes(here.twilio.calls[0], status)
        *first, last = here.twilio.callbacks
        for report in first:
            here.callback(report)
        here.callback(last, fault)

    return act


def _early_callback(here: World, fault: Fault | None) -> None:
    """The callback comes although the POST's answer was lost with the dialer that waited for it."""
    here.run(Fault("killed after", place_of("place")))
    here.twilio.becomes(here.twilio.calls[0], "ringing")
    here.callback(here.twilio.callbacks[-1], fault)


def _repeated_end(here: World, fault: Fault | None) -> None:
    _callback("completed")(here, None)
    row = here.row(ONE)
    here.callback(StatusCallback(USER, row["lead_id"], row["attempt_id"], row["call_sid"], "completed", 12), fault)


def _stray(here: World, fault: Fault | None) -> None:
    here.run()
    here.callback(StatusCallback(USER, here.row(ONE)["lead_id"], "forgotten", f"CA{9:032}", "ringing"), fault)


# -- pages, and people -------------------------------------------------------------------------------------------------


def _frame(event: str) -> Act:
    return lambda here, fault: here.frame(tab(here), event, fault)


def _connect(here: World, fault: Fault | None) -> None:
    """A second page opens; what is struck is its handshake alone."""
    here.connect(fault)


def _disconnect(here: World, fault: Fault | None) -> None:
    here.close_tab(tab(here), fault, told=True)


def _person(what: str, phone: str = "", body: Any = None, before: Act | None = None) -> Act:
    def act(here: World, fault: Fault | None) -> None:
        if before:
            before(here, None)
        here.ask(what, phone, body, fault)

    return act


def _release(call_listed: bool) -> Act:
    """Of a lead that waits for a person; with *call_listed* Twilio comes to know of its call just then."""

    def act(here: World, fault: Fault | None) -> None:
        here.twilio.lists_after = 10_000
        _answer_lost(call_listed)(here, None)
        here.twilio.lists_late(0)
        here.release(ONE, fault)

    return act


def _settle(here: World, fault: Fault | None) -> None:
    """A lead waits for a person, who says that it was called."""
    here.twilio.lists_after = 10_000
    _answer_lost(False)(here, None)
    here.settle(ONE, fault)


def _wanted_again(here: World, fault: Fault | None) -> None:
    """A call has ended, and a person wants another: what is struck is their word."""
    _ended(here)
    here.again(ONE, fault)


def _called_again(here: World, fault: Fault | None) -> None:
    """What is struck is the run that makes the second call, before all others."""
    _ended(here)
    here.again(ONE)
    here.drop_runs()
    here.wait(1)
    here.frame(tab(here), "leads:fetched")
    here.run(fault)


def _late_end(here: World, fault: Fault | None) -> None:
    """The last report of the first call comes a second time, after the lead was called again."""
    report = _ended(here)
    here.again(ONE)
    ask_again(here)
    here.callback(report, fault)


def _ended(here: World) -> StatusCallback:
    here.run()
    call = next(call for call in here.twilio.calls if call.phone == ONE)
    here.twilio.becomes(call, "completed")
    report = next(report for report in here.twilio.callbacks if report.sid == call.sid)
    here.callback(report)
    return report


def _moved(here: World, fault: Fault | None) -> None:
    _ended(here)
    here.again(ONE, after_s=600)
    here.again(ONE, fault, after_s=1200)


def _hours_widen(here: World, fault: Fault | None) -> None:
    _held(here, None)
    here.ask("settings", body={"window": None}, fault=fault)


def _wider_hours(here: World, fault: Fault | None) -> None:
    _held(here, None)
    here.drop_runs()
    here.ask("settings", body={"window": None})
    here.run(fault)


def _to_confirm(here: World, _fault: Fault | None) -> None:
    """The lead came in where a person must start each call."""
    row = here.row(ONE)
    here.leads.hold(LeadKey(USER, row["lead_id"]), row["due"], reasons.CONFIRM, FAR, here.now)


def _confirmed(here: World, fault: Fault | None) -> None:
    _to_confirm(here, None)
    here.messages.messages.clear()
    here.ask("confirm", ONE, fault=fault)


# -- where agents are on the line --------------------------------------------------------------------------------------


def _rings(here: LineWorld) -> Call:
    here.run()
    return here.twilio.calls[0]


def _talks(here: LineWorld) -> Call:
    call = _rings(here)
    here.answers(call)
    here.hear_all()
    return call


def _opens(here: LineWorld, fault: Fault | None) -> None:
    here.opens(tab(here), asking=fault)


def _answered(here: LineWorld, fault: Fault | None) -> None:
    here.answers(_rings(here), fault)


def _answered_without_the_agent(here: LineWorld, fault: Fault | None) -> None:
    call = _rings(here)
    here.leg_ends(here.legs[0])
    here.hear_all()
    here.answers(call, fault)


def _alone(here: LineWorld, fault: Fault | None) -> None:
    """The agent's call ends, no word of it has come yet, and the lead answers into an empty room."""
    call = _rings(here)
    here.leg_ends(here.legs[0])
    here.answers(call)
    here.alone_for_two_seconds(fault)


def _joins(here: LineWorld, fault: Fault | None) -> None:
    here.answers(_rings(here))
    here.hears_a_word(-1, "", fault)


def _lead_leaves(here: LineWorld, fault: Fault | None) -> None:
    here.hangs_up(_talks(here))
    here.hears_a_word(-1, "", fault)


def _lead_leaves_unheard(here: LineWorld, fault: Fault | None) -> None:
    """The word that they heard each other is still on its way."""
    call = _rings(here)
    here.answers(call)
    here.words.clear()
    here.hangs_up(call)
    here.hears_a_word(-1, "", fault)


def _agent_leaves(here: LineWorld, fault: Fault | None) -> None:
    """The lead is still there, and Twilio asks what they shall hear."""
    _talks(here)
    here.leg_ends(here.legs[0], fault)


def _agent_leaves_unheard(here: LineWorld, fault: Fault | None) -> None:
    here.answers(_rings(here))
    here.words.clear()
    here.joined.clear()
    here.leg_ends(here.legs[0], fault)


def _room_is_over(here: LineWorld, fault: Fault | None) -> None:
    here.leg_ends(here.legs[0])
    here.hears_a_word(0, "", fault)


def _leg_is_over(here: LineWorld, fault: Fault | None) -> None:
    here.leg_ends(here.legs[0])
    here.hears_a_word(-1, "", fault)


def _ended_after_a_conversation(here: LineWorld, fault: Fault | None) -> None:
    """The last report of the call comes before the room's word of the lead's leaving."""
    here.hangs_up(_talks(here))
    for report in here.twilio.callbacks[:-1]:
        here.callback(report)
    here.callback(here.twilio.callbacks[-1], fault)


def _line_refuses(answer: str) -> Callable[[LineWorld, Fault | None], None]:
    def act(here: LineWorld, fault: Fault | None) -> None:
        here.twilio.answer = answer
        here.run(fault)

    return act


def _saved(code: str, *, after_s: float = 0) -> Callable[[LineWorld, Fault | None], None]:
    """The agent saves what came of a conversation that is over, and the next call may go."""

    def act(here: LineWorld, fault: Fault | None) -> None:
        call = _talks(here)
        here.hangs_up(call)
        here.hear_all()
        for report in list(here.twilio.callbacks):
            here.callback(report)
        here.says_what_came_of_it(call.phone, code, fault, after_s=after_s)

    return act


def _message_is_left(here: LineWorld, fault: Fault | None) -> None:
    assert here.leaves_a_message(_talks(here).phone, fault) in ("ok", "failed")


def _is_put_on_hold(here: LineWorld, fault: Fault | None) -> None:
    assert here.puts_on_hold(_talks(here).phone, True, fault) in ("ok", "failed")


def _message_is_left_once_they_have_left(here: LineWorld, fault: Fault | None) -> None:
    """The first try has played the message, and died before it said so; the room's word of it has come."""
    _talks(here)
    phone = here.twilio.calls[0].phone
    here.twilio.redirect(here.twilio.calls[0].sid, "")
    here.hear_all()
    assert here.leaves_a_message(phone, fault) in ("ok", "failed")


def _phone_is_rung(here: LineWorld, fault: Fault | None) -> None:
    """The agent is reached by their own phone, and somebody could be called."""
    here.reached_by(PHONE)
    here.leg_ends(here.legs[0])
    here.hear_all()
    here.run(fault)


def _phone_is_picked_up(here: LineWorld, fault: Fault | None) -> None:
    _phone_is_rung(here, None)
    here.picks_up(here.legs[-1], presses=True, fault=fault)


def _phone_is_not_picked_up(here: LineWorld, fault: Fault | None) -> None:
    _phone_is_rung(here, None)
    here.leg_ends(here.legs[-1])
    here.hears_a_word(-1, "", fault)


def _rings_back(here: LineWorld, fault: Fault | None) -> None:
    """A lead who did not pick up calls back, and their agent is free."""
    call = _rings(here)
    here.hangs_up(call, "no-answer")
    for report in here.twilio.callbacks:
        here.callback(report)
    here.drop_runs()
    here.rings_back(call.phone, fault)


def _rings_back_and_hangs_up(here: LineWorld, fault: Fault | None) -> None:
    """The number's own report comes before the room's words."""
    _rings_back(here, None)
    here.words.clear()
    here.hangs_up(here.twilio.back[0])
    here.hears_a_word(-1, "", fault)


def _meets_who_called(here: LineWorld, fault: Fault | None) -> None:
    _rings_back(here, None)
    here.hears_a_word(-1, "", fault)


def _dealt_with(here: LineWorld, fault: Fault | None) -> None:
    """They have called back and were missed, and their agent says that this is done."""
    _rings_back(here, None)
    phone = here.twilio.calls[0].phone
    here.ask("ring back", phone, {"seen": here.row(phone)["rang_back_at"], "done": True}, fault)


def _presses(digit: str) -> Callable[[LineWorld, Fault | None], None]:
    def act(here: LineWorld, fault: Fault | None) -> None:
        call = _rings(here)
        about = InboundCall(call.phone, "CAback", *call.where[:2])
        here._invoke(lambda: here.inbound.menu(about, digit, here.now), 10, fault)

    return act


LINE = {
    "voice: agent's document": _opens,
    "voice: agent's document, by phone": _phone_is_picked_up,
    "voice: answer": _answered,
    "voice: answer, no agent": _answered_without_the_agent,
    "voice: alone": _alone,
    "voice: join": _joins,
    "voice: lead leaves": _lead_leaves,
    "voice: lead leaves unheard": _lead_leaves_unheard,
    "voice: left": _agent_leaves,
    "voice: left unheard": _agent_leaves_unheard,
    "voice: room over": _room_is_over,
    "voice: leg over": _leg_is_over,
    "voice: phone not picked up": _phone_is_not_picked_up,
    "voice: calls back": _rings_back,
    "voice: calls back, meets the agent": _meets_who_called,
    "voice: calls back, over": _rings_back_and_hangs_up,
    "voice: presses 1": _presses("1"),
    "voice: presses 9": _presses("9"),
    "webhook: ended, agent on the line": _ended_after_a_conversation,
    "dialer: agent on the line": run,
    "dialer: agent on the line, number refused": _line_refuses("refused number"),
    "dialer: agent on the line, not sent": _line_refuses("not sent"),
    "dialer: agent on the line, answer lost": _line_refuses("lost, call made"),
    "dialer: rings the agent's phone": _phone_is_rung,
    "people: message on a mailbox": _message_is_left,
    "people: message on a mailbox, in a wrap-up": _message_is_left_once_they_have_left,
    "people: on hold": _is_put_on_hold,
    "people: call back dealt with": _dealt_with,
    "people: outcome": _saved("meeting"),
    "people: outcome, do not call": _saved("do_not_call"),
    "people: outcome, called back": _saved("call_back", after_s=60),
}
DIALER = {
    "calls": run,
    "number refused": _twilio("refused number"),
    "country refused": _twilio("refused country"),
    "account refused": _twilio("refused account"),
    "blocked": _twilio("blocked"),
    "new code": _met_and_called,
    "new code twice": _second_new_code,
    "new code, last try": _last_try,
    "probe not served": _probe_not_served,
    "rung out": _rung_out,
    "throttled": _twilio("throttled"),
    "not sent": _twilio("not sent"),
    "answer lost": _twilio("lost, call made"),
    "third answer lost": _third_unknown,
    "answered again": _first_answer_after("placed"),
    "refused again": _first_answer_after("refused number"),
    "probe": _after_a_rest("placed"),
    "probe refused": _after_a_rest("refused account"),
    "probe with nobody to call": _probe_with_nobody_to_call,
    "paused meanwhile": _meanwhile(lambda here: here.ask("pause")),
    "forbidden for all meanwhile": _meanwhile(lambda here: here.forbid_for_all(ONE)),
    "a colleague has called": _colleague_has_called,
    "a colleague is first": _colleague_is_first,
    "parked": _parked,
    "held": _held,
    "wider hours": _wider_hours,
    "asking": _overdue,
    "asking by number": _answer_lost(True),
    "asking in vain": _twilio_cannot_say,
    "never asked for": _never_asked_for,
    "lost": _answer_lost(False),
    "lost, asked again": _lost_and_asked_again,
    "called again": _called_again,
}
WEBHOOK = {
    "ringing": _callback("ringing"),
    "completed": _callback("ringing", "in-progress", "completed"),
    "completed at once": _callback("completed"),
    "before the answer": _early_callback,
    "end repeated": _repeated_end,
    "stray": _stray,
    "late end of an earlier call": _late_end,
}
PEOPLE = {
    "leads:fetched": _frame("leads:fetched"),
    "ping": _frame("ping"),
    "pause": _frame("autocall:pause"),
    "resume": _frame("autocall:resume"),
    "$connect": _connect,
    "$disconnect": _disconnect,
    "import": lambda here, fault: here.imports(PHONES[3], PHONES[4], fault=fault),
    "import again": lambda here, fault: here.ask("import", body=[{"phone": ONE, "note": "again"}], fault=fault),
    "forbid": _person("forbid", ONE),
    "forbid a number": lambda here, fault: here.ask("forbid numbers", body={"numbers": [PHONES[3]]}, fault=fault),
    "forbid for all": lambda here, fault: here.forbid_for_all(ONE, fault),
    "allow": _person("allow", ONE, before=_parked),
    "delete": _person("delete", ONE),
    "release": _release(call_listed=False),
    "release of a call": _release(call_listed=True),
    "settle": _settle,
    "again": _wanted_again,
    "again, at another time": _moved,
    "note": _person("note", ONE, {"text": "at home"}),
    "confirm": _confirmed,
    "lift": _lifted,
    "pause that hangs up": _person("pause", body={"cancel_ringing": True}, before=run),
    "resume by hand": _person("resume", before=_person("pause")),
    "more lines": _person("settings", body={"lines": 5}),
    "hours widen": _hours_widen,
    "hours widen while a run waits": _two_are_asked_for,
    "sign out": _person("sign out"),
}
SCENARIOS = [
    *(Scenario(f"dialer: {name}", act, {"lines": 3} if "third" in name else {}) for name, act in DIALER.items()),
    Scenario("dialer: slot", run, {"calls_per_second": 1}),
    Scenario("dialer: slot too far", run, {"calls_per_second": 0.1, "lines": 3}),
    Scenario("dialer: out of time", _out_of_time, {"lines": 3}),
    *(Scenario(f"webhook: {name}", act) for name, act in WEBHOOK.items()),
    *(Scenario(name, act) for name, act in PEOPLE.items()),
    *(LineScenario(name, act) for name, act in LINE.items()),
]
