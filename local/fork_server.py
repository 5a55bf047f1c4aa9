"""Starts the processes of one function by forking. Run as a script, in the emulator's environment, with `python -P`.

A new process of a function spends most of its time on importing packages such as the AWS SDK. This one imports them
once, and its forks have them. A function's own modules are imported in each fork, which makes its own clients, as each
execution environment does on AWS.
"""

import gc
import importlib
import json
import os
import runpy
import socket
import sys
from contextlib import suppress
from functools import partial
from typing import Any

LARGEST_REQUEST = 1 << 17
_OURS = ("functions", "autocall", "__main__")


def serve(requests: socket.socket) -> None:
    """Answer each request, which brings standard input, output and error, by a process id and a handle of the process.

    The first fork imports everything itself, and reports what it was.
    """
    imported, report = False, -1
    while True:
        message, streams, *_ = socket.recv_fds(requests, LARGEST_REQUEST, 3)
        if not message:
            return
        request = json.loads(message)
        if report >= 0:
            imported, report = _import(os.path.realpath(request["folder"]), _read(report)), -1
        to_report = -1
        if not imported:
            report, to_report = os.pipe()
        pid = os.fork()
        if not pid:
            requests.close()
            _become(request, streams, to_report)
            return
        handle = os.pidfd_open(pid)
        socket.send_fds(requests, [str(pid).encode()], [handle])
        for file in (handle, *streams, *([to_report] if to_report >= 0 else [])):
            os.close(file)
        _collect_ended()


def _import(folder: str, names: list[str]) -> bool:
    """Import all modules of that name; returns whether there were any, for the first fork may have failed."""
    sys.path.insert(0, folder)
    for name in names:
        with suppress(ImportError):  # it is found only through another one, which has brought it
            importlib.import_module(name)
    gc.freeze()  # a fork that collects garbage shall not copy all this
    return bool(names)


def _read(report: int) -> list[str]:
    """The names of the modules that the first fork has imported; none if it has died before."""
    with os.fdopen(report) as pipe:
        names: list[str] = json.loads(pipe.read() or "[]")
    return names


def _report(to: int) -> None:
    names = [name for name in list(sys.modules) if name.partition(".")[0] not in _OURS]
    with os.fdopen(to, "w") as pipe:
        json.dump(names, pipe)


def _become(request: dict[str, Any], streams: list[int], to_report: int) -> None:
    """Run the script as if this process had been started for it; it calls `imported()` when it has its imports."""
    for standard, stream in enumerate(streams):
        os.dup2(stream, standard)
        os.close(stream)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["env"])
    imported = partial(_report, to_report) if to_report >= 0 else lambda: None
    runpy.run_path(request["script"], {"imported": imported}, "__main__")


def _collect_ended() -> None:
    """Let forks that have ended go; the kernel keeps each until it is asked about it."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as inherited:
        serve(inherited)
