"""Who could hear whom, and which sentence, from when to when: kept while it happens, for the witness to judge later."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

WORDS = ("say", "play")


@dataclass
class Stay:
    """A leg in a mix of voices, as long as nothing about it changes; *muted* legs hear and are not heard."""

    mix: str
    muted: bool
    began_s: float
    ended_s: float | None = None


@dataclass
class Sentence:
    """What one leg alone was told: words (`say`, `play`), or `music` and `beep`, which say nothing."""

    kind: str
    text: str
    began_s: float
    ended_s: float | None = None


@dataclass
class Ear:
    """All that one leg heard."""

    stays: list[Stay] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    silent_since_s: float | None = None


class Hearing:
    """Everybody's ears, in seconds of a call since the simulator began.

    `changed` is told of each change of a mix, `spoken` of each sentence that begins or ends.
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
        """From now on the leg is in this mix."""
        ear = self._ear(sid)
        self._close(ear)
        if ear.silent_since_s is None:
            ear.stays.append(Stay(mix, muted, self.now_s()))
            self.changed(sid, mix, muted)

    def leave(self, sid: str) -> None:
        """From now on it is in none."""
        self._close(self._ear(sid))
        self.changed(sid, None, False)

    def fall_silent(self, sid: str) -> None:
        """The leg is dead, whatever Twilio still believes: it hears nobody, and nobody hears it."""
        self.leave(sid)
        self._ear(sid).silent_since_s = self.now_s()

    @contextmanager
    def told(self, sid: str, kind: str, text: str) -> Iterator[None]:
        """As long as this lasts, the leg hears it."""
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
