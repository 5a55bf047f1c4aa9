"""Telephone numbers as people write them and spreadsheets damage them, made E.164 or refused with a reason.

With `phone_display` the only module that knows libphonenumber.
"""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number

from autocall.countries import is_satellite

_INVISIBLE = re.compile(r"[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_FORMULA = re.compile(r'="([^"]*)"')
_QUOTES = "'\u2018\u2019`\u00b4\""
_SCHEME = re.compile(r"(?:tel|callto|phone):(?://)?", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\+?[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}")
_AS_FLOAT = re.compile(r"(\+?[0-9]{7,15})\.0+")
_SEVERAL = re.compile(r"(?:[0-9][^0-9]{0,2}){7,}(?:[/;,|&\n]| or )[^0-9]*(?:[0-9][^0-9]{0,2}){7,}", re.IGNORECASE)
_NORTH_AMERICA = 1
_SHORT = 6
_LONGEST = 100

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
    """Why a telephone number cannot be called, in words for whoever imports it."""


@dataclass(frozen=True)
class Number:
    """A number that can be called, and where it is: its country, zones and, in North America, its area code."""

    e164: str
    country: str
    zones: tuple[str, ...]
    area_code: str


def read(told: str, region: str) -> Number:
    """The number that *told* means to somebody in *region*, a country's two letters."""
    if len(told) > _LONGEST:
        raise BadNumber("is too long to be a telephone number")
    text = _undamaged(told)
    number = _parsed(text, region)
    if number.extension:
        raise BadNumber("has an extension, which cannot be dialled")
    if any(letter.isalpha() for letter in text):
        raise BadNumber("has letters in it")
    if not phonenumbers.is_valid_number(number):
        raise BadNumber(_why_invalid(number, text))
    if kind := _NEVER_CALLED.get(phonenumbers.number_type(number)):
        raise BadNumber(f"is {kind}")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    area_code = e164[2:5] if number.country_code == _NORTH_AMERICA else ""
    country = phonenumbers.region_code_for_number(number) or ""
    return Number(e164, country, _zones(number), area_code)


def country_and_kind(e164: str) -> tuple[str, str]:
    """Of a number that `read` has made: its country ("" for a network that is in none), its kind if it is special."""
    number = phonenumbers.parse(e164)
    country = phonenumbers.region_code_for_number(number) or ""
    if is_satellite(e164):
        return "", "satellite"
    kind = _KINDS.get(phonenumbers.number_type(number), "")
    return ("" if country == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else country), kind


def _zones(number: PhoneNumber) -> tuple[str, ...]:
    """Those that the number can be in: in North America by its area code, which a mobile there has as well."""
    by_area = number.country_code == _NORTH_AMERICA
    return tuple(time_zones_for_geographical_number(number) if by_area else time_zones_for_number(number))


def _undamaged(told: str) -> str:
    """The text without what spreadsheets and copying leave around it."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", told)).strip()
    if formula := _FORMULA.fullmatch(text):
        text = formula[1]
    text = _SCHEME.sub("", text.strip(_QUOTES + " "), count=1).strip()
    if not text:
        raise BadNumber("is missing")
    if _SCIENTIFIC.fullmatch(text):
        raise BadNumber("was damaged by a spreadsheet, which cut off digits")
    if _SEVERAL.search(text):
        raise BadNumber("is more than one number")
    whole = _AS_FLOAT.fullmatch(text)
    return whole[1] if whole else text


def _parsed(text: str, region: str) -> PhoneNumber:
    """Read as in *region*; `00` stands for `+` where that makes no number of the region."""
    number = _attempt(text, region)
    if number is None or not phonenumbers.is_valid_number(number):
        digits = re.sub(r"[\s().-]", "", text)
        abroad = _attempt("+" + digits[2:], region) if digits.startswith("00") else None
        number = abroad if abroad and phonenumbers.is_valid_number(abroad) else number
    if number is None:
        raise BadNumber(_why_unreadable(text))
    return number


def _attempt(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _why_unreadable(text: str) -> str:
    if any(letter.isalpha() for letter in text):
        return "has letters in it"
    if text.startswith("+"):
        return "has no country code that exists"
    return "is not a telephone number"


def _why_invalid(number: PhoneNumber, text: str) -> str:
    possible = phonenumbers.is_possible_number_with_reason(number)
    if sum(letter.isdecimal() for letter in text) <= _SHORT:
        return "is too short: an emergency, short or internal number"
    if possible == ValidationResult.TOO_LONG:
        return "is too long" if text.startswith("+") else "is too long: numbers of other countries begin with +"
    if possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return "lacks its area code"
    if possible == ValidationResult.TOO_SHORT:
        return "is too short"
    return "is not a number that is in use"
