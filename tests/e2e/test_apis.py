"""Who gets in, who hears what, and what strangers and rubbish are told."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from twilio.request_validator import RequestValidator
from websockets.exceptions import InvalidStatus

from tests.e2e.agents import PASSWORD, PATIENCE_S, Numbers, Person, Tab, Twilio, aws, eventually, log_in


def _forged(agent: Person, **changes: Any) -> str:
    """The agent's own token with other claims, signed by somebody else."""
    claims = jwt.decode(agent.token, options={"verify_signature": False}) | changes
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": jwt.get_unverified_header(agent.token)["kid"]})


def _unsigned(agent: Person) -> str:
    claims = jwt.decode(agent.token, options={"verify_signature": False})
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{header}.{body}."


def _of_another_client(agent: Person) -> str:
    """What the same pool signs, with the same key, for another application: only its audience is not ours."""
    cognito = aws(agent.outputs, "cognito-idp")
    pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="another", ExplicitAuthFlows=flows)
    other = client["UserPoolClient"]["ClientId"]
    return log_in(agent.outputs | {"cognito_client_id": other}, agent.username, PASSWORD).token


BAD_TOKENS: dict[str, Callable[[Person], str]] = {
    "garbage": lambda _: "garbage",
    "empty": lambda _: "",
    "alg none": _unsigned,
    "other key": _forged,
    "of another client": _of_another_client,
    "cut off": lambda agent: agent.token[:-8],
}


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_opens_no_socket_and_leaves_no_record(stack: dict[str, Any], agent: Person, kind: str) -> None:
    """A handshake with a bad token is refused, and nothing is written.

    That a token of the right key is held to its expiry, issuer and algorithm too, `test_own_back_end.py` shows: Cognito
    signs no such tokens.
    """
    with pytest.raises(InvalidStatus) as refused:
        Tab(stack["websocket_url"], BAD_TOKENS[kind](agent))
    assert refused.value.response.status_code in (401, 403)
    assert _connections(stack, agent) == []


def test_a_foreign_page_opens_no_socket(stack: dict[str, Any], agent: Person) -> None:
    """A good token is refused from an origin that is not listed, accepted from the page's own and from no browser."""
    with pytest.raises(InvalidStatus):
        agent.tab(origin="https://evil.example.com")
    assert _connections(stack, agent) == []
    agent.tab(origin=stack["page_url"].rstrip("/"))
    agent.tab()
    assert len(_connections(stack, agent)) == 2


def test_the_record_lives_as_long_as_the_tab(stack: dict[str, Any], agent: Person) -> None:
    """A closed tab's record is gone, the other tab's stays; the record's TTL is in seconds, just over two hours."""
    first, second = agent.tab().start(), agent.tab().start()
    record = _connections(stack, agent)[0]
    assert 7200 < int(record["expires_at"]["N"]) - time.time() < 7800
    first.close()
    eventually(lambda: len(_connections(stack, agent)) == 1)
    second.emit("ping")
    second.wait(lambda tab: len(tab.events("pong")) == 2)
    second.close()
    eventually(lambda: _connections(stack, agent) == [])


def test_after_logout_the_server_forgets_the_connection_and_starts_no_call(
    stack: dict[str, Any], agent: Person, twilio: Twilio
) -> None:
    """Sign-out closes the socket from the server's side; nothing that waits is called any more."""
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.events("autocall:finished"))
    assert agent.api("DELETE", "/api/connections").status_code in (200, 204)
    tab.wait(lambda tab: tab.closed)
    assert _connections(stack, agent) == []
    phones, silent = Numbers.take(2), agent.tab()  # whoever has said nothing yet is not there, and hears of the run
    leads = agent.imports(*phones)
    silent.wait(Tab.nobody_was_there)
    assert twilio.dialled(*phones) == [0, 0]
    assert {agent.lead(lead)["call_status"] for lead in leads} == {"pending"}


RUBBISH = {
    "no JSON": "rubbish",
    "a list": "[]",
    "a text": '"text"',
    "no event": "{}",
    "event 7": '{"event": 7}',
    "data a list": '{"event": "leads:fetched", "data": []}',
    "100 KB": "x" * 100_000,
    "cut off": '{"event"',
    "NUL": "\u0000",
}


@pytest.mark.parametrize("kind", RUBBISH)
def test_a_malformed_frame_is_told_so_and_the_socket_stays(agent: Person, kind: str) -> None:
    """Whatever comes, the page gets an `error` with a reason, and goes on."""
    tab = agent.tab()
    tab.raw(RUBBISH[kind])
    error = tab.wait(lambda tab: tab.events("error"))[0]
    assert error["code"] == "malformed_frame"
    assert error["message"]
    tab.emit("ping")
    tab.wait(lambda tab: tab.events("pong"))


def test_an_unknown_event_is_told_so(agent: Person) -> None:
    """An event that nobody knows gets an `error` that names it."""
    tab = agent.tab()
    tab.emit("leads:fetch")
    assert "leads:fetch" in tab.wait(lambda tab: tab.events("error"))[0]["message"]


def test_two_users_never_meet(someone: Callable[..., Person]) -> None:
    """Neither user receives an event of the other, nor can read, release, delete or forbid the other's leads.

    What the other has is answered like what nobody has: 404, with the same words.
    """
    one, other = someone(), someone()
    one_leads, other_leads = one.imports(*Numbers.take(3)), other.imports(*Numbers.take(3))
    one_tab, other_tab = one.tab().start(), other.tab().start()
    one_tab.wait(lambda tab: tab.completed() == set(one_leads))
    other_tab.wait(lambda tab: tab.completed() == set(other_leads))

    assert {data["lead_id"] for data in one_tab.events("call:")} == set(one_leads)
    assert {data["lead_id"] for data in other_tab.events("call:")} == set(other_leads)
    assert {lead["lead_id"] for lead in one.leads()} == set(one_leads)
    lead = other_leads[0]
    before = other.lead(lead)
    for method, what in (("GET", ""), ("DELETE", ""), ("PUT", "/do-not-call"), ("DELETE", "/do-not-call")):
        _is_nobodys(one, method, lead, what)
    for what in ("/release", "/settle"):
        _is_nobodys(one, "POST", lead, what, json={"attempt_id": before["attempt_id"]})
    assert other.lead(lead) == before


def _is_nobodys(person: Person, method: str, lead: str, what: str, **options: Any) -> None:
    """The API answers this person as it does for a lead that there is not."""
    theirs = person.api(method, f"/api/leads/{lead}{what}", **options)
    nobodys = person.api(method, f"/api/leads/{'x' * len(lead)}{what}", **options)
    assert (theirs.status_code, theirs.json()) == (nobodys.status_code, nobodys.json())
    assert theirs.status_code == 404


def test_no_phone_number_travels_in_an_event(agent: Person) -> None:
    """Call events carry no number and no name."""
    (phone,) = Numbers.take(1)
    (lead,) = agent.imports(phone, name="Ada Lovelace")
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.heard_all(lead))
    told = json.dumps(tab.received)
    assert phone[1:] not in told
    assert "Lovelace" not in told


def _callback(
    stack: dict[str, Any], agent: Person, lead: dict[str, Any], token: str, status: str = "ringing", signed: str = ""
) -> Any:
    """Post a callback about the lead; *signed* is the lead whose address the signature is for, if it is another."""
    path = f"/twilio/status/{agent.user_id}/{lead['lead_id']}?attempt={lead['attempt_id']}"
    form = {"CallSid": lead["call_sid"], "CallStatus": status, "AccountSid": stack["twilio_account_sid"], "ToZip": ""}
    address = stack["http_url"] + (path.replace(lead["lead_id"], signed) if signed else path)
    signature = RequestValidator(token).compute_signature(address, form)
    headers = {"X-Twilio-Signature": signature} if token != "missing" else {}
    return requests.post(stack["http_url"] + path, data=form, headers=headers, timeout=PATIENCE_S)


def test_a_callback_that_is_not_twilios_changes_nothing(stack: dict[str, Any], agent: Person) -> None:
    """A wrong or missing signature, or Twilio's own for another address: 403; nothing is written, nothing pushed."""
    (lead_id,) = agent.imports(*Numbers.take(1))
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.heard_all(lead_id))
    before, heard = agent.lead(lead_id), len(tab.events("call:"))

    assert _callback(stack, agent, before, "wrong").status_code == 403
    assert _callback(stack, agent, before, "missing").status_code == 403
    foreign = _callback(stack, agent, before, stack["twilio_auth_token"], signed="x" * len(lead_id))
    assert foreign.status_code == 403
    tab.emit("ping")
    tab.wait(lambda tab: len(tab.events("pong")) == 2)
    assert agent.lead(lead_id) == before
    assert len(tab.events("call:")) == heard


def test_a_replayed_or_older_callback_changes_nothing(stack: dict[str, Any], agent: Person) -> None:
    """Signed all right, but late or repeated: answered 204, nothing changed, nothing pushed."""
    (lead_id,) = agent.imports(*Numbers.take(1))
    tab = agent.tab().start()
    tab.wait(lambda tab: tab.heard_all(lead_id))
    before, heard = agent.lead(lead_id), len(tab.events("call:"))

    token = stack["twilio_auth_token"]
    for status in ("ringing", "in-progress", before["call_status"], "no-answer", "initiated"):
        assert _callback(stack, agent, before, token, status).status_code == 204
    tab.emit("ping")
    tab.wait(lambda tab: len(tab.events("pong")) == 2)

    assert agent.lead(lead_id) == before
    assert len(tab.events("call:")) == heard


def _connections(stack: dict[str, Any], agent: Person) -> list[dict[str, Any]]:
    found = aws(stack, "dynamodb").query(
        TableName=stack["agents_table"],
        KeyConditionExpression="user_id = :user",
        ExpressionAttributeValues={":user": {"S": agent.user_id}},
        ConsistentRead=True,
    )["Items"]
    return [item for item in found if item["item"]["S"].startswith("connection#")]
