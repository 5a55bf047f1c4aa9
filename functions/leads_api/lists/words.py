"""Matches headers and cells against the word lists in `words.json`, which the page uses too. Pure.

Every word there, and every header and cell that is compared with it, is normalized by `plain` first. The file has:

- `fields`: names of the column for each field, the clearest one first.
- `phone`: words that may come `beside` the name of a phone column (`Home phone`), `within` it as a whole word or, in
  scripts without spaces, `anywhere` in it; `plain_numbers`, which are phone columns only if there is no better one; and
  words that are `never` in the name of one (`Fax number`).
- `timezone.beside`, `name.only_nouns`: `Customer time zone` is a time zone; `Customer` is a name if there is no other.
- `do_not_call`: a header is a mark if it contains a *negation*, any number of *channels* and a *verb* in this order, or
  one of the *phrases*, or one of those for *anywhere*; or if it has only *bans* and the words *beside* them. It is not
  a mark if it has a word of *not_flags* (when and why a mark was made), or one of the *other_ways* (mail) and none of
  the *calls*. A cell is a mark by the same words, except *not_in_cells*: names of people and companies.
- `consent`: the header of a column of consent has one of the *phrases*. A denial in its cells is a mark: one of
  *denials*, or a word of `cells.no` that is not a *yes* there.
- `cells`: `yes` and `no`, and `blank`, the words of programs for nothing.
- `own_export`: the columns that our own export adds. A file that has both *signs* is one.
- `countries`: names of each country, by its two letters.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_INNER_START = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_SPACES = re.compile(r"[\W_]+")
_ZERO = re.compile("[0 ]+")
_LONGEST_READ = 300
_MOST_WORDS_OF_A_MARK = 5
_TAGS = re.compile(r"[,;|/\n\t]+")

_JSON: Mapping[str, Any] = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))


@lru_cache(4096)
def plain(text: str) -> str:
    """A header or cell without case, accents, extra spaces and signs; `IsDNC` becomes two words."""
    letters = unicodedata.normalize("NFKD", text[:_LONGEST_READ])
    without_accents = "".join(letter for letter in letters if unicodedata.category(letter)[0] != "M")
    return " ".join(_SPACES.sub(" ", _INNER_START.sub(" ", without_accents).casefold()).split())


def said(cell: str) -> str:
    """A cell in plain words, with signs that are words by themselves: `✓`, `☐`."""
    letters = unicodedata.normalize("NFKD", cell[:_LONGEST_READ]).casefold()
    spaced = "".join(" " if unicodedata.category(letter)[0] in "PZC" else letter for letter in letters)
    return " ".join("".join(letter for letter in spaced if unicodedata.category(letter)[0] != "M").split())


def _words(*path: str) -> tuple[str, ...]:
    value: Any = _JSON
    for name in path:
        value = value[name]
    return tuple(filter(None, map(plain, value)))


def _cells(*names: str) -> frozenset[str]:
    return frozenset(said(word) for name in names for word in _JSON["cells"][name])


def _one_of(words: Iterable[str]) -> str:
    """An expression for any of these words; `do not call` is found in `donotcall` as well."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", " ?") for word in longest_first)


def _whole(expression: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{expression})(?!\S)")


def _any(*paths: tuple[str, ...]) -> re.Pattern[str]:
    return _whole("|".join(_one_of(_words(*path)) for path in paths))


_MARK = {name: _one_of(_words("do_not_call", name)) for name in ("negations", "channels", "verbs", "phrases", "bans")}
_NEGATED = rf"(?:{_MARK['negations']}) ?(?:(?:{_MARK['channels']}) ?)*(?:{_MARK['verbs']})"
_MARKS = _whole(rf"{_NEGATED}|{_MARK['phrases']}")
_ANYWHERE = re.compile("|".join(map(re.escape, _words("do_not_call", "anywhere"))))
_BESIDE = _one_of(_words("do_not_call", "beside_bans"))
_ONLY_A_BAN = re.compile(rf"(?:(?:{_BESIDE}) )*(?:{_MARK['bans']})(?: (?:{_BESIDE}))*")
_NOT_FLAGS = _any(("do_not_call", "not_flags"))
_OTHER_WAYS = _any(("do_not_call", "other_ways"))
_CALLS = _any(("do_not_call", "calls"))
_NOT_IN_CELLS = frozenset(_words("do_not_call", "not_in_cells"))
_CONSENT = _any(("consent", "phrases"))
_DENIED = _any(("consent", "denials"))

FIELD_NAMES: Mapping[str, tuple[str, ...]] = {field: _words("fields", field) for field in _JSON["fields"]}
_RANKS = {name: (field, rank) for field, names in FIELD_NAMES.items() for rank, name in reversed([*enumerate(names)])}
_WHOSE_PHONE = _any(("phone", "beside"))
_WHOSE_ZONE = _whole(_one_of(_words("timezone", "beside")))
_WITHIN = _any(("phone", "within"))
_PHONE_ANYWHERE = re.compile("|".join(map(re.escape, _words("phone", "anywhere"))))
_PLAIN_NUMBERS = frozenset(_words("phone", "plain_numbers"))
_NEVER_A_PHONE = _any(("phone", "never"))
ONLY_NOUNS = frozenset(_words("name", "only_nouns"))

YES, NO, BLANK = _cells("yes"), _cells("no"), _cells("blank")
_COUNTRIES = {plain(name): country for country, names in _JSON["countries"].items() for name in names}
_COUNTRIES |= {country.lower(): country for country in _JSON["countries"]}
_EXPORT_SIGNS = frozenset(_words("own_export", "signs"))
WRITTEN_BY_EXPORT = frozenset(_words("own_export", "written"))

LESS_PLAIN, LEAST_PLAIN = 1000, 2000


def field_of(header: str) -> tuple[str, int]:
    """The field that a header names, and its rank (lower is clearer); `("", 0)` if it names none."""
    name = plain(header)
    if name in _PLAIN_NUMBERS:
        return "phone", LEAST_PLAIN
    if name in _RANKS:
        return _RANKS[name]
    field, rank = _RANKS.get(_less(_WHOSE_ZONE, name), ("", 0))
    if field != "timezone":
        field, rank = _RANKS.get(_less(_WHOSE_PHONE, name), ("", 0))
        field = "phone" if field == "phone" else ""
    return (field, rank + LESS_PLAIN) if field else ("", 0)


def may_name_a_phone(header: str) -> bool:
    """Whether an unknown header may be that of a phone column."""
    name = plain(header)
    return bool(_WITHIN.search(name) or _PHONE_ANYWHERE.search(name)) and not _NEVER_A_PHONE.search(name)


def never_a_phone(header: str) -> bool:
    """Whether a header names numbers other than phone numbers."""
    name = plain(header)
    return bool(_NEVER_A_PHONE.search(name)) and field_of(header)[0] != "phone"


def is_mark(header: str) -> bool:
    """Whether a header names a do-not-call column."""
    name = plain(re.sub(r"\bno\.", "number ", header[:_LONGEST_READ], flags=re.IGNORECASE))  # "No. calls" counts them
    if _ONLY_A_BAN.fullmatch(name) or _ANYWHERE.search(name):
        return True
    if not _MARKS.search(name) or _NOT_FLAGS.search(name):
        return False
    return not _OTHER_WAYS.search(name) or bool(_CALLS.search(name))


def speaks_of_marks(header: str) -> bool:
    """Whether a header mentions a mark, even if only when or why it was made."""
    name = plain(header)
    return bool(_MARKS.search(name) or _ANYWHERE.search(name))


def is_other_way(header: str) -> bool:
    """Whether a header is about mail, or another channel than calls."""
    name = plain(header)
    return bool(_OTHER_WAYS.search(name)) and not _CALLS.search(name)


def is_consent(header: str) -> bool:
    """Whether a header names a column of consent, in which a denial is a do-not-call mark."""
    name = plain(header)
    if is_mark(header) or not _CONSENT.search(name) or _NOT_FLAGS.search(name):
        return False
    return not _OTHER_WAYS.search(name) or bool(_CALLS.search(name))


def is_blank(cell: str) -> bool:
    """Whether a cell is blank: empty, only separators, or a program's word for nothing."""
    words = said(cell)
    return not words or words in BLANK


def marked(cell: str) -> bool:
    """Whether a cell of a do-not-call column marks its row: every cell does that is not blank and not a no.

    A tick does, and a word in any script; separators and a program's word for nothing do not.
    """
    words = said(cell)
    return bool(words) and words not in NO and words not in BLANK and not _ZERO.fullmatch(words)


def denies(cell: str) -> bool:
    """Whether a cell of a column of consent marks its row: only a no does."""
    words = said(cell)
    if not words or words in BLANK:
        return False
    return words in _REFUSALS or bool(_ZERO.fullmatch(words)) or bool(_DENIED.search(plain(cell))) or says_mark(cell)


def yes_or_no(cell: str) -> bool | None:
    """True or False for a tick or a word for yes or no; None for anything else."""
    words = said(cell)
    if words in YES or words in ("1 0", "1 00"):
        return True
    return False if words in NO or _ZERO.fullmatch(words) else None


@lru_cache(4096)
def says_mark(cell: str) -> bool:
    """Whether a cell is itself a do-not-call phrase, in whatever column: `DNC - internal`, `vip; dnc`."""
    if len(cell) > _LONGEST_READ:
        return False
    return any(_is_phrase(tag) for tag in (cell, *_TAGS.split(cell)))


def _is_phrase(text: str) -> bool:
    name = plain(text)
    return name not in _NOT_IN_CELLS and 0 < len(name.split()) <= _MOST_WORDS_OF_A_MARK and is_mark(text)


def names_mark(cell: str) -> bool:
    """Whether a name contains a do-not-call phrase, as in lists without a column for it: `DNC Smith`."""
    without = " ".join(word for word in plain(cell).split() if word not in _NOT_IN_CELLS)
    return bool(_MARKS.search(without))


def country_of(cell: str) -> str | None:
    """The two letters of the country that a cell names; None if it is unknown."""
    return _COUNTRIES.get(plain(cell))


@cache
def of_own_export(headers: tuple[str, ...]) -> bool:
    """Whether these are the columns of our own export."""
    return frozenset(map(plain, headers)) >= _EXPORT_SIGNS


def _less(words: re.Pattern[str], name: str) -> str:
    return " ".join(words.sub(" ", name).split())


# In a column of consent `allowed` is a yes: of the denials of a mark only the plain ones are a no there.
_REFUSALS = NO - {said(word) for word in _JSON["consent"]["yes"]}
