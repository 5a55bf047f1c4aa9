"""What the columns of a list are, by what people call them. Pure.

A column is a field of the lead, or it is kept with the lead under its own name. Nobody sees beforehand what is made of
a list here, so only a whole header counts, not a word in one. The page reads lists by the same names, and shows what it
makes of them; tests/shared/columns.json says what both must.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

FIELDS = ("phone", "name", "timezone", "state", "note", "external_id")

_CALLED = {
    "phone": (
        "phone|phone number|phonenumber|phone no|phone nr|e164|e 164|telephone|telephone number|tel|tel no|mobile"
        "|mobile number|mobile phone|mobile phone number|mobile no|cell|cell phone|cellphone|cell number"
        "|cell phone number|msisdn|contact number|primary phone|main phone|home phone|work phone|business phone"
        "|telefon|telefonnummer|rufnummer|mobil|mobilnummer|mobiltelefon|handy|handynummer|telefono"
        "|numero de telefono|movil|celular|cellulare|telephone portable|portable|telefone|telemovel"
    ),
    "name": (
        "name|full name|fullname|contact name|customer name|client name|lead name|prospect name"
        "|contact|customer|client|lead|prospect"
    ),
    "first": "first name|firstname|given name|forename|vorname|prenom|nombre|nome",
    "last": "last name|lastname|surname|family name|nachname|nom|apellido|apellidos|cognome",
    "timezone": "timezone|time zone|tz|zeitzone|timezone name|time zone name|tz name|iana timezone|iana time zone",
    "state": (
        "state|province|state province|state or province|us state|state code|province code|bundesland|st"
        "|state region|mailing state|mailing state province|home state|address state"
    ),
    "note": "note|notes|comment|comments|remark|remarks|memo|notiz|bemerkung",
    "external_id": (
        "external id|externalid|id|crm id|record id|customer id|client id|contact id|lead id|prospect id"
        "|reference|ref|uuid"
    ),
    "extra": "extra",
}
_RANK = {alias: (field, rank) for field, aliases in _CALLED.items() for rank, alias in enumerate(aliases.split("|"))}
_WHO = "contact|customer|client|lead|prospect"
_WHOSE_PHONE = re.compile(
    r"\b(home|work|office|business|private|privat|personal|primary|main|direct|day|daytime|evening|best|preferred"
    rf"|person|{_WHO}|geschaftlich|dienstlich|1|value)\b"
)
_WHOSE_ZONE = re.compile(rf"(local|person|{_WHO}) (?=(time ?zone|tz)$)")
_ANY_NUMBER = {"number", "nummer", "numero"}
_LESS_PLAIN, _LEAST_PLAIN = 100, 200
_MARKS = re.compile(
    r"\b(do ?not ?call|do ?not ?contact|don ?t ?call|don ?t ?contact|dnc|opt ?out|opted ?out|unsubscribed)\b"
)
_NO_MARKS = re.compile(r"\b(e ?mails?|mails?|sms|texts?|fax|newsletters?|dates?|since|source|reason|checked)\b")
_DENIALS = {"", "no", "n", "false", "0", "f", "off", "none", "nein", "non"}
_OF_AN_EXPORT = {"call status", "imported at"}
_WRITTEN_BY_US = _OF_AN_EXPORT | {"reason", "held", "held until", "call sid", "duration s", "at"}
_WRITTEN_BY_US |= {"lead id", "attempt id", "version", "zones", "can release"}


def plain(header: str) -> str:
    """A header without what does not matter in it: case, accents, spaces and signs."""
    letters = unicodedata.normalize("NFKD", header).casefold()
    without_accents = "".join(letter for letter in letters if unicodedata.category(letter)[0] != "M")
    return " ".join(re.sub(r"[\W_]+", " ", without_accents).split())


@lru_cache(256)
def fields(headers: tuple[str, ...]) -> Mapping[str, str]:
    """The field that each header stands for, where it stands for one: of several, the one that says so most plainly.

    All that may be marks count: it is better not to call one too many. But opted out of mail is not out of calls.
    What our own export adds to a list stands for "": it is ignored when the list comes back.
    """
    best: dict[str, tuple[int, str]] = {}
    for header in headers:
        field, rank = _meaning(plain(header))
        if field and rank < best.get(field, (rank + 1, ""))[0]:
            best[field] = (rank, header)
    parts = best.keys() & {"first", "last"}
    if parts and "name" in best:
        only_a_noun = plain(best["name"][1]) in _WHO.split("|")
        unused = {"name"} if only_a_noun else parts
        best = {field: found for field, found in best.items() if field not in unused}
    meant = {header: field for field, (_, header) in best.items()}
    meant |= {header: "do_not_call" for header in headers if _is_mark(plain(header))}
    if {plain(header) for header in headers} >= _OF_AN_EXPORT:
        meant |= {header: "" for header in headers if plain(header) in _WRITTEN_BY_US}
    return meant


def _meaning(header: str) -> tuple[str, int]:
    """The field that a header stands for, and how plainly (less is plainer); `("", 0)` if it is none."""
    if header in _ANY_NUMBER:
        return "phone", _LEAST_PLAIN
    if header in _RANK:
        return _RANK[header]
    field, rank = _RANK.get(_WHOSE_ZONE.sub("", header, 1), ("", 0))
    if not field:
        field, rank = _RANK.get(" ".join(_WHOSE_PHONE.sub("", header).split()), ("", 0))
        field = "phone" if field == "phone" else ""
    return (field, rank + _LESS_PLAIN) if field else ("", 0)


def marked(told: str) -> bool:
    """Whether a cell of a do-not-call column says that the lead must not be called: whatever does not deny it.

    So does a tick, or a word in any script; signs that only separate say nothing.
    """
    letters = unicodedata.normalize("NFKD", told).casefold()
    said = "".join(" " if unicodedata.category(letter)[0] in "PZC" else letter for letter in letters)
    without_accents = "".join(letter for letter in said if unicodedata.category(letter)[0] != "M")
    return " ".join(without_accents.split()) not in _DENIALS


def _is_mark(header: str) -> bool:
    return bool(_MARKS.search(header)) and not _NO_MARKS.search(header)
