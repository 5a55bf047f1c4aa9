"""Admits a new connection of an agent, and closes one, usually the oldest, if more than twenty would be open."""

from collections.abc import Iterable

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall.agent_table import AgentTable, Connection
from autocall.push import Push

logger = Logger(child=True)

MOST_CONNECTIONS = 20
TOO_MANY = "too_many_connections"
_MESSAGE = f"an agent may have {MOST_CONNECTIONS} pages open: this one, the oldest, was closed"


def admitted(
    agents: AgentTable, push: Push, user: str, new: str, token_expires_at: int, now: float, page: str = ""
) -> bool:
    """Store the connection. Returns False, and deletes it again, if an operator has taken the user out.

    *page* is the name that a page has given itself, "" for none: a page that renews its connection has two for a while.

    The write comes before the read. So an operator's command that runs at the same time either is seen here, or sees
    this connection; and the last of several simultaneous handshakes sees all of them. If the read fails, the handshake
    fails too.
    """
    agents.connect(user, new, token_expires_at, now, page)
    try:
        agent = agents.get_agent(user)
    except (ClientError, BotoCoreError):
        agents.disconnect(user, new)
        raise
    if agent.left:
        agents.disconnect(user, new)
        logger.info("handshake refused", extra={"user_id": user, "reason": "left"})
        return False
    for connection in _too_many(agent.connections, new, page):
        _close(agents, push, user, connection.connection_id)
    return True


def _too_many(connections: Iterable[Connection], new: str, page: str) -> list[Connection]:
    """The connections to close: first those of the same page, which the new one replaces, then the oldest."""
    others = [connection for connection in connections if connection.connection_id != new]
    others.sort(key=lambda other: (not page or other.page != page, other.connected_at))
    return others[: max(0, len(others) + 1 - MOST_CONNECTIONS)]


def _close(agents: AgentTable, push: Push, user: str, connection: str) -> None:
    """Send the reason before closing: a page that does not know it would reconnect, and close the next oldest one."""
    agents.disconnect(user, connection)
    push.send(user, connection, "error", {"code": TOO_MANY, "message": _MESSAGE})
    push.close(connection)
    logger.info("oldest connection closed", extra={"user_id": user, "connection_id": connection})
