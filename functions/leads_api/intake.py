"""Leads come in, as CSV or JSON; every row is answered for with its line."""

from collections.abc import Callable, Mapping, Sequence

from autocall.dynamo import Item
from autocall.leads import Row, in_flight
from autocall.messages import HOURS
from functions.leads_api.answer import Answer
from functions.leads_api.asking import asked
from functions.leads_api.do_not_call import Forbidding
from functions.leads_api.importing import Batch, read_csv, read_json
from functions.leads_api.lead_row import MARKED
from functions.leads_api.many import each
from functions.leads_api.reach import within
from functions.leads_api.request import Request
from functions.leads_api.storing import CREATED, REZONED, Coming, Storing
from functions.leads_api.tools import Tools

_MOST_ROWS_AFTER = 10_000_000


def take(tools: Tools, request: Request) -> Answer:
    """Store the leads of one request, and queue a run if there may be anybody new to call.

    What the list marks do-not-call is forbidden first, so that no lead of it is called meanwhile. Leads that were there
    already queue a run too: the request that made them may have died before it queued one.
    """
    batch = within(_read(tools, request), tools.limits)

    def asks(row: Row) -> str | None:
        return asked(tools.hours(), row, request.at)

    coming = _coming(batch, request, asks)
    refused = batch.refused + _forbid(tools, request, batch.marked)
    stored = Storing(tools.leads, request.user, request.at, asks).all(coming, request.until)
    created = sum(one.became == CREATED for one in stored)
    merged = sum(len(one.lines) for one in stored if not one.refused) - created
    refused += [{"line": line, "reason": one.became} for one in stored if one.refused for line in one.lines]
    if created or merged:
        rezoned = any(one.became == REZONED for one in stored)
        tools.queue.look_again(request.user, HOURS if rezoned else "imported", request.correlation_id)
    in_order = sorted(refused, key=lambda refusal: int(refusal["line"]))
    return Answer(data={"created": created, "merged": merged, "refused": in_order})


def _read(tools: Tools, request: Request) -> Batch:
    if request.is_csv:
        return read_csv(request.body, tools.region, request.whole("first_line", 1))
    return read_json(request.json, tools.region)


def _forbid(tools: Tools, request: Request, marked: Mapping[str, Sequence[int]]) -> list[Item]:
    """Put the numbers that the list marks on the agent's do-not-call list; their rows, with what became of the mark."""
    if not marked:
        return []
    forbidding = Forbidding(tools, request, False, tools.agents.look(request.user).connections)
    rows = each(forbidding.one, list(marked), request.until)
    return [
        {"line": line, "reason": _became_of_mark(row)}
        for lines, row in zip(marked.values(), rows, strict=True)
        for line in lines
    ]


def _became_of_mark(row: Item | None) -> str:
    if row is None:
        return f"{MARKED}, which could not be stored: send this row again"
    if in_flight(row):
        return f"{MARKED}: this number is never called again, but a call to it is in flight"
    return f"{MARKED}: this number is never called"


def _coming(batch: Batch, request: Request, asks: Callable[[Row], str | None]) -> list[Coming]:
    """The leads with their places in the calling order: a millisecond earlier for each row that follows in the file."""
    behind = len(batch.leads) + (request.whole("rows_after", 0, _MOST_ROWS_AFTER) or 0)
    return [
        Coming(lead.lines, lead.phone, lead.about, request.at - (behind - place) / 1000, asks(lead.about))
        for place, lead in enumerate(batch.leads, 1)
    ]
