"""An installation whose tokens a back end of one's own signs (HS256): one key opens the API and the socket alike."""

import base64
import json
import uuid
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from autocall.agent_table import AgentTable, Connection
from tests.e2e.agents import Numbers, Outputs, Person, Twilio, aws, close_tabs, eventually, signed_in
from tests.e2e.conftest import FIRST_KEY, TOKENS

NEW = "the back end's second key " * 3


def test_a_person_of_the_back_end_imports_and_calls(paced: Outputs) -> None:
    """With one signed token the API takes the list, the socket opens, and every lead is called once."""
    person = signed_in(paced, FIRST_KEY)
    phones = Numbers.take(3)
    leads = person.imports(*phones)
    tab = person.tab().start()
    tab.wait(lambda tab: tab.completed() == set(leads))
    close_tabs(person)
    assert Twilio(paced).dialled(*phones) == [1, 1, 1]


def test_an_admin_is_who_the_back_end_says(paced: Outputs) -> None:
    """The groups of the token decide, also where `connect` is the API's authorizer."""
    admin, agent = signed_in(paced, FIRST_KEY, sub="boss", groups=["admins"]), signed_in(paced, FIRST_KEY, sub="staff")
    numbers = {"numbers": Numbers.take(1), "installation": True}
    assert admin.api("POST", "/api/do-not-call", json=numbers).status_code == 200
    assert agent.api("POST", "/api/do-not-call", json=numbers).status_code == 403
    assert agent.api("DELETE", "/api/do-not-call", json=numbers).status_code == 403
    assert admin.api("DELETE", "/api/do-not-call", json=numbers).json() == {"allowed": 1, "refused": []}
    assert admin.api("DELETE", "/api/do-not-call", json=numbers).json()["allowed"] == 0


def _without_signature(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def _connections(paced: Outputs, person: Person) -> tuple[Connection, ...]:
    """The sockets of a person that the installation has written down."""
    return AgentTable(aws(paced, "dynamodb"), paced["agents_table"]).get_agent(person.user_id).connections


@pytest.mark.parametrize(
    ("key", "algorithm", "claims"),
    [
        (NEW, "HS256", {}),
        (FIRST_KEY, "HS512", {}),
        (FIRST_KEY, "HS256", {"exp": 1}),
        (FIRST_KEY, "HS256", {"iss": "https://evil.example.com"}),
        (FIRST_KEY, "HS256", {"aud": "another"}),
        (FIRST_KEY, "none", {}),
    ],
)
def test_other_tokens_open_nothing(paced: Outputs, key: str, algorithm: str, claims: dict[str, Any]) -> None:
    """Another key, algorithm, issuer or audience, an expired token, no signature: refused by API and socket alike.

    But for the first, the key is the right one, so that the claim alone is what they are refused for; and nothing is
    written down of who was refused.
    """
    claims |= {"sub": f"stranger-{uuid.uuid4().hex}"}
    stranger = signed_in(paced, key, "HS256" if algorithm == "none" else algorithm, **claims)
    if algorithm == "none":
        stranger.token = _without_signature(stranger.token)
    assert stranger.api("GET", "/api/leads").status_code in (401, 403)
    with pytest.raises(InvalidStatus) as refused:
        stranger.tab()
    assert refused.value.response.status_code in (401, 403)
    assert _connections(paced, stranger) == ()


def test_a_handshake_with_a_good_token_is_written_down(paced: Outputs) -> None:
    """What the refused ones leave no trace of."""
    person = signed_in(paced, FIRST_KEY, sub=f"welcome-{uuid.uuid4().hex}")
    person.tab()
    assert len(_connections(paced, person)) == 1
    close_tabs(person)


def test_without_the_grant_of_its_secret_no_token_opens_anything(paced: Outputs) -> None:
    """Of what the function `connect` may do, reading the keys is needed, and it is this one secret's."""
    iam, person = aws(paced, "iam"), signed_in(paced, FIRST_KEY)
    role = _connect(paced)["Role"].rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    reading = [one for one in document["Statement"] if one["Action"] == "secretsmanager:GetSecretValue"]
    assert [one["Resource"].rpartition(":secret:")[2] for one in reading] == [f"{TOKENS}-??????"]
    left = {**document, "Statement": [one for one in document["Statement"] if one not in reading]}
    try:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(left))
        _restart(paced)
        assert person.api("GET", "/api/leads").status_code >= 400
        with pytest.raises(InvalidStatus):
            person.tab()
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
        _restart(paced)
    assert person.api("GET", "/api/leads").status_code == 200


def _connect(paced: Outputs) -> dict[str, Any]:
    told: dict[str, Any] = aws(paced, "lambda").get_function_configuration(FunctionName="autocall-connect")
    return told


def _restart(paced: Outputs) -> None:
    """Let every environment of the function be a new one: it reads the keys once."""
    memory = _connect(paced)["MemorySize"]
    aws(paced, "lambda").update_function_configuration(FunctionName="autocall-connect", MemorySize=memory + 1)


def test_the_back_ends_key_is_rotated_with_two(paced: Outputs) -> None:
    """A key that is added opens at once what the old one opens; the old one goes on until it is taken out."""
    person = signed_in(paced, NEW)
    assert person.api("GET", "/api/leads").status_code in (401, 403)
    secrets = aws(paced, "secretsmanager")
    secrets.put_secret_value(SecretId=TOKENS, SecretString=json.dumps({"keys": [NEW, FIRST_KEY]}))
    eventually(lambda: person.api("GET", "/api/leads").status_code == 200)
    assert signed_in(paced, FIRST_KEY).api("GET", "/api/leads").status_code == 200
    tab = person.tab()
    tab.emit("ping")
    tab.wait(lambda tab: tab.events("pong"))
    close_tabs(person)
