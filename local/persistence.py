"""Keeps the emulator's tables and the simulator's count for the next run with `KEEP=1`, both or neither.

They are in one folder, with a marker file: `in-use` during a run, `complete` after a run that ended in order, `lost`
after one that did not. Only these two processes write there, so it does not matter how any other ended.
"""

import shutil
import sys
from collections.abc import Callable, Mapping
from enum import Enum

from local import emulator, simulator
from local.environments import Say
from local.paths import StackDir

Ask = Callable[[str], bool]
_WRITERS = (emulator.NAME, simulator.NAME)


class Kept(Enum):
    """The data with which a run starts."""

    ALL = "all of the last run"
    NONE_YET = "nothing: no earlier run kept its data"
    LOST = "nothing: the data of the last run is lost"
    NOT_ASKED = "nothing: KEEP is not set"


def begin(stack_dir: StackDir, keep: bool, say: Say) -> Kept:
    """Start with the kept data or without any, and print which."""
    if not keep:
        return Kept.NOT_ASKED
    if _marked(stack_dir, "complete"):
        _mark(stack_dir, "in-use")
        say("Kept from the last run: its leads, their calls, and Twilio's record of them")
        return Kept.ALL
    lost = _marked(stack_dir, "lost") or _marked(stack_dir, "in-use")
    shutil.rmtree(stack_dir.kept, ignore_errors=True)
    _mark(stack_dir, "in-use")
    if not lost:
        return Kept.NONE_YET
    say("Nothing was kept, because the last run did not end in order: no leads, and nobody counts as called")
    return Kept.LOST


def in_use(stack_dir: StackDir) -> bool:
    """Whether the data of the current run will be kept."""
    return _marked(stack_dir, "in-use")


def end(stack_dir: StackDir, orderly: Mapping[str, bool], say: Say) -> None:
    """Keep the run's data if both processes that write it ended in order; *orderly* has all that were started."""
    if not in_use(stack_dir):
        return
    broken = [name for name in _WRITERS if not orderly.get(name, True)]
    _mark(stack_dir, "lost" if broken else "complete")
    if broken:
        say(f"NOT kept for the next run, because {' and '.join(broken)} did not end in order: its leads and calls")
    elif orderly:
        say("Kept for the next run with KEEP=1: its leads and calls")


def may_import_samples(kept: Kept, say: Say, ask: Ask) -> bool:
    """Whether to import the sample leads. If there is kept data, or if it was lost, a person must agree."""
    if kept in (Kept.NONE_YET, Kept.NOT_ASKED):
        return True
    over = "over what was kept" if kept is Kept.ALL else "although all of them would be called again"
    if ask(f"Import the sample leads {over}?"):
        return True
    say(f"The sample leads are not imported {over}: make import FILE=samples/leads.csv does it")
    return False


def ask_at_terminal(question: str) -> bool:
    """Ask the person at the terminal; without a terminal the answer is no."""
    return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _marked(stack_dir: StackDir, word: str) -> bool:
    return (stack_dir.kept / word).exists()


def _mark(stack_dir: StackDir, word: str) -> None:
    stack_dir.kept.mkdir(parents=True, exist_ok=True)
    for other in {"in-use", "complete", "lost"} - {word}:
        (stack_dir.kept / other).unlink(missing_ok=True)
    (stack_dir.kept / word).touch()
