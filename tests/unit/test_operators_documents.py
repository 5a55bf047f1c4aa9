"""What a person on call reads fits what is deployed: a page per alarm, a line per setting, commands that exist."""

import re
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from cdk.settings import Settings, read
from cdk.stack import Autocall

DOCS = Path("docs")
RUNBOOK = DOCS / "runbook"
PAGES = (DOCS / "deploy.md", DOCS / "threat-model.md", DOCS / "pipeline.md", *RUNBOOK.glob("*.md"))
NO_BUNDLES = {"aws:cdk:bundling-stacks": []}


@cache
def _alarms(runbook_url: str = "docs/runbook") -> dict[str, str]:
    """Every alarm's name, and what its mail says."""
    stack = Autocall(App(context=NO_BUNDLES), read({"runbook_url": runbook_url}))
    found: dict[str, Any] = Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
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
    """The settings of docs/deploy.md are those that there are, and their defaults are the defaults."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", (DOCS / "deploy.md").read_text(), re.MULTILINE)
    assert [name for name, _ in rows] == [field.name for field in fields(Settings)]
    defaults = read({})
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
