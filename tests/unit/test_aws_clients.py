"""Whom the clients of AWS trust: Amazon's own certificate authorities, and those only where AWS uses no others."""

import re
import ssl
import time
from pathlib import Path

import pytest
from botocore.validate import ParamValidationDecorator
from cryptography import x509
from requests import certs

from autocall import aws

ROOTS = Path(aws.__file__).with_name("amazon_roots.pem")
NAMES = {
    *(f"Amazon Root CA {number}" for number in range(1, 5)),
    "Starfield Services Root Certificate Authority - G2",
}


def _certificates(pem: str) -> list[bytes]:
    return [found.encode() for found in re.findall("-----BEGIN.+?-----END CERTIFICATE-----", pem, re.DOTALL)]


def test_the_roots_are_amazons_and_also_everybodys() -> None:
    """Each is one that browsers trust as well, signed by itself, and good for years."""
    everybodys = set(_certificates(Path(certs.where()).read_text()))
    found = _certificates(ROOTS.read_text())
    assert set(found) <= everybodys
    certificates = [x509.load_pem_x509_certificate(one) for one in found]
    names = {str(one.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value) for one in certificates}
    assert names == NAMES
    assert all(one.subject == one.issuer for one in certificates)
    assert min(one.not_valid_after_utc.timestamp() for one in certificates) > time.time() + 3 * 365 * 86_400


def test_a_connection_reads_them_in_a_fraction_of_the_time() -> None:
    def takes(file: str) -> float:
        began = time.process_time()
        for _ in range(5):
            ssl.create_default_context(cafile=file)
        return time.process_time() - began

    assert takes(str(ROOTS)) < takes(certs.where()) / 3


def test_clients_trust_no_other_but_where_aws_is_signed_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert aws._roots() == str(ROOTS)
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    assert aws._roots() is None
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/etc/ssl/proxy.pem")
    assert aws._roots() is None


def test_requests_are_checked_by_types_and_by_aws_and_not_by_the_sdk_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sixth of each request's CPU; the functions' tests have it checked all the same."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert not isinstance(aws.client("sqs", region_name="us-east-1")._serializer, ParamValidationDecorator)


def test_every_client_of_a_function_is_made_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert aws.client("sqs")._endpoint.http_session._verify == str(ROOTS)
