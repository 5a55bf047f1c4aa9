"""Why a lead must be held until a person releases it: its jurisdiction demands terms that it does not have. Pure."""

from autocall.gates import Hours, UnknownZone, mode_gate
from autocall.leads import Row
from autocall.terms import Terms


def missing_terms(hours: Hours, row: Row, now: float) -> str | None:
    """The reason, if it holds both with and without a recorded message; the dialer checks again after each claim."""
    try:
        held = [mode_gate(row.get("zones") or (), hours, now, Terms.of(row, recorded)) for recorded in (True, False)]
    except UnknownZone:
        return None
    return held[1].reason if all(held) and held[1] else None
