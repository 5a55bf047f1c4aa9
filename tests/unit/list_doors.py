"""The doors by which lists come in, over tables in memory: `make import`, `make dnc`, and the HTTP API."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autocall.leads import number_hashes
from local import import_file
from local.import_file import NotTaken
from local.list_file import Unreadable
from ops import do_not_call
from ops.installation import OpsError
from tests.unit.leads_api_world import AGENT, World

IMPORT = "POST /api/leads"


@dataclass
class WorldApi:
    """The API that a command sends to; what it was sent is remembered."""

    world: World
    sent: list[Mapping[str, Any]] = field(default_factory=list)
    paused: bool = False
    no_time_for: int = 0

    def region(self) -> str:
        return self.world.tools.region

    def pause(self) -> None:
        self.paused = True

    def send(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self.sent.append(body)
        late, self.no_time_for = self.no_time_for > 0, self.no_time_for - 1
        told = self.world.ask(IMPORT, body, left_ms=3000 if late else 29_000)
        if told.status != 200:
            raise NotTaken(told.data["error"]["message"])
        data: dict[str, Any] = told.data
        return data


@dataclass(frozen=True)
class Imported:
    """What became of a file: the words that were said, who is called by it, and whether it was taken."""

    said: list[str]
    called: set[str]
    taken: bool
    why: str = ""

    @property
    def last(self) -> str:
        return self.said[-1] if self.said else ""


def in_region(world: World, region: str) -> World:
    world.tools = replace(world.tools, region=region)
    return world


def make_import(world: World, folder: Path, content: str | bytes, **more: Any) -> Imported:
    """What `make import` makes of a file."""
    path = folder / "leads.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    said: list[str] = []
    api: Any = more.pop("api", None) or WorldApi(world)
    try:
        taken = import_file.send_file(path, api, said.append, pause=lambda _: None, **more)
    except (Unreadable, NotTaken) as bad:
        return Imported(said, called(world), False, str(bad))
    return Imported(said, called(world), taken)


def called(world: World, user: str = AGENT) -> set[str]:
    """The numbers that would be called: those that wait, and are on no list."""
    waiting = [row["lead_id"] for page, _ in world.leads.waiting(user, 100) for row in page]
    return {row["phone"] for row in (world.row(lead, user) for lead in waiting) if not row.get("dnc")}


def make_dnc(folder: Path, content: str | bytes, region: str = "US", **more: Any) -> tuple[set[str], str]:
    """The numbers that `make dnc` lists, and what is wrong with the file or its lines."""
    path = folder / "numbers.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        listed = do_not_call.numbers(path, region, lambda _: None, **more)
    except OpsError as bad:
        return set(), str(bad)
    return set(listed.phones), "; ".join(listed.wrong)


def forbidden_to_all(world: World, phone: str) -> bool:
    return world.installation.is_forbidden(*number_hashes(phone))
