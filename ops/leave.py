"""Disables an agent at once, or erases their data: no login, no further call; calls in flight are listed."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from autocall import reasons
from autocall.agent_table import AgentTable
from autocall.dynamo import to_dynamo
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import DUE_LINE, LeadRow, number_hash, user_id
from autocall.pause import calls_in_flight
from autocall.push import Push
from autocall.secret import Secret
from autocall.session import Session
from autocall.session_table import SessionTable
from autocall.timing import Timing, now
from autocall.twilio_calls import TwilioCalls
from ops.installation import Installation, OpsError, client

_OF_THE_LOGS = re.compile(r"~[A-Za-z0-9_-]{43}")
_A_PAGE = 500
_LEFT = "left"


def leave(installation: Installation, who: str, by: str) -> Iterator[str]:
    """Disable the agent; yields what was done, and which calls are still in flight.

    The mark is written first. Later handshakes find it, and earlier ones are found among the connections. A dialer that
    claims later checks again and finds it too, so the calls that are read at the end are all there are.
    """
    user, agents, leads = user_of(installation, who), _agents(installation), _leads(installation)
    agents.leave(user, by, now())
    yield f"{who} is disabled: nobody can log in as {user}, and no further call starts; `make user` undoes it"
    if _disable(installation, user):
        yield "They get no token any more"
    yield f"{_close_sockets(installation, agents, user)} sockets were closed"
    yield from _end_session(installation, agents, user)
    going_on = calls_in_flight(leads, user)
    yield f"Calls still in flight: {', '.join(going_on) or 'none'}"


def _end_session(installation: Installation, agents: AgentTable, user: str) -> Iterator[str]:
    """End the agent's session, so that no lead is put through to them, and their own call unless they talk with a lead.

    Ending their call would cut off the lead. The command again, once that has ended, ends the agent's call too.
    """
    session = agents.get_agent(user).session
    if not session.session_id:
        return
    sessions = SessionTable(client("dynamodb"), installation["AgentsTable"], Timing())
    ended = sessions.end(user, session_id=session.session_id, reason=reasons.TAKEN_OUT, now=now())
    if ended.won:
        yield "They are off the line: a lead who answers from now on hears who called"
    session = Session(ended.row)
    if session.is_engaged(now()) and "call_taken" in session.item:
        lead = session.item["call_lead"]
        yield f"They still talk with lead {lead}, and are not cut off: `make leave` again, after it"
    elif session.call_sid and _twilio(installation).hang_up(session.call_sid):
        yield "Their own call has ended"
    elif session.call_sid and ended.won:
        yield "Twilio did not confirm that their own call has ended: `make leave` again"


def _twilio(installation: Installation) -> TwilioCalls:
    secret = Secret(client("secretsmanager"), installation["TwilioSecret"])
    return TwilioCalls(secret, installation["TwilioUrl"], Timing().post)


def come_back(installation: Installation, user: str) -> bool:
    """Enable an agent again; False if they were not disabled."""
    return _agents(installation).come_back(user)


def erase(installation: Installation, who: str, by: str) -> Iterator[str]:
    """Delete all leads and settings of a disabled agent; their do-not-call list moves to the installation's.

    The mark that they have left stays for ever, because the same user would call everybody again.
    """
    user, agents, leads = user_of(installation, who), _agents(installation), _leads(installation)
    if not agents.has_left(user):
        raise OpsError(f"{who} has not left: `make leave` first, which lists the calls still in flight")
    if going_on := calls_in_flight(leads, user):
        raise OpsError(f"Calls of {who} are being made: {', '.join(going_on)}. Erase when they have ended.")
    agents.leave(user, by, now(), erased=True)
    rows = list(_rows(leads, user))
    forbidden = [number_hash(row["phone"]) for row in rows if row.get("dnc") and row.get("phone")]
    table = InstallationTable(client("dynamodb"), installation["AgentsTable"])
    table.add_to_dnc(forbidden, by, now())
    yield f"{len(forbidden)} numbers of their do-not-call list are on the installation's now"
    dynamodb = client("dynamodb")
    for row in rows:
        _delete_lead(dynamodb, installation["LeadsTable"], row)
    yield f"{len(rows)} leads are deleted"
    _delete_items(dynamodb, installation["AgentsTable"], user)
    if _delete_from_pool(installation, user):
        yield "Their user was deleted from the pool"
    yield "What stays, and for how long, is in docs/threat-model.md"


def user_of(installation: Installation, who: str) -> str:
    """The user id for a mail address in our own pool, a token's `sub`, or a `user_id` from the logs."""
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
    """The `sub` in a pool user's attributes."""
    return next(attribute["Value"] for attribute in attributes if attribute["Name"] == "sub")


def _close_sockets(installation: Installation, agents: AgentTable, user: str) -> int:
    push = Push(client("apigatewaymanagementapi", endpoint_url=installation["ManagementUrl"]), agents)
    connections = [connection.connection_id for connection in agents.get_agent(user).connections]
    for connection in connections:
        agents.disconnect(user, connection)
    for connection in connections:
        push.close(connection)
    return len(connections)


def _disable(installation: Installation, user: str) -> bool:
    """Disable the user in our own pool, which then issues no further token; False if there is no such user."""
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


def _rows(leads: LeadTable, user: str) -> Iterator[LeadRow]:
    after: str | None = None
    while True:
        rows, after = leads.page(user, after, _A_PAGE)
        yield from rows
        if after is None:
            return


def _delete_lead(dynamodb: Any, table: str, row: LeadRow) -> None:
    """Delete a lead unless it is being called: that row is the only record of a call in flight."""
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
