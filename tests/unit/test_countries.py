"""In which countries a number can be, by its first digits: as libphonenumber says, or more widely, never less."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from autocall.countries import SATELLITE, countries_of, is_satellite

KINDS = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]


def _examples(region: str) -> list[str]:
    found = [phonenumbers.example_number_for_type(region, kind) for kind in KINDS]
    every = [phonenumbers.format_number(number, PhoneNumberFormat.E164) for number in found if number]
    return [e164 for e164 in every if not e164.startswith("+1") or len(e164) == 12]  # a few of Canada's are shorter


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_a_country_is_among_those_of_its_numbers(region: str) -> None:
    """All kinds that have a number of that country for an example."""
    for e164 in _examples(region):
        if phonenumbers.region_code_for_number(phonenumbers.parse(e164)) == region:
            assert region in countries_of(e164), e164


def test_a_code_that_is_one_countrys_is_no_others() -> None:
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        if code != 1 and "001" not in regions:
            assert countries_of(f"+{code}2345678") == set(regions)


def test_an_area_of_north_america_is_one_country() -> None:
    """By any of its numbers that is in use."""
    seen = 0
    for area in range(200, 1000):
        for line in ("5550123", "2345678", "2255678"):
            number = phonenumbers.parse(f"+1{area}{line}")
            region = phonenumbers.region_code_for_number(number)
            if region:
                assert countries_of(f"+1{area}{line}") == {region}
                seen += 1
    assert seen > 500


def test_networks_that_are_in_no_country_are_in_none() -> None:
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        if "001" in regions:
            assert countries_of(f"+{code}12345678") == frozenset()
    assert all(is_satellite(f"+{code}12345678") for code in SATELLITE)
    assert not is_satellite("+88612345678")
