"""What the columns of a list are, by what people call them. Pure.

A column is a field of the lead, or it is kept with the lead under its own name. Nobody sees beforehand what is made of
a list here, so only a whole header counts, not a word in one. The page reads lists by the same names, and shows what it
makes of them; tests/shared/columns.json says what both must.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from functions.leads_api import lead_terms

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
    **lead_terms.CALLED,
}
_RANK = {alias: (field, rank) for field, aliases in _CALLED.items() for rank, alias in enumerate(aliases.split("|"))}
_INNER_START = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_WHO = "contact|customer|client|lead|prospect"
_WHOSE_PHONE = re.compile(
    r"\b(home|work|office|business|private|privat|personal|primary|main|direct|day|daytime|evening|best|preferred"
    rf"|person|{_WHO}|geschaftlich|dienstlich|1|value)\b"
)
_WHOSE_ZONE = re.compile(rf"(local|person|{_WHO}) (?=(time ?zone|tz)$)")
_ANY_NUMBER = {"number", "nummer", "numero"}
_LESS_PLAIN, _LEAST_PLAIN = 100, 200
# Who must not be called is said in many ways; one too many is looked at again, one too few is a call that must not be.
_CHANNELS = "e ?mail|mail|text|sms|fax|message|or|and|nor"
_TO_CALL = "call|phone|telephone|dial|ring|contact|disturb|solicit"
_MARKS = re.compile(
    rf"\b(((do|must|should|may) ?not|don.?t|never) ?(({_CHANNELS}) ?)*({_TO_CALL})"
    r"|not (to )?be (called|phoned|contacted)"
    r"|no ((more|phone|telephone|voice|sales|marketing|cold) )*(calls?|calling)|stop ?(call(s|ing)?|contact(ing)?)"
    r"|dn ?c(s|r|l|flag|list|listed)?|ndnc|dnd|c?tps|opt(s|ed)? ?outs?|unsub(scribed?|scribes)?"
    r"|(anruf|telefon|kontakt|werbe) ?(sperren?|verbot|stopp?|widerspruch)|sperrvermerk|abgemeldet"
    r"|nicht (mehr )?(anrufen|kontaktieren|telefonieren)|keine? (anrufe?|telefonate?|telefonwerbung|werbung)"
    r"|no (llamar|llame|llamen|contactar|molestar)|(lista )?robinson ?(liste?|lista)?|bloctel"
    r"|ne (pas|plus|jamais) (appeler|contacter|telephoner)|desinscrit|desabonne"
    r"|non (chiamare|contattare)|nao (ligar|chamar|contact?ar)|niet (bellen|benaderen))\b",
    re.ASCII,
)
_BESIDE = (
    "is|has|been|be|to|the|on|in|from|please|list|lists|flag|number|phone|call|calls|calling|contact|customer|client"
    "|lead|prospect|person|me|us"
)
_BANS = "removed?|black ?list(ed)?|block ?list(ed)?|blocked|suppress(ed|ion)?|gesperrt|sperrliste"
_ONLY_A_BAN = re.compile(rf"(({_BESIDE}) )*({_BANS})( ({_BESIDE}))*")
# When, why and by what a mark was made is no mark. Who is opted out of mail is not out of calls, unless both are named.
_NO_FLAGS = re.compile(
    r"\b(dates?|datum|fecha|since|seit|reasons?|grund|sources?|before|vor|after|nach|until|till|bis|between|times?|hours?"
    r"|(list|registry|register) checked|scrubbed)\b",
    re.ASCII,
)
_OTHER_WAYS = re.compile(
    r"\b(e ?mails?|mails?|mailings?|sms|mms|texts?|fax|whats ?app|post|postal|letters?|newsletters?|push|cookies?"
    r"|links?|urls?|checked)\b",
    re.ASCII,
)
_CALLS = re.compile(r"\b(calls?|calling|phones?|telephone|voice|anruf\w*|telefon\w*|llama\w*|appel\w*)\b", re.ASCII)
_DENYING = (
    "|no|n|false|f|off|none|null|nil|nan|nat|na|n a|<na>|not listed|not on list|not registered|not found|clean|clear|ok"
    "|okay|callable|allowed|opted in|opt in|subscribed|nein|non|nej|nee|nao|falsch|faux|falso|нет|☐|✗|✘"
)
_DENIALS = frozenset(_DENYING.split("|"))
_ZERO = re.compile("[0 ]+")
_OF_AN_EXPORT = {"call status", "imported at"}
_WRITTEN_BY_US = _OF_AN_EXPORT | {"reason", "held", "held until", "call sid", "duration s", "at"}
_WRITTEN_BY_US |= {"lead id", "attempt id", "version", "zones", "can release"}


def plain(header: str) -> str:
    """A header without what does not matter in it: case, accents, spaces and signs; `IsDNC` is two words."""
    letters = unicodedata.normalize("NFKD", header)
    without_accents = "".join(letter for letter in letters if unicodedata.category(letter)[0] != "M")
    return " ".join(re.sub(r"[\W_]+", " ", _INNER_START.sub(" ", without_accents).casefold()).split())


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
    meant |= {header: "do_not_call" for header in headers if _is_mark(header)}
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

    So does a tick, or a word in any script; signs that only separate say nothing, and a program's empty cell neither.
    """
    letters = unicodedata.normalize("NFKD", told).casefold()
    said = "".join(" " if unicodedata.category(letter)[0] in "PZC" else letter for letter in letters)
    without_accents = "".join(letter for letter in said if unicodedata.category(letter)[0] != "M")
    words = " ".join(without_accents.split())
    return words not in _DENIALS and not _ZERO.fullmatch(words)


def _is_mark(header: str) -> bool:
    name = plain(re.sub(r"\bno\.", "number ", header, flags=re.IGNORECASE))  # "No. calls" counts them
    if _ONLY_A_BAN.fullmatch(name):
        return True
    if not _MARKS.search(name) or _NO_FLAGS.search(name):
        return False
    return not _OTHER_WAYS.search(name) or bool(_CALLS.search(name))
