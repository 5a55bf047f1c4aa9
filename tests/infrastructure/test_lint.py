"""CloudFormation's own schemas and rules find nothing wrong with the template, whatever is chosen."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.conftest import Synthesise, Synthesised
from tests.infrastructure.test_nag import INSTALLATIONS

# The CDK makes every function depend on its role, which the function names anyway.
ALLOWED = {"W3005"}
REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-2")


@pytest.mark.parametrize("kind", INSTALLATIONS)
def test_nothing_is_found_in_the_template(kind: str, synthesise: Synthesise) -> None:
    assert {found["Rule"]["Id"] for found in _lint(synthesise(**INSTALLATIONS[kind]).path)} <= ALLOWED


def test_what_is_wrong_would_be_found(aws: Synthesised, tmp_path: Path) -> None:
    template = json.loads(json.dumps(aws.template))
    template["Resources"]["Leads"]["Properties"]["KeySchema"][0]["KeyType"] = "FIRST"
    wrong = tmp_path / "wrong.template.json"
    wrong.write_text(json.dumps(template))
    assert {found["Rule"]["Id"][0] for found in _lint(wrong)} >= {"E"}


def _lint(template: Path) -> list[dict[str, Any]]:
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    command = [cfn_lint, "--format", "json", "--template", template, "--regions", *REGIONS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
