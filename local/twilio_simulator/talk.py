"""Performs a call's documents, verb by verb, until there are no more or one end hangs up."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from local.twilio_simulator import dialling, documents, progress
from local.twilio_simulator.calls import Call
from local.twilio_simulator.documents import Source
from local.twilio_simulator.people import Person
from local.twilio_simulator.twiml import BadTwiml
from local.twilio_simulator.verbs import Dial, Gather, Hangup, Pause, Play, Redirect, Reject, Say, Verb

if TYPE_CHECKING:
    from local.twilio_simulator.line import Line

HUNG_UP, BY_API = "participant_hung_up", "participant_updated_via_api"
_SORRY = "We are sorry, an application error has occurred. Goodbye."
_SECONDS_A_WORD = 0.4
_PLAYED_S = 5


class Over(Exception):
    """The document ends the call."""


class Talk:
    """The documents of one call; a call that was dialled by another call has none, and stays."""

    def __init__(self, line: "Line", call: Call, person: Person) -> None:
        self.line, self.call, self.person = line, call, person
        self.left_by = HUNG_UP
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        self._next: asyncio.Future[Source | None] = asyncio.get_running_loop().create_future()
        self.begins: Callable[[], None] | None = None
        self._fallback_source: Source | None = None

    # -- events from outside -----------------------------------------------------------------------------------------

    def hang_up(self) -> None:
        """End the call, from either end."""
        if not self._next.done():
            self._next.set_result(None)

    def had_enough(self) -> None:
        """The person hangs up, unless they have agreed to stay."""
        if not self.person.stays:
            self.hang_up()

    def redirect(self, source: Source) -> None:
        """Switch to another document at once, through the API."""
        if not self._next.done():
            self._next.set_result(source)

    def press(self, keys: str) -> None:
        for key in keys:
            self.keys.put_nowait(key)

    def answer(self) -> None:
        """Answer an inbound call, which its document's first verb does."""
        if self.call.status == "ringing":
            self.line.reach(self.call, "in-progress")

    # -- performing documents ----------------------------------------------------------------------------------------

    async def live(self, first: Source | None) -> None:
        """Perform *first* and all later documents, until there are no more, or somebody hangs up."""
        source = first
        while True:
            turn = asyncio.ensure_future(self._documents(source))
            try:
                both: set[asyncio.Future[Any]] = {turn, self._next}
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                if not self._next.done():
                    turn.result()
                    return
                source = self._next.result()
                self.left_by = BY_API if source else HUNG_UP
            finally:
                turn.cancel()
                await asyncio.wait({turn})
            if not turn.cancelled():
                turn.result()
            if source is None:
                return
            self._next = asyncio.get_running_loop().create_future()
            self.left_by = HUNG_UP

    async def _documents(self, first: Source | None) -> None:
        if first is None:
            await asyncio.Event().wait()
        source = first
        while source is not None:
            here = source
            try:
                verbs = await self.read(here)
                self._begin()
                source = await self.perform(verbs, here)
            except Over:
                return
            except BadTwiml as refused:
                self.line.note(self.call, refused)
                source = self._fallback(here, refused)
                if source is None:
                    self._begin()
                    self.answer()
                    await self.say(_SORRY)

    def _begin(self) -> None:
        """Start the person's talk time when they first hear something."""
        if self.begins:
            self.begins()
            self.begins = None

    async def read(self, source: Source) -> list[Verb]:
        """Fetch a document for this call, with the faults that the script sets for such requests."""
        form, faults = progress.document_form(self.call), self.call.happens.get("documents") or {}
        if source.text is None and source is not self._fallback_source:
            await asyncio.sleep(faults.get("delay_s", 0))
            if faults.get("lose"):
                raise BadTwiml(11200, "the request was lost, as its script says")
            for _ in range(faults.get("repeat", 1) - 1):
                await self._fetch(source, form)
        return await self._fetch(source, form)

    async def _fetch(self, source: Source, form: dict[str, str]) -> list[Verb]:
        outbox = self.line.outbox
        return await documents.read(outbox.session(), source, form, outbox.token, outbox.patience)

    def _fallback(self, failed: Source, refused: BadTwiml) -> Source | None:
        url = str(self.call.form.get("FallbackUrl") or "")
        if not url or self._fallback_source:
            return None
        form = {"ErrorCode": str(refused.code), "ErrorUrl": failed.url.partition("#")[0]}
        self._fallback_source = Source(url, str(self.call.form.get("FallbackMethod") or "POST"), None, form)
        return self._fallback_source

    async def perform(self, verbs: Sequence[Verb], here: Source) -> Source | None:
        """Perform the verbs in order; returns the document that one of them leads to."""
        message = self._is_message(verbs, here)
        for index, verb in enumerate(verbs):
            silent = isinstance(verb, Reject | Redirect) or (isinstance(verb, Dial) and verb.answer_on_bridge)
            if not silent and not (isinstance(verb, Pause) and not index):
                self.answer()
            goes_on = await self._verb(verb, here, forever=message and index == len(verbs) - 1)
            if goes_on:
                return goes_on
        return None

    def _is_message(self, verbs: Sequence[Verb], here: Source) -> bool:
        """Whether this is an inline message, which lasts until the person hangs up, as the script says."""
        posted = here.text is not None and self.call.first is not None and here.text is self.call.first.text
        return posted and bool(verbs) and all(isinstance(verb, Say | Play) for verb in verbs)

    async def _verb(self, verb: Verb, here: Source, *, forever: bool) -> Source | None:
        match verb:
            case Say() | Play():
                await self.prompt(verb, forever=forever)
            case Pause(length_s):
                await self.line.pass_time(length_s)
            case Gather():
                return await self._gather(verb, here)
            case Redirect(url, method):
                return here.beside(url, method, {})
            case Dial(conference=None):
                return await dialling.numbers(self, verb, here)
            case Dial():
                return await dialling.room(self, verb, here)
            case Reject(reason):
                self.call.rejected = "busy" if reason == "busy" else "no-answer"
                raise Over
            case Hangup():
                raise Over
        return None

    async def prompt(self, verb: Say | Play | Pause, *, forever: bool = False) -> None:
        """Perform words or silence; a loop of 0 never ends."""
        match verb:
            case Say(text, loop):
                seconds = max(1.0, _SECONDS_A_WORD * len(text.split()))
                await self._loop(loop, "say", text, seconds, forever=forever)
            case Play(url, loop):
                await self._loop(loop, "play", url.partition("?")[0], _PLAYED_S if url else 1, forever=forever)
            case Pause(length_s):
                await self.line.pass_time(length_s)

    async def say(self, text: str) -> None:
        await self.prompt(Say(text))

    async def _loop(self, loop: int, kind: str, text: str, seconds: float, *, forever: bool) -> None:
        for _ in range(loop or 1):
            with self.line.hearing.playing(self.call.sid, kind, text):
                if forever or not loop:
                    await asyncio.Event().wait()
                await self.line.pass_time(seconds)

    async def _gather(self, gather: Gather, here: Source) -> Source | None:
        while not self.keys.empty():
            self.keys.get_nowait()
        prompt_text = " ".join(prompt.text for prompt in gather.prompts if isinstance(prompt, Say))
        loop, speed = asyncio.get_running_loop(), self.line.speed
        pressing = loop.call_later(
            self.person.presses_after_s / speed, lambda: self.press(self.person.keys(prompt_text, gather.num_digits))
        )
        try:
            digits, finished = await self._digits(gather)
        finally:
            pressing.cancel()
        if not digits and not (gather.action_on_empty or finished):
            return None
        result = {"Digits": digits}
        if finished:
            result["FinishedOnKey"] = finished
        return here.beside(gather.action, gather.method, result)

    async def _digits(self, gather: Gather) -> tuple[str, str]:
        """The digits that were pressed in time, and the key that finished them."""
        prompting = asyncio.ensure_future(self._prompts(gather))
        key = asyncio.ensure_future(self.keys.get())
        try:
            await asyncio.wait({prompting, key}, return_when=asyncio.FIRST_COMPLETED)
            if prompting.done():
                prompting.result()
                await asyncio.wait({key}, timeout=gather.timeout_s / self.line.speed)
            if not key.done():
                return "", ""
        finally:
            prompting.cancel()
            key.cancel()
        digits, pressed = "", key.result()
        while pressed != gather.finish_on_key or not pressed:
            digits += pressed
            if len(digits) == gather.num_digits:
                return digits, ""
            try:
                pressed = await asyncio.wait_for(self.keys.get(), gather.timeout_s / self.line.speed)
            except TimeoutError:
                return digits, ""
        return digits, pressed

    async def _prompts(self, gather: Gather) -> None:
        for prompt in gather.prompts:
            await self.prompt(prompt)

    async def wait_alone(self, url: str | None, method: str, here: Source) -> None:
        """Perform the waiting document of a room once; BadTwiml for verbs other than Say, Play, Pause, Redirect."""
        if url == "":
            return
        if url is None:
            with self.line.hearing.playing(self.call.sid, "music", ""):
                await asyncio.Event().wait()
        source: Source | None = here.beside(str(url), method, {})
        while source is not None:
            verbs, here, source = await self.read(source), source, None
            for verb in verbs:
                if isinstance(verb, Redirect):
                    source = here.beside(verb.url, verb.method, {})
                    break
                if not isinstance(verb, Say | Play | Pause):
                    raise BadTwiml(12200, f"<{type(verb).__name__}> is not allowed while waiting for a conference")
                await self.prompt(verb)

    async def star(self) -> None:
        """Wait until the star key is pressed."""
        while await self.keys.get() != "*":
            pass
