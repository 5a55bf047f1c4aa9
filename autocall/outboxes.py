"""Frames wait here for their connections: each gets its own in order, all get theirs side by side."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait

WORKERS = 10  # as many connections as a client of AWS keeps open: each further thread would open one anew
_DEPTH = 200  # frames that wait for one connection; a page that is this far behind loads its list anew

To = tuple[str, str]  # a user and one of their connections
Post = Callable[[To, bytes], None]


class Outboxes:
    """Sends frames through *post*, in an *executor*; what *post* raises, whoever waits for the frame raises too."""

    def __init__(self, post: Post, executor: Executor | None = None) -> None:
        self._post, self._executor = post, executor
        self._lock = threading.Lock()
        self._waiting: dict[To, deque[bytes]] = {}
        self._sending: dict[To, Future[None]] = {}
        self._unheard: list[Future[None]] = []

    def send(self, frame: bytes, connections: Iterable[To], patience: float) -> int:
        """Send one frame to all; returns when it is out, or after *patience* seconds. How many could not be taken.

        A connection that is behind already is not waited for: its frame goes out after those before it. Without
        patience nothing is waited for, and what the posts raise, `flush` raises.
        """
        begun, dropped = [], 0
        for to in connections:
            taken, sending = self._put(to, frame)
            dropped += not taken
            if sending:
                begun.append(sending)
        if patience:
            _await(begun, patience)
        else:
            self._unheard += begun
        return dropped

    def flush(self, patience: float) -> int:
        """Wait for what is not out yet, at most *patience* seconds; what is left then is dropped, and counted."""
        unheard, self._unheard = self._unheard, []
        with self._lock:
            sending = list(self._sending.values())
        _await({*unheard, *sending}, patience)
        with self._lock:
            left = sum(map(len, self._waiting.values()))
            for frames in self._waiting.values():
                frames.clear()
        return left

    def _put(self, to: To, frame: bytes) -> tuple[bool, "Future[None] | None"]:
        """Whether the frame was taken, and what sends it if nobody was sending to this connection."""
        with self._lock:
            frames = self._waiting.setdefault(to, deque())
            if len(frames) >= _DEPTH:
                return False, None
            frames.append(frame)
            if to in self._sending:
                return True, None
            begun: Future[None] = Future()
            self._sending[to] = begun
        self._run(to, begun)
        return True, begun

    def _run(self, to: To, done: "Future[None]") -> None:
        self._executor = self._executor or ThreadPoolExecutor(WORKERS, thread_name_prefix="push")
        self._executor.submit(self._drain, to, done)

    def _drain(self, to: To, done: "Future[None]") -> None:
        """Send what waits for this connection, one after the other, until nothing is left."""
        try:
            while (frame := self._next(to)) is not None:
                self._post(to, frame)
        except BaseException as error:
            with self._lock:
                self._forget(to)
            done.set_exception(error)
            raise
        done.set_result(None)

    def _next(self, to: To) -> bytes | None:
        """The next frame; with the last one gone, in the same moment, nobody is sending to it any more."""
        with self._lock:
            if frames := self._waiting[to]:
                return frames.popleft()
            self._forget(to)
            return None

    def _forget(self, to: To) -> None:
        del self._waiting[to], self._sending[to]


def _await(sending: "Iterable[Future[None]]", patience: float) -> None:
    done, _ = wait(list(sending), timeout=patience)
    for each in done:
        each.result()
