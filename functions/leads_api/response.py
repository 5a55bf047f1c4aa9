"""What the HTTP API answers: JSON or CSV, and one shape for everything it refuses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@dataclass(frozen=True)
class Response:
    """A status with a body; `data` None is an empty one."""

    status: int = 200
    data: Any = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def event(self) -> dict[str, Any]:
        """The answer as API Gateway takes it."""
        if self.text is not None:
            kind, body = "text/csv; charset=utf-8", self.text
        else:
            kind = "application/json"
            body = "" if self.data is None else json.dumps(self.data, separators=(",", ":"), ensure_ascii=False)
        headers = {**_ALWAYS, "content-type": kind, **self.headers}
        return {"statusCode": self.status, "headers": headers, "body": body}


class HttpError(Exception):
    """What is wrong with a request: a code for programs, a message for the person, details where there are several."""

    def __init__(self, status: int, code: str, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details

    def answer(self) -> Response:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        return Response(self.status, {"error": error | ({} if self.details is None else {"details": self.details})})


def no_such_lead() -> HttpError:
    """The same for a lead that is not there, was deleted, or belongs to somebody else."""
    return HttpError(404, "not_found", "there is no such lead")
