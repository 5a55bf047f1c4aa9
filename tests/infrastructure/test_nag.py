"""The rules of AwsSolutions hold, or the template's own code says why one does not."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, Validations
from cdk_nag import AwsSolutionsChecks

from cdk import acknowledgements
from cdk.settings import read
from cdk.stack import Autocall
from tests.infrastructure.conftest import CHOSEN

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0b1c"
ISSUER = {"issuer": "https://login.example.com", "audience": "page"}
INSTALLATIONS = {
    "as it comes": {},
    "a stage": {"stage": "prod", "alarm_email": "call@example.com"},
    "without a page": {"page": "no"},
    "another issuer": ISSUER,
    "a back end's tokens": ISSUER | {"token_secret": "backend/key"},
    "domains": {
        "api_domain": "api.example.com",
        "socket_domain": "socket.example.com",
        "domain_certificate": CERTIFICATE,
        "page_domain": "calls.example.com",
        "page_certificate": CERTIFICATE,
    },
}


@pytest.mark.parametrize("kind", INSTALLATIONS)
def test_no_rule_is_broken_without_a_reason(kind: str, tmp_path: Path) -> None:
    assert _broken(INSTALLATIONS[kind], tmp_path) == set()


def test_every_reason_is_about_a_rule_that_would_be_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the reasons the same rules are found broken, at the same places, and no others."""
    given: set[tuple[str, str]] = set()
    say = acknowledgements._say

    def remember(stack: Stack, path: str, rule: str, reason: str) -> None:
        assert len(reason.split()) >= 8, reason
        if stack.node.try_find_child(path.split("/")[0]):
            given.add((rule.partition("[")[0], path))

    monkeypatch.setattr(acknowledgements, "_say", remember)
    broken = _broken({}, tmp_path)
    assert say is not acknowledgements._say
    assert {rule for rule, _ in broken} == {rule for rule, _ in given}
    for rule, path in given:
        assert [place for name, place in broken if name == rule and place.startswith(f"autocall/{path}")], (rule, path)


def _broken(context: dict[str, str], folder: Path) -> set[tuple[str, str]]:
    """Each broken rule, such as `S1`, with the place where it is."""
    app = App(context=CHOSEN | context | {"aws:cdk:bundling-stacks": []}, outdir=str(folder))
    Autocall(app, read(app.node.get_all_context()))
    Validations.of(app).add_plugins(AwsSolutionsChecks())
    try:
        app.synth()
    except RuntimeError as stopped:
        assert "validation" in str(stopped).lower(), stopped  # noqa: PT017 - what was broken is in the report
    reports = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    (rules,) = [report for report in reports if report["pluginName"] == "AwsSolutions"]
    return {
        (_rule(violation), place["constructPath"])
        for violation in rules["violations"]
        for place in violation["violatingConstructs"]
    }


def _rule(violation: dict[str, Any]) -> str:
    name: str = violation["ruleName"]
    return name.split("AwsSolutions-")[-1].partition("[")[0]
