"""Leads come in, as CSV or JSON; every row is answered for with its line."""

from autocall.dynamo import Item
from functions.leads_api.answer import Answer
from functions.leads_api.importing import Batch, read_csv, read_json
from functions.leads_api.request import Request
from functions.leads_api.storing import CREATED, MERGED, Coming, Storing
from functions.leads_api.tools import Tools

_MOST_ROWS_AFTER = 10_000_000


def take(tools: Tools, request: Request) -> Answer:
    """Store the leads of one request, and queue a run if there is anybody new to call."""
    batch = _read(tools, request)
    stored = Storing(tools.leads, request.user, request.at).all(_coming(batch, request), request.until)
    created = sum(one.became == CREATED for one in stored)
    merged = sum(one.became == MERGED for one in stored) + batch.repeated
    refused: list[Item] = [{"line": one.line, "reason": one.became} for one in stored if one.refused]
    if created:
        tools.queue.look_again(request.user, "imported", request.correlation_id)
    in_order = sorted(batch.refused + refused, key=lambda refusal: int(refusal["line"]))
    return Answer(data={"created": created, "merged": merged, "refused": in_order})


def _read(tools: Tools, request: Request) -> Batch:
    if request.is_csv:
        return read_csv(request.body, tools.region, request.whole("first_line", 1))
    return read_json(request.json, tools.region)


def _coming(batch: Batch, request: Request) -> list[Coming]:
    """The leads with their places in the calling order: a millisecond earlier for each row that follows in the file."""
    behind = len(batch.leads) + (request.whole("rows_after", 0, _MOST_ROWS_AFTER) or 0)
    return [
        Coming(lead.line, lead.phone, lead.about, request.at - (behind - place) / 1000)
        for place, lead in enumerate(batch.leads, 1)
    ]
