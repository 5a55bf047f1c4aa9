"""`make deploy`: what would fail late is refused early, and what an earlier deployment has left is taken in."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from cdk.settings import BadSetting, parse
from local.paths import CDK
from ops import deploy, secret
from ops.installation import Installation

CHOSEN = ["call_from=+12015550123", "company=Acme", "callback_number=+12015550123"]
BY_MESSAGE = [*CHOSEN, "page=no", "audio=message", "call_message=This is Acme, +12015550123."]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """An AWS account that has nothing yet, and in which Lambda answers what it is told to."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        make: Any = boto3.client
        lambda_ = make("lambda")
        monkeypatch.setattr(deploy, "client", lambda service: lambda_ if service == "lambda" else make(service))
        with Stubber(lambda_) as stubbed:
            yield stubbed


FUNCTIONS = ("connect", "dialer", "status_webhook")


def _has(account: Stubber, unreserved: int, reserved: dict[str, int] | None = None) -> None:
    """So much concurrency is nobody's, and so much is each function's; None while there are no functions."""
    account.add_response("get_account_settings", {"AccountLimit": {"UnreservedConcurrentExecutions": unreserved}})
    for name in FUNCTIONS:
        if reserved is None:
            account.add_client_error("get_function_concurrency", "ResourceNotFoundException")
            continue
        told = {"ReservedConcurrentExecutions": reserved[name]} if reserved.get(name) else {}
        account.add_response("get_function_concurrency", told, {"FunctionName": f"autocall-{name}"})


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the CDK's command line was told, in a deployment in which nothing else happens."""
    told: list[list[str]] = []

    def run(command: Sequence[object], **_: object) -> subprocess.CompletedProcess[bytes]:
        assert command[0] == CDK
        told.append([str(word) for word in command[1:]])
        return subprocess.CompletedProcess([], 0)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(secret, "ensure", lambda *_: None)
    monkeypatch.setattr(deploy, "cdk_cli", lambda _: None)
    monkeypatch.setattr(deploy, "deployed", lambda name: Installation(name, {}))
    return told


def test_tables_that_an_earlier_deployment_has_left_are_taken_in(account: Stubber, typed: list[list[str]]) -> None:
    """Or whoever failed once, or destroyed an installation, would be told for ever that they exist already."""
    _has(account, 1000)
    said: list[str] = []
    deploy.deploy(BY_MESSAGE, said.append)
    assert re.fullmatch(r"autocall goes to account \d{12} in us-east-1, its functions on Python 3\.1[1-4]", said[0])
    (command,) = [words for words in typed if words[0] == "deploy"]
    assert "--import-existing-resources" in command
    assert not [word for word in command if word.startswith("--method")]  # without a change set the CDK refuses that


@pytest.mark.parametrize("unreserved", [10, 50, 149])
def test_an_account_with_too_little_concurrency_is_refused_before_anything_is_made(
    account: Stubber, typed: list[list[str]], unreserved: int
) -> None:
    """A new account has ten; the message names the setting and where to ask for more."""
    _has(account, unreserved)
    with pytest.raises(BadSetting, match=r"^connect_concurrency: .*Service Quotas.* -c connect_concurrency=0"):
        deploy.deploy(BY_MESSAGE, lambda _: None)
    assert typed == []


@pytest.mark.parametrize(
    ("unreserved", "reserved"), [(150, None), (1000, None), (100, {"connect": 50}), (150, {}), (70, {"connect": 80})]
)
def test_an_account_with_enough_concurrency_is_not(
    account: Stubber, unreserved: int, reserved: dict[str, int] | None
) -> None:
    """What the function has reserved already need not be there once more."""
    _has(account, unreserved, reserved)
    deploy._check_concurrency(parse({}))


def test_what_all_functions_reserve_is_counted_together(account: Stubber) -> None:
    _has(account, 250)
    with pytest.raises(BadSetting, match=r"^connect_concurrency \+ dialer_concurrency: at most 150 .* not 151"):
        deploy._check_concurrency(parse({"dialer_concurrency": "101", "max_concurrency": "100"}))


def test_a_new_account_is_told_how_many_runs_it_can_have_at_once(account: Stubber) -> None:
    """With the two choices that the messages name it is deployed."""
    _has(account, 10)
    with pytest.raises(BadSetting, match=r"^max_concurrency: .* leaves 10 .* -c max_concurrency=6$"):
        deploy._check_concurrency(parse({"connect_concurrency": "0"}))
    _has(account, 10)
    deploy._check_concurrency(parse({"connect_concurrency": "0", "max_concurrency": "6"}))


def test_runs_with_a_share_of_their_own_are_not_compared_with_what_is_left_to_all(account: Stubber) -> None:
    _has(account, 200)
    deploy._check_concurrency(
        parse({"connect_concurrency": "0", "dialer_concurrency": "100", "max_concurrency": "100"})
    )


def test_who_may_not_ask_for_the_accounts_concurrency_deploys_all_the_same(account: Stubber) -> None:
    """A role that was made before the question is no reason to fail."""
    account.add_client_error("get_account_settings", "AccessDeniedException")
    deploy._check_concurrency(parse({}))


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("missing", ["company", "callback_number", "fallback_url"])
def test_a_deployment_that_could_not_say_who_calls_is_refused_before_anything_is_made(
    typed: list[list[str]], missing: str
) -> None:
    """Every run would fail at its start; without a page of ours, what is heard when we fail must be elsewhere."""
    given = [*CHOSEN, "page=no", "fallback_url=https://example.com/sorry.xml"]
    with pytest.raises(BadSetting, match=f"^{missing}: "):
        deploy.deploy([each for each in given if not each.startswith(missing)], lambda _: None)
    assert typed == []
