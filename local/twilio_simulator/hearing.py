"""Records who could hear whom, and which sentences, with times; the witness evaluates it later."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

WORDS = ("say", "play")


@dataclass
class Stay:
    """The time of a leg in one mix, with constant mute state; *muted* legs hear, but are not heard."""

    mix: str
    muted: bool
    began_s: float
    ended_s: float | None = None


@dataclass
class Sentence:
    """Something that only one leg heard: words (`say`, `play`), or `music` and `beep`."""

    kind: str
    text: str
    began_s: float
    ended_s: float | None = None


@dataclass
class Ear:
    """Everything that one leg heard."""

    stays: list[Stay] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    silent_since_s: float | None = None


class Hearing:
    """The ears of all legs, in seconds of a call since the simulator's start.

    `changed` is called for each change of a mix, `spoken` for each sentence that begins or ends.
    """

    def __init__(self, speed: float) -> None:
        self._speed, self._began = speed, time.monotonic()
        self.ears: dict[str, Ear] = {}
        self.changed: Callable[[str, str | None, bool], None] = lambda _sid, _mix, _muted: None
        self.spoken: Callable[[str, str, bool], None] = lambda _sid, _kind, _begins: None

    def at(self, ticked: float) -> float:
        return (ticked - self._began) * self._speed

    def now_s(self) -> float:
        return self.at(time.monotonic())

    def enter(self, sid: str, mix: str, *, muted: bool = False) -> None:
        """Put the leg into this mix."""
        ear = self._ear(sid)
        self._close(ear)
        if ear.silent_since_s is None:
            ear.stays.append(Stay(mix, muted, self.now_s()))
            self.changed(sid, mix, muted)

    def leave(self, sid: str) -> None:
        """Take the leg out of its mix."""
        self._close(self._ear(sid))
        self.changed(sid, None, False)

    def fall_silent(self, sid: str) -> None:
        """The leg's sound is gone, even if the call still exists: it hears nobody, and nobody hears it."""
        self.leave(sid)
        self._ear(sid).silent_since_s = self.now_s()

    @contextmanager
    def playing(self, sid: str, kind: str, text: str) -> Iterator[None]:
        """The leg hears this sentence while the context lasts."""
        sentence = Sentence(kind, text, self.now_s())
        self._ear(sid).sentences.append(sentence)
        self.spoken(sid, kind, True)
        try:
            yield
        finally:
            sentence.ended_s = self.now_s()
            self.spoken(sid, kind, False)

    def beep(self, sid: str) -> None:
        now_s = self.now_s()
        self._ear(sid).sentences.append(Sentence("beep", "", now_s, now_s))

    def forget(self) -> None:
        self.ears.clear()

    def _ear(self, sid: str) -> Ear:
        return self.ears.setdefault(sid, Ear())

    def _close(self, ear: Ear) -> None:
        if ear.stays and ear.stays[-1].ended_s is None:
            ear.stays[-1].ended_s = self.now_s()
