"""The SDK as it ships can do what the functions ask of it, and does it as the whole SDK does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from cdk.sdk_models import OPERATIONS, only

ROOT = Path(__file__).resolve().parent.parent.parent
SERVICE_OF = {
    "agent_table.py": "dynamodb",
    "installation_table.py": "dynamodb",
    "lead_table.py": "dynamodb",
    "session_table.py": "dynamodb",
    "dynamo.py": "dynamodb",
    "dial_queue.py": "sqs",
    "push.py": "apigatewaymanagementapi",
    "secret_text.py": "secretsmanager",
}


def asked_for() -> Iterator[tuple[str, str]]:
    """Every call of a method of an AWS client in the functions' sources, with its file."""
    for folder in ("autocall", "functions"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if file.name == "twilio_calls.py":
                continue  # Twilio's client
            for operation in re.findall(r"client\.([a-z_]+)\(", file.read_text()):
                yield file.name, operation


def test_every_operation_that_the_functions_ask_for_is_kept() -> None:
    kept = {(service, xform_name(operation)) for service, names in OPERATIONS.items() for operation in names}

    assert {(SERVICE_OF[file], operation) for file, operation in asked_for()} == kept


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_a_kept_operation_is_described_as_in_the_whole_model(service: str) -> None:
    """Inputs, outputs and errors, however deep, with everything about them but their documentation."""
    read = Loader().load_service_model(service, "service-2")
    whole, cut = ServiceModel(read), ServiceModel(only(read, OPERATIONS[service]))

    assert cut.metadata == whole.metadata
    for name in OPERATIONS[service]:
        ours, theirs = cut.operation_model(name), whole.operation_model(name)
        assert ours.http == theirs.http
        assert _shape(ours.input_shape) == _shape(theirs.input_shape)
        assert _shape(ours.output_shape) == _shape(theirs.output_shape)
        assert [_shape(error) for error in ours.error_shapes] == [_shape(error) for error in theirs.error_shapes]


def _shape(shape: Any, above: tuple[str, ...] = ()) -> Any:
    """All that a shape says, with its members; a shape within itself is only named."""
    if shape is None or shape.name in above:
        return shape and shape.name
    above = (*above, shape.name)
    inner: Any = None
    if shape.type_name == "structure":
        inner = {name: _shape(member, above) for name, member in shape.members.items()}
    elif shape.type_name == "list":
        inner = _shape(shape.member, above)
    elif shape.type_name == "map":
        inner = (_shape(shape.key, above), _shape(shape.value, above))
    return shape.name, shape.type_name, shape.serialization, shape.metadata, inner
