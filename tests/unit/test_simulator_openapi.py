"""The simulator's answers against Twilio's own OpenAPI document, where that is at hand."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.validation.response.exceptions import ResponseValidationError

from local.paths import ROOT
from tests.unit.simulator_world import LASTS, LEAD, PATIENCE_S, SENDER, TWIML, Simulator, running

DOCUMENT = ROOT.parent / "shared" / "data" / "twilio_calls_openapi.json"
FINAL = ("completed", "busy", "no-answer", "failed", "canceled")

pytestmark = pytest.mark.skipif(
    not DOCUMENT.exists(),
    reason="Twilio's OpenAPI document is not beside this repository; the other tests of the simulator check by hand",
)


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running() as made:
        yield made


class Checked:
    """Sends requests, and finds fault with what goes out and comes back."""

    def __init__(self, twilio: Simulator) -> None:
        document: dict[str, Any] = json.loads(DOCUMENT.read_text())
        for path in document["paths"].values():
            path["servers"] = [{"url": twilio.url}]
        self._twilio, self._document = twilio, OpenAPI.from_dict(document)

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        request = requests.Request(method, self._twilio.calls_url + path, auth=self._twilio.login, **options)
        answer = requests.Session().send(request.prepare(), timeout=PATIENCE_S)
        self._document.validate_request(RequestsOpenAPIRequest(request))
        self._document.validate_response(RequestsOpenAPIRequest(request), RequestsOpenAPIResponse(answer))
        return answer


@pytest.fixture
def checked(twilio: Simulator) -> Checked:
    return Checked(twilio)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CALL = {"To": LEAD, "From": SENDER, "Twiml": TWIML}


def test_the_document_would_find_a_fault(checked: Checked, twilio: Simulator) -> None:
    twilio.script(fault="empty")
    with pytest.raises(ResponseValidationError):
        checked("POST", ".json", data=CALL, headers=FORM)


@pytest.mark.parametrize("outcome", [*FINAL, "machine"])
def test_a_call_that_has_ended_is_described_as_the_document_has_it(
    checked: Checked, twilio: Simulator, outcome: str
) -> None:
    twilio.script(outcome=outcome, ring_s=1, talk_s=1)
    sid = checked("POST", ".json", data=CALL | {"MachineDetection": "Enable"}, headers=FORM).json()["sid"]
    ended = twilio.reaches(sid, *FINAL)["status"]
    assert checked("GET", f"/{sid}.json").json()["status"] == ended


@pytest.mark.parametrize(
    ("stage", "speed", "ring_s"), [("queued", 0.001, 1), ("ringing", 5, 600), ("in-progress", 200, 1)]
)
def test_a_call_that_goes_on_is_described_as_the_document_has_it(stage: str, speed: float, ring_s: float) -> None:
    """At every stage, each of which lasts as long as the test."""
    with running(speed=speed) as twilio:
        twilio.script(outcome="machine", ring_s=ring_s, talk_s=LASTS)
        checked = Checked(twilio)
        form = CALL | {"MachineDetection": "Enable", "Timeout": "600"}
        sid = checked("POST", ".json", data=form, headers=FORM).json()["sid"]
        twilio.reaches(sid, stage)
        assert checked("GET", f"/{sid}.json").json()["status"] == stage


def test_a_page_is_as_the_document_has_it(checked: Checked, twilio: Simulator) -> None:
    for _ in range(3):
        twilio.call()
    page = checked("GET", ".json", params={"PageSize": 2, "To": LEAD}).json()
    assert page["next_page_uri"]
    assert checked("GET", ".json", params={"PageSize": 2, "Page": 1, "Status": "queued"}).status_code == 200


def test_an_update_is_answered_as_the_document_has_it() -> None:
    with running(speed=1) as twilio:  # so that it still rings when it is ended
        twilio.script(ring_s=600)
        checked, sid = Checked(twilio), twilio.call(Timeout=600)
        end = checked("POST", f"/{sid}.json", data={"Status": "canceled"}, headers=FORM)
        assert end.json()["status"] == "canceled"
        assert checked("DELETE", f"/{sid}.json").status_code == 204


@pytest.mark.parametrize("code", [20003, 20429, 21211, 20500])
def test_an_error_is_as_the_document_has_it(checked: Checked, twilio: Simulator, code: int) -> None:
    twilio.script(refuse=code)
    assert checked("POST", ".json", data=CALL, headers=FORM).json()["code"] == code
