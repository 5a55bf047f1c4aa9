"""The terms of a call to a lead: its basis, the consent, who starts it. Pure.

They are attributes of the lead's row. The index of waiting leads does not have them, so a run reads them after the
claim. A missing or unreadable value counts as absent: without a basis the lead is a consumer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autocall.calling_hours import BUSINESS, CONSENTED, CONSUMER, CUSTOMER, PERSON, RECORDED, Rule
from autocall.timing import DAY_S, parse

BASES = (CONSUMER, CUSTOMER, BUSINESS)
CONFIRMED_FOR_S = 120


@dataclass(frozen=True)
class Terms:
    """The terms of one lead. Moments are seconds since the epoch; *recorded*: the call opens with a recording."""

    basis: str = CONSUMER
    consent_at: float | None = None
    consent_until: float | None = None
    confirmed_until: float | None = None
    recorded: bool = True

    @classmethod
    def of(cls, row: Mapping[str, Any], recorded: bool) -> "Terms":
        basis = row.get("basis")
        return cls(
            basis if basis in BASES else CONSUMER,
            _moment(row.get("consent_at")),
            _moment(row["consent_until"], -1.0) if row.get("consent_until") else None,
            _moment(row.get("confirmed_until")),
            recorded,
        )

    def consented(self, rule: Rule, now: float) -> bool:
        """Whether there is consent that the rule accepts, and that is still valid."""
        if self.consent_at is None or self.consent_at > now:
            return False
        too_old = rule.consent_days is not None and now >= self.consent_at + rule.consent_days * DAY_S
        return not (too_old or self.withdrawn(now))

    def withdrawn(self, now: float) -> bool:
        """Whether the consent has ended."""
        return self.consent_until is not None and now >= self.consent_until

    def kinds(self, consented: bool) -> set[str]:
        """The kinds of calls to which this one belongs."""
        kinds = {self.basis, RECORDED if self.recorded else PERSON}
        if consented:
            kinds.add(CONSENTED)
        return kinds


def _moment(value: Any, unreadable: float | None = None) -> float | None:
    try:
        return parse(value)
    except (TypeError, ValueError):
        return unreadable
