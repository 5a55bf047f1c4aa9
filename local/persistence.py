"""What `KEEP=1` keeps from one run to the next: the emulator's tables and the simulator's count, both or neither.

They stand in one folder, beside a file that says what they are: `in-use` by a run, `complete` since a run has ended in
order, `lost` since one has not. Only those two processes write there, so how any other ended does not matter.
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
    """What a run begins with."""

    ALL = "all of the last run"
    NONE_YET = "nothing, for no run has kept anything"
    LOST = "nothing, for what the last run should have kept is lost"
    NOT_ASKED = "nothing, for nothing shall be kept"


def begin(place: StackDir, keep: bool, say: Say) -> Kept:
    """Begin with what was kept, or with nothing, and say which."""
    if not keep:
        return Kept.NOT_ASKED
    if _marked(place, "complete"):
        _mark(place, "in-use")
        say("Kept from the last run: its leads, their calls, and what Twilio knows of them")
        return Kept.ALL
    lost = _marked(place, "lost") or _marked(place, "in-use")
    shutil.rmtree(place.kept, ignore_errors=True)
    _mark(place, "in-use")
    if not lost:
        return Kept.NONE_YET
    say("Nothing was kept from the last run, which did not end in order: no leads, and nobody counts as called")
    return Kept.LOST


def in_use(place: StackDir) -> bool:
    """Whether the run that goes on is to be kept."""
    return _marked(place, "in-use")


def end(place: StackDir, orderly: Mapping[str, bool], say: Say) -> None:
    """Keep what the run leaves, if both who write it have ended in order; *orderly* has all that were started."""
    if not in_use(place):
        return
    broken = [name for name in _WRITERS if not orderly.get(name, True)]
    _mark(place, "lost" if broken else "complete")
    if broken:
        say(f"NOT kept for the next run, for {' and '.join(broken)} did not end in order: its leads and calls")
    elif orderly:
        say("Kept for the next run with KEEP=1: its leads and calls")


def may_import_samples(kept: Kept, say: Say, ask: Ask) -> bool:
    """Whether the sample leads may come in: over what was kept, or in its place, only if a person says so."""
    if kept in (Kept.NONE_YET, Kept.NOT_ASKED):
        return True
    over = "over what was kept" if kept is Kept.ALL else "although all of them would be called again"
    if ask(f"Import the sample leads {over}?"):
        return True
    say(f"The sample leads are not imported {over}: make import FILE=samples/leads.csv does it")
    return False


def ask_at_terminal(question: str) -> bool:
    """Ask a person; where there is none, the answer is no."""
    return sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _marked(place: StackDir, word: str) -> bool:
    return (place.kept / word).exists()


def _mark(place: StackDir, word: str) -> None:
    place.kept.mkdir(parents=True, exist_ok=True)
    for other in {"in-use", "complete", "lost"} - {word}:
        (place.kept / other).unlink(missing_ok=True)
    (place.kept / word).touch()
