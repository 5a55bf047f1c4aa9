"""An operator closes a place, for an emergency or a holiday that no list has, and opens it again."""

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

_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_BEHIND_EVERYBODY = timedelta(hours=12)


def close(installation: Installation, place: str, until: str, by: str) -> str:
    """Nobody who can be in that place is called before then; until when, as a stamp. Calls under way go on.

    A date alone includes that day, wherever on earth it ends last.
    """
    moment = _moment(until)
    if moment <= now():
        raise OpsError(f"UNTIL={until} is over: nothing was closed")
    _table(installation).close(_checked(place), moment, by, now())
    return stamp(moment)


def reopen(installation: Installation, place: str) -> int:
    """The place's own hours hold again; a run is queued for everybody who has a page open: how many they are."""
    if not _table(installation).reopen(_checked(place), now()):
        raise OpsError(f"{place} is not closed: make look says which places are")
    dynamodb = client("dynamodb")
    users = AgentTable(dynamodb, installation["AgentsTable"]).connected_users(now())
    marks = QueuedRuns(dynamodb, installation["AgentsTable"])
    queue, correlation_id = DialQueue(client("sqs"), installation["QueueUrl"], marks), f"opened-{uuid.uuid4()}"
    for user in users:
        queue.enqueue_run(user, Cause.HOURS, correlation_id)
    return len(users)


def closed(table: InstallationTable) -> Iterator[str]:
    """The places that are closed, each in a line."""
    for place, about in sorted(table.get_installation().closures.items()):
        if about["until"] > stamp(now()):
            yield f"{place} until {about['until']}, since {about['since']} by {about['by']}"


def _table(installation: Installation) -> InstallationTable:
    return InstallationTable(client("dynamodb"), installation["AgentsTable"])


def _checked(place: str) -> str:
    if not _PLACE.fullmatch(place):
        raise OpsError(f"{place!r} is no place such as US-LA or FR")
    return place


def _moment(told: str) -> float:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", told):
            last = date.fromisoformat(told) + timedelta(1)
            return (datetime.combine(last, datetime.min.time(), UTC) + _BEHIND_EVERYBODY).timestamp()
        read: datetime | None = datetime.fromisoformat(told)
    except ValueError:
        read = None
    if read is None or not read.tzinfo:
        raise OpsError(f"{told!r} is no moment such as 2026-12-05 or 2026-12-05T18:00-06:00")
    return read.timestamp()
