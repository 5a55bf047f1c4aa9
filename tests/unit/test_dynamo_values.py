"""Values in DynamoDB's own notation, against boto3's reading of it."""

from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given, settings
from hypothesis import strategies as st

from autocall.dynamo import from_dynamo, to_dynamo

PLAIN = st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(-(10**37), 10**37),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
ROWS = st.dictionaries(st.text(min_size=1), PLAIN)


@settings(max_examples=60)
@given(ROWS)
def test_rows_are_written_as_boto3_writes_them(row: dict[str, Any]) -> None:
    assert to_dynamo(row) == {name: TypeSerializer().serialize(value) for name, value in row.items()}


@settings(max_examples=60)
@given(ROWS)
def test_rows_come_back_as_they_went(row: dict[str, Any]) -> None:
    back = from_dynamo(to_dynamo(row))

    assert back == row
    assert back == {name: TypeDeserializer().deserialize(value) for name, value in to_dynamo(row).items()}


def test_a_number_with_a_fraction_comes_back_as_one() -> None:
    assert from_dynamo({"a": {"N": "1.5"}, "b": {"N": "2E+3"}, "c": {"N": "7"}}) == {"a": 1.5, "b": 2000.0, "c": 7}


@pytest.mark.parametrize("value", [1.5, b"bytes", {"a", "set"}, object()])
def test_what_no_row_holds_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no row holds"):
        to_dynamo({"a": [value]})
