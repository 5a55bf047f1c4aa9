"""One deployed installation: its stack's outputs, and clients for its AWS account."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from autocall.timing import now, stamp
from local.deployment import aws_environment
from local.paths import StackDir


class OpsError(Exception):
    """A command failed for a known reason; the message says what to do about it."""


@dataclass(frozen=True)
class Installation:
    """A stack's name and outputs."""

    name: str
    outputs: Mapping[str, str]

    def __getitem__(self, output: str) -> str:
        if output not in self.outputs:
            raise OpsError(f"{self.name} has no {output}: this installation was deployed without it")
        return self.outputs[output]


def client(service: str, **options: Any) -> Any:
    """A boto3 client with the environment's credentials and region."""
    make: Any = boto3.client
    return make(service, **options)


def use_region() -> str:
    """The environment's region, which is also set under the names that boto3 and the CDK read."""
    region = os.environ.get("AWS_REGION") or boto3.Session().region_name
    if not region:
        raise OpsError("No region: set AWS_REGION, or a region in the profile that AWS_PROFILE names.")
    os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = region
    return region


def deployed(name: str) -> Installation:
    """The installation of that name."""
    try:
        stack = client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise OpsError(f"No stack {name} in {use_region()}: make deploy first, or name another STAGE.") from None
    return Installation(name, {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])})


def on_this_machine(home: Path, name: str) -> Installation:
    """The installation that `make up` started, with this machine's URLs."""
    outputs = StackDir(home).read_outputs()
    os.environ.update(aws_environment(outputs["aws_endpoint"]))
    here = {"WebsocketUrl": outputs["websocket_url"], "HttpUrl": outputs["http_url"], "PageUrl": outputs["page_url"]}
    here["ManagementUrl"] = outputs["websocket_url"].replace("ws", "http", 1)
    return Installation(name, {**deployed(name).outputs, **here})


def resources(installation: Installation, kind: str) -> list[str]:
    """The names of the stack's resources of one kind, such as `AWS::Logs::LogGroup`."""
    pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=installation.name)
    every = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return [resource["PhysicalResourceId"] for resource in every if resource["ResourceType"] == kind]


def restart(installation: Installation, *functions: str) -> None:
    """Replace all environments of these functions, so that they read the secret again; running invocations finish."""
    lambda_ = client("lambda")
    for name in (f"{installation.name}-{function}" for function in functions):
        variables = lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        variables["RESTARTED_AT"] = stamp(now())  # unused otherwise; the next deployment may remove it
        lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        lambda_.get_waiter("function_updated_v2").wait(FunctionName=name)
