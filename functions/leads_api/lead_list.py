"""The caller's leads, a page at a time."""

import base64
import re
from typing import Any

from autocall.leads import Row, full_view, is_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services

MOST = 1000
_LIMIT = re.compile(r"[0-9]{1,4}")
_PLACE = re.compile(r"after:([A-Za-z0-9_-]{1,64})")


def page(tools: Services, request: Request) -> Response:
    """One page, one strongly consistent read; `next` is the cursor of the one behind it."""
    rows, last = tools.leads.page(request.user, after(request), _limit(request))
    return Response(data={"items": [shown(row) for row in rows if is_lead(row)], "next": cursor(last)})


def shown(row: Row) -> dict[str, Any]:
    """The lead as the page shows it, with its place in the calling order and its number as people write it."""
    from functions.leads_api.phone_display import phone_display  # the data of all telephone numbers: only to show some

    return full_view(row) | {"imported_at": row.get("imported_at"), "phone_display": phone_display(row["phone"])}


def cursor(last: str | None) -> str | None:
    """Where the next page starts, opaque to clients."""
    return base64.urlsafe_b64encode(f"after:{last}".encode()).decode().rstrip("=") if last else None


def after(request: Request) -> str | None:
    told = request.query.get("cursor")
    if not told:
        return None
    try:
        place = _PLACE.fullmatch(
            base64.b64decode(told + "=" * (-len(told) % 4), altchars=b"-_", validate=True).decode()
        )
    except ValueError:
        place = None
    if not place:
        raise HttpError(400, "bad_cursor", "this cursor is none that an earlier page answered")
    return place[1]


def _limit(request: Request) -> int:
    told = request.query.get("limit", str(MOST))
    if not (_LIMIT.fullmatch(told) and 1 <= int(told) <= MOST):
        raise HttpError(400, "bad_limit", f"limit is a whole number from 1 to {MOST}")
    return int(told)
