"""`<Dial>`: calls to other phones and browsers, and conferences."""

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from local.twilio_simulator.calls import Call
from local.twilio_simulator.documents import Source
from local.twilio_simulator.rooms import Guest, Room
from local.twilio_simulator.twiml import BadTwiml
from local.twilio_simulator.verbs import Client, Conference, Dial, Number

if TYPE_CHECKING:
    from local.twilio_simulator.talk import Talk

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_BAD_NUMBER, _BAD_CALLER = 13223, 13214
_BUFFER_S = 5  # Twilio adds it: a phone rings a little longer than the document says


async def numbers(talk: "Talk", dial: Dial, here: Source) -> Source | None:
    """Call phones or browsers, and connect the first that answers; returns the next document."""
    line, call = talk.line, talk.call
    rung = [child for noun in dial.nouns if (child := _ring(talk, dial, noun, here))]
    answered: Call | None = None
    try:
        answered = await _first_answer(rung)
        for child in rung:
            if child is not answered:
                line.end(child, "canceled")
        if answered:
            talk.answer()
            for sid in (call.sid, answered.sid):
                line.hearing.enter(sid, f"bridge {call.sid}")
            with suppress(TimeoutError):
                await asyncio.wait_for(answered.over.wait(), dial.time_limit_s / line.speed)
    finally:
        line.hearing.leave(call.sid)
        for child in rung:
            line.end(child, "completed")
    last = answered or (rung[0] if rung else None)
    result = {"DialCallStatus": last.status if last else "failed", "DialBridged": str(bool(answered)).lower()}
    if last:
        result |= {"DialCallSid": last.sid, "DialCallDuration": str(last.duration_s or 0)}
    return here.beside(dial.action, dial.method, result) if dial.action else None


def _ring(talk: "Talk", dial: Dial, noun: Number | Client, here: Source) -> Call | None:
    """A child call of this call; None if the number or the caller id is invalid."""
    line, call = talk.line, talk.call
    to = noun.number if isinstance(noun, Number) else f"client:{noun.identity}"
    caller = dial.caller_id or (call.sender if call.direction == "inbound" else call.to)
    if isinstance(noun, Number) and not _NUMBER.fullmatch(to):
        line.note(call, BadTwiml(_BAD_NUMBER, "<Number> holds no number in E.164"))
        return None
    if isinstance(noun, Number) and not line.may_show(caller, call):
        line.note(call, BadTwiml(_BAD_CALLER, "callerId is no number of this account"))
        return None
    form = {"To": to, "From": caller, "Timeout": str(dial.timeout_s + _BUFFER_S)}
    if noun.callback.url:
        address = here.beside(noun.callback.url, noun.callback.method, {}).url
        form |= {"StatusCallback": address, "StatusCallbackMethod": noun.callback.method}
    return line.dial(call, form | {"StatusCallbackEvent": list(noun.callback.events)})


async def _first_answer(rung: list[Call]) -> Call | None:
    """The call that was answered first; None after all have ended without an answer."""
    settled = {asyncio.ensure_future(child.settled.wait()): child for child in rung}
    try:
        waiting = set(settled)
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if not settled[task].ended:
                    return settled[task]
        return None
    finally:
        for task in settled:
            task.cancel()


async def room(talk: "Talk", dial: Dial, here: Source) -> Source | None:
    """Stay in a conference until it ends or this call leaves it; returns the next document."""
    noun = dial.conference
    assert noun
    found = talk.line.rooms.open(noun.name)
    try:
        guest = found.join(talk.call, noun, here)
    except BadTwiml as refused:
        talk.line.note(talk.call, refused)
        return None
    try:
        established = await _stay(talk, dial, found, guest, here)
    finally:
        found.leave(guest, talk.left_by)
    if not (established and dial.action):
        return None
    result = {"DialCallStatus": "answered", "DialBridged": str(guest.was_in_the_mix).lower()}
    return here.beside(dial.action, dial.method, result)


async def _stay(talk: "Talk", dial: Dial, found: Room, guest: Guest, here: Source) -> bool:
    """Wait for the conference to begin and to end; False if the waiting document could not be fetched."""
    noun: Conference = guest.noun
    limit = asyncio.ensure_future(talk.line.pass_time(dial.time_limit_s))
    ends: set[asyncio.Future[Any]] = {guest.over, limit}
    if dial.hangup_on_star:
        ends.add(asyncio.ensure_future(talk.star()))
    begins = asyncio.ensure_future(found.begun.wait())
    alone = asyncio.ensure_future(_alone(talk, noun, found, here))
    try:
        await asyncio.wait({*ends, begins, alone}, return_when=asyncio.FIRST_COMPLETED)
        if alone.done() and not alone.result() and not found.begun.is_set():
            return False
        await asyncio.wait({*ends, begins}, return_when=asyncio.FIRST_COMPLETED)
        alone.cancel()
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        return True
    finally:
        for task in (*ends, begins, alone):
            task.cancel()
        await asyncio.wait({alone})


async def _alone(talk: "Talk", noun: Conference, found: Room, here: Source) -> bool:
    """Perform the waiting document; returns whether it could be fetched."""
    if found.begun.is_set():
        return True
    try:
        await talk.wait_alone(noun.wait_url, noun.wait_method, here)
    except BadTwiml as refused:
        talk.line.note(talk.call, refused)
        return False
    return True
