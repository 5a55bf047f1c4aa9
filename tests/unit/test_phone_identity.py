"""One line of telephone has one identity, however its number is spelled."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocall.leads import lead_id, lead_ids, number_hash, number_hashes
from autocall.phone_identity import canonical, spellings

SAME = [
    ("+5491123456789", "+541123456789"),
    ("+5215512345678", "+525512345678"),
    ("+970599123456", "+972599123456"),
    ("+3780549886377", "+390549886377"),
    ("+24106031234", "+2416031234"),
    ("+241060312345", "+24160312345"),
]
NUMBERS = [
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    if (number := phonenumbers.example_number_for_type(region, kind))
]


@pytest.mark.parametrize("numbers", SAME)
def test_both_spellings_are_one_line(numbers: tuple[str, str]) -> None:
    one, other = numbers
    assert set(spellings(one)) == set(spellings(other)) == {one, other}
    assert lead_id("user", one) == lead_id("user", other)
    assert number_hash(one) == number_hash(other)
    assert set(lead_ids("user", one)) == set(lead_ids("user", other))
    assert set(number_hashes(one)) == set(number_hashes(other))


@given(st.sampled_from(NUMBERS))
def test_a_line_is_found_by_each_of_its_spellings(number: str) -> None:
    assert number in spellings(number)
    assert canonical(number) == spellings(number)[0]
    assert {canonical(one) for one in spellings(number)} == {canonical(number)}


def test_nearly_every_number_has_one_spelling() -> None:
    several = {number for number in NUMBERS if len(spellings(number)) > 1}
    assert {number[:4] for number in several} <= {"+541", "+549", "+521", "+522", "+970", "+972", "+378", "+241"}
