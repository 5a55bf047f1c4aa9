"""Twilio refuses the account: the whole installation rests, so this has a stack of its own."""

from collections.abc import Callable

from tests.e2e.agents import Numbers, Person, Tab, close_tabs, eventually, sign_up
from tests.faults.conftest import FaultyStack


def test_a_refused_account_stops_everybody_and_is_said(faulty: FaultyStack, someone: Callable[[], Person]) -> None:
    """401: nobody is called, nothing is spent, every agent is told why and until when; an admin's resume calls."""
    one, other, admin = someone(), someone(), sign_up(faulty.outputs, "admins")
    twilio, phones = faulty.twilio, Numbers.take(3)
    twilio.script(phones[0], refuse=20003, times=1)
    leads = one.imports(phones[0])
    other.imports(*phones[1:])  # already now, for the rest lasts for a minute
    told = one.tab().start().wait(Tab.finished)[0]
    assert "20003" in told["reason"]
    assert told["next_at"]
    assert one.lead(leads[0])["call_status"] == "pending"

    refused = other.tab().start().wait(Tab.finished)[0]
    assert "20003" in refused["reason"]
    assert twilio.dialled(*phones) == [0, 0, 0]

    assert other.api("POST", "/api/autocall/resume").json()["installation"]["rest"]["until"] == refused["next_at"]
    close_tabs(one)  # whose lead has a rest of its own: the one call that probes must be the other's
    eventually(lambda: not one.connections())
    assert admin.api("POST", "/api/autocall/resume").json()["installation"] == {"rest": None}
    other.tabs[0].wait(lambda tab: len(tab.completed()) == 2)
    assert twilio.dialled(*phones[1:]) == [1, 1]
