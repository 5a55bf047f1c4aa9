"""Reads the counted requests in `docs/requests.md`, which a unit test compares with the real ones."""

import re
from dataclasses import dataclass

from cdk.dependencies import ROOT


@dataclass(frozen=True)
class Requests:
    """The requests of one action, for the given number of open pages."""

    reads: int
    writes: int
    queued: int
    posts: int


class RequestsTable:
    """Finds an action by its words in the document; KeyError if there is no such line."""

    def __init__(self, text: str = "") -> None:
        text = text or (ROOT / "docs" / "requests.md").read_text()
        rows = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in re.findall(r"^\|.*\|$", text, re.M)]
        self._lines = {name: cells for name, *cells in rows[2:]}

    def of(self, thing: str, pages: int = 1) -> Requests:
        reads, writes, queued, posts, _twilio = self._lines[thing]
        return Requests(int(reads), int(writes), int(queued), _posts(posts, pages))


def _posts(cell: str, pages: int) -> int:
    if not cell.endswith("each"):
        return int(cell)
    return int(cell.removesuffix("each") or 1) * pages
