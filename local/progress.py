"""Prints progress messages with the elapsed time."""

import time


class Progress:
    """Prints lines such as ` 3.2 s  MiniStack is up`."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"{time.monotonic() - self._started:5.1f} s  {text}", flush=True)
