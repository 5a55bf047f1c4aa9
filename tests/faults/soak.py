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

from autocall import leads
from tests.faults import edges, history, interleaved, line_history
from tests.faults.line_history import LineHistory
from tests.faults.line_world import LineWorld
from tests.faults.world import PHONES, World

_BATCH = 200
_NEXT = 30.0
_LINE = "on the line: "
_IN_SHORT = ("edge: ", "state: ", "refused: ")
Batch = tuple[Counter[str], list[str]]


def _look(here: World) -> Counter[str]:
    told = Counter({"dead letters": len(here.messages.dead)})
    told.update(_leads(here))
    if isinstance(here, LineWorld):
        told.update(_heard(here))
    return told


def play(seed: int) -> Counter[str]:
    """Play one history to its end; what there was in it. AssertionError if the promise was broken."""
    return interleaved.proven(history.setting(seed), seed, _look).told


def play_overlapping_on_the_line(seed: int) -> Counter[str]:
    """The same with an agent on the line, each of what there was with a mark before it."""
    return _marked(interleaved.proven(line_history.setting(seed), seed, _look).told)


def _marked(told: Counter[str]) -> Counter[str]:
    return Counter({_LINE + name: number for name, number in told.items()})


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
    """Play one history whose steps come one after the other, but for those that it lets overtake a run."""
    random.seed(history.seed)
    told = Counter(histories=1) + history.play()
    told.update(f"fault: {kind}" for kind in history.world.effects.struck)
    told["effects"] += history.world.effects.done
    return _marked(told + _look(history.world))


def _heard(here: LineWorld) -> Iterator[str]:
    for sid, call in here.answered.items():
        row = here.row(call.phone)
        yield "answered"
        yield "heard their agent" if sid in here.joined else "heard who called"
        if row.get("call_sid") == sid:
            yield from (name for name in ("joined_at", "abandoned_at") if name in row)


def batch(first: int) -> Batch:
    """A few hundred histories, and what broke."""
    return _play_all(range(first, first + _BATCH), play, lambda _seed: "", "--seed")


def overlapping_line_batch(first: int) -> Batch:
    """The same with agents on the line."""
    return _play_all(
        range(first, first + _BATCH), play_overlapping_on_the_line, lambda _seed: "", "--overlapping-line-seed"
    )


def line_batch(first: int) -> Batch:
    """The same where steps come one after the other; their script is known only as far as it was played."""
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


_KINDS = (batch, overlapping_line_batch, line_batch)


def soak(minutes: float, first: int, processes: int) -> int:
    """Play for so long; 0 if nothing broke."""
    told: Counter[str] = Counter()
    broken: list[str] = []
    until, next_word = time.monotonic() + 60 * minutes, time.monotonic() + _NEXT
    batches = ((kind, seed) for seed in count(first, _BATCH) for kind in _KINDS)
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
    together = Counter[str]()
    for name, number in told.items():
        together[name.removeprefix(_LINE)] += number
    for name, number in sorted(told.items()):
        if not name.removeprefix(_LINE).startswith(_IN_SHORT):
            print(f"{number:12,}  {name}")
    for mark in ("", _LINE):
        with_calls = f"{mark}leads with "
        calls = [int(name.removeprefix(with_calls).split()[0]) for name in told if name.startswith(with_calls)]
        print(f"{mark}calls per lead: at least {min(calls)}, at most {max(calls)}" if calls else f"{mark}no leads")
    faults = sum(number for name, number in together.items() if name.startswith("fault: "))
    states = [name for name in together if name.startswith("state: ")]
    print(f"{together['effects']:,} effects, {faults:,} of them struck; {len(states)} states of leads and sessions")
    _say_edges(together)


def _say_edges(told: Counter[str]) -> None:
    every, never = edges.every(), edges.never_taken(told)
    print(f"{len(every) - len(never)} of the {len(every)} edges of docs/state-machine.md were taken; never:")
    for edge in never:
        print(f"    {edge.removeprefix('edge: ')}{' (by the write matrix alone)' if edges.is_for_nobody(edge) else ''}")
    writes, unmet = edges.writes(), edges.never_refused(told)
    print(f"{len(writes) - len(unmet)} of the {len(writes)} writes were refused, by a row in another state; never:")
    for write in unmet:
        print(f"    {write}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--first", type=int, default=random.randrange(10**9), help="the first seed")
    parser.add_argument("--seed", type=int, help="play this one again, and nothing else")
    parser.add_argument("--line-seed", type=int, help="the same of one with an agent on the line")
    parser.add_argument("--overlapping-line-seed", type=int, help="the same, where all of it overlaps")
    asked = parser.parse_args()
    for seed, plays in ((asked.seed, play), (asked.overlapping_line_seed, play_overlapping_on_the_line)):
        if seed is not None:
            print(dict(plays(seed)))
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
