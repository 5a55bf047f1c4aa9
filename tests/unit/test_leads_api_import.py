"""Leads come in over the HTTP API: every row is answered for, by its line, exactly once."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from autocall.leads import lead_id
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, Told, World

IMPORT = "POST /api/leads"
LATER = 1_900_000_000.0


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.quick_world() as made:
        yield made


def phone(place: int) -> str:
    return f"+1201555{place:04}"


def csv(world: World, *lines: str, **more: Any) -> Told:
    """What the API answers to a CSV file of these lines."""
    return world.ask(IMPORT, body="".join(f"{line}\n" for line in lines), content_type="text/csv", **more)


def refused(told: Told) -> dict[int, str]:
    """The reason for each line that was refused; none is named twice."""
    reasons = {one["line"]: one["reason"] for one in told.data["refused"]}
    assert len(reasons) == len(told.data["refused"])
    return reasons


def answered(told: Told) -> int:
    """For how many rows the answer stands."""
    return int(told.data["created"] + told.data["merged"] + len(told.data["refused"]))


def callable_now(world: World, number: str) -> bool:
    return world.leads.claim(AGENT, lead_id(AGENT, number), "attempt", "run", LATER).ours


# -- the run -----------------------------------------------------------------------------------------------------------


def test_leads_that_came_queue_one_run(world: World) -> None:
    csv(world, "phone", phone(1), phone(2))
    assert world.queue.runs == [(AGENT, "imported")]


def test_an_import_whose_run_could_not_be_queued_is_made_up_for_by_its_repeat(world: World) -> None:
    world.queue.fails = 1
    with pytest.raises(ClientError):
        csv(world, "phone", PHONE)
    assert csv(world, "phone", PHONE).data == {"created": 0, "merged": 1, "refused": []}
    assert world.queue.runs == [(AGENT, "imported")]


def test_where_every_row_is_refused_there_is_nobody_to_call(world: World) -> None:
    csv(world, "phone,dnc", "none,", f"{PHONE},yes")
    assert world.queue.runs == []


# -- rows that a list marks do-not-call --------------------------------------------------------------------------------


def test_a_lead_that_waits_is_not_called_any_more_once_a_list_marks_its_number(world: World) -> None:
    world.waiting()
    told = csv(world, "phone,do not call", f"{PHONE},yes")
    assert refused(told) == {2: "is marked do-not-call in the list: this number is never called"}
    assert not callable_now(world, PHONE)


@pytest.mark.parametrize("marks", [("yes", ""), ("", "yes"), ("", "yes", ""), ("yes", "yes", "no")])
def test_in_one_list_a_mark_wins_whatever_the_order(world: World, marks: tuple[str, ...]) -> None:
    told = csv(world, "phone,dnc", *(f"{PHONE},{mark}" for mark in marks))
    assert (told.data["created"], told.data["merged"], len(refused(told))) == (0, 0, len(marks))
    assert not callable_now(world, PHONE)
    assert "call_status" not in world.row(lead_id(AGENT, PHONE))


def test_a_row_of_a_number_that_another_row_marks_is_told_which_one(world: World) -> None:
    told = csv(world, "phone,dnc", f"{PHONE},", f"{phone(7)},", f"{PHONE},x", f"{PHONE},no")
    assert refused(told) == {
        2: "its number is marked do-not-call in line 4 of the list",
        4: "is marked do-not-call in the list: this number is never called",
        5: "its number is marked do-not-call in line 4 of the list",
    }
    assert (told.data["created"], answered(told)) == (1, 4)


def test_a_number_that_an_earlier_list_marked_is_a_lead_that_is_not_called(world: World) -> None:
    csv(world, "phone,dnc", f"{PHONE},yes")
    assert csv(world, "phone", PHONE).data["created"] == 1
    assert not callable_now(world, PHONE)


def test_a_mark_in_json_is_heeded_as_well(world: World) -> None:
    told = world.ask(IMPORT, [{"phone": PHONE}, {"phone": PHONE, "do_not_call": True}])
    assert sorted(refused(told)) == [1, 2]
    assert not callable_now(world, PHONE)


@pytest.mark.parametrize("wrong", [{"note": "x" * 5000}, {"timezone": "nowhere"}, {"colour": {"red": 1}}])
def test_a_mark_is_heeded_whatever_else_is_wrong_with_its_row(world: World, wrong: dict[str, Any]) -> None:
    world.waiting()
    assert refused(world.ask(IMPORT, [{"phone": PHONE, "do_not_call": "yes", **wrong}])).keys() == {1}
    assert not callable_now(world, PHONE)


def test_a_mark_on_what_is_no_number_is_told_to_have_no_effect(world: World) -> None:
    told = csv(world, "phone,dnc", "123,yes")
    reason = refused(told)[2]
    assert reason.startswith("is marked do-not-call in the list, but the phone number is too short")
    assert world.client.writes == []


def test_marks_are_stored_before_any_lead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    create = world.leads.create

    def after_the_mark(*args: Any) -> Any:
        seen.append("dnc" in world.row(lead_id(AGENT, phone(9))))
        return create(*args)

    monkeypatch.setattr(world.leads, "create", after_the_mark)
    csv(world, "phone,dnc", f"{phone(1)},", f"{phone(9)},yes")
    assert seen == [True]


def test_a_mark_that_the_table_did_not_take_is_to_be_sent_again(world: World) -> None:
    world.client.silent = {lead_id(AGENT, PHONE)}
    told = csv(world, "phone,dnc", f"{PHONE},yes", f"{phone(7)},")
    assert refused(told) == {2: "is marked do-not-call in the list, which could not be stored: send this row again"}
    assert told.data["created"] == 1


def test_a_mark_whose_turn_had_not_come_in_time_is_to_be_sent_again(world: World) -> None:
    told = csv(world, "phone,dnc", f"{PHONE},yes", left_ms=3000)
    assert refused(told) == {2: "is marked do-not-call in the list, which could not be stored: send this row again"}


def test_a_mark_on_a_number_that_is_being_called_says_so(world: World) -> None:
    world.ringing()
    [reason] = refused(csv(world, "phone,dnc", f"{PHONE},yes")).values()
    assert reason.endswith("this number is never called again, but a call to it is in flight")


def test_all_tabs_see_what_a_list_has_forbidden(world: World) -> None:
    lead = world.waiting()
    world.tab("one")
    world.tab("two", user=OTHER)
    csv(world, "phone,dnc", f"{PHONE},yes", f"{phone(7)},yes")
    [(to, event, data)] = world.sockets.frames
    assert (to, event, data["lead_id"], data["do_not_call"]) == ("one", "call:status_updated", lead, True)


def test_a_mark_forbids_the_number_to_the_caller_only(world: World) -> None:
    lead = world.waiting(user=OTHER)
    csv(world, "phone,dnc", f"{PHONE},yes")
    assert "dnc" not in world.row(lead, OTHER)


def test_nothing_is_forbidden_by_a_request_that_is_refused(world: World) -> None:
    assert csv(world, "phone,dnc", f"{PHONE},yes", query={"rows_after": "-1"}).status == 400
    assert world.client.writes == []
