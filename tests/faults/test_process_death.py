"""A function's process dies, killed from outside, before and after all that it changes; the next delivery repairs.

The wire to AWS or Twilio kills the worker when a chosen request comes by: before the service has it, or when the
service has done it and the answer is on its way. The rest is the emulator's redelivery and Twilio's own repeats.

A death takes half a minute, so these are the ordinary call's: every request of it that changes something, by the list
that `scenarios` counts. All other points of all functions are killed by an exception, in `test_crash_points.py`.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from autocall.leads import FINAL, Due, can_release, is_in_flight
from autocall.timing import now, stamp
from tests.e2e.agents import PATIENCE_S, Numbers, Person, Tab
from tests.faults.conftest import FaultyStack
from tests.faults.scenarios import READS, SCENARIOS
from tests.faults.wire import Cut, Moment, Request

pytestmark = pytest.mark.timeout(1200)  # that the stack is brought up counts too

QUICK = {"outcome": "completed", "ring_s": 0, "talk_s": 0}


@dataclass
class Death:
    """Which function dies at which of its requests about the lead, and what the lead has come to at rest."""

    function: str
    request: str
    moment: Moment
    ends: str = "completed"
    calls: int = 1
    phone: str = field(default_factory=lambda: Numbers.take(1)[0])

    def __str__(self) -> str:
        return f"{self.function} dies {self.moment} {self.request}"


def _writes(status: str) -> Callable[[Request, str, str], bool]:
    """The write that gives the lead this status."""
    return lambda request, _user, lead: (
        request.operation == "UpdateItem"
        and lead in request.body
        and f'":s_call_status": {{"S": "{status}"}}' in request.body
    )


def _asks(operation: str) -> Callable[[Request, str, str], bool]:
    return lambda request, user, _lead: request.operation == operation and user in request.body


EFFECTS = {
    "take": "the taking of the run's mark",
    "mark": "the note of who calls the number",
    "claim": "the claim",
    "place": "the POST",
    "mark_placed": "the record of the placed call",
    "record_end": "the record of the end",
    "enqueue_run": "the queueing of the next run",
}
MARKED_BY_A_REPORT = "the mark of the next run"


NOT_HERE = ("count_call", "uncount_call")  # this stack has no limit of calls a day


def _of_the_mark(word: str) -> Callable[[Request, str, str], bool]:
    """The update of the agent's mark with that word in its condition."""
    return lambda request, user, _lead: (
        request.operation == "UpdateItem"
        and user in request.body
        and '"item": {"S": "queued"}' in request.body
        and word in json.loads(request.body)["ConditionExpression"]
    )


REQUESTS: dict[str, Callable[[Request, str, str], bool]] = {
    "the taking of the run's mark": _of_the_mark("attribute_exists(queued_at)"),
    "the mark of the next run": _of_the_mark("attribute_not_exists(queued_at)"),
    "the claim": _writes("claimed"),
    "the note of who calls the number": lambda request, _user, lead: (
        request.operation == "UpdateItem" and lead in request.body and '"item": {"S": "called"}' in request.body
    ),
    "the POST": lambda request, user, _lead: request.method == "POST" and user in request.body,
    "the record of the placed call": _writes("queued"),
    "the push that it started": lambda request, _user, lead: (
        "@connections" in request.path and lead in request.body and "call:started" in request.body
    ),
    "the record of the end": _writes("completed"),
    "the queueing of the next run": _asks("SendMessage"),
    "the push that it ended": lambda request, _user, lead: (
        "@connections" in request.path and lead in request.body and "call:completed" in request.body
    ),
}

DEATHS: list[tuple[str, str, Moment, str, int]] = [
    ("dialer", "the taking of the run's mark", "before", "completed", 1),
    ("dialer", "the taking of the run's mark", "after", "completed", 1),
    ("dialer", "the claim", "before", "completed", 1),
    ("dialer", "the claim", "after", "unknown", 0),
    ("dialer", "the note of who calls the number", "before", "unknown", 0),
    ("dialer", "the note of who calls the number", "after", "unknown", 0),
    ("dialer", "the POST", "before", "unknown", 0),
    ("dialer", "the POST", "after", "completed", 1),
    ("dialer", "the record of the placed call", "before", "completed", 1),
    ("dialer", "the record of the placed call", "after", "completed", 1),
    ("dialer", "the push that it started", "before", "completed", 1),
    ("status_webhook", "the record of the end", "before", "completed", 1),
    ("status_webhook", "the record of the end", "after", "completed", 1),
    ("status_webhook", "the mark of the next run", "before", "completed", 1),
    ("status_webhook", "the mark of the next run", "after", "completed", 1),
    ("status_webhook", "the queueing of the next run", "before", "completed", 1),
    ("status_webhook", "the queueing of the next run", "after", "completed", 1),
    ("status_webhook", "the push that it ended", "before", "completed", 1),
    ("status_webhook", "the push that it ended", "after", "completed", 1),
]
# A webhook that dies behind its record pushes nothing: its callback comes again, and is no news. A page has such an end
# from its next snapshot.
UNHEARD = {
    ("the record of the end", "after"),
    ("the mark of the next run", "before"),
    ("the mark of the next run", "after"),
    ("the queueing of the next run", "before"),
    ("the queueing of the next run", "after"),
    ("the push that it ended", "before"),
}


def test_no_change_that_an_ordinary_call_makes_is_left_out() -> None:
    """Before and after each; a push is struck once it is the lead's."""
    ordinary = {scenario.name: scenario for scenario in SCENARIOS}
    changes = [
        (function, MARKED_BY_A_REPORT if (function, effect) == ("status_webhook", "mark") else EFFECTS[effect])
        for function, name in (("dialer", "dialer: calls"), ("status_webhook", "webhook: completed at once"))
        for effect in ordinary[name].effects()
        if effect not in READS and effect not in ("push", *NOT_HERE)
    ]
    struck = {(function, request, moment) for function, request, moment, *_ in DEATHS}
    assert {(*change, moment) for change in changes for moment in ("before", "after")} <= struck


def test_wherever_a_process_dies_the_next_delivery_repairs(faulty: FaultyStack, someone: Callable[[], Person]) -> None:
    """Each death with an agent of its own: the number is dialled at most once, and the lead behind it is called too."""
    deaths = [Death(*about) for about in DEATHS]
    with ThreadPoolExecutor(7) as pool:
        wrong = [told for one in pool.map(lambda death: list(_die(faulty, someone(), death)), deaths) for told in one]
    assert not wrong, "\n".join(wrong)


def _die(faulty: FaultyStack, agent: Person, death: Death) -> Iterator[str]:
    """Let it happen in the middle of a list of two; what is wrong at the end, in words."""
    behind = Numbers.take(1)[0]
    for phone in (death.phone, behind):
        faulty.twilio.script(phone, **QUICK)
    assert agent.api("PUT", "/api/settings", json={"lines": 1}).status_code == 200
    leads = agent.imports(death.phone, behind)
    cut = _cut(faulty, agent, leads[0], death)
    tab = agent.tab().start()
    died = cut.happened.wait(2 * PATIENCE_S)
    if not died:
        yield f"{death}: it never came to that"
        return
    _watch_until_at_rest(faulty, agent, tab, leads[0], past_the_bound=not death.calls)

    if (death.request, death.moment) not in UNHEARD:
        yield from _unheard(death, tab, leads[0])
    rows = faulty.rows(agent)
    statuses = [rows[lead]["call_status"] for lead in leads]
    if statuses != [death.ends, "completed"]:
        yield f"{death}: the leads are {statuses}"
    if faulty.twilio.dialled(death.phone, behind) != [death.calls, 1]:
        yield f"{death}: the numbers were dialled {faulty.twilio.dialled(death.phone, behind)}"
    if faulty.posts(death.phone) > 1 or faulty.posts(behind) != 1:
        yield f"{death}: {faulty.posts(death.phone)} and {faulty.posts(behind)} requests for a call"
    busy = [row["due"] for row in rows.values() if is_in_flight(row)]
    if busy:
        yield f"{death}: a line is held until {busy}"


def _unheard(death: Death, tab: Tab, lead: str) -> Iterator[str]:
    """The page is told how it ended, whoever died."""
    try:
        tab.wait(lambda tab: tab.heard(lead, death.ends))
    except AssertionError:
        yield f"{death}: the page heard only {[(event, data['call_status']) for event, data in tab.of_lead(lead)]}"


def _cut(faulty: FaultyStack, agent: Person, lead: str, death: Death) -> Cut:
    wire = faulty.twilio_wire if death.request == "the POST" else faulty.aws_wire
    fits = REQUESTS[death.request]
    return wire.kill(
        lambda request: fits(request, agent.user_id, lead) and request.function == death.function, death.moment
    )


def _watch_until_at_rest(faulty: FaultyStack, agent: Person, tab: Tab, lead: str, *, past_the_bound: bool) -> None:
    """Do what a page does, without its patience, until both leads are at rest."""

    def at_rest() -> bool:
        row = faulty.row(agent, lead)
        if past_the_bound and not _is_settled(row) and Due.of(row).at > stamp(now()):
            faulty.let_time_pass(row, past_the_bound=True)
        return all(_is_settled(row) for row in faulty.rows(agent).values())

    tab.ask_until(at_rest)


def _is_settled(row: dict[str, Any]) -> bool:
    return row["call_status"] in FINAL or can_release(row)
