"""The simulator as Twilio's own Python library meets it."""

from collections.abc import Iterator
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

from local.options import ACCOUNT_SID, API_KEY, API_SECRET
from tests.unit.simulator_world import LASTS, LEAD, SENDER, Simulator, running, wait


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running(speed=50) as made:
        made.script(outcome="completed", ring_s=0, talk_s=LASTS)
        yield made


@pytest.fixture
def client(twilio: Simulator) -> Any:
    made: Any = Client(API_KEY, API_SECRET, ACCOUNT_SID, environment={"_": ""})
    made.api.base_url = twilio.url
    return made


def room(**attributes: Any) -> str:
    """The document that the library writes for who comes into a room."""
    made: Any = VoiceResponse()
    made.dial().conference("room", wait_url="", **attributes)
    return str(made)


def test_applications_and_numbers_are_the_librarys(client: Any) -> None:
    made = client.applications.create(friendly_name="autocall", voice_url="https://example.com/voice")
    (found,) = client.applications.list(friendly_name="autocall")
    assert (found.sid, found.voice_url, found.voice_method) == (made.sid, "https://example.com/voice", "POST")
    assert client.applications(made.sid).update(voice_url="https://example.com/").voice_url == "https://example.com/"
    assert client.applications(made.sid).delete()
    assert client.applications.list() == []
    (number,) = client.incoming_phone_numbers.list(phone_number=SENDER)
    number.update(voice_url="https://example.com/inbound", status_callback="https://example.com/status")
    assert number.fetch().voice_url == "https://example.com/inbound"


def test_rooms_and_who_is_in_them_are_the_librarys(client: Any, twilio: Simulator) -> None:
    attributes = {"participant_label": "agent", "end_conference_on_exit": True, "jitter_buffer_size": "small"}
    agent = client.calls.create(to="+12025550171", from_=SENDER, twiml=room(beep=False, **attributes))
    wait(lambda: client.conferences.list(friendly_name="room"))
    lead = client.calls.create(
        to=LEAD, from_=SENDER, twiml=room(participant_label="lead", start_conference_on_enter=False, beep="onEnter")
    )
    (found,) = wait(lambda: client.conferences.list(friendly_name="room", status="in-progress"))
    people = {one.label: one.call_sid for one in client.conferences(found.sid).participants.list()}
    assert people == {"agent": agent.sid, "lead": lead.sid}
    assert client.conferences("room").participants("lead").update(muted=True).muted
    assert client.calls(lead.sid).update(twiml="<Response><Say>Goodbye.</Say></Response>").status == "in-progress"
    twilio.reaches(lead.sid, "completed")
    assert twilio.heard.sentences(LEAD) == ["Goodbye."]
    assert client.conferences(found.sid).update(status="completed").status == "completed"
    with pytest.raises(TwilioRestException) as gone:
        client.calls(lead.sid).update(twiml="<Response/>")
    assert gone.value.code == 21220
