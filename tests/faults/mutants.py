"""Is every condition needed? Each clause of each conditional write, each look and each order, changed one by one.

The list is the code's own: the conditions are those that the tables send, the looks and the orders those in the source
of what decides about calls. A mutant must break the write matrix, a test, or a history of a fixed seed;
`python -m tests.faults.mutants` says by which, and writes docs/conditions.md.
"""

import argparse
import ast
import inspect
import os
import re
import signal
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from itertools import chain, pairwise, zip_longest
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeGuard
from unittest.mock import patch

from autocall import (
    agent_table,
    called_table,
    caller_id_table,
    dial_queue,
    installation_table,
    lead_writes,
    pause,
    queued_run,
    session_table,
)
from autocall.dynamo import Update
from autocall.lead_table import LeadTable
from autocall.timing import Timing
from functions.connect import admission
from functions.dialer import (
    agent_gate,
    agent_line,
    agent_phone_gate,
    daily_limit,
    dial,
    number_gate,
    probe,
    reconcile,
    retry,
    stale_holds,
)
from functions.dialer import run as dialer_run
from functions.leads_api import again, confirm, known_calls, may_call, release, settle, unknown_outcome
from functions.status_webhook import status_callback
from functions.voice import agent_calls, inbound_calls, lead_calls
from tests.faults.tables import LEADS, Tables
from tests.faults.trials import Line, Trial, find, from_root, holding, recorded, shown, with_trials
from tests.integration import test_write_matrix as matrix
from tests.unit import test_dynamo_expressions as expressions
from tests.unit import test_session_table as session_matrix

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "conditions.md"
TRUE, FALSE = "attribute_not_exists(no_such_attribute)", "attribute_exists(no_such_attribute)"
WRITES_OF = (lead_writes, session_table)
"""Modules in which each function is one write."""
TABLES = (agent_table, installation_table, called_table, caller_id_table, queued_run)
"""Modules whose tables' methods make their writes themselves."""
LOOKS = (
    *(dial, agent_gate, probe, number_gate, daily_limit, agent_line, reconcile, dial_queue, status_callback, release),
    *(pause, lead_calls, dialer_run, again, settle, confirm, known_calls, unknown_outcome, admission, may_call),
    *(agent_calls, inbound_calls, stale_holds, agent_phone_gate, retry),
)
"""Modules of which each function is changed: what they look at, and the order of what they do, decides about calls."""


@dataclass(frozen=True)
class Mutant:
    """One change of the code: of which module and function, *what*, and how it is done as long as it lasts."""

    module: ModuleType
    function: str
    what: str
    how: str
    lines: frozenset[Line] = field(compare=False, repr=False)
    apply: Callable[[], AbstractContextManager[Any]] = field(compare=False, repr=False)

    @property
    def where(self) -> str:
        return f"{self.module.__name__}.{self.function}"

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.how}"


# -- clauses of conditions ---------------------------------------------------------------------------------------------

_PARTS = re.compile(r"\(|\)|\bAND\b|\bOR\b|\bBETWEEN\b")


@dataclass(frozen=True)
class Clause:
    """One test in a condition, where it is in the text, and whether it stands in an OR."""

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
    for index, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return index
    raise AssertionError(text)


Named = tuple[str, int]
"""A clause by its text, and the how many of its kind it is in its condition."""
_NUMBERED = re.compile(r":before\d+(?:, :before\d+)*")


def _named(text: str) -> dict[Named, Clause]:
    """The clauses of a condition by their names, which are the same in all forms of a write."""
    told: dict[Named, Clause] = {}
    for clause in clauses(text):
        words = _NUMBERED.sub(":before…", text[clause.start : clause.end])
        told[words, sum(name == words for name, _ in told)] = clause
    return told


def _mutated(text: str, name: Named, how: str) -> str:
    """The condition with this clause dropped, negated, or in an OR taken for true."""
    clause = _named(text).get(name)
    if clause is None:
        return text
    old = text[clause.start : clause.end]
    new = f"(NOT ({old}))" if how == "negated" else FALSE if clause.in_or and how == "dropped" else TRUE
    return text[: clause.start] + new + text[clause.end :]


def _in_order(found: tuple[tuple[ModuleType, str], set[str]]) -> tuple[int, str]:
    """Those that the matrix finds come first."""
    (module, write), _ = found
    return (*WRITES_OF, *TABLES).index(module), write


def condition_mutants() -> Iterator[Mutant]:
    """Of every clause of every condition that a table sends when each of its methods is called."""
    for (module, write), texts in sorted(_conditions().items(), key=_in_order):
        told: dict[Named, bool] = {}
        for text in sorted(texts):
            for name, clause in _named(text).items():
                told[name] = told.get(name, False) or clause.in_or
        for name, in_or in told.items():
            words, times = name
            what = f"{words} ({times + 1})" if times else words
            for how in ("dropped", "negated", *(("always true",) if in_or else ())):
                change = partial(_changing, module, write, name, how)
                yield Mutant(module, write, what, how, _lines_of(module, write), change)


@cache
def _lines_of(module: ModuleType, write: str) -> frozenset[Line]:
    tree = ast.parse(inspect.getsource(module))
    named = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == write]
    return frozenset(line for node in named for line in _lines(module, node, 0))


def _lines(module: ModuleType, node: ast.AST, before: int) -> Iterator[Line]:
    """Where a part of the code stands in its file."""
    for line in range(node.lineno, node.end_lineno + 1):  # type: ignore[attr-defined]
        yield from_root(str(module.__file__)), before + line


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
def _changing(module: ModuleType, write: str, clause: Named, how: str) -> Iterator[None]:
    def change(_module: ModuleType, name: str, condition: str) -> str:
        return _mutated(condition, clause, how) if name == write and condition else condition

    with _watching(module, change):
        yield


# -- looks and orders --------------------------------------------------------------------------------------------------

_DOES = ast.Expr | ast.Assign | ast.AugAssign | ast.If
_SHORT = 72


def source_mutants() -> Iterator[Mutant]:
    """Of each `if` and filter, each operand of `and` and `or`, each effect, and each two statements in a row."""
    for module in LOOKS:
        met: Counter[tuple[str, str, str]] = Counter()
        for name, does in _functions(module):
            before = inspect.getsourcelines(does)[1] - 1
            for index, (what, how, at, _) in enumerate(_sites(_parsed(does))):
                met[name, what, how] += 1
                times = met[name, what, how]
                told = f"{what} ({times})" if times > 1 else what
                lines = frozenset(line for node in at for line in _lines(module, node, before))
                yield Mutant(module, name, told, how, lines, partial(_rewritten, does, index))


def _functions(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    """The functions and methods that a module itself has."""
    for name, own in list(vars(module).items()):
        if getattr(own, "__module__", "") != module.__name__:
            continue
        for inner, does in vars(own).items() if inspect.isclass(own) else [(name, own)]:
            plain = inspect.unwrap(does) if inspect.isfunction(does) else None
            if plain and not plain.__code__.co_freevars and plain.__code__.co_filename == module.__file__:
                yield inner, plain


def _parsed(does: FunctionType) -> ast.Module:
    tree = ast.parse(textwrap.dedent(inspect.getsource(does)))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.decorator_list = []
    return tree


Site = tuple[str, str, tuple[ast.AST, ...], Callable[[], None]]
"""What can be changed in a function, how, where, and what changes it in this very tree."""


def _sites(tree: ast.Module) -> Iterator[Site]:
    of_a_log = {id(part) for node in ast.walk(tree) if _only_logs(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        match node:
            case _ if id(node) in of_a_log:
                continue
            case ast.If() | ast.IfExp():
                yield from _of_a_test(node)
            case ast.comprehension():
                for each in list(node.ifs):
                    yield _text(each), "dropped of a filter", (each,), partial(node.ifs.remove, each)
            case ast.BoolOp() if not _is_a_default(node):
                of, nothing = f"dropped of `{_text(node)}`", ast.Constant(value=isinstance(node.op, ast.And))
                for index, each in enumerate(list(node.values)):
                    yield _text(each), of, (node,), partial(node.values.__setitem__, index, nothing)
        for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if isinstance(body, list):
                yield from _of_a_body(body)


def _is_a_default(node: ast.BoolOp) -> bool:
    """`x or SOMETHING`, which decides nothing."""
    last = node.values[-1]
    named = ast.unparse(last).rpartition(".")[2].isupper()
    return isinstance(node.op, ast.Or) and (named or isinstance(last, ast.Constant | ast.Tuple))


def _of_a_test(node: ast.If | ast.IfExp) -> Iterator[Site]:
    text, test = f"if {_text(node.test)}", node.test
    if isinstance(node, ast.If):
        yield text, "dropped", (test,), lambda: setattr(node, "test", ast.Constant(value=False))
    yield text, "negated", (test,), lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), test))


def _of_a_body(body: list[ast.stmt]) -> Iterator[Site]:
    for index, statement in enumerate(list(body)):
        if isinstance(statement, ast.Expr) and _has_effects(statement):
            yield _text(statement), "dropped", (statement,), partial(body.__setitem__, index, ast.Pass())
    for index, (one, other) in enumerate(pairwise(list(body))):
        if _may_swap(one, other):
            swapped = partial(body.__setitem__, slice(index, index + 2), [other, one])
            yield _text(one), f"swapped with `{_text(other)}`", (one, other), swapped


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"


def _has_effects(statement: ast.stmt) -> bool:
    """Whether it asks or writes something; a line of a log is neither."""
    return not _only_logs(statement) and any(_is_a_call(node) for node in ast.walk(statement))


def _is_a_call(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call)


def _only_logs(statement: ast.AST) -> bool:
    called = isinstance(statement, ast.Expr) and _is_a_call(statement.value) and ast.unparse(statement.value.func)
    return bool(called) and str(called).startswith(("logger.", "log_"))


def _may_swap(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether both ask or write something outside, and neither needs a name that the other gives."""
    if not all(isinstance(each, _DOES) and _reaches_out(each) for each in (one, other)):
        return False
    return not (_gives(one) & _needs(other) or _gives(other) & _needs(one))


_OUTSIDE = re.compile(r"(self|services|together|world|here)\b")
_INSIDE = re.compile(r"self\.(timing|clock|report|counts|documents|rooms|_saw|_measure|_?gates\.held)\b")
_HANDED_ON = {"services", "leads", "agents", "push", "table", "calls"}


def _reaches_out(statement: ast.stmt) -> bool:
    """Whether it asks or writes a table, Twilio, the queue or the pages; who makes a value, or counts, does not."""
    return not _only_logs(statement) and any(_is_outside(node) for node in ast.walk(statement) if _is_a_call(node))


def _is_outside(call: ast.Call) -> bool:
    called = ast.unparse(call.func)
    handed_on = {node.id for given in call.args for node in ast.walk(given) if isinstance(node, ast.Name)}
    return bool(_OUTSIDE.match(called) and not _INSIDE.match(called)) or bool(handed_on & _HANDED_ON)


def _gives(statement: ast.stmt) -> set[str]:
    stored = ast.Store | ast.Del
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, stored)}


def _needs(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


@contextmanager
def _rewritten(does: FunctionType, index: int) -> Iterator[None]:
    """As long as this lasts, the function is as its source is with that one change, whoever has imported it."""
    tree = _parsed(does)
    list(_sites(tree))[index][-1]()
    made: dict[str, Any] = {}
    exec(compile(ast.fix_missing_locations(tree), does.__code__.co_filename, "exec"), does.__globals__, made)  # noqa: S102
    original, does.__code__ = does.__code__, made[does.__name__].__code__
    try:
        yield
    finally:
        does.__code__ = original


# -- what finds them ---------------------------------------------------------------------------------------------------

_WAITS, _LOST = "a row whose `due` is `wait#` is pending", "a row whose `due` is `lost#` is unknown"
_ABSENT = "what is absent is not between two moments: the other clause says so too"
_UNEQUAL = "what is absent is unequal to anything: the other clause says so too"
_RANG_BACK = "who rang back is a lead"
_NEW_WORD = "a person's word is about the row's own attempt, and the next claim takes it away"
_ALWAYS_WRITTEN = "of such a status something is always written: None is for others"
_ASKS_THE_SAME = "the write asks the same: this saves one that would be refused"
_FOR_THE_TYPES = "a rest always has a reason: None is for where there is no rest"
_REPEATED = "whoever repeats the request does both, and neither needs the other"
_EXCLUDE = "no row is both"
_EACH_FOR_ITSELF = "neither write needs the other, and Twilio repeats what was not answered"
_IN_EITHER_ORDER = {
    "dialer.dial._placed": "the evidence and the end of a rest do not know of each other",
    "dialer.dial._never_called": "the row and the end of a rest do not know of each other",
    "dialer.dial._refused_by_a_code_nobody_knows": "the row and the evidence do not know of each other",
    "dialer.dial._unknown": "the row and the streak do not know of each other; a row that stays claimed is asked about",
    "dialer.number_gate.closed": "who has certainly made no call is settled",
    "dialer.reconcile._not_found": _EXCLUDE,
    "dialer.run.__init__": "both only make a value",
    "dialer.run._finish": "the next run comes after this one, and the page hears the same",
    "leads_api.again._over": _EXCLUDE,
    "leads_api.again.let_again": _REPEATED,
    "leads_api.confirm.confirm": _REPEATED,
    "leads_api.may_call._number_gate": "both only read",
    "status_webhook.status_callback.handle": _EACH_FOR_ITSELF,
    "voice.agent_calls.document": _REPEATED,
    "voice.agent_calls.room": _EACH_FOR_ITSELF,
    "voice.agent_calls._join": "a page takes both in any order",
    "voice.inbound_calls.menu": "two keys exclude each other; and whoever repeats a 9 does both",
    "voice.lead_calls.alone": _REPEATED,
}
"""Functions in which two neighbours may change places where nothing finds that."""
HARMLESS: dict[str, str] = {
    "autocall.lead_writes.claim: call_status = :pending: dropped": _WAITS,
    "autocall.lead_writes.confirm: call_status = :pending: dropped": _WAITS,
    "autocall.lead_writes.again: call_status = :unknown: dropped": _LOST,
    "autocall.lead_writes.create: call_status = :pending: dropped": "a lead that was never called is pending",
    "autocall.lead_writes.close_ring_back: attribute_exists(call_status): dropped": _RANG_BACK,
    "autocall.lead_writes.mark_ring_back_heard: attribute_exists(call_status): dropped": _RANG_BACK,
    "autocall.lead_writes.reopen_ring_back: attribute_exists(call_status): dropped": _RANG_BACK,
    "autocall.lead_writes.mark_rang_back: attribute_not_exists(rang_back_sid): dropped": _UNEQUAL,
    **{
        f"autocall.lead_writes.{write}: {clause}: dropped": why
        for write in ("record_live", "record_end", "record_end_without_agent")
        for clause, why in (("attribute_not_exists(again_after)", _UNEQUAL), ("again_after <> :attempt", _NEW_WORD))
    },
    "autocall.lead_writes.release_by_agent: call_status = :unknown: dropped": _LOST,
    "autocall.lead_writes.settle_by_agent: call_status = :unknown: dropped": _LOST,
    "autocall.lead_writes.choose_sender: attribute_not_exists(call_sid): dropped": (
        "a claim takes the SID away, and whatever writes one moves the status on"
    ),
    "autocall.lead_writes.delete: attribute_not_exists(due): dropped": (
        "what is absent begins with nothing: the other clause says so too"
    ),
    "autocall.lead_writes.unhold: call_status = :pending: dropped": (
        "a row that is held and due waits: a claim takes `held` away"
    ),
    "autocall.session_table.opened: attribute_not_exists(session_id): dropped": _UNEQUAL,
    "autocall.session_table.freed_to_wrap_up: attribute_exists(call_joined): dropped": (
        "it is written once the call was found joined, which is never undone"
    ),
    "autocall.installation_table.uncount_call: attribute_not_exists(write_id): dropped": _UNEQUAL,
    "autocall.caller_id_table.accept: attribute_exists(rejected): dropped": "it would remove what is not there",
    "autocall.caller_id_table.reject: attribute_not_exists(rejected): dropped": (
        "what is absent contains nothing: the other clause says so too"
    ),
    "autocall.queued_run.mark: attribute_not_exists(queued_at): dropped": _ABSENT,
    **{f"functions.{where}: … swapped with `…": why for where, why in _IN_EITHER_ORDER.items()},
    "autocall.pause._cancel: written: dropped of…": _ALWAYS_WRITTEN,
    "functions.dialer.reconcile._apply: written: dropped of…": _ALWAYS_WRITTEN,
    "functions.dialer.dial.dial: dialled.written: dropped of…": "every answer of Twilio is written to the lead's row",
    "functions.dialer.reconcile._apply: if not _is_news(…": _ASKS_THE_SAME,
    "functions.dialer.reconcile._is_news: row['call_status'] in …": _ASKS_THE_SAME,
    "functions.dialer.reconcile._apply: written.won: dropped of…": (
        "what was refused is of a row that has moved on: to ask about it later is refused too"
    ),
    "functions.dialer.dial._take_as_evidence: in_a_row: dropped of…": _ASKS_THE_SAME,
    "functions.dialer.dial._take_as_evidence: refused.reason: dropped of…": _FOR_THE_TYPES,
    "functions.dialer.dial._account_refused: reason: dropped of…": _FOR_THE_TYPES,
    "functions.dialer.number_gate.closed: soon: dropped of…": "a hold for a colleague's call always has its end",
    "functions.dialer.probe.stop: self.until: dropped of…": (
        "whatever decides that Twilio does not serve stops its run by itself"
    ),
    "functions.dialer.run._is_in_flight: lead in in_flight: dropped of…": "the row says so too: this saves reading it",
    "functions.voice.inbound_calls.over: not call.phone: dropped of…": (
        "nobody is known by a number that is withheld: this saves reading it"
    ),
    "autocall.agent_table.touch: attribute_not_exists(fetched_at): dropped": _ABSENT,
    "autocall.agent_table.touch: attribute_not_exists(fetched_at): negated": _ABSENT,
}
"""Mutants that nothing can find out, and why that does not matter."""
SECONDS = 20.0
"""Of a processor's time that is spent on one change, at most."""
_MATRIX_HANGS_S = 4
_ALIKE = 4


class Hangs(Exception):
    """It never ends."""


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """Of the processor's time, so that a busy machine finds nothing."""

    def hangs(*_: Any) -> None:
        raise Hangs

    before = signal.signal(signal.SIGVTALRM, hangs)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def check_the_matrices() -> None:
    assert not (found := _breaks_the_lead_matrix("claim") or _breaks_the_session_matrix("reserved")), found


def breaks_the_matrix(mutant: Mutant) -> str:
    """A write in a state of a row, or of a session, in which it is won and may not be, or the other way round."""
    try:
        with _no_longer_than(_MATRIX_HANGS_S):
            if mutant.module is lead_writes:
                return _breaks_the_lead_matrix(mutant.function)
            if mutant.module is session_table:
                return _breaks_the_session_matrix(mutant.function)
    except Hangs:
        return "a write that never ends"
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


def _breaks_the_lead_matrix(function: str) -> str:
    """Its own write first."""
    rows = _lead_rows()
    for write, (step, takes) in sorted(matrix.WRITES.items(), key=lambda each: not each[0].startswith(function)):
        memory: Any = Tables()
        memory.items[LEADS] = {("ada", state): dict(item) for state, item in rows if item}
        table = LeadTable(memory, LEADS, Timing())
        took = {state for state in matrix.STATES if step(matrix.Lead(table, "ada", state, since=matrix.NOW + 100)).won}
        if took != takes:
            return f"matrix: {write} on {min(took ^ takes)}"
    return ""


@cache
def _session_tables() -> dict[str, Any]:
    return {state: session_matrix._table(steps)[1].items for state, steps in session_matrix.STATES.items()}


def _breaks_the_session_matrix(function: str) -> str:
    """Its own write first: `reserved` is what `reserve` asks."""
    own = function[:_ALIKE]
    for write, (step, takes) in sorted(session_matrix.WRITES.items(), key=lambda each: not each[0].startswith(own)):
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


# -- the page ----------------------------------------------------------------------------------------------------------

Key = tuple[str, str, str]
_ROW = re.compile(r"\| `(.+)` \| `(.+)` \| (.+?) \| (.*?) \|")
_HEAD = """# Every condition is needed

Made by `make mutants`, on {day}. Each clause of each conditional write, each look and each order of what decides about
calls is changed, one by one; this is what finds it out: a cell of the write matrix, a test, the script of a rule, or a
history by its seed (`python -m tests.faults.soak --seed N`, or `--overlapping-line-seed N` where an agent is on the
line).
What nothing can find out says why that does not matter. `tests/faults/mutants.py` makes the list, from the code's own
conditions and source; `tests/faults/trials.py` tries each change wherever its lines are run, the quickest first.

{figures}

| where | what | how | found by |
|---|---|---|---|
"""
_HARMLESS = "harmless: "


def key(mutant: Mutant) -> Key:
    return mutant.where, mutant.what, mutant.how


def read_page() -> dict[Key, str]:
    """What has found each mutant."""
    if not PAGE.exists():
        return {}
    rows = map(_ROW.fullmatch, PAGE.read_text().splitlines())
    return {(row[1], row[2], row[3]): row[4] for row in rows if row}


def _write_page(mutants: Sequence[Mutant], told: Mapping[Key, str]) -> None:
    rows = {key(mutant): told[key(mutant)] for mutant in mutants if key(mutant) in told}
    kinds = Counter(_kind(found) for found in rows.values())
    if untried := len(mutants) - len(rows):
        kinds["not tried to the end yet"] = untried
    figures = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
    head = _HEAD.format(day=f"{datetime.now(UTC):%Y-%m-%d}", figures=f"{len(mutants):,} changes: {figures}.")
    lines = [f"| `{where}` | `{what}` | {how} | {found} |" for (where, what, how), found in rows.items()]
    PAGE.write_text(head + "\n".join(lines) + "\n")


def _kind(found: str) -> str:
    if found.startswith(_HARMLESS):
        return "that do no harm"
    if found.startswith(("matrix", "session matrix", "a write")):
        return "found by a matrix of writes"
    if found.startswith(("seed", "line seed", "script")):
        return "found by a history"
    return "found by a test" if found else "not found in the seconds given"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutants", description=__doc__)
    parser.add_argument("--only", default="", help="those whose name has this in it")
    parser.add_argument("--new", action="store_true", help="those alone that the page does not have, or as not found")
    parser.add_argument("--by", nargs="+", default=(), help="files of tests: what they find, without any recording")
    parser.add_argument("--keep", action="store_true", help="leave the page as it is")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of a processor for each, at most")
    asked = parser.parse_args(arguments)
    os.environ.setdefault("TESTS_OF", f"{datetime.now(UTC):%Y-%m-%d}")
    survived: list[Mutant] = []
    with_trials(lambda trials: survived.extend(_try_all(asked, trials)), asked.by)
    return 1 if survived else 0


def _try_all(asked: argparse.Namespace, trials: list[Trial]) -> list[Mutant]:
    """The page is written as it goes on, so that who stops it goes on later with `--new`."""
    mutants, told = prepare(), read_page()
    kept = told if asked.new else {}
    chosen = [mutant for mutant in mutants if asked.only in str(mutant) and not kept.get(key(mutant))]
    chosen.sort(key=lambda mutant: key(mutant) in kept)  # what was never tried comes first
    check_the_matrices()
    if asked.by:
        held = holding(trials, frozenset[Line]().union(*(mutant.lines for mutant in chosen)))
        print(*(f"{name} does not hold here" for name in {t.name for t in trials} - {t.name for t in held}), sep="\n")
    else:
        held = recorded(trials, {str(mutant.module.__file__) for mutant in mutants})
    finder = _Finder(held)
    survived = []
    for index, mutant in enumerate(chosen):
        found = told[key(mutant)] = finder.find(mutant, told.get(key(mutant), ""), asked.seconds)
        print(f"{mutant} | {found or 'NOT FOUND'}", flush=True)
        if not found:
            survived.append(mutant)
        if not asked.keep and (index % _EVERY == 0 or mutant is chosen[-1]):
            _write_page(mutants, told)
    print(f"{len(chosen)} changes, {len(survived)} not found")
    return survived


_EVERY = 20


class _Finder:
    """Tries a change: first by what found it before, then by the matrix, then by what runs its lines."""

    def __init__(self, trials: Sequence[Trial]) -> None:
        self._trials = trials
        self._found: Counter[tuple[str, str]] = Counter()

    def find(self, mutant: Mutant, before: str, seconds: float) -> str:
        """What found it before comes first, then what found others of the function, then one of each way through it."""
        own = _lines_of(mutant.module, mutant.function)
        ways: dict[frozenset[Line], list[Trial]] = defaultdict(list)
        for trial in self._trials:
            if mutant.lines & trial.lines:
                ways[own & trial.lines].append(trial)
        by_turns = chain.from_iterable(zip_longest(*sorted(ways.values(), key=len)))

        def turn(trial: Trial) -> tuple[bool, int]:
            name = shown(trial.name)
            return name != before, -self._found[mutant.where, name]

        running = sorted(filter(None, by_turns), key=turn)
        in_the_matrix = Trial("a write", partial(breaks_the_matrix, mutant), Path(__file__))
        if found := find(mutant.apply, [in_the_matrix, *running], seconds):
            self._found[mutant.where, found] += 1
            return found
        why = next((why for told, why in HARMLESS.items() if _is_told(mutant, told)), "")
        return why and _HARMLESS + why


def _is_told(mutant: Mutant, told: str) -> bool:
    """Whether this is the mutant: `…` stands for whatever text is there."""
    return bool(re.fullmatch(".*".join(map(re.escape, told.split("…"))), str(mutant)))


if __name__ == "__main__":
    sys.exit(main())
