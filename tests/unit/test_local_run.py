"""`make run`: what stops it."""

import argparse
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import local.__main__ as command
from local.paths import StackDir

STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOPS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("first", STOPS)
@pytest.mark.parametrize("second", STOPS)
def test_a_second_word_to_stop_does_not_interrupt_the_stopping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: signal.Signals, second: signal.Signals
) -> None:
    """Whoever presses Ctrl-C twice leaves no process behind."""
    stopped = []

    def up(*_: Any) -> dict[str, Any]:
        os.kill(os.getpid(), first)
        raise AssertionError("it went on")

    def down(*_: Any) -> bool:
        os.kill(os.getpid(), second)
        stopped.append("all")
        return True

    monkeypatch.setattr(command.stack, "up", up)
    monkeypatch.setattr(command.stack, "down", down)
    monkeypatch.setattr(command, "_options", lambda _args: None)
    command.run(StackDir(tmp_path), argparse.Namespace())
    assert stopped == ["all"]
