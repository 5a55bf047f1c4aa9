"""What each function may do: all of it, in one place, each action because a line of that function needs it."""

from collections.abc import Mapping

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk.data import Runs, Tables
from cdk.settings import Settings

_ENDS_A_REST = "Scan"  # an admin's resume looks at everybody with a page open: no key names them all
WRITE_FOR_ALL = ("dialer", "leads_api")  # the rate's slot and the rest; an admin's do-not-call list and resume
_WRITES = {f"dynamodb:{name}Item" for name in ("Put", "Update", "Delete")}
_OWN_ITEMS = {"ForAllValues:StringNotEquals": {"dynamodb:LeadingKeys": ["#installation"]}}
PERMISSIONS = {
    "connect": {
        "agents": "dynamodb: PutItem Query DeleteItem",
        "post": "execute-api: ManageConnections",
        "close": "execute-api: ManageConnections",
        "token_secret": "secretsmanager: GetSecretValue",
    },
    "leads_fetched": {
        "agents": "dynamodb: GetItem Query UpdateItem DeleteItem",
        "due": "dynamodb: Query",
        "runs": "sqs: SendMessage",
        "post": "execute-api: ManageConnections",
        "close": "execute-api: ManageConnections",
    },
    "dialer": {
        "leads": "dynamodb: GetItem UpdateItem",
        "due": "dynamodb: Query",
        "agents": "dynamodb: GetItem BatchGetItem Query UpdateItem DeleteItem",
        "runs": "sqs: SendMessage",  # to bring a failed run back sooner comes with the mapping that feeds it
        "secret": "secretsmanager: GetSecretValue",
        "post": "execute-api: ManageConnections",
    },
    "status_webhook": {
        "leads": "dynamodb: UpdateItem",
        "agents": "dynamodb: Query UpdateItem DeleteItem",
        "runs": "sqs: SendMessage",
        "secret": "secretsmanager: GetSecretValue",
        "post": "execute-api: ManageConnections",
    },
    "voice": {
        "leads": "dynamodb: UpdateItem",
        "agents": "dynamodb: GetItem Query UpdateItem DeleteItem",
        "runs": "sqs: SendMessage",
        "secret": "secretsmanager: GetSecretValue",
        "post": "execute-api: ManageConnections",
    },
    "leads_api": {
        "leads": "dynamodb: GetItem Query UpdateItem",
        "due": "dynamodb: Query",
        "agents": f"dynamodb: GetItem Query UpdateItem DeleteItem {_ENDS_A_REST}",
        "runs": "sqs: SendMessage",
        "secret": "secretsmanager: GetSecretValue",
        "post": "execute-api: ManageConnections",
        "close": "execute-api: ManageConnections",
    },
}


def granted(name: str) -> dict[str, list[str]]:
    """The actions that a function may do on each resource, such as `{"due": ["dynamodb:Query"]}`."""
    return {resource: _actions(*text.split()) for resource, text in PERMISSIONS[name].items()}


def _actions(service: str, *actions: str) -> list[str]:
    return [service + action for action in actions]


def allow(functions: Mapping[str, lambda_.Function], named: Mapping[str, str]) -> None:
    """Give every function what `MAY` says, on the resources that *named* knows by the same names, and no more.

    What this installation does not have, it does not name.
    """
    for name, function in functions.items():
        for resource, actions in granted(name).items():
            if resource not in named:
                continue
            held = [action for action in actions if resource == "agents" and not _for_all(name, action)]
            free = [action for action in actions if action not in held]
            for some, conditions in ((free, None), (held, _OWN_ITEMS)):
                if some:
                    function.add_to_role_policy(
                        iam.PolicyStatement(actions=some, resources=[named[resource]], conditions=conditions)
                    )


def _for_all(name: str, action: str) -> bool:
    """Whether the function may do that to what is everybody's too: all may read it, few write it, nobody deletes it."""
    return action not in _WRITES or (action == "dynamodb:UpdateItem" and name in WRITE_FOR_ALL)


def resources(
    stack: Stack, settings: Settings, tables: Tables, runs: Runs, stage: apigateway.WebSocketStage, socket: str
) -> dict[str, str]:
    """The ARNs behind the names in `MAY`."""
    token_secret = {"token_secret": secret_arn(stack, settings.token_secret)} if settings.token_secret else {}
    return token_secret | {
        "leads": tables.leads.table_arn,
        "due": f"{tables.leads.table_arn}/index/due",
        "agents": tables.agents.table_arn,
        "runs": runs.queue.queue_arn,
        "secret": secret_arn(stack, settings.twilio_secret),
        "post": _connections(stack, socket, stage.stage_name, "POST"),
        "close": _connections(stack, socket, stage.stage_name, "DELETE"),
    }


def secret_arn(stack: Stack, name: str) -> str:
    """The secret of that name, whichever six characters Secrets Manager has put behind it."""
    return stack.format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=f"{name}-??????",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def _connections(stack: Stack, api: str, stage: str, method: str) -> str:
    """All sockets of this API's stage; a connection has no name before it is there."""
    return stack.format_arn(service="execute-api", resource=api, resource_name=f"{stage}/{method}/@connections/*")
