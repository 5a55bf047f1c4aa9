"""What a run takes of cases that are too many for each run: others every day; with SOAK=1, as in `make soak`, all.

TESTS_OF=2027-03-14 takes again what that day took. All processes of a run take the same, also around midnight.
"""

import os
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

Case = TypeVar("Case")
SOAK = os.environ.get("SOAK") == "1"
TODAY = os.environ["TESTS_OF"]


def of_today(cases: Sequence[Case], of: int) -> list[Case]:
    """One of every *of* cases; the days take turns, so that in *of* days each case is taken."""
    return list(cases) if SOAK else list(cases[date.fromisoformat(TODAY).toordinal() % of :: of])
