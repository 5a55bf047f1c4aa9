"""`python -m local`: what goes wrong in a known way is said in a line, without a traceback."""

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from local import __main__ as commands
from local import processes, stack
from local.paths import ROOT, StackDir


def local(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


def test_importing_without_a_stack_says_how_to_get_one(tmp_path: Path) -> None:
    told = local("import", "--dir", str(tmp_path), "leads.csv")
    assert told.returncode == 1
    assert told.stderr.strip() == f"No stack is running in {tmp_path.resolve()}; start one with `make up`."


def test_stopping_nothing_is_no_error(tmp_path: Path) -> None:
    told = local("down", "--dir", str(tmp_path))
    assert (told.returncode, told.stdout.strip(), told.stderr) == (0, "Nothing was running.", "")


def test_importing_for_an_unknown_agent_names_those_that_there_are(tmp_path: Path) -> None:
    users = [{"username": name, "password": "p", "user_id": "u"} for name in ("ada@example.com", "grace@example.com")]
    (tmp_path / "outputs.json").write_text(json.dumps({"http_url": "http://127.0.0.1:1", "users": users}))
    told = local("import", "--dir", str(tmp_path), "--user", "bob@example.com", "leads.csv")
    assert told.returncode == 1
    assert told.stderr.strip() == (
        "bob@example.com is not an agent of this stack; there are ada@example.com, grace@example.com"
    )


def test_importing_a_file_that_is_not_there_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a line, like all that goes wrong in a known way."""
    (tmp_path / "outputs.json").write_text(json.dumps({"http_url": "http://127.0.0.1:1"}))
    monkeypatch.setattr(commands, "token_of", lambda *_: "a-token")
    monkeypatch.setattr(sys, "argv", ["local", "import", "--dir", str(tmp_path), str(tmp_path / "leads.csv")])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == f"{tmp_path / 'leads.csv'}: No such file or directory"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("option", ["--context", "--emulator"])
def test_a_setting_without_a_value_is_refused(option: str) -> None:
    told = local("up", option, "lines")
    assert told.returncode == 2
    assert "'lines' is not NAME=VALUE" in told.stderr


def test_a_run_that_was_stopped_from_elsewhere_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or its terminal would wait for a Ctrl-C that stops nothing."""
    stack_dir = StackDir(tmp_path)

    def up(*_: object) -> dict[str, object]:
        processes.start(stack_dir, "sleeper", ["sleep", "600"], {"PATH": "/usr/bin:/bin"}, tmp_path)
        return {"page_url": "http://127.0.0.1:1/", "users": []}

    def stopped_meanwhile(_seconds: float) -> None:
        assert processes.names(stack_dir) == ["sleeper"]
        processes.stop(stack_dir, "sleeper")

    monkeypatch.setattr(stack, "up", up)
    monkeypatch.setattr(commands, "time", SimpleNamespace(sleep=stopped_meanwhile))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    commands.run(
        stack_dir, argparse.Namespace(context=[], emulator=[], simulator="", page=False, samples=False, keep=False)
    )
    assert capsys.readouterr().out.endswith("It was stopped from elsewhere.\n")
