"""Deploys the empty handlers to the emulator of the real stack, with the same settings."""

import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.assets import shipped
from cdk.dependencies import PYTHON, ROOT
from tests.e2e.agents import Outputs, aws

_HANDLERS = {"frame": 10, "run": 30, "callback": 10, "identify": 10}
_ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True)
class Floor:
    """The URLs of its socket and its callbacks."""

    websocket_url: str
    callback_url: str


def deploy(outputs: Outputs) -> Floor:
    """Create the queue, the functions and both APIs."""
    gateway: Any = aws(outputs, "apigatewayv2")
    queue_url, queue_arn = _queue(aws(outputs, "sqs"))
    sockets = gateway.create_api(
        Name="floor", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.event"
    )["ApiId"]
    url = f"https://{sockets}.execute-api.{outputs['region']}.amazonaws.com/live"
    arns = _functions(outputs, {"QUEUE_URL": queue_url, "WEBSOCKET_URL": url})
    aws(outputs, "lambda").create_event_source_mapping(
        EventSourceArn=queue_arn,
        FunctionName=arns["run"],
        BatchSize=1,
        ScalingConfig={"MaximumConcurrency": 50},
    )
    _route(gateway, sockets, "$default", arns["frame"], None)
    _route(gateway, sockets, "identify", arns["identify"], None)
    gateway.create_stage(ApiId=sockets, StageName="live", AutoDeploy=True)
    http = gateway.create_api(Name="floor", ProtocolType="HTTP")["ApiId"]
    _route(gateway, http, "POST /callback", arns["callback"], "2.0")
    gateway.create_stage(ApiId=http, StageName="$default", AutoDeploy=True)
    base = f"{outputs['aws_endpoint']}/_aws/execute-api"
    return Floor(f"{base.replace('http', 'ws', 1)}/{sockets}/live", f"{base}/{http}/callback")


def _queue(sqs: Any) -> tuple[str, str]:
    attributes = {
        "FifoQueue": "true",
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
        "VisibilityTimeout": "90",
    }
    url = sqs.create_queue(QueueName="floor.fifo", Attributes=attributes)["QueueUrl"]
    response = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, response["Attributes"]["QueueArn"]


def _functions(outputs: Outputs, environment: Mapping[str, str]) -> dict[str, str]:
    iam, functions = aws(outputs, "iam"), aws(outputs, "lambda")
    trusted = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    role = iam.create_role(RoleName="floor", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="floor", PolicyName="floor", PolicyDocument=json.dumps(_ANYTHING))
    code = _zip()
    return {
        handler: functions.create_function(
            FunctionName=f"floor-{handler}",
            Runtime=f"python{PYTHON}",
            Role=role,
            Handler=f"benchmarks.floor.handler.{handler}",
            Code={"ZipFile": code},
            Timeout=timeout,
            MemorySize=512,
            Environment={"Variables": dict(environment)},
        )["FunctionArn"]
        for handler, timeout in _HANDLERS.items()
    }


def _zip() -> bytes:
    """The asset of `leads_fetched`, with the empty handlers added."""
    asset = shipped("leads_fetched")
    (asset / "benchmarks" / "floor").mkdir(parents=True)
    for own in ("benchmarks/__init__.py", "benchmarks/floor/__init__.py", "benchmarks/floor/handler.py"):
        shutil.copy(ROOT / own, asset / own)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(asset.rglob("*")):
            packed.write(file, file.relative_to(asset))
    return buffer.getvalue()


def _route(gateway: Any, api: str, route: str, function: str, payload: str | None) -> None:
    uri = (
        function if payload else f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
    )
    version = {"PayloadFormatVersion": payload} if payload else {}
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri, IntegrationMethod="POST", **version
    )["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}")
