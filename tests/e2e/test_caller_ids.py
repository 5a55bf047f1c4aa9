"""A number that networks reject calls nobody more; the other numbers go on, and an operator's word ends its rest."""

from autocall import reasons
from tests.e2e.agents import Numbers, Outputs, Person, Twilio, eventually
from tests.e2e.conftest import GERMAN_SENDER, SENDER, Ops

REJECTED = {"outcome": "failed", "ring_s": 0, "sip_code": "608"}
GERMANS = [f"+493023125{line:03d}" for line in range(6)]  # numbers for fiction, as is the sender's


def test_a_number_that_networks_reject_rests_alone_until_it_is_used_again(
    paced: Outputs, person: Person, paced_ops: Ops
) -> None:
    twilio, *rejected, last = Twilio(paced), *GERMANS
    for phone in rejected:
        twilio.script(phone, **REJECTED)
    leads = person.imports(*rejected)
    tab = person.tab().start()
    tab.ask_until(lambda: tab.completed() >= set(leads))
    eventually(lambda: "DE until" in paced_ops("look"))

    (american,) = Numbers.take(1)
    held, called = person.imports(last, american)
    tab.ask_until(lambda: called in tab.completed() and person.lead(held)["held"])
    assert person.lead(held)["held"]["reason"] == reasons.CALLER_ID
    assert twilio.dialled(last, american) == [0, 1]

    assert paced_ops("use-number", "DE").strip()
    tab.ask_until(lambda: held in tab.completed())
    told = twilio.witness()
    senders = {phone: {call["from"] for call in told[phone]["calls"]} for phone in (*GERMANS, american)}
    assert senders == {phone: {GERMAN_SENDER if phone in GERMANS else SENDER} for phone in senders}
    assert twilio.dialled(*GERMANS) == [1] * len(GERMANS)
