"""An agent says what came of a conversation, and with it what comes next: another call, never again, the next lead."""

from autocall.installation_settings import CALL_BACK, DO_NOT_CALL, OutcomeChoice
from autocall.leads import Attempt, LeadRow, is_lead
from autocall.messages import Cause
from autocall.session import Session
from functions.leads_api.again import appointment, check_again, let_again
from functions.leads_api.lead_list import shown
from functions.leads_api.one_lead import own_lead
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response, no_such_lead
from functions.leads_api.services import Services
from functions.leads_api.unknown_outcome import check_attempt, seen_attempt


def save(services: Services, request: Request) -> Response:
    """Save the outcome of the attempt that the person saw. Each step is safe to repeat, and so is the whole.

    What forbids comes first: if anything fails after that, the number is forbidden, and the page tries again.
    """
    attempt, choice = seen_attempt(request), _choice(services, request)
    call_back_at, ready = _call_back_at(request, choice), request.boolean("ready")
    row = own_lead(services, request)
    _check(row, attempt)
    if call_back_at is not None:
        check_again(row, row["attempt_id"])
    if choice.kind == DO_NOT_CALL and not row.get("dnc"):
        row = services.leads.add_to_dnc(request.key, row["phone"], request.user, request.received_at).row
    row = _with_outcome(services, request, row, attempt, choice.code)
    if call_back_at is not None:
        row = let_again(services, request, row, row["attempt_id"], call_back_at)
    else:
        services.tell(request.user, row)
    if ready:
        let_next_call_go(services, request, attempt)
    return Response(data=shown(row))


def _choice(services: Services, request: Request) -> OutcomeChoice:
    settings = services.installation_table.get_settings()
    choice = settings.outcome(request.json_object().get("code"))
    if choice is None:
        codes = [each.code for each in settings.outcomes]
        raise HttpError(400, "no_such_outcome", f"code must be one of {', '.join(codes)}", {"codes": codes})
    return choice


def _call_back_at(request: Request, choice: OutcomeChoice) -> float | None:
    at = appointment(request, "call_back_at")
    if at is not None and choice.kind != CALL_BACK:
        message = f"call_back_at goes with an outcome of the kind {CALL_BACK}: {choice.code} is {choice.kind}"
        raise HttpError(400, "bad_field", message)
    return at


def _check(row: LeadRow, attempt: str) -> None:
    """HttpError unless this was a conversation, and the lead was neither called nor deleted since."""
    if not is_lead(row):
        raise no_such_lead()
    if attempt == row.get("ring_back_heard_sid"):
        return
    check_attempt(row, attempt)
    if not row.get("joined_at"):
        raise HttpError(409, "no_conversation", "an outcome needs a conversation, and with this lead there was none")


def _with_outcome(services: Services, request: Request, row: LeadRow, attempt: str, code: str) -> LeadRow:
    if _last_word(row) == (attempt, code):
        return row
    saved = services.leads.set_outcome(
        Attempt(request.user, request.lead, attempt), code, request.user, request.received_at
    )
    if not saved.won:
        _check(saved.row, attempt)
        raise HttpError(409, "too_often", "too much has happened to this lead: no further outcome is kept")
    return saved.row


def _last_word(row: LeadRow) -> tuple[str, str] | None:
    """Of which conversation the row's outcome is, and its code."""
    if "outcome" not in row:
        return None
    said = next(entry for entry in reversed(row["history"]) if entry["event"] == "outcome")  # written with it
    return said["attempt_id"], said["code"]


def let_next_call_go(services: Services, request: Request, attempt: str) -> None:
    """The wrap-up of this attempt is over, or shall not be. As for `agent:ready`."""
    if services.lines is None:
        return
    written = services.lines.sessions.done(request.user, attempt, request.received_at)
    session = Session(written.row)
    if session.attempt != attempt:  # also for a repeat: the first try may have failed before
        services.queue.enqueue_run(request.user, Cause.READY, request.correlation_id)
    if written.won:
        services.push.session(request.user, session, request.received_at)
