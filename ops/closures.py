"""An operator closes a jurisdiction, for an emergency or a holiday that no list has, and opens it again."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from autocall.agent_table import AgentTable
from autocall.dial_queue import DialQueue
from autocall.installation_table import InstallationTable
from autocall.messages import Cause
from autocall.queued_run import QueuedRuns
from autocall.timing import now, stamp
from ops.installation import Installation, OpsError, client

_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_BEHIND_EVERYBODY = timedelta(hours=12)


def close(installation: Installation, jurisdiction: str, until: str, by: str) -> str:
    """Call nobody who can be in that jurisdiction before *until*; returns it as a stamp. Calls in flight go on.

    A date alone includes that whole day, in the time zone where it ends last.
    """
    moment = _moment(until)
    if moment <= now():
        raise OpsError(f"UNTIL={until} is in the past: nothing was closed")
    _table(installation).close(_checked(jurisdiction), moment, by, now())
    return stamp(moment)


def reopen(installation: Installation, jurisdiction: str) -> int:
    """Restore the jurisdiction's own hours, and queue a run for every connected agent; returns their number."""
    if not _table(installation).reopen(_checked(jurisdiction), now()):
        raise OpsError(f"{jurisdiction} is not closed: make look says which places are")
    dynamodb = client("dynamodb")
    users = AgentTable(dynamodb, installation["AgentsTable"]).connected_users(now())
    marks = QueuedRuns(dynamodb, installation["AgentsTable"])
    queue, correlation_id = DialQueue(client("sqs"), installation["QueueUrl"], marks), f"opened-{uuid.uuid4()}"
    for user in users:
        queue.enqueue_run(user, Cause.HOURS, correlation_id)
    return len(users)


def closed(table: InstallationTable) -> Iterator[str]:
    """One line for each closed jurisdiction."""
    for jurisdiction, about in sorted(table.get_installation().closures.items()):
        if about["until"] > stamp(now()):
            yield f"{jurisdiction} until {about['until']}, since {about['since']} by {about['by']}"


def _table(installation: Installation) -> InstallationTable:
    return InstallationTable(client("dynamodb"), installation["AgentsTable"])


def _checked(jurisdiction: str) -> str:
    if not _JURISDICTION.fullmatch(jurisdiction):
        raise OpsError(f"{jurisdiction!r} is no place such as US-LA or FR")
    return jurisdiction


def _moment(text: str) -> float:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            last = date.fromisoformat(text) + timedelta(1)
            return (datetime.combine(last, datetime.min.time(), UTC) + _BEHIND_EVERYBODY).timestamp()
        moment: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or not moment.tzinfo:
        raise OpsError(f"{text!r} must be a date or a time, such as 2026-12-05 or 2026-12-05T18:00-06:00")
    return moment.timestamp()
