"""The agent's leads, a page at a time."""

import base64
import re
from typing import Any

from autocall.leads import LeadRow, full_view, is_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response, no_such_lead
from functions.leads_api.services import Services

MOST = 1000
_LIMIT = re.compile(r"[0-9]{1,4}")
_CURSOR = re.compile(r"after:([A-Za-z0-9_-]{1,64})")


def page(services: Services, request: Request) -> Response:
    """One page, from one strongly consistent read; `next` is the cursor of the next page."""
    rows, last = services.leads.page(request.user, after(request), _limit(request))
    return Response(data={"items": [shown(row) for row in rows if is_lead(row)], "next": cursor(last)})


def shown(row: LeadRow) -> dict[str, Any]:
    """The lead as the page shows it, with its position in the calling order and a readable phone number.

    HttpError if it is no lead any more: it may have been deleted since the request has read it.
    """
    if not is_lead(row):
        raise no_such_lead()
    from functions.leads_api.phone_display import phone_display  # heavy: it loads the data of all telephone numbers

    return full_view(row) | {"imported_at": row.get("imported_at"), "phone_display": phone_display(row["phone"])}


def cursor(last: str | None) -> str | None:
    """Where the next page starts, opaque to clients."""
    return base64.urlsafe_b64encode(f"after:{last}".encode()).decode().rstrip("=") if last else None


def after(request: Request) -> str | None:
    text = request.query.get("cursor")
    if not text:
        return None
    try:
        match = _CURSOR.fullmatch(
            base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        )
    except ValueError:
        match = None
    if not match:
        raise HttpError(400, "bad_cursor", "invalid cursor")
    return match[1]


def _limit(request: Request) -> int:
    text = request.query.get("limit", str(MOST))
    if not (_LIMIT.fullmatch(text) and 1 <= int(text) <= MOST):
        raise HttpError(400, "bad_limit", f"limit must be a whole number from 1 to {MOST}")
    return int(text)
