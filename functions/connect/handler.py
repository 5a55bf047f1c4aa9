"""One function for the socket's authorizer, `$connect` and `$disconnect`.

If the agents belong to another issuer than our Cognito pool, it is the HTTP API's authorizer too.
"""

import os
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from autocall.agent_table import AgentTable
from autocall.aws import client
from autocall.leads import user_id
from autocall.push import Push
from autocall.timing import now
from functions.connect.admission import admitted
from functions.connect.shared_keys import SharedKeys
from functions.connect.token import Identity, JwksKeys, KeySource, Refused, Verifier

MOST_TOKEN = 4096  # characters; API Gateway itself rejects longer URLs
_LONGEST_NAME = 64

logger = Logger()
agents = AgentTable(client("dynamodb"), os.environ["AGENTS_TABLE"])
push = Push(client("apigatewaymanagementapi", endpoint_url=os.environ["WEBSOCKET_URL"]), agents)
origins = frozenset(os.environ["ALLOWED_ORIGINS"].split(",")) - {""}


def _keys(env: Mapping[str, str]) -> KeySource:
    """The issuer's published keys, or a secret shared with a back end; never both."""
    if env["TOKEN_SECRET"]:
        return SharedKeys(client("secretsmanager"), env["TOKEN_SECRET"])
    return JwksKeys(env["JWKS_URL"])


verifier = Verifier(_keys(os.environ), os.environ["ISSUER"], frozenset(os.environ["AUDIENCE"].split(",")) - {""})


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Authorize a handshake or a request, record a connection, or delete it."""
    if "routeArn" in event:
        return _authorize_request(event)
    if event.get("type") == "REQUEST":
        return _authorize(event)
    context = event["requestContext"]
    user, connection = context["authorizer"]["user_id"], context["connectionId"]
    if context.get("eventType") == "MESSAGE":
        return _no_such_event(user, connection, context["routeKey"])
    if context["routeKey"] == "$connect":
        expires_at = int(context["authorizer"]["token_expires_at"])
        if not admitted(agents, push, user, connection, expires_at, now(), _page(event)):
            return {"statusCode": 403}
    else:
        agents.disconnect(user, connection)
    logger.info(context["routeKey"], extra={"user_id": user, "connection_id": connection})
    return {"statusCode": 200}


def _page(event: dict[str, Any]) -> str:
    """The name that the page has given itself in the socket's URL; "" if it has none."""
    return str((event.get("queryStringParameters") or {}).get("page", ""))[:_LONGEST_NAME]


def _no_such_event(user: str, connection: str, name: str) -> dict[str, Any]:
    """Answer a frame that is named like a route of the gateway (`$connect`): it must not open or close anything."""
    message = {"code": "unknown_event", "message": f"there is no event {name!r}"}
    push.send(user, connection, "error", message)
    return {"statusCode": 200}


def _authorize(event: dict[str, Any]) -> dict[str, Any]:
    try:
        _check_origin(event)
        token = (event.get("queryStringParameters") or {}).get("token") or ""
        if len(token) > MOST_TOKEN:
            raise Refused(f"the token has {len(token)} characters: at most {MOST_TOKEN} fit into the socket's URL")
        bearer = verifier.verify(token)
    except Refused as refused:
        logger.info("handshake refused", extra={"reason": str(refused)})
        return _policy("stranger", "Deny", event["methodArn"])
    logger.info("handshake accepted", extra={"user_id": user_id(bearer.subject)})
    return _accept(bearer, event["methodArn"])


def _authorize_request(event: dict[str, Any]) -> dict[str, Any]:
    """Authorize a request to the HTTP API, for stacks in which this function is its authorizer."""
    kind, _, token = (event.get("headers") or {}).get("authorization", "").partition(" ")
    try:
        bearer = verifier.verify(token if kind.lower() == "bearer" else "")
    except Refused as refused:
        logger.info("request refused", extra={"reason": str(refused)})
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": {"sub": bearer.subject, "groups": list(bearer.groups)}}


def _check_origin(event: dict[str, Any]) -> None:
    """Refuse an origin that is not listed. Only browsers send one, so a missing origin is accepted."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if "origin" in headers and headers["origin"] not in origins:
        raise Refused("origin")


def _accept(bearer: Identity, arn: str) -> dict[str, Any]:
    user = user_id(bearer.subject)
    context = {"user_id": user, "token_expires_at": str(bearer.expires_at)}
    return _policy(user, "Allow", arn) | {"context": context}


def _policy(principal: str, effect: str, arn: str) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arn}
    return {"principalId": principal, "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
