"""What the documents tell an operator to look for in the logs (`make logs TEXT=…`) is what the functions log."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from autocall.call_outcomes import NotSent, Refused, Throttled, Unknown

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
OUTCOMES = [
    *(repr(Refused(scope, 20003, "why")) for scope in ("lead", "permission", "account", "unlisted")),
    *map(repr, (NotSent("why"), Throttled("why"), Unknown("why", "detail"))),
]
OF_AWS = ("Traceback", "Task timed out", '"level":"ERROR"', '"status":"403"', '"status":"429"', '"status":"5', "POST /")


def _looked_for() -> dict[str, str]:
    """Every text of a documented `make logs`, with its page; an id that the reader has is none."""
    found = {}
    for page in PAGES:
        for quoted, single, bare in re.findall(r"TEXT=(?:\"([^\"]*)\"|'([^']*)'|([^`\s]+))", page.read_text()):
            text = " ".join((quoted or single or bare).split())
            if not text.startswith(("<", "-c ")):
                found[text] = page.name
    return found


@cache
def _logged() -> set[str]:
    """The messages of all loggers of the functions."""
    messages = set()
    for module in [*(ROOT / "autocall").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("logger.") and node.args:
                messages.add(ast.unparse(node.args[0]).strip("'\""))
    return messages


@pytest.mark.parametrize("text", _looked_for())
def test_a_text_that_an_operator_looks_for_is_logged(text: str) -> None:
    assert text.startswith(OF_AWS) or any(text in line for line in [*_logged(), *OUTCOMES]), _looked_for()[text]
