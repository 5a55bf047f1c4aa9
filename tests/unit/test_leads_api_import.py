"""Leads come in over the HTTP API: every row is answered for, by its line, exactly once."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from autocall.dynamo import Written
from autocall.leads import lead_id
from autocall.timing import now
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, Told, World

IMPORT = "POST /api/leads"
LATER = 1_900_000_000.0


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
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


# -- what becomes of a row ---------------------------------------------------------------------------------------------


def test_a_new_number_is_a_lead_that_waits(world: World) -> None:
    told = csv(world, "Phone number,Name,Colour", "(201) 555-0123,Ada,red")
    assert told.data == {"created": 1, "merged": 0, "refused": []}
    row = world.row(lead_id(AGENT, PHONE))
    assert (row["phone"], row["name"], row["extra"]) == (PHONE, "Ada", {"Colour": "red"})
    assert (row["call_status"], row["has_been_called"]) == ("pending", False)
    assert callable_now(world, PHONE)


def test_json_and_csv_make_the_same_lead(world: World) -> None:
    csv(world, "phone,name,timezone,state,note,external_id,Colour", f"{PHONE},Ada,America/New_York,NJ,n,7,red")
    row = world.row(lead_id(AGENT, PHONE))
    about = {"name": "Ada", "timezone": "America/New_York", "state": "NJ", "note": "n", "external_id": 7}
    world.ask(IMPORT, {"leads": [{"phone": PHONE, **about, "Colour": "red"}]}, user=OTHER)
    other = world.row(lead_id(OTHER, PHONE), OTHER)
    own = {"user_id", "lead_id", "write_id"}
    assert {name: row[name] for name in row if name not in own} == {n: other[n] for n in other if n not in own}


def test_every_row_is_answered_for_by_its_line(world: World) -> None:
    world.waiting(phone(1))
    rows = [
        "name,phone",
        f"Ada,{phone(1)}",
        "Bob,12",
        f"Cy,{phone(2)}",
        "",
        f"Di,{phone(2)}",
        "Ed,none",
        f"F,{PHONE},x",
    ]
    told = csv(world, *rows)
    assert (told.data["created"], told.data["merged"]) == (1, 2)
    assert {line: why.split(":")[0] for line, why in refused(told).items()} == {
        3: "the phone number is too short",
        7: "the phone number has letters in it",
        8: "has a cell without a column",
    }


def test_lines_are_those_of_the_file_that_a_piece_is_of(world: World) -> None:
    assert refused(csv(world, "phone", "x", PHONE, "y", query={"first_line": "502"})).keys() == {502, 504}
    assert refused(world.ask(IMPORT, {"leads": [{}, {"phone": PHONE}, 5], "first_line": 502})).keys() == {502, 504}
    assert refused(world.ask(IMPORT, [{}, {"phone": PHONE}, 5])).keys() == {1, 3}


@pytest.mark.parametrize("about", [{}, {"phone": ""}, {"phone": None}, {"name": "Ada"}])
def test_a_row_without_a_number_is_no_lead(world: World, about: dict[str, Any]) -> None:
    assert refused(world.ask(IMPORT, [about])) == {1: "the phone number is missing"}


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"name": "x" * 201}, "the name is too long: at most 200 characters"),
        ({"note": "x" * 4001}, "the note is too long: at most 4000 characters"),
        ({"timezone": "Mars/Base"}, "the timezone is none: it must be a name such as America/New_York"),
        ({"colour": "x" * 2001}, "a cell is too long: at most 2000 characters"),
        ({"x" * 101: "red"}, "a column's name is too long: at most 100 characters"),
        ({f"c{place}": "x" for place in range(51)}, "has too many columns: at most 50 besides those of a lead"),
        ({f"c{place}": "\u4e00" * 1000 for place in range(11)}, "is too long for a lead"),
        ({"Name": ["Ada"]}, "name is neither text nor a number"),
        ({"note": {"text": "x"}}, "note is neither text nor a number"),
    ],
)
def test_a_row_that_cannot_be_kept_is_refused_in_words(world: World, about: dict[str, Any], reason: str) -> None:
    told = world.ask(IMPORT, [{"phone": PHONE, **about}, {"phone": phone(7)}])
    assert refused(told) == {1: reason}
    assert told.data["created"] == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_json_is_refused(world: World, value: float) -> None:
    assert world.ask(IMPORT, [{"phone": PHONE, "score": value}]).code == "bad_json"


def test_a_number_that_json_gives_as_a_number_is_read(world: World) -> None:
    assert world.ask(IMPORT, [{"phone": 12015550123}, {"phone": 2015550123.0}]).data["merged"] == 1


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ({"First name": "Ada", "Last name": "Lovelace"}, "Ada Lovelace"),
        ({"Vorname": "", "Nachname": "Lovelace"}, "Lovelace"),
        ({"Name": "Ada L.", "First name": "Ada"}, "Ada L."),
        ({"Full-Name ": " Ada "}, "Ada"),
        ({"N\u00f3mbre": "Ada"}, "Ada"),
    ],
)
def test_columns_go_by_the_names_that_people_give_them(world: World, names: dict[str, str], name: str) -> None:
    world.ask(IMPORT, [{"Tel.": PHONE, **names}])
    assert world.row(lead_id(AGENT, PHONE))["name"] == name


def test_of_several_columns_of_numbers_the_plainest_counts_and_the_others_are_kept(world: World) -> None:
    csv(world, "Work phone,Phone,Phone", f"{phone(1)},{PHONE},{phone(2)}")
    assert world.row(lead_id(AGENT, PHONE))["extra"] == {"Work phone": phone(1), "Phone (2)": phone(2)}


# -- a number that comes again -----------------------------------------------------------------------------------------


def test_rows_of_one_number_are_one_lead_that_says_what_they_all_say(world: World) -> None:
    told = csv(world, "phone,name,note,x", f"{PHONE},Ada,,1", "2015550123,,call back,", "001 201 555 0123,Ada L.,,2")
    assert (told.data["created"], told.data["merged"]) == (1, 2)
    row = world.row(lead_id(AGENT, PHONE))
    assert (row["name"], row["note"], row["extra"]) == ("Ada L.", "call back", {"x": "2"})


def test_a_list_that_comes_again_writes_nothing(world: World) -> None:
    csv(world, "phone,name,x", f"{PHONE},Ada,1")
    before = world.row(lead_id(AGENT, PHONE))
    told = csv(world, "phone,name,x", f"{PHONE},Ada,1")
    assert told.data == {"created": 0, "merged": 1, "refused": []}
    assert world.row(lead_id(AGENT, PHONE)) == before


@pytest.mark.parametrize("status", ["waiting", "held", "claimed", "ringing", "asked_about", "lost", "ended"])
def test_a_number_that_comes_again_is_described_anew_and_keeps_its_call(world: World, status: str) -> None:
    lead = getattr(world, status)(name="Ada", extra={"x": "1", "y": "2"})
    before = world.row(lead)
    assert csv(world, "phone,name,x", f"{PHONE},Ada L.,9").data["merged"] == 1
    after = world.row(lead)
    assert (after["name"], after["extra"]) == ("Ada L.", {"x": "9", "y": "2"})
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"name", "extra", "zones", "at", "was", "version", "write_id"}


def test_a_list_without_time_zones_does_not_widen_a_leads_own(world: World) -> None:
    csv(world, "phone,timezone", f"{PHONE},America/Denver")
    csv(world, "phone,name", f"{PHONE},Ada")
    assert world.row(lead_id(AGENT, PHONE))["zones"] == ["US-NJ/America/Denver"]


def test_a_lead_that_was_called_and_deleted_comes_back_neither_to_be_called_nor_by_name(world: World) -> None:
    lead = world.ended(name="Ada")
    world.ask("DELETE /api/leads/{id}", lead=lead)
    before = world.row(lead)
    told = csv(world, "phone,name", f"{PHONE},Ada")
    assert refused(told) == {2: "this number was called and its lead deleted since: it is not called again"}
    assert world.row(lead) == before
    assert "name" not in before


def test_a_lead_that_was_never_called_before_it_was_deleted_comes_back_as_a_new_one(world: World) -> None:
    lead = world.waiting(name="Ada")
    world.ask("DELETE /api/leads/{id}", lead=lead)
    assert csv(world, "phone,note", f"{PHONE},new").data["created"] == 1
    row = world.row(lead)
    assert (row["note"], row.get("name"), row.get("deleted_at")) == ("new", None, None)
    assert callable_now(world, PHONE)


def test_a_held_lead_of_which_is_told_where_it_is_is_looked_at_again(world: World) -> None:
    """Nothing else would bring it back before its day is over."""
    toll_free = "+18005550100"
    csv(world, "phone", toll_free)
    row = world.row(lead_id(AGENT, toll_free))
    assert world.leads.hold(AGENT, row["lead_id"], row["due"], "zone", now() + 86_400, now()).ours
    world.queue.runs.clear()
    assert csv(world, "phone,timezone", f"{toll_free},America/Denver").data["merged"] == 1
    assert world.queue.runs == [(AGENT, "hours")]


def test_a_lead_that_is_deleted_while_it_is_merged_is_not_described_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = world.ended(name="Ada")
    merge = world.leads.merge

    def overtaken(*args: Any) -> Any:
        world.leads.delete(AGENT, lead, AGENT, 1.0)
        return merge(*args)

    monkeypatch.setattr(world.leads, "merge", overtaken)
    assert refused(csv(world, "phone,note", f"{PHONE},new")).keys() == {2}
    assert not {"name", "note", "phone"} & set(world.row(lead))


def test_a_number_is_somebody_elses_lead_too(world: World) -> None:
    world.ended(user=OTHER, name="Ada")
    assert csv(world, "phone", PHONE).data["created"] == 1
    assert "name" not in world.row(lead_id(AGENT, PHONE))


# -- order and bounds --------------------------------------------------------------------------------------------------


def in_calling_order(world: World) -> list[str]:
    return [world.row(row["lead_id"])["phone"] for page, _ in world.leads.waiting(AGENT, 100) for row in page]


def test_a_list_is_called_from_top_to_bottom(world: World) -> None:
    places = [5, 3, 9, 1]
    csv(world, "phone", *map(phone, places))
    assert in_calling_order(world) == [phone(place) for place in places]
    assert callable_now(world, phone(1))


def test_the_pieces_of_a_file_are_called_from_top_to_bottom_in_whichever_order_they_come(world: World) -> None:
    csv(world, "phone", phone(1), phone(2), query={"first_line": "4", "rows_after": "0"})
    csv(world, "phone", phone(9), phone(8), query={"first_line": "2", "rows_after": "2"})
    assert in_calling_order(world) == [phone(9), phone(8), phone(1), phone(2)]


@pytest.mark.parametrize("query", [{"first_line": "0"}, {"first_line": "x"}, {"rows_after": "-1"}])
def test_a_place_in_the_file_that_is_none_is_refused(world: World, query: dict[str, str]) -> None:
    assert csv(world, "phone", PHONE, query=query).status == 400
    assert world.client.writes == []


@pytest.mark.parametrize("first", [0, -1, "2", 1.5, True])
def test_a_first_line_in_json_that_is_none_is_refused(world: World, first: Any) -> None:
    assert world.ask(IMPORT, {"leads": [{"phone": PHONE}], "first_line": first}).status == 400


@pytest.mark.parametrize("body", [{}, {"leads": {}}, "leads", 5, {"numbers": []}])
def test_a_body_that_holds_no_leads_is_refused(world: World, body: Any) -> None:
    assert (world.ask(IMPORT, body).status, world.ask(IMPORT, body).code) == (400, "bad_json")


def test_a_thousand_rows_are_taken_and_one_more_is_not(world: World) -> None:
    rows = [{"phone": "x"}] * 1001
    assert len(refused(world.ask(IMPORT, rows[:1000]))) == 1000
    told = world.ask(IMPORT, [{"phone": PHONE}, *rows[:1000]])
    assert (told.status, told.code, world.client.writes) == (413, "too_many_rows", [])
    assert csv(world, "phone", PHONE, *["x"] * 1000).status == 413
    assert world.client.writes == []


@pytest.mark.parametrize("content_type", ["text/csv", "application/json"])
def test_more_than_a_megabyte_is_not_taken(world: World, content_type: str) -> None:
    told = world.ask(IMPORT, body="x" * (1024 * 1024 + 1), content_type=content_type)
    assert (told.status, told.code) == (413, "too_large")


def test_a_table_that_does_not_answer_costs_the_rows_of_that_number_only(world: World) -> None:
    world.client.silent = {lead_id(AGENT, PHONE)}
    told = csv(world, "phone", PHONE, phone(1), PHONE, phone(2))
    reason = "not stored, for the table did not answer: send this row again"
    assert refused(told) == {2: reason, 4: reason}
    assert (told.data["created"], answered(told)) == (2, 4)
    assert world.queue.runs == [(AGENT, "imported")]


def test_rows_whose_turn_had_not_come_in_time_are_to_be_sent_again(world: World) -> None:
    told = csv(world, "phone", PHONE, phone(1), PHONE, left_ms=3000)
    assert set(refused(told).values()) == {"not stored, for the time was up: send this row again"}
    assert (answered(told), world.client.writes, world.queue.runs) == (3, [], [])


def test_a_lead_that_is_changed_all_the_while_is_to_be_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.waiting(name="Ada")
    monkeypatch.setattr(world.leads, "merge", lambda *_: Written(False, {}))
    told = csv(world, "phone,name", f"{PHONE},Bob")
    assert refused(told) == {2: "somebody else is changing this lead right now: send this row again"}


@given(
    st.lists(st.tuples(st.sampled_from(["+12015550101", "+12015550102", "x", "911"]), st.sampled_from(["", "yes"]))),
    st.sets(st.sampled_from(["+12015550101", "+12015550102"])),
)
def test_every_row_is_answered_for_exactly_once(rows: list[tuple[str, str]], silent: set[str]) -> None:
    with leads_api_world.world() as world:
        world.client.silent = {lead_id(AGENT, number) for number in silent}
        told = csv(world, "phone,dnc,name", *(f"{number},{mark},Ada" for number, mark in rows))
        assert answered(told) == len(rows)
        assert refused(told).keys() <= set(range(2, len(rows) + 2))
        marked = {number for number, mark in rows if mark}
        leads = {world.row(lead_id(AGENT, number)).get("phone") for number, mark in rows if not mark} - {None}
        assert {number for number in leads if callable_now(world, number)} & marked == set()


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


@pytest.mark.parametrize("nothing", [0.0, "0.0", None, "N/A", "nan", False])
def test_an_empty_cell_of_a_program_forbids_nobody(world: World, nothing: Any) -> None:
    """A column of floats, as pandas makes one of a column with gaps, would forbid a whole list."""
    told = world.ask(IMPORT, [{"phone": PHONE, "IsDNC": nothing}, {"phone": phone(7), "IsDNC": 1.0}])
    assert (told.data["created"], refused(told).keys()) == (1, {2})


def test_a_number_that_an_earlier_list_marked_is_a_lead_that_is_not_called(world: World) -> None:
    csv(world, "phone,dnc", f"{PHONE},yes")
    assert csv(world, "phone", PHONE).data["created"] == 1
    assert not callable_now(world, PHONE)


@pytest.mark.parametrize(
    "header", ["Do Not Call", "DNC", "dnc_flag", "Do not call?", "Phone opt-out", "DO NOT CALL (DNC)", "Unsubscribed"]
)
@pytest.mark.parametrize("cell", ["yes", "x", "1", "\N{CHECK MARK}", "\u0434\u0430", "since May"])
def test_whatever_may_be_a_mark_is_one(world: World, header: str, cell: str) -> None:
    told = csv(world, f"phone,{header}", f"{PHONE},{cell}")
    assert "never called" in refused(told)[2]


@pytest.mark.parametrize("cell", ["", "no", "No.", "FALSE", "0", "-", "\N{EM DASH}", "nein"])
def test_a_cell_that_denies_it_is_no_mark(world: World, cell: str) -> None:
    assert csv(world, "phone,dnc", f"{PHONE},{cell}").data["created"] == 1


@pytest.mark.parametrize("header", ["Email opt out", "SMS opt-out", "DNC checked", "Do not call since", "opt out date"])
def test_who_is_out_of_something_else_is_called(world: World, header: str) -> None:
    assert csv(world, f"phone,{header}", f"{PHONE},yes").data["created"] == 1


@pytest.mark.parametrize("marks", ["yes,", ",yes", "no,yes"])
def test_of_several_columns_of_marks_any_counts(world: World, marks: str) -> None:
    assert "never called" in refused(csv(world, "phone,dnc,do not contact", f"{PHONE},{marks}"))[2]


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
