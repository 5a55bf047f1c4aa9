"""An operator lets one of the installation's numbers rest, or uses it again: nobody is called from one that rests."""

from collections.abc import Iterator

from autocall import reasons
from autocall.caller_id_table import CallerIdTable
from autocall.caller_ids import CallerIds
from autocall.timing import DAY_S, now, stamp
from ops import runs
from ops.installation import Installation, OpsError, client


def rest(installation: Installation, which: str, days: float, by: str) -> str:
    """Call nobody from that number for so many days; returns the end as a stamp. Calls in flight go on."""
    until = now() + days * DAY_S
    _table(installation).rest(_number(installation, which), reasons.STOPPED, until, by, now())
    return stamp(until)


def use_again(installation: Installation, which: str) -> int:
    """End the number's rest, whoever began it, and queue a run for every connected agent; returns their number."""
    number = _number(installation, which)
    if _table(installation).get(number).rests_until <= now():
        raise OpsError(f"{which} does not rest: make status says which numbers do")
    _table(installation).use_again(number)
    return runs.enqueue_for_all(installation, "number")


def of(installation: Installation) -> CallerIds:
    """The numbers that the installation calls from."""
    return CallerIds.parse(installation.outputs.get("CallFrom", ""))


def resting(installation: Installation) -> Iterator[str]:
    """One line for each number that rests, or of which networks have rejected the last calls."""
    caller_ids, table = of(installation), _table(installation)
    for number in caller_ids.numbers:
        state = table.get(number)
        if state.rests_until > now():
            by = f" by {state.by}" if state.by else ""
            yield (
                f"{caller_ids.label(number)} until {stamp(state.rests_until)}, since {state.since}{by}: {state.reason}"
            )
        elif state.rejected:
            yield f"{caller_ids.label(number)} does not, but networks rejected its last {state.rejected} calls"


def _number(installation: Installation, which: str) -> str:
    caller_ids = of(installation)
    number = caller_ids.named(which)
    if not number:
        labels = ", ".join(map(caller_ids.label, caller_ids.numbers)) or "none"
        raise OpsError(f"{which!r} is no number of call_from: there are {labels}")
    return number


def _table(installation: Installation) -> CallerIdTable:
    return CallerIdTable(client("dynamodb"), installation["AgentsTable"])
