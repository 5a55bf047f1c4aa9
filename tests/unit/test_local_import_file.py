"""`make import`: a file goes out in pieces, and every row is answered for by its line in the file."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from local.importing import MOST_BYTES, MOST_ROWS, NotTaken, Unreadable, pieces, read, send_file, to_api

from functions.leads_api import csv_rows

HEADER = "phone,name\n"


def rows(count: int, start: int = 0) -> str:
    return "".join(f"+1202555{number:04d},Ada {number}\n" for number in range(start, start + count))


class Agent:
    """An API that remembers what it was sent, and merges what it knows already."""

    def __init__(self, *bad_lines: int, fails_at: int | None = None) -> None:
        self.bad_lines, self.fails_at = bad_lines, fails_at
        self.sent: list[tuple[str, int]] = []
        self.leads: set[str] = set()

    def __call__(self, text: str, first_line: int) -> dict[str, Any]:
        if len(self.sent) == self.fails_at:
            self.fails_at = None
            raise requests.ConnectionError
        self.sent.append((text, first_line))
        told = text.splitlines()[1:]
        good = [row for line, row in enumerate(told, first_line) if line not in self.bad_lines]
        refused = [line for line, _row in enumerate(told, first_line) if line in self.bad_lines]
        new = set(good) - self.leads
        self.leads |= new
        return {
            "created": len(new),
            "merged": len(good) - len(new),
            "refused": [{"line": line, "reason": "not a number"} for line in refused],
        }


def test_a_small_file_is_one_piece() -> None:
    [piece] = pieces(HEADER + rows(3))
    assert (piece.text, piece.first_line, piece.rows) == (HEADER + rows(3), 2, 3)


def test_a_large_file_is_cut_into_pieces_that_each_have_the_header() -> None:
    made = list(pieces(HEADER + rows(2 * MOST_ROWS + 1)))
    assert [piece.rows for piece in made] == [MOST_ROWS, MOST_ROWS, 1]
    assert [piece.first_line for piece in made] == [2, MOST_ROWS + 2, 2 * MOST_ROWS + 2]
    assert all(piece.text.startswith(HEADER) for piece in made)
    assert "".join(piece.text.removeprefix(HEADER) for piece in made) == rows(2 * MOST_ROWS + 1)


def test_a_piece_is_never_too_large_for_a_request() -> None:
    long = "ä" * 100_000
    made = list(pieces(HEADER + "".join(f"+120255501{line:02d},{long}\n" for line in range(12))))
    assert [piece.rows for piece in made] == [4, 4, 4]
    assert all(len(piece.text.encode()) <= MOST_BYTES for piece in made)


def test_a_row_over_several_lines_is_never_cut() -> None:
    quoted = '+12025550100,"Ada\nLovelace,\nof London"\n'
    made = list(pieces(HEADER + rows(MOST_ROWS - 1) + quoted + rows(1)))
    assert made[0].text.endswith(quoted)
    assert made[1].first_line == 2 + (MOST_ROWS - 1) + 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_rows_are_told_apart_whatever_the_spreadsheet_separates_by(delimiter: str) -> None:
    text = f'phone{delimiter}name\n1{delimiter}"Ada\nL."\n2{delimiter}Bob\n'
    assert [(piece.rows, piece.first_line) for piece in pieces(text)] == [(2, 2)]


@pytest.mark.parametrize("above", ["sep=;\n", "\n", ";;\r\n", "sep=;\r\n\n \n"])
def test_what_stands_above_the_header_is_no_row(above: str) -> None:
    """Each piece has it with the header, so that the API finds the header in it, and lines are those of the file."""
    body = "".join(f"+1202555{number:04d};Ada\n" for number in range(600))
    first, second = pieces(f"{above}phone;name\n{body}")
    start = above.count("\n") + 2
    assert [(piece.rows, piece.first_line) for piece in (first, second)] == [(500, start), (100, start + 500)]
    for piece in (first, second):
        told = list(csv_rows.rows(piece.text.encode(), piece.first_line))
        assert (told[0].line, len(told)) == (piece.first_line, piece.rows)
        assert told[0].cells["name"] == "Ada"


def test_a_row_ends_where_the_api_sees_its_end() -> None:
    """Not at every character that Unicode calls the end of a line."""
    [piece] = pieces("phone,name\r1,Ada\u2028L.\x0b\r2,Bob\x85\r")
    assert (piece.rows, piece.first_line) == (2, 2)


def test_a_quote_that_is_never_closed_is_named_by_its_line() -> None:
    """However much it swallows."""
    with pytest.raises(Unreadable, match=r"^line 3 cannot be read: is a quote never closed\?$"):
        list(pieces(HEADER + rows(1) + '1,"Ada\n' + rows(20_000)))


@pytest.mark.parametrize("text", ["", "phone\n", "phone"])
def test_a_file_without_rows_has_no_pieces(text: str) -> None:
    assert list(pieces(text)) == []


def test_a_last_row_without_an_end_of_line_is_a_row() -> None:
    [piece] = pieces("phone\n1\n2")
    assert (piece.text, piece.rows) == ("phone\n1\n2\n", 2)


@pytest.mark.parametrize(
    "encoded",
    ["phone,name\n1,Zoë\n".encode(encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252")],
)
def test_a_file_is_read_in_whichever_encoding_it_was_saved(tmp_path: Path, encoded: bytes) -> None:
    (tmp_path / "leads.csv").write_bytes(encoded)
    assert read(tmp_path / "leads.csv") == "phone,name\n1,Zoë\n"


@pytest.mark.parametrize("content", [b"phone\n\x81\x8d\n", b"\xff\xfep", b"\xfe\xff\xd8\x00"])
def test_what_is_no_text_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "leads.csv").write_bytes(content)
    with pytest.raises(Unreadable, match=r"leads\.csv: .*save it as CSV in UTF-8"):
        read(tmp_path / "leads.csv")


def test_a_file_that_cannot_be_opened_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"leads\.csv: No such file"):
        read(tmp_path / "leads.csv")
    with pytest.raises(Unreadable, match="directory"):
        read(tmp_path)


# -- sending -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def large(tmp_path: Path) -> Path:
    file = tmp_path / "large.csv"
    file.write_text(HEADER + rows(1200))
    return file


def test_bad_rows_are_named_by_their_line_in_the_file(large: Path) -> None:
    said: list[str] = []
    agent = Agent(2, 700, 1201)
    assert not send_file(large, agent, said.append)
    assert [text for text in said if text.startswith("line")] == [
        "line 2: not a number",
        "line 700: not a number",
        "line 1201: not a number",
    ]
    assert said[-1] == "large.csv: 1,197 new leads, 0 merged, 3 rows refused"
    assert len(agent.leads) == 1197


def test_a_large_file_says_how_far_it_is(large: Path) -> None:
    said: list[str] = []
    assert send_file(large, Agent(), said.append)
    assert said[:3] == ["500 of 1,200 rows", "1,000 of 1,200 rows", "1,200 of 1,200 rows"]


def test_a_small_file_says_only_what_became_of_it(tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text(HEADER + rows(2))
    said: list[str] = []
    assert send_file(tmp_path / "few.csv", Agent(), said.append)
    assert said == ["few.csv: 2 new leads, 0 merged, 0 rows refused"]


def test_sending_again_after_a_break_makes_no_lead_twice(large: Path) -> None:
    said: list[str] = []
    agent = Agent(fails_at=1)
    with pytest.raises(requests.ConnectionError):
        send_file(large, agent, said.append)
    assert send_file(large, agent, said.append)
    assert len(agent.leads) == 1200
    assert said[-1] == "large.csv: 700 new leads, 500 merged, 0 rows refused"
    assert agent.sent[0] == agent.sent[1]


def test_of_a_file_of_several_pieces_the_marks_go_first(tmp_path: Path) -> None:
    """In its own piece the last row came too late for the first: it is called as soon as its piece is in."""
    file = tmp_path / "marks.csv"
    file.write_text(
        "phone,name,dnc\n" + "".join(f"+1202555{line:04d},A,{'x' * (line % 400 == 0)}\n" for line in range(1200))
    )
    agent, said = Agent(), list[str]()
    assert send_file(file, agent, said.append)
    assert agent.sent[0] == ("phone,name,dnc\n+12025550000,A,x\n+12025550400,A,x\n+12025550800,A,x\n", 2)
    assert [line for _, line in agent.sent[1:]] == [2, 502, 1002]
    assert said[2] == "1,200 of 1,200 rows"


def test_what_is_not_taken_is_said_with_the_file_and_how_far_it_was(large: Path) -> None:
    def send(_: str, first_line: int) -> dict[str, Any]:
        if first_line > 2:
            raise NotTaken("this is enough")
        return {"created": 500, "merged": 0, "refused": []}

    with pytest.raises(NotTaken, match=r"^large\.csv: this is enough \(after 500 of 1,200 rows, which are in\)$"):
        send_file(large, send, lambda _: None)


# -- the API -----------------------------------------------------------------------------------------------------------


class _Server(BaseHTTPRequestHandler):
    requests: ClassVar[list[dict[str, Any]]] = []
    status = 200
    told: object = {"created": 1, "merged": 0, "refused": []}

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
        answer = json.dumps(self.told).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, type[_Server]]]:
    handler = type("Handler", (_Server,), {"requests": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}", handler
        made.shutdown()


def test_a_piece_goes_out_as_the_agents_own_with_its_first_line(server: tuple[str, type[_Server]]) -> None:
    url, handler = server
    assert to_api(url, "a-token")("phone,name\n1,Zoë\n", 502) == {"created": 1, "merged": 0, "refused": []}
    [request] = handler.requests
    assert urlsplit(request["path"]).path == "/api/leads"
    assert parse_qs(urlsplit(request["path"]).query) == {"first_line": ["502"]}
    assert request["headers"]["authorization"] == "Bearer a-token"
    assert request["headers"]["content-type"] == "text/csv; charset=utf-8"
    assert request["body"].decode() == "phone,name\n1,Zoë\n"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"error": {"code": "bad_header", "message": "no column is named phone"}}, "no column is named phone"),
        ({"message": "Request Too Long"}, "Request Too Long"),
        ([], "the server answered 413"),
    ],
)
def test_a_refused_piece_is_refused_in_the_servers_words(
    server: tuple[str, type[_Server]], told: object, said: str
) -> None:
    """The API's own, or those of the gateway before it."""
    url, handler = server
    handler.status, handler.told = 413, told
    with pytest.raises(NotTaken, match=f"^{said}$"):
        to_api(url, "a-token")("phone\n1\n", 2)


def test_a_server_that_does_not_answer_is_said_to_be_silent() -> None:
    with pytest.raises(NotTaken, match="does not answer"):
        to_api("http://127.0.0.1:9", "a-token")("phone\n1\n", 2)
