"""A made-up agent's morning, for the pictures: who was called when, and how it ended; every moment fits every other."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.leads_api.phone_display import phone_display

Lead = dict[str, Any]

HERE = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 10, 10, 47, 20, tzinfo=HERE)
IMPORTED = datetime(2026, 3, 10, 8, 52, tzinfo=HERE)
WEST_OPENS = datetime(2026, 3, 10, 11, 0, tzinfo=HERE)
RESTS_UNTIL = NOW + timedelta(minutes=13)
REFUSES = 20003  # Twilio's code, when it refuses the account
WRAP_UP_S = 30
TALKS = "Noah Petersen"  # with the agent, at this moment
TALKED = "James Whitfield"  # whose history is shown
CALLED, WAITING = 41, 58

# the last calls, newest first: who, how it ended, how long they talked, and when it ended; one at a time
LAST = (
    (TALKS, "in-progress", None, "10:45:23"),
    ("William Carter", "no-answer", None, "10:44:51"),
    ("Harper Ellis", "completed", 134, "10:43:50"),
    ("Grace Adeyemi", "busy", None, "10:40:58"),
    (TALKED, "completed", 312, "10:40:12"),
    ("Benjamin Kowalski", "completed", 47, "10:34:08"),
    ("Henry Walsh", "failed", None, "10:32:50"),
    ("Emma Lindqvist", "completed", 205, "10:32:16"),
    ("Nathan Price", "no-answer", None, "10:28:20"),
)
IN_FLIGHT = ("in-progress",)
_RANG_S = {"busy": 1, "no-answer": 25}
REFUSED = "Twilio refused the call (21214)"
FORBIDDEN = {"reason": "dnc", "until": None, "needs_person": False}
NOTES = {
    TALKED: "met at the fair, wants an offer for two sites",
    TALKS: "left a message on the web form",
}
NUMBERS = {"Emma Lindqvist": "+16125550193"}
COMPANIES = {
    TALKED: "Whitfield Marine",
    TALKS: "Petersen & Sons",
    "Rosa Delgado": "Delgado Tiles",
}
EAST = (("US-NY", "646"), ("US-MA", "617"), ("US-GA", "404"), ("US-FL", "305"), ("US-OH", "216"), ("US-NC", "919"))
CENTRAL = (("US-IL", "312"), ("US-TX", "713"), ("US-MN", "612"), ("US-TN", "615"), ("US-LA", "504"), ("US-NE", "402"))
WEST = (("US-CA", "415"), ("US-WA", "206"), ("US-OR", "503"), ("US-CA", "213"), ("US-NV", "702"))
FIRST = re.findall(
    r"\w+",
    """Olivia Lucas Sofia Daniel Amelia Jack Chloe Samuel Ruby Owen Maya Victor Zoe Henry Isla Leo Nora Felix Clara Hugo
    Alice Martin Elena Paul Julia Adrian Laura Simon Irene Oscar""",
)
LAST_NAMES = re.findall(
    r"\w+",
    """Hart Meyer Ramirez Kim Foster Lawson Sanders Green Jensen Fraser Cohen Hughes Mitchell Bennett Campbell Novak
    Weber Duarte Okafor Ferrara Morgan Grant Stein Moreau Davies Schmidt Tremblay Diaz Albrecht Raman""",
)


def leads(*, calling: bool = True, hung_up: bool = False) -> list[Lead]:
    """The whole list in its calling order; without *calling* nobody is, since Twilio has refused the account.

    *hung_up*: the conversation has just ended.
    """
    chance = random.Random(7)
    names = _names(chance)
    last = ((TALKS, "completed", 112, "10:47:15"), *LAST[1:]) if hung_up else LAST
    lately = [_called(*call) for call in reversed(last) if calling or call[1] not in IN_FLIGHT]
    earlier = list(_earlier(chance, names, CALLED - len(LAST)))
    doubt = _in_doubt()
    waiting = [_lead(next(names), chance.choice(EAST + CENTRAL)) for _ in range(WAITING if calling else WAITING + 2)]
    held = [_held(name) for name in ("Liam O'Brien", "Olivia Hart", *(next(names) for _ in range(12)))]
    spared = [{**_lead(next(names), EAST[0]), "do_not_call": True, "held": FORBIDDEN} for _ in range(2)]
    later = waiting + held + spared
    if not calling:
        tried = {"reason": f"Twilio refused the call ({REFUSES})", "until": iso(RESTS_UNTIL), "needs_person": False}
        later.append({**_lead(next(names), EAST[0]), "held": tried, "attempt_id": "attempt", "at": iso(NOW)})
    chance.shuffle(later)
    return [*earlier, doubt, *lately, *later]


def session(leads: list[Lead]) -> dict[str, Any]:
    """The agent's own call, by their phone; they talk with whoever is connected, or wrap up."""
    lead = next((lead for lead in leads if lead["name"] == TALKS), None)
    about = {"lead_id": _id(TALKS), "attempt_id": "attempt"}
    call = wrap_up = None
    if lead and lead["call_status"] in IN_FLIGHT:
        times = {"taken": lead["answered_at"], "joined": lead["answered_at"], "done": None}
        call = about | times | {"until": iso(NOW + timedelta(hours=1))}
    elif lead:
        wrap_up = about | {"until": iso(NOW + timedelta(seconds=WRAP_UP_S - 5))}
    since = NOW.replace(hour=8, minute=58, second=0)
    return {
        "session_id": "session",
        "via": "phone",
        "phase": "live",
        "reason": None,
        "asked_at": iso(since),
        "live_since": iso(since + timedelta(seconds=9)),
        "wrap_up_s": WRAP_UP_S,
        "call": call,
        "wrap_up": wrap_up,
        "version": 100,
        "at": iso(NOW),
    }


def iso(moment: datetime) -> str:
    """A moment as the server writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _id(name: str) -> str:
    return name.lower().replace(" ", "-")


def _names(chance: random.Random) -> Iterator[str]:
    pairs = [f"{first} {last}" for first in FIRST for last in LAST_NAMES]
    chance.shuffle(pairs)
    return iter(pairs)


def _lead(name: str, place: tuple[str, str]) -> Lead:
    chance = random.Random(name)  # so that a lead is the same in every picture
    state, area = place
    west, east = place in WEST, place in EAST
    zone = "America/Los_Angeles" if west else "America/New_York" if east else "America/Chicago"
    company = COMPANIES.get(
        name, f"{name.split()[-1]} {chance.choice(('Dental', 'Roofing', 'Legal', 'Travel', 'Motors', 'Foods'))}"
    )
    phone = NUMBERS.get(name, f"+1{area}55501{chance.randrange(100):02d}")
    return {
        "lead_id": _id(name),
        "attempt_id": None,
        "phone": phone,
        "phone_display": phone_display(phone),
        "name": name,
        "zones": [f"{state}/{zone}"],
        "state": state.removeprefix("US-"),
        "note": NOTES.get(name),
        "extra": {"Company": company},
        "call_status": "pending",
        "reason": None,
        "held": None,
        "can_release": False,
        "do_not_call": False,
        "call_sid": None,
        "version": 1,
        "at": iso(IMPORTED),
        "imported_at": iso(IMPORTED),
        "duration_s": None,
        "history": [],
    }


def _held(name: str) -> Lead:
    """On the West coast it is not eight yet."""
    held = {"reason": "hours", "until": iso(WEST_OPENS), "needs_person": False}
    return {**_lead(name, random.Random(name).choice(WEST)), "held": held, "at": iso(NOW - timedelta(minutes=40))}


def _called(name: str, status: str, talked: int | None, clock: str) -> Lead:
    """A lead whose call is where it is, or ended, at this time; one that failed was refused by Twilio."""
    chance = random.Random(name)
    hour, minute, second = map(int, clock.split(":"))
    last = NOW.replace(hour=hour, minute=minute, second=second)
    place = ("US-MA", "617") if name == TALKED else chance.choice(EAST + CENTRAL)
    sid = f"CA{chance.getrandbits(128):032x}"
    lead = {**_lead(name, place), "call_status": status, "attempt_id": "attempt", "at": iso(last)}
    if status == "failed":
        refused = {"at": iso(last), "event": "refused", "attempt_id": "attempt", "reason": REFUSED}
        return {**lead, "reason": REFUSED, "ended_at": iso(last), "version": 3, "history": [refused]}
    steps = _steps(status, talked, last)
    history: list[dict[str, Any]] = [
        {"at": iso(at), "event": event, "attempt_id": "attempt", "call_sid": sid} for event, at in steps
    ]
    moments = {event: iso(at) for event, at in steps}
    over = status not in IN_FLIGHT
    if over:
        history[-1] |= {"duration_s": talked or 0}
    return {
        **lead,
        "call_sid": sid,
        "placed_at": moments["placed"],
        "answered_at": moments.get("in-progress"),
        "joined_at": moments.get("in-progress"),
        "ended_at": iso(last) if over else None,
        "duration_s": talked or 0 if over else None,
        "version": 2 + len(steps),
        "history": history,
    }


def _steps(status: str, talked: int | None, last: datetime) -> list[tuple[str, datetime]]:
    """What the server writes of a call, up to its last step."""
    rings = last - timedelta(seconds=(talked or 0) + _RANG_S.get(status, 18))
    steps = [(event, rings - timedelta(seconds=seconds)) for event, seconds in (("placed", 3), ("initiated", 2))]
    steps.append(("ringing", rings))
    if talked:
        steps.append(("in-progress", last - timedelta(seconds=talked)))
    return [*steps, (status, last)]


def _earlier(chance: random.Random, names: Iterator[str], count: int) -> Iterator[Lead]:
    """The calls since nine, one after another: each rings, and a conversation is followed by a wrap-up."""
    free = NOW.replace(hour=9, minute=3, second=0)
    for _ in range(count):
        status = chance.choice(("completed", "completed", "completed", "completed", "no-answer", "no-answer", "busy"))
        talked = chance.randrange(35, 260) if status == "completed" else None
        ended = free + timedelta(seconds=chance.randrange(8, 30) + _RANG_S.get(status, 18) + (talked or 0))
        yield _called(next(names), status, talked, f"{ended:%H:%M:%S}")
        free = ended + timedelta(seconds=WRAP_UP_S if talked else 0)


def _in_doubt() -> Lead:
    """A call of which Twilio never said what became."""
    asked, lost = NOW.replace(hour=9, minute=41, second=7), NOW.replace(hour=9, minute=56, second=31)
    history = [
        {"at": iso(asked), "event": "unknown", "attempt_id": "attempt", "reason": "timeout"},
        {"at": iso(lost), "event": "lost", "attempt_id": "attempt", "reason": "not_found"},
    ]
    return {
        **_lead("Rosa Delgado", ("US-OH", "216")),
        "call_status": "unknown",
        "can_release": True,
        "reason": "not_found",
        "attempt_id": "attempt",
        "version": 4,
        "note": "asked for a quote",
        "at": iso(lost),
        "history": history,
    }
