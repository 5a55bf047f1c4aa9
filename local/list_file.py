"""Reads a file of leads or numbers, in any encoding, and guesses its columns.

The guess is printed. Doubtful columns are asked about at a terminal, and refused without one; `COLUMNS=` decides them
beforehand.
"""

import codecs
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import charset_normalizer

from functions.leads_api.lists import csv_rows, words
from functions.leads_api.lists.bad_list import BadList
from functions.leads_api.lists.column_map import FIELDS, IGNORE, KEEP, checked_mapping
from functions.leads_api.lists.csv_rows import Row, Table
from functions.leads_api.lists.guess import Column, Guess, Use, guess
from local.environments import Say

_MARKS_OF_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSED = ("cp1252", "mac_roman", "cp1250", "cp1251", "shift_jis", "gb18030", "euc_kr", "cp1253", "cp1254", "koi8_r")
_CALLED = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "shift_jis": "Shift-JIS"}
_SHOWN = 60

Ask = Callable[[str], str]


class Unreadable(Exception):
    """A file cannot be read as a list; the message says what is wrong with it."""


@dataclass(frozen=True)
class ListFile:
    """A file with its text and the guess for its columns."""

    name: str
    text: str
    guess: Guess
    known: Mapping[str, str]

    def rows(self) -> Iterator[Row]:
        """The rows, with their line numbers in the file."""
        return _table(self.name, self.text, self.known).rows


def read_text(path: Path, say: Say, encoding: str = "") -> str:
    """The file's text; prints the encoding if it had to be guessed."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from None
    if kind := csv_rows.other_kind(data):
        raise Unreadable(f"{path.name}: {kind}")
    if encoding:
        return _decoded(data, encoding, path)
    for mark, name in _MARKS_OF_ENCODINGS:
        if data.startswith(mark):
            return _decoded(data, name, path).removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig").removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    return _guessed(data, path, say)


def read(name: str, text: str, region: str, use: Use, decided: Mapping[str, str]) -> ListFile:
    """Guess the columns of a file with this text; Unreadable if it is not a list."""
    table = _table(name, text, decided)
    rows = list(table.rows)
    if missing := [header for header in decided if header not in table.headers]:
        raise Unreadable(f"{name}: there is no column {missing[0]}. There are {', '.join(table.headers)[:500]}")
    if not rows:
        raise Unreadable(f"{name}: there are no rows below the header in line {table.header_line}")
    made = guess(table.headers, rows, region, decided, use)
    return ListFile(name, text, made, decided)


def decide(file: ListFile, say: Say, ask: Ask | None) -> ListFile:
    """Print the guess for each column, and ask about the doubtful ones; Unreadable if there is no terminal."""
    for column in file.guess.columns:
        say(_shown(column))
    if "phone" not in file.guess.mapping.values():
        raise Unreadable(f"{file.name}: no column holds phone numbers; name the column: COLUMNS='Header=phone'")
    doubts = file.guess.doubts
    if doubts and ask is None:
        said = "; ".join(f"{column.header[:_SHOWN]} {column.doubt}" for column in doubts)
        examples = ",".join(f"{column.header}={_likely(column)}" for column in doubts)
        raise Unreadable(f"{file.name}: nothing was sent. {said} Decide it with COLUMNS='{examples}' (or =keep)")
    for column in doubts:
        assert ask
        column.target = _asked(column, ask)
        column.doubt = ""
    return file


def columns_of(text: str) -> dict[str, str]:
    """The mapping in a text such as `Mobile=phone,Blacklisted=do_not_call`."""
    decided: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        header, equals, target = pair.rpartition("=")
        if not equals:
            raise Unreadable(f"COLUMNS: {pair!r} is not HEADER=MEANING, such as Mobile=phone")
        decided[header.strip()] = target.strip()
    try:
        return checked_mapping(decided)
    except BadList as bad:
        raise Unreadable(bad.message) from None


def asker() -> Ask | None:
    """A function that asks the person at the terminal; None if there is no terminal."""
    return input if sys.stdin.isatty() else None


def _asked(column: Column, ask: Ask) -> str:
    likely = _likely(column)
    choices = ", ".join((*FIELDS, KEEP, IGNORE))
    while True:
        answer = ask(f"{column.header[:_SHOWN]} {column.doubt} [{likely}, or {KEEP}] ").strip() or likely
        try:
            return checked_mapping({column.header: answer})[column.header]
        except BadList:
            ask(f"Use one of {choices}. Press Enter to go on ")


def _likely(column: Column) -> str:
    if column.target == "phone":
        return "phone"
    if words.field_of(column.header)[0] == "country":
        return "country"
    return "status" if column.says_mark else column.target if column.named_mark else "do_not_call"


def _shown(column: Column) -> str:
    numbers = f", {column.valid:,} valid numbers" if column.valid or column.target == "phone" else ""
    return f"  {column.header[:_SHOWN]} → {column.target}: {column.filled:,} filled{numbers}"


def _table(name: str, text: str, known: Mapping[str, str]) -> Table:
    try:
        table = csv_rows.table(text, known=known, titles=True)
        if any(map(csv_rows.like_a_number, table.headers)) and not any(header in known for header in table.headers):
            raise BadList("bad_header", "the first line must have the column names, one of them phone")
    except BadList as bad:
        raise Unreadable(f"{name}: {bad.message}") from None
    return Table(table.separator, table.headers, _whole(name, table.rows), table.header_line)


def _whole(name: str, rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except BadList as bad:
        raise Unreadable(f"{name}: {bad.message}") from None


def _decoded(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise Unreadable(f"ENCODING: unknown encoding {encoding!r}") from None
    except UnicodeDecodeError:
        raise Unreadable(f"{path.name}: this is not text in {encoding}: save it as CSV in UTF-8") from None


def _guessed(data: bytes, path: Path, say: Say) -> str:
    """Decode the text in the encoding that gives most known column names, or else the most plausible words."""
    if data.count(b"\0") > len(data) / 5:
        first_is_zero = data[:2].startswith(b"\0")
        return _decoded(data, "utf-16-be" if first_is_zero else "utf-16-le", path)
    if b"\0" in data:
        raise Unreadable(f"{path.name}: this is not text: save it as CSV in UTF-8")
    best = charset_normalizer.from_bytes(data, cp_isolation=list(_GUESSED)).best()
    likely = best.encoding if best else ""
    readable: dict[str, tuple[int, float, bool, int]] = {}
    for index, encoding in enumerate(_GUESSED):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        readable[encoding] = (_known_words(text), -_odd_signs(text), encoding == likely != "cp1250", -index)
    if not readable:
        raise Unreadable(f"{path.name}: this is not text, or has an unknown encoding: save it as CSV in UTF-8")
    encoding = max(readable, key=lambda name: readable[name])
    say(f"{path.name} is not in UTF-8: it was read as {_CALLED.get(encoding, encoding)}. ENCODING=... sets another one")
    return data.decode(encoding)


def _known_words(text: str) -> int:
    """How many column names in the first line that is not blank are known, and have a letter beyond ASCII."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    names = [name.strip(' "') for sign in csv_rows.SEPARATORS for name in header.split(sign)]
    return sum(not name.isascii() and bool(words.field_of(name)[0] or words.is_mark(name)) for name in names)


def _odd_signs(text: str) -> float:
    """The share of characters beyond ASCII that are not letters, or are capitals in the middle of a word."""
    beyond = [(index, letter) for index, letter in enumerate(text) if not letter.isascii()]
    odd = sum(not letter.isalpha() or _beside_another(text, index) for index, letter in beyond)
    return odd / max(1, len(beyond))


def _beside_another(text: str, index: int) -> bool:
    """Whether there is a capital in the middle of a word, as in the wrongly decoded `ZoÎ` or `JosÈ`."""
    return index > 0 and text[index].isupper() and text[index - 1].islower()
