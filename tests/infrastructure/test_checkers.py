"""cdk-nag, cdk-preflight and cfn-lint find nothing wrong with the template, or the template's own code says why.

The rules of AwsSolutions, what has failed in deployments though every schema allows it, and CloudFormation's own
schemas and rules, whatever is chosen. Each choice is made into a template once for all three.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, Validations
from cdk_nag import AwsSolutionsChecks
from cdk_preflight import Preflight

from cdk import acknowledgements
from cdk.settings import parse
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


# The CDK makes every function depend on its role, which the function names anyway.
ALLOWED = {"W3005"}
REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-2")
WRONG = "a key of no kind"


@dataclass(frozen=True)
class Checked:
    """What cdk-nag and cdk-preflight find, as rules with places, and what cfn-lint finds, as rules."""

    nag: set[tuple[str, str]]
    preflight: set[tuple[str, str]]
    lint: set[str]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checked]:
    """All templates linted in one go, for most of that time goes into reading the schemas."""
    folders = {kind: tmp_path_factory.mktemp("template") for kind in INSTALLATIONS}
    broken = {kind: _broken(chosen, folders[kind]) for kind, chosen in INSTALLATIONS.items()}
    templates = {kind: next(folder.glob("autocall*.template.json")) for kind, folder in folders.items()}
    wrong = json.loads(templates["as it comes"].read_text())
    wrong["Resources"]["Leads"]["Properties"]["KeySchema"][0]["KeyType"] = "FIRST"
    templates[WRONG] = tmp_path_factory.mktemp("wrong") / "wrong.template.json"
    templates[WRONG].write_text(json.dumps(wrong))
    linted = _lint(*templates.values())
    nothing: tuple[set[tuple[str, str]], set[tuple[str, str]]] = (set(), set())
    return {kind: Checked(*broken.get(kind, nothing), linted[str(path)]) for kind, path in templates.items()}


@pytest.mark.parametrize("kind", INSTALLATIONS)
def test_no_rule_is_broken_without_a_reason(kind: str, checked: dict[str, Checked]) -> None:
    assert checked[kind].nag == set()


@pytest.mark.parametrize("kind", INSTALLATIONS)
def test_nothing_is_wrong_with_the_template(kind: str, checked: dict[str, Checked]) -> None:
    assert checked[kind].lint <= ALLOWED


@pytest.mark.parametrize("kind", INSTALLATIONS)
def test_nothing_is_known_to_fail_when_it_is_deployed(kind: str, checked: dict[str, Checked]) -> None:
    assert checked[kind].preflight == set()


def test_what_fails_when_it_is_deployed_would_be_found(tmp_path: Path) -> None:
    """As an environment of more than 4 kB would, which no schema refuses."""

    def grow(stack: Stack) -> None:
        dialer: Any = stack.node.find_child("Dialer").node.default_child
        dialer.add_property_override("Environment.Variables.CALL_MESSAGE", "x" * 5000)

    assert _broken({}, tmp_path, grow)[1] == {("pf-lambda-env-size", "autocall/Dialer/Resource")}


def test_what_the_cdks_own_check_finds_would_be_seen(tmp_path: Path) -> None:
    def spoil(stack: Stack) -> None:
        leads: Any = stack.node.find_child("Leads").node.default_child
        leads.add_property_override("BillingMode", "NEVER")

    with pytest.raises(AssertionError, match="the CDK's own check finds more"):
        _broken({}, tmp_path, spoil)


def test_what_is_wrong_with_a_template_would_be_found(checked: dict[str, Checked]) -> None:
    assert {rule[0] for rule in checked[WRONG].lint} >= {"E"}


def test_every_reason_is_about_a_rule_that_would_be_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the reasons the same rules are found broken, at the same places, and no others."""
    given: set[tuple[str, str]] = set()
    say = acknowledgements._say

    def remember(stack: Stack, path: str, rule: str, reason: str) -> None:
        assert len(reason.split()) >= 8, reason
        if stack.node.try_find_child(path.split("/")[0]):
            given.add((rule.partition("[")[0], path))

    monkeypatch.setattr(acknowledgements, "_say", remember)
    broken, _ = _broken({}, tmp_path)
    assert say is not acknowledgements._say
    assert {rule for rule, _ in broken} == {rule for rule, _ in given}
    for rule, path in given:
        assert [place for name, place in broken if name == rule and place.startswith(f"autocall/{path}")], (rule, path)


def _broken(
    context: dict[str, str], folder: Path, change: Callable[[Stack], None] = lambda _: None
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The broken rules of cdk-nag, such as `S1`, and those of cdk-preflight, each with the place where it is."""
    app = App(context=CHOSEN | context | {"aws:cdk:bundling-stacks": []}, outdir=str(folder))
    change(Autocall(app, parse(app.node.get_all_context())))
    Validations.of(app).add_plugins(AwsSolutionsChecks())
    Preflight.apply(app)
    try:
        app.synth()
    except RuntimeError as stopped:
        assert "validation" in str(stopped).lower(), stopped  # noqa: PT017 - what was broken is in the report
    reports = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    found = {report["pluginName"]: report["violations"] for report in reports}
    assert found.keys() <= {"AwsSolutions", "cdk-preflight", "Construct Annotations"}, "the CDK's own check finds more"
    return _places(found["AwsSolutions"]), _places(found.get("cdk-preflight", []))


def _places(violations: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {
        (_rule(violation), place["constructPath"])
        for violation in violations
        for place in violation["violatingConstructs"]
    }


def _rule(violation: dict[str, Any]) -> str:
    name: str = violation["ruleName"]
    return name.split("AwsSolutions-")[-1].partition("[")[0]


def _lint(*templates: Path) -> dict[str, set[str]]:
    cfn_lint = str(Path(sys.executable).with_name("cfn-lint"))
    command = [cfn_lint, "--format", "json", "--regions", *REGIONS, "--template", *map(str, templates)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    broken: dict[str, set[str]] = defaultdict(set)
    for each in json.loads(done.stdout):
        broken[each["Filename"]].add(each["Rule"]["Id"])
    return broken
