"""Leads come in over the HTTP API: every row is answered for, by its line, exactly once."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from autocall.dynamo import WriteResult
from autocall.leads import Attempt, LeadKey, lead_id
from autocall.timing import now
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, OTHER, PHONE, Told, World

IMPORT = "POST /api/leads"
LATER = 1_900_000_000.0


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def phone(index: int) -> str:
    return f"+1201555{index:04}"


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
    return world.leads.claim(Attempt(AGENT, lead_id(AGENT, number), "attempt"), "run", LATER).won


# -- what becomes of a row ---------------------------------------------------------------------------------------------


def test_a_new_number_is_a_lead_that_waits(world: World) -> None:
    told = csv(world, "Phone,Name,extra.Colour", "(201) 555-0123,Ada,red")
    assert told.data == {"created": 1, "merged": 0, "refused": [], "warnings": []}
    row = world.row(lead_id(AGENT, PHONE))
    assert (row["phone"], row["name"], row["extra"]) == (PHONE, "Ada", {"Colour": "red"})
    assert (row["call_status"], row["has_been_called"]) == ("pending", False)
    assert callable_now(world, PHONE)


def test_json_and_csv_make_the_same_lead(world: World) -> None:
    csv(world, "phone,name,timezone,state,note,external_id,extra.Colour", f"{PHONE},Ada,America/New_York,NJ,n,7,red")
    row = world.row(lead_id(AGENT, PHONE))
    about = {"name": "Ada", "timezone": "America/New_York", "state": "NJ", "note": "n", "external_id": 7}
    world.ask(IMPORT, {"leads": [{"phone": PHONE, **about, "extra": {"Colour": "red"}}]}, user=OTHER)
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
        7: "the phone number is missing",
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
        ({"Name": ["Ada"]}, "name is neither text nor a number"),
        ({"note": {"text": "x"}}, "note is neither text nor a number"),
        ({"note": "caf\ufffd"}, "note has lost letters: it was not in UTF-8"),
    ],
)
def test_a_row_that_cannot_be_kept_is_refused_in_words(world: World, about: dict[str, Any], reason: str) -> None:
    told = world.ask(IMPORT, [{"phone": PHONE, **about}, {"phone": phone(7)}])
    assert refused(told) == {1: reason}
    assert told.data["created"] == 1


@pytest.mark.parametrize(
    ("about", "code", "column"),
    [
        ({"name": "x" * 201}, "shortened", "name"),
        ({"note": "x" * 40_001}, "shortened", "note"),
        ({"timezone": "Mars/Base"}, "not_understood", "timezone"),
        ({"state": "Ruritania"}, "not_understood", "state"),
        ({"extra.colour": "x" * 2001}, "shortened", "colour"),
        ({f"extra.{'x' * 101}": "red"}, "shortened", "x" * 100),
        ({f"extra.c{index}": "x" for index in range(51)}, "left_out", "c50"),
        ({f"extra.c{index}": "\u4e00" * 1200 for index in range(9)} | {"note": "x"}, "left_out", "c8"),
    ],
)
def test_what_is_too_much_for_a_lead_never_costs_the_row_and_is_named(
    world: World, about: dict[str, Any], code: str, column: str
) -> None:
    told = world.ask(IMPORT, [{"phone": phone(7)}, {"phone": PHONE, **about}, {"phone": phone(8), **about}])
    assert (told.data["created"], told.data["refused"]) == (3, [])
    assert [(one["line"], one["code"], one["detail"]) for one in told.data["warnings"]] == [
        (2, code, {"column": column, "rows": 2})
    ]


def test_sixty_columns_and_long_names_leave_a_lead_that_can_be_kept(world: World) -> None:
    about = {f"extra.{'long ' * 30}{index}": "\u4e00" * 2500 for index in range(60)}
    assert world.ask(IMPORT, [{"phone": PHONE, "name": "n" * 500, **about}]).data["created"] == 1
    row = world.row(lead_id(AGENT, PHONE))
    assert len(row["name"]) == 200
    assert len(row["extra"]) > 1
    assert max(map(len, row["extra"])) <= 100


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_json_is_refused(world: World, value: float) -> None:
    assert world.ask(IMPORT, [{"phone": PHONE, "score": value}]).code == "bad_json"


def test_a_number_that_json_gives_as_a_number_is_read(world: World) -> None:
    assert world.ask(IMPORT, [{"phone": 12015550123}, {"phone": 2015550123.0}]).data["merged"] == 1


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ({"First name": "Ada", "Last name": "Lovelace"}, "Ada Lovelace"),
        ({"first_name": "", "last_name": "Lovelace"}, "Lovelace"),
        ({"Name": "Ada L.", "First name": "Ada"}, "Ada L."),
        ({"NAME ": " Ada "}, "Ada"),
    ],
)
def test_columns_go_by_the_documented_names_whatever_their_case(world: World, names: dict[str, str], name: str) -> None:
    world.ask(IMPORT, [{"Phone": PHONE, **names}])
    assert world.row(lead_id(AGENT, PHONE))["name"] == name


@pytest.mark.parametrize("header", ["Tel.", "DNC", "Colour", "Full name", "Phone number"])
def test_a_column_that_is_not_known_is_refused_with_the_mapping_that_is_needed(world: World, header: str) -> None:
    told = csv(world, f"phone,{header}", f"{PHONE},x")
    assert (told.status, told.code) == (400, "unknown_columns")
    details = told.data["error"]["details"]
    assert details["unknown"] == [header]
    assert header in told.data["error"]["message"]
    assert world.ask(IMPORT, [{"phone": PHONE}, {"phone": phone(1), header: "x"}]).data["error"]["details"] == details
    assert world.client.writes == []
    mapped = csv(world, f"phone,{header}", f"{PHONE},x", query={"columns": json.dumps(details["columns"])})
    assert mapped.status == 200


def test_a_mapping_says_what_columns_are_in_csv_and_json_alike(world: World) -> None:
    columns = {"Tel.": "phone", "Who": "name", "Blacklisted": "do_not_call", "Fax": "ignore", "Colour": "keep"}
    columns |= {"Size": "extra.Shoe size"}
    row = {"Tel.": PHONE, "Who": "Ada", "Blacklisted": "no", "Fax": "1", "Colour": "red", "Size": "41"}
    csv(world, ",".join(row), ",".join(row.values()), query={"columns": json.dumps(columns)})
    world.ask(IMPORT, {"leads": [row], "columns": columns}, user=OTHER)
    for user in (AGENT, OTHER):
        lead = world.row(lead_id(user, PHONE), user)
        assert (lead["name"], lead["extra"]) == ("Ada", {"Colour": "red", "Shoe size": "41"})


@pytest.mark.parametrize("columns", [["phone"], "phone", {"Tel": "telephone"}, {"Tel": 1}, {"Tel": "extra."}])
def test_a_mapping_that_is_none_is_refused(world: World, columns: Any) -> None:
    told = csv(world, "phone,Tel", f"{PHONE},1", query={"columns": json.dumps(columns)})
    assert (told.status, told.code) == (400, "bad_columns")
    assert csv(world, "phone", PHONE, query={"columns": "{"}).code == "bad_columns"


def test_of_several_columns_of_numbers_the_first_valid_one_is_called_and_the_others_are_kept(world: World) -> None:
    columns = json.dumps({"Mobile": "phone", "Work": "phone", "Home": "phone"})
    rows = [f"{phone(1)},{PHONE},{phone(2)}", f",none,{phone(3)}", "n/a,,"]
    told = csv(world, "Work,Mobile,Home", *rows, query={"columns": columns})
    assert (told.data["created"], refused(told)) == (2, {4: "the phone number is missing"})
    assert world.row(lead_id(AGENT, PHONE))["extra"] == {"Work": phone(1), "Home": phone(2)}
    assert world.row(lead_id(AGENT, phone(3)))["extra"] == {"Mobile": "none"}


def test_a_mark_forbids_every_number_of_its_row(world: World) -> None:
    columns = json.dumps({"Mobile": "phone", "Home": "phone"})
    told = csv(world, "Home,Mobile,do_not_call", f"{PHONE},{phone(1)},yes", query={"columns": columns})
    assert refused(told).keys() == {2}
    assert all("dnc" in world.row(lead_id(AGENT, number)) for number in (PHONE, phone(1)))


def test_a_mark_beside_one_of_several_numbers_concerns_that_number(world: World) -> None:
    columns = {"Phone 1": "phone", "Phone 2": "phone", "Phone 1 DNC": "do_not_call.Phone 1"}
    told = csv(
        world,
        "Phone 1,Phone 1 DNC,Phone 2",
        f"{PHONE},Y,{phone(1)}",
        f"{phone(2)},Y,",
        query={"columns": json.dumps(columns)},
    )
    assert (told.data["created"], refused(told).keys()) == (1, {2, 3})
    assert callable_now(world, phone(1))
    assert not callable_now(world, PHONE)


@pytest.mark.parametrize(
    "cell", ["DNC", "dncl", "Do Not Contact", "do-not-call", "vip; dnc", "Unsubscribed", "DNC - Internal"]
)
@pytest.mark.parametrize("column", ["extra.Status", "note"])
def test_a_cell_that_is_itself_a_mark_is_not_kept_in_silence(world: World, cell: str, column: str) -> None:
    [one] = csv(world, f"phone,{column}", f"{PHONE},{cell}").data["refused"]
    assert (one["code"], one["detail"], one["retry"]) == ("may_be_mark", {"column": column}, False)
    keep = {"columns": json.dumps({column: "keep"})}
    assert csv(world, f"phone,{column}", f"{PHONE},{cell}", query=keep).data["created"] == 1


@pytest.mark.parametrize("cell", ["Open", "No contact", "called", "he said: do not call me before nine, and was kind"])
def test_a_cell_that_is_no_mark_is_kept(world: World, cell: str) -> None:
    assert csv(world, "phone,extra.Status", f'{PHONE},"{cell}"').data["created"] == 1


def test_a_status_marks_its_row_by_what_it_says(world: World) -> None:
    told = csv(world, "phone,status", f"{PHONE},Open", f"{phone(1)},DNC", f"{phone(2)},Do Not Contact")
    assert (told.data["created"], refused(told).keys()) == (1, {3, 4})
    assert world.row(lead_id(AGENT, PHONE))["extra"] == {"status": "Open"}


@pytest.mark.parametrize(("cell", "marks"), [("No", True), ("0", True), ("denied", True), ("yes", False), ("", False)])
def test_a_denial_of_consent_is_a_mark(world: World, cell: str, marks: bool) -> None:
    assert csv(world, "phone,may_call", f"{PHONE},{cell}").data["created"] == (not marks)


def test_refusals_have_a_code_and_say_whether_to_send_again(world: World) -> None:
    world.client.silent = {lead_id(AGENT, PHONE)}
    told = csv(world, "phone,do_not_call", f"{PHONE},", "12,", f"{phone(1)},yes")
    assert [(one["line"], one["code"], one["retry"]) for one in told.data["refused"]] == [
        (2, "not_stored", True),
        (3, "phone_too_short", False),
        (4, "marked", False),
    ]


# -- one line of telephone ---------------------------------------------------------------------------------------------

SAME_LINES = [
    ("+5491123456789", "+541123456789"),
    ("+5215512345678", "+525512345678"),
    ("+970599123456", "+972599123456"),
    ("+3780549886377", "+390549886377"),
    ("+24106031234", "+2416031234"),
]


@pytest.mark.parametrize("numbers", [*SAME_LINES, *[(b, a) for a, b in SAME_LINES]])
def test_a_line_is_one_lead_and_one_entry_however_its_number_is_spelled(world: World, numbers: tuple[str, str]) -> None:
    one, other = numbers
    told = csv(world, "phone", one, other)
    assert (told.data["created"], told.data["merged"]) == (1, 1)
    assert csv(world, "phone", other).data["merged"] == 1
    world.ask("POST /api/do-not-call", {"numbers": [other]})
    [lead] = [row for page, _ in world.leads.waiting(AGENT, 9) for row in page]
    assert not world.leads.claim(Attempt(AGENT, lead["lead_id"], "attempt"), "run", LATER).won
    marked = csv(world, "phone,do_not_call", f"{one},", f"{other},yes", user=OTHER)
    assert (marked.data["created"], len(marked.data["refused"])) == (0, 2)


def test_a_lead_that_release_1_0_0_made_of_another_spelling_is_found(world: World) -> None:
    """Its rule was a hash of the very number."""
    given, canonical = "+5491123456789", "+541123456789"
    former = _id_of_1_0_0(AGENT, given)
    assert world.leads.create(LeadKey(AGENT, former), {"phone": given}, now() - 100, now() - 100).won
    assert csv(world, "phone,name", f"{canonical},Ada").data["merged"] == 1
    assert world.row(former)["name"] == "Ada"
    assert not world.row(lead_id(AGENT, canonical))
    world.ask("POST /api/do-not-call", {"numbers": [canonical]})
    assert not world.leads.claim(Attempt(AGENT, former, "attempt"), "run", LATER).won


def _id_of_1_0_0(user: str, number: str) -> str:
    digest = hashlib.sha256(f"{user}\n{number}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


# -- a number that comes again -----------------------------------------------------------------------------------------


def test_rows_of_one_number_are_one_lead_that_says_what_they_all_say(world: World) -> None:
    told = csv(
        world, "phone,name,note,extra.x", f"{PHONE},Ada,,1", "2015550123,,call back,", "001 201 555 0123,Ada L.,,2"
    )
    assert (told.data["created"], told.data["merged"]) == (1, 2)
    row = world.row(lead_id(AGENT, PHONE))
    assert (row["name"], row["note"], row["extra"]) == ("Ada L.", "call back", {"x": "2"})


def test_a_list_that_comes_again_writes_nothing(world: World) -> None:
    csv(world, "phone,name,extra.x", f"{PHONE},Ada,1")
    before = world.row(lead_id(AGENT, PHONE))
    told = csv(world, "phone,name,extra.x", f"{PHONE},Ada,1")
    assert told.data == {"created": 0, "merged": 1, "refused": [], "warnings": []}
    assert world.row(lead_id(AGENT, PHONE)) == before


@pytest.mark.parametrize("status", ["waiting", "held", "claimed", "ringing", "asked_about", "lost", "ended"])
def test_a_number_that_comes_again_is_described_anew_and_keeps_its_call(world: World, status: str) -> None:
    lead = getattr(world, status)(name="Ada", extra={"x": "1", "y": "2"})
    before = world.row(lead)
    assert csv(world, "phone,name,extra.x", f"{PHONE},Ada L.,9").data["merged"] == 1
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
    assert refused(told) == {2: "this number was called, and its lead was deleted: it is not called again"}
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
    assert world.leads.hold(LeadKey(AGENT, row["lead_id"]), row["due"], "zone", now() + 86_400, now()).won
    world.queue.runs.clear()
    assert csv(world, "phone,timezone", f"{toll_free},America/Denver").data["merged"] == 1
    assert world.queue.runs == [(AGENT, "hours")]


def test_a_lead_that_is_deleted_while_it_is_merged_is_not_described_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = world.ended(name="Ada")
    merge = world.leads.merge

    def overtaken(*args: Any) -> Any:
        world.leads.delete(LeadKey(AGENT, lead), AGENT, 1.0)
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
    assert in_calling_order(world) == [phone(index) for index in places]
    assert callable_now(world, phone(1))


def test_the_pieces_of_a_file_are_called_from_top_to_bottom_in_whichever_order_they_come(world: World) -> None:
    csv(world, "phone", phone(1), phone(2), query={"first_line": "4", "rows_after": "0"})
    csv(world, "phone", phone(9), phone(8), query={"first_line": "2", "rows_after": "2"})
    assert in_calling_order(world) == [phone(9), phone(8), phone(1), phone(2)]


@pytest.mark.parametrize("query", [{"first_line": "0"}, {"first_line": "x"}, {"rows_after": "-1"}])
def test_a_place_in_the_file_that_is_none_is_refused(world: World, query: dict[str, str]) -> None:
    assert csv(world, "phone", PHONE, query=query).status == 400
    assert world.client.writes == []


@pytest.mark.parametrize("first", [0, -1, 1.5, True])
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
    reason = "not stored, because the table did not answer: send this row again"
    assert refused(told) == {2: reason, 4: reason}
    assert (told.data["created"], answered(told)) == (2, 4)
    assert world.queue.runs == [(AGENT, "imported")]


def test_rows_whose_turn_had_not_come_in_time_are_to_be_sent_again(world: World) -> None:
    told = csv(world, "phone", PHONE, phone(1), PHONE, left_ms=3000)
    assert set(refused(told).values()) == {"not stored, because the time was up: send this row again"}
    assert (answered(told), world.client.writes, world.queue.runs) == (3, [], [])


def test_a_lead_that_is_changed_all_the_while_is_to_be_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.waiting(name="Ada")
    monkeypatch.setattr(world.leads, "merge", lambda *_: WriteResult(False, {}))
    told = csv(world, "phone,name", f"{PHONE},Bob")
    assert refused(told) == {2: "somebody else is changing this lead right now: send this row again"}


@given(
    st.lists(st.tuples(st.sampled_from(["+12015550101", "+12015550102", "x", "911"]), st.sampled_from(["", "yes"]))),
    st.sets(st.sampled_from(["+12015550101", "+12015550102"])),
)
def test_every_row_is_answered_for_exactly_once(rows: list[tuple[str, str]], silent: set[str]) -> None:
    with leads_api_world.world() as world:
        world.client.silent = {lead_id(AGENT, number) for number in silent}
        told = csv(world, "phone,do_not_call,name", *(f"{number},{mark},Ada" for number, mark in rows))
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
    assert csv(world, "phone", PHONE).data == {"created": 0, "merged": 1, "refused": [], "warnings": []}
    assert world.queue.runs == [(AGENT, "imported")]


def test_where_every_row_is_refused_there_is_nobody_to_call(world: World) -> None:
    csv(world, "phone,do_not_call", "none,", f"{PHONE},yes")
    assert world.queue.runs == []


# -- rows that a list marks do-not-call --------------------------------------------------------------------------------


def test_a_lead_that_waits_is_not_called_any_more_once_a_list_marks_its_number(world: World) -> None:
    world.waiting()
    told = csv(world, "phone,do not call", f"{PHONE},yes")
    assert refused(told) == {2: "is marked do-not-call in the list: this number is never called"}
    assert not callable_now(world, PHONE)


@pytest.mark.parametrize("marks", [("yes", ""), ("", "yes"), ("", "yes", ""), ("yes", "yes", "no")])
def test_in_one_list_a_mark_wins_whatever_the_order(world: World, marks: tuple[str, ...]) -> None:
    told = csv(world, "phone,do_not_call", *(f"{PHONE},{mark}" for mark in marks))
    assert (told.data["created"], told.data["merged"], len(refused(told))) == (0, 0, len(marks))
    assert not callable_now(world, PHONE)
    assert "call_status" not in world.row(lead_id(AGENT, PHONE))


def test_a_row_of_a_number_that_another_row_marks_is_told_which_one(world: World) -> None:
    told = csv(world, "phone,do_not_call", f"{PHONE},", f"{phone(7)},", f"{PHONE},x", f"{PHONE},no")
    assert refused(told) == {
        2: "its number is marked do-not-call in line 4 of the list",
        4: "is marked do-not-call in the list: this number is never called",
        5: "its number is marked do-not-call in line 4 of the list",
    }
    assert (told.data["created"], answered(told)) == (1, 4)


@pytest.mark.parametrize("nothing", [0.0, "0.0", None, "N/A", "nan", False])
def test_an_empty_cell_of_a_program_forbids_nobody(world: World, nothing: Any) -> None:
    """A column of floats, as pandas makes one of a column with gaps, would forbid a whole list."""
    told = world.ask(IMPORT, [{"phone": PHONE, "do_not_call": nothing}, {"phone": phone(7), "do_not_call": 1.0}])
    assert (told.data["created"], refused(told).keys()) == (1, {2})


def test_a_number_that_an_earlier_list_marked_is_a_lead_that_is_not_called(world: World) -> None:
    csv(world, "phone,do_not_call", f"{PHONE},yes")
    assert csv(world, "phone", PHONE).data["created"] == 1
    assert not callable_now(world, PHONE)


@pytest.mark.parametrize("header", ["Do Not Call", "do_not_call", "DO NOT CALL"])
@pytest.mark.parametrize("cell", ["yes", "x", "1", "\N{CHECK MARK}", "\u0434\u0430", "since May"])
def test_whatever_may_be_a_mark_is_one(world: World, header: str, cell: str) -> None:
    told = csv(world, f"phone,{header}", f"{PHONE},{cell}")
    assert "never called" in refused(told)[2]


@pytest.mark.parametrize("cell", ["", "no", "No.", "FALSE", "0", "-", "\N{EM DASH}", "nein"])
def test_a_cell_that_denies_it_is_no_mark(world: World, cell: str) -> None:
    assert csv(world, "phone,do_not_call", f"{PHONE},{cell}").data["created"] == 1


@pytest.mark.parametrize("marks", ["yes,", ",no", "no,no", "yes,yes"])
def test_of_a_mark_and_a_denied_consent_any_counts(world: World, marks: str) -> None:
    assert "never called" in refused(csv(world, "phone,do_not_call,may_call", f"{PHONE},{marks}"))[2]


def test_a_mark_in_json_is_heeded_as_well(world: World) -> None:
    told = world.ask(IMPORT, [{"phone": PHONE}, {"phone": PHONE, "do_not_call": True}])
    assert sorted(refused(told)) == [1, 2]
    assert not callable_now(world, PHONE)


@pytest.mark.parametrize("wrong", [{"note": "x" * 5000}, {"timezone": "nowhere"}, {"extra.colour": {"red": 1}}])
def test_a_mark_is_heeded_whatever_else_is_wrong_with_its_row(world: World, wrong: dict[str, Any]) -> None:
    world.waiting()
    assert refused(world.ask(IMPORT, [{"phone": PHONE, "do_not_call": "yes", **wrong}])).keys() == {1}
    assert not callable_now(world, PHONE)


def test_a_mark_on_what_is_no_number_is_told_to_have_no_effect(world: World) -> None:
    told = csv(world, "phone,do_not_call", "123,yes")
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
    csv(world, "phone,do_not_call", f"{phone(1)},", f"{phone(9)},yes")
    assert seen == [True]


def test_a_mark_that_the_table_did_not_take_is_to_be_sent_again(world: World) -> None:
    world.client.silent = {lead_id(AGENT, PHONE)}
    told = csv(world, "phone,do_not_call", f"{PHONE},yes", f"{phone(7)},")
    assert refused(told) == {2: "is marked do-not-call in the list, which could not be stored: send this row again"}
    assert told.data["created"] == 1


def test_a_mark_whose_turn_had_not_come_in_time_is_to_be_sent_again(world: World) -> None:
    told = csv(world, "phone,do_not_call", f"{PHONE},yes", left_ms=3000)
    assert refused(told) == {2: "is marked do-not-call in the list, which could not be stored: send this row again"}


def test_a_mark_on_a_number_that_is_being_called_says_so(world: World) -> None:
    world.ringing()
    [reason] = refused(csv(world, "phone,do_not_call", f"{PHONE},yes")).values()
    assert reason.endswith("this number is never called again, but a call to it is in flight")


def test_all_tabs_see_what_a_list_has_forbidden(world: World) -> None:
    lead = world.waiting()
    world.tab("one")
    world.tab("two", user=OTHER)
    csv(world, "phone,do_not_call", f"{PHONE},yes", f"{phone(7)},yes")
    [(to, event, data)] = world.sockets.frames
    assert (to, event, data["lead_id"], data["do_not_call"]) == ("one", "call:status_updated", lead, True)


def test_a_mark_forbids_the_number_to_the_caller_only(world: World) -> None:
    lead = world.waiting(user=OTHER)
    csv(world, "phone,do_not_call", f"{PHONE},yes")
    assert "dnc" not in world.row(lead, OTHER)


def test_nothing_is_forbidden_by_a_request_that_is_refused(world: World) -> None:
    assert csv(world, "phone,do_not_call", f"{PHONE},yes", query={"rows_after": "-1"}).status == 400
    assert world.client.writes == []
