"""Creates or updates a stack of the emulator by CloudFormation's API, and says why if it cannot."""

import time
from typing import Any

from botocore.exceptions import ClientError

_PATIENCE_S = 300
_NEVER_CREATED = ("ROLLBACK_COMPLETE", "CREATE_FAILED")


class Failed(Exception):
    """The stack could not be deployed; the message has CloudFormation's reasons."""


def deploy(cloudformation: Any, name: str, **template: Any) -> dict[str, str]:
    """Create the stack, or update the one that is there; returns its outputs."""
    asked = {"StackName": name, "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"], **template}
    before = find(cloudformation, name)
    if before and before["StackStatus"] in _NEVER_CREATED:
        cloudformation.delete_stack(StackName=name)
        _settled(cloudformation, name)
        before = None
    if before is None:
        cloudformation.create_stack(**asked)
    else:
        try:
            cloudformation.update_stack(**asked)
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
    stack = _settled(cloudformation, name)
    if stack is None or stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise Failed(f"{name} was not deployed:\n{_reasons(cloudformation, name)}")
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def find(cloudformation: Any, name: str) -> dict[str, Any] | None:
    """The stack of that name; None if there is none, or it was deleted."""
    stacks = cloudformation.describe_stacks()["Stacks"]
    return next((one for one in stacks if one["StackName"] == name and one["StackStatus"] != "DELETE_COMPLETE"), None)


def _settled(cloudformation: Any, name: str) -> dict[str, Any] | None:
    """The stack when nothing of it changes any more."""
    deadline = time.monotonic() + _PATIENCE_S
    while (stack := find(cloudformation, name)) and stack["StackStatus"].endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise Failed(f"{name} is still {stack['StackStatus']} after {_PATIENCE_S} s")
        time.sleep(0.1)
    return stack


def _reasons(cloudformation: Any, name: str) -> str:
    """What CloudFormation said of each resource that failed, the first one first."""
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("_FAILED")]
    return "\n".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed)
