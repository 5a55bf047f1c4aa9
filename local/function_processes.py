"""Starts the processes of the emulator's functions: quickly, and with their code unpacked once.

On a machine without process handles (macOS), each process is started by itself.
"""

import hashlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import weakref
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from local.fork_server import LARGEST_REQUEST
from local.paths import SHARED

UNPACKED = SHARED / "unpacked"
CAN_FORK = hasattr(os, "pidfd_open")
_SCRIPT = Path(__file__).with_name("fork_server.py")


class ForkedProcess:
    """A process that a fork server has started, with what the emulator uses of a `subprocess.Popen`."""

    def __init__(self, pid: int, handle: int, stdin: int, stdout: int, stderr: int) -> None:
        self.pid, self._handle = pid, handle
        self.stdin = os.fdopen(stdin, "w", buffering=1, encoding="utf-8")
        self.stdout = os.fdopen(stdout, encoding="utf-8")
        self.stderr = os.fdopen(stderr, encoding="utf-8")
        self.returncode: int | None = None
        self._end = select.poll()
        self._end.register(handle, select.POLLIN)
        weakref.finalize(self, os.close, handle)

    def poll(self) -> int | None:
        """None while the process runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process has ended; its return code is known only to the fork server."""
        ended = self._ended(timeout)
        if ended is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return ended

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and self._end.poll(None if timeout is None else timeout * 1000):
            self.returncode = -1
        return self.returncode

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)


class ForkServer:
    """The process whose forks are one function's processes; it ends when this object is closed, or its owner ends."""

    def __init__(self, python: str, script: str, folder: str, env: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [python, "-P", str(_SCRIPT), str(theirs.fileno()), script]  # the last one for lists of processes
            self._process = subprocess.Popen(
                command, cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()]
            )
        self._socket, self._lock = ours, threading.Lock()

    def start(self, script: str, folder: str, env: Mapping[str, str]) -> ForkedProcess:
        """Run a Python script in a fork, with pipes for its input, output and errors."""
        request = json.dumps({"script": script, "folder": folder, "env": dict(env)}).encode()
        (stdin, ours_in), (ours_out, stdout), (ours_err, stderr) = os.pipe(), os.pipe(), os.pipe()
        try:
            with self._lock:
                socket.send_fds(self._socket, [request], [stdin, stdout, stderr])
                answer, handles, *_ = socket.recv_fds(self._socket, LARGEST_REQUEST, 1)
            if not answer:
                raise ConnectionError(f"The process that forks for {script} has ended.")
        except OSError:
            for file in (ours_in, ours_out, ours_err):
                os.close(file)
            raise
        finally:
            for file in (stdin, stdout, stderr):
                os.close(file)
        return ForkedProcess(int(answer), handles[0], ours_in, ours_out, ours_err)

    def close(self) -> None:
        self._socket.close()
        self._process.wait()


class FunctionProcesses:
    """Starts processes of all functions, each as a fork of its function's own server."""

    def __init__(self) -> None:
        self._servers: dict[str, tuple[str, ForkServer]] = {}
        self._lock = threading.Lock()

    def start(self, python: str, script: str, folder: str, env: Mapping[str, str]) -> ForkedProcess:
        return self._server(python, script, os.path.realpath(folder), env).start(script, folder, env)

    def _server(self, python: str, script: str, code: str, env: Mapping[str, str]) -> ForkServer:
        """The server of the function with that code; new code ends the one before."""
        function = env["AWS_LAMBDA_FUNCTION_NAME"]
        with self._lock:
            before, server = self._servers.get(function, ("", None))
            if before != code or server is None:
                if server is not None:
                    server.close()
                server = ForkServer(python, script, code, env)
                self._servers[function] = (code, server)
            return server


class UnpackedOnce(zipfile.ZipFile):
    """A zip file with a function's code, which is unpacked once for all processes of all stacks: none changes it."""

    _unpacking = threading.Lock()

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        """Make *path* a link to the unpacked code, if that is what this file has; then the file is not needed."""
        source = Path(str(self.filename))
        if source.name != "code.zip":
            super().extractall(path, members, pwd)
            return
        code = UNPACKED / hashlib.sha256(source.read_bytes()).hexdigest()
        with self._unpacking:
            if not code.exists():
                UNPACKED.mkdir(parents=True, exist_ok=True)
                unfinished = tempfile.mkdtemp(dir=UNPACKED)
                super().extractall(unfinished)
                try:
                    os.rename(unfinished, code)
                except OSError:  # another stack was first
                    shutil.rmtree(unfinished)
        os.rmdir(path)
        os.symlink(code, path)
        source.unlink()  # before it is written to the disk: each process of a function has its own
