"""Whether an agent's new socket is let in, and which of the others goes: at most twenty are open at once."""

from collections.abc import Iterable

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall.agent_table import AgentTable, Connection
from autocall.push import Push

logger = Logger(child=True)

MOST_CONNECTIONS = 20
TOO_MANY = "too_many_connections"
_MESSAGE = f"an agent may have {MOST_CONNECTIONS} pages open: this one, the oldest, was closed"


def admitted(agents: AgentTable, push: Push, user: str, new: str, token_expires_at: int, now: float) -> bool:
    """Write the connection down; False, and it is forgotten, if an operator has taken its user out.

    It is written before the others are read. So whoever takes the user out meanwhile either is seen here, or sees it;
    and of many handshakes at once the last sees all. Where they cannot be read, nobody comes in.
    """
    agents.connect(user, new, token_expires_at, now)
    try:
        agent = agents.get_agent(user)
    except (ClientError, BotoCoreError):
        agents.disconnect(user, new)
        raise
    if agent.left:
        agents.disconnect(user, new)
        logger.info("handshake refused", extra={"user_id": user, "reason": "left"})
        return False
    for oldest in _too_many(agent.connections, new):
        _close(agents, push, user, oldest.connection_id)
    return True


def _too_many(connections: Iterable[Connection], new: str) -> list[Connection]:
    others = [connection for connection in connections if connection.connection_id != new]
    others.sort(key=lambda connection: connection.connected_at)
    return others[: max(0, len(others) + 1 - MOST_CONNECTIONS)]


def _close(agents: AgentTable, push: Push, user: str, connection: str) -> None:
    """It is told why first, so that its page does not open another, which would close the next oldest."""
    agents.disconnect(user, connection)
    push.send(user, connection, "error", {"code": TOO_MANY, "message": _MESSAGE})
    push.close(connection)
    logger.info("oldest connection closed", extra={"user_id": user, "connection_id": connection})
