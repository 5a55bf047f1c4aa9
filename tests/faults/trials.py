"""What can find out that the code was changed: tests, histories by their seeds, and the scripts of rules.

All is imported and collected once. Each trial is a fork of that, so none sees what another left, and one that never
ends is killed. What a trial runs of the code is recorded first: a change is tried only where its lines are run, by the
quickest first.
"""

import gc
import hashlib
import os
import pickle
import select
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import pytest

from autocall import together
from tests.faults import history, interleaved, line_history, rule_scripts
from tests.faults.rule_scripts import SCRIPTS
from tests.unit import moto_tables

ROOT = Path(__file__).parents[2]
RECORDS = ROOT / ".local" / "trials.pickle"
_HANGS_S, _STANDS_STILL_S = 5, 60
_SETTINGS: Mapping[str, Callable[[int], Any]] = {"seed": history.setting, "line seed": line_history.setting}
SEEDS = 150

Line = tuple[str, int]
"""A file of the code, and a line of it."""


@dataclass(frozen=True)
class Trial:
    """Something that holds as the code is. *run* says what fails, "" if nothing; *seconds* is what that took."""

    name: str
    run: Callable[[], str]
    made_of: Path
    seconds: float = 0
    lines: frozenset[Line] = frozenset()


def with_trials(work: Callable[[list[Trial]], None], files: Sequence[str] = ()) -> None:
    """Collect the tests, and have *work* done with them and all other trials; or with those of these *files* alone."""
    arguments = ["-n0", "-s", "-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:timeout", "-o", "addopts="]
    code = pytest.main([*arguments, *(files or map(str, _files()))], plugins=[_Session(work, bool(files))])
    assert code == pytest.ExitCode.OK, code


_ABOUT_OTHERS = tuple(
    f"test_{name}"
    for name in (
        *(
            "benchmarks",
            "cost",
            "dynamo_values",
            "gates_exhaustive",
            "gates_properties",
            "holiday",
            "hours_",
            "imports",
        ),
        *("list_", "local_", "openapi", "operators", "ops_", "readme", "request_counts", "runbook", "secret"),
        *("session_documents", "simulator_", "status_webhook", "twilio_asking"),
    )
)
"""Unit tests that start programs, take long, or say nothing of what decides about calls."""


def _files() -> list[Path]:
    tests = ROOT / "tests"
    unit = [file for file in sorted((tests / "unit").glob("test_*.py")) if not file.name.startswith(_ABOUT_OTHERS)]
    return [*unit, tests / "unit" / "test_ops_closing.py", tests / "faults" / "test_accidents.py"]


class _Session:
    def __init__(self, work: Callable[[list[Trial]], None], alone: bool) -> None:
        self._work, self._alone = work, alone

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        with moto_tables.kept(), moto_tables.tables():
            tests = [Trial(item.nodeid, _test(item), Path(item.path)) for item in session.items]
            self._work(tests if self._alone else [*tests, *_histories(), *_scripts()])
        return True


def shown(name: str) -> str:
    """As the page shows it: a test without its folder and its parameters."""
    return name.partition("[")[0].rpartition("/")[2]


def _test(item: pytest.Item) -> Callable[[], str]:
    def failed() -> str:
        told: list[str] = []
        item.config.pluginmanager.register(_Reports(told))
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return shown(item.nodeid) if told else ""

    return failed


class _Reports:
    def __init__(self, failed: list[str]) -> None:
        self._failed = failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.append(report.nodeid)


def _histories() -> Iterator[Trial]:
    for seed in range(SEEDS):
        for kind, setting in _SETTINGS.items():
            name = f"{kind} {seed}"
            yield Trial(name, partial(_broken, name, setting, seed), Path(interleaved.__file__))


def _broken(name: str, setting: Callable[[int], Any], seed: int) -> str:
    try:
        interleaved.play(setting(seed), seed)
    except interleaved.Broken:
        return name
    return ""


def _scripts() -> Iterator[Trial]:
    for rule, script in SCRIPTS.items():
        name = f"script of {rule}"
        yield Trial(name, partial(_raises, name, script), Path(rule_scripts.__file__))


def _raises(name: str, script: Callable[[], None]) -> str:
    try:
        script()
    except Exception:  # noqa: BLE001 - whatever it is, the code as it is raises nothing
        return name
    return ""


# -- in a fork ---------------------------------------------------------------------------------------------------------


def find(change: Callable[[], AbstractContextManager[Any]], trials: Iterable[Trial], seconds: float) -> str:
    """What the first trial found that fails as long as *change* lasts, in as much of a processor's time; "" if none."""

    def tried(say: Say) -> None:
        with change():
            until = time.process_time() + seconds
            for trial in trials:
                if time.process_time() > until:
                    return
                say(("begins", shown(trial.name)))
                if found := _run(trial):
                    say(("fails", found))
                    return

    begun = found = ""
    for what, told in _forked(tried):
        match what:
            case "begins":
                begun = told
            case "fails":
                found = told
            case "dies":
                found = f"{begun}, which never ends"
    return found


def _run(trial: Trial) -> str:
    """Of the processor's time, so that a busy machine finds nothing; its end is that of the process."""
    signal.setitimer(signal.ITIMER_PROF, _HANGS_S)
    try:
        return trial.run()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


Say = Callable[[Any], None]


def _forked(does: Callable[[Say], None]) -> Iterator[Any]:
    """What it says in a process of its own; at last ("dies", how) if that did not come to its end."""
    hears, says = os.pipe()
    child = os.fork()
    if not child:
        _run_alone(does, says)
    os.close(says)
    with os.fdopen(hears, "rb", buffering=0) as told:
        while _speaks(told, child):
            try:
                yield pickle.load(told)  # noqa: S301 - our own fork says it
            except EOFError:
                break
    _, status = os.waitpid(child, 0)
    if status:
        yield "dies", status


def _run_alone(does: Callable[[Say], None], says: int) -> NoReturn:
    code = 1
    with suppress(BaseException):
        _quiet()
        with os.fdopen(says, "wb") as out:

            def say(told: Any) -> None:
                pickle.dump(told, out)
                out.flush()

            does(say)
        code = 0
    os._exit(code)


def _speaks(told: Any, child: int) -> bool:
    """Whether there is something to hear; one that says nothing for long waits for itself, and is ended."""
    ready, _, _ = select.select([told], [], [], _STANDS_STILL_S)
    if not ready:
        os.kill(child, signal.SIGKILL)
    return bool(ready)


def _quiet() -> None:
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(silence, stream)


# -- what each runs of the code ----------------------------------------------------------------------------------------


def recorded(trials: Iterable[Trial], of: Iterable[str]) -> list[Trial]:
    """Those that hold as the code is, with what each took and the lines it ran of these files; the quickest first.

    What is recorded is kept, and made anew when the code or the file of a trial changes.
    """
    files, kept = frozenset(of), _kept()
    base = _digest(_sources()) + SEEDS.to_bytes(4)
    by_file: dict[Path, list[Trial]] = defaultdict(list)
    for trial in trials:
        by_file[trial.made_of].append(trial)
    told: dict[bytes, list[Told]] = {}
    for file, those in by_file.items():
        about = base + _digest([file])
        told[about] = kept.get(about) or list(_forked(partial(_record, those, files)))
        assert len(told[about]) == len(those), f"{file}: {told[about][-1:]}"
        _keep(kept | told)
    _keep(told)
    gc.collect()
    gc.freeze()
    pairs = zip((trial for those in by_file.values() for trial in those), chain(*told.values()), strict=True)
    held = [replace(trial, seconds=took, lines=lines) for trial, (holds, took, lines) in pairs if holds and lines]
    return sorted(held, key=lambda trial: trial.seconds)


def holding(trials: Sequence[Trial], lines: frozenset[Line]) -> list[Trial]:
    """Those that hold as the code is, as if each ran these lines; nothing is recorded. The quickest first."""
    told = list(zip(trials, _forked(partial(_record, trials, frozenset())), strict=True))
    held = [replace(trial, seconds=took, lines=lines) for trial, (holds, took, _) in told if holds]
    return sorted(held, key=lambda trial: trial.seconds)


Told = tuple[bool, float, frozenset[Line]]
"""Whether a trial holds, what it took, and the lines it ran."""


def _record(trials: Iterable[Trial], files: frozenset[str], say: Say) -> None:
    for trial in trials:
        began = time.process_time()
        with _tracing(files) as lines:
            found = trial.run()
        say((not found, time.process_time() - began, frozenset(lines)))


@contextmanager
def _tracing(files: frozenset[str]) -> Iterator[set[Line]]:
    lines: set[Line] = set()

    def traced(frame: FrameType, event: str, _argument: Any) -> Any:
        file = frame.f_code.co_filename
        if file not in files:
            return None
        if event == "line":
            lines.add((from_root(file), frame.f_lineno))
        return traced

    together._pool().shutdown()  # its threads, which say what they run to the trial that began them
    together._pool.cache_clear()
    sys.settrace(traced)
    threading.settrace(traced)
    try:
        yield lines
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]


@cache
def from_root(file: str) -> str:
    """A file of the code, wherever the project lies."""
    return str(Path(file).relative_to(ROOT))


def _kept() -> dict[bytes, list[Told]]:
    try:
        kept: dict[bytes, list[Told]] = pickle.loads(RECORDS.read_bytes())  # noqa: S301 - we wrote it
    except FileNotFoundError:
        return {}
    return kept


def _keep(told: Mapping[bytes, list[Told]]) -> None:
    RECORDS.parent.mkdir(exist_ok=True)
    RECORDS.write_bytes(pickle.dumps(told))


def _sources() -> list[Path]:
    """All but the tests themselves."""
    found = [file for folder in ("autocall", "functions", "tests") for file in (ROOT / folder).rglob("*.py")]
    mine = Path(__file__).with_name("mutants.py")
    return sorted(file for file in found if not file.name.startswith("test_") and file != mine)


def _digest(files: Iterable[Path]) -> bytes:
    return hashlib.blake2b(b"".join(file.read_bytes() for file in files), digest_size=8).digest()
