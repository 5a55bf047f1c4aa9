"""Reads the list fields of a request (rows, first line, columns), and turns list errors into HTTP errors."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from functions.leads_api.lists.bad_list import BadList
from functions.leads_api.lists.column_map import checked_mapping
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError


@contextmanager
def reading() -> Iterator[None]:
    """Turn BadList into a 400, or into a 413 if the list is only too long."""
    try:
        yield
    except BadList as bad:
        raise HttpError(413 if bad.code == "too_many_rows" else 400, bad.code, bad.message, bad.details) from None


def first_line(request: Request) -> int | None:
    """The line number of the first row in its file, if the request gives it."""
    return request.integer("first_line", 1)


def column_mapping(request: Request) -> dict[str, str]:
    """The column mapping of the request: `columns` of the JSON body or of the query."""
    body = {} if request.is_csv else request.json
    given = body.get("columns") if isinstance(body, dict) else None
    if given is None and (text := request.query.get("columns")):
        try:
            given = json.loads(text)
        except (ValueError, RecursionError):
            raise HttpError(400, "bad_columns", 'columns must be JSON such as {"Mobile": "phone"}') from None
    with reading():
        return checked_mapping(given)


def json_rows(request: Request, name: str) -> list[Any]:
    """The list in the JSON body: the body itself, or its field *name*."""
    body = request.json
    rows = body.get(name) if isinstance(body, dict) else body
    if not isinstance(rows, list):
        raise HttpError(400, "bad_json", f'the body must be a list, or {{"{name}": [...]}}')
    return rows
