"""Leads come in, as CSV or JSON; every row is answered for with its line."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autocall.dynamo import Item
from autocall.leads import Row, is_in_flight
from autocall.messages import Cause
from functions.leads_api.concurrent_map import map_until
from functions.leads_api.do_not_call import DncWriter
from functions.leads_api.lists.import_body import Batch, parse_csv, parse_json, refusal
from functions.leads_api.lists.lead_row import MARKED
from functions.leads_api.number_limits import within
from functions.leads_api.place_terms import missing_terms
from functions.leads_api.request import Request
from functions.leads_api.request_list import column_mapping, first_line, json_rows, reading
from functions.leads_api.response import Response
from functions.leads_api.services import Services
from functions.leads_api.store_leads import CREATED, REZONED, IncomingLead, LeadStore, NotStored, StoreResult

_MOST_ROWS_AFTER = 10_000_000


def import_leads(tools: Services, request: Request) -> Response:
    """Store the leads of one request, and queue a run if there may be anybody new to call.

    What the list marks do-not-call is forbidden first, so that no lead of it is called meanwhile. Leads that were there
    already queue a run too: the request that made them may have died before it queued one.
    """
    batch = within(_parse(tools, request), tools.limits)

    def asks(row: Row) -> str | None:
        return missing_terms(tools.hours(), row, request.received_at)

    incoming = _incoming(batch, request, asks)
    refused = batch.refused + _forbid(tools, request, batch.marked)
    stored = LeadStore(tools.leads, request.user, request.received_at, asks).all(incoming, request.deadline)
    refused += [one for result in stored for one in _not_stored(result)]
    created = sum(result.became == CREATED for result in stored)
    merged = sum(len(result.lines) for result in stored if isinstance(result.became, str)) - created
    if created or merged:
        rezoned = any(result.became == REZONED for result in stored)
        tools.queue.enqueue_run(request.user, Cause.HOURS if rezoned else Cause.IMPORTED, request.correlation_id)
    in_order = sorted(refused, key=lambda one: int(one["line"]))
    data = {"created": created, "merged": merged, "refused": in_order, "warnings": batch.warnings}
    return Response(data=data)


def _parse(tools: Services, request: Request) -> Batch:
    mapping = column_mapping(request)
    with reading():
        if request.is_csv:
            return parse_csv(request.body, tools.region, mapping, first_line(request))
        return parse_json(json_rows(request, "leads"), tools.region, mapping, first_line(request) or 1)


def _not_stored(result: StoreResult) -> list[dict[str, Any]]:
    why = result.became
    if not isinstance(why, NotStored):
        return []
    return [refusal(line, why.code, why.reason, retry=why.retry) for line in result.lines]


def _forbid(tools: Services, request: Request, marked: Mapping[str, Sequence[int]]) -> list[Item]:
    """Put the numbers that the list marks on the agent's do-not-call list; their rows, with what became of the mark.

    A row that has further numbers, and is a lead by one of them, is told of like any other that is marked.
    """
    if not marked:
        return []
    forbidding = DncWriter(tools, request, False, tools.agents.get_agent(request.user).connections)
    rows = map_until(forbidding.add, list(marked), request.deadline)
    by_line: dict[int, Item] = {}
    for lines, row in zip(marked.values(), rows, strict=True):
        for line in lines:
            told = _became_of_mark(line, row)
            if line not in by_line or told["retry"]:
                by_line[line] = told
    return list(by_line.values())


def _became_of_mark(line: int, row: Item | None) -> Item:
    if row is None:
        reason = f"{MARKED}, which could not be stored: send this row again"
        return refusal(line, "mark_not_stored", reason, retry=True)
    if is_in_flight(row):
        return refusal(line, "marked", f"{MARKED}: this number is never called again, but a call to it is in flight")
    return refusal(line, "marked", f"{MARKED}: this number is never called")


def _incoming(batch: Batch, request: Request, asks: Callable[[Row], str | None]) -> list[IncomingLead]:
    """The leads with their places in the calling order: a millisecond earlier for each row that follows in the file."""
    behind = len(batch.leads) + (request.integer("rows_after", 0, _MOST_ROWS_AFTER) or 0)
    return [
        IncomingLead(
            lead.lines, lead.phone, lead.about, request.received_at - (behind - place) / 1000, asks(lead.about)
        )
        for place, lead in enumerate(batch.leads, 1)
    ]
