"""Computes where a lead can be: the `zones` that decide its calling hours in `autocall.gates`. Pure.

A number can be in any time zone that libphonenumber gives for it; a number of the USA or Canada in those of its area
code, which laws assume to be the person's own. Fields of the list change that:

- A state of the USA or a province of Canada: the lead is in the zones of that state, and the state's rule applies.
- Any other text for a state is not understood: all zones of the number's country must be open.
- A time zone of the number's country: the lead is there. A foreign one is added: it must be open too. One that is not
  understood adds all zones of the number's country.
- `UTC`, `Etc/GMT+5` and the like are not places, and are ignored.

An area code without a state leaves the state open: then the zone names `US` only, and all states must be open.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache

from autocall.local_time import UnknownZone, zone
from functions.leads_api.lists import words
from functions.leads_api.lists.phone_numbers import Number, calling_code_zones
from functions.leads_api.lists.us_ca_regions import AREA_CODES, STATES

MOST_ZONES = 20  # a toll-free number of North America can be in 42: its location is unknown

_ZONE_NICKNAMES = {
    "eastern": ("America/New_York",),
    "central": ("America/Chicago",),
    "mountain": ("America/Denver", "America/Phoenix"),
    "pacific": ("America/Los_Angeles",),
    "alaska": ("America/Anchorage",),
    "hawaii": ("Pacific/Honolulu",),
    "atlantic": ("America/Halifax", "America/Puerto_Rico"),
    "newfoundland": ("America/St_Johns",),
}
_ZONE_ABBREVIATIONS = {"e": "eastern", "c": "central", "m": "mountain", "p": "pacific", "ak": "alaska", "h": "hawaii"}
_ZONE_ABBREVIATIONS |= {"a": "atlantic", "n": "newfoundland"}
_ABBREVIATION = re.compile(r"(e|c|m|p|ak|h|a|n)[sd]?t")
_AROUND_A_NICKNAME = {"time", "standard", "daylight", "zone", "us", "usa", "canada", "and", "utc", "gmt"}
_NO_PLACE = re.compile(
    r"(?:etc/.*|(?:utc|gmt|z|zulu|uct|universal|greenwich)(?:\W?[+-]?[0-9:.]*)?|[+-][0-9]{1,2}(?::?[0-9]{2})?)",
    re.IGNORECASE,
)
_NOT_A_ZONE = ("posix/", "right/")
_NORTH_AMERICA = 1
_REGIONS = ("US", "CA")
_CLOCK_FROM, _CLOCK_LOOKS, _CLOCK_EVERY = datetime(2026, 1, 1, tzinfo=UTC), 60, timedelta(days=12)
_OTHER_NAMES = {
    "washington dc": "US-DC",
    "district of columbia": "US-DC",
    "washington state": "US-WA",
    "us virgin islands": "VI",
    "virgin islands": "VI",
    "newfoundland": "CA-NL",
    "pq": "CA-QC",
    "nf": "CA-NL",
    "pei": "CA-PE",
    "yukon territory": "CA-YT",
    "nwt": "CA-NT",
    "w va": "US-WV",
    **{short: f"US-{state}" for state, shorts in {
        "AL": "ala", "AK": "alas", "AZ": "ariz", "AR": "ark", "CA": "calif cal", "CO": "colo", "CT": "conn",
        "DE": "del", "FL": "fla", "ID": "ida", "IL": "ill", "IN": "ind", "KS": "kan kans", "KY": "ken", "MA": "mass",
        "MI": "mich", "MN": "minn", "MS": "miss", "MT": "mont", "NE": "neb nebr", "NV": "nev", "ND": "ndak",
        "OK": "okla", "OR": "ore oreg", "PA": "penn penna", "SD": "sdak", "TN": "tenn", "TX": "tex", "WA": "wash",
        "WV": "wva", "WI": "wis wisc", "WY": "wyo",
    }.items() for short in shorts.split()},
    **{short: f"CA-{province}" for province, shorts in {
        "AB": "alta", "MB": "man", "ON": "ont", "QC": "que", "SK": "sask",
    }.items() for short in shorts.split()},
}  # fmt: skip
_AROUND_A_STATE = re.compile(r"\b(?:the|state|province|commonwealth|of|usa|u s a|united states|america|canada|can)\b")
_NAMED_COUNTRY = re.compile(r"\b(?:(usa|united states|america)|(canada|can))\b|^(?:(us)|(ca)) (?=[a-z]{2}$)|\b(us)$")
_BETWEEN_PARTS = re.compile(r"[,;/|()\[\]:\n]+|\s[-\u2013\u2014]\s|-")


def time_zones(text: str, north_american: bool) -> tuple[str, ...] | None:
    """The zones that a time zone's name means: () for a name that is not a place, None for an unknown one.

    `EST` is understood in North America only.
    """
    name = text.strip().replace(" ", "_")
    if words.is_blank(text) or _NO_PLACE.fullmatch(text.strip()):
        return ()
    spoken = name.lower().removesuffix("_time").removesuffix("_standard").removesuffix("_daylight")
    abbreviation = _ABBREVIATION.fullmatch(spoken)
    spoken = _ZONE_ABBREVIATIONS[abbreviation[1]] if abbreviation else spoken
    if north_american and spoken in _ZONE_NICKNAMES:
        return _ZONE_NICKNAMES[spoken]
    if north_american and (nickname := _only_nickname(text)):
        return _ZONE_NICKNAMES[nickname]
    if "/" not in name or name.startswith(_NOT_A_ZONE):
        return None
    try:
        zone(name)
    except UnknownZone:
        return None
    return (name,)


def _only_nickname(text: str) -> str | None:
    """The one zone that `(UTC-05:00) Eastern Time (US & Canada)` names."""
    said = set(re.findall("[a-z]+", text[:100].lower())) - _AROUND_A_NICKNAME
    abbreviations = {word: _ABBREVIATION.fullmatch(word) for word in said}
    named = {_ZONE_ABBREVIATIONS[found[1]] if found else word for word, found in abbreviations.items()}
    return named.pop() if len(named) == 1 and named <= _ZONE_NICKNAMES.keys() else None


def state_of(text: str) -> str | None:
    """The state or province that a text names, such as `US-FL`, in any usual spelling; None if it names none.

    `California`, `CA`, `US-CA`, `CA - California`, `Calif.`, `California, USA`, `Los Angeles, CA`.
    """
    whole = _plain(text)
    if found := _JURISDICTIONS.get(whole):
        return found
    countries = {"US" if us or a or b else "CA" for us, ca, a, _, b in _NAMED_COUNTRY.findall(whole)}
    parts = {_plain(part) for part in _BETWEEN_PARTS.split(text)} | {whole}
    bare = {" ".join(_AROUND_A_STATE.sub(" ", part).split()) for part in parts} - {"", "us"}
    meant = {jurisdiction for part in bare if (jurisdiction := _JURISDICTIONS.get(part))}
    if countries:
        meant = {
            jurisdiction for jurisdiction in meant if (jurisdiction.partition("-")[0] == "CA") == (countries == {"CA"})
        }
    abroad = [part for part in bare if words.country_of(part) and not _JURISDICTIONS.get(part)]
    return meant.pop() if len(meant) == 1 and not abroad else None


def is_understood(state: str) -> bool:
    """Whether a state cell is blank, or names a known state."""
    return not _says_something(state) or state_of(state) is not None


def zones(number: Number, timezone: str, state: str) -> list[str]:
    """The jurisdictions and zones that a lead can be in, by its number and the list's fields; [] if unknown."""
    jurisdiction, possible = _by_number(number)
    if _says_something(state):
        given = state_of(state) if number.calling_code == _NORTH_AMERICA else None
        jurisdiction = given or number.country
        possible = frozenset(STATES[given][1]) if given else possible | _of_country(number)
    stated = time_zones(timezone, bool(number.area_code))
    if stated is None:
        possible |= _of_country(number)
    elif stated:
        at_home = _clocks(_of_country(number)) >= _clocks(stated)
        possible = frozenset(stated) if at_home else possible | set(stated)
    found = sorted(possible - {"Etc/Unknown"})
    jurisdictions = [jurisdiction] if jurisdiction else list(_REGIONS)
    return [f"{code}/{name}" for code in jurisdictions for name in found] if len(found) <= MOST_ZONES else []


def _by_number(number: Number) -> tuple[str, frozenset[str]]:
    """The jurisdiction and zones of a number alone; the jurisdiction is "" for an unknown area code."""
    jurisdiction = AREA_CODES.get(number.area_code, number.country) if number.area_code else number.country
    if number.country:
        return jurisdiction, frozenset(number.zones)
    return (jurisdiction, frozenset(STATES[jurisdiction][1])) if jurisdiction else ("", _of_country(number))


@cache
def _of_country(number: Number) -> frozenset[str]:
    """All time zones of the number's country: one for each distinct clock."""
    if number.country in _REGIONS or (number.area_code and not number.country):
        jurisdictions = [
            jurisdiction for jurisdiction in STATES if jurisdiction[:2] == number.country or not number.country
        ]
        names = [name for jurisdiction in jurisdictions for name in STATES[jurisdiction][1]]
    else:
        names = list(number.zones)
        if not number.area_code:
            names += calling_code_zones(number.calling_code)
    by_clock = {_clock(name): name for name in sorted({*names, *number.zones}, reverse=True)}
    return frozenset(by_clock.values()) | frozenset(number.zones if len(number.zones) <= MOST_ZONES else ())


def _clocks(names: Iterable[str]) -> set[tuple[float, ...]]:
    return {_clock(name) for name in names}


@cache
def _clock(name: str) -> tuple[float, ...]:
    """A zone's UTC offsets over two years, by which `US/Eastern` equals `America/New_York`."""
    try:
        tz = zone(name)
    except UnknownZone:
        return ()
    moments = (_CLOCK_FROM + look * _CLOCK_EVERY for look in range(_CLOCK_LOOKS))
    offsets = (moment.astimezone(tz).utcoffset() for moment in moments)
    return tuple(offset.total_seconds() for offset in offsets if offset is not None)


def _says_something(state: str) -> bool:
    bare = " ".join(_AROUND_A_STATE.sub(" ", _plain(state)).split())
    return not words.is_blank(state) and bare not in ("", "us")


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^a-z]+", " ", letters.replace(".", "")).split())


_JURISDICTIONS = {_plain(name): code for code, (name, _, _) in STATES.items()} | _OTHER_NAMES
_JURISDICTIONS |= {code.rpartition("-")[2].lower(): code for code in STATES}
_JURISDICTIONS |= {code.replace("-", " ").lower(): code for code in STATES if "-" in code}
