"""Evaluates the recorded hearing: who heard whom, which sentences, and who heard nothing for how long."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from local.twilio_simulator.calls import Call
from local.twilio_simulator.hearing import WORDS, Ear, Hearing, Sentence, Stay

Span = tuple[float, float]
_LONG_ENOUGH_S = 1e-9  # there is no silence between two adjacent sounds


@dataclass
class Leg:
    """One answered call and its ear; the role is lead unless the call is known to be an agent's."""

    call: Call
    ear: Ear
    role: str
    began_s: float
    ended_s: float


def heard(calls: Iterable[Call], hearing: Hearing, agents: Collection[str]) -> dict[str, Any]:
    """The evaluation of all legs, in seconds of a call since the simulator's start."""
    legs = [leg for call in calls if (leg := _leg(call, hearing, agents))]
    together = sorted(_together(legs), key=lambda overlap: (overlap["from_s"], overlap["hearer"], overlap["speaker"]))
    roles = {leg.call.sid: leg.role for leg in legs}
    both = [overlap for overlap in together if roles[overlap["hearer"]] == roles[overlap["speaker"]] == "lead"]
    return {
        "now_s": hearing.now_s(),
        "legs": [_leg_view(leg, together, roles) for leg in legs],
        "together": together,
        "leads_together": both,
    }


def _leg(call: Call, hearing: Hearing, agents: Collection[str]) -> Leg | None:
    """The leg of an answered call; it ends when its sound is gone."""
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
    """Who heard whom in which mix, with times; one entry for each direction."""
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


def _leg_view(leg: Leg, together: list[dict[str, Any]], roles: dict[str, str]) -> dict[str, Any]:
    sid = leg.call.sid
    others = [item for item in together if item["hearer"] == sid]
    agents_heard = [item["from_s"] for item in others if roles[item["speaker"]] == "agent"]
    heard_by_agents = [
        item["from_s"] for item in together if item["speaker"] == sid and roles[item["hearer"]] == "agent"
    ]
    said = [(item, _until(item, leg)) for item in leg.ear.sentences if item.began_s <= leg.ended_s]
    filled = [(item.began_s, end_s) for item, end_s in said if item.kind in WORDS]
    filled += [(item["from_s"], item["to_s"]) for item in others]
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
            {"kind": item.kind, "text": item.text, "from_s": item.began_s, "to_s": end_s} for item, end_s in said
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
    """The parts of the whole that nothing fills."""
    reached_s, end_s = whole
    for began_s, ended_s in sorted(filled):
        if began_s > reached_s + _LONG_ENOUGH_S:
            yield reached_s, min(began_s, end_s)
        reached_s = max(reached_s, ended_s)
    if end_s > reached_s + _LONG_ENOUGH_S:
        yield reached_s, end_s
