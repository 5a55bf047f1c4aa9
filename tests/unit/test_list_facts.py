"""Lists as people have them, by the commands and over HTTP: nobody is called who is marked, no number is guessed.

Each case stands for a kind of list that programs and people make: contact managers, call centres, spreadsheets.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autocall.leads import lead_id
from tests.unit import leads_api_world
from tests.unit.leads_api_world import AGENT, Told, World
from tests.unit.list_doors import IMPORT, WorldApi, called, in_region, make_dnc, make_import

ONE, TWO, THREE, FOUR = (f"+1201555014{digit}" for digit in "1234")
LONDON = "+442079460958"


@pytest.fixture
def world() -> Iterator[World]:
    with leads_api_world.world() as made:
        yield made


def post(world: World, text: str, columns: dict[str, str] | None = None) -> Told:
    query = {"columns": json.dumps(columns)} if columns else None
    return world.ask(IMPORT, body=text, content_type="text/csv", query=query)


# -- who must not be called --------------------------------------------------------------------------------------------

STATUSES = [
    ("phone_number\tstatus\n2015550141\tNEW\n2015550142\tDNC\n2015550143\tDNCL\n", "status"),
    ("Phone,Lead Status\n2015550141,Open\n2015550142,Do Not Call\n2015550143,Unsubscribed\n", "Lead Status"),
    ("Phone,Tags\n2015550141,vip\n2015550142,hot; do-not-call\n2015550143,dnc\n", "Tags"),
    (
        "Phone,Last Disposition\n2015550141,Sale\n2015550142,DNC - Internal\n2015550143,Do Not Contact\n",
        "Last Disposition",
    ),
]


@pytest.mark.parametrize(("text", "column"), STATUSES, ids=[column for _, column in STATUSES])
def test_a_status_that_is_a_mark_is_never_passed_over(world: World, tmp_path: Path, text: str, column: str) -> None:
    header = text.split("\n")[0]
    if column != "status":
        told = make_import(world, tmp_path, text)
        assert (told.called, told.taken) == (set(), False)
        assert column in told.why
        assert "COLUMNS=" in told.why
    phone = header.replace("\t", ",").split(",")[0]
    refused = post(world, text, {phone: "phone", column: f"extra.{column}"}).data["refused"]
    assert [one["code"] for one in refused] == ["may_be_mark", "may_be_mark"]
    assert make_import(world, tmp_path, text, decided={column: "status"}).called == {ONE}


@pytest.mark.parametrize(
    "header",
    ["Do not allow Phone Calls", "donotphone", "Do Not Call", "Blacklisted", "N\u00e3o perturbe", "RPO", "Sperre"],
)
@pytest.mark.parametrize(("yes", "no"), [("Do Not Allow", "Allow"), ("True", "False"), ("1", "0"), ("x", "")])
def test_a_mark_is_known_whatever_it_is_called(world: World, tmp_path: Path, header: str, yes: str, no: str) -> None:
    told = make_import(world, tmp_path, f"Mobile Phone,{header}\n{ONE},{no}\n{TWO},{yes}\n")
    assert told.called == {ONE}


def test_who_allows_no_mail_is_called(world: World, tmp_path: Path) -> None:
    text = (
        f"mobilephone,donotphone,Do not allow Emails,Do not allow Bulk Emails\n{ONE},False,Do Not Allow,Do Not Allow\n"
    )
    assert make_import(world, tmp_path, text).called == {ONE}


@pytest.mark.parametrize("first", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n', "\n\n"])
def test_a_word_about_the_separator_hides_no_mark(world: World, tmp_path: Path, first: str) -> None:
    text = f"{first}Phone;Name;Do Not Call\n{ONE};Ada;\n{TWO};Bo;yes\n"
    assert make_import(world, tmp_path, text).called == {ONE}
    world.ask("DELETE /api/leads/{id}", lead=lead_id(AGENT, ONE))
    post(world, text)
    assert called(world) == {ONE}


def test_titles_above_the_header_hide_no_mark(world: World, tmp_path: Path) -> None:
    report = "Open Leads Report,,\nAs of 2026-11-30 10:00:00,,\n,,\nName,Phone,Do Not Call\n"
    told = make_import(world, tmp_path, f"{report}Ada,{ONE},0\nBo,{TWO},1\n")
    assert told.called == {ONE}
    assert any("line 6" in line for line in told.said)
    assert post(world, f"{report}Ada,{ONE},0\n").code == "unknown_columns"
    assert make_import(world, tmp_path, f"Phone,,\nName,Number,DNC\nBo,{TWO},x\nDi,{THREE},\n").called == {ONE, THREE}


@pytest.mark.parametrize("header", ["OK to call", "Can call", "Callable", "Phone consent", "TCPA Consent"])
def test_a_denial_of_consent_is_a_mark(world: World, tmp_path: Path, header: str) -> None:
    assert make_import(world, tmp_path, f"Phone,{header}\n{ONE},Yes\n{TWO},No\n").called == {ONE}


def test_a_column_of_nothing_but_yes_and_no_must_be_decided(world: World, tmp_path: Path) -> None:
    text = f"Phone,Ruritanian\n{ONE},\n{TWO},x\n"
    told = make_import(world, tmp_path, text)
    assert (told.called, told.taken) == (set(), False)
    assert "only yes and no in it" in told.why
    assert make_import(world, tmp_path, text, decided={"Ruritanian": "do_not_call"}).called == {ONE}
    assert make_import(world, tmp_path, text, ask=lambda _: "keep").called == {ONE}
    assert make_import(world, tmp_path, f"Phone,Ruritanian\n{THREE},x\n", ask=lambda _: "").called == {ONE}


def test_every_number_of_a_marked_row_is_forbidden(world: World, tmp_path: Path) -> None:
    text = (
        f"Phone,Mobile,Name,Do Not Call\n{ONE},{TWO},Ada,yes\n{TWO},,Bo,\n,{THREE},Cy,yes\n{THREE},,Di,\n{FOUR},,Ed,\n"
    )
    assert make_import(world, tmp_path, text).called == {FOUR}


def test_a_flag_beside_one_of_several_numbers_concerns_that_one(world: World, tmp_path: Path) -> None:
    text = f"Phone 1,Phone 1 DNC,Phone 2,Phone 2 DNC\n{ONE},Y,{TWO},N\n{THREE},N,{FOUR},Y\n"
    assert make_import(world, tmp_path, text).called == {TWO, THREE}


@pytest.mark.parametrize("header", ["Home Phone,Mobile Phone", "Phone 1,Phone 2", "DNC_Home,DNC_Cell", "Tel,Phone"])
def test_a_do_not_call_list_takes_every_column_of_numbers(tmp_path: Path, header: str) -> None:
    assert make_dnc(tmp_path, f"{header},Name\n{ONE},{TWO},Ada\n{THREE},,Bo\n") == ({ONE, TWO, THREE}, "")


def test_a_column_that_says_who_stays_is_heeded(tmp_path: Path) -> None:
    text = f"Phone,DNC\n{ONE},Y\n{TWO},N\n{THREE},N\n"
    assert make_dnc(tmp_path, text) == ({ONE}, "")
    assert make_dnc(tmp_path, text, remove=True) == ({TWO, THREE}, "")


def test_an_export_of_ours_lists_only_who_is_marked_in_it(world: World, tmp_path: Path) -> None:
    world.ask(IMPORT, [{"phone": ONE}, {"phone": TWO}])
    world.ask("PUT /api/leads/{id}/do-not-call", lead=lead_id(AGENT, TWO))
    assert make_dnc(tmp_path, world.ask("GET /api/leads.csv").body) == ({TWO}, "")


def test_one_line_in_two_spellings_is_one_lead_and_one_entry(world: World, tmp_path: Path) -> None:
    text = "Phone,Do Not Call\n+54 9 11 2345-6789,\n+54 11 2345-6788,yes\n+54 9 11 2345-6788,\n+54 11 2345-6789,\n"
    assert make_import(world, tmp_path, text).called == {"+5491123456789"}
    mexico = make_import(world, tmp_path, "Phone\n+52 1 55 1234 5678\n+52 55 1234 5678\n")
    assert mexico.last == "leads.csv: 1 new leads, 1 merged, 0 rows refused"


@pytest.mark.parametrize("zone", ["UTC", "Etc/GMT-5", "Europe/London", "Asia/Tokyo"])
def test_a_time_zone_never_widens_the_hours_of_a_number(world: World, zone: str) -> None:
    post(world, f"phone,timezone\n{ONE},{zone}\n")
    assert "US-NJ/America/New_York" in world.row(lead_id(AGENT, ONE))["zones"]


def test_a_state_that_nobody_knows_narrows_the_hours_and_is_named(world: World, tmp_path: Path) -> None:
    told = make_import(world, tmp_path, f"Phone,State\n{ONE},Californa\n{TWO},US-CA\n")
    assert {"US/America/New_York", "US/America/Los_Angeles"} <= set(world.row(lead_id(AGENT, ONE))["zones"])
    assert world.row(lead_id(AGENT, TWO))["zones"] == ["US-CA/America/Los_Angeles"]
    assert any("Californa" in line for line in told.said)


@pytest.mark.parametrize("encoding", ["latin-1", "mac_roman", "cp1250", "utf-16", "utf-16-le", "utf-8-sig"])
def test_no_encoding_eats_a_mark(world: World, tmp_path: Path, encoding: str) -> None:
    text = (
        f"Telefone,Nome,N\u00e3o ligar\n{ONE},Ana,\n{TWO},Rita,sim\n"
        if encoding != "cp1250"
        else (f"Telefon,Jm\u00e9no,Nevolat na toto \u010d\u00edslo\n{ONE},Ji\u0159\u00ed,\n{TWO},Zde\u0148ka,ano\n")
    )
    told = make_import(world, tmp_path, text.encode(encoding))
    assert told.called == {ONE}
    assert any("was read as" in line for line in told.said) == (not encoding.startswith("utf"))


@pytest.mark.parametrize(
    ("encoding", "header", "mark"),
    [
        (
            "cp1251",
            "\u0422\u0435\u043b\u0435\u0444\u043e\u043d",
            "\u041d\u0435 \u0437\u0432\u043e\u043d\u0438\u0442\u044c",
        ),
        ("shift_jis", "\u96fb\u8a71\u756a\u53f7", "\u96fb\u8a71\u7981\u6b62"),
    ],
)
def test_marks_in_other_scripts_and_encodings_are_heeded(
    world: World, tmp_path: Path, encoding: str, header: str, mark: str
) -> None:
    text = f"{header},{mark}\n{ONE},\n{TWO},x\n"
    assert make_import(world, tmp_path, text.encode(encoding)).called == {ONE}


def test_a_body_that_lost_its_mark_on_the_way_is_refused(world: World) -> None:
    assert post(world, f"phone,N\ufffdo ligar\n{ONE},sim\n").code == "bad_encoding"
    assert called(world) == set()


# -- no number is guessed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "phone_code\tphone_number\n44\t2079460958\n49\t3012345678\n1\t2015550141\n",
        "Primary Phone Number,Primary Phone Calling Code\n2079460958,+44\n3012345678,+49\n2015550141,+1\n",
        "Phone,Country\n2079460958,United Kingdom\n3012345678,Deutschland\n2015550141,USA\n",
        "Phone,Country Code\n2079460958,GB\n3012345678,DE\n2015550141,US\n",
    ],
)
def test_a_country_in_another_column_says_whose_number_it_is(world: World, tmp_path: Path, text: str) -> None:
    assert make_import(world, tmp_path, text).called == {LONDON, "+493012345678", ONE}


def test_a_country_that_contradicts_a_number_or_is_not_known_is_refused(world: World, tmp_path: Path) -> None:
    rows = "+12075550123,United Kingdom\n2075550123,EMEA\n+442079460958,EMEA\n2015550141,USA\n"
    told = make_import(world, tmp_path, f"Phone,Country\n{rows}", decided={"Country": "country"})
    assert told.called == {LONDON, ONE}
    codes = [one["code"] for one in post(world, f"phone,country\n{rows}").data["refused"]]
    assert codes == ["phone_contradiction", "country_not_understood"]


@pytest.mark.parametrize("digits", ["491716783154", "4915112345678", "49 171 6783155"])
def test_digits_that_begin_with_the_regions_own_calling_code_are_not_guessed(
    world: World, tmp_path: Path, digits: str
) -> None:
    told = make_import(in_region(world, "DE"), tmp_path, f"Telefon\n{digits}\n0{digits[2:]}\n")
    assert told.called == {f"+49{digits[2:]}".replace(" ", "")}
    assert any("can be two numbers" in line for line in told.said)
    listed, wrong = make_dnc(tmp_path, f"{digits}\n", "DE")
    assert listed == set()
    assert "can be two numbers" in wrong


def test_a_file_of_an_older_release_that_a_spreadsheet_saved_has_lost_no_plus(world: World, tmp_path: Path) -> None:
    header = "phone,name,call_status,imported_at,at,extra\n"
    numbers = ["4792345678", "3612345678", "6562234567", "4586123456", "12015550141"]
    told = make_import(world, tmp_path, header + "".join(f"{number},A,pending,x,x,\n" for number in numbers))
    assert told.called == {f"+{number}" for number in numbers}
    assert post(world, f"{header}4.42E+11,A,pending,x,x,\n").data["refused"][0]["code"] == "phone_damaged"


@pytest.mark.parametrize(
    "cell",
    ["+49 30 1234567/68", "123456-12/13", "+39 02 1234567/8", f"{ONE} ::: {TWO}", f"{ONE} / {TWO}", f"{ONE} und {TWO}"],
)
def test_two_numbers_in_one_cell_are_told_as_that(world: World, tmp_path: Path, cell: str) -> None:
    told = make_import(in_region(world, "DE"), tmp_path, f"Telefon,Name\n{cell},Ada\n030/1234567,Bo\n")
    assert told.called == {"+49301234567"}
    assert "line 2: the phone number is more than one number" in told.said


@pytest.mark.parametrize("cell", [f"p:{ONE}", f"'{ONE}", f"\u200e{ONE}\u200f", f"tel:{ONE}", f"\u202a{ONE}\u202c"])
def test_what_stands_around_a_number_is_seen_through(world: World, tmp_path: Path, cell: str) -> None:
    assert make_import(world, tmp_path, f"Phone\n{cell}\n{TWO}\n").called == {ONE, TWO}


# -- no lead is lost ---------------------------------------------------------------------------------------------------


def test_of_several_columns_of_numbers_each_row_has_the_first_that_is_valid(world: World, tmp_path: Path) -> None:
    text = f"Name,Phone,Mobile No.,Home Phone\nAda,,{ONE},\nBo,n/a,{TWO},{THREE}\nCy,,,{FOUR}\n"
    assert make_import(world, tmp_path, text).called == {ONE, TWO, FOUR}
    assert world.row(lead_id(AGENT, TWO))["extra"] == {"Phone": "n/a", "Home Phone": THREE}


def test_the_columns_that_are_best_filled_with_valid_numbers_come_first(world: World, tmp_path: Path) -> None:
    rows = "".join(f"Ada,x{line},+1201555{line:04}\n" for line in range(9))
    told = make_import(world, tmp_path, f"Name,Phone,Mobile\n{rows}Bo,{ONE},{TWO}\n")
    assert TWO in told.called
    assert ONE not in told.called


def test_a_cell_of_several_lines_is_never_cut(world: World, tmp_path: Path) -> None:
    rows = "".join(f'Ada;"on Monday,\nor later, or\nnever, ever";+1201200{line:04}\n' for line in range(600))
    api = WorldApi(world)
    told = make_import(world, tmp_path, f'Name;"When, how, where, and why";Telefon\n{rows}', api=api)
    assert told.last == "leads.csv: 600 new leads, 0 merged, 0 rows refused"
    assert [len(body["leads"]) for body in api.sent] == [500, 100]
    assert "600 of 600 rows" in told.said


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (f"Ada Finch,{ONE}", "the first line must have the column names"),
        ("Phone,Name\n", "there are no rows"),
        ("Foo,Bar\n1,2\n", "no column holds phone numbers"),
        ("", "the file is empty"),
        ('[{"phone": "+12015550141"}]', "JSON"),
        (b"PK\x03\x04\x14\x00", "Excel workbook"),
        ("BEGIN:VCARD\nTEL:+12015550141\nEND:VCARD\n", "vCard"),
        ("%PDF-1.7\n", "PDF"),
        ("<html><table><tr><td>+12015550141</td></tr></table></html>", "web page"),
        ("<?xml version='1.0'?><leads/>", "XML"),
    ],
)
def test_a_file_that_gives_no_lead_fails_and_says_why(
    world: World, tmp_path: Path, content: str | bytes, why: str
) -> None:
    told = make_import(world, tmp_path, content)
    assert not told.taken
    assert why in told.why


def test_new_area_codes_are_taken(world: World, tmp_path: Path) -> None:
    numbers = {f"+1{area}5550123" for area in (436, 483, 679, 324, 948, 738)}
    assert make_import(world, tmp_path, "Phone\n" + "".join(f"{number}\n" for number in numbers)).called == numbers
    assert post(world, "phone\n+1 555 010 1234\n+1 999 555 0123\n+1 911 555 0123\n").data["created"] == 0


@pytest.mark.parametrize(
    "text", ["201,5550141\n201,5550142\n", "2015550141\r\n2015550142\r\n", "Phone\n2015550141\n2015550142"]
)
def test_the_files_of_registries_load_as_they_come(tmp_path: Path, text: str) -> None:
    assert make_dnc(tmp_path, text) == ({ONE, TWO}, "")


def test_rows_for_which_the_server_had_no_time_are_sent_again(world: World, tmp_path: Path) -> None:
    api = WorldApi(world, no_time_for=2)
    told = make_import(world, tmp_path, f"Phone\n{ONE}\n{TWO}\nnone\n12\n", api=api)
    assert told.called == {ONE, TWO}
    assert [len(body["leads"]) for body in api.sent] == [4, 2, 2]
    assert told.said[-3:] == [
        "line 4: the phone number is missing",
        "line 5: the phone number is too short: an emergency, short or internal number",
        "leads.csv: 2 new leads, 0 merged, 2 rows refused",
    ]


def test_a_list_can_be_imported_now_and_called_later(world: World, tmp_path: Path) -> None:
    api = WorldApi(world)
    told = make_import(world, tmp_path, f"Phone\n{ONE}\n", api=api, later=True)
    assert (api.paused, told.called) == (True, {ONE})


def test_a_preview_says_what_each_column_is_taken_for(world: World, tmp_path: Path) -> None:
    told = make_import(world, tmp_path, f"Name,Phone,Mobile,Company\nAda,x,{ONE},Acme\nBo,,{TWO},\n")
    assert told.said[:4] == [
        "  Mobile \u2192 phone: 2 filled, 2 valid numbers",
        "  Phone \u2192 phone: 1 filled, 0 valid numbers",
        "  Name \u2192 name: 2 filled",
        "  Company \u2192 keep: 1 filled",
    ]


def test_a_name_that_says_not_to_call_is_seen_and_people_of_that_name_are_not(world: World, tmp_path: Path) -> None:
    told = make_import(world, tmp_path, f"Phone,Name\n{ONE},Ada Robinson\n{TWO},DNC - Bo Smith\n")
    assert (told.called, "DNC - Bo Smith" in told.why) == (set(), True)
    kept = f"Phone,Last name,Company\n{ONE},Robinson,Robinson\n{TWO},Nix,RPO\n"
    assert make_import(world, tmp_path, kept).called == {ONE, TWO}


def test_numbers_under_the_name_of_a_mark_must_be_decided(world: World, tmp_path: Path) -> None:
    text = f"Phone,DNC Phone\n{ONE},\n{TWO},{THREE}\n"
    told = make_import(world, tmp_path, text)
    assert (told.called, "DNC Phone" in told.why) == (set(), True)
    assert make_import(world, tmp_path, text, decided={"DNC Phone": "do_not_call"}).called == {ONE}


def test_countries_that_are_not_known_guess_no_number(world: World, tmp_path: Path) -> None:
    text = "Phone,Land\n2079460958,EMEA\n3012345678,EMEA\n"
    told = make_import(world, tmp_path, text)
    assert (told.called, "Land=country" in told.why) == (set(), True)
    assert make_import(world, tmp_path, text, decided={"Land": "country"}).called == set()
    assert make_import(world, tmp_path, f"Phone,Land\n{LONDON},EMEA\n").called == {LONDON}
