"""What a person on call reads fits what is deployed: a page per alarm, a line per setting, commands that exist."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from aws_cdk import App
from aws_cdk.assertions import Annotations, Match, Template

from cdk.settings import BadSetting, Settings, parse
from cdk.stack import Autocall
from ops import deploy as deploying
from ops.deploy import settings

DOCS = Path("docs")
RUNBOOK = DOCS / "runbook"
WORKFLOWS = Path(".github/workflows")
OWNERS = (Path("CONTRIBUTING.md"), Path("SECURITY.md"), Path("CHANGELOG.md"))
PAGES = (DOCS / "deploy.md", DOCS / "threat-model.md", DOCS / "pipeline.md", *RUNBOOK.glob("*.md"), *OWNERS)


def _app() -> App:
    """One that builds no assets; the CDK's own validation takes seconds, and is `tests/infrastructure`'s."""
    return App(context={"aws:cdk:bundling-stacks": []}, builtin_cloud_formation_validation=False)


@cache
def _alarms(runbook_url: str = "docs/runbook") -> dict[str, str]:
    """Every alarm's name, and what its mail says."""
    stack = Autocall(_app(), parse({"runbook_url": runbook_url}))
    found = Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    return {alarm["Properties"]["AlarmName"]: alarm["Properties"]["AlarmDescription"] for alarm in found.values()}


def _pages() -> dict[str, str]:
    return {path.stem: path.read_text() for path in RUNBOOK.glob("*.md") if path.stem != "README"}


def test_every_alarm_leads_to_its_page() -> None:
    """The link in an alarm's mail is a page of the runbook, and no page is of an alarm that there is not."""
    linked = {name: told.rpartition("What to do: ")[2] for name, told in _alarms().items()}
    assert len(linked) >= 17
    assert all(Path(link).is_file() for link in linked.values()), linked
    assert {Path(link).stem for link in linked.values()} == _pages().keys()


def test_the_runbook_may_be_elsewhere() -> None:
    """An installation whose runbook is on the web links there."""
    told = _alarms("https://wiki.example.com/calls").values()
    assert all("What to do: https://wiki.example.com/calls/" in one for one in told)


@pytest.mark.parametrize("page", sorted(_pages()))
def test_every_page_says_what_it_means_where_to_look_and_what_to_do(page: str) -> None:
    """In this order, under the alarm's name."""
    text = _pages()[page]
    alarm = {"function-errors": "errors-…", "function-throttles": "throttles-…"}.get(page, page)
    assert text.startswith(f"# {alarm}: ")
    places = [text.index(part) for part in ("**Means.**", "**Look.**", "**Do.**")]
    assert places == sorted(places)


def test_the_runbooks_contents_have_every_page() -> None:
    """Its first page links to all others."""
    contents = (RUNBOOK / "README.md").read_text()
    assert all(f"]({page}.md)" in contents for page in _pages())


def test_every_setting_is_in_the_table_with_its_default() -> None:
    """The settings of docs/deploy.md, by what they are for, are those that there are, and so are their defaults."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", (DOCS / "deploy.md").read_text(), re.MULTILINE)
    assert sorted(name for name, _ in rows) == sorted(field.name for field in fields(Settings))
    defaults = parse({})
    for name, told in rows:
        default = getattr(defaults, name)
        text = (
            ",".join(default) if isinstance(default, tuple) else f"{default:g}" if name.endswith("second") else default
        )
        assert told.strip("`") == (str(text) or "none"), name


def test_every_command_in_the_documents_exists() -> None:
    """Whatever `make` is told to do in the operators' documents is a target of the Makefile."""
    targets = {
        word
        for line in re.findall(r"^([\w -]+):(?!=)", Path("Makefile").read_text(), re.MULTILINE)
        for word in line.split()
    }
    for document in PAGES:
        for command in re.findall(r"(?:`|^\$? *)make ([a-z][\w-]*)", document.read_text(), re.MULTILINE):
            assert command in targets, f"{document}: make {command}"


def test_every_link_between_documents_leads_somewhere() -> None:
    """No relative link of the operators' documents is dead."""
    for document in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / link).exists(), f"{document}: {link}"


@pytest.mark.parametrize("document", sorted(Path().glob("docs/**/*.md")), ids=str)
def test_every_test_that_a_document_names_is_there(document: Path) -> None:
    named = re.findall(r"`(?:tests/\w+/)?(test_\w+)(?:\.py)?`", document.read_text())
    assert [name for name in named if not list(Path().glob(f"tests/*/{name}.py"))] == []


@pytest.mark.parametrize("document", OWNERS, ids=str)
def test_every_file_that_whoever_takes_over_is_told_of_is_there(document: Path) -> None:
    """Folders of a release by their pattern."""
    told = re.findall(r"`((?:tests|docs|local|functions|web)/[\w./<>-]*)`", document.read_text())
    assert [path for path in told if not list(Path().glob(path.replace("<version>", "*").rstrip("/")))] == []


# -- what is typed arrives ---------------------------------------------------------------------------------------------

BLOCKS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
STUB = """#!{python}
import json, sys
if "ops" in sys.argv:
    with open("told", "a") as told:
        print(json.dumps(sys.argv[sys.argv.index("ops") + 1:]), file=told)
"""


def _deployments() -> dict[str, str]:
    """Every documented `make deploy` that chooses something, with its whole CONTEXT, by its place."""
    found: dict[str, str] = {}
    for document in PAGES:
        for block in BLOCKS.findall(document.read_text()):
            for command in re.findall(r'^make deploy [^"\n]*"[^"]*"', block, re.MULTILINE):
                found[f"{document.name} {len(found)}"] = command
    return found


def _no_make_above() -> dict[str, str]:
    """This environment without what the `make` that runs the tests was told."""
    return {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "CONTEXT", "STAGE")}


@pytest.fixture
def typed(tmp_path: Path) -> Callable[[str], list[str]]:
    """Type a command where the Makefile is, and get what the operators' program is told."""
    commands = tmp_path / ".venv" / "bin"
    commands.mkdir(parents=True)
    shutil.copy("Makefile", tmp_path)
    for name in ("python", "python3"):
        (commands / name).write_text(STUB.format(python=sys.executable))
        (commands / name).chmod(0o755)
    environment = _no_make_above()

    def run(command: str) -> list[str]:
        subprocess.run(["sh", "-ec", command], cwd=tmp_path, env=environment, check=True, timeout=100)
        (told,) = (tmp_path / "told").read_text().splitlines()
        read: list[str] = json.loads(told)
        return read

    return run


def _choices(told: list[str]) -> list[str]:
    return [value for name, value in pairwise(told) if name == "-c"]


@pytest.mark.parametrize("place", _deployments())
def test_every_choice_of_a_documented_deployment_arrives(place: str, typed: Callable[[str], list[str]]) -> None:
    """Also those on further lines; and all of them together make an installation."""
    command = _deployments()[place]
    told = typed(command)
    assert _choices(told) == re.findall(r"-c (\S+?)(?=\s|\"$)", command)
    stage = [f"stage={told[1]}"] if told[0] == "--stage" else []
    chosen = settings([*stage, *_choices(told)])
    assert chosen.call_from
    assert Template.from_stack(Autocall(_app(), chosen)).to_json()["Resources"]


def test_the_deployments_of_every_section_are_among_them() -> None:
    """Those that choose domains, an issuer, a back end's secret: each on several lines."""
    long = [command for command in _deployments().values() if "\n" in command]
    for name in ("page_domain", "page_client_id", "token_secret"):
        assert any(f"-c {name}=" in command for command in long), name


def test_a_choice_with_spaces_arrives_whole(typed: Callable[[str], list[str]]) -> None:
    """In single quotes within the double ones, as docs/deploy.md says; on whichever line."""
    told = typed("make deploy CONTEXT=\"-c lines=2\n  -c call_message='Good day.'\"")
    assert _choices(told) == ["lines=2", "call_message=Good day."]


def test_choices_of_the_environment_arrive(typed: Callable[[str], list[str]]) -> None:
    """A pipeline gives them so."""
    assert _choices(typed("export CONTEXT='-c lines=2\n-c page=no'; make page")) == ["lines=2", "page=no"]


def test_a_new_password_is_asked_for_by_a_word(typed: Callable[[str], list[str]]) -> None:
    """The password itself stands in no command."""
    assert typed("make user EMAIL=ada@example.com NEW_PASSWORD=1 AWS=1") == [
        "user",
        "ada@example.com",
        "--new-password",
    ]


@pytest.mark.parametrize("command", ["leave", "erase"])
def test_who_leaves_is_who_was_typed_and_never_who_types(command: str, typed: Callable[[str], list[str]]) -> None:
    """The shell has a USER too, who is somebody else."""
    assert typed(f"make {command} USER=ada@example.com AWS=1") == [command, "ada@example.com"]
    with pytest.raises(subprocess.CalledProcessError):
        typed(f"USER=grace make {command} AWS=1")


def test_a_list_is_of_no_region_that_nobody_has_typed(typed: Callable[[str], list[str]]) -> None:
    """Else the installation's own would not hold."""
    assert typed("make dnc FILE=numbers.csv REMOVE=1 AWS=1") == ["dnc", "numbers.csv", "--remove"]


def test_make_alone_lists_what_there_is_and_does_nothing() -> None:
    """Every target that says what it is for, and those that operators are told to type all do."""
    done = subprocess.run(["make"], env=_no_make_above(), capture_output=True, text=True, timeout=100, check=True)
    listed = dict(re.findall(r"^make ([\w-]+) +(.+)$", done.stdout, re.MULTILINE))
    assert listed.keys() >= {"run", "test", "deploy", "smoke", "user", "add-token", "only-token", "replace-key", "lock"}
    documents = (Path("README.md"), *PAGES)
    typed = {command for page in documents for command in re.findall(r"\bmake ([a-z][\w-]*)`", page.read_text())}
    assert typed <= listed.keys()


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no other shell here than make's own")
def test_every_line_of_the_makefile_is_run_by_a_shell() -> None:
    """The make of macOS looks for a plain line's program along its own PATH, unless the shell is not its own."""
    done = subprocess.run(
        ["make", "-pq", "clean"], env=_no_make_above(), capture_output=True, text=True, timeout=100, check=False
    )
    (shell,) = re.findall(r"^SHELL :?= (.*)$", done.stdout, re.MULTILINE)
    assert shell == "/bin/bash"


@pytest.mark.parametrize(("system", "told"), [("Darwin", "brew install"), ("Linux", "sudo apt-get install")])
def test_whoever_has_no_browser_is_told_how_to_get_one(tmp_path: Path, system: str, told: str) -> None:
    """By what their system has for it."""
    (tmp_path / "uname").write_text(f"#!/bin/sh\necho {system}\n")
    (tmp_path / "uname").chmod(0o755)
    environment = _no_make_above() | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = ["make", "--silent", "CHROMIUM=", "chromium"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode
    assert f"need Chromium: {told}" in done.stdout


def test_a_deployment_without_a_number_to_call_from_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is touched: every run would fail at its start."""
    monkeypatch.setattr(deploying, "use_region", lambda: pytest.fail("something was touched"))
    with pytest.raises(BadSetting, match=r"^call_from: "):
        deploying.deploy([], lambda _: None)


def test_synth_without_countries_warns_that_all_may_be_called() -> None:
    chosen = {"call_from": "+12015550123"}
    warned = Annotations.from_stack(Autocall(_app(), parse(chosen)))
    assert len(warned.find_warning("*", Match.string_like_regexp("countries is not set"))) == 1
    silent = Annotations.from_stack(Autocall(_app(), parse(chosen | {"countries": "US"})))
    assert silent.find_warning("*", Match.string_like_regexp("countries")) == []


def test_synth_without_a_number_to_call_from_warns_of_what_happens() -> None:
    """Whoever uses the CDK's own command is told that nobody is called."""
    warned = Annotations.from_stack(Autocall(_app(), parse({})))
    assert len(warned.find_warning("*", Match.string_like_regexp("call_from is not set: every run fails"))) == 1
    silent = Annotations.from_stack(Autocall(_app(), parse({"call_from": "+12015550123"})))
    assert silent.find_warning("*", Match.string_like_regexp("call_from")) == []


@pytest.mark.parametrize("stage", ["test", "prod"])
def test_the_pipelines_role_is_of_one_stage(stage: str) -> None:
    """What is documented for a stage trusts jobs of that stage's environment, and names the stage's own things."""
    text = (DOCS / "pipeline.md").read_text()
    trust, deploy = (
        json.loads(one.replace("STAGE", stage)) for one in re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    )
    condition = trust["Statement"][0]["Condition"]["StringEquals"]
    assert condition["token.actions.githubusercontent.com:sub"] == f"repo:REPOSITORY:environment:{stage}"
    chosen = parse({"stage": stage})
    resources = " ".join(str(statement["Resource"]) for statement in deploy["Statement"])
    assert f":secret:{chosen.twilio_secret}-*" in resources
    assert f":::{chosen.name}-pagefiles*" in resources
    assert {f"{chosen.name}-{function}" for function in deploying._RESERVE.values()} == set(
        re.findall(r":function:([\w-]+)", resources)
    )
    assert "--role-name autocall-deploy-$STAGE" in text
    allowed = {action for statement in deploy["Statement"] for action in _several(statement["Action"])}
    assert allowed >= {"lambda:GetAccountSettings", "lambda:GetFunctionConcurrency"}  # `make deploy` asks both


def test_a_role_is_taken_when_all_is_fetched_and_built_and_not_before() -> None:
    """What a package brings along finds no credentials; and the steps after it fetch nothing."""
    steps = yaml.safe_load((WORKFLOWS / "deploy-stage.yml").read_text())["jobs"]["deploy"]["steps"]
    said = [step.get("run") or step["uses"].partition("@")[0] for step in steps]
    assert said[-4:] == ["make prepare", "aws-actions/configure-aws-credentials", "make deploy", "make smoke"]
    recipe = re.search(r"^prepare: (.*) ##.*\n\t(.*)$", Path("Makefile").read_text(), re.MULTILINE)
    assert recipe
    assert recipe[1].split() == ["env", "node"]
    assert "build(print)" in recipe[2]


def test_only_the_main_branch_is_deployed_to_either_stage() -> None:
    """By the workflow, and by the environments' own rule, which a workflow on another branch cannot change."""
    jobs = yaml.safe_load((WORKFLOWS / "deploy.yml").read_text())["jobs"]
    assert {jobs[name]["if"] for name in ("to-test", "to-prod")} == {"github.ref == 'refs/heads/main'"}
    assert "**Both** with *Deployment branches and tags → Selected → `main`*" in (DOCS / "pipeline.md").read_text()


def test_a_run_that_waits_for_its_approval_holds_up_no_test() -> None:
    """Only jobs keep others waiting: tests those of their branch, a deployment those to its stage."""
    whole, stage = (yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text()) for name in ("deploy", "deploy-stage"))
    assert "concurrency" not in whole
    assert whole["jobs"]["test"]["concurrency"]["group"] == "test-${{ github.ref }}"
    assert stage["jobs"]["deploy"]["concurrency"] == "deploy-${{ inputs.stage }}"


def test_known_vulnerabilities_are_looked_up_every_day_and_hold_up_nothing() -> None:
    """By the command that everybody types, in a workflow of its own."""
    audit = yaml.safe_load((WORKFLOWS / "audit.yml").read_text())
    on = audit[True]  # which YAML 1.1 takes `on` for
    assert len(on["schedule"]) == 1
    assert all(Path(path).is_file() for path in on["push"]["paths"] if "*" not in path)
    assert on["push"]["paths"] == on["pull_request"]["paths"]
    assert [step["run"] for step in audit["jobs"]["audit"]["steps"] if "run" in step] == ["make audit"]
    others = [path.read_text() for path in WORKFLOWS.glob("deploy*.yml")]
    assert not any("audit" in text for text in others)


@pytest.mark.parametrize("workflow", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.stem)
def test_no_action_can_be_exchanged_behind_our_back(workflow: Path) -> None:
    """Those of others are named by a commit, and the release that it is of."""
    for used in re.findall(r"uses: (.+)$", workflow.read_text(), re.MULTILINE):
        assert re.fullmatch(r"\./\S+|[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), used


def _several(told: str | list[str]) -> list[str]:
    return told if isinstance(told, list) else [told]
