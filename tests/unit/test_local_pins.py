"""What is asked for, what is pinned and what is imported are the same things."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from cdk.python_versions import NEWEST, OLDEST
from local.environments import UV
from local.paths import ROOT

OURS = ("autocall", "benchmarks", "cdk", "functions", "local", "ops", "tests")
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
ELSEWHERE = {ROOT / "local" / "ministack.py"}  # runs in the emulator's environment
UNSEEN = {"tzdata"}  # which zoneinfo reads where the system has no time zones
FOR_TYPES = {"boto3-stubs"}  # only under TYPE_CHECKING


def _name(requirement: str) -> str:
    """Whose name it is, written in one way: without extras, version and comment."""
    return re.split(r"[\[=<>~; ]", requirement)[0].lower().replace("_", "-")


def _asked(file: str) -> dict[str, str]:
    """The requirements in a file, by their names."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / file).read_text().splitlines()]
    return {_name(line): line for line in lines if line}


def _imported(file: Path) -> Iterator[str]:
    """Every module that a file names in an import, with all its dots; also inside functions."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _distributions() -> dict[str, set[str]]:
    """Which packages of the environment have a top-level module."""
    return {module: {_name(one) for one in every} for module, every in packages_distributions().items()}


def _packages(files: set[Path], asked: set[str]) -> set[str]:
    """The packages that these files import, but Python's and ours; where several have a module, the one *asked* for."""
    found = set[str]()
    for top in {module.partition(".")[0] for file in files for module in _imported(file)}:
        has_it = {"boto3-stubs"} if top.startswith("mypy_boto3_") else _distributions().get(top, set())
        found |= has_it & asked or has_it
    return found


def _reached(function: str) -> set[Path]:
    """The files of a function, and those of autocall that they import, directly or not."""
    found, todo = set[Path](), list((ROOT / "functions" / function).rglob("*.py"))
    while todo:
        found.add(file := todo.pop())
        for module in _imported(file):
            ours = ROOT / "autocall" / f"{module.split('.')[1]}.py" if module.startswith("autocall.") else file
            if ours not in found:
                todo.append(ours)
    return found


def test_everything_that_is_imported_is_asked_for() -> None:
    """And does not just happen to come with something else."""
    files = {file for folder in OURS for file in (ROOT / folder).rglob("*.py")} - ELSEWHERE
    asked = set(_asked("requirements.txt"))
    assert _packages(files, asked) - asked == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_bill_of_materials_is_what_its_lines_import(function: str) -> None:
    """Its own and those of autocall that it reaches; nothing else is shipped on purpose."""
    asked = set(_asked(f"functions/{function}/requirements.txt"))
    assert asked - UNSEEN == _packages(_reached(function), asked) - FOR_TYPES
    assert asked <= _asked("requirements.txt").keys()


@pytest.mark.parametrize(
    ("asked", "pinned"),
    [("requirements.txt", "constraints.txt"), ("local/requirements.in", "local/requirements.txt")],
)
def test_what_is_asked_for_is_pinned(asked: str, pinned: str) -> None:
    """At the version that it is asked for, if at one."""
    pins = _asked(pinned)
    for name, requirement in _asked(asked).items():
        assert "==" in pins[name], f"{requirement}: make lock"
        assert "==" not in requirement or pins[name] == requirement, f"{requirement}: make lock"


def test_every_pin_has_the_hashes_of_its_files() -> None:
    """Those of `constraints.txt`, one by one; else `make lock` has to be run again."""
    pin, its_hashes = r"^(\S+==\S+)", r"(?:\n    --hash=sha256:[0-9a-f]{64}.*)+"
    hashed = re.findall(rf"{pin}.*{its_hashes}", (ROOT / "hashes.txt").read_text(), re.MULTILINE)
    assert sorted(hashed) == sorted(re.findall(pin, (ROOT / "constraints.txt").read_text(), re.MULTILINE))


def test_the_pins_are_of_what_is_asked_for_today() -> None:
    """Nothing that is no longer asked for is said to be."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert {_name(line) for line in lines if "-r requirements.txt" in line} == _asked("requirements.txt").keys()


def test_what_installs_everything_is_what_is_installed() -> None:
    """uv is fetched before any requirement can be read; and the emulator is repaired in one version only."""
    assert _asked("requirements.txt")["uv"] == UV
    (repaired,) = re.findall(r'^VERSION = "(.+)"$', (ROOT / "local" / "ministack.py").read_text(), re.MULTILINE)
    assert _asked("local/requirements.in")["ministack"] == f"ministack=={repaired}"


def test_the_oldest_python_is_the_same_wherever_it_is_named() -> None:
    """What is pinned, linted and type-checked for it holds for the newer ones."""
    oldest = ".".join(map(str, OLDEST))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == f">={oldest}"
    assert project["tool"]["mypy"]["python_version"] == oldest
    assert project["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert f" --python-version {oldest} " in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("workflow", ["deploy.yml", "deploy-stage.yml", "audit.yml"])
def test_the_pipelines_python_is_one_that_is_taken(workflow: str) -> None:
    """It is what the functions run on."""
    versions = re.findall(r"python-version: '(\d+)\.(\d+)'", (ROOT / ".github" / "workflows" / workflow).read_text())
    assert versions
    assert all(OLDEST <= (int(major), int(minor)) <= NEWEST for major, minor in versions)
