"""Measures the start of each function as shipped, compared with the SDK alone and with the usual packing.

A start is a fresh process that imports the handler and creates its clients. The cases take turns in random order, and
CPU times are compared, so that other load on the machine affects all cases alike.
"""

import random
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.assets import FUNCTIONS, full_sdk, packed_the_usual_way, shipped, zipped_mb
from benchmarks.environment import ENVIRONMENT
from benchmarks.figures import Figure
from cdk.dependencies import ARM64

ROUNDS, QUICK_ROUNDS = 15, 3
YARDSTICK = "yardstick"
MOST_OF_YARDSTICK = {"connect": 1.10, "dialer": 1.10}
LEAST_OF_USUAL = 2.5
MOST_MB = {"connect": 7.0}
MOST_MB_OF_OTHERS = 3.5
MOST_RSS_MB = 50.0

# Modules that Lambda's bootstrap imports before the handler are imported before the clock starts.
_START = """
import base64, datetime, decimal, http.client, importlib, json, logging, os, signal, sys, time, traceback, types, uuid
sys.path.insert(0, sys.argv[1])
wall, cpu = time.perf_counter(), time.process_time()
exec(sys.argv[2])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([wall, cpu, int(peak.split()[1]) / 1024]))
"""


@dataclass(frozen=True)
class Start:
    """One start: wall-clock seconds, CPU seconds, and peak memory."""

    wall_s: float
    cpu_s: float
    rss_mb: float


Case = tuple[Path, str]


def cases(*, usual: bool) -> dict[str, Case]:
    """The cases by name: an asset and an import statement."""
    named: dict[str, Case] = {YARDSTICK: (full_sdk(), "import boto3; boto3.client('dynamodb')")}
    for function in FUNCTIONS:
        statement = f"import functions.{function}.handler"
        named[function] = (shipped(function), statement)
        if usual:
            named[_usual(function)] = (packed_the_usual_way(function), statement)
    return named


def starts(named: Mapping[str, Case], rounds: int) -> dict[str, Start]:
    """The median start of each case."""
    taken: dict[str, list[Start]] = {name: [] for name in named}
    for name in named:
        _start(*named[name])  # warm the file cache
    for _ in range(rounds):
        for name in random.sample(list(named), len(named)):
            taken[name].append(_start(*named[name]))
    return {name: _median(samples) for name, samples in taken.items()}


def measure(*, quick: bool) -> list[Figure]:
    """The figures of the table."""
    median = starts(cases(usual=True), QUICK_ROUNDS if quick else ROUNDS)
    yardstick = median[YARDSTICK]
    found = [
        Figure("start", "boto3 and one client: the yardstick", yardstick.cpu_s * 1000, "ms", about=_about(yardstick))
    ]
    for function in FUNCTIONS:
        own, usual = median[function], median[_usual(function)]
        most = MOST_OF_YARDSTICK.get(function, 1.0)
        found += [
            Figure("start", function, own.cpu_s / yardstick.cpu_s, "x yardstick", most=most, about=_about(own)),
            Figure(
                "start", f"{function}, packed the usual way", usual.cpu_s / own.cpu_s, "x as long", least=LEAST_OF_USUAL
            ),
            Figure("memory", function, own.rss_mb, "MB", most=MOST_RSS_MB),
        ]
    return found + sizes()


def sizes() -> list[Figure]:
    """The zips that go to AWS."""
    return [
        Figure(
            "asset", function, zipped_mb(shipped(function, ARM64)), "MB", most=MOST_MB.get(function, MOST_MB_OF_OTHERS)
        )
        for function in FUNCTIONS
    ]


def _start(asset: Path, statement: str) -> Start:
    command = [sys.executable, "-I", "-S", "-B", "-c", _START, str(asset), statement]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    wall, cpu, rss = map(float, done.stdout.splitlines()[-1].strip("[]").split(","))
    return Start(wall, cpu, rss)


def _median(samples: Iterable[Start]) -> Start:
    samples = list(samples)
    return Start(
        statistics.median(sample.wall_s for sample in samples),
        statistics.median(sample.cpu_s for sample in samples),
        statistics.median(sample.rss_mb for sample in samples),
    )


def _about(start: Start) -> str:
    return f"{start.cpu_s * 1000:.0f} ms of CPU, {start.wall_s * 1000:.0f} ms by the clock"


def _usual(function: str) -> str:
    return f"{function}, usual"
