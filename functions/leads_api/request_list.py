"""What a request says of a list: rows, first line, columns; and what is wrong with a list as an HTTP error."""

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
    """A list that cannot be read is the sender's mistake: 413 if it is only too long."""
    try:
        yield
    except BadList as bad:
        raise HttpError(413 if bad.code == "too_many_rows" else 400, bad.code, bad.message, bad.details) from None


def first_line(request: Request) -> int | None:
    """The line of the file on which the first row stands, if the request says so."""
    return request.integer("first_line", 1)


def column_mapping(request: Request) -> dict[str, str]:
    """What the request says that columns are: `columns` of a JSON body, or of the query."""
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
    """The list that a JSON body is, or has under *name*."""
    body = request.json
    rows = body.get(name) if isinstance(body, dict) else body
    if not isinstance(rows, list):
        raise HttpError(400, "bad_json", f'the body must be a list, or {{"{name}": [...]}}')
    return rows
