"""The whole list as CSV, in as many pieces as answers of bounded size and time need."""

import json

from autocall.leads import is_lead
from autocall.timing import now
from functions.leads_api import exporting
from functions.leads_api.answer import Answer
from functions.leads_api.lead_list import after, cursor, shown
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools

_PAGE = 500
_ENOUGH_BYTES = 2_500_000  # an answer may have 6 MB as JSON, and one more page comes on top of this
NEXT = "x-next-cursor"


def piece(tools: Tools, request: Request) -> Answer:
    """The list from `cursor` on, with the header if it is the first piece; where it goes on stands in a header."""
    place = after(request)
    texts, size = [] if place else [exporting.header()], 0
    while True:
        rows, place = tools.leads.page(request.user, place, _PAGE)
        texts.append(exporting.lines(shown(row) for row in rows if is_lead(row)))
        size += len(json.dumps(texts[-1]))
        if not place or size > _ENOUGH_BYTES or now() > request.until:
            break
    onward = cursor(place)
    headers = {"content-disposition": 'attachment; filename="leads.csv"'} | ({NEXT: onward} if onward else {})
    return Answer(text="".join(texts), headers=headers)
