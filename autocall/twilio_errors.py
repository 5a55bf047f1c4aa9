"""What Twilio's error codes mean for a call that was not made. The codes are Twilio's, the classes ours."""

LEAD = frozenset({21202, 21211, 21214, 21217})
"""This number cannot be called (premium, invalid, unreachable): the lead has ended, the run goes on."""

PERMISSION = frozenset({21215, 21216, 21219})
"""The account may not call this number yet: the lead waits a day, the run goes on.

Its country (21215), a trial (21219), or blocked by Twilio (21216): for fraud, or because the account has no customer
profile yet, and then so is every number of +1 (twilio.com/docs/errors/21216).
"""

THROTTLE = frozenset({10004, 20429, 22005})
"""Never processed and safe to repeat later."""

NOT_FOUND = 20404
"""Twilio itself knows no such call; any other 404 is of something on the way."""
