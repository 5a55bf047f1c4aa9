"""The counted requests of `docs/requests.md`, which a unit test holds to what is sent."""

import re
from dataclasses import dataclass

from cdk.dependencies import ROOT


@dataclass(frozen=True)
class Requests:
    """What one thing costs, with so many open pages as `posts` was asked for."""

    reads: int
    writes: int
    queued: int
    posts: int


class RequestsTable:
    """Looks things up by the words of the document; KeyError if it has no such line."""

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
