"""Measures whether what is waited for grows with the length of a list, and with the agents who work at once.

Each agent is a process of its own, as each run has an environment of its own on AWS; all speak over TLS with one server
that answers after the delays of `delays.json`. After each call an agent does the same on the floor: the bare SDK, with
only the requests that cannot be left out. So whatever else the machine does meets both.

`python -m benchmarks.growth` prints the tables of `docs/scale.md` and draws its pictures.
"""

import io
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autocall.aws import client
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey, lead_id
from autocall.timing import Timing, now
from benchmarks.apart import tell
from benchmarks.far_away import Floor, Functions, point_at
from benchmarks.figures import Figure, percentile
from benchmarks.line_chart import Chart, Line, drawn
from benchmarks.slow_services import SlowServices, running

LENGTHS, QUICK_LENGTHS = (10, 100, 1_000, 10_000, 100_000), (10, 100_000)
AGENTS, QUICK_AGENTS = (1, 5, 10, 25, 50), (1, 5)
USUAL_LENGTH = 100
DRAWN, SAMPLES, QUICK_SAMPLES = 60, 16, 4
LEAST_CALLS, WARM_UP = 3, 2
PACE_S, PACE_OF_LISTS_S, ALONE_S = 4.0, 1.5, 1.0
"""An agent begins a call every four seconds; those who are few, more often, so that it takes no longer."""
SETTLES_S = 0.3
"""Seconds for each agent, over which their first calls are spread: a first call opens all connections."""
MOST_GROWTH = 1.1
PATHS = ("leads:fetched → the POST leaves", "callback: it rings → page")
PICTURES = Path(__file__).parents[1] / "docs" / "growth"


@dataclass
class Waits:
    """Seconds on the clock, of each sample: of both paths, ours and the floor's."""

    ours: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    floor: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))

    def add(self, more: "Waits") -> None:
        for kept, each in zip((*self.ours, *self.floor), (*more.ours, *more.floor), strict=True):
            kept += each

    def p50(self, path: int) -> float:
        return percentile(self.ours[path], 0.5)

    def ratio(self, path: int) -> float:
        return self.p50(path) / percentile(self.floor[path], 0.5)


@dataclass(frozen=True)
class Work:
    """What one agent does: so many calls at that pace, first in a list that is so long."""

    agent: int
    length: int
    calls: int
    pace_s: float
    settles_s: float

    @property
    def user(self) -> str:
        return f"agent-{self.agent}"

    def lead(self, turn: int) -> tuple[LeadKey, str]:
        """The lead of that turn, and its number, which nobody else has."""
        phone = f"+1201{2_000_000 + 1000 * self.agent + turn}"
        return LeadKey(self.user, lead_id(self.user, phone)), phone


def prepared(work: Work, services: SlowServices) -> None:
    """Write the agent's list, which is due after what is called first."""
    dynamodb, moment = client("dynamodb", endpoint_url=services.at_once), now()
    key, phone = work.lead(999)
    leads = LeadTable(dynamodb, os.environ["LEADS_TABLE"], Timing())
    assert leads.create(key, {"phone": phone, "zones": ["America/New_York"]}, moment - 60, moment).won
    row = dynamodb.get_item(
        TableName=os.environ["LEADS_TABLE"],
        Key={"user_id": {"S": key.user}, "lead_id": {"S": key.lead}},
        ConsistentRead=True,
    )["Item"]
    services.fill(row, row["due"]["S"], work.length - 1)


def done(work: Work, services: SlowServices) -> Waits:
    """Do the work in this process, whose functions print their metrics."""
    with redirect_stdout(io.StringIO()):
        return _done(work, services)


def _done(work: Work, services: SlowServices) -> Waits:
    functions, floor = Functions(services, 1), Floor(1, user=f"floor of {work.user}")
    waits, begins = Waits(), time.monotonic()
    for turn in range(-WARM_UP, work.calls):
        within = work.pace_s if turn > -WARM_UP else work.settles_s
        time.sleep(max(0.0, begins + random.random() * within - time.monotonic()))
        begins += within
        ours = called(work, functions, turn + WARM_UP)
        least = floor.to_the_post().wall, floor.to_the_page().wall
        if turn >= 0:
            waits.add(Waits(([ours[0]], [ours[1]]), ([least[0]], [least[1]])))
    return waits


def called(work: Work, functions: Functions, turn: int) -> tuple[float, float]:
    """One call that a new page of the agent starts, and that rings: how long each path took."""
    (key, phone), moment, page = work.lead(turn), now(), f"{work.user}-{turn}"
    functions.agents.connect(work.user, page, int(moment) + 3600, moment)
    functions.agents.touch(work.user, page, moment)
    created = functions.leads.create(key, {"phone": phone, "zones": ["America/New_York"]}, moment - 3600, moment - 3600)
    assert created.won
    to_the_post = functions.until_the_post(work.user, lambda: functions.fetched(work.user, page))
    row = functions.leads.get(key)
    attempt, sid = Attempt.of(row), row["call_sid"]
    to_the_page = functions.until_the_page(lambda: functions.report(attempt, sid, "ringing"))
    assert functions.leads.record_end(attempt, sid, "no-answer", "callback", now()).won
    functions.agents.disconnect(work.user, page)
    return to_the_post.wall, to_the_page.wall


class Growth:
    """Several works at once, over services that keep all that was done before."""

    def __init__(self, services: SlowServices, samples: int) -> None:
        self._services, self._samples = services, samples
        self._agents = 0

    def by_length(self, lengths: Sequence[int]) -> dict[int, Waits]:
        """One agent for each length, all at once."""
        works = [self._work(length, self._samples, PACE_OF_LISTS_S, len(lengths)) for length in lengths]
        return dict(zip(lengths, self._done(works), strict=True))

    def by_agents(self, counts: Sequence[int]) -> dict[int, Waits]:
        """So many agents at once, one number of them after the other."""
        found = {}
        for agents in counts:
            found[agents] = Waits()
            calls = max(LEAST_CALLS, -(-self._samples // agents))
            pace_s = min(PACE_S, ALONE_S * agents)
            for waits in self._done([self._work(USUAL_LENGTH, calls, pace_s, agents) for _ in range(agents)]):
                found[agents].add(waits)
        return found

    def _work(self, length: int, calls: int, pace_s: float, agents: int) -> Work:
        self._agents += 1
        work = Work(self._agents, length, calls, pace_s, agents * SETTLES_S)
        prepared(work, self._services)
        return work

    def _done(self, works: Sequence[Work]) -> list[Waits]:
        with ProcessPoolExecutor(len(works), multiprocessing.get_context("fork")) as processes:
            return list(processes.map(done, works, [self._services] * len(works)))


def measured(samples: int, lengths: Sequence[int], agents: Sequence[int]) -> tuple[dict[int, Waits], dict[int, Waits]]:
    """By the length of the list, and by the agents at work."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), 1) as services:
        point_at(services)
        growth = Growth(services, samples)
        return growth.by_length(lengths), growth.by_agents(agents)


def measure(*, quick: bool) -> Iterator[Figure]:
    """The figures of the table: how much longer it takes with the most than with the fewest."""
    asked = (QUICK_SAMPLES, QUICK_LENGTHS, QUICK_AGENTS) if quick else (SAMPLES, LENGTHS, AGENTS)
    for what, waits in zip(("leads", "agents at once"), measured(*asked), strict=True):
        (fewest, least), *_, (most, longest) = waits.items()
        for path, name in enumerate(PATHS):
            about = f"{1000 * longest.p50(path):.0f} ms, {longest.ratio(path):.2f} x its floor"
            about += f"; with {fewest:,} {1000 * least.p50(path):.0f} ms, {least.ratio(path):.2f} x"
            growth = longest.ratio(path) / least.ratio(path)
            name = f"{name}, {most:,} {what}"
            yield Figure("growth", name, growth, f"x with {fewest:,}", most=MOST_GROWTH, about=about)


def table(first: str, waits: dict[int, Waits]) -> Iterator[str]:
    """In Markdown."""
    yield (
        f"| {first} | samples | "
        + " | ".join(f"{path}: p50, ms | floor | ratio | p95 | floor" for path in PATHS)
        + " |"
    )
    yield "|---|---" + "|---" * 10 + "|"
    for step, each in waits.items():
        cells = [f"{step:,}", f"{len(each.ours[0]):,}"]
        for path in range(len(PATHS)):
            cells += [f"{1000 * percentile(of[path], 0.5):.0f}" for of in (each.ours, each.floor)]
            cells += [f"{each.ratio(path):.2f}"]
            cells += [f"{1000 * percentile(of[path], 0.95):.0f}" for of in (each.ours, each.floor)]
        yield f"| {' | '.join(cells)} |"


def picture(across: str, waits: dict[int, Waits], caption: str) -> str:
    """Both paths over what grows."""
    return drawn([_chart(path, name, across, waits) for path, name in enumerate(PATHS)], caption)


def _chart(path: int, name: str, across: str, waits: dict[int, Waits]) -> Chart:
    def line(of: str, share: float) -> list[float]:
        return [1000 * percentile(getattr(each, of)[path], share) for each in waits.values()]

    lines = [
        Line("p50", line("ours", 0.5)),
        Line("p95", line("ours", 0.95)),
        Line("floor, p50", line("floor", 0.5), dashed=True),
    ]
    return Chart(name, across, [f"{step:,}" for step in waits], "milliseconds", lines)


def main() -> None:
    """Print the tables and draw the pictures."""
    load, day = os.getloadavg()[0], datetime.now(UTC).date()
    caption = f"python -m benchmarks.growth, {day}; AWS's delays by an emulator, one machine with {os.cpu_count()} CPUs"
    print(f"{day}, {os.cpu_count()} CPUs, load {load:.1f} before")
    PICTURES.mkdir(exist_ok=True)
    for file, across, waits in zip(
        ("leads", "agents"),
        ("leads in the list", "agents who call at once"),
        measured(DRAWN, LENGTHS, AGENTS),
        strict=True,
    ):
        print("\n".join(table(across, waits)))
        (PICTURES / f"{file}.svg").write_text(picture(across, waits, caption))


if __name__ == "__main__":
    if "--figures" in sys.argv:
        tell(list(measure(quick="--quick" in sys.argv)))
    else:
        main()
