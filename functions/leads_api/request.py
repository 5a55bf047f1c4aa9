"""One request to the HTTP API, read with distrust: who asks, and what the path, the query and the body say."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autocall.leads import user_id
from functions.leads_api.response import HttpError, no_such_lead

MOST_BYTES = 1024 * 1024
_LEAD_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ADMINS = "admins"


@dataclass(frozen=True)
class Request:
    """Who asks for what; `at` is the moment it came, `until` when its answer must be ready."""

    route: str
    user: str
    admin: bool
    correlation_id: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    content_type: str
    body: bytes
    received_at: float
    deadline: float

    @property
    def lead(self) -> str:
        """The lead that the path names; what cannot be a lead's id is no lead."""
        return as_lead_id(self.path.get("id", ""))

    @property
    def is_csv(self) -> bool:
        return self.content_type.partition(";")[0].strip().lower() == "text/csv"

    @cached_property
    def json(self) -> Any:
        """The body as JSON, {} if it is empty."""
        if not self.body.strip():
            return {}
        try:
            read = json.loads(self.body)
            json.dumps(read, ensure_ascii=False, allow_nan=False).encode()  # refuses NaN and halves of surrogate pairs
        except (ValueError, RecursionError):
            raise HttpError(400, "bad_json", "the body must be JSON, or CSV with the content-type text/csv") from None
        return read

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object."""
        if not isinstance(self.json, dict):
            raise HttpError(400, "bad_json", "the body must be a JSON object")
        return self.json

    def integer(self, name: str, least: int, most: int = 1_000_000_000) -> int | None:
        """A whole number of the query or of a JSON body; None if it is not there."""
        told = self._told(name)
        if isinstance(told, str) and told.isascii() and told.isdecimal():
            told = int(told[:20])
        if told is None or (type(told) is int and least <= told <= most):
            return told
        raise HttpError(400, "bad_field", f"{name} is a whole number from {least} to {most}")

    def boolean(self, name: str) -> bool:
        """A switch of the query or of a JSON body."""
        told = self._told(name)
        if told in (None, False, "", "false", "0"):
            return False
        if told in (True, "true", "1"):
            return True
        raise HttpError(400, "bad_field", f"{name} is true or false")

    def says(self, name: str) -> bool:
        """Whether the query or a JSON body says anything of this."""
        return self._told(name) is not None

    def _told(self, name: str) -> Any:
        body = {} if self.is_csv else self.json
        return body.get(name, self.query.get(name)) if isinstance(body, dict) else self.query.get(name)


def as_lead_id(told: str) -> str:
    """A lead's id that a request names; what cannot be one is no lead."""
    if not _LEAD_ID.fullmatch(told):
        raise no_such_lead()
    return told


def parse(event: Mapping[str, Any], at: float, until: float) -> Request:
    """The request in an event of API Gateway (payload 2.0); Problem if it cannot be served."""
    context = event["requestContext"]
    subject, groups = _who(context.get("authorizer", {}))
    if not subject:
        raise HttpError(401, "unauthorized", "log in first")
    return Request(
        route=event["routeKey"],
        user=user_id(subject),
        admin=_ADMINS in groups,
        correlation_id=context["requestId"],
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        content_type=(event.get("headers") or {}).get("content-type", ""),
        body=_body(event),
        received_at=at,
        deadline=until,
    )


def _who(authorizer: Mapping[str, Any]) -> tuple[str, set[str]]:
    """Subject and groups, as the token said to `connect` or to the gateway's own authorizer: an API has one of both.

    The gateway makes one text of a list, `[one two]`. That is told apart again only for Cognito, whose groups' names
    have no spaces: elsewhere the members of `Sales admins` would be admins.
    """
    if told := authorizer.get("lambda"):
        return str(told.get("sub") or ""), set(map(str, told.get("groups") or ()))
    claims = authorizer.get("jwt", {}).get("claims") or {}
    groups = claims.get("cognito:groups") or ""
    names = groups if isinstance(groups, list) else str(groups).strip("[]").split()
    return str(claims.get("sub") or ""), {str(name).strip("\"',") for name in names}


def _body(event: Mapping[str, Any]) -> bytes:
    told = event.get("body") or ""
    if len(told) > MOST_BYTES * 4 / 3 + 4:
        raise _too_large()
    try:
        body = base64.b64decode(told, validate=True) if event.get("isBase64Encoded") else told.encode()
    except ValueError:
        raise HttpError(400, "bad_body", "the body cannot be read") from None
    if len(body) > MOST_BYTES:
        raise _too_large()
    return body


def _too_large() -> HttpError:
    return HttpError(413, "too_large", "a request may have at most 1 MB: send the rest in further requests")
