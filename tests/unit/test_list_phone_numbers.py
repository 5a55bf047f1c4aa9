"""Telephone numbers as people write them and spreadsheets damage them."""

import time
from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from functions.leads_api.lists import phone_numbers as numbers
from functions.leads_api.lists.phone_numbers import BadNumber

ADA = "+12015550123"
NEVER = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.PAGER, PhoneNumberType.VOICEMAIL}
KINDS = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]
EXAMPLES = {
    region: [number for kind in KINDS if (number := phonenumbers.example_number_for_type(region, kind))]
    for region in phonenumbers.SUPPORTED_REGIONS
}


def read(told: str, region: str = "US") -> str:
    return numbers.parse(told, region).e164


def refusal(told: str, region: str = "US") -> str:
    with pytest.raises(BadNumber) as bad:
        numbers.parse(told, region)
    return str(bad.value)


@pytest.mark.parametrize(
    "told",
    [
        *("+12015550123", "2015550123", "(201) 555-0123", "201.555.0123", "1 201 555 0123", "+1 (201) 555-0123"),
        *("001 201 555 0123", "00 1 201 555 0123", "011 1 201 555 0123", "  201 555 0123\t", "201\u00a0555\u00a00123"),
        *("tel:+1-201-555-0123", "TEL://2015550123", "callto:2015550123", "phone:2015550123"),
        *('="2015550123"', "'2015550123", "\u20182015550123\u2019", '"2015550123"', "`2015550123`"),
        *("2015550123.0", "12015550123.00", "+12015550123.0", "201\u2011555\u20110123", "201\u2013555\u20130123"),
        *("\u202a+12015550123\u202c", "\ufeff2015550123", "2015550123\u200b", "201\u00ad555\u00ad0123"),
        "\uff12\uff10\uff11\uff15\uff15\uff15\uff10\uff11\uff12\uff13",
        "\uff0b\uff11 \uff12\uff10\uff11 \uff15\uff15\uff15 \uff10\uff11\uff12\uff13",
        "\u0662\u0660\u0661\u0665\u0665\u0665\u0660\u0661\u0662\u0663",
    ],
)
def test_a_number_is_read_however_it_was_written(told: str) -> None:
    assert read(told) == ADA


@pytest.mark.parametrize(
    ("told", "region", "e164"),
    [
        ("030 123456", "DE", "+4930123456"),
        ("0049 30 123456", "DE", "+4930123456"),
        ("0049 30 123456", "US", "+4930123456"),
        ("011 49 30 123456", "US", "+4930123456"),
        ("+49 (0)30 123456", "US", "+4930123456"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("01 23 45 67 89", "FR", "+33123456789"),
        ("02 1234 5678", "IT", "+390212345678"),
        ("+12015550123", "DE", ADA),
    ],
)
def test_a_national_number_is_one_of_the_region(told: str, region: str, e164: str) -> None:
    assert read(told, region) == e164


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        *[(told, "is missing") for told in ("", " ", "'", '=""', "tel:", "\u200b")],
        *[(told, "was damaged by a spreadsheet, which removed digits") for told in ("1.2E+10", "1,2e10", "+1.2E+10")],
        *[
            (told, "has an extension, which cannot be dialled")
            for told in (f"{ADA} x5", f"{ADA};ext=5", f"{ADA} ext. 5")
        ],
        *[(told, "has letters in it") for told in ("1-800-FLOWERS", "call me", "2015550123 (home)", "unknown")],
        *[
            (f"2015550123{between}2015550124", "is more than one number")
            for between in ("/", " / ", ";", ", ", " or ", " OR ", "\n", " & ", "|")
        ],
        *[(told, "is too short: an emergency, short or internal number") for told in ("911", "112", "411", "12345")],
        ("5550123", "lacks its area code"),
        ("2015550123456", "is too long: numbers of other countries must begin with +"),
        ("+120155501234", "is too long"),
        ("+1201555012", "is too short"),
        ("1115550123", "is not a number that is in use"),
        ("+9991234567", "has an unknown country code"),
        ("-", "is not a phone number"),
        ("+1 900 234 5678", "is a premium-rate number"),
        ("+49 900 1234567", "is a premium-rate number"),
    ],
)
def test_what_cannot_be_called_is_refused_in_words(told: str, reason: str) -> None:
    assert refusal(told) == reason


@pytest.mark.parametrize("told", ["1" * 101, "1" * 40_000, "1-" * 20_000, "\ufdfa" * 20_000, " " * 999_999])
def test_a_cell_that_is_no_number_by_its_length_is_refused_at_once(told: str) -> None:
    began = time.process_time()
    assert refusal(told) == "is too long to be a phone number"
    assert time.process_time() - began < 1


@pytest.mark.parametrize("told", ["1" * 100, "1-" * 50, "\ufdfa" * 100, "\u2153" * 100, "1, " * 33])
def test_the_longest_cell_is_read_in_no_time(told: str) -> None:
    began = time.process_time()
    refusal(told)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_kind_of_number_of_a_country_is_called_or_never_called(region: str) -> None:
    for number in EXAMPLES[region]:
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        if phonenumbers.number_type(number) in NEVER:
            assert refusal(e164).startswith("is a ")
        else:
            assert read(e164) == e164


@given(
    st.sampled_from([number for numbers in EXAMPLES.values() for number in numbers]),
    st.sampled_from([PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966]),
    st.sampled_from(["US", "DE", "ZZ"]),
)
def test_a_number_of_the_world_is_read_alike_in_every_form(
    number: phonenumbers.PhoneNumber, form: int, region: str
) -> None:
    if phonenumbers.number_type(number) not in NEVER and phonenumbers.is_valid_number(number):
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        assert read(phonenumbers.format_number(number, form), region) == e164
        assert read(e164, region) == e164


@given(st.text(max_size=120), st.sampled_from(["US", "DE", "ZZ"]))
@example("0", "US")
@example('=""', "US")
def test_no_text_is_anything_but_a_number_or_a_reason(told: str, region: str) -> None:
    with suppress(BadNumber):
        e164 = read(told, region)
        assert read(e164, "ZZ") == e164


@pytest.mark.parametrize(
    ("told", "country", "area_code", "zones"),
    [
        (ADA, "US", "201", ("America/New_York",)),
        ("+14165550123", "CA", "416", ("America/Toronto",)),
        ("+4930123456", "DE", "", ("Europe/Berlin",)),
        ("+18765550123", "JM", "876", ("America/Jamaica",)),
        ("+18762101234", "JM", "876", ("America/Jamaica",)),
    ],
)
def test_a_number_says_where_it_is(told: str, country: str, area_code: str, zones: tuple[str, ...]) -> None:
    number = numbers.parse(told, "US")
    assert (number.country, number.area_code, number.zones) == (country, area_code, zones)


def test_a_number_of_no_place_can_be_anywhere() -> None:
    assert len(numbers.parse("+1 800 234 5678", "US").zones) > 20
