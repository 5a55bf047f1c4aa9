"""Signing out: every open socket of the caller is forgotten first and closed then, or just one of them."""

from autocall.pausing import calls_in_flight
from autocall.session import ENDED
from functions.leads_api.request import Request
from functions.leads_api.response import Response
from functions.leads_api.services import Services


def sign_out(tools: Services, request: Request) -> Response:
    """Forget and close the caller's sockets; once none is left, no call starts but those that the answer names."""
    only = request.query.get("connection")
    agent = tools.agents.get_agent(request.user)
    open_ones = [connection.connection_id for connection in agent.connections]
    chosen = [connection for connection in open_ones if only in (None, connection)]
    for connection in chosen:
        tools.agents.disconnect(request.user, connection)
    for connection in chosen:
        tools.push.close(connection)
    if only is None and agent.session.phase != ENDED:
        _end_their_call(tools, request)
    return Response(data={"closed": len(chosen), "in_flight": calls_in_flight(tools.leads, request.user)})


def _end_their_call(tools: Services, request: Request) -> None:
    """Whoever signs out is not on the line any more; a lead who is still there is told so."""
    from functions.leads_api.phone import end_session  # with Twilio's client: only for who has a call to be ended

    end_session(tools, request)
