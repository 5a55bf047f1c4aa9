"""The gates of the leads of one run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autocall.gates import Held, Hours, lead_gate
from autocall.leads import LeadRow
from autocall.timing import now


@dataclass(frozen=True)
class LeadGates:
    """Why a lead may not be called now. Leads of the same time zones have the same gate, which is computed once.

    *window* are the agent's own hours, *closed* the places that an operator has closed, each until a moment.
    """

    hours: Hours
    window: Any = None
    closed: Mapping[str, float] = field(default_factory=dict)
    _known: dict[tuple[str, ...], Held | None] = field(default_factory=dict)

    def held(self, row: LeadRow) -> Held | None:
        zones = tuple(row.get("zones") or ())
        if zones not in self._known:
            self._known[zones] = lead_gate(zones, self.window, self.hours, now(), closed=self.closed)
        return self._known[zones]
