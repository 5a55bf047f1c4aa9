"""A stack of the emulator is created, updated or made anew, and a failure says which resource has failed."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import cloudformation

OUTPUTS = [{"OutputKey": "LeadsTable", "OutputValue": "autocall-leads"}]


class CloudFormation:
    """One stack, in the status that each request leaves; the first look after a request sees it under way."""

    def __init__(self, status: str = "", *, ends: str = "COMPLETE", unchanged: bool = False) -> None:
        self.asked: list[str] = []
        self._status, self._ends, self._unchanged, self._under_way = status, ends, unchanged, ""

    def create_stack(self, **_: Any) -> None:
        self._becomes("CREATE")

    def update_stack(self, **_: Any) -> None:
        if self._unchanged:
            raise ClientError({"Error": {"Message": "No updates are to be performed."}}, "UpdateStack")
        self._becomes("UPDATE")

    def delete_stack(self, **_: Any) -> None:
        self._becomes("DELETE")

    def _becomes(self, what: str) -> None:
        self.asked.append(what)
        self._under_way = f"{what}_IN_PROGRESS"
        self._status = "DELETE_COMPLETE" if what == "DELETE" else f"{what}_{self._ends}"

    def describe_stacks(self) -> dict[str, Any]:
        status, self._under_way = self._under_way or self._status, ""
        return {"Stacks": [{"StackName": "one", "StackStatus": status, "Outputs": OUTPUTS}] if status else []}

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        failed = [("Alarm", "CREATE_FAILED", "cancelled"), ("Leads", "CREATE_FAILED", "no such key")]
        events = [*failed, ("Topic", "CREATE_COMPLETE", "")]
        names = ("LogicalResourceId", "ResourceStatus", "ResourceStatusReason")
        return {"StackEvents": [dict(zip(names, event, strict=True)) for event in events]}


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        (CloudFormation(), ["CREATE"]),
        (CloudFormation("DELETE_COMPLETE"), ["CREATE"]),
        (CloudFormation("CREATE_COMPLETE"), ["UPDATE"]),
        (CloudFormation("UPDATE_COMPLETE", unchanged=True), []),
        (CloudFormation("ROLLBACK_COMPLETE"), ["DELETE", "CREATE"]),
    ],
)
def test_a_stack_is_created_or_updated_and_one_that_never_was_is_made_anew(
    there: CloudFormation, asked: list[str]
) -> None:
    assert cloudformation.deploy(there, "one", TemplateBody="{}") == {"LeadsTable": "autocall-leads"}
    assert there.asked == asked


@pytest.mark.parametrize("there", [CloudFormation(ends="FAILED"), CloudFormation("UPDATE_COMPLETE", ends="FAILED")])
def test_a_deployment_that_fails_says_why_the_first_cause_first(there: CloudFormation) -> None:
    with pytest.raises(cloudformation.Failed, match="Leads: no such key\nAlarm: cancelled"):
        cloudformation.deploy(there, "one", TemplateBody="{}")
