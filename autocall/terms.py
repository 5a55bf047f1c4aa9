"""What a call to a lead stands on: who is called, with whose consent, by whose hand. Pure.

These are attributes of the lead's row, which a run reads only once it has claimed it: the index of waiting leads does
not carry them. What is missing, or cannot be read, is not there: no basis is a consumer, no consent is none.
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
    """Of one lead: moments are seconds since the epoch; *recorded* is a call that opens with a recording."""

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
        """Whether there is consent that the rule takes, and it is not over."""
        if self.consent_at is None or self.consent_at > now:
            return False
        too_old = rule.consent_days is not None and now >= self.consent_at + rule.consent_days * DAY_S
        return not (too_old or self.withdrawn(now))

    def withdrawn(self, now: float) -> bool:
        """Whether the consent that there was is over."""
        return self.consent_until is not None and now >= self.consent_until

    def kinds(self, consented: bool) -> set[str]:
        """The kinds of calls that this one is."""
        return {self.basis, RECORDED if self.recorded else PERSON} | ({CONSENTED} if consented else set())


def _moment(value: Any, unreadable: float | None = None) -> float | None:
    try:
        return parse(value)
    except (TypeError, ValueError):
        return unreadable
