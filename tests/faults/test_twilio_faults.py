"""Whatever Twilio does to the one request for a call: nobody is called twice, and what is not known is said."""

import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.request_validator import RequestValidator

from autocall.installation_table import InstallationTable
from autocall.leads import FINAL, Due, can_release, is_in_flight
from autocall.timing import now, parse, stamp
from tests.e2e.agents import PATIENCE_S, Numbers, Person, Tab, aws, eventually
from tests.faults.conftest import TIMING, FaultyStack
from tests.unit.certificates import server_and_authority

pytestmark = pytest.mark.timeout(1200)  # that the stack is brought up counts too

QUICK = {"outcome": "completed", "ring_s": 0, "talk_s": 0}
SILENT = {"callbacks": {"lose": True}}
FAULTS = ("reset", "hang", "500", "502", "503", "504", "307", "empty", "truncated", "html")


@dataclass
class Case:
    """One way in which the answer to a POST goes wrong, and what the lead has come to when all is at rest."""

    name: str
    script: dict[str, Any]
    ends: str = "completed"
    calls: int = 1
    posts: int = 1
    dies: bool = False
    evidence: str = "callback"
    phone: str = field(default_factory=lambda: Numbers.take(1)[0])
    lead: str = ""


def _cases() -> list[Case]:
    cases = [
        Case("429", {"refuse": 20429, "times": 1}, posts=2),
        Case("401", {"refuse": 20003, "times": 1}, posts=2),
        Case("slow, but in time", {"delay_s": 0.6}),
        Case("201, then death", {}, dies=True),
        Case("201, then death, no callback", SILENT, dies=True, evidence="asked Twilio"),
    ]
    for fault in FAULTS:
        slow = {"delay_s": 1.5 * TIMING.post} if fault == "hang" else {}
        there, not_there = ({"fault": fault, "made": made, "times": 1, **slow} for made in (True, False))
        cases += [
            Case(f"{fault}, a call was made", there),
            Case(f"{fault}, a call was made, no callback", there | SILENT, evidence="asked Twilio"),
            Case(f"{fault}, no call was made", not_there, ends="unknown", calls=0, evidence=""),
        ]
    return cases


def test_every_fault_of_twilio_ends_in_the_state_that_is_true(
    faulty: FaultyStack, someone: Callable[[], Person]
) -> None:
    """All faults, each with a lead of its own and a sound one behind it: at most one call each, and nothing is busy."""
    cases = _cases()
    _warm_up_callbacks(faulty)
    lists = [cases[start::4] for start in range(4)]
    with _an_administrator_who_resumes(faulty), ThreadPoolExecutor(4) as pool:
        wrong = [one for told in pool.map(lambda some: _work_off(faulty, someone(), some), lists) for one in told]
    assert not wrong, "\n".join(wrong)


def _warm_up_callbacks(faulty: FaultyStack) -> None:
    """Let functions have started for the callbacks of many calls: while they do, Twilio might be asked about a call."""
    nobody = uuid.uuid4().hex
    address = f"{faulty.outputs['http_url']}/twilio/status/{nobody}/{nobody}?attempt={nobody}"
    form = {"CallSid": f"CA{nobody}", "CallStatus": "ringing"}
    signature = RequestValidator(faulty.outputs["twilio_auth_token"]).compute_signature(address, form)

    def call_back(_: int) -> int:
        headers = {"X-Twilio-Signature": signature}
        return requests.post(address, data=form, headers=headers, timeout=PATIENCE_S).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(call_back, range(8))) == {204}


def _work_off(faulty: FaultyStack, agent: Person, cases: list[Case]) -> list[str]:
    """Call a list in which every other lead meets a fault; what is wrong at the end, in words."""
    sound = Numbers.take(len(cases))
    for case in cases:
        faulty.twilio.script(case.phone, **(QUICK | case.script))
        if "times" in case.script:
            faulty.twilio.script(case.phone, **QUICK)
        if case.dies:
            faulty.twilio_wire.kill(lambda request, to=case.phone: to[1:] in request.body, "after")
    for phone in sound:
        faulty.twilio.script(phone, **QUICK)
    leads = agent.imports(
        *(phone for pair in zip((case.phone for case in cases), sound, strict=True) for phone in pair)
    )
    for case, lead in zip(cases, leads[::2], strict=True):
        case.lead = lead
    tab = agent.tab().start()
    tab.ask_until(lambda: _all_settled(faulty, agent, cases))

    rows = faulty.rows(agent)
    wrong = [f"{case.name}: {told}" for case in cases for told in _wrong(faulty, case, rows[case.lead])]
    for lead, phone in zip(leads[1::2], sound, strict=True):
        if (rows[lead]["call_status"], faulty.twilio.dialled(phone), faulty.posts(phone)) != ("completed", [1], 1):
            wrong.append(f"a sound lead: {rows[lead]}")
    return wrong


def _all_settled(faulty: FaultyStack, agent: Person, cases: list[Case]) -> bool:
    """Whether every row is at rest; for those that are not, and that no callback will move, time is made to pass."""
    rows = faulty.rows(agent)
    unsettled = {lead for lead, row in rows.items() if not _is_settled(row)}
    for case in cases:
        row = rows[case.lead]
        silent = case.evidence != "callback" and (case.dies or row["call_status"] == "unknown")
        if case.lead in unsettled and (silent or row.get("held")) and Due.of(row).at > stamp(now()):
            faulty.let_time_pass(row, past_the_bound=not case.calls)
    return not unsettled


def _is_settled(row: dict[str, Any]) -> bool:
    return row["call_status"] in FINAL or can_release(row)


def _wrong(faulty: FaultyStack, case: Case, row: dict[str, Any]) -> Iterator[str]:
    if row["call_status"] != case.ends:
        yield f"it is {row['call_status']}, not {case.ends}"
    if faulty.twilio.dialled(case.phone) != [case.calls]:
        yield f"the number was dialled {faulty.twilio.dialled(case.phone)}"
    if faulty.posts(case.phone) != case.posts:
        yield f"{faulty.posts(case.phone)} requests for a call"
    if is_in_flight(row):
        yield f"it holds a line until {row['due']}"
    if row.get("strays"):
        yield f"a report went astray: {row['strays']}"
    evidence = [entry["evidence"] for entry in row["history"] if entry["event"] in FINAL]
    if evidence != ([case.evidence] if case.evidence else []):
        yield f"its end is known from {evidence}, not from {case.evidence}"


def _wait_until_no_run_is_left(faulty: FaultyStack) -> None:
    """What is changed after this strikes no run half-way, and the next run is the page's and not an import's.

    A new address kills the dialer's processes: a run that has claimed its lead by then, and not asked for the call yet,
    leaves an outcome that nobody knows; one that had not come so far comes again later, when another address may hold.
    """
    sqs, depth = aws(faulty.outputs, "sqs"), "ApproximateNumberOfMessages"

    def none_is_left() -> bool:
        about = sqs.get_queue_attributes(
            QueueUrl=faulty.outputs["queue_url"], AttributeNames=[depth, f"{depth}NotVisible"]
        )
        return {int(about["Attributes"][name]) for name in (depth, f"{depth}NotVisible")} == {0}

    eventually(none_is_left)


@contextmanager
def _an_administrator_who_resumes(faulty: FaultyStack) -> Iterator[None]:
    """Nobody waits for the end of the installation's rest: it is lifted whenever it begins."""
    over = threading.Event()

    def lift() -> None:
        while not over.wait(0.2):
            faulty.resume()

    lifting = threading.Thread(target=lift)
    lifting.start()
    try:
        yield
    finally:
        over.set()
        lifting.join()


def test_while_twilio_cannot_be_reached_nothing_is_spent(faulty: FaultyStack, someone: Callable[[], Person]) -> None:
    """A refused connection is certain: every lead waits on, the page is told when, and each is called once later."""
    agent, phones = someone(), Numbers.take(3)
    for phone in phones:
        faulty.twilio.script(phone, **QUICK)
    leads = agent.imports(*phones)
    _wait_until_no_run_is_left(faulty)
    faulty.twilio_wire.refuse()
    try:
        tab = agent.tab().start()
        finished = tab.wait(Tab.finished)[0]
        rows = [faulty.row(agent, lead) for lead in leads]
    finally:
        faulty.twilio_wire.serve()
    assert finished["reason"] == "unreachable"
    assert finished["next_at"]
    assert {(row["call_status"], row["has_been_called"]) for row in rows} == {("pending", False)}
    assert [row.get("held", {}).get("reason") for row in rows] == ["unreachable", None, None]

    tab.ask_until(lambda: tab.completed() == set(leads))

    assert faulty.twilio.dialled(*phones) == [1, 1, 1]


def test_a_twilio_that_cannot_be_trusted_is_told_nothing(
    faulty: FaultyStack, someone: Callable[[], Person], tmp_path: Path
) -> None:
    """No TLS where there should be, or a certificate of nobody we know: no byte was sent, and the lead waits on."""
    people, leads = [], []
    with _an_impostor(tmp_path) as impostor:
        for address in (faulty.twilio_wire.url.replace("http:", "https:"), impostor):
            agent, phones = someone(), Numbers.take(1)
            faulty.twilio.script(phones[0], **QUICK)
            leads += agent.imports(*phones)
            people.append(agent)
            _wait_until_no_run_is_left(faulty)
            with faulty.twilio_is_at(address):
                finished = agent.tab().start().wait(Tab.finished)[0]
                _wait_until_no_run_is_left(faulty)
            row = faulty.row(agent, leads[-1])
            assert (finished["reason"], row["call_status"], row["has_been_called"]) == ("unreachable", "pending", False)
            assert faulty.posts(row["phone"]) == 0

    for agent, lead in zip(people, leads, strict=True):
        (tab,) = agent.tabs
        tab.ask_until(lambda tab=tab, lead=lead: lead in tab.completed())
        assert faulty.posts(faulty.row(agent, lead)["phone"]) == 1


@contextmanager
def _an_impostor(folder: Path) -> Iterator[str]:
    """The address of a server whose certificate no authority has signed that a function knows."""
    context, _ = server_and_authority(folder)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with suppress(OSError), context.wrap_socket(connection, server_side=True):
                        pass

        threading.Thread(target=greet, daemon=True).start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


def test_a_connection_that_is_reset_before_anything_is_read_leaves_one_lead_unknown(
    faulty: FaultyStack, someone: Callable[[], Person]
) -> None:
    """A reset may come late: that lead is never called again by itself, and the others are."""
    agent, phones = someone(), Numbers.take(3)
    for phone in phones:
        faulty.twilio.script(phone, **QUICK)
    leads = agent.imports(*phones)
    _wait_until_no_run_is_left(faulty)
    faulty.twilio_wire.reset()
    try:
        tab = agent.tab().start()
        finished = tab.wait(Tab.finished)[0]
    finally:
        faulty.twilio_wire.serve()
    assert finished["reason"] == "unknown"

    def given_up() -> bool:
        """Whether a person may release the first one; if not, the time for it is made to come."""
        row = faulty.row(agent, leads[0])
        if not can_release(row) and Due.of(row).at > stamp(now()):
            faulty.let_time_pass(row, past_the_bound=True)
        return any(data["can_release"] for _, data in tab.of_lead(leads[0]))

    with _an_administrator_who_resumes(faulty):
        tab.ask_until(lambda: tab.completed() == set(leads[1:]))
        tab.ask_until(given_up)

    assert agent.lead(leads[0])["call_status"] == "unknown"
    assert faulty.twilio.dialled(*phones) == [0, 1, 1]


def test_an_outage_does_not_turn_the_list_into_unknown(faulty: FaultyStack, someone: Callable[[], Person]) -> None:
    """Three unknown outcomes in a row let the installation rest: the other leads wait, and are called afterwards."""
    agent, phones = someone(), Numbers.take(8)
    for phone in phones:
        faulty.twilio.script(phone, fault="503")
    leads = agent.imports(*phones)
    _wait_until_no_run_is_left(faulty)
    faulty.resume()
    tab = agent.tab().start()
    tab.ask_until(lambda: len(tab.finished()) > 5)
    finished = tab.finished()[-1]
    rows = [faulty.row(agent, lead) for lead in leads]
    account = InstallationTable(aws(faulty.outputs, "dynamodb"), faulty.outputs["agents_table"]).get_installation()
    assert [row["call_status"] for row in rows] == ["unknown"] * 3 + ["pending"] * 5
    assert sum(map(faulty.posts, phones)) == 3
    assert (finished["reason"], account.reason) == ("unknown", "unknown")
    assert account.resume_at == pytest.approx(parse(rows[2]["history"][-1]["at"]) + TIMING.breaker, abs=0.01)
    asked_about = [Due.of(row).at for row in rows[:3]]
    assert finished["next_at"] == min([*asked_about, stamp(account.resume_at)]), "and the page asks no sooner"

    faulty.twilio.forget_scripts()
    for phone in phones[3:]:
        faulty.twilio.script(phone, **QUICK)
    faulty.resume()
    tab.ask_until(lambda: tab.completed() == set(leads[3:]))
    assert faulty.twilio.dialled(*phones) == [0] * 3 + [1] * 5
