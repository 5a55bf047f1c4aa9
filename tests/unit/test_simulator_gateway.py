"""The signalling that the voice SDK speaks, without the SDK and without a browser: frames in, frames out."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from local.options import ACCOUNT_SID, API_KEY, API_SECRET
from local.twilio_simulator.tokens import BadToken, Bearer, read
from tests.unit.simulator_world import PATIENCE_S, Pages, Simulator, response, running, wait

KEYS = {API_KEY: API_SECRET}
HEAD = {"typ": "JWT", "alg": "HS256", "cty": "twilio-fpa;v=1"}
APPLICATION = "AP" + "0" * 32


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    grants = {"identity": "ada", "voice": {"outgoing": {"application_sid": APPLICATION}}}
    return {"iss": API_KEY, "sub": ACCOUNT_SID, "nbf": now - 5, "exp": now + 600, "grants": grants} | changes


def token(told: dict[str, Any], head: dict[str, str] | None = None, secret: str = API_SECRET) -> str:
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head or HEAD, told))
    return f"{signed}.{_encoded(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def _encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


# -- tokens ------------------------------------------------------------------------------------------------------------


def test_a_token_says_who_somebody_is_and_what_they_may_call() -> None:
    bearer = read(token(claims()), ACCOUNT_SID, KEYS)
    assert bearer == Bearer("ada", APPLICATION, bearer.lasts_s)
    assert 590 < bearer.lasts_s <= 600


@pytest.mark.parametrize("text", ["", "a.b.c"])
def test_what_is_no_token_is_not_taken(text: str) -> None:
    with pytest.raises(BadToken) as bad:
        read(text, ACCOUNT_SID, KEYS)
    assert bad.value.code == 31204


# A token is made in the test, never while tests are collected: it would be old when its turn comes.
@pytest.mark.parametrize(
    ("changes", "head", "secret", "code"),
    [
        ({}, {}, "another", 31204),
        ({"iss": "SK1"}, {}, API_SECRET, 31204),
        ({"sub": "AC1"}, {}, API_SECRET, 31204),
        ({"grants": {"identity": "ada"}}, {}, API_SECRET, 31204),
        ({"nbf": 900}, {}, API_SECRET, 31204),
        ({}, {"alg": "none"}, API_SECRET, 31204),
        ({}, {"cty": ""}, API_SECRET, 31204),
        ({"exp": -1}, {}, API_SECRET, 31205),
        ({"exp": 25 * 3600}, {}, API_SECRET, 31205),
    ],
)
def test_no_other_token_is_taken(changes: dict[str, Any], head: dict[str, str], secret: str, code: int) -> None:
    now = int(time.time())
    moments = {name: now + from_now for name, from_now in changes.items() if name in ("nbf", "exp")}
    with pytest.raises(BadToken) as bad:
        read(token(claims(**changes | moments), HEAD | head, secret), ACCOUNT_SID, KEYS)
    assert bad.value.code == code


# -- frames ------------------------------------------------------------------------------------------------------------


class Sdk:
    """The browser's end of the socket."""

    def __init__(self, twilio: Simulator) -> None:
        self.socket: ClientConnection = connect(f"ws{twilio.url[4:]}/signal", open_timeout=PATIENCE_S, legacy=True)

    def say(self, kind: str, **payload: Any) -> None:
        self.socket.send(json.dumps({"type": kind, "version": "1.6", "payload": payload}))

    def hear(self, kind: str) -> dict[str, Any]:
        """The next frame, which must be of this kind; beats are none."""
        while (text := self.socket.recv(PATIENCE_S)) == "\n":
            pass
        told = json.loads(text)
        assert told["type"] == kind, told
        return dict(told["payload"])

    def listens(self, application: str, **payload: Any) -> None:
        grants = {"identity": "ada", "voice": {"outgoing": {"application_sid": application}}}
        self.say("listen", token=token(claims(grants=grants)), **payload)
        assert self.hear("connected")["token"]["identity"] == "ada"

    def calls(self, **params: str) -> str:
        """Call, and be answered; the SID of the call."""
        spelled = "&".join(f"{name}={value}" for name, value in params.items())
        self.say("invite", callsid="TJ1", sdp="offer", twilio={"params": spelled})
        sid = str(self.hear("ringing")["callsid"])
        answer = self.hear("answer")
        assert (answer["callsid"], answer["sdp"]) == (sid, "answer to offer")
        return sid


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running(speed=20) as made:
        yield made


@pytest.fixture
def pages() -> Iterator[Pages]:
    made = Pages(agent=response('<Dial><Conference endConferenceOnExit="true" waitUrl="">room</Conference></Dial>'))
    yield made
    made.close()


@pytest.fixture
def application(twilio: Simulator, pages: Pages) -> str:
    told = {"VoiceUrl": f"{pages.url}/agent"}
    return str(twilio.resource("POST", "Applications.json", data=told).json()["sid"])


@pytest.fixture
def mixed(twilio: Simulator) -> Iterator[list[dict[str, Any]]]:
    """What the page that mixes the sound is told; it answers every offer."""
    told: list[dict[str, Any]] = []
    socket = connect(f"ws{twilio.url[4:]}/_mixer/socket", open_timeout=PATIENCE_S, legacy=True)

    def answer() -> None:
        for text in socket:
            told.append(json.loads(text))
            if told[-1]["id"]:
                socket.send(json.dumps({"id": told[-1]["id"], "value": f"answer to {told[-1].get('offer')}"}))

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield told
    socket.close()
    thread.join(PATIENCE_S)


@pytest.fixture
def sdk(twilio: Simulator, mixed: list[dict[str, Any]]) -> Iterator[Sdk]:
    assert mixed == []  # the page is there, and was told nothing yet
    made = Sdk(twilio)
    yield made
    made.socket.close()


def test_a_browser_registers_calls_and_hangs_up(
    sdk: Sdk, twilio: Simulator, pages: Pages, application: str, mixed: list[dict[str, Any]]
) -> None:
    sdk.listens(application)
    sdk.say("register", media={"audio": True})
    sdk.hear("ready")
    sid = sdk.calls(session="s1", note="%C3%A4")
    form = pages.forms("agent")[0]
    assert (form["From"], form["session"], form["note"]) == ("client:ada", "s1", "ä")
    assert twilio.fetch(sid)["status"] == "in-progress"
    sdk.say("hangup", callsid=sid)
    twilio.reaches(sid, "completed")
    wait(lambda: any(one["do"] == "end" and one["sid"] == sid for one in mixed))


def test_the_mixer_is_told_who_is_in_which_mix(
    sdk: Sdk, twilio: Simulator, pages: Pages, application: str, mixed: list[dict[str, Any]]
) -> None:
    sdk.listens(application)
    held = sdk.calls()
    twilio.script(outcome="completed", ring_s=0, talk_s=14_000)
    lead = twilio.call(Twiml=pages.pages["agent"].replace("true", "false"))  # type: ignore[union-attr]
    room = wait(lambda: twilio.heard.rooms()[0]["status"] == "in-progress" and twilio.heard.rooms()[0]["sid"])
    put = {"do": "put", "id": 0, "room": room, "muted": False}
    wait(lambda: {**put, "sid": held} in mixed and {**put, "sid": lead} in mixed)
    phones = [one for one in mixed if one["do"] == "phone"]
    assert [one["sid"] for one in phones] == [lead]


def test_a_call_that_we_end_is_told_to_the_browser(sdk: Sdk, twilio: Simulator, application: str) -> None:
    sdk.listens(application)
    sid = sdk.calls()
    twilio.update(sid, Status="completed")
    assert sdk.hear("hangup")["callsid"] == sid


def test_a_socket_that_goes_without_a_word_ends_the_call(sdk: Sdk, twilio: Simulator, application: str) -> None:
    sdk.listens(application)
    sid = sdk.calls()
    sdk.socket.close()
    twilio.reaches(sid, "completed")


def test_a_browser_that_comes_back_in_time_has_its_call_still(sdk: Sdk, twilio: Simulator, application: str) -> None:
    sdk.listens(application, reconnectTimeout=30)
    sid = sdk.calls()
    sdk.socket.close()
    again = Sdk(twilio)
    again.listens(application, reconnectTimeout=30)
    again.say("invite", callsid=sid, sdp="offer", reconnect=sid)
    assert again.hear("answer") == {"callsid": sid, "reconnect": sid}
    assert twilio.fetch(sid)["status"] == "in-progress"
    again.say("hangup", callsid=sid)
    twilio.reaches(sid, "completed")
    again.socket.close()


def test_a_browser_that_does_not_come_back_in_time_has_lost_its_call(
    sdk: Sdk, twilio: Simulator, application: str
) -> None:
    sdk.listens(application, reconnectTimeout=1)
    sid = sdk.calls()
    began = time.monotonic()
    sdk.socket.close()
    twilio.reaches(sid, "completed")
    assert time.monotonic() - began >= 1


def test_a_token_that_is_none_opens_nothing(sdk: Sdk) -> None:
    sdk.say("listen", token="nonsense")
    assert sdk.hear("error")["error"]["code"] == 31204
    sdk.say("invite", callsid="TJ1", sdp="offer")
    assert sdk.hear("error")["callsid"] == "TJ1"


def test_an_application_that_there_is_not_is_not_called(sdk: Sdk, twilio: Simulator) -> None:
    sdk.listens(APPLICATION)
    sdk.say("invite", callsid="TJ1", sdp="offer")
    assert sdk.hear("error")["error"]["code"] == 31002
    assert twilio.list() == []


def test_a_browser_that_is_turned_away_is_hung_up_on(
    sdk: Sdk, twilio: Simulator, pages: Pages, application: str
) -> None:
    pages.pages["agent"] = response("<Reject/>")
    sdk.listens(application)
    sdk.say("invite", callsid="TJ1", sdp="offer", twilio={"params": ""})
    sid = sdk.hear("ringing")["callsid"]
    assert sdk.hear("hangup")["callsid"] == sid
    assert twilio.heard.legs() == []


def test_a_key_that_is_pressed_is_heard_by_the_document(
    sdk: Sdk, twilio: Simulator, pages: Pages, application: str
) -> None:
    pages.pages |= {"agent": response('<Gather numDigits="1" timeout="600" action="pressed"/>'), "pressed": response()}
    sdk.listens(application)
    sid = sdk.calls()
    sdk.say("dtmf", callsid=sid, dtmf="5")
    twilio.reaches(sid, "completed")
    assert pages.forms("pressed")[0]["Digits"] == "5"
