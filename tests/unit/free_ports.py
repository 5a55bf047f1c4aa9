"""A port for a test's own server."""

import random
import socket

_BELOW_WHAT_THE_SYSTEM_GIVES_OUT = range(20_000, 32_000)


def free_port() -> int:
    """One that is free, and that no other process gets by chance before it is used."""
    while True:
        with socket.socket() as tried:
            port = random.choice(_BELOW_WHAT_THE_SYSTEM_GIVES_OUT)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
