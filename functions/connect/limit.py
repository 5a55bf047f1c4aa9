"""How many sockets one agent may have open: the oldest goes when there is one too many."""

from collections.abc import Iterable

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall.agent_table import AgentTable, Connection
from autocall.push import Push

logger = Logger(child=True)

MOST_CONNECTIONS = 20
TOO_MANY = "too_many_connections"
_MESSAGE = f"an agent may have {MOST_CONNECTIONS} pages open: this one, the oldest, was closed"


def close_the_oldest(agents: AgentTable, push: Push, user: str, new: str) -> None:
    """Forget and close the user's oldest connections, but never the *new* one, until as many are left as there may be.

    A table that does not answer keeps nobody out: the next handshake looks again.
    """
    try:
        for oldest in _too_many(agents.look(user).connections, new):
            _close(agents, push, user, oldest.connection_id)
    except (ClientError, BotoCoreError) as error:
        logger.warning("connections not counted", extra={"user_id": user, "error": type(error).__name__})


def _too_many(connections: Iterable[Connection], new: str) -> list[Connection]:
    others = [connection for connection in connections if connection.connection_id != new]
    others.sort(key=lambda connection: connection.connected_at)
    return others[: max(0, len(others) + 1 - MOST_CONNECTIONS)]


def _close(agents: AgentTable, push: Push, user: str, connection: str) -> None:
    """It is told why first, so that its page does not open another, which would close the next oldest."""
    agents.disconnect(user, connection)
    push.post(user, connection, "error", {"code": TOO_MANY, "message": _MESSAGE})
    push.close(connection)
    logger.info("oldest connection closed", extra={"user_id": user, "connection_id": connection})
