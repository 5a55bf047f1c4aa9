"""What every route does with strangers, wrong routes and unreadable bodies; and what is logged of it."""

import base64
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from autocall.leads import lead_id, number_hash
from cdk.apis import LEADS_API
from functions.leads_api import routes
from functions.leads_api.request import MOST_BYTES
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, PHONE, World

ROUTES = [f"{method} {path}" for method, path in LEADS_API]
PAUSE = "POST /api/autocall/pause"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """All that the function logs."""
    text = StringIO()
    monkeypatch.setattr(leads_api_world.handler.logger.registered_handler, "stream", text)
    return text


def test_every_route_has_its_use_case() -> None:
    assert len({routes.use_case(route) for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("route", ["GET /api/nothing", "$default", "PATCH /api/leads", ""])
def test_there_is_nothing_behind_other_routes(world: World, route: str) -> None:
    told = world.ask(route)
    assert (told.status, told.code) == (404, "no_such_route")


def test_without_a_user_nothing_is_answered(world: World) -> None:
    told = world.ask("GET /api/leads", user="")
    assert (told.status, told.code) == (401, "unauthorized")


def test_a_subject_that_is_no_plain_id_is_kept_under_its_hash(world: World) -> None:
    world.ask("PUT /api/settings", {"lines": 3}, user="auth0|someone")
    assert world.ask("GET /api/settings", user="auth0|someone").data["lines"] == 3
    assert world.agents.get_profile("auth0|someone") == {}


def test_an_error_has_a_code_and_a_message(world: World) -> None:
    error = world.ask("GET /api/leads", query={"limit": "x"}).data["error"]
    assert set(error) == {"code", "message"}
    assert error["code"] == "bad_limit"
    assert error["message"]


@pytest.mark.parametrize("body", ["{", "[1,", "\x00", '{"a": NaN}', '"\\ud800"', "[" * 100_000, "nul", '{"a":1}{}'])
def test_a_body_that_is_not_json_is_refused(world: World, body: str) -> None:
    told = world.ask(PAUSE, body=body)
    assert (told.status, told.code) == (400, "bad_json")


@pytest.mark.parametrize("body", ["[]", "5", '"text"', "null"])
def test_a_body_of_the_wrong_kind_is_refused(world: World, body: str) -> None:
    assert world.ask("PUT /api/settings", body=body).status == 400


def test_a_body_may_come_in_base64(world: World) -> None:
    body = base64.b64encode(json.dumps({"lines": 3}).encode()).decode()
    assert world.ask("PUT /api/settings", body=body, base64=True).data["lines"] == 3


def test_base64_that_is_none_is_refused(world: World) -> None:
    assert world.ask(PAUSE, body="%%%", base64=True).status == 400


@pytest.mark.parametrize("in_base64", [False, True])
def test_a_body_of_more_than_a_megabyte_is_refused_as_too_large(world: World, in_base64: bool) -> None:
    body = b" " * (MOST_BYTES + 1)
    text = base64.b64encode(body).decode() if in_base64 else body.decode()
    told = world.ask(PAUSE, body=text, base64=in_base64)
    assert (told.status, told.code) == (413, "too_large")
    assert world.agents.get_profile(AGENT) == {}


def test_a_body_is_measured_in_bytes(world: World) -> None:
    assert world.ask(PAUSE, body="é" * (MOST_BYTES // 2 + 1)).status == 413


def test_answers_are_not_kept_by_caches_nor_guessed_at_by_browsers(world: World) -> None:
    headers = world.ask("GET /api/leads").headers
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "groups", ["[admins]", "[staff admins]", ["admins"], '["admins"]', "['staff', 'admins']", "admins"]
)
def test_admins_are_known_however_the_claim_is_written(world: World, groups: Any) -> None:
    assert world.ask("POST /api/do-not-call", {"numbers": [PHONE], "installation": True}, groups=groups).status == 200


@pytest.mark.parametrize(
    "groups", [None, "", "[]", "[staff]", "[not-admins]", "[Admins]", ["x,admins"], "[administrators]"]
)
def test_nobody_else_is_an_admin(world: World, groups: Any) -> None:
    told = world.ask("POST /api/do-not-call", {"numbers": [PHONE], "installation": True}, groups=groups)
    assert (told.status, told.code) == (403, "forbidden")


ALLOW = "DELETE /api/do-not-call"


def test_an_admin_takes_numbers_off_the_installations_list(world: World) -> None:
    """What was not on it is named by its line, as what is no number."""
    listed, other = "+12015550124", "+12015550125"
    body = {"numbers": [PHONE, listed], "installation": True}
    assert world.ask("POST /api/do-not-call", body, groups="[admins]").data["forbidden"] == 2
    told = world.ask(ALLOW, {"numbers": [PHONE, other, "none"], "installation": True}, groups="[admins]")
    assert told.data["allowed"] == 1
    assert [refused["line"] for refused in told.data["refused"]] == [2, 3]
    forbidden = [world.installation.is_forbidden(number_hash(phone)) for phone in (PHONE, listed)]
    assert forbidden == [False, True]


def test_nobody_else_takes_numbers_off_that_list(world: World) -> None:
    body = {"numbers": [PHONE], "installation": True}
    world.ask("POST /api/do-not-call", body, groups="[admins]")
    assert world.ask(ALLOW, body).status == 403
    assert world.installation.is_forbidden(number_hash(PHONE))


def test_taking_numbers_off_a_list_names_the_list(world: World) -> None:
    """An admin who forgets to say so does not take off everybody's what was meant to be their own."""
    world.ask("POST /api/do-not-call", {"numbers": [PHONE], "installation": True}, groups="[admins]")
    assert world.ask(ALLOW, {"numbers": [PHONE]}, groups="[admins]").status == 400
    assert world.installation.is_forbidden(number_hash(PHONE))


@pytest.mark.parametrize("body", ["id,seen\n4155550100,x\n", "4155550100,2015550123\n", "id\n4155550100\n"])
def test_a_list_in_which_the_numbers_cannot_be_told_forbids_nobody(world: World, body: str) -> None:
    told = world.ask("POST /api/do-not-call", body=body, content_type="text/csv")
    assert told.status == 400
    assert told.code in ("bad_header", "unknown_columns")
    assert not world.row(lead_id(AGENT, "+14155550100"))


def test_a_list_without_a_header_has_a_number_on_each_line(world: World) -> None:
    told = world.ask("POST /api/do-not-call", body=f"{PHONE}\n+12015550124\nnone\n", content_type="text/csv")
    assert (told.data["forbidden"], [one["line"] for one in told.data["refused"]]) == (2, [3])


def test_no_number_name_or_body_is_logged(world: World, logged: StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    lead = world.lost(name="Ann Secret")
    world.tab("one")
    for route in ROUTES:
        path = lead if "{id}" in route else None
        world.ask(route, {"numbers": [PHONE], "phone": PHONE, "agent_phone": PHONE, "attempt_id": "attempt"}, lead=path)
        world.ask(route, body=f"{PHONE} Ann Secret", lead=path)
    text = logged.getvalue() + capsys.readouterr().out
    assert '"route":"POST /api/leads"' in text
    assert PHONE.removeprefix("+1") not in text
    assert "Secret" not in text


def test_a_correlation_id_and_the_outcome_are_logged(world: World, logged: StringIO) -> None:
    world.ask("GET /api/leads", query={"limit": "x"})
    line = json.loads(logged.getvalue())
    assert line["correlation_id"] == "correlation"
    assert (line["route"], line["status"], line["code"]) == ("GET /api/leads", 400, "bad_limit")


def test_answers_are_counted_by_their_class(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.ask("GET /api/nothing")
    assert '"api_4xx":[1.0]' in capsys.readouterr().out.replace(" ", "")
