"""`python -m benchmarks [--quick]`: runs all measurements, prints one table, and writes benchmarks/results."""

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import answering, cold_start, cost, latency, throughput
from benchmarks.apart import apart
from benchmarks.figures import Figure
from benchmarks.report import table, write
from benchmarks.stack import RUNS_ON, STACK_DIR, running

RESULTS = Path(__file__).with_name("results")
MOST_S, MOST_QUICK_S = 600, 90


def main(arguments: Sequence[str]) -> None:
    """Run all measurements and report them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples: for a look, not for a claim")
    quick = parser.parse_args(arguments).quick
    began = time.monotonic()
    about = {
        "machine": f"{_processor()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "stack": RUNS_ON,
        "samples": "quick" if quick else "full",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    figures = list(_measure(quick=quick))
    figures.append(_took(time.monotonic() - began, quick=quick))
    took = {"load after": f"{os.getloadavg()[0]:.1f}"}
    print("\n".join(f"{name}: {value}" for name, value in (about | took).items()), end="\n\n")
    print(table(figures))
    missed = [figure for figure in figures if figure.met is False]
    print(f"\n{len(missed)} of {sum(figure.met is not None for figure in figures)} bars missed")
    write(RESULTS, figures, about | took)


def _took(seconds: float, *, quick: bool) -> Figure:
    """The total time, which has a bar: nobody would run slow benchmarks."""
    return Figure("benchmarks", "all of this", seconds, "s", most=MOST_QUICK_S if quick else MOST_S)


def _measure(*, quick: bool) -> Iterator[Figure]:
    flag = ["--quick"] if quick else []
    _say("starts")
    yield from cold_start.measure(quick=quick)
    _say("import")
    yield from apart("benchmarks.importing", *flag)
    _say("round trips")
    yield from apart("benchmarks.round_trips", "--figures")
    _say("AWS's delays")
    with ThreadPoolExecutor(2) as pool:  # most of it is waiting, and CPU is counted for each alone
        for figures in pool.map(lambda line: apart("benchmarks.far_away", *line, *flag), ([], ["--on-the-line"])):
            yield from figures
    _say("longer lists, more agents")
    yield from apart("benchmarks.growth", "--figures", *flag)
    _say("the stack comes up")
    with running() as outputs:
        _say("latency")
        yield from latency.measure(outputs, quick=quick)
        _say("throughput")
        yield from throughput.measure(outputs, quick=quick)
        _say("lists of any length")
        yield from apart("benchmarks.scaling", str(STACK_DIR.outputs), *flag)
    _say("answers")
    yield from answering.measure(quick=quick)
    _say("the page")
    from benchmarks import long_day, page_frames  # imported late: a browser's driver would disturb the others

    yield from page_frames.measure(quick=quick)
    if not quick:
        _say("a long day")
        yield from long_day.measure(*long_day.A_CALMER_DAY)
    yield from cost.measure()


def _say(part: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} … {part}", file=sys.stderr, flush=True)


def _processor() -> str:
    names = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


if __name__ == "__main__":
    main(sys.argv[1:])
