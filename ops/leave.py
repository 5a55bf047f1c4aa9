"""An agent is taken out at once, or erased: no door opens, no further call starts, and what goes on is named."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from autocall.agent_table import AgentTable
from autocall.dynamo import Item, to_dynamo
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import DUE_LINE, number_hash, user_id
from autocall.pausing import calls_in_flight
from autocall.push import Push
from autocall.timing import Timing, now
from ops.installation import Installation, OpsError, client

_OF_THE_LOGS = re.compile(r"~[A-Za-z0-9_-]{43}")
_A_PAGE = 500
_LEFT = "left"


def leave(installation: Installation, who: str, by: str) -> Iterator[str]:
    """Take the agent out: what was done, and which leads are being called all the same.

    The mark comes first. A handshake that comes later finds it, one that came before is found among the sockets; and
    a dialer that claims later looks again and finds it, so the calls that are read at the end are all there are.
    """
    user, agents, leads = user_of(installation, who), _agents(installation), _leads(installation)
    agents.leave(user, by, now())
    yield f"{who} is out: nobody is let in as {user}, and no further call starts; `make user` brings them back"
    if _disable(installation, user):
        yield "They get no token any more"
    yield f"{_close_sockets(installation, agents, user)} sockets were closed"
    going_on = calls_in_flight(leads, user)
    yield f"Calls that are being made all the same: {', '.join(going_on) or 'none'}"


def come_back(installation: Installation, user: str) -> bool:
    """Let an agent in again; False if nobody had taken them out."""
    return _agents(installation).come_back(user)


def erase(installation: Installation, who: str, by: str) -> Iterator[str]:
    """Delete all leads and settings of an agent who has left; whom they may not call, nobody may from now on.

    The mark that they have left stays, for good: the same user would call everybody again.
    """
    user, agents, leads = user_of(installation, who), _agents(installation), _leads(installation)
    if not agents.has_left(user):
        raise OpsError(f"{who} has not left: `make leave` first, which says what is still being called")
    if going_on := calls_in_flight(leads, user):
        raise OpsError(f"Calls of {who} are being made: {', '.join(going_on)}. Erase when they have ended.")
    agents.leave(user, by, now(), erased=True)
    rows = list(_rows(leads, user))
    forbidden = [number_hash(row["phone"]) for row in rows if row.get("dnc") and row.get("phone")]
    table = InstallationTable(client("dynamodb"), installation["AgentsTable"])
    table.add_to_dnc(forbidden, by, now())
    yield f"{len(forbidden)} numbers that they may not call are on the installation's do-not-call list now"
    dynamodb = client("dynamodb")
    for row in rows:
        _delete_lead(dynamodb, installation["LeadsTable"], row)
    yield f"{len(rows)} leads are deleted"
    _delete_items(dynamodb, installation["AgentsTable"], user)
    if _delete_from_pool(installation, user):
        yield "They are no user of the pool any more"
    yield "What stays, and for how long, is in docs/threat-model.md"


def user_of(installation: Installation, who: str) -> str:
    """The user behind a mail address in our own pool; else *who* is a token's `sub`, or the `user_id` of the logs."""
    if _OF_THE_LOGS.fullmatch(who):
        return who
    if "@" not in who or "UserPoolId" not in installation.outputs:
        return user_id(who)
    cognito = client("cognito-idp")
    try:
        found = cognito.admin_get_user(UserPoolId=installation["UserPoolId"], Username=who)
    except cognito.exceptions.UserNotFoundException:
        raise OpsError(f"The pool has no {who}: name them by their id, which is `user_id` in the logs") from None
    return user_id(subject(found["UserAttributes"]))


def subject(attributes: list[dict[str, str]]) -> str:
    """The `sub` among a pool user's attributes."""
    return next(each["Value"] for each in attributes if each["Name"] == "sub")


def _close_sockets(installation: Installation, agents: AgentTable, user: str) -> int:
    push = Push(client("apigatewaymanagementapi", endpoint_url=installation["ManagementUrl"]), agents)
    connections = [connection.connection_id for connection in agents.get_agent(user).connections]
    for connection in connections:
        agents.disconnect(user, connection)
    for connection in connections:
        push.close(connection)
    return len(connections)


def _disable(installation: Installation, user: str) -> bool:
    """In our own pool, so that no further token is given out; False where there is no such user."""
    return _in_the_pool(installation, user, "admin_disable_user", "admin_user_global_sign_out")


def _delete_from_pool(installation: Installation, user: str) -> bool:
    return _in_the_pool(installation, user, "admin_delete_user")


def _in_the_pool(installation: Installation, user: str, *operations: str) -> bool:
    if "UserPoolId" not in installation.outputs:
        return False
    cognito = client("cognito-idp")
    try:
        for operation in operations:
            getattr(cognito, operation)(UserPoolId=installation["UserPoolId"], Username=user)
    except cognito.exceptions.UserNotFoundException:
        return False
    return True


def _rows(leads: LeadTable, user: str) -> Iterator[Item]:
    after: str | None = None
    while True:
        rows, after = leads.page(user, after, _A_PAGE)
        yield from rows
        if after is None:
            return


def _delete_lead(dynamodb: Any, table: str, row: Item) -> None:
    """Unless it is being called after all: that row is the memory of a call whose end is not known."""
    try:
        dynamodb.delete_item(
            TableName=table,
            Key=to_dynamo({"user_id": row["user_id"], "lead_id": row["lead_id"]}),
            ConditionExpression="attribute_not_exists(due) OR NOT begins_with(due, :busy)",
            ExpressionAttributeValues=to_dynamo({":busy": DUE_LINE}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise OpsError(f"Lead {row['lead_id']} is being called: erase again when its call has ended") from None


def _delete_items(dynamodb: Any, table: str, user: str) -> None:
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="user_id = :user",
        ExpressionAttributeValues=to_dynamo({":user": user}),
        ConsistentRead=True,
    )
    for item in [item for page in pages for item in page["Items"]]:
        if item["item"]["S"] != _LEFT:
            dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("user_id", "item")})


def _agents(installation: Installation) -> AgentTable:
    return AgentTable(client("dynamodb"), installation["AgentsTable"])


def _leads(installation: Installation) -> LeadTable:
    return LeadTable(client("dynamodb"), installation["LeadsTable"], Timing())
