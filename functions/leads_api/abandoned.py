"""How many of those who answered met no agent, for administrators, counted a part of the leads at a time.

The cursor keeps the moment from which the first part was counted, so that all parts count the same 30 days.
"""

import base64
import re

from autocall.abandonment import DAYS, count
from autocall.leads import LeadKey
from autocall.timing import DAY_S, stamp
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services

_CURSOR = re.compile(r"(?P<since>[0-9T:.Z-]{24}) (?P<user>~?[A-Za-z0-9_-]{1,128}) (?P<lead>[A-Za-z0-9_-]{1,64})")


def show(services: Services, request: Request) -> Response:
    """The answered calls of one part of all leads, and the cursor of the next part."""
    if not request.admin:
        raise HttpError(403, "forbidden", "only admins may see how many met no agent")
    since, after = _start(request)
    rows, last = services.leads.answered(since, after)
    part = count(rows, since)
    following = _cursor(since, last) if last else None
    return Response(data={"since": since, "joined": part.joined, "abandoned": part.abandoned, "next": following})


def _start(request: Request) -> tuple[str, LeadKey | None]:
    """From when on is counted, and after which lead."""
    text = request.query.get("cursor")
    if not text:
        return stamp(request.received_at - DAYS * DAY_S), None
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        decoded = ""
    if not (match := _CURSOR.fullmatch(decoded)):
        raise HttpError(400, "bad_cursor", "invalid cursor")
    return match["since"], LeadKey(match["user"], match["lead"])


def _cursor(since: str, last: LeadKey) -> str:
    return base64.urlsafe_b64encode(f"{since} {last.user} {last.lead}".encode()).decode().rstrip("=")
