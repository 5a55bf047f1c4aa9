"""What Twilio's error codes mean for a call that was not made. The codes are Twilio's, the classes ours."""

LEAD = frozenset({21211, 21214, 21216, 21217})
"""This number cannot be called: the lead has ended, the run goes on."""

PERMISSION = frozenset({21215, 21219})
"""The account may not call this number yet (country, trial): the lead waits a day, the run goes on."""

THROTTLE = frozenset({10004, 20429, 22005})
"""Never processed and safe to repeat later."""

NOT_FOUND = 20404
"""Twilio itself knows no such call; any other 404 is of something on the way."""
