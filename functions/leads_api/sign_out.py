"""Signing out: deletes and closes all of the agent's connections, or one of them."""

from autocall.pause import calls_in_flight
from autocall.session import ENDED
from functions.leads_api.request import Request
from functions.leads_api.response import Response
from functions.leads_api.services import Services


def sign_out(services: Services, request: Request) -> Response:
    """Delete the agent's connections, then close them. Without a connection no call starts; those in flight go on."""
    only = request.query.get("connection")
    agent = services.agents.get_agent(request.user)
    connection_ids = [connection.connection_id for connection in agent.connections]
    chosen = [connection_id for connection_id in connection_ids if only in (None, connection_id)]
    for connection in chosen:
        services.agents.disconnect(request.user, connection)
    for connection in chosen:
        services.push.close(connection)
    if only is None and agent.session.phase != ENDED:
        _end_their_call(services, request)
    return Response(data={"closed": len(chosen), "in_flight": calls_in_flight(services.leads, request.user)})


def _end_their_call(services: Services, request: Request) -> None:
    """End the agent's own call; a lead who is still in it hears that it is over."""
    from functions.leads_api.phone import end_session  # heavy: it loads Twilio's client

    end_session(services, request)
