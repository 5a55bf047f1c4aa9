"""Random histories against the truth that only the model of Twilio knows: once ever, and nobody forgotten."""

from collections import Counter

import pytest

from autocall.agent_table import AgentTable
from autocall.called_table import CalledTable
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.queued_run import QueuedRuns
from tests.faults import history, interleaved, writes
from tests.rotation import of_today

SEEDS, AT_ONCE = 2_400, 300
ALWAYS, *OTHERS = range(0, SEEDS, AT_ONCE)
OFTEN = 3
# An operator's word, and an administrator's: no history has them.
NOT_HERE = {writes.word(InstallationTable, name) for name in ("set_breaker", "remove_from_dnc", "close", "reopen")}
NOT_HERE |= {writes.word(CalledTable, "lift"), writes.word(InstallationTable, "change_settings")}
# A fault must strike just the sending of a message.
RARE = {writes.word(QueuedRuns, "withdraw")}
# Leads of two agents behind one another must meet the same new code: in a few of the soak's, and in `test_dial.py`.
NOT_HERE.add(writes.word(InstallationTable, "refused_alike"))
# Of agents on the line: `test_line_histories.py` has them.
ON_THE_LINE = ("record_end_without_agent", "mark_joined", "mark_abandoned", "mark_answered_by", "set_outcome")
ON_THE_LINE += ("mark_rang_back", "mark_ring_back_heard", "mark_ring_back_asked")
# A person's word about a call that moves no lead: `test_leads_api_ring_back.py`, and the crash points.
ON_THE_LINE += ("close_ring_back", "reopen_ring_back")
NOT_HERE |= {writes.word(LeadTable, name) for name in ON_THE_LINE}
# Of more than one number that calls: the world has one, `test_caller_ids.py` has more.
NOT_HERE.add(writes.word(LeadTable, "choose_sender"))
TABLES = (LeadTable, AgentTable, InstallationTable, QueuedRuns, CalledTable)
WRITES = {writes.word(table, name) for table in TABLES for name in writes.names(table)} - NOT_HERE


@pytest.mark.parametrize("first", [ALWAYS, *of_today(OTHERS, len(OTHERS))])
def test_whatever_overlaps_fails_or_repeats_each_number_is_called_once_and_nobody_is_forgotten(first: int) -> None:
    """By seeds, so that a change is held against what held before; every write is reached. `make soak` plays others."""
    told: Counter[str] = Counter()
    for seed in range(first, first + AT_ONCE):
        told += interleaved.proven(history.setting(seed), seed).told
    hardly = {write: told[write] for write in WRITES if told[write] < (1 if write in RARE else OFTEN)}
    assert not hardly, "writes that are hardly reached"
