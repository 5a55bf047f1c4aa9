"""Parses phone numbers, as people write them and spreadsheets damage them, into E.164, or refuses them with a reason.

Only this module and `phone_display` use libphonenumber.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from autocall.countries import is_satellite
from functions.leads_api.lists import words

_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff]"
)
_FORMULA = re.compile(r'="([^"]*)"')
_QUOTES = "'\u2018\u2019`\u00b4\""
_SCHEME = re.compile(r"(?:tel|telephone|telefon|callto|phone|ph|mobile|mob|cell|p|t|m)\.?:\s*(?://)?", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\+?[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}")
_AS_FLOAT = re.compile(r"(\+?[0-9]{7,15})[.,]0+")
_BETWEEN = r"(?:[/;,|&\n]|:::| (?:or|and|und|oder|ou|et|y|e|i|og|och|of|en) )"
_SEVERAL = re.compile(rf"(?:[0-9][^0-9]{{0,2}}){{7,}}{_BETWEEN}[^0-9]*(?:[0-9][^0-9]{{0,2}}){{7,}}", re.IGNORECASE)
_OTHER_ENDING = re.compile(r"[0-9]{2,}\s*/\s*[0-9]{1,3}$")
_NORTH_AMERICA, _MEXICO = 1, 52
_FORMER_MOBILE = re.compile("1[0-9]{10}")  # Mexico had a 1 in front of its mobile numbers until 2019
_POSSIBLE_IN_NORTH_AMERICA = re.compile(r"[2-9](?!11)(?!9)[0-9]{2}[2-9](?!11)[0-9]{6}")
_RESERVED_AREAS = re.compile(r"37[0-9]|96[0-9]|555|456|7[01]0|[2-9]00|(?:5|6|8)(00|22|33|44|55|66|77|88)|950")
_SHORT = 6
_LONGEST = 100
_CALLING_CODE = re.compile(r"(?:\+|00)?([0-9]{1,4})(?:\.0+)?")
_SAME_LINES = ({39, 378}, {970, 972})  # a line there has numbers under both

_NEVER_CALLED = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.VOICEMAIL: "a voicemail number",
}

_KINDS = {
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.UAN: "uan",
}


class BadNumber(ValueError):
    """Why a phone number cannot be called: a code for programs, and a message for the person who imports it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True)
class Number:
    """A valid number with its country, time zones and, in North America, its area code.

    The country is "" for a new area code that libphonenumber does not know yet.
    """

    e164: str
    country: str
    zones: tuple[str, ...]
    area_code: str
    calling_code: int


def parse(text: str, region: str, country: str = "", calling_code: str = "") -> Number:
    """The number that *text* means in *region*, a country's two letters.

    *country* and *calling_code* are cells of the same row, which take precedence over the region. Ambiguous and
    contradictory numbers are refused.
    """
    if len(text) > _LONGEST:
        raise BadNumber("phone_not_a_number", "is too long to be a phone number")
    cleaned = _clean(text)
    row_code = _stated_calling_code(country, calling_code)
    number = _parsed(cleaned, _region(region, cleaned, country, row_code))
    if number.extension:
        raise BadNumber("phone_extension", "has an extension, which cannot be dialled")
    if any(letter.isalpha() for letter in cleaned):
        raise BadNumber("phone_letters", "has letters in it")
    if not phonenumbers.is_valid_number(number) and not _new_in_north_america(number):
        raise _invalid(number, cleaned)
    if row_code and not _same_lines(row_code, number.country_code or 0):
        raise BadNumber("phone_contradiction", f"is one of +{number.country_code}, but the row says +{row_code}")
    if kind := _NEVER_CALLED.get(phonenumbers.number_type(number)):
        raise BadNumber("phone_never_called", f"is {kind}")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    area_code = e164[2:5] if number.country_code == _NORTH_AMERICA else ""
    found_country = phonenumbers.region_code_for_number(number) or ""
    return Number(e164, found_country, _zones(number) if found_country else (), area_code, number.country_code or 0)


def calling_code_zones(calling_code: int) -> tuple[str, ...]:
    """All time zones of the countries that have this calling code."""
    return tuple(TIMEZONE_DATA.get(str(calling_code), ()))


def _stated_calling_code(country: str, calling_code: str) -> int:
    """The calling code in the country cells of the row; 0 if they are empty or not understood."""
    code = _CALLING_CODE.fullmatch(calling_code.strip())
    by_code = int(code[1]) if code else 0
    letters = words.country_of(country) or ""
    by_country = phonenumbers.country_code_for_region(letters) if letters else _number_of_country(country)
    if by_code and by_country and not _same_lines(by_code, by_country):
        raise BadNumber("phone_contradiction", f"has both +{by_code} and +{by_country} as its calling code")
    return by_code or by_country


def _number_of_country(country: str) -> int:
    code = _CALLING_CODE.fullmatch(country.strip())
    return int(code[1]) if code else 0


def _region(region: str, text: str, country: str, row_code: int) -> str:
    """The country for a number without a country code."""
    letters = words.country_of(country)
    if letters:
        return letters
    if row_code:
        return str(phonenumbers.region_code_for_country_code(row_code))
    if not words.is_blank(country) and not text.startswith("+"):
        raise BadNumber("country_not_understood", "has no country code, and the country beside it is not understood")
    return region


def _same_lines(code: int, other: int) -> bool:
    return code == other or any({code, other} <= same for same in _SAME_LINES)


def _new_in_north_america(number: PhoneNumber) -> bool:
    """Whether the area code may be newer than libphonenumber's data."""
    national = str(number.national_number)
    if number.country_code != _NORTH_AMERICA or not _POSSIBLE_IN_NORTH_AMERICA.fullmatch(national):
        return False
    return not _known_area(national[:3])


@cache
def _known_area(area: str) -> bool:
    """Whether libphonenumber knows the area code, or it is reserved for non-geographic use."""
    if _RESERVED_AREAS.fullmatch(area):
        return True
    anybody = PhoneNumber(country_code=_NORTH_AMERICA, national_number=int(f"{area}2345678"))
    return bool(phonenumbers.is_valid_number(anybody))


def country_and_kind(e164: str) -> tuple[str, str]:
    """The country ("" for a network that is in none) and the special kind of an E.164 number that `parse` returned."""
    number = phonenumbers.parse(e164)
    country = phonenumbers.region_code_for_number(number) or ""
    if is_satellite(e164):
        return "", "satellite"
    kind = _KINDS.get(phonenumbers.number_type(number), "")
    return ("" if country == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else country), kind


def _zones(number: PhoneNumber) -> tuple[str, ...]:
    """The possible time zones. North American numbers, mobile too, go by area code."""
    by_area = number.country_code == _NORTH_AMERICA
    return tuple(time_zones_for_geographical_number(number) if by_area else time_zones_for_number(number))


def _clean(cell: str) -> str:
    """The text without the remains of spreadsheets and of copying."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", cell)).strip()
    if formula := _FORMULA.fullmatch(text):
        text = formula[1]
    text = text.strip(_QUOTES + " ")
    if scheme := _SCHEME.match(text):
        text = text[scheme.end() :].strip(_QUOTES + " ")
    if not text:
        raise BadNumber("phone_missing", "is missing")
    if _SCIENTIFIC.fullmatch(text):
        raise BadNumber("phone_damaged", "was damaged by a spreadsheet, which removed digits")
    if _SEVERAL.search(text) or _has_other_ending(text):
        raise BadNumber("phone_several", "is more than one number")
    whole = _AS_FLOAT.fullmatch(text)
    return whole[1] if whole else text


def _has_other_ending(text: str) -> bool:
    """Whether it is two numbers in German notation: `1234567/68`."""
    before = sum(letter.isdecimal() for letter in text.rpartition("/")[0])
    return before > _SHORT and bool(_OTHER_ENDING.search(text))


def _parsed(text: str, region: str) -> PhoneNumber:
    """Parse the text in *region*; `00` means `+` unless it begins a valid number of the region."""
    number = _attempt(text, region)
    if number is None or not phonenumbers.is_valid_number(number):
        digits = re.sub(r"[\s().-]", "", text)
        abroad = _attempt("+" + digits[2:], region) if digits.startswith("00") else None
        number = abroad if abroad and phonenumbers.is_valid_number(abroad) else number
    if number is None:
        raise _unreadable(text)
    if number.country_code == _MEXICO and _FORMER_MOBILE.fullmatch(str(number.national_number)):
        number = PhoneNumber(country_code=_MEXICO, national_number=int(str(number.national_number)[1:]))
    if _has_two_readings(text, region, number):
        raise BadNumber("phone_ambiguous", "can be two numbers: write + and the country code, or 0 and the area code")
    return number


def _has_two_readings(text: str, region: str, number: PhoneNumber) -> bool:
    """Whether digits that begin with the region's calling code are a valid number both with and without it."""
    digits = re.sub(r"[^0-9]", "", text)
    code = str(phonenumbers.country_code_for_region(region))
    if text.startswith("+") or not digits.startswith(code) or str(number.country_code) != code:
        return False
    international = _attempt("+" + digits, region)
    if international is None or international == number:
        return False
    return phonenumbers.is_valid_number(number) and phonenumbers.is_valid_number(international)


def _attempt(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _unreadable(text: str) -> BadNumber:
    if any(letter.isalpha() for letter in text):
        return BadNumber("phone_letters", "has letters in it")
    if text.startswith("+"):
        return BadNumber("phone_invalid", "has an unknown country code")
    return BadNumber("phone_not_a_number", "is not a phone number")


def _invalid(number: PhoneNumber, text: str) -> BadNumber:
    possible = phonenumbers.is_possible_number_with_reason(number)
    if sum(letter.isdecimal() for letter in text) <= _SHORT:
        return BadNumber("phone_too_short", "is too short: an emergency, short or internal number")
    if possible == ValidationResult.TOO_LONG:
        abroad = "" if text.startswith("+") else ": numbers of other countries must begin with +"
        return BadNumber("phone_too_long", f"is too long{abroad}")
    if possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return BadNumber("phone_no_area_code", "lacks its area code")
    if possible == ValidationResult.TOO_SHORT:
        return BadNumber("phone_too_short", "is too short")
    return BadNumber("phone_invalid", "is not a number that is in use")
