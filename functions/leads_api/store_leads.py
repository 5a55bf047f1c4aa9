"""Stores imported leads: creates them, merges them into the lead of the same number, or refuses them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall.lead_table import LeadTable
from autocall.leads import PENDING, LeadKey, LeadRow, held_reason, lead_ids
from autocall.reasons import CONFIRM, CONSENT
from functions.leads_api.concurrent_map import map_until
from functions.leads_api.lists.lead_row import merge_into

logger = Logger(child=True)

CREATED, MERGED, REZONED = "created", "merged", "merged, and released because its time zones changed"
_TRIES = 3


@dataclass(frozen=True)
class IncomingLead:
    """A lead to store: `due_at` is its position in the calling order, `hold_reason` why it is held at once."""

    lines: tuple[int, ...]
    phone: str
    about: Mapping[str, Any]
    due_at: float
    hold_reason: str | None = None


@dataclass(frozen=True)
class NotStored:
    """Why a lead was not stored: a code, a message, and whether the same row may be sent again."""

    code: str
    reason: str
    retry: bool = True


WAS_CALLED = NotStored(
    "was_called", "this number was called, and its lead was deleted: it is not called again", retry=False
)
CHANGING = NotStored("changing", "somebody else is changing this lead right now: send this row again")
NO_ANSWER = NotStored("not_stored", "not stored, because the table did not answer: send this row again")
NO_TIME = NotStored("no_time", "not stored, because the time was up: send this row again")


@dataclass(frozen=True)
class StoreResult:
    """The outcome for the lead on those lines: created, merged, or not stored."""

    lines: tuple[int, ...]
    became: str | NotStored


@dataclass(frozen=True)
class LeadStore:
    """Stores leads of one user with different numbers, concurrently."""

    table: LeadTable
    user: str
    moment: float
    hold_reason: Callable[[Mapping[str, Any]], str | None]

    def all(self, leads: Sequence[IncomingLead], until: float) -> list[StoreResult]:
        """The outcome for every lead; leads that were not started by *until* are not stored."""
        done = map_until(self.store, leads, until)
        return [result or StoreResult(lead.lines, NO_TIME) for lead, result in zip(leads, done, strict=True)]

    def store(self, lead: IncomingLead) -> StoreResult:
        """Store one lead; if the table does not answer, only this lead fails."""
        key, *others = lead_ids(self.user, lead.phone)
        became: str | NotStored
        try:
            became = self._create_or_merge(self._older(others) or key, lead)
        except (ClientError, BotoCoreError) as error:
            logger.warning("lead not stored", extra={"lead_id": key, "error": type(error).__name__})
            became = NO_ANSWER
        return StoreResult(lead.lines, became)

    def _older(self, others: Sequence[str]) -> str | None:
        """The id under which release 1.0.0 stored the same number in another spelling."""
        return next((other for other in others if self.table.get(LeadKey(self.user, other))), None)

    def _create_or_merge(self, key: str, lead: IncomingLead) -> str | NotStored:
        for _ in range(_TRIES):
            created = self.table.create(LeadKey(self.user, key), lead.about, lead.due_at, self.moment, lead.hold_reason)
            if created.won:
                return CREATED
            if created.row.get("deleted_at"):
                return WAS_CALLED
            news = _news(created.row, merge_into(created.row, lead.about))
            merged = self.table.merge(LeadKey(self.user, key), news, self.moment) if news else created
            if (merged.won or not news) and self._brought_back(key, lead, merged.row):
                return REZONED if "zones" in news and created.row.get("held") else MERGED
        return CHANGING

    def _brought_back(self, key: str, lead: IncomingLead, row: LeadRow) -> bool:
        """Release a lead that was held for terms which it has now; False if somebody else changed it meanwhile.

        Also if nothing is new, because the first try may have failed before it released the lead.
        """
        reason = held_reason(row)
        if row.get("call_status") != PENDING or reason not in (CONSENT, CONFIRM) or self.hold_reason(row) is not None:
            return True
        return self.table.unhold(LeadKey(self.user, key), row["due"], lead.due_at, reason).won


def _news(row: LeadRow, about: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that differ from the row's: importing the same file again writes nothing."""
    return {name: value for name, value in about.items() if row.get(name) != value}
