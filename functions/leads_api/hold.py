"""An agent puts a lead on hold, or goes on with the conversation."""

from autocall.call_outcomes import Unreachable
from autocall.session import Session
from functions.leads_api.hang_up import call_of
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import seen_attempt


def hold(services: Services, request: Request) -> Response:
    """The lead hears Twilio's music, or the agent again, and every page is told; safe to repeat.

    Twilio comes first: a page that shows nothing of it asks once more.
    """
    attempt, held = seen_attempt(request), _held(request)
    sid = call_of(services, request)
    session = services.lines.sessions.get(request.user) if services.lines else Session()
    if services.lines is None or not session.talks(attempt, request.received_at):
        raise HttpError(409, "not_in_a_call", "you are not in a call with this lead")
    try:
        is_there = services.twilio().hold(session.session_id, sid, held)
    except Unreachable:
        message = "Twilio cannot be reached now: it is not known whether the lead is on hold, try again"
        raise HttpError(503, "twilio_unreachable", message) from None
    if not is_there:
        raise HttpError(409, "call_over", "the call is over")
    written = services.lines.sessions.hold(request.user, attempt, request.received_at, held=held)
    session = Session(written.row)
    services.push.session(request.user, session, request.received_at)
    return Response(data=session.view(request.received_at))


def _held(request: Request) -> bool:
    if not request.says("held"):
        raise HttpError(400, "bad_field", "held must be true or false")
    return request.boolean("held")
