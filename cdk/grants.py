"""All permissions of all functions, in one table. Each action is there because the function uses it."""

from collections.abc import Mapping

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk.data import Runs, Tables
from cdk.settings import Settings

_FIND_CONNECTED = "Scan"  # an admin's resume queues a run for every connected agent, and no key lists them all
_COUNT_ANSWERED = "Scan"  # an admin counts who answered and met no agent, of all agents
WRITE_FOR_ALL = ("dialer", "leads_api")  # the rate slot, the circuit breaker, who called; what an admin changes for all
_WRITES = {f"dynamodb:{name}Item" for name in ("Put", "Update", "Delete")}
_INSTALLATION, _CALLED, _CALLER_IDS = "#installation", "called#*", "#caller_ids"
_MAY_UPDATE = {
    "voice": _INSTALLATION,  # a caller presses 9: for everybody
    "status_webhook": _CALLER_IDS,  # networks reject a number of ours
}
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
        "runs": "sqs: SendMessage",  # ChangeMessageVisibility comes with the event source mapping
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
        "leads": f"dynamodb: GetItem Query UpdateItem {_COUNT_ANSWERED}",
        "due": "dynamodb: Query",
        "agents": f"dynamodb: GetItem Query UpdateItem DeleteItem {_FIND_CONNECTED}",
        "runs": "sqs: SendMessage",
        "secret": "secretsmanager: GetSecretValue",
        "post": "execute-api: ManageConnections",
        "close": "execute-api: ManageConnections",
    },
}


def granted(name: str) -> dict[str, list[str]]:
    """The allowed actions of a function by resource, such as `{"due": ["dynamodb:Query"]}`."""
    return {resource: _actions(*text.split()) for resource, text in PERMISSIONS[name].items()}


def _actions(service: str, *actions: str) -> list[str]:
    return [service + action for action in actions]


def allow(functions: Mapping[str, lambda_.Function], named: Mapping[str, str]) -> None:
    """Grant every function its `PERMISSIONS`, on the resources of the same names in *named*.

    Resources that this installation does not have are not in *named*, and are left out.
    """
    for name, function in functions.items():
        for resource, actions in granted(name).items():
            if resource not in named:
                continue
            held = [action for action in actions if resource == "agents" and not _for_all(name, action)]
            noted = [action for action in held if name in _MAY_UPDATE and action == "dynamodb:UpdateItem"]
            free = [action for action in actions if action not in held]
            own = [action for action in held if action not in noted]
            for some, conditions in ((free, None), (own, _all_but("")), (noted, _all_but(_MAY_UPDATE.get(name, "")))):
                if some:
                    function.add_to_role_policy(
                        iam.PolicyStatement(actions=some, resources=[named[resource]], conditions=conditions)
                    )


def _all_but(allowed: str) -> dict[str, dict[str, list[str]]]:
    """The condition that an item is none of everybody's, but of the partition *allowed*."""
    shared = [keys for keys in (_INSTALLATION, _CALLED, _CALLER_IDS) if keys != allowed]
    return {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": shared}}


def _for_all(name: str, action: str) -> bool:
    """Whether the action is allowed on the installation's shared items too: all may read, few write, none delete."""
    return action not in _WRITES or (action == "dynamodb:UpdateItem" and name in WRITE_FOR_ALL)


def resources(
    stack: Stack, settings: Settings, tables: Tables, runs: Runs, stage: apigateway.WebSocketStage, socket: str
) -> dict[str, str]:
    """The ARNs of the resources that `PERMISSIONS` names."""
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
    """The ARN of a secret by its name, with a wildcard for the six random characters at its end."""
    return stack.format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=f"{name}-??????",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def _connections(stack: Stack, api: str, stage: str, method: str) -> str:
    """The ARN of all connections of this API's stage, whose ids are not known in advance."""
    return stack.format_arn(service="execute-api", resource=api, resource_name=f"{stage}/{method}/@connections/*")
