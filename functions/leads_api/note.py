"""The agent's own note about a lead, saved while it is typed."""

from autocall.leads import is_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response, no_such_lead
from functions.leads_api.services import Services

LONGEST_NOTE = 4000


def save(services: Services, request: Request) -> Response:
    """Save the note, unless another was saved since the one that was seen: then that one is in the error's details.

    A repeat of the same text is answered as the first request. Pages are told that there is another note, and not what
    is in it: whoever shows the lead reads it.
    """
    text, seen = request.json_object().get("text"), request.integer("seen", 0) or 0
    if not isinstance(text, str):
        raise HttpError(400, "bad_field", "text must be a text")
    if len(text) > LONGEST_NOTE:
        message = f"a note may have at most {LONGEST_NOTE:,} characters: this one has {len(text):,}"
        raise HttpError(400, "note_too_long", message)
    written = services.leads.annotate(request.key, seen, text, request.user, request.received_at)
    if not is_lead(written.row):
        raise no_such_lead()
    note = written.row.get("agent_note")
    if not written.won and (not note or note["text"] != text):
        message = "this note was changed meanwhile, in another tab or on another device"
        raise HttpError(409, "note_changed", message, {"agent_note": note})
    services.tell(request.user, written.row)
    return Response(data=note)
