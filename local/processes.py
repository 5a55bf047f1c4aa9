"""Processes that outlive the command that starts them: found again by a file each, and stopped by it."""

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
    """A process ended that should not have; the message ends with what it said last."""


def start(place: StackDir, name: str, command: Sequence[str], env: Mapping[str, str], folder: Path) -> int:
    """Start *command* in a session of its own, its output in a log; its id."""
    place.logs.mkdir(parents=True, exist_ok=True)
    with (place.logs / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            command, env=dict(env), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    about = {"pid": process.pid, "born": _born(process.pid)}
    write(place.processes / f"{name}.json", json.dumps(about))
    return process.pid


def running(place: StackDir, name: str) -> bool:
    """Whether the process of that name is the one that was started, and lives."""
    try:
        about = json.loads((place.processes / f"{name}.json").read_text())
    except FileNotFoundError:
        return False
    return bool(about["born"]) and _born(about["pid"]) == about["born"]


def names(place: StackDir) -> list[str]:
    """All that was started and not stopped since, running or not."""
    return sorted(path.stem for path in place.processes.glob("*.json"))


def check(place: StackDir, name: str) -> None:
    """Died, with the end of its log, if the process is gone."""
    if not running(place, name):
        log = place.logs / f"{name}.log"
        raise Died(f"{name} has ended; the end of {log}:\n" + "\n".join(log.read_text().splitlines()[-15:]))


def answers(place: StackDir, name: str, url: str) -> None:
    """Wait until *url*, which the process serves, is answered; Died tells what it said if it never is."""
    deadline = time.monotonic() + _PATIENCE_S
    while not _reachable(url):
        check(place, name)
        if time.monotonic() > deadline:
            raise Died(f"{name} did not answer within {_PATIENCE_S} s; see {place.logs / name}.log")
        time.sleep(0.05)


def _reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def stop(place: StackDir, name: str, *, patience_s: float | None = None) -> bool:
    """Ask the process to end, wait for it, and end whatever it left; whether it ended by itself when asked."""
    file = place.processes / f"{name}.json"
    pid = json.loads(file.read_text())["pid"]
    orderly = running(place, name) and _ends(place, name, pid, _PATIENCE_S if patience_s is None else patience_s)
    if running(place, name) or _born(pid) is None:  # else the id belongs to a stranger by now
        _signal_group(pid, signal.SIGKILL)
    file.unlink()
    return orderly


def _ends(place: StackDir, name: str, pid: int, patience_s: float) -> bool:
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    while running(place, name):
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
    """When the process started, as text; None if there is none, or only its zombie."""
    state, born = _by_proc(pid) if Path("/proc/self/stat").exists() else _by_ps(pid)
    return born if state and not state.startswith("Z") else None


def _by_proc(pid: int) -> tuple[str, str]:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "", ""
    return fields[0], fields[19]


def _by_ps(pid: int) -> tuple[str, str]:
    told = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, born = told.stdout.strip().partition(" ")
    return state, born.strip()
