"""Conferences: who is in one, when it begins and ends, what is told of it, and who hears whom in it."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from twilio.request_validator import RequestValidator

from local.options import ACCOUNT_SID, AUTH_TOKEN
from tests.unit.simulator_world import LASTS, LEAD, Pages, Simulator, response, running, wait

AGENT, OTHER = "+12025550171", "+12025550144"
ALONE = response('<Pause length="100"/>', "<Redirect/>")


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running(speed=50, agent_phone=[AGENT]) as made:
        for number in (LEAD, OTHER):
            made.script(number=number, outcome="completed", ring_s=1, talk_s=LASTS)
        yield made


@pytest.fixture
def pages() -> Iterator[Pages]:
    made = Pages(alone=ALONE, left=response("<Say>Sorry.</Say>"), gone=response())
    yield made
    made.close()


def noun(pages: Pages, name: str = "room", dial: str = "", action: str = "left", **attributes: str) -> str:
    told = {
        "statusCallback": f"{pages.url}/room",
        "statusCallbackEvent": "start end join leave mute",
    } | attributes
    text = " ".join(f'{name}="{value}"' for name, value in told.items())
    return response(f'<Dial action="{pages.url}/{action}" {dial}><Conference {text}>{name}</Conference></Dial>')


def agent(twilio: Simulator, pages: Pages, number: str = AGENT, **attributes: str) -> str:
    """A call that opens the room and ends it."""
    ours = {"startConferenceOnEnter": "true", "endConferenceOnExit": "true", "beep": "false", "waitUrl": ""}
    told = ours | {"participantLabel": "agent"} | attributes
    return _called(twilio, number, noun(pages, action="gone", **told))


def lead(twilio: Simulator, pages: Pages, number: str = LEAD, dial: str = "", **attributes: str) -> str:
    """A call that waits for the room to be begun by somebody else."""
    ours = {"startConferenceOnEnter": "false", "beep": "onEnter", "waitUrl": f"{pages.url}/alone"}
    told = ours | {"participantLabel": f"lead{number[-2:]}"} | attributes
    return _called(twilio, number, noun(pages, dial=dial, **told))


def _called(twilio: Simulator, number: str, twiml: str) -> str:
    """A call that hears this, once it is where this says."""
    sid = twilio.call(To=number, Twiml=twiml)
    wait(lambda: _in_a_room(twilio, sid) or twilio.heard.errors())
    return sid


def _in_a_room(twilio: Simulator, sid: str) -> bool:
    return any(sid in (one["form"].get("CallSid") for one in room["events"]) for room in twilio.heard.rooms())


def events(twilio: Simulator, which: int = 0) -> list[str]:
    return [one["event"] for one in twilio.heard.rooms()[which]["events"]]


def reported(pages: Pages, *names: str) -> list[dict[str, str]]:
    """The room's words, once the last of these has come."""
    wait(lambda: {form["StatusCallbackEvent"] for form in pages.forms("room")} >= set(names))
    return [form for form in pages.events("room") if form["StatusCallbackEvent"] in names]


# -- who hears whom ----------------------------------------------------------------------------------------------------


def test_an_agent_and_a_lead_hear_each_other_from_the_join_on(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    lead(twilio, pages)
    both = wait(lambda: twilio.heard.legs(LEAD) and twilio.heard.seconds_to_agent(LEAD) is not None)
    assert both
    leg = twilio.heard.leg(LEAD)
    assert leg["role"] == "lead"
    assert twilio.heard.leg(AGENT)["role"] == "agent"
    assert twilio.heard.seconds_to_agent(LEAD) < 2 * 50
    assert leg["sentences"] == []
    assert twilio.heard.leads_together() == []
    assert [said["kind"] for said in twilio.heard.leg(AGENT)["sentences"]] == ["beep"]


def test_two_leads_never_hear_each_other_without_an_agent(twilio: Simulator, pages: Pages) -> None:
    lead(twilio, pages)
    lead(twilio, pages, OTHER)
    (room,) = twilio.heard.rooms()
    assert (room["status"], len(room["participants"])) == ("init", 2)
    assert twilio.heard.heard()["together"] == []


def test_the_witness_sees_two_leads_that_hear_each_other(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    first, second = lead(twilio, pages), lead(twilio, pages, OTHER)
    assert {(one["hearer"], one["speaker"]) for one in twilio.heard.leads_together()} == {
        (first, second),
        (second, first),
    }


def test_the_muted_hear_and_are_not_heard(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    sid = lead(twilio, pages, muted="true")
    leg = wait(lambda: (found := twilio.heard.leg(LEAD))["joined_after_s"] is not None and found)
    assert leg["heard_after_s"] is None
    assert leg["longest_alone_s"] < 100
    muted = {"Muted": "false"}
    answer = twilio.resource("POST", f"Conferences/room/Participants/{sid}.json", data=muted)
    assert (answer.status_code, answer.json()["muted"]) == (200, False)
    wait(lambda: twilio.heard.leg(LEAD)["heard_after_s"] is not None)
    assert reported(pages, "participant-unmute")[0]["CallSid"] == sid


def test_who_is_on_hold_hears_music_and_neither_hears_the_other(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    sid = lead(twilio, pages)
    wait(lambda: twilio.heard.leg(LEAD)["joined_after_s"] is not None)
    path = f"Conferences/room/Participants/{sid}.json"
    for hold in ("true", "true"):
        assert twilio.resource("POST", path, data={"Hold": hold}).json()["hold"] is True
    until = [one["to_s"] for one in twilio.heard.heard()["together"]]
    assert twilio.resource("POST", path, data={"Muted": "true"}).json()["muted"] is True
    assert twilio.resource("POST", path, data={"Muted": "false"}).json()["hold"] is True
    assert [one["to_s"] for one in twilio.heard.heard()["together"]] == until, "they do not hear each other"
    assert twilio.heard.leg(LEAD)["sentences"][-1]["kind"] == "music"
    assert twilio.resource("POST", path, data={"Hold": "false"}).json()["hold"] is False
    wait(lambda: len(twilio.heard.heard()["together"]) > len(until))
    assert events(twilio)[-2:] == ["participant-unmute", "participant-unhold"]
    assert twilio.resource("POST", path, data={"Hold": "perhaps"}).status_code == 400


# -- beginning and end -------------------------------------------------------------------------------------------------


def test_one_alone_has_not_begun_a_room(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    (room,) = twilio.heard.rooms()
    assert (room["status"], events(twilio)) == ("init", ["participant-join"])


def test_a_room_goes_on_with_one_once_it_has_begun(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    sid = lead(twilio, pages)
    twilio.heard.hang_up(sid)
    twilio.reaches(sid, "completed")
    (room,) = twilio.heard.rooms()
    assert (room["status"], len(room["participants"])) == ("in-progress", 1)
    lead(twilio, pages, OTHER)
    assert len(twilio.heard.rooms()) == 1
    assert events(twilio).count("conference-start") == 1


def test_the_agent_who_leaves_ends_the_room_and_the_lead_hears_what_follows(twilio: Simulator, pages: Pages) -> None:
    held = agent(twilio, pages)
    sid = lead(twilio, pages)
    twilio.heard.hang_up(held)
    twilio.reaches(sid, "completed")
    assert twilio.heard.sentences(LEAD) == ["Sorry."]
    (form,) = pages.forms("left")
    assert (form["CallSid"], form["DialCallStatus"], form["DialBridged"]) == (sid, "answered", "true")
    assert not {"DialCallSid", "DialCallDuration"} & set(form)
    (end,) = reported(pages, "conference-end")
    assert end["CallSidEndingConference"] == held
    assert end["ParticipantLabelEndingConference"] == "agent"
    assert end["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    reasons = {form["CallSid"]: form["ReasonParticipantLeft"] for form in reported(pages, "participant-leave")}
    assert reasons == {held: "participant_hung_up", sid: "moderator_ended_conference"}


def test_a_lead_who_leaves_ends_nothing_and_a_new_one_is_in_the_same_room(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    sid = lead(twilio, pages)
    twilio.heard.hang_up(sid)
    twilio.reaches(sid, "completed")
    (left,) = reported(pages, "participant-leave")
    assert (left["CallSid"], left["ParticipantLabel"], left["ParticipantCallStatus"]) == (sid, "lead43", "completed")
    assert not pages.forms("left")
    assert twilio.heard.legs(LEAD)[0]["sentences"] == []


def test_a_name_is_free_again_when_its_room_is_over(twilio: Simulator, pages: Pages) -> None:
    sid = agent(twilio, pages)
    twilio.heard.hang_up(sid)
    twilio.reaches(sid, "completed")
    agent(twilio, pages)
    assert [room["status"] for room in twilio.heard.rooms()] == ["completed", "init"]
    assert len({room["sid"] for room in twilio.heard.rooms()}) == 2


def test_a_call_that_is_given_another_document_has_left_the_room(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    sid = lead(twilio, pages)
    twilio.update(sid, Twiml=response("<Say>Please leave a message.</Say>"))
    (left,) = reported(pages, "participant-leave")
    assert (left["ReasonParticipantLeft"], left["ParticipantCallStatus"]) == (
        "participant_updated_via_api",
        "in-progress",
    )
    twilio.reaches(sid, "completed")
    assert not pages.forms("left")
    assert twilio.heard.sentences(LEAD) == ["Please leave a message."]


def test_a_call_that_the_api_ends_has_left_the_room(twilio: Simulator, pages: Pages) -> None:
    held = agent(twilio, pages)
    sid = lead(twilio, pages)
    assert twilio.update(held, Status="completed").json()["status"] == "completed"
    twilio.reaches(sid, "completed")
    assert twilio.heard.sentences(LEAD) == ["Sorry."]


def test_a_star_may_lead_out_of_the_room(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    sid = lead(twilio, pages, dial='hangupOnStar="true"')
    twilio.heard.press(sid, "*")
    twilio.reaches(sid, "completed")
    assert pages.forms("left")[0]["DialCallStatus"] == "answered"


# -- waiting alone -----------------------------------------------------------------------------------------------------


def test_who_waits_hears_what_the_room_has_for_it_again_and_again(twilio: Simulator, pages: Pages) -> None:
    answers = iter([response('<Pause length="2"/>', "<Redirect/>"), response("<Say>One moment.</Say>")])
    pages.pages["alone"] = lambda _form: next(answers)
    lead(twilio, pages)
    wait(lambda: twilio.heard.sentences(LEAD) == ["One moment."])
    assert len(pages.forms("alone")) == 2
    assert twilio.heard.leg(LEAD)["longest_alone_s"] >= 2


def test_who_comes_into_a_room_that_has_begun_waits_for_nothing(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    lead(twilio, pages)
    lead(twilio, pages, OTHER)
    assert not pages.forms("alone")


def test_the_waiting_ends_when_the_room_begins(twilio: Simulator, pages: Pages) -> None:
    pages.pages["alone"] = response('<Say loop="0">One moment.</Say>')
    lead(twilio, pages)
    wait(lambda: twilio.heard.sentences(LEAD))
    agent(twilio, pages)
    wait(lambda: twilio.heard.leg(LEAD)["joined_after_s"] is not None)
    said = twilio.heard.leg(LEAD)["sentences"]
    lasted = [one["to_s"] - one["from_s"] for one in said if one["kind"] == "say"]
    assert lasted
    assert {one["kind"] for one in said} <= {"say", "beep"}


def test_without_a_word_about_it_who_waits_hears_music_and_that_is_no_word(twilio: Simulator) -> None:
    text = "<Response><Dial><Conference startConferenceOnEnter='false'>room</Conference></Dial></Response>"
    _called(twilio, LEAD, text)
    wait(lambda: twilio.heard.alone_longer_than(20))
    assert [said["kind"] for said in twilio.heard.leg(LEAD)["sentences"]] == ["music"]


@pytest.mark.parametrize("page", [500, "<Response><Dial>+12025550171</Dial></Response>"])
def test_a_room_that_has_nothing_for_who_waits_is_not_established(
    twilio: Simulator, pages: Pages, page: str | int
) -> None:
    pages.pages["alone"] = page
    sid = lead(twilio, pages)
    twilio.reaches(sid, "completed")
    assert len(twilio.heard.errors()) == 1
    assert not pages.forms("left")


# -- what is told ------------------------------------------------------------------------------------------------------


def test_a_rooms_words_are_numbered_signed_and_complete(twilio: Simulator, pages: Pages) -> None:
    held = agent(twilio, pages)
    sid = lead(twilio, pages)
    twilio.heard.hang_up(held)
    reported(pages, "conference-end")
    wait(lambda: len(pages.events("room")) == 6)
    told = pages.events("room")
    assert [form["StatusCallbackEvent"] for form in told] == [
        *("participant-join", "participant-join", "conference-start"),
        *("participant-leave", "participant-leave", "conference-end"),
    ]
    assert [form["SequenceNumber"] for form in told] == ["1", "2", "3", "4", "5", "6"]
    assert {(form["AccountSid"], form["FriendlyName"]) for form in told} == {(ACCOUNT_SID, "room")}
    assert len({form["ConferenceSid"] for form in told}) == 1
    join = told[1]
    assert (join["CallSid"], join["ParticipantLabel"], join["StartConferenceOnEnter"]) == (sid, "lead43", "false")
    assert (join["EndConferenceOnExit"], join["Muted"], join["Hold"], join["Coaching"]) == ("false",) * 4
    for asked in pages.asked:
        if asked.path.startswith("/room"):
            signature = asked.headers["x-twilio-signature"]
            assert RequestValidator(AUTH_TOKEN).validate(pages.url + asked.path, asked.form, signature)


def test_only_the_first_who_comes_says_where_a_rooms_words_go(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages, statusCallback=f"{pages.url}/room?of=agent", statusCallbackEvent="join")
    lead(twilio, pages, statusCallback=f"{pages.url}/other", statusCallbackEvent="start end join leave")
    wait(lambda: len(pages.forms("room")) == 2)
    assert {form["StatusCallbackEvent"] for form in pages.forms("room")} == {"participant-join"}
    assert {asked.path for asked in pages.asked if "room" in asked.path} == {"/room?of=agent"}
    assert not pages.forms("other")


@pytest.mark.parametrize(
    ("script", "joins"), [({"lose": ["participant-join"]}, 0), ({"lose": True}, 0), ({"repeat": 2}, 2)]
)
def test_a_script_says_what_becomes_of_a_rooms_words(
    twilio: Simulator, pages: Pages, script: dict[str, Any], joins: int
) -> None:
    twilio.forget_scripts()
    twilio.script(number=LEAD, outcome="completed", ring_s=1, talk_s=LASTS, room=script)
    agent(twilio, pages)
    sid = lead(twilio, pages)
    twilio.heard.hang_up(sid)
    twilio.reaches(sid, "completed")
    wait(lambda: len(twilio.heard.rooms()[0]["events"]) == 4 and not twilio.witness()["callbacks"]["waiting"])
    told = [form["StatusCallbackEvent"] for form in pages.forms("room") if form.get("CallSid") == sid]
    assert told.count("participant-join") == joins
    assert told.count("participant-leave") == (0 if script.get("lose") is True else joins or 1)


def test_a_witness_that_has_forgotten_sends_no_more_words_of_old_rooms(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    lead(twilio, pages)
    reported(pages, "conference-start")
    wait(lambda: not twilio.witness()["callbacks"]["waiting"])
    told = len(pages.forms("room"))
    assert requests.delete(f"{twilio.url}/_witness", timeout=60).status_code == 204
    agent(twilio, pages, statusCallback=f"{pages.url}/new")
    wait(lambda: pages.forms("new"))
    assert len(pages.forms("room")) == told
    assert len(twilio.heard.rooms()) == 1


# -- limits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "code"), [({"participantLabel": "agent"}, 16025), ({"maxParticipants": "1"}, 16020)]
)
def test_who_is_not_let_in_hears_the_next_verb(
    twilio: Simulator, pages: Pages, attributes: dict[str, str], code: int
) -> None:
    agent(twilio, pages)
    sid = lead(twilio, pages, **attributes)
    twilio.reaches(sid, "completed")
    assert [error["code"] for error in twilio.heard.errors()] == [code]
    assert len(twilio.heard.rooms()[0]["participants"]) == 1
    assert not pages.forms("left")


# -- the API -----------------------------------------------------------------------------------------------------------


def test_rooms_and_who_is_in_them_can_be_asked_for(twilio: Simulator, pages: Pages) -> None:
    held = agent(twilio, pages)
    asked = {"FriendlyName": "room", "Status": "in-progress"}
    assert twilio.resource("GET", "Conferences.json", params=asked).json()["conferences"] == []
    lead(twilio, pages)
    (room,) = twilio.resource("GET", "Conferences.json", params=asked).json()["conferences"]
    assert (room["friendly_name"], room["status"], room["account_sid"]) == ("room", "in-progress", ACCOUNT_SID)
    assert twilio.resource("GET", f"Conferences/{room['sid']}.json").json() == room
    people = twilio.resource("GET", f"Conferences/{room['sid']}/Participants.json").json()["participants"]
    assert [one["label"] for one in people] == ["agent", "lead43"]
    found = twilio.resource("GET", "Conferences/room/Participants/agent.json").json()
    assert (found["call_sid"], found["end_conference_on_exit"]) == (held, True)
    for path in (
        "Conferences/none.json",
        "Conferences/room/Participants/CA0.json",
        "Conferences/none/Participants.json",
    ):
        assert twilio.resource("GET", path).status_code == 404


def test_a_room_that_has_begun_can_be_ended(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    end = {"Status": "completed"}
    assert twilio.resource("POST", "Conferences/room.json", data=end).json()["code"] == 16099
    lead(twilio, pages)
    assert twilio.resource("POST", "Conferences/room.json", data=end).json()["status"] == "completed"
    assert reported(pages, "conference-end")[0]["ReasonConferenceEnded"] == "conference-ended-via-api"
    wait(lambda: twilio.heard.sentences(LEAD) == ["Sorry."])


def test_somebody_can_be_put_out(twilio: Simulator, pages: Pages) -> None:
    agent(twilio, pages)
    sid = lead(twilio, pages)
    assert twilio.resource("DELETE", "Conferences/room/Participants/lead43.json").status_code == 204
    assert twilio.resource("DELETE", "Conferences/room/Participants/lead43.json").status_code == 404
    twilio.reaches(sid, "completed")
    assert twilio.heard.sentences(LEAD) == ["Sorry."]


def test_strangers_learn_nothing_of_rooms(twilio: Simulator) -> None:
    for path in ("Conferences", "Applications", "IncomingPhoneNumbers"):
        url = f"{twilio.account_url}/{path}.json"
        assert requests.get(url, auth=("SK", "no"), timeout=60).status_code == 401


# -- a leg that dies ---------------------------------------------------------------------------------------------------


def test_a_dead_leg_is_heard_by_nobody_and_noticed_later(twilio: Simulator, pages: Pages) -> None:
    held = agent(twilio, pages)
    sid = lead(twilio, pages)
    wait(lambda: twilio.heard.seconds_to_agent(LEAD) is not None)
    twilio.heard.die(held, 60)
    assert twilio.fetch(held)["status"] == "in-progress"
    twilio.reaches(sid, "completed")
    leg = twilio.heard.leg(LEAD)
    assert leg["longest_alone_s"] >= 60
    assert twilio.heard.sentences(LEAD) == ["Sorry."]
    assert twilio.heard.alone_longer_than(59) == [leg]
