"""Telephone numbers as people write them, from the E.164 that is stored.

Not part of `numbers`, which also loads the time zones of all numbers: importing phonenumbers alone takes about 70 ms,
and a thousand numbers take 30 ms.
"""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat


def phone_display(e164: str) -> str:
    """The number in its country's grouping, with the country's code in front; as it is if it is not a number."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return e164
