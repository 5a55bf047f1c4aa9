"""Where a lead can be: what its calling hours depend on, as the `zones` that `autocall.gates` reads.

The lead's own time zone, if the import gave one, is where it is. Else it is in any zone of its own state; else in any
zone that libphonenumber knows for the number. A number of the USA without a state has that of its area code, which
laws take for the person's own until shown otherwise. An area code of no state, or a state that is none, leaves the
state open: then `US` stands alone, and the hours of every state must agree.
"""

import re
import unicodedata
from collections.abc import Iterable

from autocall.local_time import UnknownZone, zone
from functions.leads_api.states import STATES

MOST_ZONES = 20  # a toll-free number of North America can be in 42: that is to say, nobody knows where

_SPOKEN = {
    "eastern": ("America/New_York",),
    "central": ("America/Chicago",),
    "mountain": ("America/Denver", "America/Phoenix"),
    "pacific": ("America/Los_Angeles",),
    "alaska": ("America/Anchorage",),
    "hawaii": ("Pacific/Honolulu",),
    "atlantic": ("America/Halifax", "America/Puerto_Rico"),
    "newfoundland": ("America/St_Johns",),
}
_LETTERS = {"e": "eastern", "c": "central", "m": "mountain", "p": "pacific", "ak": "alaska", "h": "hawaii"}
_LETTERS |= {"a": "atlantic", "n": "newfoundland"}
_ABBREVIATION = re.compile(r"(e|c|m|p|ak|h|a|n)[sd]?t")
_NOT_A_PLACE = ("posix/", "right/", "Etc/Unknown")
_OTHER_NAMES = {
    "washington dc": "US-DC",
    "washington state": "US-WA",
    "us virgin islands": "VI",
    "virgin islands": "VI",
    "newfoundland": "CA-NL",
    "pq": "CA-QC",
    "nf": "CA-NL",
    "pei": "CA-PE",
    "yukon territory": "CA-YT",
}


def time_zones(told: str, north_american: bool) -> tuple[str, ...] | None:
    """The zones that a time zone's name means, None if it is no name of one; `EST` means one in North America only."""
    name = told.strip().replace(" ", "_")
    spoken = name.lower().removesuffix("_time").removesuffix("_standard").removesuffix("_daylight")
    abbreviation = _ABBREVIATION.fullmatch(spoken)
    spoken = _LETTERS[abbreviation[1]] if abbreviation else spoken
    if north_american and spoken in _SPOKEN:
        return _SPOKEN[spoken]
    if name != "UTC" and ("/" not in name or name.startswith(_NOT_A_PLACE)):
        return None
    try:
        zone(name)
    except UnknownZone:
        return None
    return (name,)


def state_of(told: str) -> str | None:
    """The place that a state's or province's name or letters mean, such as `US-FL`; None if it is none."""
    return _PLACES.get(_plain(told))


def zones(
    country: str, number_zones: Iterable[str], area_code: str, own_zones: tuple[str, ...] | None, state: str
) -> list[str]:
    """The places and zones that a lead can be in; [] if nobody knows.

    *country*, *number_zones* and *area_code* are the number's (no area code outside of North America), *own_zones* and
    *state* what the import gave.
    """
    place = country
    if area_code:
        given = state_of(state)
        place = given or (country if state else _AREAS.get(area_code, country))
        number_zones = STATES[given][1] if given else number_zones
    found = sorted(set(own_zones or number_zones) - {"Etc/Unknown"})
    return [f"{place}/{name}" for name in found] if len(found) <= MOST_ZONES else []


def _plain(told: str) -> str:
    letters = unicodedata.normalize("NFKD", told).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^a-z]+", " ", letters.replace(".", "")).split())


_PLACES = {_plain(name): place for place, (name, _, _) in STATES.items()} | _OTHER_NAMES
_PLACES |= {place.rpartition("-")[2].lower(): place for place in STATES}
_AREAS = {code: place for place, (_, _, codes) in STATES.items() for code in codes.split()}
