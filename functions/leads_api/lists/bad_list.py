"""Errors of a list or of one of its rows: a code for programs and a message for people."""

from collections.abc import Mapping
from typing import Any


class BadList(Exception):
    """The list as a whole cannot be read."""

    def __init__(self, code: str, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details


class BadRow(ValueError):
    """One row is not a valid lead, or not a valid entry of a do-not-call list."""

    def __init__(self, code: str, reason: str, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.code, self.reason, self.detail = code, reason, detail
