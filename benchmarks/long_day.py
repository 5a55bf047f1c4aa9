"""A long day in one page: eight hours of calls and of lost connections, and whether anything in it grows.

    python -m benchmarks.long_day [calls] [connections]

The built page runs in Chromium against its demo server, on a clock that is moved: a minute of the day takes as long as
the page computes. After each hour all garbage is collected, and what is left is counted.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page

from benchmarks.figures import Figure
from benchmarks.long_list import demo, heap_mb, log_in, opened, tell
from benchmarks.report import table
from local import page as leads_page

HOURS, CALLS, CONNECTIONS, LEADS = 8, 5_000, 500, 1_000
A_CALMER_DAY = 640, 64  # calls, connections: an eighth of that, and every hour of it
MOST_GROWTH = 1.1
STAGES = 4
_HOUR_MS = 3_600_000
_PREPARED = """
delete window.Worker  // the page's timers run in one, which no clock of the page moves
for (const level of ['debug', 'log', 'info']) console[level] = () => undefined  // who listens keeps what it says
"""


@dataclass(frozen=True)
class Hour:
    """What the page holds at the end of an hour, and how many sockets its server has open."""

    heap_mb: float
    listeners: int
    nodes: int
    sockets: int


def main(calls: int, connections: int) -> None:
    """Print the figures."""
    print(
        f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before; {calls:,} calls, {connections} connections lost"
    )
    began = time.monotonic()
    print(table(list(measure(calls, connections))))
    print(f"took {time.monotonic() - began:.0f} s")


def measure(calls: int, connections: int) -> Iterator[Figure]:
    """The last hour against the second: before that the page has not seen everything yet."""
    leads_page.build(_no_word)
    frames = Counter[str]()

    def hear(frame: str | bytes) -> None:
        frames.update([json.loads(frame)["event"]])

    with demo(LEADS), opened() as page:
        page.on("websocket", lambda socket: socket.on("framereceived", hear))
        hours = list(_day(page, calls, connections))
    first, last = hours[1], hours[-1]
    by_hour = ", ".join(f"{hour.heap_mb:.1f}" for hour in hours)
    yield _growth("heap", last.heap_mb / first.heap_mb, f"{by_hour} MB")
    yield _growth("listeners", last.listeners / first.listeners, f"{first.listeners}, then {last.listeners}")
    yield _growth("nodes of the document", last.nodes / first.nodes, f"{first.nodes}, then {last.nodes}")
    yield Figure("long day", "sockets that are open", max(hour.sockets for hour in hours), "", most=1)
    told = sum(count for event, count in frames.items() if event.startswith("call:")) / (
        STAGES * (calls // connections) * connections
    )
    yield Figure("long day", "events that came", told, "x those of all calls", least=1.0)


def _no_word(_text: str) -> None:
    """Discards the build's progress messages."""


def _growth(what: str, value: float, about: str) -> Figure:
    return Figure("long day", what, value, "x after two hours", most=MOST_GROWTH, about=about)


def _day(page: Page, calls: int, connections: int) -> Iterator[Hour]:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    page.add_init_script(_PREPARED)
    page.clock.install()
    log_in(page)
    page.wait_for_selector("[data-lead-id]")
    lost = 0
    for hour in range(1, HOURS + 1):
        each = hour * connections // HOURS - lost
        lost += each
        for _ in range(each):
            tell({"calls": calls // connections})
            page.clock.run_for(_HOUR_MS // each)
            _lose_the_connection(page)
        yield _hour(page, session)


def _lose_the_connection(page: Page) -> None:
    """The page opens another one."""
    tell({"kick": True})
    deadline = time.monotonic() + 30
    while not tell({})["sockets"]:
        page.clock.run_for(1_000)
        assert time.monotonic() < deadline, "the page opens no connection"


def _hour(page: Page, session: CDPSession) -> Hour:
    heap = heap_mb(session)
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    assert page.locator("[data-lead-id]").count()
    return Hour(heap, int(metrics["JSEventListeners"]), int(metrics["Nodes"]), tell({})["sockets"])


if __name__ == "__main__":
    wanted = [int(argument) for argument in sys.argv[1:]]
    main(*(wanted or [CALLS, CONNECTIONS]))
