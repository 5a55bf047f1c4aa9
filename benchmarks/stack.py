"""Starts a stack for the benchmarks, and stops it after them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests

from local import stack as stacks
from local.options import StackOptions
from local.paths import SHARED, StackDir

STACK_DIR, LINE = StackDir(SHARED / "bench"), StackDir(SHARED / "bench-line")
RUNS_ON = "MiniStack with IAM enforced and the Twilio simulator, all on this machine"
_CONTEXT = {"audio": "message", "calls_per_second": "1000", "lines": "20"}  # neither may be what is measured


@contextmanager
def running(
    stack_dir: StackDir = STACK_DIR,
    context: Mapping[str, str] = _CONTEXT,
    simulator: tuple[str, ...] = (),
    *,
    page: bool = False,
) -> Iterator[dict[str, Any]]:
    """The outputs of a new stack."""
    options = StackOptions(context=context, simulator=simulator, page=page, samples=False)
    stacks.down(stack_dir, _no_word)
    try:
        yield stacks.up(stack_dir, options, _no_word)
    finally:
        stacks.down(stack_dir, _no_word)


def always(outputs: dict[str, Any], **happens: Any) -> None:
    """Replace all scripts by this one, for every call."""
    url = f"{outputs['twilio_simulator_url']}/_script"
    requests.delete(url, timeout=10).raise_for_status()
    requests.post(url, json=happens, timeout=10).raise_for_status()


def _no_word(_text: str) -> None:
    """Discards the stack's progress messages."""
