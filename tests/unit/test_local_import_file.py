"""`make import`: a file goes out in pieces, and every row is answered for by its line in the file."""

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from local import list_file
from local.import_file import MOST_BYTES, MOST_ROWS, Api, NotTaken, send_file
from local.list_file import Unreadable, columns_of, read_text

HEADER = "phone,name\n"


def rows(count: int, start: int = 0) -> str:
    return "".join(f"+1202555{number:04d},Ada {number}\n" for number in range(start, start + count))


class Agent:
    """An API that remembers what it was sent, and merges what it knows already."""

    def __init__(self, *bad: str, fails_at: int | None = None) -> None:
        self.bad, self.fails_at = bad, fails_at
        self.sent: list[Mapping[str, Any]] = []
        self.leads: set[str] = set()

    def region(self) -> str:
        return "US"

    def pause(self) -> None: ...

    def send(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if len(self.sent) == self.fails_at:
            self.fails_at = None
            raise NotTaken("this is enough")
        self.sent.append(body)
        phones = [lead["phone"] for lead in body["leads"]]
        good = [phone for phone in phones if phone not in self.bad]
        new = set(good) - self.leads
        self.leads |= new
        refused = [
            {"line": line, "code": "bad", "reason": "not a number", "retry": False}
            for line, phone in enumerate(phones, 1)
            if phone in self.bad
        ]
        return {"created": len(new), "merged": len(good) - len(new), "refused": refused, "warnings": []}


def sent(tmp_path: Path, text: str, agent: Any = None) -> list[str]:
    """What is said when a file of this text is sent."""
    (tmp_path / "leads.csv").write_text(text)
    said: list[str] = []
    send_file(tmp_path / "leads.csv", agent or Agent(), said.append, pause=lambda _: None)
    return said


def test_a_small_file_is_one_piece_and_says_only_what_became_of_it(tmp_path: Path) -> None:
    agent = Agent()
    assert sent(tmp_path, HEADER + rows(3), agent)[2:] == ["leads.csv: 3 new leads, 0 merged, 0 rows refused"]
    [body] = agent.sent
    assert body["columns"] == {"phone": "phone", "name": "name"}
    assert body["leads"][0] == {"phone": "+12025550000", "name": "Ada 0"}


def test_a_large_file_is_cut_into_pieces_and_says_how_far_it_is(tmp_path: Path) -> None:
    agent = Agent()
    said = sent(tmp_path, HEADER + rows(2 * MOST_ROWS + 1), agent)
    assert [(len(body["leads"]), body["rows_after"]) for body in agent.sent] == [(500, 501), (500, 1), (1, 0)]
    assert said[2:5] == ["500 of 1,001 rows", "1,000 of 1,001 rows", "1,001 of 1,001 rows"]


def test_a_piece_is_never_too_large_for_a_request(tmp_path: Path) -> None:
    long = "\u00e4" * 100_000
    agent = Agent()
    sent(tmp_path, HEADER + "".join(f"+120255501{line:02d},{long}\n" for line in range(12)), agent)
    assert len(agent.sent) > 1
    assert all(len(json.dumps(body).encode()) <= MOST_BYTES + 100_000 for body in agent.sent)


def test_bad_rows_are_named_by_their_line_in_the_file(tmp_path: Path) -> None:
    agent = Agent("+12025550000", "+12025550698", "+12025551199")
    said = sent(tmp_path, "\nphone,name\n\n" + rows(1200), agent)
    assert [text for text in said if text.startswith("line")] == [
        "line 4: not a number",
        "line 702: not a number",
        "line 1203: not a number",
    ]
    assert said[-1] == "leads.csv: 1,197 new leads, 0 merged, 3 rows refused"


def test_sending_again_after_a_break_makes_no_lead_twice(tmp_path: Path) -> None:
    agent = Agent(fails_at=1)
    with pytest.raises(
        NotTaken, match=r"^leads\.csv: this is enough \(after 500 of 1,200 rows, which were imported\)$"
    ):
        sent(tmp_path, HEADER + rows(1200), agent)
    assert sent(tmp_path, HEADER + rows(1200), agent)[-1] == "leads.csv: 700 new leads, 500 merged, 0 rows refused"


def test_of_a_file_of_several_pieces_the_marks_go_first(tmp_path: Path) -> None:
    """In its own piece the last row came too late for the first: it is called as soon as its piece is in."""
    agent = Agent()
    marks = "".join(f"+1202555{line:04d},A,{'x' * (line % 400 == 0)}\n" for line in range(1200))
    sent(tmp_path, f"phone,name,dnc\n{marks}", agent)
    assert [lead["phone"] for lead in agent.sent[0]["leads"]] == ["+12025550000", "+12025550400", "+12025550800"]
    assert [len(body["leads"]) for body in agent.sent[1:]] == [500, 500, 200]


def test_a_quote_that_is_never_closed_is_named_by_its_line(tmp_path: Path) -> None:
    """However much it swallows."""
    with pytest.raises(Unreadable, match=r"^leads\.csv: the quote that opens in line 3 is never closed$"):
        sent(tmp_path, HEADER + rows(1) + '1,"Ada\n' + rows(20_000))


# -- what the file is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
def test_a_file_is_read_in_whichever_encoding_it_was_saved(tmp_path: Path, encoding: str) -> None:
    text = "Tel\u00e9fono,name\n1,Zo\u00eb\n"
    (tmp_path / "leads.csv").write_bytes(text.encode(encoding))
    said: list[str] = []
    assert read_text(tmp_path / "leads.csv", said.append) == text
    assert bool(said) == (encoding in ("cp1252", "mac_roman"))


def test_an_encoding_that_is_told_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_bytes("phone,name\n1,\u0141\n".encode("cp1250"))
    assert read_text(tmp_path / "leads.csv", lambda _: None, "cp1250") == "phone,name\n1,\u0141\n"
    with pytest.raises(Unreadable, match="ENCODING"):
        read_text(tmp_path / "leads.csv", lambda _: None, "klingon")


@pytest.mark.parametrize("content", [b"phone\n\x00\x01\xff\n" * 3, b"\xff\xfep", b"\xfe\xff\xd8\x00"])
def test_what_is_no_text_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "leads.csv").write_bytes(content)
    with pytest.raises(Unreadable, match=r"leads\.csv: .*save it as CSV in UTF-8"):
        read_text(tmp_path / "leads.csv", lambda _: None)


def test_a_file_that_cannot_be_opened_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"leads\.csv: No such file"):
        read_text(tmp_path / "leads.csv", lambda _: None)
    with pytest.raises(Unreadable, match="directory"):
        read_text(tmp_path, lambda _: None)


def test_columns_are_decided_in_so_many_words() -> None:
    assert columns_of("Mobile=phone, Black=listed=do_not_call,") == {"Mobile": "phone", "Black=listed": "do_not_call"}
    for wrong in ("Mobile", "Mobile=telephone"):
        with pytest.raises(Unreadable):
            columns_of(wrong)


def test_a_column_that_is_decided_must_be_there() -> None:
    with pytest.raises(Unreadable, match="there is no column Mobile"):
        list_file.read("leads.csv", HEADER + rows(1), "US", "leads", {"Mobile": "phone"})


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

    def do_GET(self) -> None:
        self.headers["Content-Length"] = "0"
        self.do_POST()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, type[_Server]]]:
    handler = type("Handler", (_Server,), {"requests": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}", handler
        made.shutdown()


def test_a_piece_goes_out_as_the_agents_own(server: tuple[str, type[_Server]]) -> None:
    url, handler = server
    body = {"columns": {"Tel": "phone"}, "leads": [{"Tel": "1"}]}
    assert Api(url, "a-token").send(body) == {"created": 1, "merged": 0, "refused": []}
    [request] = handler.requests
    assert urlsplit(request["path"]).path == "/api/leads"
    assert request["headers"]["authorization"] == "Bearer a-token"
    assert request["headers"]["content-type"] == "application/json"
    assert json.loads(request["body"]) == body


def test_a_list_that_is_called_later_is_preceded_by_a_pause(server: tuple[str, type[_Server]]) -> None:
    url, handler = server
    Api(url, "a-token").pause()
    assert urlsplit(handler.requests[0]["path"]).path == "/api/autocall/pause"


def test_numbers_are_read_as_the_installation_reads_them(server: tuple[str, type[_Server]]) -> None:
    url, handler = server
    handler.told = {"installation": {"default_region": "DE"}}
    assert Api(url, "a-token").region() == "DE"


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
        Api(url, "a-token").send({"leads": []})


def test_a_server_that_does_not_answer_is_said_to_be_silent() -> None:
    with pytest.raises(NotTaken, match="did not answer"):
        Api("http://127.0.0.1:9", "a-token").send({"leads": []})
