"""Parses and validates an API Gateway event: the user, the path, the query and the body."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autocall.leads import LeadKey, user_id
from functions.leads_api.response import HttpError, no_such_lead

MOST_BYTES = 1024 * 1024
_LEAD_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ADMINS = "admins"
_GZIP = re.compile(r"(?:x-)?gzip(?:\s*;\s*q=(?!0(?:\.0*)?$)[0-9.]+)?")


@dataclass(frozen=True)
class Request:
    """One validated request: user, route, fields, the time it arrived, and the deadline for its response."""

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
        """The lead id in the path; a malformed id is answered like an unknown lead."""
        return as_lead_id(self.path.get("id", ""))

    @property
    def key(self) -> LeadKey:
        """The row of the lead in the path, among this user's leads."""
        return LeadKey(self.user, self.lead)

    @property
    def is_csv(self) -> bool:
        return self.content_type.partition(";")[0].strip().lower() == "text/csv"

    @cached_property
    def json(self) -> Any:
        """The body as JSON, {} if it is empty."""
        if not self.body.strip():
            return {}
        try:
            parsed = json.loads(self.body)
            json.dumps(
                parsed, ensure_ascii=False, allow_nan=False
            ).encode()  # refuses NaN and halves of surrogate pairs
        except (ValueError, RecursionError):
            raise HttpError(400, "bad_json", "the body must be JSON, or CSV with the content-type text/csv") from None
        return parsed

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object."""
        if not isinstance(self.json, dict):
            raise HttpError(400, "bad_json", "the body must be a JSON object")
        return self.json

    def integer(self, name: str, least: int, most: int = 1_000_000_000) -> int | None:
        """A whole number from the query or the JSON body; None if it is absent."""
        value = self._value(name)
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            value = int(value[:20])
        if value is None or (type(value) is int and least <= value <= most):
            return value
        raise HttpError(400, "bad_field", f"{name} must be a whole number from {least} to {most}")

    def boolean(self, name: str) -> bool:
        """A boolean from the query or the JSON body; False if it is absent."""
        value = self._value(name)
        if value in (None, False, "", "false", "0"):
            return False
        if value in (True, "true", "1"):
            return True
        raise HttpError(400, "bad_field", f"{name} must be true or false")

    def says(self, name: str) -> bool:
        """Whether the query or the JSON body has this field."""
        return self._value(name) is not None

    def _value(self, name: str) -> Any:
        body = {} if self.is_csv else self.json
        return body.get(name, self.query.get(name)) if isinstance(body, dict) else self.query.get(name)


def as_lead_id(text: str) -> str:
    """The text as a lead id; a malformed id is answered like an unknown lead."""
    if not _LEAD_ID.fullmatch(text):
        raise no_such_lead()
    return text


def parse(event: Mapping[str, Any], at: float, until: float) -> Request:
    """The request in an API Gateway event (payload 2.0); HttpError if it is invalid."""
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


def accepts_gzip(event: Mapping[str, Any]) -> bool:
    """Whether the client takes a compressed response. `gzip;q=0` is how one says that it does not."""
    accepted = (event.get("headers") or {}).get("accept-encoding", "").lower()
    return any(_GZIP.fullmatch(coding.strip()) for coding in accepted.split(","))


def _who(authorizer: Mapping[str, Any]) -> tuple[str, set[str]]:
    """Subject and groups, from the authorizer of `connect` or from the gateway's own: an API has one of the two.

    The gateway joins a list into one text, `[one two]`. It is split again only for Cognito, whose group names have no
    spaces: elsewhere the members of `Sales admins` would become admins.
    """
    if context := authorizer.get("lambda"):
        return str(context.get("sub") or ""), set(map(str, context.get("groups") or ()))
    claims = authorizer.get("jwt", {}).get("claims") or {}
    groups = claims.get("cognito:groups") or ""
    names = groups if isinstance(groups, list) else str(groups).strip("[]").split()
    return str(claims.get("sub") or ""), {str(name).strip("\"',") for name in names}


def _body(event: Mapping[str, Any]) -> bytes:
    raw = event.get("body") or ""
    if len(raw) > MOST_BYTES * 4 / 3 + 4:
        raise _too_large()
    try:
        body = base64.b64decode(raw, validate=True) if event.get("isBase64Encoded") else raw.encode()
    except ValueError:
        raise HttpError(400, "bad_body", "the body is not valid base64") from None
    if len(body) > MOST_BYTES:
        raise _too_large()
    return body


def _too_large() -> HttpError:
    return HttpError(413, "too_large", "a request may have at most 1 MB: send the rest in further requests")
