"""What operators hand over: lists of numbers as people have them, and the page as it was built."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from autocall.installation_table import InstallationTable
from autocall.leads import number_hash
from cdk.settings import name_of, parse
from ops import __main__ as commands
from ops import do_not_call, publish_page
from ops.deploy import settings
from ops.installation import Installation, OpsError
from tests.unit.moto_tables import AGENTS, tables

PHONE = "+12015550123"
OUTPUTS = {
    "PageBucket": "page",
    "WebsocketUrl": "wss://socket.example.com/live",
    "PageUrl": "https://calls.example.com/",
    "Issuer": "https://issuer.example.com",
    "Audience": "client,other",
}


def _numbers(path: Path, content: str | bytes, region: str = "US") -> list[str]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(do_not_call.numbers(path, region, lambda _: None).phones)


@pytest.mark.parametrize(
    "content",
    [
        "+12015550123\n",
        "(201) 555-0123\n",
        "201.555.0123",
        "\ufeffphone\n+12015550123\n".encode(),
        "name;Phone\nAda;+1 201 555 0123\n",
        "name\tphone\nAda\t2015550123\n",
        '"phone","note"\n"+12015550123","a, b"\n',
        "phone\r\n+12015550123\r\n\r\n".encode("utf-16"),
        "customer_id,Phone Number\n4155550100,2015550123\n",
        "Kunde;Telefonnummer\n4155550100;2015550123\n",
    ],
)
def test_a_list_is_read_as_people_have_it(tmp_path: Path, content: str | bytes) -> None:
    """With a header or without, whatever separates its columns and however its numbers are written."""
    assert _numbers(tmp_path / "list", content) == [PHONE]


def test_a_number_without_a_country_is_of_the_region(tmp_path: Path) -> None:
    """The same digits are another number in another country."""
    assert _numbers(tmp_path / "list", "030 901820\n", "DE") == ["+4930901820"]


@pytest.mark.parametrize("remove", [False, True])
@pytest.mark.parametrize(
    ("given", "written", "phone"), [("", "030 901820", "+4930901820"), ("CH", "044 668 18 00", "+41446681800")]
)
def test_a_list_is_read_as_the_installation_reads_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, written: str, phone: str, *, remove: bool
) -> None:
    """Or somebody else were forbidden, or allowed, who has the same digits in another country; REGION overrides it."""
    (tmp_path / "list").write_text(written)
    lambda_ = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    told: list[list[str]] = []

    def heard(phones: list[str]) -> list[str]:
        told.append(phones)
        return phones

    monkeypatch.setattr(do_not_call, "client", lambda _: lambda_)
    monkeypatch.setattr(do_not_call, "forbid", lambda _, phones, __: len(heard(phones)))
    monkeypatch.setattr(do_not_call, "allow", lambda _, phones, __: (len(heard(phones)), 0))
    monkeypatch.setattr(commands, "_installation", lambda _: Installation("autocall-prod", {}))
    about = {"region": given, "remove": remove, "columns": "", "encoding": ""}
    asked = argparse.Namespace(file=str(tmp_path / "list"), **about)
    with Stubber(lambda_) as stubbed:
        variables = {"Variables": {"DEFAULT_REGION": "DE"}}
        asked_of = {"FunctionName": "autocall-prod-leads_api"}
        stubbed.add_response("get_function_configuration", {"Environment": variables}, asked_of)
        with pytest.raises(SystemExit, match="0"):
            commands._dnc(asked)
    assert told == [[phone]]


def test_lines_that_are_no_number_are_named(tmp_path: Path) -> None:
    """By their place in the file; blank ones are not counted as wrong."""
    (tmp_path / "list").write_text(f"phone,name\n{PHONE},Ada\n,\nnone,Bob\n12,Eve\n")
    told = do_not_call.numbers(tmp_path / "list", "US", lambda _: None)
    assert (told.phones, [wrong.split(":")[0] for wrong in told.wrong]) == ([PHONE], ["line 4", "line 5"])


@pytest.mark.parametrize(
    "content",
    [
        "customer_id,contacted on\n4155550100,2026-01-01\n",
        "4155550100,2015550123\n",
        "customer_id\n4155550100\n",
        "",
    ],
)
def test_a_file_in_which_the_numbers_cannot_be_told_is_refused(tmp_path: Path, content: str) -> None:
    """Or a column of something else would be forbidden in their place."""
    with pytest.raises(OpsError, match=r"^list: .*Nothing was changed"):
        _numbers(tmp_path / "list", content)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("555-0123", "lacks its area code"),
        ("+999123456789", "has an unknown country code"),
        ("1234567890", "is not a number"),
    ],
)
def test_what_is_no_number_in_use_is_not_made_one(tmp_path: Path, told: str, why: str) -> None:
    """Nobody is told that a number is on the list which is another, or none."""
    (tmp_path / "list").write_text(f"phone\n{told}\n")
    listed = do_not_call.numbers(tmp_path / "list", "US", lambda _: None)
    assert listed.phones == []
    assert why in listed.wrong[0]


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Installation, InstallationTable]]:
    """An installation with an empty do-not-call list."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with tables() as client:
        yield Installation("autocall", {"AgentsTable": AGENTS}), InstallationTable(client, AGENTS)


def test_numbers_go_on_the_list_once_and_off_it_again(listing: tuple[Installation, InstallationTable]) -> None:
    """What was taken off may be called; what was never on the list is said."""
    installation, table = listing
    assert do_not_call.forbid(installation, [PHONE, PHONE, "+12015550124"], "ada") == 2
    assert do_not_call.allow(installation, [PHONE, "+12015550125"], "ada") == (1, 1)
    listed = [table.is_forbidden(number_hash(phone)) for phone in (PHONE, "+12015550124", "+12015550125")]
    assert listed == [False, True, False]


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The page's files as they were put into the bucket, in their order."""
    (tmp_path / "assets").mkdir()
    (tmp_path / ".vite").mkdir()
    for name in ("index.html", "assets/index-1a2b.js", "assets/worker-3c4d.js", "favicon.svg", ".vite/manifest.json"):
        (tmp_path / name).write_text(name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    put: dict[str, Any] = {}
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="page")
        monkeypatch.setattr(publish_page, "client", lambda _: _Noting(s3, put))
        publish_page.publish(Installation("autocall", OUTPUTS), parse({}), tmp_path)
    return put


class _Noting:
    """Notes what is put, and puts it."""

    def __init__(self, s3: Any, put: dict[str, Any]) -> None:
        self._s3, self._put = s3, put

    def put_object(self, **told: Any) -> None:
        self._s3.put_object(**told)
        self._put[told["Key"]] = told


def test_assets_are_kept_for_ever_and_what_names_them_never(published: dict[str, Any]) -> None:
    """A browser asks for the page and its configuration every time, and for a hashed file once."""
    cached = {name: told["CacheControl"] for name, told in published.items()}
    assert cached == {
        "assets/index-1a2b.js": publish_page.FOR_EVER,
        "assets/worker-3c4d.js": publish_page.FOR_EVER,
        "favicon.svg": publish_page.NEVER,
        "index.html": publish_page.NEVER,
        "sorry.xml": publish_page.NEVER,
        "call-back.xml": publish_page.NEVER,
        "config.json": publish_page.NEVER,
    }
    assert published["sorry.xml"]["ContentType"].endswith("/xml")
    assert "immutable" in publish_page.FOR_EVER
    assert published["index.html"]["ContentType"] == "text/html; charset=utf-8"
    assert published["assets/index-1a2b.js"]["ContentType"].startswith("text/javascript")


def test_the_page_comes_after_what_it_names(published: dict[str, Any]) -> None:
    """Nobody is served a page whose files are not there yet."""
    order = list(published)
    assert order.index("index.html") > max(order.index(name) for name in order if name.startswith("assets/"))


def test_the_page_is_told_where_everything_is_and_nothing_secret(published: dict[str, Any]) -> None:
    """With Cognito, the pool's client; `http_url` is the page's own address."""
    assert json.loads(published["config.json"]["Body"]) == {
        "websocket_url": "wss://socket.example.com/live",
        "http_url": "https://calls.example.com",
        "issuer": "https://issuer.example.com",
        "client_id": "client",
    }


def test_with_another_issuer_the_page_is_told_how_to_log_in() -> None:
    """Scope, audience and which token, where they are set."""
    context = {"issuer": "https://x.auth0.com/", "audience": "api", "page_client_id": "spa", "page_audience": "api"}
    told = publish_page.config(Installation("autocall", OUTPUTS), parse(context))
    assert told["client_id"] == "spa"
    assert told["oidc"] == {"audience": "api", "token": "access"}


def test_a_stage_is_another_installation() -> None:
    """What the command line chooses goes over what `cdk.json` keeps, under a name of its own."""
    assert (name_of(""), name_of("prod")) == ("autocall", "autocall-prod")
    chosen = settings(["stage=prod", "call_message=a=b"])
    assert (chosen.name, chosen.twilio_secret, chosen.call_message) == ("autocall-prod", "autocall-prod/twilio", "a=b")
