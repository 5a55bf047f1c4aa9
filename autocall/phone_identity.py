"""Finds the numbers in E.164 that mean the same telephone line: its spellings. Pure.

A lead, and an entry of a do-not-call list, stands for a line, however its number is spelled. The number that is dialled
is the one that was given. Before 2.0.0 each spelling was a lead, so a row may have any of them as its key.
libphonenumber is not needed here.
"""

import re

# Each rule: the first form means the same as the second, which is the canonical one; and the way back.
_RULES = (
    (r"\+549([0-9]{10})", r"+54\1", r"\+54([0-8][0-9]{9})", r"+549\1"),  # Argentina: mobile numbers called from abroad
    (r"\+521([0-9]{10})", r"+52\1", r"\+52([2-9][0-9]{9})", r"+521\1"),  # Mexico: mobile numbers until 2019
    (r"\+970([0-9]{7,9})", r"+972\1", r"\+972([0-9]{7,9})", r"+970\1"),  # Palestine and Israel
    (r"\+3780549([0-9]{4,8})", r"+390549\1", r"\+390549([0-9]{4,8})", r"+3780549\1"),  # San Marino, from Italy
    (r"\+2410([0-9]{7,8})", r"+241\1", r"\+241([1-9][0-9]{6,7})", r"+2410\1"),  # Gabon: the 0 that went in 2019
)
_COMPILED = tuple((re.compile(a), b, re.compile(c), d) for a, b, c, d in _RULES)


def canonical(phone: str) -> str:
    """The canonical spelling of a number."""
    for other, as_canonical, _, _ in _COMPILED:
        if found := other.fullmatch(phone):
            return found.expand(as_canonical)
    return phone


def spellings(phone: str) -> tuple[str, ...]:
    """All spellings of the number's line, the canonical one first."""
    first = canonical(phone)
    others = (found.expand(as_other) for _, _, form, as_other in _COMPILED if (found := form.fullmatch(first)))
    return (first, *others)
