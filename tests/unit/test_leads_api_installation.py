"""What admins set for everybody on the page: the outcomes of a conversation, and calls per number and week."""

from collections.abc import Iterator
from typing import Any

import pytest

from autocall.installation_settings import KINDS, InstallationSettings
from tests.unit import leads_api_world
from tests.unit.leads_api_world import World

SHOW, CHANGE = "GET /api/installation", "PUT /api/installation"
ADMINS = "[admins]"
SOLD = {"code": "sold", "label": "Sold", "kind": "ordinary"}
LATER = {"code": "later", "label": "Later", "kind": "call_back"}


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def test_every_agent_sees_the_usual_outcomes_until_an_admin_sets_others(world: World) -> None:
    told = world.ask(SHOW).data
    codes = {choice["code"]: choice["kind"] for choice in told["outcomes"]}
    assert list(codes) == [
        *("meeting", "interested", "call_back", "not_interested", "wrong_person", "voicemail", "do_not_call")
    ]
    assert set(codes.values()) == set(KINDS)
    assert (told["again_per_week"], told["version"]) == (3, 0)


def test_an_admin_sets_what_everybody_sees(world: World) -> None:
    told = world.ask(CHANGE, {"outcomes": [SOLD, LATER], "again_per_week": 1, "version": 0}, groups=ADMINS)
    assert told.status == 200
    assert told.data == {"outcomes": [SOLD, LATER], "again_per_week": 1, "version": 1}
    assert world.ask(SHOW).data == told.data


def test_what_is_not_given_stays(world: World) -> None:
    world.ask(CHANGE, {"outcomes": [SOLD], "version": 0}, groups=ADMINS)
    told = world.ask(CHANGE, {"again_per_week": 5, "version": 1}, groups=ADMINS).data
    assert (told["outcomes"], told["again_per_week"]) == ([SOLD], 5)


def test_nobody_else_changes_them(world: World) -> None:
    told = world.ask(CHANGE, {"again_per_week": 5, "version": 0})
    assert (told.status, told.code) == (403, "forbidden")
    assert world.ask(SHOW).data["again_per_week"] == 3


def test_of_two_admins_who_saw_the_same_the_second_is_told(world: World) -> None:
    assert world.ask(CHANGE, {"again_per_week": 5, "version": 0}, groups=ADMINS).status == 200
    told = world.ask(CHANGE, {"outcomes": [SOLD], "version": 0}, groups=ADMINS)
    assert (told.status, told.code) == (409, "changed_meanwhile")
    assert world.ask(SHOW).data["outcomes"][0]["code"] == "meeting"


def test_a_change_that_comes_again_is_answered_as_the_first_time(world: World) -> None:
    first, again = (world.ask(CHANGE, {"again_per_week": 5, "version": 0}, groups=ADMINS) for _ in range(2))
    assert (again.status, again.data) == (200, first.data)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"outcomes": []}, "outcomes: must be a list of 1 to 20 outcomes"),
        ({"outcomes": "sold"}, "outcomes: must be a list of 1 to 20 outcomes"),
        ({"outcomes": [SOLD] * 21}, "outcomes: must be a list of 1 to 20 outcomes"),
        ({"outcomes": [{"code": "sold"}]}, "outcome 1 must have just a code, a label and a kind"),
        ({"outcomes": [SOLD, SOLD | {"code": "Sold!"}]}, "the code of outcome 2 must be small letters"),
        ({"outcomes": [SOLD | {"label": " "}]}, "the label of outcome 1 must be a text of 1 to 40 characters"),
        ({"outcomes": [SOLD | {"label": "x" * 41}]}, "the label of outcome 1 must be a text of 1 to 40 characters"),
        ({"outcomes": [SOLD | {"label": "a\nb"}]}, "the label of outcome 1 must be a text of 1 to 40 characters"),
        ({"outcomes": [SOLD | {"kind": "good"}]}, "the kind of outcome 1 must be one of ordinary, call_back"),
        ({"outcomes": [SOLD, LATER | {"code": "sold"}]}, "two outcomes have the code sold"),
        ({"outcomes": [SOLD, LATER | {"label": "SOLD"}]}, "two outcomes have the label SOLD"),
        ({"again_per_week": 0}, "again_per_week: must be a whole number from 1 to 20"),
        ({"again_per_week": True}, "again_per_week: must be a whole number from 1 to 20"),
        ({"colour": "red"}, "colour: there is no such setting"),
        ({"version": None}, "version: must be the version that was read"),
        ({"version": "0"}, "version: must be the version that was read"),
    ],
)
def test_a_wrong_value_is_refused_in_plain_words_and_nothing_is_set(
    world: World, wrong: dict[str, Any], why: str
) -> None:
    told = world.ask(CHANGE, {"version": 0} | wrong, groups=ADMINS)
    assert (told.status, told.code) == (400, "bad_settings")
    assert why in told.data["error"]["message"]
    assert world.ask(SHOW).data == InstallationSettings().view()


def test_all_that_is_wrong_is_told_at_once(world: World) -> None:
    wrong = world.ask(CHANGE, {"outcomes": [], "again_per_week": 0, "version": 0}, groups=ADMINS).data["error"]
    assert set(wrong["details"]) == {"outcomes", "again_per_week"}
