"""What the witness makes of it: who heard whom, who was told what, and who heard nothing for how long."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from local.twilio_simulator.calls import Call
from local.twilio_simulator.hearing import WORDS, Ear, Hearing, Sentence, Stay

Span = tuple[float, float]
_LONG_ENOUGH_S = 1e-9  # what begins as something else ends is no silence


@dataclass
class Leg:
    """One call that was answered, and its ear; a person is a lead unless something says that it is an agent."""

    call: Call
    ear: Ear
    role: str
    began_s: float
    ended_s: float


def heard(calls: Iterable[Call], hearing: Hearing, agents: Collection[str]) -> dict[str, Any]:
    """Everything about hearing, in seconds of a call since the simulator began."""
    legs = [leg for call in calls if (leg := _leg(call, hearing, agents))]
    together = sorted(_together(legs), key=lambda one: (one["from_s"], one["hearer"], one["speaker"]))
    roles = {leg.call.sid: leg.role for leg in legs}
    both = [one for one in together if roles[one["hearer"]] == roles[one["speaker"]] == "lead"]
    return {
        "now_s": hearing.now_s(),
        "legs": [_told(leg, together, roles) for leg in legs],
        "together": together,
        "leads_together": both,
    }


def _leg(call: Call, hearing: Hearing, agents: Collection[str]) -> Leg | None:
    """The leg of a call that was answered; a dead one has ended as soon as it was dead."""
    if not call.answered:
        return None
    other = _other(call)
    agent = other.startswith("client:") or other in agents or call.direction == "outbound-dial" or call.moderates
    ear = hearing.ears.get(call.sid, Ear())
    ended_s = hearing.at(call.changes[-1].ticked) if call.ended else hearing.now_s()
    if ear.silent_since_s is not None:
        ended_s = min(ended_s, ear.silent_since_s)
    return Leg(call, ear, "agent" if agent else "lead", hearing.at(call.answered.ticked), ended_s)


def _other(call: Call) -> str:
    return call.sender if call.direction == "inbound" else call.to


def _together(legs: list[Leg]) -> Iterator[dict[str, Any]]:
    """Who heard whom in which mix, from when to when; each direction for itself."""
    mixes: dict[str, list[tuple[Leg, Stay]]] = {}
    for leg in legs:
        for stay in leg.ear.stays:
            mixes.setdefault(stay.mix, []).append((leg, stay))
    for mix, stays in mixes.items():
        for one, other in combinations(stays, 2):
            if one[0] is other[0]:
                continue
            for (hearer, listening), (speaker, speaking) in ((one, other), (other, one)):
                began_s = max(listening.began_s, speaking.began_s, hearer.began_s, speaker.began_s)
                ended_s = min(_until(listening, hearer), _until(speaking, speaker))
                if not speaking.muted and began_s < ended_s:
                    spoken = {"hearer": hearer.call.sid, "speaker": speaker.call.sid, "mix": mix}
                    yield spoken | {"from_s": began_s, "to_s": ended_s}


def _until(what: Stay | Sentence, leg: Leg) -> float:
    return leg.ended_s if what.ended_s is None else min(what.ended_s, leg.ended_s)


def _told(leg: Leg, together: list[dict[str, Any]], roles: dict[str, str]) -> dict[str, Any]:
    sid = leg.call.sid
    others = [one for one in together if one["hearer"] == sid]
    agents_heard = [one["from_s"] for one in others if roles[one["speaker"]] == "agent"]
    heard_by_agents = [one["from_s"] for one in together if one["speaker"] == sid and roles[one["hearer"]] == "agent"]
    said = [(one, _until(one, leg)) for one in leg.ear.sentences if one.began_s <= leg.ended_s]
    filled = [(one.began_s, end_s) for one, end_s in said if one.kind in WORDS]
    filled += [(one["from_s"], one["to_s"]) for one in others]
    alone = list(_gaps((leg.began_s, leg.ended_s), filled))
    return {
        "sid": sid,
        "number": _other(leg.call),
        "role": leg.role,
        "direction": leg.call.direction,
        "parent": leg.call.parent,
        "attempt": leg.call.attempt,
        "status": leg.call.status,
        "answered_s": leg.began_s,
        "ended_s": leg.ended_s if leg.call.ended or leg.ear.silent_since_s is not None else None,
        "sentences": [
            {"kind": one.kind, "text": one.text, "from_s": one.began_s, "to_s": end_s} for one, end_s in said
        ],
        "mixes": [
            {"mix": stay.mix, "muted": stay.muted, "from_s": stay.began_s, "to_s": stay.ended_s}
            for stay in leg.ear.stays
        ],
        "joined_after_s": min(agents_heard) - leg.began_s if agents_heard else None,
        "heard_after_s": min(heard_by_agents) - leg.began_s if heard_by_agents else None,
        "alone": [{"from_s": began_s, "to_s": ended_s} for began_s, ended_s in alone],
        "longest_alone_s": max((ended_s - began_s for began_s, ended_s in alone), default=0.0),
    }


def _gaps(whole: Span, filled: Iterable[Span]) -> Iterator[Span]:
    """What of the whole nothing fills."""
    reached_s, end_s = whole
    for began_s, ended_s in sorted(filled):
        if began_s > reached_s + _LONG_ENOUGH_S:
            yield reached_s, min(began_s, end_s)
        reached_s = max(reached_s, ended_s)
    if end_s > reached_s + _LONG_ENOUGH_S:
        yield reached_s, end_s
