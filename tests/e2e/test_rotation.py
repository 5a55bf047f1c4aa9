"""Twilio's credentials change while calls are under way, on a stack of their own: callbacks' token, then the key."""

import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from twilio.request_validator import RequestValidator

from local.places import PYTHON, ROOT, SHARED
from local.wishes import AUTH_TOKEN
from tests.e2e.agents import Numbers, Outputs, Person, Tab, Twilio, aws, close_tabs, eventually, sign_up

NAME = "rotation"
NEW_TOKEN = "promoted-in-the-console"


@pytest.fixture(scope="module")
def rotating(another_stack: Callable[..., Outputs]) -> Outputs:
    return another_stack(NAME)


@pytest.fixture
def person(rotating: Outputs) -> Iterator[Person]:
    made = sign_up(rotating)
    yield made
    close_tabs(made)


def _ops(*words: str, **credentials: str) -> str:
    command = [str(PYTHON), "-m", "ops", "--local", str(SHARED / NAME), *words]
    environment = os.environ | {f"TWILIO_{name.upper()}": value for name, value in credentials.items()}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _in_the_console(rotating: Outputs, **changes: Any) -> None:
    answer = requests.post(f"{rotating['twilio_simulator_url']}/_credentials", json=changes, timeout=10)
    assert answer.status_code == 204


def test_a_rotated_token_loses_no_callback(rotating: Outputs, person: Person) -> None:
    """With a new token added, promoted and alone, every callback of calls under way is taken, and ends its call."""
    phones = Numbers.take(30)
    leads = person.imports(*phones)
    tab = person.tab().start()
    tab.wait(lambda tab: tab.completed(), 30)

    assert "2 auth tokens" in _ops("add-token", auth_token=NEW_TOKEN)
    _in_the_console(rotating, auth_token=NEW_TOKEN)
    promoted_after = len(tab.completed())
    tab.wait(lambda tab: len(tab.completed()) >= promoted_after + 5, 30)
    assert "this auth token only" in _ops("only-token", auth_token=NEW_TOKEN)
    only_after = len(tab.completed())

    tab.wait(lambda tab: tab.completed() == set(leads), 90)
    assert 0 < promoted_after < only_after < len(leads)
    assert Twilio(rotating).dialled(*phones) == [1] * len(phones)
    callbacks = requests.get(f"{rotating['twilio_simulator_url']}/_witness", timeout=10).json()["callbacks"]
    assert callbacks["answered"] == {"204": callbacks["sent"]}
    ends = [person.lead(lead)["history"][-1] for lead in leads]
    assert {end["evidence"] for end in ends} == {"callback"}


def test_what_the_old_token_signs_is_refused_after_it(rotating: Outputs) -> None:
    """After the rotation the new token is taken and the old one is not, nor one that nobody was told of."""
    signed_with = {token: _signed(rotating, token) for token in (NEW_TOKEN, AUTH_TOKEN, "somebody's")}
    assert signed_with == {NEW_TOKEN: 204, AUTH_TOKEN: 403, "somebody's": 403}


def test_a_secret_that_was_changed_by_hand_is_read_again(rotating: Outputs) -> None:
    """A function that runs already takes a new token, too, after a signature did not fit."""
    secrets = aws(rotating, "secretsmanager")
    held = json.loads(secrets.get_secret_value(SecretId="autocall/twilio")["SecretString"])
    assert _signed(rotating, "by-hand") == 403
    held["auth_tokens"].append("by-hand")
    secrets.put_secret_value(SecretId="autocall/twilio", SecretString=json.dumps(held))
    eventually(lambda: _signed(rotating, "by-hand") == 204, 20)
    assert _signed(rotating, NEW_TOKEN) == 204


def test_a_replaced_key_calls_on(rotating: Outputs, person: Person) -> None:
    """With the new key in place and the old one gone in the console, leads are called as before."""
    key, secret = "SK" + uuid.uuid4().hex, "another-api-secret"
    assert "may be deleted" in _ops("replace-key", api_key=key, api_secret=secret)
    _in_the_console(rotating, keys={key: secret})
    (phone,) = Numbers.take(1)
    (lead,) = person.imports(phone)
    tab = person.tab().start()
    tab.wait(lambda tab: lead in tab.completed(), 60)
    assert Twilio(rotating).dialled(phone) == [1]


def test_a_key_that_was_revoked_stops_all_until_resumed(rotating: Outputs, person: Person) -> None:
    """A refused account harms no lead: the installation rests, and with the right key and `resume` it calls on."""
    key, secret = "SK" + uuid.uuid4().hex, "a-third-api-secret"
    _in_the_console(rotating, keys={key: secret})
    first, second = Numbers.take(2)
    leads = person.imports(first, second)
    tab = person.tab().start()
    tab.wait(_refused, 30)
    assert [lead["call_status"] for lead in person.leads()] == ["pending"] * 2
    assert "account refused (20003)" in _ops("look")

    _ops("replace-key", api_key=key, api_secret=secret)
    assert _ops("resume").strip().endswith(": 1")

    tab.wait(lambda tab: leads[1] in tab.completed(), 60)
    assert Twilio(rotating).dialled(first, second) == [0, 1]
    assert person.lead(leads[0])["held"]["until"], "the one that was refused comes later"
    assert "Rests: no" in _ops("look")


def _refused(tab: Tab) -> bool:
    return any("account refused" in str(data.get("reason")) for data in tab.events("autocall:finished"))


def _signed(rotating: Outputs, token: str) -> int:
    nobody = uuid.uuid4().hex
    address = f"{rotating['http_url']}/twilio/status/{nobody}/{nobody}?attempt={nobody}"
    form = {"CallSid": f"CA{nobody}", "CallStatus": "ringing"}
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(address, form)}
    return requests.post(address, data=form, headers=headers, timeout=20).status_code
