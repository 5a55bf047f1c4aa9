"""The SDK as it ships reaches the same addresses as the whole SDK, in every region that there is or may come."""

import json
import shutil
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.session import Session, get_session

from cdk.sdk_models import OPERATIONS, trim

DATA = Path(botocore.__file__).parent / "data"
PARTITIONS = json.loads((DATA / "endpoints.json").read_bytes())["partitions"]
NOT_YET = (
    "us-west-9",
    "eu-nowhere-1",
    "cn-south-9",
    "us-gov-north-1",
    "us-iso-north-7",
    "us-isob-west-9",
    "aws-global",
)
REGIONS = sorted({region for partition in PARTITIONS for region in partition["regions"]} | set(NOT_YET))
VARIANTS: tuple[dict[str, bool], ...] = (
    {},
    {"use_fips_endpoint": True},
    {"use_dualstack_endpoint": True},
    {"use_fips_endpoint": True, "use_dualstack_endpoint": True},
)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A session that reads what the assets hold."""
    data = tmp_path_factory.mktemp("botocore") / "data"
    data.mkdir()
    for file in [path for path in DATA.iterdir() if path.is_file()]:
        shutil.copy(file, data)
    for service in OPERATIONS:
        shutil.copytree(DATA / service, data / service)
    trim(data)
    session = get_session()
    session.register_component(
        "data_loader", Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    )
    return session


@pytest.fixture(scope="module")
def whole() -> Session:
    return get_session()


def test_every_region_of_every_partition_is_looked_at() -> None:
    assert {partition["partition"] for partition in PARTITIONS} >= {"aws", "aws-cn", "aws-us-gov", "aws-iso"}
    assert len(REGIONS) > 45


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_addresses_and_signatures_are_those_of_the_whole_sdk(service: str, shipped: Session, whole: Session) -> None:
    """Plain, FIPS and dual-stack: the same address, partition and signature, or refused in the same words."""
    for region in REGIONS:
        for variant in VARIANTS:
            assert _reaches(shipped, service, region, variant) == _reaches(whole, service, region, variant), region


def test_requests_go_to_the_same_places(shipped: Session, whole: Session) -> None:
    """One operation of each service, as far as the wire: the rules that are asked at each request agree too."""
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "apigatewaymanagementapi": ("post_to_connection", {"ConnectionId": "c", "Data": b"d"}),
        "dynamodb": ("get_item", {"TableName": "t", "Key": {"k": {"S": "v"}}}),
        "secretsmanager": ("get_secret_value", {"SecretId": "s"}),
        "sqs": ("send_message", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/q.fifo", "MessageBody": "b"}),
    }
    assert set(asked) == set(OPERATIONS)
    for service, (operation, parameters) in asked.items():
        for region in REGIONS:
            ours = _sent(shipped, service, region, operation, parameters)
            assert ours == _sent(whole, service, region, operation, parameters), region
            assert ours[0].startswith("https://")


def _client(session: Session, service: str, region: str, variant: dict[str, Any]) -> Any:
    make: Any = session.create_client
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "s"}
    return make(service, region_name=region, config=Config(retries={"total_max_attempts": 1}, **variant), **keys)


def _reaches(session: Session, service: str, region: str, variant: dict[str, Any]) -> tuple[Any, ...]:
    try:
        client = _client(session, service, region, variant)
    except BotoCoreError as refused:
        return type(refused), str(refused)
    signer = client._request_signer
    names = signer.signing_name, signer.region_name, signer.signature_version
    return client.meta.endpoint_url, client.meta.partition, client.meta.region_name, names


class _Enough(Exception):
    """The request is made; nobody shall get it."""


def _sent(session: Session, service: str, region: str, operation: str, parameters: dict[str, Any]) -> tuple[str, ...]:
    """The address and the scope of the signature of the one request."""
    client = _client(session, service, region, {})
    seen: list[Any] = []

    def stop(request: Any, **_: Any) -> None:
        seen.append(request)
        raise _Enough

    client.meta.events.register("before-send", stop)
    with pytest.raises(_Enough):
        getattr(client, operation)(**parameters)
    return seen[0].url, seen[0].headers["Authorization"].decode().split("/", 2)[2].split("/aws4_request")[0]
