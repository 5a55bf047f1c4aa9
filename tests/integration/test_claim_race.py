"""Claims race on the running table: its conditional write is what keeps a lead from being called twice."""

import os
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey
from autocall.timing import now

WORKERS, LEADS = 16, 200
ROUNDS = int(os.environ.get("ROUNDS", "1"))


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_sixteen_claims_of_a_lead_exactly_one_wins(leads: LeadTable, user: str, _round: int) -> None:
    """All workers meet before each lead and claim it at once: each lead is one worker's, and the row says whose."""
    names = [f"lead-{index:03d}" for index in range(LEADS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        list(
            pool.map(lambda lead: leads.create(LeadKey(user, lead), {"phone": "+12025550100"}, now() - 1, now()), names)
        )
    together = threading.Barrier(WORKERS)

    def work(worker: int) -> dict[str, str]:
        won = {}
        for lead in names:
            together.wait()
            attempt = f"{worker}-{lead}"
            if leads.claim(Attempt(user, lead, attempt), "race", now()).won:
                won[lead] = attempt
        return won

    with ThreadPoolExecutor(WORKERS) as pool:
        won = list(pool.map(work, range(WORKERS)))

    winners = Counter(lead for one in won for lead in one)
    assert winners == dict.fromkeys(names, 1)
    rows, _ = leads.page(user, None, LEADS)
    whose = {lead: attempt for one in won for lead, attempt in one.items()}
    assert {row["lead_id"]: row["attempt_id"] for row in rows} == whose
    assert {row["version"] for row in rows} == {2}
    assert sum(map(bool, won)) > 1, "nobody raced"
