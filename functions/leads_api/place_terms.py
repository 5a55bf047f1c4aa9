"""Why a lead must be held until a person brings it back: its place asks for something that it has not. Pure."""

from autocall.gates import Hours, UnknownZone, mode_gate
from autocall.leads import Row
from autocall.terms import Terms


def missing_terms(hours: Hours, row: Row, now: float) -> str | None:
    """The reason, if it is one for whatever telephone the agent has; the dialer looks again at every claimed lead."""
    try:
        held = [mode_gate(row.get("zones") or (), hours, now, Terms.of(row, recorded)) for recorded in (True, False)]
    except UnknownZone:
        return None
    return held[1].reason if all(held) and held[1] else None
