"""What the witness makes of who was in which mix when: checked by hand, to the second."""

import time
from typing import Any

import pytest

from local.twilio_simulator.calls import Call, Change
from local.twilio_simulator.hearing import Ear, Hearing, Sentence, Stay
from local.twilio_simulator.judgement import heard

LEAD, OTHER, AGENT = "+12025550143", "+12025550144", "client:ada"
BEGAN = time.monotonic()


@pytest.fixture
def hearing() -> Hearing:
    made = Hearing(speed=1)
    made._began = BEGAN
    return made


def answered(number: str, at_s: float, until_s: float) -> Call:
    """A call that was answered then, and has ended then."""
    inbound = number.startswith("client:")
    form = {"To": "" if inbound else number, "From": number if inbound else "+12025550100"}
    changes = [Change(status, 0, BEGAN + s) for status, s in (("in-progress", at_s), ("completed", until_s))]
    return Call("AC1", form, {}, changes=changes, direction="inbound" if inbound else "outbound-api")


def leg(told: dict[str, Any], call: Call) -> dict[str, Any]:
    (found,) = [leg for leg in told["legs"] if leg["sid"] == call.sid]
    return dict(found)


def spans(found: list[dict[str, Any]]) -> list[tuple[float, float]]:
    return [(round(one["from_s"], 6), round(one["to_s"], 6)) for one in found]


def test_they_hear_each_other_as_long_as_both_are_in_the_mix(hearing: Hearing) -> None:
    lead, agent = answered(LEAD, 10, 60), answered(AGENT, 0, 100)
    hearing.ears = {lead.sid: Ear([Stay("room", False, 12, 40)]), agent.sid: Ear([Stay("room", False, 1, None)])}
    told = heard([lead, agent], hearing, ())
    assert spans(told["together"]) == [(12, 40), (12, 40)]
    found = leg(told, lead)
    assert (found["role"], leg(told, agent)["role"]) == ("lead", "agent")
    assert found["joined_after_s"] == found["heard_after_s"] == pytest.approx(2)
    assert spans(found["alone"]) == [(10, 12), (40, 60)]
    assert found["longest_alone_s"] == pytest.approx(20)
    assert told["leads_together"] == []


def test_nobody_hears_the_muted_nor_another_mix(hearing: Hearing) -> None:
    lead, agent, other = answered(LEAD, 0, 60), answered(AGENT, 0, 60), answered(OTHER, 0, 60)
    hearing.ears = {
        lead.sid: Ear([Stay("room", True, 5, 20), Stay("room", False, 20, 30)]),
        agent.sid: Ear([Stay("room", False, 0, 60)]),
        other.sid: Ear([Stay("elsewhere", False, 0, 60)]),
    }
    found = leg(heard([lead, agent, other], hearing, ()), lead)
    assert (found["joined_after_s"], found["heard_after_s"]) == (pytest.approx(5), pytest.approx(20))


def test_two_leads_in_one_mix_are_seen_even_for_a_moment(hearing: Hearing) -> None:
    lead, other = answered(LEAD, 0, 60), answered(OTHER, 0, 60)
    hearing.ears = {lead.sid: Ear([Stay("m", False, 0, 20)]), other.sid: Ear([Stay("m", False, 19.99, 60)])}
    assert spans(heard([lead, other], hearing, ())["leads_together"]) == [(19.99, 20), (19.99, 20)]


def test_those_who_follow_each_other_in_a_mix_do_not_meet(hearing: Hearing) -> None:
    lead, other = answered(LEAD, 0, 20), answered(OTHER, 20, 60)
    hearing.ears = {lead.sid: Ear([Stay("m", False, 0, 20)]), other.sid: Ear([Stay("m", False, 20, 60)])}
    assert heard([lead, other], hearing, ())["together"] == []


def test_words_are_no_silence_and_music_and_beeps_are(hearing: Hearing) -> None:
    lead = answered(LEAD, 0, 60)
    sentences = [
        Sentence("say", "Hello", 5, 10),
        Sentence("play", "a.mp3", 8, 20),
        Sentence("music", "", 20, 50),
        Sentence("beep", "", 50, 50),
    ]
    hearing.ears = {lead.sid: Ear([], sentences)}
    assert spans(leg(heard([lead], hearing, ()), lead)["alone"]) == [(0, 5), (20, 60)]


def test_the_dead_are_heard_no_more_and_are_not_alone(hearing: Hearing) -> None:
    lead, agent = answered(LEAD, 0, 60), answered(AGENT, 0, 60)
    hearing.ears = {
        lead.sid: Ear([Stay("m", False, 0, 60)]),
        agent.sid: Ear([Stay("m", False, 0, 30)], silent_since_s=30),
    }
    told = heard([lead, agent], hearing, ())
    assert spans(leg(told, lead)["alone"]) == [(30, 60)]
    assert leg(told, agent)["alone"] == []
    assert leg(told, agent)["ended_s"] == 30


def test_who_was_not_answered_heard_nothing(hearing: Hearing) -> None:
    call = Call("AC1", {"To": LEAD, "From": "+12025550100"}, {}, changes=[Change("ringing", 0, BEGAN)])
    assert heard([call], hearing, ())["legs"] == []


@pytest.mark.parametrize("agents", [(), (LEAD,)])
def test_a_phone_that_is_known_as_an_agents_is_no_leads(hearing: Hearing, agents: tuple[str, ...]) -> None:
    call = answered(LEAD, 0, 1)
    assert leg(heard([call], hearing, agents), call)["role"] == ("agent" if agents else "lead")
