"""Why a lead must be held until a person releases it: its jurisdiction demands terms that it does not have. Pure."""

from collections.abc import Mapping
from typing import Any

from autocall.gates import Hours, UnknownZone, mode_gate
from autocall.terms import Terms


def missing_terms(hours: Hours, lead: Mapping[str, Any], now: float) -> str | None:
    """The reason, if it holds both with and without a recorded message; the dialer checks again after each claim."""
    try:
        held = [mode_gate(lead.get("zones") or (), hours, now, Terms.of(lead, recorded)) for recorded in (True, False)]
    except UnknownZone:
        return None
    return held[1].reason if all(held) and held[1] else None
