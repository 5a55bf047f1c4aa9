"""Measured figures and their bars."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured value; `most` or `least` is its bar, if there is one, and `about` has further details."""

    part: str
    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None
    about: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None if there is no bar."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def bar(self) -> str:
        """The bar in words, and by how much it is missed."""
        if self.met is None:
            return ""
        bar, sign = (self.most, "≤") if self.most is not None else (self.least, "≥")
        assert bar is not None
        by = f"{abs(self.value / bar - 1):.0%}" if bar else f"{self.value:g}"
        missed = "" if self.met else f", missed by {by}"
        return f"{sign} {bar:g}{missed}"


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least this share of the samples does not exceed (a percentile)."""
    return sorted(samples)[max(0, math.ceil(share * len(samples)) - 1)]
