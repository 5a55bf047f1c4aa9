"""`make user`: whoever was made an agent gets in, also the second time."""

import getpass
import io
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from ops import __main__ as commands
from ops import agents, leave
from ops.installation import Installation, OpsError

EMAIL = "ada@example.com"
PASSWORD = "Calling-1-2-3"
INSTALLATION = Installation("autocall", {"UserPoolId": "us-east-1_pool"})
WHO = {"UserPoolId": "us-east-1_pool", "Username": EMAIL}


@pytest.fixture
def cognito(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """A pool that is asked for exactly what a test says."""
    made = boto3.client("cognito-idp", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(agents, "client", lambda _: made)
    monkeypatch.setattr(leave, "come_back", lambda *_: False)
    with Stubber(made) as stubbed:
        yield stubbed
        stubbed.assert_no_pending_responses()


def _made(cognito: Stubber, **how: Any) -> None:
    cognito.add_response("admin_create_user", {}, {**WHO, "UserAttributes": ANY, **how})


def _there_already(cognito: Stubber, status: str = "CONFIRMED") -> None:
    cognito.add_client_error("admin_create_user", "UsernameExistsException")
    found = {
        "Username": EMAIL,
        "UserStatus": status,
        "Enabled": True,
        "UserAttributes": [{"Name": "sub", "Value": "s"}],
    }
    cognito.add_response("admin_get_user", found, WHO)


def _gets(cognito: Stubber, password: str) -> None:
    cognito.add_response("admin_set_user_password", {}, {**WHO, "Password": password, "Permanent": True})


def test_a_new_agent_is_mailed_a_temporary_password(cognito: Stubber) -> None:
    """Which must be changed at the first login."""
    _made(cognito, DesiredDeliveryMediums=["EMAIL"])
    assert agents.create(INSTALLATION, EMAIL).endswith("Cognito has mailed a password that is valid for three days")


def test_a_new_agent_with_a_password_is_mailed_nothing(cognito: Stubber) -> None:
    """It need not be changed."""
    _made(cognito, MessageAction="SUPPRESS")
    _gets(cognito, PASSWORD)
    assert agents.create(INSTALLATION, EMAIL, password=PASSWORD) == f"{EMAIL} is an agent"


def test_an_agent_who_never_logged_in_is_mailed_another_password(cognito: Stubber) -> None:
    """The first one holds for three days only, and nobody else could let them in."""
    _there_already(cognito, "FORCE_CHANGE_PASSWORD")
    cognito.add_response(
        "admin_create_user", {}, {**WHO, "MessageAction": "RESEND", "DesiredDeliveryMediums": ["EMAIL"]}
    )
    told = agents.create(INSTALLATION, EMAIL)
    assert told == f"{EMAIL} is an agent already; Cognito has mailed another password that is valid for three days"


def test_an_agent_who_has_chosen_a_password_keeps_it(cognito: Stubber) -> None:
    """Nothing is mailed; it is said how to give them another."""
    _there_already(cognito, "CONFIRMED")
    told = agents.create(INSTALLATION, EMAIL)
    assert told == f"{EMAIL} is an agent already; NEW_PASSWORD=1 gives them another password"


def test_a_password_that_is_given_lets_in_who_was_made_before(cognito: Stubber) -> None:
    """Whatever became of their first one; the group is changed as well."""
    _there_already(cognito)
    _gets(cognito, PASSWORD)
    cognito.add_response("admin_add_user_to_group", {}, {**WHO, "GroupName": "admins"})
    told = agents.create(INSTALLATION, EMAIL, "admins", PASSWORD)
    assert told == f"{EMAIL} is an agent already, and has this password now, in the group admins"


def test_a_new_password_is_asked_for_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in no command; without a terminal there is the mail."""
    monkeypatch.setattr(getpass, "getpass", lambda _: PASSWORD)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    assert commands._new_password(EMAIL) == PASSWORD
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(OpsError, match="without NEW_PASSWORD"):
        commands._new_password(EMAIL)


def test_the_agents_of_another_issuer_are_made_there() -> None:
    """It is said where."""
    with pytest.raises(OpsError, match=r"https://example\.eu\.auth0\.com/"):
        agents.create(Installation("autocall", {"Issuer": "https://example.eu.auth0.com/"}), EMAIL)
