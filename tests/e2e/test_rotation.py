"""Twilio's credentials change while calls are under way, in an account of their own: callbacks' token, then the key."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from twilio.request_validator import RequestValidator

from autocall.agent_table import AgentTable
from autocall.timing import now
from local.options import AUTH_TOKEN
from tests.e2e.agents import (
    LASTS,
    PATIENCE_S,
    Numbers,
    Outputs,
    Person,
    Tab,
    Twilio,
    aws,
    eventually,
)
from tests.e2e.conftest import Ops

NEW_TOKEN = "promoted-in-the-console"


def _in_the_console(paced: Outputs, **changes: Any) -> None:
    answer = requests.post(f"{paced['twilio_simulator_url']}/_credentials", json=changes, timeout=PATIENCE_S)
    assert answer.status_code == 204


def test_a_rotated_token_loses_no_callback(paced: Outputs, person: Person, paced_ops: Ops) -> None:
    """With a new token added, promoted and alone, every callback of calls under way is taken, and ends its call.

    Three calls are under way at any time, and all are being talked through when the functions are started anew: what
    works on a callback then is killed by the emulator, as it is not on AWS.
    """
    with ThreadPoolExecutor(6) as pool:  # Twilio waits 15 s for an answer: not for so many functions that start at once
        assert set(pool.map(lambda _: _signed(paced, AUTH_TOKEN), range(6))) == {204}
    twilio, phones = Twilio(paced), Numbers.take(12)
    for phone in phones:
        twilio.script(phone, **LASTS)  # or a slow machine would see the last of them end before it has changed anything
    assert person.api("PUT", "/api/settings", json={"lines": 3}).status_code == 200
    leads = person.imports(*phones)
    tab = person.tab().start()
    _end(twilio, tab, leads[:2], phones[:2])
    tab.wait(lambda tab: all(tab.heard(lead, "in-progress") for lead in leads[2:5]))

    assert "2 auth tokens" in paced_ops("add-token", auth_token=NEW_TOKEN)
    _in_the_console(paced, auth_token=NEW_TOKEN)
    promoted_after = len(tab.completed())
    _end(twilio, tab, leads[2:7], phones[2:7])
    tab.wait(lambda tab: all(tab.heard(lead, "in-progress") for lead in leads[7:10]))
    assert "this auth token only" in paced_ops("only-token", auth_token=NEW_TOKEN)
    only_after = len(tab.completed())

    _end(twilio, tab, leads[7:], phones[7:])
    assert tab.completed() == set(leads)
    assert 0 < promoted_after < only_after < len(leads)
    assert twilio.dialled(*phones) == [1] * len(phones)
    callbacks = twilio.callbacks()
    assert callbacks["answered"] == {"204": callbacks["sent"]}
    ends = [person.lead(lead)["history"][-1] for lead in leads]
    assert {end["evidence"] for end in ends} == {"callback"}


def _end(twilio: Twilio, tab: Tab, leads: list[str], phones: list[str]) -> None:
    """One after the other answers and hangs up, and the page hears of it."""
    for lead, phone in zip(leads, phones, strict=True):
        tab.wait(lambda tab, lead=lead: tab.heard(lead, "in-progress"))
        twilio.hang_up(phone)
        tab.wait(lambda tab, lead=lead: lead in tab.completed())


def test_what_the_old_token_signs_is_refused_after_it(paced: Outputs) -> None:
    """After the rotation the new token is taken and the old one is not, nor one that nobody was told of."""
    signed_with = {token: _signed(paced, token) for token in (NEW_TOKEN, AUTH_TOKEN, "somebody's")}
    assert signed_with == {NEW_TOKEN: 204, AUTH_TOKEN: 403, "somebody's": 403}


def test_a_secret_that_was_changed_by_hand_is_read_again(paced: Outputs) -> None:
    """A function that runs already takes a new token, too, after a signature did not fit."""
    secrets = aws(paced, "secretsmanager")
    held = json.loads(secrets.get_secret_value(SecretId="autocall/twilio")["SecretString"])
    assert _signed(paced, "by-hand") == 403
    held["auth_tokens"].append("by-hand")
    secrets.put_secret_value(SecretId="autocall/twilio", SecretString=json.dumps(held))
    eventually(lambda: _signed(paced, "by-hand") == 204)
    assert _signed(paced, NEW_TOKEN) == 204


def test_a_replaced_key_calls_on(paced: Outputs, person: Person, paced_ops: Ops) -> None:
    """With the new key in place and the old one gone in the console, leads are called as before."""
    key, secret = "SK" + uuid.uuid4().hex, "another-api-secret"
    assert "may be deleted" in paced_ops("replace-key", api_key=key, api_secret=secret)
    _in_the_console(paced, keys={key: secret})
    (phone,) = Numbers.take(1)
    (lead,) = person.imports(phone)
    tab = person.tab().start()
    tab.wait(lambda tab: lead in tab.completed())
    assert Twilio(paced).dialled(phone) == [1]


def test_a_key_that_was_revoked_stops_all_until_resumed(paced: Outputs, person: Person, paced_ops: Ops) -> None:
    """A refused account harms no lead: the installation rests, and with the right key and `resume` it calls on."""
    key, secret = "SK" + uuid.uuid4().hex, "a-third-api-secret"
    _in_the_console(paced, keys={key: secret})
    first, second = Numbers.take(2)
    leads = person.imports(first, second)
    tab = person.tab().start()
    tab.wait(_refused)
    assert [lead["call_status"] for lead in person.leads()] == ["pending"] * 2
    assert "account refused (20003)" in paced_ops("look")

    paced_ops("replace-key", api_key=key, api_secret=secret)
    agents = AgentTable(aws(paced, "dynamodb"), paced["agents_table"])
    eventually(lambda: agents.connected_users(now()) == [person.user_id])  # those of the tests before have gone
    assert paced_ops("resume").strip().endswith(": 1")

    tab.wait(lambda tab: set(leads) <= set(tab.completed()))  # the one that was refused, too, waits no longer
    assert Twilio(paced).dialled(first, second) == [1, 1]
    eventually(lambda: "Rests: no" in paced_ops("look"))  # the run may not have said so yet when the call has ended


def _refused(tab: Tab) -> bool:
    return any("account refused" in str(data.get("reason")) for data in tab.events("autocall:finished"))


def _signed(paced: Outputs, token: str) -> int:
    nobody = uuid.uuid4().hex
    address = f"{paced['http_url']}/twilio/status/{nobody}/{nobody}?attempt={nobody}"
    form = {"CallSid": f"CA{nobody}", "CallStatus": "ringing"}
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(address, form)}
    return requests.post(address, data=form, headers=headers, timeout=PATIENCE_S).status_code
