"""A wire between the functions and a service of theirs, on which a test can cut in at any request.

It passes everything on as it came. It knows the process at the other end of each connection, and can kill it: before
the service has the request, or when the service has done it and its answer is on the way.
"""

import os
import signal
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

Moment = Literal["before", "after"]
_ABORT = struct.pack("ii", 1, 0)  # closing sends a reset instead of a farewell


@dataclass(frozen=True)
class Request:
    """One request on the wire; `operation` is AWS's name of it, "" for others."""

    method: str
    path: str
    operation: str
    body: str
    sockets: tuple[int, int]

    @cached_property
    def process(self) -> int:
        """The id of the process that sent it."""
        return _owner(*self.sockets)

    @cached_property
    def function(self) -> str:
        """The name of the function whose worker that is."""
        command = Path(f"/proc/{self.process}/cmdline").read_text()
        return command.partition("ministack-lambda-autocall-")[2].partition("-")[0]


@dataclass
class Cut:
    """A process that is to die at the first request that *fits*."""

    fits: Callable[[Request], bool]
    moment: Moment
    happened: threading.Event = field(default_factory=threading.Event)

    def is_meant_for(self, request: Request) -> bool:
        """Whether it fits, and its sender is still there; who that is, is known from now on."""
        try:
            return self.fits(request) and request.process > 0
        except (LookupError, OSError):
            return False

    def strike(self, request: Request) -> None:
        with suppress(ProcessLookupError):  # its time was up meanwhile
            os.kill(request.process, signal.SIGKILL)
        self.happened.set()


class Wire:
    """Listens on a port of its own; `upstream` is the address of the service."""

    def __init__(self) -> None:
        self.upstream = ""
        self.resets = False
        self.open: set[socket.socket] = set()
        self.requests: list[Request] = []
        self._cuts: list[Cut] = []
        self._lock = threading.Lock()
        self._server = self._listen(0)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def kill(self, fits: Callable[[Request], bool], moment: Moment) -> Cut:
        """Kill the process that sends the first request that *fits*, before or after it is done."""
        with self._lock:
            self._cuts.append(Cut(fits, moment))
            return self._cuts[-1]

    def refuse(self) -> None:
        """From now on connections are refused; those that idle are gone."""
        self._server.shutdown()
        self._server.server_close()
        self._drop()

    def reset(self) -> None:
        """From now on connections are accepted and reset, before a request is read."""
        self.resets = True
        self._drop()

    def serve(self) -> None:
        """From now on everything is as usual again."""
        if self._server.socket.fileno() == -1:
            self._server = self._listen(self.port)
        self.resets = False

    def _drop(self) -> None:
        for connection in self.open.copy():
            with suppress(OSError):  # the other end was first
                connection.shutdown(socket.SHUT_RDWR)

    def take_cut(self, request: Request) -> Cut | None:
        """What shall happen to the sender, and to no other: looked up while it waits, which it may not do for long."""
        with self._lock:
            cut = next((cut for cut in self._cuts if cut.is_meant_for(request)), None)
            if cut:
                self._cuts.remove(cut)
        return cut

    def put_back(self, cut: Cut) -> None:
        """It did not come to that: the next request that fits is the one."""
        with self._lock:
            self._cuts.append(cut)

    def _listen(self, port: int) -> ThreadingHTTPServer:
        class Server(ThreadingHTTPServer):
            wire = self
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: Any) -> None:
                """A sender that is gone, killed by us or tired of waiting, is no error of the wire."""

        server = Server(("127.0.0.1", port), _Passing)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return server


class _Passing(BaseHTTPRequestHandler):
    """Passes requests on, each over a connection of its own: a service may end one that has not been used."""

    protocol_version = "HTTP/1.1"
    server: Any

    def handle(self) -> None:
        if self.server.wire.resets:
            self.connection.recv(1, socket.MSG_PEEK)  # the sender is connected, and has begun to send
            self._reset()
            return
        self._service = HTTPConnection(urlsplit(self.server.wire.upstream).netloc, timeout=90)
        self.server.wire.open.add(self.connection)
        try:
            super().handle()
        finally:
            self.server.wire.open.discard(self.connection)

    def pass_on(self) -> None:
        wire: Wire = self.server.wire
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        operation = self.headers.get("x-amz-target", "").rpartition(".")[2]
        ports = (self.client_address[1], wire.port)
        request = Request(self.command, self.path, operation, body.decode(), ports)
        wire.requests.append(request)
        cut = wire.take_cut(request)
        if cut and cut.moment == "before":
            cut.strike(request)
            return self._reset()
        try:
            self._service.request(self.command, self.path, body, dict(self.headers))
            answer = self._service.getresponse()
            told = answer.read()
        except (HTTPException, OSError):
            if cut:
                wire.put_back(cut)
            return self._reset()
        finally:
            self._service.close()
        if cut:
            cut.strike(request)
            return self._reset()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)
        return None

    do_GET = do_POST = do_PUT = do_DELETE = pass_on  # noqa: N815 - the names that the base class looks for

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self.connection.close()

    def log_message(self, *_: Any) -> None:
        """The functions keep the log."""


def _owner(port: int, to_port: int) -> int:
    """The process whose socket goes from one port of this machine to the other."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        here, there = (int(end.rpartition(":")[2], 16) for end in fields[1:3])
        if (here, there) == (port, to_port):
            return _holder(f"socket:[{fields[9]}]")
    raise LookupError(f"nobody is connected from port {port} to port {to_port}")


def _holder(link: str) -> int:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(file) == link for file in (process / "fd").iterdir()):
                return int(process.name)
        except (FileNotFoundError, PermissionError):
            continue
    raise LookupError(f"no process holds {link}")
