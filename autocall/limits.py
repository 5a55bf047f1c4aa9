"""What an installation lets be called at all, whoever imports it: countries, and networks that are in none. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from autocall.countries import countries_of, is_satellite


@dataclass(frozen=True)
class Limits:
    """*countries* as two letters, none for all; *refused_types* are kinds of numbers, as `PhoneNumberType` has them."""

    countries: frozenset[str] = frozenset()
    refused_types: frozenset[str] = frozenset()

    @classmethod
    def of(cls, env: Mapping[str, str]) -> "Limits":
        """Those of a function's environment."""
        return cls(_several(env["COUNTRIES"]), _several(env["REFUSED_NUMBER_TYPES"]))

    def may_call(self, phone: str) -> bool:
        """Whether this number may be called, by its first digits: what an import lets in is looked at more closely."""
        if is_satellite(phone):
            return "satellite" not in self.refused_types
        return not self.countries or bool(self.countries & countries_of(phone))

    def refuses(self, country: str, kind: str) -> str:
        """Why a number of that country ("" for none) and kind is not called here, "" if it is."""
        if kind in self.refused_types:
            return f"is {_KINDS[kind]}, which is not called from here"
        if self.countries and country not in self.countries and kind != "satellite":
            return f"is of a country that is not called from here ({country or 'none'})"
        return ""


NO_LIMITS = Limits()

_KINDS = {
    "personal": "a personal number",
    "shared_cost": "a shared-cost number",
    "satellite": "a satellite number",
    "toll_free": "a toll-free number",
    "voip": "an internet telephone",
    "uan": "a company-wide number",
}


def _several(text: str) -> frozenset[str]:
    return frozenset(filter(None, text.split(",")))
