"""A simulator of one's own, driven over HTTP, and a receiver of its callbacks."""

import argparse
import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import requests
from aiohttp import web

from local.options import ACCOUNT_SID, API_KEY, API_SECRET, AUTH_TOKEN
from local.twilio_simulator.__main__ import TEST_ACCOUNT_SID, TEST_AUTH_TOKEN, simulator
from local.twilio_simulator.client import Witness

LEAD, SENDER = "+12025550143", "+12025550100"
TWIML = '<Response><Say loop="0">Hello.</Say></Response>'  # until the person hangs up
ALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
SPEED = 200
LASTS = 14_000  # the seconds of a call that goes on as long as a test: more than a minute of ours
PATIENCE_S = 60
OPTIONS = {
    "account_sid": ACCOUNT_SID,
    "auth_token": AUTH_TOKEN,
    "api_key": API_KEY,
    "api_secret": API_SECRET,
    "test_account_sid": TEST_ACCOUNT_SID,
    "test_auth_token": TEST_AUTH_TOKEN,
    "cps": 0,
    "speed": SPEED,
    "patience": 1,
    "seed": 1,
    "concurrent": 0,
    "number": [SENDER],
    "only_own_numbers": False,
    "agent_phone": [],
}


@dataclass
class Simulator:
    """A running simulator; requests go out with the account's API key."""

    url: str
    account: str = ACCOUNT_SID
    login: tuple[str, str] = (API_KEY, API_SECRET)

    @property
    def calls_url(self) -> str:
        return f"{self.account_url}/Calls"

    @property
    def account_url(self) -> str:
        return f"{self.url}/2010-04-01/Accounts/{self.account}"

    @property
    def heard(self) -> Witness:
        return Witness(self.url)

    def resource(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request about anything of the account's."""
        return requests.request(method, f"{self.account_url}/{path}", auth=self.login, timeout=PATIENCE_S, **options)

    def update(self, sid: str, **told: str) -> requests.Response:
        """Change a live call."""
        return self.ask("POST", f"/{sid}.json", data=told)

    def ask(self, method: str, path: str = ".json", **options: Any) -> requests.Response:
        """A request about calls: *path* follows `…/Calls`."""
        options = {"auth": self.login, "allow_redirects": False} | options
        return requests.request(method, self.calls_url + path, timeout=PATIENCE_S, **options)

    def post(self, **parameters: Any) -> requests.Response:
        """Ask for a call; a parameter of None is left out."""
        return self.ask("POST", data={"To": LEAD, "From": SENDER, "Twiml": TWIML} | parameters)

    def call(self, **parameters: Any) -> str:
        """Make a call; its SID."""
        answer = self.post(**parameters)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["sid"])

    def fetch(self, sid: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/{sid}.json")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def list(self, **query: Any) -> list[str]:
        """The SIDs on the first page."""
        answer = self.ask("GET", params=query)
        assert answer.status_code == 200, answer.text
        return [call["sid"] for call in answer.json()["calls"]]

    def reaches(self, sid: str, *statuses: str) -> dict[str, Any]:
        """Wait for a call to come to one of these statuses."""
        return wait(lambda: (told := self.fetch(sid))["status"] in statuses and told)

    def script(self, **told: Any) -> None:
        answer = requests.post(f"{self.url}/_script", json=told, timeout=PATIENCE_S)
        assert answer.status_code == 204, answer.text

    def forget_scripts(self) -> None:
        assert requests.delete(f"{self.url}/_script", timeout=PATIENCE_S).status_code == 204

    def witness(self) -> dict[str, Any]:
        told: dict[str, Any] = requests.get(f"{self.url}/_witness", timeout=PATIENCE_S).json()
        return told

    def clock(self, **told: Any) -> requests.Response:
        return requests.post(f"{self.url}/_clock", json=told, timeout=PATIENCE_S)


@contextmanager
def running(**options: Any) -> Iterator[Simulator]:
    """A simulator in a thread of this process; *options* are those of its command line."""
    app, _witness = simulator(argparse.Namespace(**(OPTIONS | options)), {})
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def serve() -> web.AppRunner:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = asyncio.run_coroutine_threadsafe(serve(), loop).result(PATIENCE_S)
    host, port = runner.addresses[0]
    yield Simulator(f"http://{host}:{port}")
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(PATIENCE_S)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(PATIENCE_S)
    loop.close()


@dataclass
class Callback:
    """One request of the simulator's."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    at: float

    @property
    def form(self) -> dict[str, str]:
        form = self.body if self.method == "POST" else urlsplit(self.path).query
        return dict(parse_qsl(form, keep_blank_values=True, strict_parsing=bool(form)))

    @property
    def status(self) -> str:
        return self.form["CallStatus"]


class Receiver:
    """Where callbacks go; *answers* are the statuses of the first ones, then all are 204.

    They are taken one after the other, so that those that come in order are in order, however slow the machine.
    """

    def __init__(self, *answers: int | str) -> None:
        self.received: list[Callback] = []
        self.answers = list(answers)
        self.closing = threading.Event()
        self._server = HTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}/status?attempt=a1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def wait(self, count: int) -> list[Callback]:
        """The callbacks, once there are so many, as they were fired: the network may have changed their order."""
        wait(lambda: len(self.received) >= count)
        return sorted(self.received, key=lambda callback: int(callback.form["SequenceNumber"]))

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    receiver: ClassVar[Receiver]

    def _receive(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.received.append(Callback(self.command, self.path, headers, body, time.monotonic()))
        answer = self.receiver.answers.pop(0) if self.receiver.answers else 204
        if answer == "hang":
            self.receiver.closing.wait(PATIENCE_S)
        elif isinstance(answer, int):
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()
        self.close_connection = True

    do_POST = do_GET = _receive  # noqa: N815 - the server's names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


Page = str | int | Callable[[dict[str, str]], "str | int"]


class Pages:
    """A back end that answers with documents: a path's is a text, a status, or what a function makes of the form."""

    def __init__(self, **pages: Page) -> None:
        self.pages, self.asked = dict(pages), list[Callback]()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_PageHandler,), {"pages": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def forms(self, path: str) -> list[dict[str, str]]:
        """What was told when this path was asked for, the oldest first."""
        return [one.form for one in list(self.asked) if urlsplit(one.path).path == f"/{path}"]

    def events(self, path: str) -> list[dict[str, str]]:
        """The room's words that came there, in the order of their numbers."""
        return sorted(self.forms(path), key=lambda form: int(form["SequenceNumber"]))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _PageHandler(BaseHTTPRequestHandler):
    pages: ClassVar[Pages]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Callback(self.command, self.path, headers, body, time.monotonic())
        page = self.pages.pages.get(urlsplit(self.path).path[1:], 204)
        if callable(page):
            page = page(asked.form)
        self.pages.asked.append(asked)
        status, text = (page, "") if isinstance(page, int) else (200, page)
        self.send_response(status)
        self.send_header("Content-Type", "text/xml" if text.startswith("<") else "text/plain")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_GET = _answer  # noqa: N815 - the server's names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def response(*verbs: str) -> str:
    return f"<Response>{''.join(verbs)}</Response>"


def wait(holds: Callable[[], Any]) -> Any:
    """What *holds* says once it is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not (said := holds()):
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s"
        time.sleep(0.005)
    return said


def at_most(began: float, speed: float = SPEED) -> int:
    """The seconds of a call that can have passed since then: more, the slower the machine."""
    return math.ceil((time.monotonic() - began) * speed)
