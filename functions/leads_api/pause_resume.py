"""Pause and resume over HTTP; what they do is shared with the socket's frames."""

from autocall import pausing, reasons
from autocall.messages import Cause
from functions.leads_api.concurrent_map import map_until
from functions.leads_api.request import Request
from functions.leads_api.response import Response
from functions.leads_api.services import Services


def pause(tools: Services, request: Request) -> Response:
    """No further call starts; `cancel_ringing` also ends those that only ring."""
    calls = tools.twilio() if request.boolean("cancel_ringing") else None
    return Response(
        data=pausing.pause(tools.agents, tools.leads, tools.push, request.user, now=request.received_at, calls=calls)
    )


def resume(tools: Services, request: Request) -> Response:
    """Calls may start again; an admin's word also ends the installation's rest. Whether it rests still is said."""
    rest = None if request.admin else tools.rest(request.received_at)
    if request.admin:
        _end_rest(tools, request)
    cause = Cause.MENDED if request.admin else Cause.RESUMED
    data = pausing.resume(tools.agents, tools.queue, tools.push, request.user, request.correlation_id, cause)
    return Response(data=data | {"installation": {"rest": rest}})


def _end_rest(tools: Services, request: Request) -> None:
    """End the rest, and look at everybody who is there: their pages were told to ask again when it would have ended.

    Also where it has ended and no call has been placed since: the first try may have died half-way.
    """
    account = tools.installation_table.get_installation()
    if not account.resume_at:
        return
    if account.resume_at > request.received_at:
        tools.installation_table.set_breaker(account.reason or reasons.ACCOUNT, request.received_at)
    others = [user for user in tools.agents.connected_users(request.received_at) if user != request.user]
    map_until(
        lambda user: tools.queue.enqueue_run(user, Cause.MENDED, request.correlation_id), others, request.deadline
    )
