"""Runs a measurement in its own process, so that memory and environment are not shared."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict

from benchmarks.figures import Figure


def apart(module: str, *arguments: str) -> list[Figure]:
    """Run a module in its own process; returns its figures."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [Figure(**figure) for figure in json.loads(done.stdout.splitlines()[-1])]


def tell(figures: Sequence[Figure]) -> None:
    """Called by the module: print its figures."""
    print(json.dumps([asdict(figure) for figure in figures]))
