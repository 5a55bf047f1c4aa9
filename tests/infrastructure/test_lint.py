"""CloudFormation's own schemas and rules find nothing wrong with the template, whatever is chosen."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.infrastructure.conftest import Synthesise, Synthesised
from tests.infrastructure.test_nag import INSTALLATIONS

# The CDK makes every function depend on its role, which the function names anyway.
ALLOWED = {"W3005"}
REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-2")
WRONG = "a key of no kind"


@pytest.fixture(scope="module")
def found(synthesise: Synthesise, aws: Synthesised, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The rules that each template breaks; of all in one go, for most of the time goes into reading the schemas."""
    template = json.loads(json.dumps(aws.template))
    template["Resources"]["Leads"]["Properties"]["KeySchema"][0]["KeyType"] = "FIRST"
    wrong = tmp_path_factory.mktemp("wrong") / "wrong.template.json"
    wrong.write_text(json.dumps(template))
    templates = {kind: synthesise(**chosen).path for kind, chosen in INSTALLATIONS.items()} | {WRONG: wrong}
    broken = _lint(*templates.values())
    return {kind: broken[str(path)] for kind, path in templates.items()}


@pytest.mark.parametrize("kind", INSTALLATIONS)
def test_nothing_is_found_in_the_template(kind: str, found: dict[str, set[str]]) -> None:
    assert found[kind] <= ALLOWED


def test_what_is_wrong_would_be_found(found: dict[str, set[str]]) -> None:
    assert {rule[0] for rule in found[WRONG]} >= {"E"}


def _lint(*templates: Path) -> dict[str, set[str]]:
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    command = [cfn_lint, "--format", "json", "--regions", *REGIONS, "--template", *templates]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    broken: dict[str, set[str]] = defaultdict(set)
    for each in json.loads(done.stdout):
        broken[each["Filename"]].add(each["Rule"]["Id"])
    return broken
