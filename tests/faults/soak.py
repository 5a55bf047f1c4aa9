"""The long proof: histories with fresh seeds on all cores, `python -m tests.faults.soak --minutes 20`.

A history that breaks the promise is printed as a script, with the seed that makes it again (`--seed`).
"""

import argparse
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count
from typing import Any

from autocall import leads
from tests.faults.history import LONGEST, Step, begin, installation, script, step, take
from tests.faults.world import PHONES, World, world

_BATCH = 200
_NEXT = 30.0


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


def batch(first: int) -> tuple[Counter[str], list[str]]:
    """A few hundred histories, and what broke."""
    told: Counter[str] = Counter()
    broken = []
    for seed in range(first, first + _BATCH):
        try:
            told += play(seed)
        except Exception:  # noqa: BLE001 - whatever it is, it is a history that must be looked at
            broken.append(f"seed {seed}\n{script(*history(seed))}\n{traceback.format_exc()}")
    return told, broken


def soak(minutes: float, first: int, processes: int) -> int:
    """Play for so long; 0 if nothing broke."""
    told: Counter[str] = Counter()
    broken: list[str] = []
    until, next_word = time.monotonic() + 60 * minutes, time.monotonic() + _NEXT
    seeds = count(first, _BATCH)
    with ProcessPoolExecutor(processes) as pool:
        running: set[Future[tuple[Counter[str], list[str]]]] = set()
        while running or time.monotonic() < until:
            while len(running) < 2 * processes and time.monotonic() < until and not broken:
                running.add(pool.submit(batch, next(seeds)))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                more, failures = future.result()
                told += more
                broken += failures
            if broken and not running:
                break
            if time.monotonic() > next_word:
                next_word += _NEXT
                print(f"{told['histories']:9,} histories, {told['leads']:,} leads", flush=True)
    for failure in broken:
        print(failure)
    _say(told, broken)
    return 1 if broken else 0


def _say(told: Counter[str], broken: list[str]) -> None:
    print(f"\n{len(broken)} of {told['histories'] + len(broken):,} histories broke the promise\n")
    for name, number in sorted(told.items()):
        print(f"{number:12,}  {name}")
    calls = [int(name.split()[2]) for name in told if name.startswith("leads with")]
    print(f"\ncalls per lead: at least {min(calls)}, at most {max(calls)}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--first", type=int, default=random.randrange(10**9), help="the first seed")
    parser.add_argument("--seed", type=int, help="play this one again, and nothing else")
    asked = parser.parse_args()
    if asked.seed is not None:
        print(script(*history(asked.seed)))
        print(dict(play(asked.seed)))
        return
    print(f"{asked.minutes:g} minutes of histories on {asked.processes} cores, from seed {asked.first}")
    sys.exit(soak(asked.minutes, asked.first, asked.processes))


if __name__ == "__main__":
    main()
