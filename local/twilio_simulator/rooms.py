"""Conferences: their participants, their beginning and end, and their events."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from local.twilio_simulator.calls import Call
from local.twilio_simulator.clock import Clock, rfc2822
from local.twilio_simulator.documents import Source
from local.twilio_simulator.hearing import Hearing
from local.twilio_simulator.twiml import BadTwiml
from local.twilio_simulator.verbs import Callback, Conference

_FULL, _TAKEN = 16020, 16025
Send = Callable[["Room", dict[str, str], dict[str, Any]], None]


@dataclass(eq=False)
class Guest:
    """A call in a room, before or after the room began; `over` has the reason if it was removed.

    `on_hold` is the music that it hears instead of the room.
    """

    call: Call
    noun: Conference
    muted: bool
    held: bool = False
    on_hold: ExitStack = field(default_factory=ExitStack)
    was_in_the_mix: bool = False
    over: "asyncio.Future[object]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Room:
    """One conference. The first participant's callback settings apply to the whole conference."""

    def __init__(self, name: str, account: str, hearing: Hearing, clock: Clock, send: Send) -> None:
        self.sid, self.name, self.account, self.status = "CF" + uuid.uuid4().hex, name, account, "init"
        self.guests: list[Guest] = []
        self.begun, self.forgotten = asyncio.Event(), False
        self.callback = Callback("", "POST", ())
        self.created = self.updated = clock.now()
        self.ended_by, self.reason_ended = "", ""
        self.events: list[dict[str, Any]] = []
        self._hearing, self._clock, self._send = hearing, clock, send
        self._first: Call | None = None

    @property
    def ended(self) -> bool:
        return self.status == "completed"

    def guest(self, key: str) -> Guest | None:
        """The participant with this CallSid or label."""
        return next((guest for guest in self.guests if key in (guest.call.sid, guest.noun.label)), None)

    def join(self, call: Call, noun: Conference, here: Source) -> Guest:
        """Add a participant; BadTwiml if the room is full, or the label is taken."""
        if len(self.guests) >= min([noun.max_participants, *(guest.noun.max_participants for guest in self.guests)]):
            raise BadTwiml(_FULL, "the conference is full")
        if noun.label and self.guest(noun.label):
            raise BadTwiml(_TAKEN, f"there is a participant with the label {noun.label!r} already")
        if self._first is None:
            self._first = call
            url = here.beside(noun.callback.url, noun.callback.method, {}).url if noun.callback.url else ""
            self.callback = Callback(url, noun.callback.method, noun.callback.events)
        guest = Guest(call, noun, noun.muted)
        call.moderates |= noun.end_on_exit
        self.guests.append(guest)
        self._tell("participant-join", guest)
        if self.begun.is_set():
            self._mix(guest)
        elif len(self.guests) > 1 and any(other.noun.start_on_enter for other in self.guests):
            self._begin(guest)
        if noun.beep in ("true", "onEnter"):
            self._beep(guest)
        return guest

    def _begin(self, last: Guest) -> None:
        self.status = "in-progress"
        self.begun.set()
        self._tell("conference-start", last)
        for guest in self.guests:
            self._mix(guest)

    def _mix(self, guest: Guest) -> None:
        if guest.held:
            return
        guest.was_in_the_mix = True
        self._hearing.enter(guest.call.sid, self.sid, muted=guest.muted)

    def _beep(self, of: Guest) -> None:
        for guest in self.guests:
            if guest is not of and self.begun.is_set():
                self._hearing.beep(guest.call.sid)

    def mute(self, guest: Guest, muted: bool) -> None:
        if guest.muted != muted:
            guest.muted = muted
            if self.begun.is_set():
                self._mix(guest)
            self._tell("participant-mute" if muted else "participant-unmute", guest)

    def hold(self, guest: Guest, held: bool) -> None:
        """A participant on hold hears music and nobody, and nobody hears them."""
        if guest.held == held:
            return
        guest.held = held
        if held:
            self._hearing.leave(guest.call.sid)
            guest.on_hold.enter_context(self._hearing.playing(guest.call.sid, "music", ""))
        else:
            guest.on_hold.close()
            if self.begun.is_set():
                self._mix(guest)
        self._tell("participant-hold" if held else "participant-unhold", guest)

    def leave(self, guest: Guest, why: str) -> None:
        """Remove a participant with one of Twilio's reasons; does nothing if they were removed before."""
        if guest not in self.guests:
            return
        self._out(guest, why)
        if guest.noun.beep in ("true", "onExit"):
            self._beep(guest)
        if guest.noun.end_on_exit:
            self._end("participant-with-end-conference-on-exit-left", "moderator_ended_conference", guest)
        elif not self.guests:
            self._end("last-participant-left", "", guest)

    def kick(self, guest: Guest) -> None:
        """Remove a participant through the API; their document goes on."""
        guest.over.set_result("kicked")
        self._out(guest, "participant_updated_via_api")
        if guest.noun.end_on_exit:
            self._end("participant-with-end-conference-on-exit-kicked", "moderator_ended_conference", guest)
        elif not self.guests:
            self._end("last-participant-kicked", "", guest)

    def end(self) -> None:
        """End the conference through the API."""
        self._end("conference-ended-via-api", "conference_ended_via_api", None)

    def _out(self, guest: Guest, why: str) -> None:
        self.guests.remove(guest)
        guest.on_hold.close()
        self._hearing.leave(guest.call.sid)
        status = "completed" if why == "participant_hung_up" else guest.call.status
        self._tell("participant-leave", guest, ParticipantCallStatus=status, ReasonParticipantLeft=why)

    def _end(self, why: str, others_left: str, by: Guest | None) -> None:
        self.status, self.reason_ended = "completed", why.replace("-", "_")
        self.ended_by = by.call.sid if by else ""
        for guest in list(self.guests):
            self._out(guest, others_left)
            if not guest.over.done():
                guest.over.set_result(others_left)
        reasons = {"ReasonConferenceEnded": why, "Reason": why.replace("-", " ")}
        if by:
            reasons |= {"CallSidEndingConference": by.call.sid, "ParticipantLabelEndingConference": by.noun.label}
        self._tell("conference-end", None, **reasons)

    def _tell(self, event: str, guest: Guest | None, **more: str) -> None:
        """Record an event, and send it if the first participant's settings ask for it."""
        self.updated = self._clock.now()
        form = {
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "AccountSid": self.account,
            "SequenceNumber": str(len(self.events) + 1),
            "Timestamp": rfc2822(self.updated),
            "StatusCallbackEvent": event,
        }
        if guest and event.startswith("participant"):
            form |= {
                "CallSid": guest.call.sid,
                "Muted": str(guest.muted).lower(),
                "Hold": str(guest.held).lower(),
                "Coaching": "false",
                "EndConferenceOnExit": str(guest.noun.end_on_exit).lower(),
                "StartConferenceOnEnter": str(guest.noun.start_on_enter).lower(),
            }
            if guest.noun.label:
                form["ParticipantLabel"] = guest.noun.label
        form |= more
        self.events.append({"event": event, "at_s": self._hearing.now_s(), "form": form, "answered": None})
        if self.callback.url and event.partition("-")[2].removeprefix("un") in self.callback.events:
            of = guest.call if guest else self._first
            self._send(self, form, of.happens if of else {})

    def resource(self) -> dict[str, Any]:
        """The conference as Twilio's API shows it."""
        base = f"/2010-04-01/Accounts/{self.account}/Conferences/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": self.account,
            "friendly_name": self.name,
            "status": self.status,
            "region": "us1",
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "api_version": "2010-04-01",
            "reason_conference_ended": self.reason_ended.replace("_", "-") or None,
            "call_sid_ending_conference": self.ended_by or None,
            "uri": f"{base}.json",
            "subresource_uris": {name: f"{base}/{name.title()}.json" for name in ("participants", "recordings")},
        }

    def participant(self, guest: Guest) -> dict[str, Any]:
        """A participant as Twilio's API shows it."""
        sid = guest.call.sid
        return {
            "account_sid": self.account,
            "call_sid": sid,
            "label": guest.noun.label or None,
            "conference_sid": self.sid,
            "muted": guest.muted,
            "hold": guest.held,
            "coaching": False,
            "call_sid_to_coach": None,
            "start_conference_on_enter": guest.noun.start_on_enter,
            "end_conference_on_exit": guest.noun.end_on_exit,
            "status": "connected",
            "queue_time": None,
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated),
            "uri": f"/2010-04-01/Accounts/{self.account}/Conferences/{self.sid}/Participants/{sid}.json",
        }


class Rooms:
    """All conferences; at most one of each name has not ended."""

    def __init__(self, account: str, hearing: Hearing, clock: Clock, send: Send) -> None:
        self.all: dict[str, Room] = {}
        self._made = (account, hearing, clock, send)

    def open(self, name: str) -> Room:
        """The room of this name that has not ended, or a new one."""
        found = next((room for room in self.all.values() if room.name == name and not room.ended), None)
        if not found:
            found = Room(name, *self._made)
            self.all[found.sid] = found
        return found

    def find(self, key: str) -> Room | None:
        """The room with this SID, or with this name if it has not ended."""
        living = (room for room in self.all.values() if room.name == key and not room.ended)
        return self.all.get(key) or next(living, None)
