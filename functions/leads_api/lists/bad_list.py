"""What is wrong with a list as a whole, or with one row of it: a code for programs and a message for the person."""

from collections.abc import Mapping
from typing import Any


class BadList(Exception):
    """A list that cannot be read as a whole."""

    def __init__(self, code: str, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details


class BadRow(ValueError):
    """One row that is no lead, or no entry of a do-not-call list."""

    def __init__(self, code: str, reason: str, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.detail = code, reason, detail
