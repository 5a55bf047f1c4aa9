"""What the README says is so: commands, files, events, fields and routes are those that there are."""

import ast
import json
import os
import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

from autocall import leads
from cdk.apis import LEADS_API
from cdk.python_versions import NEWEST, OLDEST
from functions.leads_fetched.frames import UNKNOWN
from local import environments
from local.paths import ROOT
from tests.faults.tables import Tables
from tests.unit.stopped_clock import stopped
from tests.unit.test_frames import World

README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
SCALE = (ROOT / "docs" / "scale.md").read_text()
CODE = [file for folder in ("autocall", "functions") for file in sorted((ROOT / folder).rglob("*.py"))]


def _table(heading: str) -> list[tuple[str, str]]:
    """First and second cell of a table's rows, found by its heading's first cell."""
    lines = README.split(f"\n| {heading} |", 1)[1].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        cells = line.strip("|").split(" | ")
        rows.append((cells[0].strip(), cells[1].strip() if len(cells) > 1 else ""))
    return rows


def _ticked(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def _links(text: str) -> list[str]:
    return [link for link in re.findall(r"\]\(([^)]+)\)", text) if not re.match(r"https?:|#", link)]


_FRAME = re.compile(r"(call|autocall|leads|agent):[a-z_]+")


@cache
def _events_named() -> set[str]:
    """The names of frames that stand anywhere in the functions' code: texts with the colon that only they have."""
    nodes = [node for file in CODE for node in ast.walk(ast.parse(file.read_text()))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if _FRAME.fullmatch(text)}


def _events_listed(heading: str) -> set[str]:
    return {event for cell, _ in _table(heading) for event in _ticked(cell)}


@pytest.mark.parametrize("command", sorted(set(re.findall(r"make [a-z-]+(?: [A-Z]+=\S+)*", README))))
def test_every_command_is_one_that_make_knows(command: str) -> None:
    """With every variable that it is given."""
    target, *variables = command.removeprefix("make ").split()
    recipe = re.search(rf"^{target}:.*\n(?:\t.*\n)*", MAKEFILE, re.MULTILINE)
    assert recipe, f"make {target} is in the README, and not in the Makefile"
    for variable in variables:
        assert f"$({variable.partition('=')[0]})" in recipe[0] or f"$(if $({variable.partition('=')[0]})" in recipe[0]


@pytest.mark.parametrize("link", _links(README))
def test_every_link_leads_to_a_file(link: str) -> None:
    assert (ROOT / link.partition("#")[0]).is_file()


@pytest.mark.parametrize("link", [link for link in _links(README) if "#" in link])
def test_every_link_to_a_section_leads_to_one(link: str) -> None:
    path, _, section = link.partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(), re.MULTILINE)
    assert section in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_what_is_promised_first_is_what_is_kept() -> None:
    """`never twice` comes before `always once`, so nobody is promised `exactly once`."""
    description = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["description"]
    for promise in (README.split("\n\n")[1], description):
        assert re.search(r"once, and never twice by the machine, whatever fails\.", promise)
    assert "exactly once" not in README


def test_the_version_is_one() -> None:
    """In whatever names it; and what it writes into the tables is recorded."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"Status: {version}, " in README
    for package in (ROOT / "package.json", ROOT / "web" / "package.json"):
        assert json.loads(package.read_text())["version"] == version
    assert f"\n  version: {version}\n" in (ROOT / "docs" / "openapi.yaml").read_text()
    assert f"\n## {version}, " in (ROOT / "CHANGELOG.md").read_text()
    assert (ROOT / "tests" / "infrastructure" / "releases" / version).is_dir()


@pytest.mark.parametrize("folder", [_ticked(cell)[0] for cell, _ in _table("where")])
def test_every_folder_in_the_overview_is_there(folder: str) -> None:
    assert (ROOT / folder).is_dir()


def test_every_folder_of_code_is_in_the_overview() -> None:
    ours = {f"{path.parent.name}/" for path in ROOT.glob("*/__init__.py")}
    assert ours <= {_ticked(cell)[0] for cell, _ in _table("where")}


def test_the_functions_are_those_that_are_deployed() -> None:
    told = next(text for cell, text in _table("where") if "functions/" in cell)
    assert set(_ticked(told)) == {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}


def test_the_tests_are_of_the_kinds_that_there_are() -> None:
    told = next(text for cell, text in _table("where") if "tests/" in cell)
    kinds = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))}
    assert set(told.strip(" |").split(" · ")) == kinds


def test_every_frame_is_listed_and_no_other() -> None:
    """Those without a colon are few: the pings, and what goes wrong."""
    listed = _events_listed("page → server") | _events_listed("server → page")
    assert listed == _events_named() | {"ping", "pong", "error"}


@pytest.mark.parametrize("heading", ["page → server", "server → page"])
def test_the_server_takes_the_frames_of_the_page_and_no_others(heading: str) -> None:
    """An event that it does not know, it says so."""
    with stopped():
        taken = {event: World(Tables()).send({"event": event}) != UNKNOWN for event in _events_listed(heading)}
    assert set(taken.values()) == {heading == "page → server"}, taken


def test_a_call_event_carries_exactly_the_fields_that_are_listed() -> None:
    told = next(text for cell, text in _table("server → page") if "call:started" in cell)
    listed = [re.sub(r" \{.*\}", "", field) for field in re.split(r", (?![^{]*\})", _ticked(told)[0])]
    shown = leads.event_view({"user_id": "u", "lead_id": "l", "call_status": "pending", "version": 1})
    assert sorted(listed) == sorted(shown)
    assert not {"phone", "name"} & set(shown)


def test_every_status_of_a_lead_is_listed() -> None:
    told = re.search(r"`call_status` is one of ([^.]+)\.", README)
    assert told
    assert set(_ticked(told[1])) == {leads.PENDING, leads.CLAIMED, leads.UNKNOWN, *leads.LIVE, *leads.FINAL}


def test_the_routes_are_those_that_are_answered() -> None:
    listed: list[str] = []
    for cell, _ in _table("HTTP, with `Authorization: Bearer <JWT>`"):
        methods: list[str] = []
        for told in _ticked(cell):
            method, _, path = told.partition(" ")
            methods.append(method)
            if path:
                listed += [f"{method} {path.partition('?')[0]}" for method in methods]
                methods = []
    assert sorted(listed) == sorted(f"{method} {path}" for method, path in LEADS_API)


@pytest.mark.parametrize("document", ["README.md", "docs/deploy.md"])
def test_the_pythons_are_those_that_are_taken(document: str) -> None:
    """And Node is no condition: it is one of the Python packages."""
    oldest, newest = (".".join(map(str, version)) for version in (OLDEST, NEWEST))
    text = (ROOT / document).read_text()
    assert re.findall(r"Python (3[\d.]+) (?:to (3[\d.]+)|or)", text) == [(oldest, newest)]
    assert "Node 2" not in text
    assert "\nnodejs-wheel==" in (ROOT / "requirements.txt").read_text()


def test_the_samples_are_where_it_says() -> None:
    paths = re.findall(r"`(samples/[\w.]+)`", README)
    assert paths
    assert all((ROOT / path).is_file() for path in paths)


# -- the socket in another page ----------------------------------------------------------------------------------------

OTHER_PAGE = """
import type { CallUpdate } from './socket/frames'
declare const HTTP_URL: string, WEBSOCKET_URL: string
declare const login: { token(fresh: boolean): Promise<string>; begin(): void }
declare const table: {
  load(ask: (path: string, token: string) => Promise<Response>): Promise<object[]>
  replace(leads: object[]): void
  apply(lead: CallUpdate): void
}
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another project, with a copy of the socket, and neither React nor anything else of ours."""
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(ROOT / "web" / "src" / "socket", folder / "socket")
    options = json.loads((ROOT / "web" / "tsconfig.json").read_text())["compilerOptions"] | {"types": []}
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["page.ts"]}))
    return folder


def _checked(folder: Path, page: str) -> str:
    """What the compiler has to say."""
    environments.web_packages(print)
    (folder / "page.ts").write_text(page + OTHER_PAGE)
    command = [str(ROOT / "web" / "node_modules" / ".bin" / "tsc"), "--project", str(folder)]
    environment = os.environ | {"PATH": environments.path()}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout


def test_the_socket_can_be_lifted_out_as_it_is_shown(elsewhere: Path) -> None:
    """The lines of the README compile beside a copy of it, with nothing else installed."""
    (page,) = re.findall(r"```ts\n(.*?)```", README, re.DOTALL)
    assert _checked(elsewhere, page) == ""
    assert "Property 'begins' does not exist" in _checked(elsewhere, page.replace("login.begin()", "login.begins()"))


def test_what_it_costs_is_what_is_computed() -> None:
    """In cents, of the table in docs/scale.md."""
    (told,) = re.findall(r"\((\d+) US cents of AWS for 1,000 leads\)", README)
    together = re.search(r"## A thousand leads.*?\*\*together\*\* \| \| \*\*([\d.]+)\*\*", SCALE, re.DOTALL)
    assert together
    assert float(told) == round(float(together[1]) * 100)
