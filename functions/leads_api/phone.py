"""The agent's own call: opened by their page or their phone, looked at, and ended."""

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


def show(tools: Services, request: Request) -> Response:
    """How it stands: a page that was loaded anew learns of its session, and of a wrap-up."""
    return Response(data=_lines(tools).sessions.get(request.user).view(request.received_at))


def open_(tools: Services, request: Request) -> Response:
    """A new session, by browser or by phone; whatever stood before is ended, for the newest counts."""
    lines = _lines(tools)
    via = request.json_object().get("via", BROWSER)
    if via not in (BROWSER, PHONE):
        raise HttpError(400, "bad_field", f"via is {BROWSER} or {PHONE}")
    profile = tools.agents.get_profile(request.user)
    told = _token(lines, request) if via == BROWSER else {}
    phone = str(profile.get("agent_phone") or "")
    if via == PHONE:
        _check_phone(lines, phone)
    session_id = uuid.uuid4().hex
    wrap_up_s = wrap_up_of(profile, lines.wrap_up_s)
    opened = lines.sessions.open(request.user, session_id, via, wrap_up_s, request.received_at)
    if former := opened.row.get("former_sid"):
        tools.twilio().hang_up(former)
    session = Session(opened.row)
    if via == PHONE:
        session = _ring(tools, lines, request, phone, session)
    tools.push.session(request.user, session, request.received_at)
    return Response(201, session.view(request.received_at) | told)


def end(tools: Services, request: Request) -> Response:
    """The agent hangs up: nobody is called until they are on the line again."""
    session = end_session(tools, request)
    return Response(data=session.view(request.received_at))


def end_session(tools: Services, request: Request) -> Session:
    """End what stands, at Twilio too; the session as it is then."""
    lines = _lines(tools)
    session = lines.sessions.get(request.user)
    if session.phase == ENDED:
        return session
    ended = lines.sessions.end(
        request.user, session_id=session.session_id, reason=reasons.SIGNED_OUT, now=request.received_at
    )
    if session.call_sid:
        tools.twilio().hang_up(session.call_sid)
    if ended.won:
        tools.push.session(request.user, Session(ended.row), request.received_at)
    return Session(ended.row)


def _lines(tools: Services) -> Lines:
    if tools.lines is None:
        raise HttpError(409, "no_line", "called people hear a message here: no agent is on the line")
    return tools.lines


def _token(lines: Lines, request: Request) -> dict[str, str]:
    """What the page makes its call with; it opens nothing without the session that is opened beside it."""
    try:
        secret = lines.secret.get()
        if not secret.app_sid and lines.secret.invalidate():  # it may have been made since
            secret = lines.secret.get()
    except UnreadableSecret:
        raise HttpError(503, "no_credentials", "Twilio's credentials cannot be read") from None
    if not secret.app_sid:
        raise HttpError(409, "no_app", "Twilio does not know this installation's pages yet: make deploy sees to it")
    token = mint(secret, request.user, request.received_at, _A_SHIFT_S)
    return {"token": token, "expires_at": stamp(request.received_at + _A_SHIFT_S), "identity": identity(request.user)}


def _check_phone(lines: Lines, phone: str) -> None:
    """One call more at the account's rate, for a phone that is set."""
    if not phone:
        raise HttpError(409, "no_phone", "set your own phone first")
    if lines.pacer and lines.pacer.wait_for_slot(None):
        raise HttpError(503, "rate", "the account's calls per second are used up: try again in a moment")


def _ring(tools: Services, lines: Lines, request: Request, phone: str, session: Session) -> Session:
    rings = AgentPhone(lines.sessions, tools.sender, int(tools.timing.ring), lines.public_url)
    _, written = rings.ring(tools.twilio(), request.user, phone, session.session_id, request.received_at)
    return Session(written.row) if written else session
