"""Invocations that take turns: each stops at every effect, and whoever drives says which goes on, and what strikes.

The functions are the product's own, unchanged. Each runs in a greenlet, one at a time, so a schedule that is done again
does the same again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from greenlet import getcurrent, greenlet

from tests.faults.effects import Effects, Invocation, Killed


@dataclass
class Task:
    """Something that happens, an invocation or several in a row; it waits at the effect *at*."""

    name: str
    does: Callable[[], object]
    at: str = ""
    aws: bool = False
    strikes: bool = True
    stack: list[Invocation] = field(default_factory=list)
    thread: greenlet | None = None

    @property
    def over(self) -> bool:
        return self.thread is None or self.thread.dead


class Scheduler:
    """Everything that goes on in a world, by name; `go` lets one task do one effect."""

    def __init__(self, effects: Effects, refusals: tuple[type[Exception], ...] = ()) -> None:
        self._effects, self._hub, self._refusals = effects, getcurrent(), refusals
        self._tasks: dict[greenlet, Task] = {}
        self.going: dict[str, Task] = {}
        self._closed = False

    # -- for whoever drives --------------------------------------------------------------------------------------------

    def start(self, name: str, does: Callable[[], object]) -> Task:
        """Begin something; it goes on to its first effect, and waits there."""
        task = Task(name, does)
        task.thread = greenlet(lambda _: task.does(), self._hub)
        self._tasks[task.thread] = task
        self.going[name] = task
        self._switch(task, "")
        return task

    def go(self, task: Task, strikes: str = "") -> None:
        """The task does the effect that it waits at, and goes on to the next; *strikes* is what happens to it there."""
        self._switch(task, strikes)

    def drain(self) -> None:
        """All goes on to its end, one after the other."""
        while self.going:
            self.go(next(iter(self.going.values())))

    def abandon(self) -> None:
        """Whatever still goes on is gone, and does nothing more."""
        self._closed = True
        while self.going:
            self.go(next(iter(self.going.values())), "killed before")

    # -- for the effects -----------------------------------------------------------------------------------------------

    def wait(self, name: str, *, aws: bool) -> str:
        task = self._tasks.get(getcurrent())
        if task is None:  # whoever drives does something itself
            return ""
        if self._closed:
            raise Killed
        task.at, task.aws = name, aws
        return str(self._hub.switch())

    def send_later(self, name: str, request: Callable[[], Any]) -> None:
        """The request is on its way, and nobody waits for its answer any more."""

        def arrives() -> None:
            with suppress(Killed, ClientError, *self._refusals):  # nobody hears of it
                if not self.wait(f"{name} arrives", aws=False):
                    request()

        self.begin_beside(f"late {name}", arrives).strikes = False

    def begin_beside(self, name: str, does: Callable[[], object]) -> Task:
        """A task lets another begin, whenever it gets its turn."""
        other = Task(f"{self._tasks[getcurrent()].name}, {name}", does, at="its beginning")
        while other.name in self.going:
            other.name += "'"
        other.thread = greenlet(lambda _: other.does(), self._hub)
        self._tasks[other.thread] = other
        self.going[other.name] = other
        return other

    def _switch(self, task: Task, strikes: str) -> None:
        assert task.thread is not None
        before, self._effects.stack = self._effects.stack, task.stack
        try:
            task.thread.switch(strikes)
        finally:
            task.stack, self._effects.stack = self._effects.stack, before
            if task.thread.dead:
                self.going.pop(task.name, None)
                self._tasks.pop(task.thread, None)


@contextmanager
def taking_turns(effects: Effects, refusals: tuple[type[Exception], ...] = ()) -> Iterator[Scheduler]:
    """As long as this lasts, whatever is started stops at its every effect; *refusals* are answers, and no mistakes."""
    scheduler = Scheduler(effects, refusals)
    effects.turn = scheduler
    try:
        yield scheduler
        scheduler.drain()
    finally:
        scheduler.abandon()
        effects.turn = None
