"""What a test does on the server's side of a page: looks at its connections, ends them, speaks to them."""

import json
from contextlib import suppress
from typing import Any

import requests

from tests.e2e.agents import Outputs, Person, aws


def connections(person: Person) -> list[str]:
    """The ids of the connections that the server has recorded for this person."""
    found = aws(person.outputs, "dynamodb").query(
        TableName=person.outputs["agents_table"],
        KeyConditionExpression="user_id = :user AND begins_with(#item, :connection)",
        ExpressionAttributeNames={"#item": "item"},
        ExpressionAttributeValues={":user": {"S": person.user_id}, ":connection": {"S": "connection#"}},
        ConsistentRead=True,
    )
    return [row["item"]["S"].removeprefix("connection#") for row in found["Items"]]


def cut(person: Person) -> None:
    """End every connection of this person, as API Gateway does when it wants to."""
    gateway = _gateway(person.outputs)
    for connection in connections(person):
        with suppress(gateway.exceptions.GoneException):  # closed a moment ago, and still recorded
            gateway.delete_connection(ConnectionId=connection)


def say(person: Person, text: str | dict[str, Any]) -> None:
    """Send this to every page of this person."""
    gateway = _gateway(person.outputs)
    data = text if isinstance(text, str) else json.dumps(text)
    for connection in connections(person):
        with suppress(gateway.exceptions.GoneException):  # closed a moment ago, and still recorded
            gateway.post_to_connection(ConnectionId=connection, Data=data.encode())


def tell(person: Person, lead: str, **change: Any) -> None:
    """Let every page of this person hear that this lead has changed."""
    known = person.lead(lead)
    data = {"lead_id": lead, "version": known["version"] + 1, "call_status": "pending", "at": known["at"], **change}
    say(person, {"event": "call:status_updated", "data": data})


def grow_old(person: Person, lead: str) -> None:
    """Let the call of this lead, whose end nobody knows, have been claimed an hour ago, and be due to be asked for."""
    aws(person.outputs, "dynamodb").update_item(
        TableName=person.outputs["leads_table"],
        Key={"user_id": {"S": person.user_id}, "lead_id": {"S": lead}},
        UpdateExpression="SET claimed_at = :then, due = :now",
        ConditionExpression="call_status = :unknown",
        ExpressionAttributeValues={
            ":then": {"S": "2026-01-01T00:00:00.000Z"},
            ":now": {"S": "busy#2026-01-01T00:00:00.000Z"},
            ":unknown": {"S": "unknown"},
        },
    )


def hang_up(outputs: Outputs, phone: str) -> None:
    """End the call to this number, as the one who was called does."""
    account = (outputs["twilio_account_sid"], outputs["twilio_auth_token"])
    calls = f"{outputs['twilio_simulator_url']}/2010-04-01/Accounts/{account[0]}/Calls"
    found = requests.get(f"{calls}.json", params={"To": phone, "Status": "in-progress"}, auth=account, timeout=60)
    for call in found.json()["calls"]:
        done = requests.post(f"{calls}/{call['sid']}.json", data={"Status": "completed"}, auth=account, timeout=60)
        assert done.ok, done.text


def _gateway(outputs: Outputs) -> Any:
    return aws(
        {**outputs, "aws_endpoint": outputs["websocket_url"].replace("ws", "http", 1)}, "apigatewaymanagementapi"
    )
