"""For the rules whose bugs random histories hardly meet: a script each, which the code as it is plays to its end.

Each says what happens and what must be so; with the bug of `planted.py` it fails, and so is the bug found.
"""

from collections.abc import Callable
from itertools import count

from tests.faults import exhaustive
from tests.faults.effects import Fault
from tests.faults.exhaustive import Action, Small, explore
from tests.faults.line_world import LineWorld
from tests.faults.world import PHONES, USER, World, in_order, world


def _takes_out(here: World) -> None:
    """The operator's command dies before it closes the agent's sockets."""
    here._invoke(lambda: here.agents.leave(USER, "operator", here.now), 10, None)


_TAKES_OUT = Action("an operator takes the agent out", lambda _here: True, _takes_out)
_TAKEN_OUT = Small("1 lead, 1 run, an agent who is taken out", exhaustive._leads(1), (exhaustive.RUN, _TAKES_OUT), 0)


def nobody_is_called_for_an_agent_who_was_taken_out() -> None:
    """In every order of the run's effects and the operator's."""
    explore(_TAKEN_OUT)


def a_release_asks_twilio_once_more() -> None:
    """The answer was lost and Twilio lists the call only when a person wants it back."""
    with world() as here:
        _begin(here, *PHONES[:1])
        here.twilio.answer, here.twilio.silent, here.twilio.lists_after = "lost, call made", True, 1400
        here.run()
        here.live_on(1390)
        here.wait(20)
        here.release(PHONES[0])
        here.check()
        here.rest()


def a_run_that_could_not_be_queued_is_queued_by_the_next_who_asks() -> None:
    with world() as here:
        _begin(here, *PHONES[:1])
        here.drop_runs()
        faults = (Fault("throttled", at) for at in count())
        while not here.effects.last or "send_message" not in here.effects.last.effects[-3:]:
            here.imports(PHONES[1], note=f"{here.now}", fault=next(faults))
        assert not here.messages.messages, "it was queued after all"
        here.imports(PHONES[1], note="again")
        assert here.messages.messages, "a mark stands for a message that was never sent"


def the_end_of_a_call_lets_the_next_one_start() -> None:
    with world(lines=1) as here:
        _begin(here, *PHONES[:2])
        here.run()
        here.drop_runs()
        here.twilio.becomes(here.twilio.calls[0], "completed")
        here.callback(here.twilio.callbacks[0])
        assert here.run(), "the line is free, and nobody is called"
        assert len(here.twilio.calls) == 2


def a_count_is_taken_off_once() -> None:
    """One call is made, another is not; whatever request of that run is answered late and sent again."""
    for at in count():
        with world(lines=1) as here:
            _begin(here, *PHONES[:2])
            here.run()
            here.twilio.becomes(here.twilio.calls[0], "completed")
            here.callback(here.twilio.callbacks[0])
            here.twilio.answer = "not sent"
            fault = Fault("answer lost, sent again", at)
            here.run(fault)
            here.check()
        if not fault.struck:
            return


def what_twilio_lists_is_believed() -> None:
    """The answer was lost, and so is every report: the list is all there is."""
    with world() as here:
        _begin(here, *PHONES[:1])
        here.twilio.answer, here.twilio.silent = "lost, call made", True
        here.run()
        here.twilio.becomes(here.twilio.calls[0], "completed")
        here.rest()


def no_call_starts_when_a_wrap_up_goes_on_after_the_last_look() -> None:
    """It has run out by the clock, and the agent types on between a run's look and its reservation."""
    for after_the_look in range(3):
        with in_order(LineWorld()) as here:
            here.imports(*PHONES[:2])
            here.opens(here.open_tab())
            here.hear_all()
            here.run()
            here.answers(here.twilio.calls[0])
            here.hear_all()
            here.hangs_up(here.twilio.calls[0])
            here.hear_all()
            here.callback(here.twilio.callbacks[-1])
            here.passes(31)
            for tab in list(here.sockets.open):
                here.ping(tab)
                here.frame(tab, "leads:fetched")
            attempt = here.row(PHONES[0])["attempt_id"]
            here.overtake(after_the_look, lambda: here.says("agent:typing", attempt))  # noqa: B023
            here.check()


def _begin(here: World, *phones: str) -> None:
    here.imports(*phones)
    here.open_tab()


SCRIPTS: dict[str, Callable[[], None]] = {
    "ONCE-010": nobody_is_called_for_an_agent_who_was_taken_out,
    "ONCE-011": a_release_asks_twilio_once_more,
    "ONCE-012": a_run_that_could_not_be_queued_is_queued_by_the_next_who_asks,
    "ONCE-013": the_end_of_a_call_lets_the_next_one_start,
    "ONCE-014": a_count_is_taken_off_once,
    "ONCE-016": what_twilio_lists_is_believed,
    "ONCE-018": no_call_starts_when_a_wrap_up_goes_on_after_the_last_look,
}
