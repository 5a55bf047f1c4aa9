"""A real HTTP server on this machine that answers as a script says, down to resets, and remembers what it was asked."""

import json
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = Callable[[socket.socket], bool]
"""Writes an answer; says whether the connection stays open for the next request."""

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER that sends a reset at close


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire, and on the how-manieth connection."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.url).query)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body)


def told(status: int, body: str = "", **headers: str) -> Answer:
    """A whole answer, after which the connection stays open."""

    def answer(to: socket.socket) -> bool:
        to.sendall(_head(status, len(body.encode()), headers) + body.encode())
        return True

    return answer


def told_json(status: int, data: Any, **headers: str) -> Answer:
    return told(status, json.dumps(data), **{"Content-Type": "application/json"} | headers)


def then_closed(answer: Answer) -> Answer:
    """The answer, then the end of the connection, which no header has announced."""

    def closing(to: socket.socket) -> bool:
        answer(to)
        return False

    return closing


def reset(to: socket.socket) -> bool:
    """The request was read, and the connection is reset."""
    to.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    return False


def ended(_to: socket.socket) -> bool:
    """The request was read, and the connection ends without an answer."""
    return False


def truncated(to: socket.socket) -> bool:
    """The answer breaks off in the middle of its body."""
    to.sendall(_head(201, 1000, {}) + b'{"sid": "CA')
    return False


def garbled(to: socket.socket) -> bool:
    """What comes is no HTTP."""
    to.sendall(b"\x16\x03 this is not HTTP\r\n\r\n")
    return False


def silent_until(released: Event) -> Answer:
    """No answer at all, until a test lets go."""

    def answer(_to: socket.socket) -> bool:
        released.wait()
        return False

    return answer


@dataclass
class ScriptedServer:
    """Gives the n-th request the n-th of *script*, and the last one for ever after."""

    script: list[Answer]
    resets_unread: bool = False
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    closed: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    @property
    def posts(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "POST"]

    def stop(self) -> None:
        for one in (self._listener, *self._open):
            with suppress(OSError):  # it is closed already
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(client)
            if self.resets_unread:
                client.recv(1, socket.MSG_PEEK)
                reset(client)
                client.close()
            else:
                Thread(target=self._serve, args=(client, self.connections), daemon=True).start()

    def _serve(self, client: socket.socket, connection: int) -> None:
        try:
            client = self.tls.wrap_socket(client, server_side=True) if self.tls else client
        except OSError:
            return  # no handshake came about
        stream = client.makefile("rb")
        try:
            while asked := _read(stream, connection):
                self.asked.append(asked)
                answer = self.script[min(len(self.asked), len(self.script)) - 1]
                if not answer(client):
                    break
        except OSError:
            pass  # the client has gone
        except ValueError:
            client.sendall(_head(400, 0, {}))
        finally:
            stream.close()
            client.close()
            self.closed.set()


@contextmanager
def scripted_server(
    *script: Answer, resets_unread: bool = False, tls: ssl.SSLContext | None = None
) -> Iterator[ScriptedServer]:
    server = ScriptedServer(list(script), resets_unread, tls)
    try:
        yield server
    finally:
        server.stop()


def _read(stream: Any, connection: int) -> Asked | None:
    """The next request, None at the end; ValueError if it is no HTTP."""
    line = stream.readline().decode()
    if not line:
        return None
    method, url, _ = line.split(" ")
    headers: dict[str, str] = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0))).decode()
    return Asked(method, url, headers, body, connection)


def _head(status: int, length: int, headers: dict[str, str]) -> bytes:
    told_headers = {"Content-Length": str(length)} | {name.replace("_", "-"): text for name, text in headers.items()}
    lines = [f"HTTP/1.1 {status} .", *(f"{name}: {text}" for name, text in told_headers.items()), "", ""]
    return "\r\n".join(lines).encode()
