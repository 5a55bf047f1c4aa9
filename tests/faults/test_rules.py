"""The rules of docs/once-ever.md: each is cited, none is cited that is not there, and a bug against each is found."""

import re
from pathlib import Path

import pytest

from tests.faults import history, interleaved, line_history
from tests.faults.planted import BUGS
from tests.faults.rule_scripts import SCRIPTS

ROOT = Path(__file__).parents[2]
RULE = re.compile(r"ONCE-\d{3}")
CODE = ("autocall", "functions", "cdk", "tests")
RULES = RULE.findall((ROOT / "docs" / "once-ever.md").read_text())


def test_every_rule_is_cited_and_every_rule_that_is_cited_is_there() -> None:
    files = [file for folder in CODE for file in (ROOT / folder).rglob("*.py")]
    cited = {rule for file in files for rule in RULE.findall(file.read_text())}
    assert cited == set(RULES)
    assert sorted(set(RULES)) == [f"ONCE-{number:03}" for number in range(1, len(set(RULES)) + 1)]


def test_log_lines_and_alarms_name_the_rule_that_may_be_broken() -> None:
    for folder in ("functions", "cdk"):
        assert any(RULE.search(file.read_text()) for file in (ROOT / folder).rglob("*.py")), folder


def test_a_bug_is_planted_against_every_rule() -> None:
    assert set(BUGS) == set(RULES)


FOUND_BY = {
    "ONCE-001": ("", 18),
    "ONCE-002": ("", 11),
    "ONCE-003": ("", 0),
    "ONCE-004": ("line", 18),
    "ONCE-005": ("", 52),
    "ONCE-006": ("", 3),
    "ONCE-007": ("", 12),
    "ONCE-008": ("", 4),
    "ONCE-009": ("", 3),
    "ONCE-015": ("", 3),
    "ONCE-017": ("line", 147),
    "ONCE-019": ("line", 7),
    "ONCE-020": ("line", 52),
    "ONCE-021": ("line", 0),
    "ONCE-022": ("line", 0),
}
"""The seed that finds each bug, and whether an agent is on the line in it; the others have a script."""


def test_every_bug_has_a_seed_or_a_script_that_finds_it() -> None:
    assert FOUND_BY.keys() | SCRIPTS.keys() == set(BUGS)


@pytest.mark.parametrize("rule", SCRIPTS)
def test_the_script_of_a_rule_holds_and_finds_the_bug_against_it(rule: str) -> None:
    _, bug = BUGS[rule]
    SCRIPTS[rule]()
    with bug(), pytest.raises(AssertionError):
        SCRIPTS[rule]()


@pytest.mark.parametrize("rule", FOUND_BY)
def test_a_bug_against_the_rule_is_found(rule: str) -> None:
    """By its seed or one of those that follow: a change of what histories draw moves them."""
    _, bug = BUGS[rule]
    kind, first = FOUND_BY[rule]
    setting = line_history.setting if kind == "line" else history.setting

    def play_on() -> None:
        for seed in range(first, first + 300):
            interleaved.play(setting(seed), seed)

    with bug(), pytest.raises(interleaved.Broken):
        play_on()
