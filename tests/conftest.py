"""The running stack that tests share: brought up when the first test that wants it is collected, stopped at the end.

And which tests go to the same worker: those of a file, and the files that share what takes long to bring up.
And one name for the logs of all functions, set before any is loaded: a module's logger looks for its parent's.
"""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from xdist.scheduler import LoadFileScheduling

from local import stack as stacks
from local.options import StackOptions
from local.paths import SHARED, StackDir

os.environ.setdefault("TESTS_OF", datetime.now(UTC).date().isoformat())  # said once, before other processes start
os.environ |= {"POWERTOOLS_SERVICE_NAME": "autocall", "POWERTOOLS_METRICS_NAMESPACE": "autocall"}
Logger()

BY_MESSAGE = {"audio": "message"}  # what lines, rates and races are tried with: nobody has to be on the line
SHARED_BY_TESTS = StackDir(SHARED / "e2e")
_OURS = pytest.StashKey[bool]()
_TOGETHER = {
    "the line": [
        *("browser/test_agent_morning.py", "browser/test_phone.py", "browser/test_ring_back.py"),
        *("e2e/test_agent_first.py", "e2e/test_ring_back.py"),
    ],
    "the paced stack": [f"e2e/test_{about}.py" for about in ("burst", "caller_ids", "own_back_end", "rotation")],
    "the faulty stack": [
        "faults/test_process_death.py",
        "faults/test_refused_account.py",
        "faults/test_twilio_faults.py",
    ],
    "templates": [f"infrastructure/test_{about}.py" for about in ("assets", "checkers", "settings", "template")],
}
_SHARED_BY = {f"tests/{file}": what for what, files in _TOGETHER.items() for file in files}


_WITH_A_STACK = ("tests/browser/", "tests/e2e/", "the line", "the paced stack", "the faulty stack")
_FOR_THE_END = 40  # files, of a second or two each


class _ByWhatIsShared(LoadFileScheduling):
    """Files that bring up the same thing are one worker's, which brings it up once; they take long, and begin.

    A test with a stack waits for much of its time, every other one computes. So that no core is idle, one worker
    computes while the others wait, and some files that compute are kept for the time when the last stack is waited for.
    """

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return _SHARED_BY.get(file, file)

    def _assign_work_unit(self, node: Any) -> None:
        self.workqueue.move_to_end(self._next(node), last=False)
        super()._assign_work_unit(node)

    def _next(self, node: Any) -> str:
        scopes = sorted(self.workqueue, key=lambda scope: scope not in _TOGETHER)
        waiting = [scope for scope in scopes if scope.startswith(_WITH_A_STACK)]
        computing = [scope for scope in scopes if not scope.startswith(_WITH_A_STACK)]
        if waiting and (len(computing) <= _FOR_THE_END or self._another_computes(node)):
            return waiting[0]
        return (computing or waiting)[0]

    def _another_computes(self, node: Any) -> bool:
        return any(
            not scope.startswith(_WITH_A_STACK) and not all(tests.values())
            for other, assigned in self.assigned_work.items()
            for scope, tests in assigned.items()
            if other is not node
        )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByWhatIsShared:
    return _ByWhatIsShared(config, log)


def _no_word(_text: str) -> None:
    """What the stack would say while it comes up."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Eleven thousand tests are garbage for nobody: the collector need not look through them again and again.

    Nor through all that tests import, every few thousand objects: an eighth of their time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(10_000, 20, 50)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Bring the stack up here, where no test's time runs."""
    wanted = any("stack" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly:
        stacks.up(SHARED_BY_TESTS, StackOptions(context=BY_MESSAGE, samples=False), _no_word)


def pytest_configure(config: pytest.Config) -> None:
    """Remember whether somebody else had the stack up, who may want to keep it."""
    config.stash[_OURS] = not hasattr(config, "workerinput") and not stacks.is_up(SHARED_BY_TESTS)


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(_OURS, False):
        stacks.down(SHARED_BY_TESTS, _no_word)


@pytest.fixture(scope="session")
def stack() -> dict[str, Any]:
    """The outputs of the stack that all tests share."""
    return SHARED_BY_TESTS.read_outputs()


@pytest.fixture(scope="session")
def another_stack() -> Iterator[Callable[..., dict[str, Any]]]:
    """Bring up a further stack by a name and the wishes for it; all are stopped at the end."""
    stack_dirs: list[StackDir] = []

    def bring_up(name: str, **wishes: Any) -> dict[str, Any]:
        stack_dirs.append(StackDir(SHARED / name))
        wishes["context"] = BY_MESSAGE | wishes.get("context", {})
        return stacks.up(stack_dirs[-1], StackOptions(**({"samples": False, "page": False} | wishes)), _no_word)

    yield bring_up
    for stack_dir in stack_dirs:
        stacks.down(stack_dir, _no_word)


@pytest.fixture(scope="session")
def line(another_stack: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """A stack where agents are on the line before anybody is called; what takes real time counts there as it is."""
    context = {"audio": "agent", "wrap_up_s": "1", "lines": "1"}
    patience = "4" if "PYTEST_XDIST_WORKER" in os.environ else "1"  # other tests use the machine meanwhile
    return another_stack("line", context=context, simulator=("--speed", "1", "--patience", patience), page=True)
