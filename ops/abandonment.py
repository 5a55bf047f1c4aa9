"""`make abandoned`: how many of those who answered met no agent. Administrators see it in the page, too."""

from autocall.abandonment import Abandonment, count
from autocall.lead_table import LeadTable
from autocall.timing import DAY_S, Timing, stamp
from ops.installation import Installation, client


def of_the_last(installation: Installation, days: int, now: float) -> Abandonment:
    """Every lead of the installation is read once, which takes a while."""
    leads, since = LeadTable(client("dynamodb"), installation["LeadsTable"], Timing()), stamp(now - days * DAY_S)
    rows, after = leads.answered(since)
    counted = count(rows, since)
    while after:
        rows, after = leads.answered(since, after)
        counted += count(rows, since)
    return counted
