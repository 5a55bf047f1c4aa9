"""Hours have widened: the leads that they held and that may be called sooner now come back at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from autocall import leads
from autocall.dynamo import Item
from autocall.gates import Held, lead_gate
from autocall.timing import parse
from functions.leads_api.many import each
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools

_HOURS = "hours"
_PAGE = 1000


def unhold(tools: Tools, request: Request, window: Mapping[str, Any] | None) -> int:
    """Make those leads due, in their order; how many they were. What is not reached in time comes when it was to."""
    rows = list(_sooner(tools, request, window))
    tabs = tools.agents.look(request.user).connections

    def put_back(place: int) -> bool:
        row, due_at = rows[place], request.at - (len(rows) - place) / 1000
        written = tools.leads.unhold(request.user, row["lead_id"], row["due"], due_at)
        if written.ours:
            tools.tell(request.user, written.row, tabs)
        return written.ours

    return sum(bool(done) for done in each(put_back, range(len(rows)), request.until))


def _sooner(tools: Tools, request: Request, window: Mapping[str, Any] | None) -> Iterator[Item]:
    gates: dict[tuple[str, ...], Held | None] = {}
    for page, _ in tools.leads.waiting(request.user, _PAGE):
        for row in page:
            if (row.get("held") or {}).get("reason") != _HOURS:
                continue
            zones = tuple(row.get("zones") or ())
            if zones not in gates:
                gates[zones] = lead_gate(zones, window, tools.hours, request.at)
            if _opens(gates[zones], request.at) < parse(row["due"].removeprefix(leads.WAIT)):
                yield row


def _opens(held: Held | None, moment: float) -> float:
    if held is None:
        return moment
    return held.until if held.until is not None else float("inf")
