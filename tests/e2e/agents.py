"""An agent as the running system meets one: a login, a few tabs with their sockets, the API."""

import fcntl
import json
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, TextIO

import boto3
import jwt
import requests
from phonenumbers import PhoneNumberType, number_type, parse, region_code_for_number
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from autocall.agent_table import AgentTable
from autocall.leads import FINAL, lead_id, user_id
from local.options import ACCOUNT_SID, API_KEY, API_SECRET
from local.paths import ROOT, SHARED

Outputs = dict[str, Any]
PASSWORD = "Correct-horse-1"
ISSUER, AUDIENCE = "https://crm.example.com", "autocall"  # of a back end that signs tokens itself
PATIENCE_S = 120  # for whatever must come: a busy machine may take a minute for what is otherwise a matter of a moment
LASTS = {"outcome": "completed", "ring_s": 0, "talk_s": 3600}  # for a script: it is talked until somebody hangs up
ASKS_EVERY_S = 1.1  # a second, and what two clocks of functions may differ by
_AREAS = SHARED / "areas"
_SPELLED_OUT = {"201", "202", *re.findall(r"(\d{3})\)?[ .-]?555", (ROOT / "samples" / "leads.csv").read_text())}


class Tab:
    """One open socket; everything it receives is kept, in order."""

    def __init__(self, url: str, token: str, **options: Any) -> None:
        self.socket: ClientConnection = connect(
            f"{url}?token={token}",
            open_timeout=PATIENCE_S,
            ping_interval=None,  # a browser sends no pings either, and would not give up a socket that is slow
            legacy=True,
            **options,
        )
        self.received: list[dict[str, Any]] = []
        self._asks_from = 0.0
        self.closed = False
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            for message in self.socket:
                with self._news:
                    self.received.append(json.loads(message))
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        with self._news:
            self.closed = True
            self._news.notify_all()

    def emit(self, event: str, data: dict[str, Any] | None = None) -> None:
        """Send a frame; one that asks for a run no sooner than a second after the last, as pages do."""
        if event == "leads:fetched":
            self.until_it_may_ask()
            self._asks_from = time.monotonic() + ASKS_EVERY_S
        self.raw(json.dumps({"event": event, "data": data or {}}))

    def until_it_may_ask(self) -> None:
        """Wait until it is a second after the last question for a run."""
        time.sleep(max(0.0, self._asks_from - time.monotonic()))

    def raw(self, text: str) -> None:
        self.socket.send(text)

    def wait(self, happened: Callable[["Tab"], Any], timeout: float = PATIENCE_S) -> Any:
        """Wait until *happened* of this tab is true and return what it said; AssertionError tells what came instead."""
        with self._news:
            self._news.wait_for(lambda: self.closed or happened(self), timeout)
            came = happened(self)
        why = "before the socket closed" if self.closed else f"within {timeout} s"
        assert came, f"not {why}; received {[self._short(frame) for frame in self.received]}"
        return came

    @staticmethod
    def _short(frame: dict[str, Any]) -> str:
        data = frame.get("data") or {}
        return f"{frame.get('event', frame)} {data.get('call_status') or data.get('code') or data.get('reason') or ''}"

    def events(self, name: str = "") -> list[dict[str, Any]]:
        """The data of all frames whose event starts with *name*."""
        told = [frame for frame in list(self.received) if "event" in frame]  # others are the emulator's own errors
        return [frame["data"] for frame in told if frame["event"].startswith(name)]

    def of_lead(self, lead: str) -> list[tuple[str, dict[str, Any]]]:
        """The call events of one lead, as (event, data), in the order received."""
        calls = [frame for frame in list(self.received) if frame.get("event", "").startswith("call:")]
        return [(frame["event"], frame["data"]) for frame in calls if frame["data"]["lead_id"] == lead]

    def heard(self, lead: str, status: str) -> bool:
        """Whether the tab was told that the lead's call has this status."""
        return any(data["call_status"] == status for _, data in self.of_lead(lead))

    def heard_all(self, lead: str) -> bool:
        """Whether the end of a call has come, and every change before it: pushes may overtake each other.

        The first change that is told is the row's third: it was imported, and claimed.
        """
        if lead not in self.completed():
            return False
        versions = {data["version"] for _, data in self.of_lead(lead)}
        return versions == set(range(3, max(versions) + 1))

    def completed(self) -> set[str]:
        return {data["lead_id"] for data in self.events("call:completed")}

    def finished(self) -> list[dict[str, Any]]:
        """The ends of runs that saw this page; the run that an import queued may have been before it."""
        return [data for data in self.events("autocall:finished") if data["reason"] != "absent"]

    def refused(self, code: str) -> list[dict[str, Any]]:
        """The answers to frames that were not taken, for this cause."""
        return [data for data in self.events("error") if data["code"] == code]

    def nobody_was_there(self) -> bool:
        """Whether a run has ended that saw nobody: an import's, if this tab was open and had said nothing yet."""
        return any(data["reason"] == "absent" for data in self.events("autocall:finished"))

    def start(self) -> "Tab":
        """What a page does when its leads have loaded."""
        self.emit("ping")
        self.wait(lambda tab: tab.events("pong"))
        self.emit("leads:fetched")
        return self

    def ask_until(self, done: Callable[[], bool], timeout: float = 3 * PATIENCE_S) -> None:
        """Do what a page does, without its patience: ask again when a run ended, was refused or is not heard of."""
        deadline, answered, asked_at = time.monotonic() + timeout, 0, time.monotonic()
        while not done():
            assert time.monotonic() < deadline, f"not within {timeout} s; received {self.received[-5:]}"
            finished = len(self.events("autocall:finished")) + len(self.refused("too_fast"))
            if finished > answered or time.monotonic() - asked_at > timeout / 10:
                answered, asked_at = finished, time.monotonic()
                self.emit("leads:fetched")
            time.sleep(0.3)

    def close(self) -> None:
        self.socket.close()
        self._reader.join(5)


@dataclass
class Person:
    """An agent of their own, with leads that no other test knows."""

    outputs: Outputs
    username: str
    token: str
    user_id: str
    tabs: list[Tab] = field(default_factory=list)

    def tab(self, **options: Any) -> Tab:
        """A new socket; its record is there once the handshake is through."""
        tab = Tab(self.outputs["websocket_url"], self.token, **options)
        self.tabs.append(tab)
        return tab

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        address = self.outputs["http_url"] + path
        return requests.request(method, address, headers=headers, timeout=PATIENCE_S, **options)

    def imports(self, *phones: str, **about: str) -> list[str]:
        """Import leads with these numbers; their lead ids."""
        fields = ("name", "timezone", "state", "note", "external_id")
        own = {name if name in fields else f"extra.{name}": value for name, value in about.items()}
        answer = self.api("POST", "/api/leads", json={"leads": [{"phone": phone, **own} for phone in phones]})
        assert answer.status_code == 200, answer.text
        assert not answer.json()["refused"], answer.text
        return [lead_id(self.user_id, phone) for phone in phones]

    def lead(self, lead: str) -> dict[str, Any]:
        answer = self.api("GET", f"/api/leads/{lead}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def leads(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.api("GET", f"/api/leads?limit=100{cursor}").json()
            found += page["items"]
            if not page["next"]:
                return found
            cursor = f"&cursor={page['next']}"

    def all_ended(self) -> bool:
        return all(lead["call_status"] in FINAL for lead in self.leads())

    def connections(self) -> set[str]:
        """Their sockets that the installation has written down."""
        table = AgentTable(aws(self.outputs, "dynamodb"), self.outputs["agents_table"])
        return {connection.connection_id for connection in table.get_agent(self.user_id).connections}

    def runs(self, since: float) -> list[tuple[str, str]]:
        """When each run of theirs started and ended, by what the dialer has logged since that moment."""
        pages = aws(self.outputs, "logs").get_paginator("filter_log_events")
        group, pattern = "/aws/lambda/autocall-dialer", f'"{self.user_id}"'
        found = pages.paginate(logGroupName=group, startTime=int(since * 1000), filterPattern=pattern)
        told: dict[str, dict[str, str]] = {}
        for event in [event for page in found for event in page["events"] if '"message":"run ' in event["message"]]:
            line = json.loads(event["message"])
            told.setdefault(line["xray_trace_id"], {})[line["message"]] = line["timestamp"]
        return sorted((run["run starts"], run["run ends"]) for run in told.values() if len(run) == 2)


def _ordinary(area: int) -> bool:
    """Whether the United States have given out this area code, to people: not to premium rates or toll-free lines."""
    number = parse(f"+1{area}5550100")
    return number_type(number) == PhoneNumberType.FIXED_LINE_OR_MOBILE and region_code_for_number(number) == "US"


class Numbers:
    """Numbers that nobody has, the United States' 555-01xx: each area code is one process's as long as it lives.

    Those of the sample leads, and those that tests spell out, are nobody's: they may be dialled at any time.
    """

    _lock = threading.Lock()
    _ours: ClassVar[list[TextIO]] = []
    _used: ClassVar[set[str]] = set()
    _free: ClassVar[list[str]] = []

    @classmethod
    def avoid(cls, used: Iterable[str]) -> None:
        """Never give out those that were used before on a stack that is not new."""
        with cls._lock:
            cls._used |= set(used)

    @classmethod
    def take(cls, count: int) -> list[str]:
        """So many numbers that no other test has, in whatever process."""
        with cls._lock:
            taken: list[str] = []
            while len(taken) < count:
                cls._free = cls._free or cls._of_another_area()
                phone = cls._free.pop()
                taken += [phone] if phone not in cls._used else []
            return taken

    @classmethod
    def _of_another_area(cls) -> list[str]:
        """All numbers of an area code that no living process has, this one among them."""
        areas = [area for area in range(201, 990) if _ordinary(area) and str(area) not in _SPELLED_OUT]
        _AREAS.mkdir(parents=True, exist_ok=True)
        for area in random.sample(areas, len(areas)):
            file = (_AREAS / str(area)).open("w")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                continue
            cls._ours.append(file)
            return random.sample([f"+1{area}55501{line:02d}" for line in range(100)], 100)
        raise AssertionError("every area code is in use")


def sign_up(outputs: Outputs, group: str | None = None) -> Person:
    """A new agent, made the way an administrator makes one."""
    cognito = aws(outputs, "cognito-idp")
    pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    username = f"{uuid.uuid4().hex[:12]}@example.com"
    cognito.admin_create_user(UserPoolId=pool, Username=username, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=username, Password=PASSWORD, Permanent=True)
    if group:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=username, GroupName=group)
    return log_in(outputs, username, PASSWORD)


def log_in(outputs: Outputs, username: str, password: str) -> Person:
    answer = aws(outputs, "cognito-idp").initiate_auth(
        ClientId=outputs["cognito_client_id"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )
    token = answer["AuthenticationResult"]["IdToken"]
    subject = jwt.decode(token, options={"verify_signature": False})["sub"]
    return Person(outputs, username, token, user_id(subject))


def signed_in(outputs: Outputs, key: str, algorithm: str = "HS256", **claims: Any) -> Person:
    """Somebody for whom a back end of one's own has signed a token, on a stack that takes such tokens."""
    subject = claims.get("sub", "agent 007")
    told = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": int(time.time()) + 3600} | claims
    return Person(outputs, subject, jwt.encode(told, key, algorithm=algorithm), user_id(subject))


def aws(outputs: Outputs, service: str) -> Any:
    """A client of the emulator, as its administrator."""
    return _client(service, outputs["aws_endpoint"], outputs["region"])


@cache
def _client(service: str, endpoint: str, region: str) -> Any:
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


class Twilio:
    """The simulator: what it was asked, and what it shall do."""

    def __init__(self, outputs: Outputs) -> None:
        self.url = outputs["twilio_simulator_url"]

    def dialled(self, *phones: str) -> list[int]:
        """How often each number was dialled."""
        told = self.witness()
        return [told.get(phone, {}).get("dialled", 0) for phone in phones]

    def witness(self) -> dict[str, Any]:
        """What the simulator knows of each number that it dialled."""
        told: dict[str, Any] = requests.get(f"{self.url}/_witness", timeout=PATIENCE_S).json()["numbers"]
        return told

    def callbacks(self) -> dict[str, Any]:
        """How many callbacks are on their way, were sent, and how they were answered."""
        told: dict[str, Any] = requests.get(f"{self.url}/_witness", timeout=PATIENCE_S).json()["callbacks"]
        return told

    def script(self, phone: str, **happens: Any) -> None:
        answer = requests.post(f"{self.url}/_script", json={"number": phone, **happens}, timeout=PATIENCE_S)
        assert answer.status_code < 300, answer.text

    def forget_scripts(self) -> None:
        """From now on calls go as they go."""
        assert requests.delete(f"{self.url}/_script", timeout=PATIENCE_S).status_code == 204

    def hang_up(self, *phones: str) -> None:
        """Whoever is talking at one of these numbers hangs up."""
        told = self.witness()
        for call in [call for phone in phones for call in told.get(phone, {}).get("calls", [])]:
            if call["status"] == "in-progress":
                address = f"{self.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{call['sid']}.json"
                ended = {"Status": "completed"}
                answer = requests.post(address, data=ended, auth=(API_KEY, API_SECRET), timeout=PATIENCE_S)
                assert answer.status_code == 200, answer.text

    def tell(self, phone: str, status: str) -> None:
        """Report this of the number's only call, whatever has become of it."""
        (call,) = self.witness()[phone]["calls"]
        report = {"sid": call["sid"], "status": status}
        assert requests.post(f"{self.url}/_callback", json=report, timeout=PATIENCE_S).status_code == 200


def eventually(holds: Callable[[], Any], timeout: float = PATIENCE_S) -> None:
    """Wait until it holds; AssertionError if it does not in time (seconds)."""
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, f"not within {timeout} s"
        time.sleep(0.1)


def close_tabs(*people: Person) -> None:
    """No run of theirs outlives the test."""
    for person in people:
        for tab in person.tabs:
            tab.close()
