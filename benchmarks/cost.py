"""Computes the cost of calls, of an idle month and of a million leads a day, from counted requests and dated prices.

`python -m benchmarks.cost` prints the tables of `docs/scale.md`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.requests_table import Requests, RequestsTable
from cdk.settings import parse

PRICES: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text())
INSTALLATION = parse({})
Usage = dict[str, float]

# Assumptions, for everything that cannot be counted here.
MEMORY_GB = INSTALLATION.memory_mb / 1024
IMPORT_GB = 1769 / 1024  # of `leads_api`, which has a whole processor
DIAL_S, CALLBACK_S, FRAME_S, IMPORT_S_A_ROW = 0.40, 0.04, 0.02, 0.01
INIT_S, COLD = 0.3, 0.01  # a new environment's start, which is paid for too, and how many invocations need one
LOG_KB_AN_INVOCATION = 2
READ_UNITS = 1.5  # most reads are below 4 kB; the batch has two items, the page of waiting leads two or three units
LEAD_WRITE_UNITS = 4  # a row of up to 2 kB, and its index entry deleted and written again
OTHER_WRITE_UNITS = 1
ROWS_GB_A_MILLION = 2.0
TRACED = 0.05  # X-Ray's default rule: the first request of every second, then one in twenty
POLLERS, POLL_S = 5, 20  # Lambda polls the queue all the time: concurrent pollers, and SQS's longest wait
EMPTY_RECEIVES_A_MONTH = POLLERS * 30 * 86_400 / POLL_S
ALARMS = 34
"""Of an installation with one number to call from; each further one has two more, and two metrics."""
CALLBACKS = 3  # ringing, answered, completed
ANSWERED, TALKED_MIN = 0.3, 1.0


_PUSHES = "pushes pushes_gone pushes_failed"
METRICS = {
    "dialer": "runs run_length run_called run_failed run_held run_parked run_passed run_settled waiting "
    "claimed placed refused_lead refused_permission refused_account refused_caller_id refused_unlisted "
    f"throttled not_sent unknown lost {_PUSHES}",
    "leads_api": f"api_2xx api_4xx api_5xx {_PUSHES}",
    "leads_fetched": f"frames {_PUSHES}",
    "status_webhook": "callback_applied callback_repeated callback_stray callback_ignored callback_refused "
    f"callback_abandoned callback_lag abandoned_percent "
    f"caller_id_rests short_percent declined_percent {_PUSHES}",
    "voice": "answers answered_by_machine joined joined_late join_time abandoned never_again voice_failed"
    f" voice_refused {_PUSHES}",
}
"""Each metric is billed for the hours in which it is written; here, as if it were written in every hour."""
METRICS_IN_USE = sum(len(names.split()) for names in METRICS.values())


@dataclass(frozen=True)
class Calling:
    """How leads are called: pages open per agent, and how long an agent's line is busy with one lead, in seconds."""

    pages: int = 1
    line_busy_s: float = 60
    lines: int = INSTALLATION.lines
    paced: bool = INSTALLATION.calls_per_second > 0
    table: RequestsTable = field(default_factory=RequestsTable)

    @property
    def agent_minutes(self) -> float:
        """The cost of one agent's pages, for one lead."""
        return self.line_busy_s / 60 / self.lines

    def lead(self) -> Usage:
        """Everything for one lead: imported, dialled by a run of its own, three callbacks, and the page's pings."""
        run = self.table.of("a run that finds nothing to do", self.pages)
        dialled = self.table.of("a lead dialled at a paced rate" if self.paced else "a lead dialled", self.pages)
        rings = self.table.of("a callback: it rings", self.pages)
        ended = self.table.of("a callback: it has ended", self.pages)
        pings = self.agent_minutes * self.pages * 60 / INSTALLATION.ping_period_s
        of_leads = [
            _row_write(dialled, others=int(self.paced)),
            *[rings] * (CALLBACKS - 1),
            _row_write(ended, others=1),
        ]
        of_agents = [run, *[Requests(0, 1, 0, 0)] * (int(self.paced) + 1)]  # a slot of the rate, the next run's mark
        return together(
            _requests(of_leads, LEAD_WRITE_UNITS),
            _requests(of_agents, OTHER_WRITE_UNITS),
            _times(together(_requests([self.table.of("ping")], OTHER_WRITE_UNITS), {"WebSocket messages": 1}), pings),
            {"DynamoDB write units": 2},  # the import: the row and its index entry
            {"HTTP API requests": CALLBACKS, "WebSocket minutes": self.agent_minutes * self.pages},
            {"SQS FIFO requests": 2},  # received and deleted
            _invocations(1, DIAL_S),
            _invocations(CALLBACKS, CALLBACK_S),
            _invocations(pings, FRAME_S),
            {"Lambda time, arm64, GB-seconds": IMPORT_S_A_ROW * IMPORT_GB},
        )


def together(*parts: Usage) -> Usage:
    """The sum of what is used."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: sum(part.get(name, 0) for part in parts) for name in names}


def _row_write(dialled: Requests, others: int) -> Requests:
    return Requests(dialled.reads, dialled.writes - others, dialled.queued, dialled.posts)


def _requests(things: Iterable[Requests], write_units: float) -> Usage:
    return together(
        *(
            {
                "DynamoDB read units": thing.reads * READ_UNITS,
                "DynamoDB write units": thing.writes * write_units,
                "SQS FIFO requests": thing.queued,
                "WebSocket messages": thing.posts,
            }
            for thing in things
        )
    )


def _invocations(count: float, seconds: float) -> Usage:
    return {
        "Lambda requests": count,
        "Lambda time, arm64, GB-seconds": count * (seconds + COLD * INIT_S) * MEMORY_GB,
        "CloudWatch Logs, GB": count * LOG_KB_AN_INVOCATION / 1e6,
        "X-Ray traces": count * TRACED,
    }


def _times(used: Usage, factor: float) -> Usage:
    return {name: count * factor for name, count in used.items()}


def idle_month() -> Usage:
    """An idle hour: no calls, no pages."""
    return {
        "SQS FIFO requests": EMPTY_RECEIVES_A_MONTH,
        "Secrets Manager secret-months": 1,
        "CloudWatch alarm-months": ALARMS,
    }


def million_a_day(calling: Calling) -> Usage:
    """One day, with its share of monthly storage and metrics."""
    kept = {"DynamoDB GB-months, with recovery": 30 * ROWS_GB_A_MILLION, "CloudWatch metric-months": METRICS_IN_USE}
    return together(_times(calling.lead(), 1_000_000), _times(together(idle_month(), kept), 1 / 30))


def dollars(used: Mapping[str, float]) -> float:
    return sum(price(name) * count for name, count in used.items())


def price(name: str) -> float:
    entry = PRICES["prices"][name]
    return float(entry["usd"] / entry["per"])


def twilio(leads: int) -> float:
    """Twilio's price for the answered calls."""
    return leads * ANSWERED * TALKED_MIN * price("Twilio minutes")


LEGS = {"the browser": "Twilio minutes of a browser", "their phone": "Twilio minutes"}
SHIFT_H = 8


def on_the_line(minutes_of: str) -> dict[str, float]:
    """Dollars for an hour of an agent's own call, talking or not: the leg, and their place in the room."""
    return {"leg": 60 * price(minutes_of), "room": 60 * price("Twilio minutes of a participant")}


def line_table() -> str:
    """What agents cost who are on the line before anybody is called."""
    head = [f"| by | the leg | the room | an hour, USD | {SHIFT_H} hours |", "|---|---|---|---|---|"]
    hours = {by: on_the_line(minutes_of) for by, minutes_of in LEGS.items()}
    rows = [
        f"| {by} | {hour['leg']:.3f} | {hour['room']:.3f} | **{sum(hour.values()):.2f}** "
        f"| {SHIFT_H * sum(hour.values()):.2f} |"
        for by, hour in hours.items()
    ]
    return "\n".join([*head, *rows])


@dataclass(frozen=True)
class Limit:
    """One limit of the installation: its use in a second of the busiest hour, who sets it, and how to raise it."""

    name: str
    needed: float
    allowed: float
    raised_by: str

    @property
    def used(self) -> float:
        return self.needed / self.allowed


HOURS_A_DAY, BUSIEST = 10, 1.5  # calls are allowed for ten hours; the busiest one has 1.5 times the average
BIG = Calling(lines=3)
ALL_BACK_S = 30  # the time in which all pages reconnect after all sockets were cut


def limits(leads_a_day: int = 1_000_000, calling: Calling = BIG) -> list[Limit]:
    """The limits of the account, of Twilio and of our settings; the one that is reached first comes first."""
    calls = leads_a_day / HOURS_A_DAY / 3600 * BUSIEST
    agents = calls * calling.line_busy_s / calling.lines
    lead = calling.lead()
    frames = agents * calling.pages / INSTALLATION.ping_period_s
    running = calls * DIAL_S
    invoked = running + calls * CALLBACKS * CALLBACK_S + frames * FRAME_S
    ours = INSTALLATION
    return sorted(
        [
            Limit("calls a second, at Twilio", calls, 1, "Twilio: ask for more CPS; more than one account beyond that"),
            Limit("calls a second, ours", calls, ours.calls_per_second, "`calls_per_second`, to what Twilio gives"),
            Limit("callbacks a second, ours", calls * CALLBACKS, ours.callbacks_per_second, "`callbacks_per_second`"),
            Limit("runs at once, ours", running, ours.max_concurrency, "`max_concurrency`"),
            Limit("functions at once", invoked, 1000, "AWS: Lambda's concurrent executions (new accounts have 10)"),
            Limit("functions at once, in a new account", invoked, 10, "AWS: Lambda's concurrent executions"),
            Limit(
                "handshakes a second, ours",
                agents * calling.pages / ALL_BACK_S,
                ours.handshakes_per_second,
                "`handshakes_per_second`",
            ),
            Limit(
                "new sockets a second",
                agents * calling.pages / ALL_BACK_S,
                500,
                "AWS: WebSocket connections per second",
            ),
            Limit("frames a second, ours", frames, ours.socket_frames_per_second, "`socket_frames_per_second`"),
            Limit(
                "requests a second over all APIs",
                calls * CALLBACKS + frames + calls * lead["WebSocket messages"],
                10_000,
                "AWS: API Gateway's account throttle (2,500 in newer regions)",
            ),
            Limit("runs queued a second, for one agent", calls / agents, 300, "cannot be met by one agent"),
            Limit(
                "writes a second to the rate's item",
                calls * int(calling.paced),
                1000,
                "`calls_per_second=0`, where Twilio queues well enough",
            ),
            Limit("reads a second of the account's item", 2 * calls, 3000, "a second installation (`stage`)"),
            Limit(
                "write units a second, of a new table",
                calls * lead["DynamoDB write units"],
                4000,
                "nothing: it grows within the half hour; or warm throughput",
            ),
        ],
        key=lambda limit: -limit.used,
    )


def measure() -> list[Figure]:
    """The figures of the table."""
    lead = dollars(Calling().lead())
    day = dollars(million_a_day(BIG))
    first = limits()[0]
    return [
        Figure("cost", "1,000 leads", 1000 * lead, "USD", about=f"Twilio for the same: {twilio(1000):.2f} USD"),
        *(
            Figure("cost", f"an hour of an agent on the line, by {by}", sum(on_the_line(minutes).values()), "USD")
            for by, minutes in LEGS.items()
        ),
        Figure("cost", "an idle month", dollars(idle_month()), "USD"),
        Figure("cost", "a day of 1,000,000 leads", day, "USD", about=f"Twilio: {twilio(1_000_000):,.0f} USD"),
        Figure("scale", f"first limit: {first.name}", first.used, "x the limit", about=first.raised_by),
    ]


def bill(used: Mapping[str, float], places: int = 4) -> str:
    """A table of use and cost, the most expensive first."""
    total = dollars(used)
    lines = ["| what | how much | USD | share |", "|---|---|---|---|"]
    for name, count in sorted(used.items(), key=lambda item: -price(item[0]) * item[1]):
        usd = price(name) * count
        lines.append(f"| {name} | {count:,.{0 if count >= 100 else 2}f} | {usd:,.{places}f} | {usd / total:.0%} |")
    return "\n".join([*lines, f"| **together** | | **{total:,.{places}f}** | |"])


def limits_table() -> str:
    head = ["| limit | needed | allowed at first | used | raised by |", "|---|---|---|---|---|"]
    return "\n".join([*head, *map(_row, limits())])


def _row(limit: Limit) -> str:
    needed = f"{limit.needed:,.{0 if limit.needed >= 10 else 2}f}"
    used = f"{limit.used:.{0 if limit.used >= 0.1 else 1}%}"
    return f"| {limit.name} | {needed} | {limit.allowed:,.0f} | {used} | {limit.raised_by} |"


def tables() -> dict[str, str]:
    """Every table of `docs/scale.md`, by its title."""
    return {
        "1,000 leads": bill(_times(Calling().lead(), 1000)),
        "an agent on the line": line_table(),
        "an idle month": bill(idle_month(), 2),
        "a day of 1,000,000 leads": bill(million_a_day(BIG), 2),
        "limits": limits_table(),
    }


if __name__ == "__main__":
    for title, table in tables().items():
        print(f"### {title}\n\n{table}\n")
