"""Is every condition needed? Each clause of each conditional write, each look-again and each order, changed one by one.

The list is the code's own: the conditions are those that the tables send, the looks those in the functions' source. A
mutant must break the write matrix, or a history of a fixed seed; `python -m tests.faults.mutants` says by which.
"""

import argparse
import ast
import inspect
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache, partial
from io import StringIO
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest

from autocall import (
    agent_table,
    called_table,
    dial_queue,
    installation_table,
    lead_writes,
    pausing,
    queued_run,
    session_table,
)
from autocall.dynamo import Update
from autocall.lead_table import LeadTable
from autocall.timing import Timing
from functions.dialer import agent_gate, agent_line, daily_limit, dial, probe, reconcile
from functions.dialer import run as dialer_run
from functions.leads_api import release
from functions.status_webhook import status_callback
from functions.voice import lead_calls
from tests.faults import history, interleaved, line_history
from tests.faults.tables import LEADS, Tables
from tests.integration import test_write_matrix as matrix
from tests.unit import test_dynamo_expressions as expressions
from tests.unit import test_session_table as session_matrix

ROOT = Path(__file__).parents[2]
TRUE, FALSE = "attribute_not_exists(no_such_attribute)", "attribute_exists(no_such_attribute)"
WRITES_OF = (lead_writes, session_table)
"""Modules in which each function is one write."""
TABLES = (agent_table, installation_table, called_table, queued_run)
"""Modules whose tables' methods make their writes themselves."""
LOOKS: tuple[tuple[Any, str], ...] = (
    (dial.Dialer, "dial"),
    (dial.Dialer, "_recheck"),
    (dial.Dialer, "_mark_called"),
    (dial.Dialer, "_spelled_otherwise"),
    (agent_gate.AgentGate, "stop"),
    (agent_line.AgentLine, "tidy"),
    (dialer_run.Run, "work"),
    (probe.Probe, "take"),
    (probe.Probe, "give_back"),
    (daily_limit.DailyLimit, "give_back"),
    (dial_queue.DialQueue, "enqueue_run"),
    (pausing, "pause"),
    (reconcile.Reconciler, "_not_found"),
    (release, "_released"),
    (status_callback.CallbackHandler, "handle"),
    (lead_calls.LeadCalls, "answer"),
)
"""Where something is looked at once more, or is done in an order that matters."""


@dataclass(frozen=True)
class Mutant:
    """One change of the code: *where*, *what*, and how it is done as long as it lasts."""

    where: str
    what: str
    apply: Callable[[], AbstractContextManager[Any]] = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


# -- clauses of conditions ---------------------------------------------------------------------------------------------

_PARTS = re.compile(r"\(|\)|\bAND\b|\bOR\b|\bBETWEEN\b")


@dataclass(frozen=True)
class Clause:
    """One test in a condition, its place in the text, and whether it stands in an OR."""

    start: int
    end: int
    in_or: bool


def clauses(text: str) -> list[Clause]:
    """The tests of a condition that are joined by AND and OR, at any depth."""
    return list(_clauses(text, 0, len(text), False))


def _clauses(text: str, start: int, end: int, in_or: bool) -> Iterator[Clause]:
    for word, inside in (("OR", True), ("AND", False)):
        parts = _split(text, start, end, word)
        if len(parts) > 1:
            for first, last in parts:
                yield from _clauses(text, first, last, inside)
            return
    inner = text[start:end]
    stripped = inner.strip()
    if stripped.startswith("(") and _closes(stripped) == len(stripped) - 1:
        opened = start + inner.index("(") + 1
        yield from _clauses(text, opened, start + inner.rindex(")"), in_or)
        return
    first = start + len(inner) - len(inner.lstrip())
    yield Clause(first, first + len(stripped), in_or)


def _split(text: str, start: int, end: int, word: str) -> list[tuple[int, int]]:
    """Where the parts are that *word* joins, outside of all parentheses; the AND of a BETWEEN joins nothing."""
    depth, between, parts, begun = 0, False, [], start
    for found in _PARTS.finditer(text, start, end):
        match found[0]:
            case "(":
                depth += 1
            case ")":
                depth -= 1
            case "BETWEEN" if not depth:
                between = True
            case "AND" if not depth and between:
                between = False
            case joins if not depth and joins == word:
                parts.append((begun, found.start()))
                begun = found.end()
    return [*parts, (begun, end)]


def _closes(text: str) -> int:
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return place
    raise AssertionError(text)


def _mutated(text: str, place: int, how: str) -> str:
    """The condition with its clause number *place* dropped, negated, or in an OR taken for true."""
    told = clauses(text)
    if place >= len(told):
        return text
    clause = told[place]
    old = text[clause.start : clause.end]
    new = f"(NOT ({old}))" if how == "negated" else FALSE if clause.in_or and how == "dropped" else TRUE
    return text[: clause.start] + new + text[clause.end :]


def condition_mutants() -> list[Mutant]:
    """Of every clause of every condition that a table sends when each of its methods is called."""
    found = {(module.__name__, write): (module, texts) for (module, write), texts in _conditions().items()}
    return [
        mutant for (_, write), (module, texts) in sorted(found.items()) for mutant in _of_a_write(module, write, texts)
    ]


def _of_a_write(module: ModuleType, write: str, texts: set[str]) -> Iterator[Mutant]:
    longest = max(texts, key=lambda text: len(clauses(text)))
    for place, clause in enumerate(clauses(longest)):
        for how in ("dropped", "negated", *(("always true",) if clause.in_or else ())):
            apply = partial(_changing, module, write, place, how)
            yield Mutant(f"{module.__name__}.{write}", f"{longest[clause.start : clause.end]}: {how}", apply)


@cache
def _conditions() -> dict[tuple[ModuleType, str], set[str]]:
    """What each write asks, as it is asked when every method of every table is called."""
    told: dict[tuple[ModuleType, str], set[str]] = {}

    def note(module: ModuleType, write: str, condition: str) -> str:
        if condition:
            told.setdefault((module, write), set()).add(condition)
        return condition

    with ExitStack() as stack:
        for module in (*WRITES_OF, *TABLES):
            stack.enter_context(_watching(module, note))
        expressions.requests()
    return told


Note = Callable[[ModuleType, str, str], str]


@contextmanager
def _watching(module: ModuleType, note: Note) -> Iterator[None]:
    """As long as this lasts, the condition of each write of a module is what *note* makes of it."""
    with ExitStack() as stack:
        if module in WRITES_OF:
            for name, does in inspect.getmembers(module, inspect.isfunction):
                if name[0] != "_" and does.__annotations__.get("return") is Update:
                    stack.enter_context(patch.object(module, name, _noted_write(module, name, does, note)))
        else:
            write = module.write  # type: ignore[attr-defined]
            stack.enter_context(patch.object(module, "write", _noted_request(module, write, note)))
        yield


def _noted_write(module: ModuleType, name: str, does: Callable[..., Update], note: Note) -> Callable[..., Update]:
    def noted(*args: Any, **named: Any) -> Update:
        update = does(*args, **named)
        update.condition = note(module, name, update.condition)
        return update

    return noted


def _noted_request(module: ModuleType, write: Callable[..., Any], note: Note) -> Callable[..., Any]:
    def noted(client: Any, table: str, key: Any, change: Update) -> Any:
        caller = sys._getframe(1)
        if caller.f_code.co_name == "_write" and caller.f_back:
            caller = caller.f_back
        change.condition = note(module, caller.f_code.co_name, change.condition)
        return write(client, table, key, change)

    return noted


@contextmanager
def _changing(module: ModuleType, write: str, place: int, how: str) -> Iterator[None]:
    def change(_module: ModuleType, name: str, condition: str) -> str:
        return _mutated(condition, place, how) if name == write and condition else condition

    with _watching(module, change):
        yield


# -- looks and orders --------------------------------------------------------------------------------------------------


def source_mutants() -> list[Mutant]:
    """Of every `if`, every operand of `and` and `or`, every two statements in a row, where something is looked at."""
    return [mutant for owner, name in LOOKS for mutant in _of_a_function(owner, name)]


def _of_a_function(owner: Any, name: str) -> Iterator[Mutant]:
    where = f"{owner.__module__ if inspect.isclass(owner) else owner.__name__}.{name}"
    sites = list(_sites(_parsed(owner, name)))
    for place, (what, _) in enumerate(sites):
        yield Mutant(where, what, lambda place=place: _rewritten(owner, name, place))


def _parsed(owner: Any, name: str) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(getattr(owner, name))))


def _sites(tree: ast.Module) -> Iterator[tuple[str, Callable[[], None]]]:
    """What can be changed in a function, and what changes it in this very tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If):
            text = ast.unparse(node.test)
            yield f"if {text}: dropped", lambda node=node: setattr(node, "test", ast.Constant(False))
            yield (
                f"if {text}: negated",
                lambda node=node: setattr(node, "test", ast.UnaryOp(ast.Not(), node.test)),
            )
        if isinstance(node, ast.BoolOp) and not isinstance(node.values[-1], ast.Constant | ast.Attribute):
            for operand in node.values:
                yield (
                    f"{ast.unparse(operand)} dropped of {ast.unparse(node)[:60]}",
                    lambda node=node, operand=operand: node.values.remove(operand),
                )
        body = getattr(node, "body", None)
        if isinstance(body, list):
            for one, other in pairwise(body):
                if _may_swap(one, other):
                    yield (
                        f"{ast.unparse(one)[:60]} swapped with {ast.unparse(other)[:60]}",
                        lambda body=body, one=one, other=other: _swap(body, one, other),
                    )


def _may_swap(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether both do something, and the second needs no name that the first gives."""
    if not all(isinstance(each, ast.Expr | ast.Assign | ast.AugAssign) for each in (one, other)):
        return False
    if not all(any(isinstance(part, ast.Call) for part in ast.walk(each)) for each in (one, other)):
        return False
    gives = {name.id for name in ast.walk(one) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
    return not gives & {name.id for name in ast.walk(other) if isinstance(name, ast.Name)}


def _swap(body: list[ast.stmt], one: ast.stmt, other: ast.stmt) -> None:
    first = body.index(one)
    body[first], body[first + 1] = other, one


@contextmanager
def _rewritten(owner: Any, name: str, place: int) -> Iterator[None]:
    """As long as this lasts, the function is as its source is with that one change."""
    original = getattr(owner, name)
    tree = _parsed(owner, name)
    list(_sites(tree))[place][1]()
    module = sys.modules[original.__module__]
    made: dict[str, Any] = {}
    exec(compile(ast.fix_missing_locations(tree), module.__file__ or name, "exec"), vars(module), made)  # noqa: S102
    with patch.object(owner, name, made[name]):
        yield


# -- what finds them ---------------------------------------------------------------------------------------------------

SEEDS, LINE_SEEDS = 240, 160
FEW = 25
"""Histories that come before the slower tests of a module."""
_TESTED_BY = {
    agent_table: ("agent_table", "run"),
    installation_table: ("installation_table", "rate_limit", "dial", "ops_closing", "leads_api_installation"),
    called_table: ("number_gate", "leads_api_called", "dial"),
    queued_run: ("queued_run", "run_together", "run_wider_hours"),
    lead_writes: ("lead_table", "reconcile"),
    session_table: ("session_table", "agent_first"),
    dial: ("dial", "dial_terms", "number_gate", "agent_first"),
    agent_gate: ("run", "gates", "dial"),
    agent_line: ("agent_first", "voice_line"),
    dialer_run: ("run", "run_together", "run_wider_hours", "agent_first"),
    probe: ("run", "dial"),
    daily_limit: ("run", "dial"),
    dial_queue: ("queued_run", "run_together"),
    pausing: ("pausing", "leads_api_pause_resume"),
    reconcile: ("reconcile",),
    release: ("leads_api_release",),
    status_callback: ("status_callback", "agent_first"),
    lead_calls: ("voice_lead", "voice_line"),
}
"""The unit tests of each module, by their names: for what no history can show."""


def found_by(mutant: Mutant, seeds: int = SEEDS, line_seeds: int = LINE_SEEDS) -> str:
    """What the mutant breaks first, "" if nothing."""
    with mutant.apply():
        return (
            _breaks_the_matrix(mutant)
            or _breaks_a_history(range(FEW), range(FEW))
            or _breaks_a_test(mutant)
            or _breaks_a_history(range(FEW, seeds), range(FEW, line_seeds))
        )


def _breaks_a_history(seeds: Iterable[int], line_seeds: Iterable[int]) -> str:
    for kind, setting, which in (("line ", line_history.setting, line_seeds), ("", history.setting, seeds)):
        for seed in which:
            try:
                interleaved.play(setting(seed), seed)
            except interleaved.Broken as broken:
                return f"{kind}seed {seed}: {str(broken)[:100]}"
    return ""


class _First:
    """The first test that fails."""

    def __init__(self) -> None:
        self.name = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid.rpartition("/")[2]


def _breaks_a_test(mutant: Mutant) -> str:
    """One of the unit tests of the module; run in this process, where the mutant is."""
    tests = _TESTED_BY[sys.modules[mutant.where.rpartition(".")[0]]]
    files = [str(ROOT / "tests" / "unit" / f"test_{name}.py") for name in tests]
    first = _First()
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        pytest.main(["-x", "-q", "-n0", "-p", "no:cacheprovider", "--no-header", *files], plugins=[first])
    return first.name


def _breaks_the_matrix(mutant: Mutant) -> str:
    module, _, _ = mutant.where.rpartition(".")
    if module == lead_writes.__name__:
        return _breaks_the_lead_matrix()
    if module == session_table.__name__:
        return _breaks_the_session_matrix()
    return ""


@cache
def _lead_rows() -> list[tuple[str, Any]]:
    """The items of a row in each state; made before anything is changed."""
    memory: Any = Tables()
    table = LeadTable(memory, LEADS, Timing())
    for state, steps in matrix.STATES.items():
        lead = matrix.Lead(table, "ada", state, since=matrix.NOW)
        for step in steps:
            step(lead)
    return [(state, memory.items[LEADS].get(("ada", state))) for state in matrix.STATES]


def _breaks_the_lead_matrix() -> str:
    rows = _lead_rows()
    for write, (step, takes) in matrix.WRITES.items():
        memory: Any = Tables()
        memory.items[LEADS] = {("ada", state): dict(item) for state, item in rows if item}
        table = LeadTable(memory, LEADS, Timing())
        took = {state for state in matrix.STATES if step(matrix.Lead(table, "ada", state, since=matrix.NOW + 100)).won}
        if took != takes:
            return f"write matrix: {write} on {min(took ^ takes)}"
    return ""


@cache
def _session_tables() -> dict[str, Any]:
    return {state: session_matrix._table(steps)[1].items for state, steps in session_matrix.STATES.items()}


def _breaks_the_session_matrix() -> str:
    for write, (step, takes) in session_matrix.WRITES.items():
        for state, items in _session_tables().items():
            memory: Any = Tables()
            memory.items = {table: {key: dict(item) for key, item in rows.items()} for table, rows in items.items()}
            written = step(session_table.SessionTable(memory, "Agents", Timing()))
            if written.won != (state in takes):
                return f"session matrix: {write} on {state}"
    return ""


def prepare() -> list[Mutant]:
    """All mutants; what is needed to hold them against is made first, by the code as it is."""
    _lead_rows()
    _session_tables()
    return [*condition_mutants(), *source_mutants()]


_ALL: list[Mutant] = []


def _one(place: int, seeds: int, line_seeds: int) -> tuple[int, str, float]:
    if not _ALL:
        _ALL.extend(prepare())
    began = time.monotonic()
    return place, found_by(_ALL[place], seeds, line_seeds), time.monotonic() - began


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutants", description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--line-seeds", type=int, default=LINE_SEEDS)
    parser.add_argument("--only", default="", help="those whose name has this in it")
    asked = parser.parse_args(arguments)
    mutants = prepare()
    chosen = [place for place, mutant in enumerate(mutants) if asked.only in str(mutant)]
    survived = 0
    with ProcessPoolExecutor(asked.processes) as pool:
        futures = [pool.submit(_one, place, asked.seeds, asked.line_seeds) for place in chosen]
        for future in futures:
            place, found, took = future.result()
            survived += not found
            print(f"| {mutants[place]} | {found or 'NOT FOUND'} | {took:.1f} s", flush=True)
    print(f"{len(chosen)} mutants, {survived} not found")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
