"""The agent's own call: opened from their page or by their phone, shown, and ended."""

import uuid

from autocall import reasons
from autocall.agent_phone import AgentPhone
from autocall.secret import UnreadableSecret
from autocall.session import BROWSER, ENDED, PHONE, Session, wrap_up_of
from autocall.timing import stamp
from autocall.voice_token import identity, mint
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Lines, Services

_A_SHIFT_S = 12 * 3600


def show(services: Services, request: Request) -> Response:
    """The current session and wrap-up, for a page that was reloaded."""
    return Response(data=_lines(services).sessions.get(request.user).view(request.received_at))


def open_(services: Services, request: Request) -> Response:
    """Open a new session, by browser or by phone. It replaces any earlier one, which is ended."""
    lines = _lines(services)
    via = request.json_object().get("via", BROWSER)
    if via not in (BROWSER, PHONE):
        raise HttpError(400, "bad_field", f"via must be {BROWSER} or {PHONE}")
    profile = services.agents.get_profile(request.user)
    token = _token(lines, request) if via == BROWSER else {}
    phone = str(profile.get("agent_phone") or "")
    if via == PHONE:
        _check_phone(lines, phone)
    session_id = uuid.uuid4().hex
    wrap_up_s = wrap_up_of(profile, lines.wrap_up_s)
    opened = lines.sessions.open(request.user, session_id, via, wrap_up_s, request.received_at)
    if former := opened.row.get("former_sid"):
        services.twilio().hang_up(former)
    session = Session(opened.row)
    if via == PHONE:
        session = _ring(services, lines, request, phone, session)
    services.push.session(request.user, session, request.received_at)
    return Response(201, session.view(request.received_at) | token)


def end(services: Services, request: Request) -> Response:
    """End the agent's call; nobody is called until the agent is on the line again."""
    session = end_session(services, request)
    return Response(data=session.view(request.received_at))


def end_session(services: Services, request: Request) -> Session:
    """End the current session, at Twilio too; returns the session after that."""
    lines = _lines(services)
    session = lines.sessions.get(request.user)
    if session.phase == ENDED:
        return session
    ended = lines.sessions.end(
        request.user, session_id=session.session_id, reason=reasons.SIGNED_OUT, now=request.received_at
    )
    if session.call_sid:
        services.twilio().hang_up(session.call_sid)
    if ended.won:
        services.push.session(request.user, Session(ended.row), request.received_at)
    return Session(ended.row)


def _lines(services: Services) -> Lines:
    if services.lines is None:
        raise HttpError(409, "no_line", "called people hear a message in this installation: agents have no line")
    return services.lines


def _token(lines: Lines, request: Request) -> dict[str, str]:
    """The access token for the page's call. It is useless without the session that is opened with it."""
    try:
        secret = lines.secret.get()
        if not secret.app_sid and lines.secret.invalidate():  # the app may have been created since
            secret = lines.secret.get()
    except UnreadableSecret:
        raise HttpError(503, "no_credentials", "Twilio's credentials cannot be read") from None
    if not secret.app_sid:
        raise HttpError(409, "no_app", "this installation has no TwiML App yet: make deploy creates it")
    token = mint(secret, request.user, request.received_at, _A_SHIFT_S)
    return {"token": token, "expires_at": stamp(request.received_at + _A_SHIFT_S), "identity": identity(request.user)}


def _check_phone(lines: Lines, phone: str) -> None:
    """Refuse if no phone is set; otherwise take one slot of the account's calls per second."""
    if not phone:
        raise HttpError(409, "no_phone", "set your own phone first")
    if lines.pacer and lines.pacer.wait_for_slot(None):
        raise HttpError(503, "rate", "the account's limit of calls per second is reached: try again in a moment")


def _ring(services: Services, lines: Lines, request: Request, phone: str, session: Session) -> Session:
    rings = AgentPhone(lines.sessions, services.caller_ids, int(services.timing.ring), lines.public_url)
    _, written = rings.ring(services.twilio(), request.user, phone, session.session_id, request.received_at)
    return Session(written.row) if written else session
