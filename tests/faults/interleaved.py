"""Histories whose steps overlap: everything that happens goes on effect by effect, in an order that a seed draws.

A history is a list of moves. Played again, it does the same again; a move of what is not there any more does nothing,
so one that breaks the promise is shrunk by leaving moves out.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from typing import Any, NamedTuple, Protocol

from tests.faults.effects import AWS_FAULTS, KILLS, LATE_ANSWER, LATE_REQUEST
from tests.faults.scheduler import Scheduler, Task, taking_turns
from tests.faults.world import Gone, World

MOST_AT_ONCE, LONGEST = 6, 40
_STRIKES_OF_AWS = (*KILLS, *KILLS, *AWS_FAULTS, LATE_ANSWER, LATE_ANSWER, LATE_REQUEST, LATE_REQUEST)
_STRIKES = (*KILLS, LATE_ANSWER)
_BURSTS = ((1,), (1, 1, 2, 4), (1, 3, 9, 27), (100,))
_STRUCK = (0.0, 0.01, 0.03, 0.1)
_TRIES = 400


class Move(NamedTuple):
    """Something begins (*begins*), or what is called *task* does one more effect, and *strikes* happens to it."""

    task: str
    begins: Any = None
    strikes: str = ""


class Setting(Protocol):
    """What a history happens to: a world, how it begins, and what can happen in it."""

    def world(self) -> AbstractContextManager[World]: ...

    def begin(self, world: World) -> None: ...

    def draw(self, rng: random.Random) -> Any: ...

    def does(self, world: World, step: Any) -> Callable[[], object]: ...


class Played(NamedTuple):
    """What there was in a history, and its moves."""

    moves: list[Move]
    told: Counter[str]


class Broken(AssertionError):
    """A history that breaks the promise, and the moves that did."""

    def __init__(self, moves: Sequence[Move], error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.moves = list(moves)


Look = Callable[[World], Counter[str]]


def _nothing(_world: World) -> Counter[str]:
    return Counter()


def play(setting: Setting, seed: int, look: Look = _nothing) -> Played:
    """Draw a history and play it to its end. Broken if the promise was."""
    return _play(setting, seed, lambda rng, scheduler: _drawn(setting, rng, scheduler), look)


def again(setting: Setting, seed: int, moves: Sequence[Move], look: Look = _nothing) -> Played:
    """The same with the moves of one that was played."""
    return _play(setting, seed, lambda _rng, _scheduler: iter(moves), look)


def proven(setting: Setting, seed: int, look: Look = _nothing) -> Played:
    """Draw a history and play it; of one that breaks the promise the shortest script that does so too is said."""
    try:
        return play(setting, seed, look)
    except Broken as broken:
        shortest = shrink(setting, seed, broken)
        raise AssertionError(f"seed {seed}: {shortest}\n{script(setting, seed, shortest.moves)}") from broken


Draws = Callable[[random.Random, Scheduler], Iterator[Move]]


def _play(setting: Setting, seed: int, draws: Draws, look: Look) -> Played:
    random.seed(seed)  # what functions draw by lot
    moves: list[Move] = []
    with setting.world() as world:
        try:
            setting.begin(world)
            with taking_turns(world.effects, (Gone,)) as scheduler:
                for move in draws(random.Random(seed), scheduler):
                    moves.append(move)
                    _do(setting, world, scheduler, move)
                    world.check()
            world.check()
            world.rest()
        except Exception as error:
            raise Broken(moves, error) from error
        told = look(world) + Counter(histories=1, effects=world.effects.done)
        told.update(f"fault: {kind}" for kind in world.effects.struck)
        return Played(moves, told + world.written)


def _do(setting: Setting, world: World, scheduler: Scheduler, move: Move) -> None:
    if move.begins is not None:
        scheduler.start(move.task, setting.does(world, move.begins))
    elif task := scheduler.going.get(move.task):
        scheduler.go(task, move.strikes)


def _drawn(setting: Setting, rng: random.Random, scheduler: Scheduler) -> Iterator[Move]:
    """How much overlaps, how long one goes on before another does, and how much is struck, are each history's own."""
    bursts, struck, at_once = rng.choice(_BURSTS), rng.choice(_STRUCK), rng.randint(1, MOST_AT_ONCE)
    for index in range(rng.randint(3, LONGEST)):
        yield Move(str(index), begins=setting.draw(rng))
        while len(scheduler.going) >= at_once or (scheduler.going and rng.random() < 0.5):
            name = rng.choice(list(scheduler.going))
            for _ in range(rng.choice(bursts)):
                if task := scheduler.going.get(name):
                    yield Move(name, strikes=_strikes(rng, task) if rng.random() < struck else "")
    while scheduler.going:
        name = rng.choice(list(scheduler.going))
        for _ in range(rng.choice(bursts)):
            if task := scheduler.going.get(name):
                yield Move(name, strikes=_strikes(rng, task) if rng.random() < struck else "")


def _strikes(rng: random.Random, task: Task) -> str:
    if not task.strikes:
        return ""
    return rng.choice(_STRIKES_OF_AWS if task.aws else _STRIKES)


# -- of one that breaks the promise ------------------------------------------------------------------------------------


def shrink(setting: Setting, seed: int, broken: Broken, tries: int = _TRIES) -> Broken:
    """The shortest that is found and breaks it too: moves are left out, whole steps first, and what strikes."""
    best = broken
    for simpler in (_without_a_step, _without_moves, _without_strikes, _without_moves):
        best, tries = _simplify(setting, seed, best, simpler, tries)
    return best


Simpler = Callable[[list[Move]], Iterator[list[Move]]]


def _simplify(setting: Setting, seed: int, best: Broken, simpler: Simpler, tries: int) -> tuple[Broken, int]:
    found = True
    while found and tries > 0:
        found = False
        for moves in simpler(best.moves):
            tries -= 1
            try:
                again(setting, seed, moves)
            except Broken as shorter:
                best, found = shorter, True
                break
            if tries <= 0:
                break
    return best, tries


def _without_a_step(moves: list[Move]) -> Iterator[list[Move]]:
    """First half of the steps, then fewer, then each."""
    steps = [move.task for move in moves if move.begins is not None]
    size = max(1, len(steps) // 2)
    while True:
        for start in range(0, len(steps), size):
            left_out = set(steps[start : start + size])
            yield [move for move in moves if move.task.partition(",")[0] not in left_out]
        if size == 1:
            return
        size //= 2


def _without_moves(moves: list[Move]) -> Iterator[list[Move]]:
    places = [index for index, move in enumerate(moves) if move.begins is None]
    size = max(1, len(places) // 2)
    while places:
        for start in range(0, len(places), size):
            left_out = set(places[start : start + size])
            yield [move for index, move in enumerate(moves) if index not in left_out]
        if size == 1:
            return
        size //= 2


def _without_strikes(moves: list[Move]) -> Iterator[list[Move]]:
    for index, move in enumerate(moves):
        if move.strikes:
            yield [*moves[:index], move._replace(strikes=""), *moves[index + 1 :]]


def script(setting: Setting, seed: int, moves: Sequence[Move]) -> str:
    """A history to read: what begins, how far each goes on before another does, and what strikes it."""
    lines = [str(setting)]
    names: dict[str, str] = {}
    random.seed(seed)
    with setting.world() as world:
        try:
            setting.begin(world)
            world.effects.named = True
            with taking_turns(world.effects, (Gone,)) as scheduler:
                for move in chain(moves, _to_the_end(scheduler)):
                    lines += _line(scheduler, move, names)
                    _do(setting, world, scheduler, move)
                    world.check()
            world.check()
            lines.append("     all comes to rest")
            world.rest()
        except Exception as error:  # noqa: BLE001 - that is what it is about
            lines.append(f"     !! {type(error).__name__}: {error}")
    return "\n".join(_merged(lines))


def _to_the_end(scheduler: Scheduler) -> Iterator[Move]:
    while scheduler.going:
        yield Move(next(iter(scheduler.going)))


def _line(scheduler: Scheduler, move: Move, names: dict[str, str]) -> list[str]:
    if move.begins is not None:
        names[move.task] = str(move.begins)
        return [f"{move.task:>4} begins: {move.begins}"]
    task = scheduler.going.get(move.task)
    if task is None:
        return []
    struck = f"   !! {move.strikes}" if move.strikes else ""
    return [f"{move.task:>4} {names.get(move.task, '')}: {task.at}{struck}"]


def _merged(lines: list[str]) -> Iterator[str]:
    """What one task does in a row is one line."""
    kept = ""
    for line in lines:
        head, _, effect = line.partition(": ")
        if kept and effect and kept.partition(": ")[0] == head and " begins" not in head and "!!" not in head:
            kept += f", {effect}"
            continue
        if kept:
            yield kept
        kept = line
    yield kept
