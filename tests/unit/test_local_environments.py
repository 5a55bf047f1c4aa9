"""A machine on which something is missing is told what, in words."""

import importlib.util
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from local import environments
from local.environments import NotInstalled


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was run on a machine that has fetched nothing yet."""
    commands: list[list[str]] = []

    def run(command: Sequence[object], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append([str(word) for word in command])
        return subprocess.CompletedProcess([], 0)

    monkeypatch.setattr(environments, "subprocess", SimpleNamespace(run=run))
    monkeypatch.setattr(environments, "_UV_HOME", tmp_path / "uv")
    return commands


def _has(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in modules else None)


def test_a_python_without_pip_is_told_what_to_install(ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's and Ubuntu's has none; nothing else of theirs is needed, for uv makes the environments."""
    _has(monkeypatch)
    with pytest.raises(NotInstalled, match=r"has no pip.* sudo apt-get install python3-pip"):
        environments._uv("venv", ".venv")
    assert ran == []


def test_what_is_pinned_is_fetched_by_pip(ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a uv of another version is there."""
    _has(monkeypatch, "pip", "uv")
    environments._uv("venv", ".venv")
    fetched, used = ran
    assert "--require-hashes" in fetched
    assert fetched[-2] == "-r"
    assert used[1:] == ["-m", "uv", "venv", ".venv"]


def test_the_lock_gives_uv_itself_with_its_hashes() -> None:
    first, *hashes = environments.locked_as(environments.UV).splitlines()
    assert first.split()[0] == environments.UV
    assert len(hashes) > 5
    assert all(line.strip().startswith("--hash=sha256:") for line in hashes)


def test_node_packages_run_nothing_when_they_are_installed(
    ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What one of a thousand packages wants to do on the machine that deploys is nobody's wish."""
    monkeypatch.setattr(environments, "_installed", lambda _: False)
    monkeypatch.setattr(environments, "SHARED", tmp_path)
    environments.web_packages(lambda _: None)
    ((_, ci, scripts, *_),) = ran
    assert (ci, scripts) == ("ci", "--ignore-scripts")


def test_the_projects_own_python_needs_no_pip(ran: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """It has uv, and serves when only what was fetched has been removed."""
    _has(monkeypatch, "uv")
    environments._uv("venv", ".venv")
    assert [command[1:] for command in ran] == [["-m", "uv", "venv", ".venv"]]


def test_a_command_that_fails_is_named_without_a_traceback() -> None:
    """What it said itself stands above."""
    with pytest.raises(NotInstalled, match=r"^pip install failed; see its output above\.$"):
        environments._run("pip install", ["false"])
