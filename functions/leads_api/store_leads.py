"""Imported leads go into the table: created, merged into the lead of their number, or refused with the reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall.lead_table import LeadTable
from autocall.leads import PENDING, Row, lead_ids
from autocall.reasons import CONFIRM, CONSENT
from functions.leads_api.concurrent_map import map_until
from functions.leads_api.lists.lead_row import merge_into

logger = Logger(child=True)

CREATED, MERGED, REZONED = "created", "merged", "merged, and held no longer by where it was taken to be"
_TRIES = 3


@dataclass(frozen=True)
class IncomingLead:
    """A lead on its way in; `due_at` gives it its place in the calling order, `asked` is what holds it there."""

    lines: tuple[int, ...]
    phone: str
    about: Mapping[str, Any]
    due_at: float
    asked: str | None = None


@dataclass(frozen=True)
class NotStored:
    """Why a lead was not stored: a code, words, and whether the same row may be sent again."""

    code: str
    reason: str
    retry: bool = True


WAS_CALLED = NotStored(
    "was_called", "this number was called and its lead deleted since: it is not called again", retry=False
)
CHANGING = NotStored("changing", "somebody else is changing this lead right now: send this row again")
NO_ANSWER = NotStored("not_stored", "not stored, for the table did not answer: send this row again")
NO_TIME = NotStored("no_time", "not stored, for the time was up: send this row again")


@dataclass(frozen=True)
class StoreResult:
    """What became of the lead on those lines: created, merged, or not stored."""

    lines: tuple[int, ...]
    became: str | NotStored


@dataclass(frozen=True)
class LeadStore:
    """Stores leads of one user, of different numbers, side by side."""

    table: LeadTable
    user: str
    moment: float
    asked: Callable[[Row], str | None]

    def all(self, leads: Sequence[IncomingLead], until: float) -> list[StoreResult]:
        """What became of every lead; those whose turn had not come by *until* were not stored."""
        done = map_until(self.one, leads, until)
        return [one or StoreResult(lead.lines, NO_TIME) for lead, one in zip(leads, done, strict=True)]

    def one(self, lead: IncomingLead) -> StoreResult:
        """Store one lead; a table that does not answer costs this one only."""
        key, *others = lead_ids(self.user, lead.phone)
        became: str | NotStored
        try:
            became = self._create_or_merge(self._older(others) or key, lead)
        except (ClientError, BotoCoreError) as error:
            logger.warning("lead not stored", extra={"lead_id": key, "error": type(error).__name__})
            became = NO_ANSWER
        return StoreResult(lead.lines, became)

    def _older(self, others: Sequence[str]) -> str | None:
        """The id under which release 1.0.0 has stored the line by another spelling of its number."""
        return next((other for other in others if self.table.get(self.user, other)), None)

    def _create_or_merge(self, key: str, lead: IncomingLead) -> str | NotStored:
        for _ in range(_TRIES):
            created = self.table.create(self.user, key, lead.about, lead.due_at, self.moment, lead.asked)
            if created.won:
                return CREATED
            if created.row.get("deleted_at"):
                return WAS_CALLED
            news = _news(created.row, merge_into(created.row, lead.about))
            merged = self.table.merge(self.user, key, news, self.moment) if news else created
            if (merged.won or not news) and self._brought_back(key, lead, merged.row):
                return REZONED if "zones" in news and created.row.get("held") else MERGED
        return CHANGING

    def _brought_back(self, key: str, lead: IncomingLead, row: Row) -> bool:
        """Let out a lead that was held for what it has now; False if somebody else has changed it meanwhile.

        Also where nothing is new: the first try may have died before it did.
        """
        reason = (row.get("held") or {}).get("reason")
        if row.get("call_status") != PENDING or reason not in (CONSENT, CONFIRM) or self.asked(row) is not None:
            return True
        return self.table.unhold(self.user, key, row["due"], lead.due_at, reason).won


def _news(row: Row, about: Mapping[str, Any]) -> dict[str, Any]:
    """What the row does not say already: a file that comes again writes nothing."""
    return {name: value for name, value in about.items() if row.get(name) != value}
