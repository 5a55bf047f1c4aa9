"""Chooses free ports: the requested ones, otherwise those of the last run, otherwise any."""

import os
import socket

NAMES = ("aws", "twilio", "page")
_USUAL = {"aws": 4566, "twilio": 4010, "page": 8080}


class PortTaken(Exception):
    """The requested port is in use."""


def address(port: int) -> str:
    """The URL of a port on this machine."""
    return f"http://127.0.0.1:{port}"


def choose(last: dict[str, int], *, usual: bool) -> dict[str, int]:
    """A port for each of `NAMES`. `AUTOCALL_AWS_PORT=4566` and so on request one; *usual* prefers well-known ones."""
    chosen: dict[str, int] = {}
    for name in NAMES:
        requested = os.environ.get(f"AUTOCALL_{name.upper()}_PORT")
        if requested:
            chosen[name] = _asked(name, int(requested))
        else:
            preferred = [last.get(name, 0), _USUAL[name] if usual else 0]
            chosen[name] = next((port for port in preferred if port and _free(port)), 0) or _any(chosen)
    return chosen


def _asked(name: str, port: int) -> int:
    if not _free(port):
        raise PortTaken(f"Port {port}, set by AUTOCALL_{name.upper()}_PORT, is in use.")
    return port


def _free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _any(chosen: dict[str, int]) -> int:
    while True:
        with socket.socket() as tried:
            tried.bind(("127.0.0.1", 0))
            port: int = tried.getsockname()[1]
        if port not in chosen.values():
            return port
