"""A file of leads: what will happen is seen before anything is sent, and afterwards what did."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from tests.browser.conftest import profiles
from tests.browser.screen import LONG, Screen
from tests.e2e.agents import Numbers, Person, Twilio, sign_up

NOTE = "x" * 4_000
PARTS = {f"Part {index}": "x" * 2_000 for index in range(10)}  # with them and a note, sixty rows are two pieces


@pytest.fixture(scope="module")
def live(browser: Browser, stack: dict[str, Any]) -> Iterator[Screen]:
    """A page that sends nothing, for all tests of what is read from a file."""
    with profiles(browser) as make:
        yield Screen(make().new_page(), stack).enter(sign_up(stack))


@pytest.fixture
def reader(live: Screen) -> Iterator[Screen]:
    """The same with its import opened anew."""
    live.button("Import").first.click()
    expect(live.button("Choose a file").first).to_be_visible()
    yield live
    live.page.keyboard.press("Escape")
    expect(live.dialog).to_have_count(0)


def test_a_file_with_bad_rows_is_previewed_row_by_row_and_the_result_says_the_same(
    screen: Screen, agent: Person, twilio: Twilio, tmp_path: Path
) -> None:
    """New, merged and refused, each with its reason; then what is new is called by itself."""
    known, one, two = Numbers.take(3)
    agent.imports(known)
    screen.enter(agent).button("Import").click()
    rows = [f"{one},Ava", f"{two},Liam", f"{one},Ava again", f"{known},Noah", "n/a,Mia", ",Zoe"]
    screen.choose("leads.csv", "\n".join(["Phone,Name", *rows]))
    screen.button("Preview").click()

    for what, count in (("New", 2), ("Already in your list", 2), ("Refused", 2)):
        expect(screen.dialog.get_by_role("button", name=f"{count} {what}")).to_be_visible()
    table = screen.dialog.get_by_role("table").get_by_role("row")
    expect(table).to_have_count(7)
    reasons = table.locator(".outcome .quiet")
    expect(reasons).to_have_text(
        [
            "same number further up in this file",
            "what is new in the file is added to it",
            "not a phone number",
            "no phone number",
        ]
    )
    assert len(agent.leads()) == 1  # nothing was sent

    screen.button("Import 4 rows").click()
    expect(screen.dialog).to_contain_text("2 new leads, 2 already there, 2 refused.")
    expect(screen.dialog.get_by_role("listitem")).to_have_text(
        [re.compile("Line 6.*n/a.*not a phone number"), re.compile("Line 7.*no phone number")]
    )
    with screen.page.expect_download() as download:
        screen.button("Download the result").click()
    download.value.save_as(tmp_path / "result.csv")
    with (tmp_path / "result.csv").open(encoding="utf-8-sig") as file:
        assert [row["result"] for row in csv.DictReader(file)] == ["imported"] * 4 + ["Refused"] * 2
    screen.button("Done").click()
    expect(screen.rows).to_have_count(3)
    screen.ended(*[lead["lead_id"] for lead in agent.leads()])
    assert twilio.dialled(known, one, two) == [1, 1, 1]


def test_who_a_file_marks_as_not_to_be_called_is_not_called_and_the_page_says_so(
    screen: Screen, agent: Person, twilio: Twilio
) -> None:
    """Neither a lead that waits already, nor one that another row of the file would have called."""
    agent.api("POST", "/api/autocall/pause")
    known, marked, other = Numbers.take(3)
    (waiting,) = agent.imports(known)
    screen.enter(agent).button("Import").click()
    screen.choose("leads.csv", f"Phone,Name,DNC\n{known},Ava,x\n{marked},Liam,\n{marked},Liam,yes\n{other},Zoe,no\n")
    screen.button("Preview").click()
    expect(screen.dialog.get_by_role("button", name="2 Do not call")).to_contain_text("1 of them is in your list now")
    expect(screen.dialog.get_by_role("button", name="1 Refused")).to_be_visible()
    screen.button("Import 3 rows").click()
    expect(screen.dialog).to_contain_text("1 new lead, 0 already there, 2 marked “do not call”, 1 refused.")
    expect(screen.dialog.get_by_role("listitem")).to_have_text(
        [
            re.compile("Line 3.*marked “do not call” in another row"),
            re.compile("Line 2.*never called"),
            re.compile("Line 4.*never called"),
        ]
    )
    screen.button("Done").click()
    expect(screen.row(waiting)).to_contain_text("Do not call")
    expect(screen.rows.filter(has_text="Zoe")).to_be_visible()
    screen.button("Resume").click()
    expect(screen.run).to_contain_text("Nothing is waiting")
    assert twilio.dialled(known, marked, other) == [0, 0, 1]


def test_the_numbers_that_are_shown_are_the_numbers_that_are_sent(screen: Screen, agent: Person) -> None:
    """A number of India stays one, though the server's own region would make another of it."""
    agent.api("POST", "/api/autocall/pause")
    screen.enter(agent).button("Import").click()
    screen.choose("leads.csv", "Phone,Name\n7012345678,Asha\n")
    screen.dialog.get_by_label("Numbers without + are from").select_option("India")
    expect(screen.dialog).to_contain_text("1 valid numbers (100 %)")
    screen.button("Preview").click()
    expect(screen.dialog.get_by_role("cell", name="+91 701 234 5678")).to_be_visible()
    screen.button("Import 1 row").click()
    expect(screen.dialog).to_contain_text("1 new lead, 0 already there, 0 refused.")
    assert [lead["phone"] for lead in agent.leads()] == ["+917012345678"]


def test_a_phone_shows_the_reason_of_every_row(
    profile: Callable[..., BrowserContext], stack: dict[str, Any], agent: Person
) -> None:
    """Nothing of it is cut off."""
    screen = Screen(profile(viewport={"width": 390, "height": 844}).new_page(), stack).enter(agent)
    screen.button("Import").click()
    screen.choose("leads.csv", "Phone,Name\n+12025550101,Ava\nn/a,Desk\n")
    screen.button("Preview").click()
    outcome = screen.dialog.get_by_role("cell").last
    expect(outcome).to_have_text("Refusednot a phone number")
    assert outcome.evaluate("it => it.scrollWidth <= it.clientWidth")


def test_what_the_server_refuses_against_the_preview_is_red_and_named(screen: Screen, agent: Person) -> None:
    """The preview cannot know of a lead that was called and deleted; the result says what is not as promised."""
    fine, gone = Numbers.take(2)
    screen.enter(agent)
    (lead,) = agent.imports(gone)
    screen.ended(lead)
    agent.api("POST", "/api/autocall/pause")
    assert agent.api("DELETE", f"/api/leads/{lead}").ok
    screen.button("Import").first.click()
    screen.choose("leads.csv", f"Phone,Name\n{fine},Ava\n{gone},Liam\n")
    screen.button("Preview").click()
    expect(screen.dialog).to_contain_text("The server checks every row once more.")
    screen.button("Import 2 rows").click()
    expect(screen.dialog).to_contain_text("1 new lead, 0 already there, 1 refused.")
    expect(screen.dialog.get_by_role("heading", name="Import finished, but not as shown before")).to_be_visible()
    expect(screen.dialog.get_by_role("alert")).to_contain_text("1 row was refused by the server")
    expect(screen.dialog.get_by_role("list", name="Refused rows")).to_contain_text(
        re.compile("Line 3.*was called, and its lead was deleted")
    )


def test_rows_that_the_server_had_no_time_for_are_sent_again_until_all_are_stored(
    screen: Screen, agent: Person
) -> None:
    """Nobody has to press anything, and what was stored is not sent again."""
    phones = Numbers.take(6)
    sent: list[list[str]] = []

    def store_every_other(route: Route) -> None:
        if route.request.method != "POST":
            return route.fallback()
        leads = json.loads(route.request.post_data or "{}")["leads"]
        sent.append([lead["phone"] for lead in leads])
        if len(sent) > 2:
            return route.fallback()
        refused = [
            {"line": line, "code": "no_time", "reason": "not stored: send this row again", "retry": True}
            for line in range(1, len(leads) + 1, 2)
        ]
        agent.imports(*[lead["phone"] for lead in leads[1::2]])
        return route.fulfill(json={"created": len(leads) - len(refused), "merged": 0, "refused": refused})

    agent.api("POST", "/api/autocall/pause")
    screen.enter(agent).page.route(lambda url: url.endswith("/api/leads"), store_every_other)
    screen.button("Import").first.click()
    screen.choose("leads.csv", "\n".join(["phone", *phones]))
    screen.button("Preview").click()
    screen.button("Import 6 rows").click()
    expect(screen.dialog.get_by_role("heading", name="Import finished", exact=True)).to_be_visible()
    expect(screen.dialog).to_contain_text("6 new leads, 0 already there, 0 refused.")
    assert sent == [phones, phones[::2], phones[::4]]
    assert sorted(lead["phone"] for lead in agent.leads()) == sorted(phones)


def test_a_long_and_messy_list_arrives_as_the_preview_says(screen: Screen, agent: Person) -> None:
    """With two columns of phones, rows without any number, doubles and marks: nothing that was promised is lost.

    The first piece ends at a thousand rows, and the second one at nine hundred thousand bytes.
    """
    phones = Numbers.take(1_250)
    rows = [
        f"Lead {index},{phone if index % 3 else ''},{'' if index % 3 else phone},{'x' if index % 100 == 99 else ''},"
        f"{NOTE if index >= 1_000 else ''}"
        for index, phone in enumerate(phones)
    ]
    rows += [f"No number {index},,,," for index in range(50)]
    rows += [f"Again {index},{phones[index]},,," for index in range(50)]
    agent.api("POST", "/api/autocall/pause")
    screen.enter(agent)
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    screen.button("Import").first.click()
    screen.choose("leads.csv", "\n".join(["Name,Phone,Mobile,Do Not Call,Notes", *rows]))
    screen.button("Preview").click()
    for what, count in (("New", "1,238"), ("Already in your list", "50"), ("Do not call", "12"), ("Refused", "50")):
        expect(screen.dialog.get_by_role("button", name=f"{count} {what}")).to_be_visible()
    screen.button("Import 1,300 rows").click()
    finished = screen.dialog.get_by_role("heading", name="Import finished", exact=True)
    expect(finished).to_be_visible(timeout=400_000)
    expect(screen.dialog).to_contain_text("1,238 new leads, 50 already there, 12 marked “do not call”, 50 refused.")
    assert sum(each.startswith("POST ") and each.endswith("/api/leads") for each in asked) == 3
    marked = set(phones[99::100])
    stored = {str(lead["phone"]) for lead in agent.leads()}
    assert stored == set(phones) - marked


def test_calls_can_be_seen_and_paused_beside_an_import(screen: Screen, agent: Person, twilio: Twilio) -> None:
    """It is no wall: the page behind it stays in use, and the import can be folded."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, outcome="completed", ring_s=1, talk_s=LONG)
    screen.enter(agent)
    screen.button("Import").first.click()
    screen.choose("leads.csv", f"phone\n{Numbers.take(1)[0]}\n")
    (lead,) = agent.imports(phone)
    screen.status(lead, "in-progress")
    screen.button("Pause").click()
    expect(screen.button("Resume")).to_be_visible()
    screen.button("Fold the import").click()
    expect(screen.button("Preview")).to_be_hidden()
    screen.inspect(lead)
    screen.button("Unfold the import").click()
    expect(screen.button("Preview")).to_be_enabled()


def test_a_list_may_be_imported_now_and_called_later(screen: Screen, agent: Person, twilio: Twilio) -> None:
    """Calling is paused before the first row is sent, and a person resumes."""
    (phone,) = Numbers.take(1)
    screen.enter(agent)
    screen.button("Import").first.click()
    screen.choose("leads.csv", f"phone\n{phone}\n")
    screen.button("Preview").click()
    screen.button("Import, call later").click()
    expect(screen.dialog).to_contain_text("Press Resume when the calls may begin.")
    screen.button("Done").click()
    expect(screen.run).to_contain_text("Paused")
    assert twilio.dialled(phone) == [0]
    screen.button("Resume").click()
    screen.ended(agent.leads()[0]["lead_id"])
    assert twilio.dialled(phone) == [1]


def test_what_may_be_a_mark_is_asked_before_anything_is_sent(screen: Screen, agent: Person, twilio: Twilio) -> None:
    """A status that says DNC, and a column of ticks whose name says nothing."""
    phones = Numbers.take(4)
    cells = ["Open,", "DNC,", "Open,x", "Open,"]
    screen.enter(agent)
    screen.button("Import").first.click()
    rows = [f"{phone},{cell}" for phone, cell in zip(phones, cells, strict=True)]
    screen.choose("leads.csv", "\n".join(["Phone,Status,Raus", *rows]))
    expect(screen.dialog).to_contain_text("Please answer the 2 questions above the columns first.")
    expect(screen.button("Preview")).to_be_disabled()
    screen.dialog.get_by_label("These are not called").check()
    screen.dialog.get_by_label("A yes means: do not call").check()
    screen.button("Preview").click()
    screen.button("Import 4 rows").click()
    expect(screen.dialog).to_contain_text("2 new leads, 0 already there, 2 marked “do not call”, 0 refused.")
    screen.button("Done").click()
    screen.ended(*[lead["lead_id"] for lead in agent.leads() if lead["phone"] in (phones[0], phones[3])])
    assert twilio.dialled(*phones) == [1, 0, 0, 1]


def test_a_workbook_is_read_in_the_browser(screen: Screen, agent: Person) -> None:
    """Its reader is loaded when it is needed, under the page's own policy of what may run."""
    (phone,) = Numbers.take(1)
    agent.api("POST", "/api/autocall/pause")
    screen.enter(agent)
    screen.button("Import").first.click()
    screen.choose("leads.xlsx", workbook([["Name", "Phone"], ["Zoë", int(phone.removeprefix("+"))]]))
    screen.button("Preview").click()
    screen.button("Import 1 row").click()
    expect(screen.dialog).to_contain_text("1 new lead, 0 already there, 0 refused.")
    assert [(lead["phone"], lead["name"]) for lead in agent.leads()] == [(phone, "Zoë")]


def workbook(rows: list[list[str | int]]) -> bytes:
    """The smallest .xlsx with these rows."""

    def cell(at: str, value: str | int) -> str:
        if isinstance(value, int):
            return f'<c r="{at}"><v>{value}</v></c>'
        return f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>'

    def row(line: int, values: list[str | int]) -> str:
        return f"<row>{''.join(cell(f'{chr(65 + index)}{line}', value) for index, value in enumerate(values))}</row>"

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    data = "".join(row(line, values) for line, values in enumerate(rows, 1))
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="a" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="A" sheetId="1" r:id="a"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="a" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def test_a_file_of_several_pieces_is_called_from_top_to_bottom(screen: Screen, agent: Person) -> None:
    """Each piece says how many rows come after it: so far back is its place, however fast the pieces follow."""
    phones = Numbers.take(60)
    agent.api("POST", "/api/autocall/pause")
    sent: list[dict[str, Any]] = []

    def listen(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(json.loads(route.request.post_data or "{}"))
        route.fallback()

    screen.enter(agent).page.route(lambda url: url.endswith("/api/leads"), listen)
    screen.button("Import").click()
    screen.choose("leads.csv", with_notes(phones))
    screen.button("Preview").click()
    screen.button("Import 60 rows").click()
    expect(screen.dialog).to_contain_text("60 new leads, 0 already there, 0 refused.")
    first, last = sent
    assert len(first["leads"]) + len(last["leads"]) == 60
    assert [piece["rows_after"] for piece in sent] == [len(last["leads"]), 0]
    in_order = sorted(agent.leads(), key=lambda lead: str(lead["imported_at"]))
    assert [lead["phone"] for lead in in_order] == phones


def test_an_import_that_runs_stays_in_sight_however_often_escape_is_pressed(screen: Screen, agent: Person) -> None:
    """A browser heeds the second Escape whatever the page says; nobody may lose sight of what is being sent."""
    held: list[Route] = []
    agent.api("POST", "/api/autocall/pause")
    screen.enter(agent).page.route(
        lambda url: url.endswith("/api/leads"),
        lambda route: held.append(route) if route.request.method == "POST" else route.fallback(),
    )
    screen.button("Import").click()
    screen.choose("leads.csv", f"phone\n{Numbers.take(1)[0]}\n")
    screen.button("Preview").click()
    screen.button("Import 1 row").click()
    expect(screen.button("Stop")).to_be_visible()
    for _ in range(3):
        screen.page.keyboard.press("Escape")
    expect(screen.button("Stop")).to_be_visible()
    held[0].fallback()
    expect(screen.dialog).to_contain_text("1 new lead, 0 already there, 0 refused.")
    screen.button("Done").click()
    screen.button("Import").click()
    expect(screen.dialog).to_be_visible()


def with_notes(phones: list[str]) -> str:
    """A file of them that is too large for one piece."""
    texts = ",".join((NOTE, *PARTS.values()))
    return ",".join(("phone", "note", *PARTS)) + "\n" + "\n".join(f"{phone},{texts}" for phone in phones)


def test_a_file_dropped_on_the_page_is_imported_with_the_columns_a_person_chooses(
    screen: Screen, agent: Person
) -> None:
    """Columns whose names say nothing are chosen by hand; nothing can be sent before there is a number."""
    (phone,) = Numbers.take(1)
    screen.enter(agent)
    screen.drop("list.csv", f"A,B\nAva Thompson,{phone}\n")
    expect(screen.dialog).to_contain_text("Import leads: list.csv")
    screen.dialog.get_by_label("B", exact=True).select_option("Leave out")
    expect(screen.dialog).to_contain_text("Choose the column that holds the phone numbers.")
    expect(screen.button("Preview")).to_be_disabled()
    screen.dialog.get_by_label("B", exact=True).select_option("Phone number")
    screen.dialog.get_by_label("A", exact=True).select_option("Name")
    screen.button("Preview").click()
    screen.button("Import 1 row").click()
    screen.button("Done").click()
    expect(screen.rows).to_contain_text(["Ava Thompson"])


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param(
            "quotes.csv", b'phone,name\n+12025550101,"Ava\n+12025550102,Liam\n', "are never closed", id="open-quote"
        ),
        pytest.param(
            "nick.csv",
            b'phone,name\n+12025550101,"Bob" Smith\n+12025550102,Liam\n',
            "near line 2, text",
            id="stray-quote",
        ),
        pytest.param(
            "book.xlsx", b"PK\x03\x04\x14\x00\x06\x00" + bytes(2000), "a workbook or an archive that", id="workbook"
        ),
        pytest.param("photo.csv", bytes(range(256)) * 20, "This is not a text file", id="binary"),
        pytest.param("people.vcf", b"BEGIN:VCARD\nTEL:+12025550101\n", "address book saves them (vCard)", id="vcard"),
        pytest.param("list.pdf", b"%PDF-1.7\n1 0 obj\n", "This is a PDF", id="pdf"),
        pytest.param("list.xls", b"<html><table><tr><td>+12025550101</table>", "This is a web page", id="html"),
        pytest.param("list.xml", b'<?xml version="1.0"?><Workbook/>', "This is an XML file", id="xml"),
        pytest.param("list.json", b'[{"phone": "+12025550101"}]', "This is a JSON file", id="json"),
        pytest.param("empty.csv", b"", "This file is empty.", id="empty"),
        pytest.param("head.csv", b"phone,name\n", "There are no leads in this file", id="only-a-header"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    reader: Screen, name: str, content: bytes, sentence: str
) -> None:
    """A sentence that a person understands, and another file can be chosen at once."""
    reader.choose(name, content)
    expect(reader.dialog.get_by_role("alert")).to_contain_text(sentence)
    reader.choose("good.csv", "phone\n+12025550101\n")
    expect(reader.button("Preview")).to_be_enabled()


def test_a_file_of_60_mb_is_refused_before_it_is_read(reader: Screen, tmp_path: Path) -> None:
    """The page says how much is too much and what to do."""
    (tmp_path / "large.csv").write_bytes(b"phone,name\n" + b"+12025550101,Ava\n" * 3_530_000)
    reader.page.locator("input[type=file]").set_input_files(tmp_path / "large.csv")
    expect(reader.dialog.get_by_role("alert")).to_contain_text("This file has 60.0 MB; more than 25.0 MB is too much")


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "Western European (Windows-1252)"),
        ("mac_roman", "Western European (Macintosh)"),
        ("utf-16", "Unicode (UTF-16)"),
    ],
)
def test_a_file_in_another_encoding_is_read_and_the_page_says_which(reader: Screen, encoding: str, name: str) -> None:
    """Accents are shown before anything is sent, so that a wrong guess is seen."""
    reader.choose("leads.csv", "phone,name\n+12025550101,Léa Nuñez\n".encode(encoding))
    expect(reader.dialog).to_contain_text(f"The file is not in UTF-8. It was read as {name}")
    expect(reader.dialog).to_contain_text("Léa Nuñez")


def test_an_import_that_the_server_fails_stops_with_a_sentence_and_goes_on_from_there(
    screen: Screen, agent: Person
) -> None:
    """What was sent is kept, and nothing is sent twice by going on."""
    phones = Numbers.take(60)

    def fail_after_the_first(route: Route) -> None:
        pieces.append(len(json.loads(route.request.post_data or "{}")["leads"]))
        if len(pieces) > 1:
            route.fulfill(status=400, json={"error": {"code": "broken", "message": "the server is being repaired"}})
        else:
            route.fallback()

    pieces: list[int] = []
    agent.api("POST", "/api/autocall/pause")
    screen.enter(agent).button("Import").click()
    screen.page.route(lambda url: url.endswith("/api/leads"), fail_after_the_first)
    screen.choose("leads.csv", with_notes(phones))
    screen.button("Preview").click()
    screen.button("Import 60 rows").click()
    alert = screen.dialog.get_by_role("alert")
    expect(alert).to_contain_text("rows; what was sent is in your list. You can go on from here.")
    expect(alert).to_contain_text(f"Stopped after {pieces[0]} of 60 rows")
    screen.page.unroute_all()
    screen.button("Go on").click()
    expect(screen.dialog).to_contain_text("60 new leads, 0 already there, 0 refused.")


def test_a_long_list_is_downloaded_whole_though_it_comes_in_pieces(
    screen: Screen, agent: Person, tmp_path: Path
) -> None:
    """The server ends a piece at a few megabytes, and says in a header where the next begins."""
    phones = Numbers.take(260)
    note = "é" * 300 + NOTE[300:]  # an answer of Lambda spells each é with six letters
    agent.api("POST", "/api/autocall/pause")
    for start in range(0, len(phones), 36):
        agent.imports(*phones[start : start + 36], note=note, **PARTS)
    pieces: list[str] = []
    screen.page.on("request", lambda request: pieces.append(request.url) if "leads.csv" in request.url else None)
    screen.enter(agent)
    with screen.page.expect_download(timeout=120_000) as download:
        screen.button("Download list").click()
    download.value.save_as(tmp_path / "leads.csv")
    with (tmp_path / "leads.csv").open(encoding="utf-8-sig") as file:
        assert sorted(row["phone"].replace(" ", "") for row in csv.DictReader(file)) == sorted(phones)
    assert len(pieces) > 1
