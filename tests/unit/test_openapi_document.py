"""The document of the HTTP API says what the API has."""

from pathlib import Path
from typing import Any

import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from cdk.apis import CALLBACK, LEADS_API
from functions.leads_api.routes import use_case

_METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}


def _document() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(Path("docs/openapi.yaml").read_text())
    return read


def _operations() -> dict[str, dict[str, Any]]:
    """Every operation of the document, by its route."""
    return {
        f"{method.upper()} {path}": operation
        for path, item in _document()["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    }


def test_the_document_is_valid_openapi_3_1() -> None:
    """Tools that read OpenAPI can read it."""
    document = _document()
    assert document["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_document_gateway_and_function_have_the_same_routes() -> None:
    """Nothing is served that the document does not have, and nothing is documented that is not served."""
    gateway = {f"{method} {path}" for method, path in LEADS_API}
    assert all(map(callable, map(use_case, gateway)))
    assert _operations().keys() == gateway | {f"POST {CALLBACK}"}


def test_every_operation_needs_a_token_but_the_callback() -> None:
    """Only Twilio's callback has another security than the agent's token."""
    document = _document()
    assert document["security"] == [{"agent": []}]
    others = {route: operation["security"] for route, operation in _operations().items() if "security" in operation}
    assert others == {f"POST {CALLBACK}": [{"twilio": []}]}


def test_every_operation_says_what_it_refuses() -> None:
    """Each has its own name, and answers for missing tokens and floods."""
    operations = _operations()
    names = [operation["operationId"] for operation in operations.values()]
    assert len(set(names)) == len(names)
    for route, operation in operations.items():
        assert {"403", "429"} <= operation["responses"].keys(), route
        assert ("401" in operation["responses"]) is (route != f"POST {CALLBACK}"), route
        assert ("requestBody" in operation) <= ("400" in operation["responses"]), route
