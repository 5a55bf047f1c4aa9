"""Starts processes that outlive the command; each has a file by which it is found and stopped later."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.paths import StackDir, write

_PATIENCE_S = 30


class Died(Exception):
    """A process ended unexpectedly; the message ends with its last output."""


def start(stack_dir: StackDir, name: str, command: Sequence[str], env: Mapping[str, str], folder: Path) -> int:
    """Start *command* in its own session, with its output in a log file; returns its process id."""
    stack_dir.logs.mkdir(parents=True, exist_ok=True)
    with (stack_dir.logs / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            command, env=dict(env), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    about = {"pid": process.pid, "born": _born(process.pid)}
    write(stack_dir.processes / f"{name}.json", json.dumps(about))
    return process.pid


def running(stack_dir: StackDir, name: str) -> bool:
    """Whether the process of that name still runs, and is the one that was started."""
    try:
        about = json.loads((stack_dir.processes / f"{name}.json").read_text())
    except FileNotFoundError:
        return False
    return bool(about["born"]) and _born(about["pid"]) == about["born"]


def names(stack_dir: StackDir) -> list[str]:
    """The names of all processes that were started and not stopped, running or not."""
    return sorted(path.stem for path in stack_dir.processes.glob("*.json"))


def check(stack_dir: StackDir, name: str) -> None:
    """Raise Died, with the end of its log, if the process is gone."""
    if not running(stack_dir, name):
        log = stack_dir.logs / f"{name}.log"
        raise Died(f"{name} has ended; the end of {log}:\n" + "\n".join(log.read_text().splitlines()[-15:]))


def answers(stack_dir: StackDir, name: str, url: str) -> None:
    """Wait until the process answers at *url*; Died if it never does."""
    deadline = time.monotonic() + _PATIENCE_S
    while not _reachable(url):
        check(stack_dir, name)
        if time.monotonic() > deadline:
            raise Died(f"{name} did not answer within {_PATIENCE_S} s; see {stack_dir.logs / name}.log")
        time.sleep(0.05)


def _reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def stop(stack_dir: StackDir, name: str, *, patience_s: float | None = None) -> bool:
    """Terminate the process, wait for it, and kill what is left of its group; returns whether it ended by itself."""
    file = stack_dir.processes / f"{name}.json"
    pid = json.loads(file.read_text())["pid"]
    orderly = running(stack_dir, name) and _ends(
        stack_dir, name, pid, _PATIENCE_S if patience_s is None else patience_s
    )
    if running(stack_dir, name) or _born(pid) is None:  # otherwise another process has this id now
        _signal_group(pid, signal.SIGKILL)
    file.unlink()
    return orderly


def _ends(stack_dir: StackDir, name: str, pid: int, patience_s: float) -> bool:
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    while running(stack_dir, name):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _born(pid: int) -> str | None:
    """The start time of the process, as text; None if it does not exist, or is a zombie."""
    state, born = _by_proc(pid) if Path("/proc/self/stat").exists() else _by_ps(pid)
    return born if state and not state.startswith("Z") else None


def _by_proc(pid: int) -> tuple[str, str]:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "", ""
    return fields[0], fields[19]


def _by_ps(pid: int) -> tuple[str, str]:
    done = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, born = done.stdout.strip().partition(" ")
    return state, born.strip()
