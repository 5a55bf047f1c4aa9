"""Pause and resume over HTTP, with the same code as the socket's frames."""

from autocall import pause as agent_pause
from autocall import reasons
from autocall.messages import Cause
from functions.leads_api.concurrent_map import map_until
from functions.leads_api.request import Request
from functions.leads_api.response import Response
from functions.leads_api.services import Services


def pause(services: Services, request: Request) -> Response:
    """Start no further call; with `cancel_ringing`, also end the calls that are still ringing."""
    data = agent_pause.pause(
        services.agents,
        services.leads,
        services.push,
        request.user,
        now=request.received_at,
        calls=services.twilio() if request.boolean("cancel_ringing") else None,
        agent_first=services.lines is not None,
    )
    return Response(data=data)


def resume(services: Services, request: Request) -> Response:
    """Let calls start again. An admin also closes the circuit breaker; the response says whether it is still open."""
    rest = None if request.admin else services.rest(request.received_at)
    if request.admin:
        _end_rest(services, request)
    cause = Cause.MENDED if request.admin else Cause.RESUMED
    data = agent_pause.resume(
        services.agents, services.queue, services.push, request.user, request.correlation_id, cause
    )
    return Response(data=data | {"installation": {"rest": rest}})


def _end_rest(services: Services, request: Request) -> None:
    """Close the circuit breaker and queue a run for every connected agent: their pages would wait for its end.

    Also when the time is over and no call has been placed since, because the first request may have failed half-way.
    """
    account = services.installation_table.get_installation()
    if not account.resume_at:
        return
    if account.resume_at > request.received_at:
        services.installation_table.set_breaker(account.reason or reasons.ACCOUNT, request.received_at)
    others = [user for user in services.agents.connected_users(request.received_at) if user != request.user]
    map_until(
        lambda user: services.queue.enqueue_run(user, Cause.MENDED, request.correlation_id), others, request.deadline
    )
