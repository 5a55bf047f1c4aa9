"""The long proof: histories with fresh seeds on all cores, `python -m tests.faults.soak --minutes 20`.

In every other batch an agent is on the line before anybody is called; in the others called people hear a message. A
history that breaks the promise is printed as a script, with the seed that plays it again (`--seed`, `--line-seed`).
"""

import argparse
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count
from typing import Any

from autocall import leads
from tests.faults.history import LONGEST, Step, begin, installation, script, step, take
from tests.faults.line_history import LineHistory
from tests.faults.line_world import LineWorld
from tests.faults.world import PHONES, World, world

_BATCH = 200
_NEXT = 30.0
_LINE = "on the line: "
Batch = tuple[Counter[str], list[str]]


def history(seed: int) -> tuple[dict[str, Any], list[Step]]:
    """The history of a seed, and the installation that it happens to."""
    rng = random.Random(seed)
    return installation(rng.choice), [step(rng.choice) for _ in range(rng.randint(3, LONGEST))]


def play(seed: int) -> Counter[str]:
    """Play one history to its end; what there was in it. AssertionError if the promise was broken."""
    told: Counter[str] = Counter(histories=1)
    choices, steps = history(seed)
    random.seed(seed)  # what functions draw by lot
    with world(**choices) as here:
        begin(here)
        take(here, steps)
        here.rest()
        told += here.written
        told.update(f"fault: {kind}" for kind in here.effects.struck)
        told["dead letters"] += len(here.messages.dead)
        told.update(_leads(here))
    return told


def _leads(here: World) -> Iterator[str]:
    for phone in PHONES:
        row = here.row(phone)
        if row.get("call_status"):
            yield "leads"
            yield f"leads with {here.twilio.made(phone)} calls"
            yield f"ended: {row['call_status']}"
        if row.get("call_status") == leads.UNKNOWN:
            yield f"left unknown: {row.get('reason')}"


def play_on_the_line(history: LineHistory) -> Counter[str]:
    """Play one history with an agent on the line to its end; what there was in it, each with a mark before it."""
    random.seed(history.seed)
    told = Counter(histories=1) + history.play()
    told.update(f"fault: {kind}" for kind in history.world.effects.struck)
    told["dead letters"] += len(history.world.messages.dead)
    told.update(_leads(history.world))
    told.update(_heard(history.world))
    return Counter({_LINE + name: number for name, number in told.items()})


def _heard(here: LineWorld) -> Iterator[str]:
    for sid, call in here.answered.items():
        row = here.row(call.phone)
        yield "answered"
        yield "heard their agent" if sid in here.joined else "heard who called"
        if row.get("call_sid") == sid:
            yield from (name for name in ("joined_at", "abandoned_at") if name in row)


def batch(first: int) -> Batch:
    """A few hundred histories, and what broke."""
    return _play_all(range(first, first + _BATCH), play, lambda seed: script(*history(seed)), "--seed")


def line_batch(first: int) -> Batch:
    """The same with agents on the line; their script is known only as far as it was played."""
    played: dict[int, LineHistory] = {}

    def play_one(seed: int) -> Counter[str]:
        played.clear()
        played[seed] = LineHistory(seed)
        return play_on_the_line(played[seed])

    return _play_all(range(first, first + _BATCH), play_one, lambda seed: " ".join(played[seed].script), "--line-seed")


def _play_all(
    seeds: Iterable[int], plays: Callable[[int], Counter[str]], script_of: Callable[[int], str], again: str
) -> Batch:
    told: Counter[str] = Counter()
    broken = []
    for seed in seeds:
        try:
            told += plays(seed)
        except Exception:  # noqa: BLE001 - whatever it is, it is a history that must be looked at
            broken.append(f"{again} {seed}\n{script_of(seed)}\n{traceback.format_exc()}")
    return told, broken


def soak(minutes: float, first: int, processes: int) -> int:
    """Play for so long; 0 if nothing broke."""
    told: Counter[str] = Counter()
    broken: list[str] = []
    until, next_word = time.monotonic() + 60 * minutes, time.monotonic() + _NEXT
    batches = ((kind, seed) for seed in count(first, _BATCH) for kind in (batch, line_batch))
    with ProcessPoolExecutor(processes) as pool:
        running: set[Future[Batch]] = set()
        while running or time.monotonic() < until:
            while len(running) < 2 * processes and time.monotonic() < until and not broken:
                plays, seed = next(batches)
                running.add(pool.submit(plays, seed))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                more, failures = future.result()
                told += more
                broken += failures
            if broken and not running:
                break
            if time.monotonic() > next_word:
                next_word += _NEXT
                print(" · ".join(f"{mark}{told[mark + 'histories']:,} histories" for mark in ("", _LINE)), flush=True)
    for failure in broken:
        print(failure)
    _say(told, broken)
    return 1 if broken else 0


def _say(told: Counter[str], broken: list[str]) -> None:
    played = told["histories"] + told[_LINE + "histories"]
    print(f"\n{len(broken)} of {played + len(broken):,} histories broke the promise\n")
    for name, number in sorted(told.items()):
        print(f"{number:12,}  {name}")
    for mark in ("", _LINE):
        with_calls = f"{mark}leads with "
        calls = [int(name.removeprefix(with_calls).split()[0]) for name in told if name.startswith(with_calls)]
        print(f"{mark}calls per lead: at least {min(calls)}, at most {max(calls)}" if calls else f"{mark}no leads")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--first", type=int, default=random.randrange(10**9), help="the first seed")
    parser.add_argument("--seed", type=int, help="play this one again, and nothing else")
    parser.add_argument("--line-seed", type=int, help="the same of one with an agent on the line")
    asked = parser.parse_args()
    if asked.seed is not None:
        print(script(*history(asked.seed)))
        print(dict(play(asked.seed)))
        return
    if asked.line_seed is not None:
        again = LineHistory(asked.line_seed)
        try:
            print(dict(play_on_the_line(again)))
        finally:
            print(" ".join(again.script))
        return
    print(f"{asked.minutes:g} minutes of histories on {asked.processes} cores, from seed {asked.first}")
    sys.exit(soak(asked.minutes, asked.first, asked.processes))


if __name__ == "__main__":
    main()
