"""Processes that outlive their starter: found again, stopped with all they left, and heard when they die."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import processes
from local.paths import StackDir
from local.ports import address
from local.processes import Died
from tests.unit.free_ports import free_port

PYTHON = [sys.executable, "-u", "-c"]
SLEEP = [*PYTHON, "import time; print('awake'); time.sleep(600)"]
DEAF = [*PYTHON, "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf'); time.sleep(600)"]
STARTS_ANOTHER = """
import subprocess, sys, time
print('child', subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, 'made')
time.sleep(600)
"""
Start = Callable[..., int]


@pytest.fixture
def stack_dir(tmp_path: Path) -> StackDir:
    return StackDir(tmp_path)


@pytest.fixture
def start(stack_dir: StackDir) -> Iterator[Start]:
    """Start a process of that name; all are ended after the test."""

    def started(name: str, command: list[str], says: str = "") -> int:
        pid = processes.start(stack_dir, name, command, {"PATH": os.environ["PATH"]}, stack_dir.home)
        wait(lambda: says in (stack_dir.logs / f"{name}.log").read_text())
        return pid

    yield started
    for name in processes.names(stack_dir):
        processes.stop(stack_dir, name)


def wait(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_is_found_again_by_its_name(stack_dir: StackDir, start: Start) -> None:
    start("twilio", SLEEP, "awake")
    start("aws", SLEEP, "awake")
    assert processes.names(stack_dir) == ["aws", "twilio"]
    assert processes.running(stack_dir, "twilio")
    processes.check(stack_dir, "twilio")


def test_what_was_never_started_does_not_run(stack_dir: StackDir) -> None:
    assert not processes.running(stack_dir, "twilio")
    assert processes.names(stack_dir) == []


def test_a_process_has_only_the_environment_that_it_was_given(
    stack_dir: StackDir, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOCALL_TEST", "leaked")
    start("twilio", [*PYTHON, "import os; print('told', os.environ.get('AUTOCALL_TEST'))"], "told")
    assert "told None" in (stack_dir.logs / "twilio.log").read_text()


def test_a_process_that_dies_is_told_of_with_its_last_words(stack_dir: StackDir, start: Start) -> None:
    script = "print('early'); [print('word', n) for n in range(20)]; raise SystemExit('the disk is full')"
    start("twilio", [*PYTHON, script], "the disk is full")
    wait(lambda: not processes.running(stack_dir, "twilio"))
    with pytest.raises(Died, match="twilio has ended") as died:
        processes.check(stack_dir, "twilio")
    assert "the disk is full" in str(died.value)
    assert "twilio.log" in str(died.value)
    assert "early" not in str(died.value)


def test_waiting_for_an_answer_ends_at_once_if_the_process_dies(stack_dir: StackDir, start: Start) -> None:
    start("twilio", [*PYTHON, "raise SystemExit('no such option')"])
    with pytest.raises(Died, match="no such option"):
        processes.answers(stack_dir, "twilio", address(free_port()))


def test_waiting_for_an_answer_is_not_for_ever(
    stack_dir: StackDir, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_PATIENCE_S", 0.2)
    start("twilio", SLEEP, "awake")
    with pytest.raises(Died, match="did not answer within"):
        processes.answers(stack_dir, "twilio", address(free_port()))


def test_a_process_that_answers_is_waited_for(stack_dir: StackDir, start: Start) -> None:
    port = free_port()
    start("page", [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"])
    processes.answers(stack_dir, "page", address(port))
    assert processes.running(stack_dir, "page")


def test_a_process_ends_when_it_is_asked_to(stack_dir: StackDir, start: Start) -> None:
    pid = start("twilio", SLEEP, "awake")
    assert processes.stop(stack_dir, "twilio")
    assert processes.names(stack_dir) == []
    reap(pid)
    assert not alive(pid)


def test_a_process_that_does_not_listen_is_ended_all_the_same(
    stack_dir: StackDir, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_PATIENCE_S", 0.2)
    pid = start("twilio", DEAF, "deaf")
    assert not processes.stop(stack_dir, "twilio")
    reap(pid)
    assert not alive(pid)


def test_what_a_process_started_is_ended_with_it(stack_dir: StackDir, start: Start) -> None:
    start("aws", [*PYTHON, STARTS_ANOTHER], "made")
    left = int((stack_dir.logs / "aws.log").read_text().split()[1])
    assert alive(left)
    processes.stop(stack_dir, "aws")
    wait(lambda: not running(left))


def test_a_stranger_with_the_same_id_is_left_alone(stack_dir: StackDir, start: Start) -> None:
    pid = start("twilio", SLEEP, "awake")
    file = stack_dir.processes / "twilio.json"
    told = file.read_text()
    file.write_text(json.dumps({"pid": pid, "born": "1"}))
    assert not processes.running(stack_dir, "twilio")
    assert not processes.stop(stack_dir, "twilio")
    assert running(pid)
    file.write_text(told)


def running(pid: int) -> bool:
    """Whether it lives, and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def reap(pid: int) -> None:
    """Take the exit status of a child of this process; elsewhere the starter has gone before it."""
    os.waitpid(pid, 0)
