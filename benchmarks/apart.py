"""A measurement in a process of its own, whose memory and environment are nobody else's."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict

from benchmarks.figures import Figure


def apart(module: str, *arguments: str) -> list[Figure]:
    """What the module tells."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [Figure(**told) for told in json.loads(done.stdout.splitlines()[-1])]


def tell(figures: Sequence[Figure]) -> None:
    """The module's side of it."""
    print(json.dumps([asdict(figure) for figure in figures]))
