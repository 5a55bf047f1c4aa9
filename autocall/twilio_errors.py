"""What Twilio's error codes mean for a call that was not made. The codes are Twilio's, the classes ours."""

LEAD_CODES = frozenset({21202, 21211, 21214, 21217})
"""This number cannot be called (premium, invalid, unreachable): the lead has ended, the run goes on."""

PERMISSION_CODES = frozenset({21203, 21215, 21216, 21219})
"""The account may not call this number yet: the lead waits a day, the run goes on.

No international calls at all (21203), its country (21215), a trial (21219), or blocked by Twilio (21216): for fraud, or
because the account has no customer profile yet, and then so is every number of +1 (twilio.com/docs/errors/21216).
"""

BLOCKED = 21216
"""Of the permissions, the one that may be about a single number, for good: such a lead has ended after its last try."""

ACCOUNT_CODES = frozenset(
    {
        *(10001, 10002, 10005),  # closed, a trial that may not, calls not enabled
        *(20003, 20004, 20005, 20006, 20008, 20010, 20403, 20404),  # credentials, suspended, another account's
        *(21201, 21205, 21206, 21208, 21209, 21218),  # a parameter that is the same for every lead
        *(21210, 21212, 21213, 21264, 21300, 32018),  # the number that calls are made from
    }
)
"""Twilio refuses whatever is asked of this account: everybody rests. All that stands here concerns every lead alike."""

TRIES = 5
"""A lead that met a code which stands in no set, so often, has ended with that code as its reason."""

THROTTLE_CODES = frozenset({10004, 20429, 22005})
"""Never processed and safe to repeat later."""

NOT_FOUND = 20404
"""Twilio itself knows no such call; any other 404 is of something on the way."""
