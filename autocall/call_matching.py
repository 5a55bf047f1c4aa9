"""Finds the call of an attempt whose answer was lost among Twilio's calls to the number. Pure, and never a guess."""

from collections.abc import Iterable

from autocall.call_outcomes import TwilioCall
from autocall.leads import LeadRow
from autocall.timing import Timing, parse

_CLOCKS_DIFFER_S = 5


def match(row: LeadRow, calls: Iterable[TwilioCall], timing: Timing, sender: str) -> TwilioCall | None:
    """The single call that only the row's attempt can have made; None if there is none, or more than one.

    *calls* are all calls to the row's number. *sender* is the number to assume as caller if the row names none, "" if
    it is not known.
    """
    found = candidates(row, calls, timing, sender)
    return found[0] if len(found) == 1 else None


def candidates(row: LeadRow, calls: Iterable[TwilioCall], timing: Timing, sender: str) -> list[TwilioCall]:
    """The calls that the row's attempt may have made: from our number, at that time, and not of another attempt."""
    if not row.get("attempt_id") or not row.get("claimed_at"):
        return []
    others, claimed_at, sender = _sids_of_others(row), parse(row["claimed_at"]), row.get("sender") or sender
    earliest, latest = claimed_at - _CLOCKS_DIFFER_S, claimed_at + timing.post + 2 * timing.margin
    found = {
        call.sid: call
        for call in calls
        if call.sid not in others
        and sender in ("", call.sender)
        and call.created_at is not None
        and earliest <= call.created_at <= latest
    }
    return list(found.values())


def _sids_of_others(row: LeadRow) -> set[str]:
    reports = [*(row.get("history") or ()), *(row.get("strays") or ())]
    return {
        entry["call_sid"] for entry in reports if entry.get("call_sid") and entry.get("attempt_id") != row["attempt_id"]
    }
