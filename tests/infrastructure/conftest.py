"""The stack as a template: synthesised once a run for AWS and for this machine, and anew for any other choice."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from cdk.settings import parse
from cdk.stack import Autocall
from local.paths import locked

ROOT = Path(__file__).resolve().parent.parent.parent
CHOSEN: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
Resource = dict[str, Any]


@dataclass(frozen=True)
class Synthesised:
    """A template, and the folder that holds the functions' assets."""

    template: dict[str, Any]
    path: Path

    def all(self, kind: str) -> dict[str, Resource]:
        """The resources of a kind, such as `SQS::Queue`, by their logical ids."""
        resources: dict[str, Resource] = self.template["Resources"]
        return {name: resource for name, resource in resources.items() if resource["Type"] == f"AWS::{kind}"}

    def properties(self, kind: str) -> list[dict[str, Any]]:
        return [resource["Properties"] for resource in self.all(kind).values()]

    def function(self, name: str) -> dict[str, Any]:
        """The properties of the function of that name, such as `dialer`."""
        (found,) = [each for each in self.properties("Lambda::Function") if each["FunctionName"].endswith(f"-{name}")]
        return found

    def asset(self, name: str) -> Path:
        """The folder that the function's zip is made of."""
        return self.path.parent / f"asset.{self.function(name)['Code']['S3Key'].removesuffix('.zip')}"

    def statements(self, name: str) -> list[dict[str, Any]]:
        """What the role of the function of that name may do."""
        role = self.function(name)["Role"]["Fn::GetAtt"][0]
        policies = [each for each in self.properties("IAM::Policy") if {"Ref": role} in each["Roles"]]
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def plain(value: Any) -> Any:
    """A value of the template with its references as text, such as `<Http.ApiEndpoint>`; suffixes of ids are cut."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Ref": name}:
            return f"<{_short(name)}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{_short(name)}.{attribute}>"
        case {"Fn::Join": [between, parts]}:
            return between.join(map(plain, parts))
        case {"Fn::Split": [between, text]}:
            return plain(text).split(between)
        case {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": [name, "ApiEndpoint"]}]}]}:
            return f"<{_short(name)} host>"
        case {"Fn::Select": [index, parts]}:
            return plain(parts)[int(index)]
        case _:
            return {name: plain(each) for name, each in value.items()}


def _short(logical: str) -> str:
    suffix = logical[-8:]
    return logical[:-8] if len(logical) > 8 and all(letter in "0123456789ABCDEF" for letter in suffix) else logical


def texts(value: Any) -> list[str]:
    """Every text in a value, keys too."""
    if isinstance(value, str):
        return [value]
    inner = [*value, *value.values()] if isinstance(value, Mapping) else value if isinstance(value, list) else []
    return [text for each in inner for text in texts(each)]


Synthesise = Callable[..., Synthesised]


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    """Make the template of any other choice of settings, without building the functions."""

    @cache
    def make(**context: str) -> Synthesised:
        return _synthesised(tmp_path_factory.mktemp("template"), {**context, "aws:cdk:bundling-stacks": []})

    return make


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """What goes to an account when nothing is chosen, its assets built."""
    return _made_once(tmp_path_factory, "aws", {})


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """What goes to an emulator on this machine, its assets built."""
    return _made_once(tmp_path_factory, "local", {"target": "local"})


def _made_once(tmp_path_factory: pytest.TempPathFactory, name: str, context: dict[str, Any]) -> Synthesised:
    """The same for all workers of this run: the first that wants it makes it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    with locked(folder.with_suffix(".lock")):
        made = list(folder.glob("*.template.json"))
        return _read(*made) if made else _synthesised(folder, context)


def _synthesised(folder: Path, context: dict[str, Any]) -> Synthesised:
    """Without the CDK's own check of the template: it loads for seconds, and `test_checkers.py` has it."""
    app = App(context=CHOSEN | context, outdir=str(folder), builtin_cloud_formation_validation=False)
    stack = Autocall(app, parse(app.node.get_all_context()))
    app.synth()
    return _read(folder / f"{stack.stack_name}.template.json")


def _read(path: Path) -> Synthesised:
    return Synthesised(json.loads(path.read_text()), path)
