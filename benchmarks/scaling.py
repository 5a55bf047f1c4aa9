"""Measures the dialer's cost of one lead in lists of different lengths: requests, rows read and CPU, in this process.

Each round puts ten leads first in an agent's list, lets one run call them and ends the calls, so that only the length
of the list differs. The lists take turns. CPU is that of the list's best round, because other load only adds to it;
requests and rows are those of the worst round.

`python -m benchmarks.scaling OUTPUTS [--quick]`
"""

import json
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from autocall.dynamo import to_dynamo
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey, lead_id
from autocall.timing import Timing
from autocall.twilio_calls import TwilioCalls
from benchmarks.apart import tell
from benchmarks.figures import Figure
from benchmarks.in_process import Context, Meter, Spent, load, queued
from benchmarks.stack import always
from tests.e2e.agents import Numbers, Outputs, Twilio, aws, sign_up

BURST = 10
ROUNDS, QUICK_ROUNDS = 7, 3
MOST_OWN_CPU_MS = 15.0
MOST_GROWTH = 1.1


@dataclass(frozen=True)
class List:
    """The length of a list, and how many called leads there are for each waiting one."""

    rows: int
    called_per_waiting: int

    @property
    def waiting(self) -> int:
        return self.rows // (1 + self.called_per_waiting)

    def __str__(self) -> str:
        return f"{self.rows:,} leads, {self.called_per_waiting:,} called per waiting one"


LISTS = [List(BURST, 0), List(2_000, 1), List(100_000, 1_000)]
QUICK_LISTS = [List(BURST, 0), List(200, 1), List(3_000, 1_000)]


@dataclass
class Rounds:
    """The cost of ten leads, for each round."""

    spent: list[Spent] = field(default_factory=list)

    def best(self, what: Callable[[Spent], float]) -> float:
        """The lowest value for one lead."""
        return min(what(spent) for spent in self.spent) / BURST

    def worst(self, what: Callable[[Spent], float]) -> float:
        """The highest value for one lead."""
        return max(what(spent) for spent in self.spent) / BURST


class Caller:
    """An agent with a list, whose runs execute in this process."""

    def __init__(self, outputs: Outputs, handler: ModuleType, list_: List) -> None:
        self._handler, self._name = handler, outputs["leads_table"]
        self._dynamodb = aws(outputs, "dynamodb")
        self._table = LeadTable(self._dynamodb, self._name, Timing(30))
        self._agent = sign_up(outputs)
        handler.services.agents.update_profile(self._agent.user_id, {"lines": BURST})
        tab = self._agent.tab()
        tab.emit("ping")
        tab.wait(lambda tab: tab.events("pong"))
        self._fill(list_)

    def round(self, meter: Meter, twilio: "TwilioClock") -> Spent:
        """One run that calls ten leads; returns its cost without the requests to Twilio."""
        phones = Numbers.take(BURST)
        for phone in phones:
            self._create(phone)
        twilio.cpu_s, twilio.calls = 0.0, 0
        spent = meter.spends(lambda: self._handler.handler(queued(self._agent.user_id), Context()))
        assert twilio.calls == BURST, f"{twilio.calls} calls"
        spent.cpu_s -= twilio.cpu_s
        for row in self._table.unsettled(self._agent.user_id):
            self._end(row["lead_id"])
        return spent

    def _create(self, phone: str) -> None:
        """Put the lead first in the list, so that the run calls it."""
        about = {"phone": phone, "zones": ["UTC"]}
        self._table.create(LeadKey(self._agent.user_id, lead_id(self._agent.user_id, phone)), about, 0.0, time.time())

    def _end(self, lead: str) -> None:
        row = self._table.get(LeadKey(self._agent.user_id, lead))
        sid, attempt = row["call_sid"], Attempt.of(row)
        assert self._table.record_end(attempt, sid, "completed", "benchmark", time.time()).won

    def _fill(self, list_: List) -> None:
        """Write the rows as the dialer leaves them: called leads are in the table, but not in the index."""
        moment = "2026-01-01T00:00:00.000Z"
        called = {"call_status": "completed", "has_been_called": True, "zones": ["UTC"]}
        waits = {"call_status": "pending", "has_been_called": False, "zones": ["UTC"], "due": f"wait#{moment}"}
        rows = [waits] * (list_.waiting - BURST) + [called] * (list_.rows - list_.waiting)
        about = [{"user_id": self._agent.user_id, "lead_id": uuid.uuid4().hex, "version": 1, **row} for row in rows]
        with ThreadPoolExecutor(4) as pool:
            for _ in pool.map(self._put, [about[start : start + 25] for start in range(0, len(about), 25)]):
                pass

    def _put(self, rows: list[dict[str, Any]]) -> None:
        puts = [{"PutRequest": {"Item": to_dynamo(row)}} for row in rows]
        answer = self._dynamodb.batch_write_item(RequestItems={self._name: puts})
        assert not answer["UnprocessedItems"]


class TwilioClock:
    """Measures the CPU time of requests to Twilio."""

    def __init__(self, calls: TwilioCalls) -> None:
        self.cpu_s, self.calls = 0.0, 0
        self._place = calls.place
        calls.place = self._timed  # type: ignore[method-assign]

    def _timed(self, call: Any) -> Any:
        began = time.process_time()
        try:
            return self._place(call)
        finally:
            self.cpu_s += time.process_time() - began
            self.calls += 1


def measure(outputs: Outputs, *, quick: bool) -> list[Figure]:
    """The figures of the table."""
    handler = load(outputs, "dialer")
    services = handler.services
    always(outputs, outcome="no-answer", ring_s=600, callbacks={"lose": True})
    Numbers.avoid(Twilio(outputs).witness())
    meter = Meter(services.leads._client, services.queue._client, services.push._client)
    twilio = TwilioClock(services.dialer.calls)
    lists = QUICK_LISTS if quick else LISTS
    callers = {list_: Caller(outputs, handler, list_) for list_ in lists}
    rounds = {list_: Rounds() for list_ in lists}
    for turn in range(-1, QUICK_ROUNDS if quick else ROUNDS):
        for list_, caller in callers.items():
            spent = caller.round(meter, twilio)
            if turn >= 0:
                rounds[list_].spent.append(spent)
    return [figure for list_ in lists for figure in _figures(list_, rounds[list_], rounds[lists[0]])]


def _figures(list_: List, took: Rounds, shortest: Rounds) -> list[Figure]:
    cpu, least_cpu = took.best(_cpu), shortest.best(_cpu)
    sent, least_sent = took.worst(_requests), shortest.worst(_requests)
    about = (
        f"best of {len(took.spent)} rounds: {cpu * 1000:.1f} ms of own CPU; worst: {sent:.1f} requests and "
        f"{took.worst(_rows):.0f} rows read a lead"
    )
    if took is shortest:
        return [Figure("own CPU a lead", str(list_), cpu * 1000, "ms", most=MOST_OWN_CPU_MS, about=about)]
    return [
        Figure("own CPU a lead", str(list_), cpu / least_cpu, f"x {BURST} leads", most=MOST_GROWTH, about=about),
        Figure("requests a lead", str(list_), sent / least_sent, f"x {BURST} leads", most=MOST_GROWTH),
    ]


def _cpu(spent: Spent) -> float:
    return spent.cpu_s


def _requests(spent: Spent) -> float:
    return spent.requests.total()


def _rows(spent: Spent) -> float:
    return spent.rows


if __name__ == "__main__":
    tell(measure(json.loads(Path(sys.argv[1]).read_text()), quick="--quick" in sys.argv))
