"""The edges of docs/state-machine.md: which there are, which a write has taken, and which writes were ever refused.

Those of leads are read from the page: a write that takes one that is not there breaks the promise. Of a session the
page's words are told in `OF_A_SESSION`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from autocall.leads import FINAL, LIVE, PENDING, UNKNOWN, predecessors
from autocall.session import ENDED, RINGING
from autocall.session import LIVE as ON_THE_LINE
from tests.faults.expressions import Item

_PAGE = Path(__file__).parents[2] / "docs" / "state-machine.md"
_ROW = re.compile(r"\| `(\w+)` \| ([^|]+) \|(?:[^|]*\|){6}")
NOTHING, TOMBSTONE, NUMBER, ANY = "nothing", "a tombstone", "a number that is no lead", "any"
_FREE, _KEPT, _ANSWERED, _TALKS, _WRITES_UP = "free", "kept", "answered", "they talk", "wrapping up"
_UNCHANGED = ", unchanged"
_EACH: dict[str, tuple[str, ...]] = {
    "any": (ANY,),
    "any but pending": (ANY,),
    "any but in flight": (PENDING, UNKNOWN, *FINAL),
    "any live status": LIVE,
    "a final one": FINAL,
}
OF_A_SESSION: dict[str, tuple[tuple[str, str], ...]] = {
    "open": tuple((was, RINGING) for was in (NOTHING, RINGING, ON_THE_LINE, ENDED)),
    "rung": ((RINGING, RINGING),),
    "live": ((RINGING, ON_THE_LINE), (ON_THE_LINE, ON_THE_LINE)),
    "heard": ((ON_THE_LINE, ON_THE_LINE),),
    "end": ((RINGING, ENDED), (ON_THE_LINE, ENDED)),
    "set_wrap_up": ((RINGING, RINGING), (ON_THE_LINE, ON_THE_LINE)),
    "reserve": ((_FREE, _KEPT), (_WRITES_UP, _KEPT)),
    "take": ((_KEPT, _ANSWERED),),
    "take_inbound": ((_FREE, _ANSWERED), (_WRITES_UP, _ANSWERED)),
    "joined": ((_ANSWERED, _TALKS),),
    "hold": ((_TALKS, _TALKS),),
    "done": ((_WRITES_UP, _FREE), (_TALKS, _TALKS)),
    "extend": ((_WRITES_UP, _WRITES_UP),),
    "free": ((_KEPT, _FREE), (_ANSWERED, _FREE), (_TALKS, _WRITES_UP), (_TALKS, _FREE)),
}
"""A wrap-up, or a reservation, that is over by the clock is in the way of no other."""
_BY_PHASE = ("open", "rung", "live", "heard", "end", "set_wrap_up")
_MARKS = ("held", "dnc", "asking", "again_after", "call_sid", "joined_at", "abandoned_at", "confirmed_until", "strays")
_REPORTS = ("record_live", "record_end", "record_end_without_agent")
_REFUSES_NOTHING = {"LeadTable.add_to_dnc"}


@cache
def of_a_lead() -> Mapping[str, frozenset[tuple[str, str]]]:
    """By write: from which status to which, as the page has them."""
    page = _PAGE.read_text().split("# The state machine of a session")[0]
    rows = [found for line in page.splitlines() if (found := _ROW.fullmatch(line))]
    return {row[1]: frozenset(_told(row[2])) for row in rows}


def _told(cell: str) -> Iterator[tuple[str, str]]:
    for way in cell.split("; "):
        if way.endswith(_UNCHANGED):
            yield from ((status, status) for status in _statuses(way.removesuffix(_UNCHANGED)))
            continue
        before, _, after = way.partition(" → ")
        if after == "the status":
            yield from ((was, status) for status in LIVE for was in predecessors(status))
        else:
            yield from ((was, status) for was in _statuses(before) for status in _statuses(after))


def _statuses(words: str) -> Iterator[str]:
    for word in re.split(r", or | or |, ", words):
        yield from _EACH.get(word, (word,))


def of(table: str, write: str, before: Item, after: Item) -> str:
    """What to count the edge as that a write has taken; "" for one that the page does not name, of a session."""
    if table == "LeadTable":
        known, was, becomes = of_a_lead()[write], _status(before), _status(after)
        if was == becomes == TOMBSTONE:  # what became of its call is written down all the same
            was, becomes = (str(item["call_status"]["S"]) for item in (before, after))
        if (ANY, ANY) in known and was == becomes:
            was = becomes = ANY
        assert (was, becomes) in known, f"{write} moved a lead from {was} to {becomes}"
        return _edge(table, write, was, becomes)
    look = _phase if write in _BY_PHASE else _taken_up_with
    move = look(before), look(after)
    return _edge(table, write, *move) if move in OF_A_SESSION[write] else ""


def _edge(table: str, write: str, was: str, becomes: str) -> str:
    return f"edge: {table}.{write}: {was} → {becomes}"


def _status(item: Item) -> str:
    if "deleted_at" in item:
        return TOMBSTONE
    if "call_status" in item:
        return str(item["call_status"]["S"])
    return NUMBER if "dnc" in item or "dnc_removed" in item else NOTHING


def _phase(item: Item) -> str:
    return str(item["phase"]["S"]) if "phase" in item else NOTHING


def _taken_up_with(item: Item) -> str:
    if "call_attempt" in item:
        return _TALKS if "call_joined" in item else _ANSWERED if "call_taken" in item else _KEPT
    return _WRITES_UP if "wrap_attempt" in item else _FREE


def state(table: str, item: Item) -> str:
    """In which state a write has left a lead, or a session: by all that decides what may follow."""
    if table == "SessionTable":
        return f"state: session {_phase(item)}, {_taken_up_with(item)}"
    due = str(item["due"]["S"]).partition("#")[0] if "due" in item else "no"
    marks = [name for name in _MARKS if name in item]
    called = "called" if item.get("has_been_called", {}).get("BOOL") else "not called"
    return f"state: lead {_status(item)}, due {due}, {', '.join([called, *marks])}"


def every() -> list[str]:
    """All edges, as they are counted."""
    leads = [_edge("LeadTable", write, *move) for write, moves in of_a_lead().items() for move in sorted(moves)]
    return leads + [_edge("SessionTable", write, *move) for write, moves in OF_A_SESSION.items() for move in moves]


def writes() -> list[str]:
    """All writes that can be refused."""
    found = [f"LeadTable.{write}" for write in of_a_lead()] + [f"SessionTable.{write}" for write in OF_A_SESSION]
    return [write for write in found if write not in _REFUSES_NOTHING]


def is_for_nobody(edge: str) -> bool:
    """Whether no history takes it while the promise holds; the write matrix does.

    A run is over before its attempt is taken for unknown. A lead that was called waits again by a person's word alone,
    after which no report of the last call counts.
    """
    _, write, move = edge.split(": ")
    was, _, _ = move.partition(" → ")
    late = write.partition(".")[2] in ("mark_placed", "mark_refused", "release") and was == UNKNOWN
    return late or (write.partition(".")[2] in _REPORTS and was == PENDING)


def never_taken(told: Counter[str]) -> list[str]:
    return [edge for edge in every() if not told[edge]]


def never_refused(told: Counter[str]) -> list[str]:
    return [write for write in writes() if not told[f"refused: {write}"]]
