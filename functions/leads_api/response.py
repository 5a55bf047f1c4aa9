"""Responses of the HTTP API: JSON or CSV, and one shape for all errors."""

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_WORTH_IT_BYTES = 2_000
_LEVEL = 4  # a tenth more bytes than the best level, for a quarter of its time
_ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@dataclass(frozen=True)
class Response:
    """A status with a body, which is empty if `data` is None."""

    status: int = 200
    data: Any = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def event(self, gzip_accepted: bool = False) -> dict[str, Any]:
        """The response in API Gateway's format; a long one is compressed if the client accepts that."""
        if self.text is not None:
            kind, body = "text/csv; charset=utf-8", self.text
        else:
            kind = "application/json"
            body = "" if self.data is None else json.dumps(self.data, separators=(",", ":"), ensure_ascii=False)
        headers = {**_ALWAYS, "content-type": kind, **self.headers}
        plain = body.encode()
        if not gzip_accepted or len(plain) < _WORTH_IT_BYTES:
            return {"statusCode": self.status, "headers": headers, "body": body}
        packed = base64.b64encode(gzip.compress(plain, _LEVEL, mtime=0)).decode()
        headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
        return {"statusCode": self.status, "headers": headers, "body": packed, "isBase64Encoded": True}


class HttpError(Exception):
    """An error response: a code for programs, a message for people, and details if there are several problems."""

    def __init__(self, status: int, code: str, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details

    def answer(self) -> Response:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details is not None:
            error["details"] = self.details
        return Response(self.status, {"error": error})


def no_such_lead() -> HttpError:
    """The same error for a lead that does not exist, was deleted, or belongs to another agent."""
    return HttpError(404, "not_found", "there is no such lead")
