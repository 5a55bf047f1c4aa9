"""Events to the tabs of a user, through the management API of the socket; no push can fail a call."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall import leads
from autocall.agent_table import AgentTable, Connection
from autocall.messages import frame
from autocall.session import Session

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

logger = Logger(child=True)


class Push:
    """Posts frames to connections; one that is gone is forgotten, that one and no other."""

    def __init__(self, client: "ApiGatewayManagementApiClient", agents: AgentTable) -> None:
        self._client, self._agents = client, agents
        self._counted: Counter[str] = Counter()

    def counts(self) -> Counter[str]:
        """What has been posted since this was last asked: all of it, what found nobody, what failed."""
        counted, self._counted = self._counted, Counter()
        return counted

    def connections(self, user: str) -> tuple[Connection, ...]:
        """The tabs of a user, for several events in a row."""
        return self._agents.look(user).connections

    def session(self, user: str, session: Session, now: float, to: Iterable[Connection] | None = None) -> None:
        """Tell all tabs how the agent's own call stands."""
        self.event(user, "agent:session", session.view(now), to)

    def row(self, user: str, row: leads.Row, to: Iterable[Connection] | None = None) -> None:
        """Tell all tabs what the last write of *row* changed, skipped stages first."""
        to = self._agents.look(user).connections if to is None else to
        for event in leads.events(row):
            self.event(user, event, leads.call_view(row), to)

    def event(self, user: str, event: str, data: Any, to: Iterable[Connection] | None = None) -> None:
        """Send one event to all tabs of the user."""
        to = self._agents.look(user).connections if to is None else tuple(to)
        for connection in to:
            self.post(user, connection.connection_id, event, data)
        about = {"lead_id": data["lead_id"]} if isinstance(data, dict) and "lead_id" in data else {}
        logger.info("pushed", extra={"user_id": user, "pushed": event, "connections": len(to), **about})

    def post(self, user: str, connection: str, event: str, data: Any = None) -> None:
        """Send one event to one connection."""
        self._counted["pushes"] += 1
        try:
            self._client.post_to_connection(ConnectionId=connection, Data=frame(event, data))
        except self._client.exceptions.GoneException:
            self._forget(user, connection)
        except (ClientError, BotoCoreError) as error:
            self._counted["pushes_failed"] += 1
            logger.warning("push failed", extra={"connection_id": connection, "error": type(error).__name__})

    def close(self, connection: str) -> None:
        """Close a socket from this side; one that is closed already is fine."""
        try:
            self._client.delete_connection(ConnectionId=connection)
        except (ClientError, BotoCoreError) as error:
            logger.warning("close failed", extra={"connection_id": connection, "error": type(error).__name__})

    def _forget(self, user: str, connection: str) -> None:
        self._counted["pushes_gone"] += 1
        logger.info("connection gone", extra={"connection_id": connection})
        try:
            self._agents.gone(user, connection)
        except (ClientError, BotoCoreError) as error:
            logger.warning("gone connection stays", extra={"connection_id": connection, "error": type(error).__name__})
