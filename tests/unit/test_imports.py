"""Imports point one way: functions to autocall, adapters to pure modules, and no function to another."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"autocall", "benchmarks", "cdk", "functions", "local", "ops", "tests"}
MAY_IMPORT = {"autocall": {"autocall"}, "functions": {"autocall", "functions"}, "cdk": {"cdk"}}
PURE = (
    "called",
    "leads",
    "lead_writes",
    "dynamo_update",
    "phone_identity",
    "messages",
    "gates",
    "timing",
    "call_matching",
    "calling_hours",
    "hours_file",
    "local_time",
    "call_outcomes",
    "reasons",
    "terms",
)
OUTSIDE = ("boto3", "botocore", "requests", "twilio", "urllib3", "socket", "os", "aws_lambda_powertools")


def _modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _imports(module: Path) -> Iterator[str]:
    """Every dotted name that a module imports, also inside functions and for type checking."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: a relative import hides where it points"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_part_imports_only_the_parts_below_it(folder: str) -> None:
    for module in _modules(folder):
        ours = {name.split(".")[0] for name in _imports(module)} & OURS
        assert ours <= MAY_IMPORT[folder], module


def test_no_function_imports_another() -> None:
    for module in _modules("functions"):
        own = module.relative_to(ROOT / "functions").parts[0]
        others = {name.split(".")[1] for name in _imports(module) if name.startswith("functions.")} - {own}
        assert not others, module


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_reaches_no_outside(name: str) -> None:
    for imported in _imports(ROOT / "autocall" / f"{name}.py"):
        assert imported.split(".")[0] not in OUTSIDE


@pytest.mark.parametrize("name", sorted({"leads", "lead_writes", "messages", "gates", "timing"}))
def test_a_pure_module_imports_only_pure_ones(name: str) -> None:
    todo, seen = [name], set()
    while todo:
        module = todo.pop()
        seen.add(module)
        ours = {found.split(".")[1] for found in _imports(ROOT / "autocall" / f"{module}.py") if "autocall." in found}
        todo += ours - seen
    assert seen <= set(PURE)


def test_the_emulators_and_tests_stay_out_of_what_ships() -> None:
    for module in _modules("autocall") + _modules("functions"):
        assert not {name.split(".")[0] for name in _imports(module)} & {"moto", "ministack", "pytest", "hypothesis"}
