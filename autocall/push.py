"""Sends events to the tabs of a user through API Gateway's management API. A failed push never fails a call."""

import threading
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall import leads
from autocall.agent_table import AgentTable, Connection
from autocall.messages import frame
from autocall.outboxes import Outboxes
from autocall.session import Session
from autocall.timing import now

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

logger = Logger(child=True)

_PATIENCE_S = 2.0  # of one event: a tab that takes longer holds up nothing but what it is told itself
_FLUSH_S = 5.0  # of an invocation's end, for tabs that are behind: what is frozen with it would come too late


class Push:
    """Sends one event to all connections in parallel, and to each connection in order.

    A connection that is gone is deleted, and no other.
    """

    def __init__(
        self, client: "ApiGatewayManagementApiClient", agents: AgentTable, executor: Executor | None = None
    ) -> None:
        self._client, self._agents = client, agents
        self._counted: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._outboxes = Outboxes(self._send, executor)

    def counts(self) -> Counter[str]:
        """Counts since the last call of this: all pushes, those to gone connections, those that failed.

        Call it at the end of an invocation: it waits for frames that are not sent yet, and drops those that are late.
        """
        self._count("pushes_failed", self._outboxes.flush(_FLUSH_S))
        with self._counting:
            counted, self._counted = self._counted, Counter()
        return +counted

    def connections(self, user: str) -> tuple[Connection, ...]:
        """The tabs of a user, for several events in a row."""
        return self._agents.get_agent(user).connections

    def session(
        self, user: str, session: Session, now: float, to: Iterable[Connection] | None = None, *, waits: bool = True
    ) -> None:
        """Send the state of the agent's own call to all tabs."""
        self.broadcast(user, "agent:session", session.view(now), to, waits=waits)

    def push_lead(
        self, user: str, row: leads.LeadRow, to: Iterable[Connection] | None = None, *, waits: bool = True
    ) -> None:
        """Send all tabs what the last write of *row* changed, including stages that it skipped, in order."""
        to = self._agents.get_agent(user).connections if to is None else to
        for event in leads.events_of_last_write(row):
            self.broadcast(user, event, leads.event_view(row), to, waits=waits)

    def broadcast(
        self, user: str, event: str, data: Any, to: Iterable[Connection] | None = None, *, waits: bool = True
    ) -> None:
        """Send one event to all tabs of the user whose token has not expired.

        Unless it *waits*, this returns at once: the event is sent meanwhile, in its order, at the latest by `counts`.
        """
        to, moment = self._agents.get_agent(user).connections if to is None else tuple(to), now()
        live = [connection.connection_id for connection in to if not connection.expired(moment)]
        self._post(user, live, frame(event, data), _PATIENCE_S if waits else 0.0)
        extra = {"user_id": user, "pushed": event, "connections": len(live)}
        if isinstance(data, dict) and "lead_id" in data:
            extra["lead_id"] = data["lead_id"]
        logger.info("pushed", extra=extra)

    def send(self, user: str, connection: str, event: str, data: Any = None) -> None:
        """Send one event to one connection, even if its token has expired."""
        self._post(user, [connection], frame(event, data), _PATIENCE_S)

    def _post(self, user: str, connections: list[str], posted: bytes, patience: float) -> None:
        late = self._outboxes.send(posted, [(user, connection) for connection in connections], patience)
        self._count("pushes_failed", late)

    def _send(self, to: tuple[str, str], posted: bytes) -> None:
        """Send one frame to one connection; runs in several threads at once."""
        user, connection = to
        self._count("pushes")
        try:
            self._client.post_to_connection(ConnectionId=connection, Data=posted)
        except self._client.exceptions.GoneException:
            self._forget(user, connection)
        except (ClientError, BotoCoreError) as error:
            self._count("pushes_failed")
            logger.warning("push failed", extra={"connection_id": connection, "error": type(error).__name__})

    def _count(self, name: str, more: int = 1) -> None:
        with self._counting:
            self._counted[name] += more

    def close(self, connection: str) -> None:
        """Close a connection from this side; a closed one is no error."""
        try:
            self._client.delete_connection(ConnectionId=connection)
        except (ClientError, BotoCoreError) as error:
            logger.warning("close failed", extra={"connection_id": connection, "error": type(error).__name__})

    def _forget(self, user: str, connection: str) -> None:
        self._count("pushes_gone")
        logger.info("connection gone", extra={"connection_id": connection})
        try:
            self._agents.delete_if_gone(user, connection)
        except (ClientError, BotoCoreError) as error:
            logger.warning("gone connection stays", extra={"connection_id": connection, "error": type(error).__name__})
