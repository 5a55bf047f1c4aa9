"""Why a lead waits or has ended, and why a run or the whole installation stopped: all reasons that pages show. Pure.

A reason is a code, some with a detail: Twilio's error code or the SIP answer of the network. It reaches a page as
`held.reason` of a lead that waits, as `reason` of one that was tried (in its history too), in the counts of
`autocall:started`, as `reason` of `autocall:finished`, or as the installation's in the settings. The page has a
sentence for each code.

Rows and events hold a reason as one text: the code, and the detail in brackets behind it, as release 1.0.0 wrote it.
`Reason.parse` is the only reader of such a text. Rows of earlier releases may hold other texts: each is a code of its
own. What exactly happened, such as an exception's name, stands in the log.
"""

import re
from typing import NamedTuple

# a lead's `held`: its own gates, asked before its call
HOURS = "hours"
"""It is outside the calling hours of a place where the number can be. Also in `autocall:started`."""
ZONE = "zone"
"""Its time zones are not known, or never open together. Also in `autocall:started`."""
WINDOW = "window"
"""The agent's own hours cannot be read. Also in `autocall:started`."""
CONSENT = "consent"
"""The law of a place where the number can be asks for consent that the lead has not, or not any more."""
CONFIRM = "confirm"
"""The law of a place where the number can be asks that a person starts each call."""
CLOSED = "closed"
"""An operator has closed a place where the number can be. Also in `autocall:started`."""
DNC = "dnc"
"""The number is on a do-not-call list, the agent's or the installation's."""
COUNTRY = "country"
"""The installation does not call where the number can be, or not numbers of its kind."""

COLLEAGUE = "colleague"
"""A colleague has called this number, and another agent may not for some days."""
TOO_OFTEN = "too often"
"""This number was called as often as its place, or the installation, allows for now."""
SAME_LINE = "same line"
"""The same telephone line was called as another lead, under another spelling of its number."""
CALLER_ID = "caller id rests"
"""The number that we call this lead from rests: networks or Twilio refuse it, or an operator has stopped it."""

# a lead's `held`: put back after its claim, for it is certain that no call was made
INTERRUPTED = "interrupted"
"""What must be looked at before the call could not be read."""

# a lead's `held` after its claim, and `autocall:finished`: the run has stopped
ABSENT = "absent"
"""No page of the agent is open."""
TAKEN_OUT = "taken out"
"""An operator has taken the agent out: `make leave`."""
AGENT_PHONE = "agent phone"
"""The installation does not call where the agent's own phone is."""
PAUSED = "paused"
"""The agent has paused."""
THROTTLED = "throttled"
"""Twilio asks for patience."""
UNREACHABLE = "unreachable"
"""The request did not leave: no connection to Twilio, or no credentials."""

# the same two, where an agent must be on the line before anybody is called
SESSION = "session"
"""Nobody is on the line: the agent's own call has not been made, or has ended."""
RINGING = "ringing"
"""The agent's own call is being made."""
UNHEARD = "unheard"
"""The agent's call stands, and no open page says that it holds it."""
ON_CALL = "on_call"
"""The agent is kept for a call, or is in a conversation."""
WRAP_UP = "wrap_up"
"""The agent's conversation has ended, and their time to write it up has not."""

# the same two, and the installation's: nobody is called until it has rested
ACCOUNT = "account"
"""The installation rests, and no reason was written."""
ACCOUNT_REFUSED = "account refused"
"""With Twilio's code: it refuses whatever is asked of this account."""
STOPPED = "stopped by an operator"
"""`make rest`."""
RESUMED = "resumed by an operator"
"""`make resume`: until one call has shown that all is well, others may wait for it."""
UNKNOWN = "unknown"
"""What became of a call is not known: of one, a run stops; of three in a row, the installation rests."""

# `autocall:finished` alone
RATE = "rate"
"""The account's calls per second are taken for some time ahead."""
DAY = "calls of the day"
"""The agent, or the installation, has made as many calls today as it may. A day is one of UTC."""
PROBE = "probe"
"""After a rest one call was tried, and it has not shown that calls are made again."""
TIME = "time"
"""The run was out of time; the next one goes on."""

# `autocall:started` alone
LATER = "later"
"""A lead that waits and is not due yet, for no reason that is written."""

# a lead's `reason`: it is not known whether its call was made
TIMEOUT = "timeout"
"""Twilio was asked for the call, and did not answer in time."""
CONNECTION_LOST = "connection_lost"
"""Twilio was asked for the call, and the connection broke before it had answered."""
NO_CLEAR_ANSWER = "no_clear_answer"
"""Twilio was asked for the call, and what came back says neither that it was made nor that it was not: a 5xx, say."""
NOT_FOUND = "not_found"
"""Twilio was asked what became of the call, and knows of none."""

# a lead's `reason`: it has ended
FORGOTTEN = "forgotten"
"""There was a call, and Twilio has no record of it any more."""
NOT_CONNECTED = "not connected"
"""With the SIP answer: the network could not connect the call."""
BY_PERSON = "settled by a person"
"""Nobody could say what became of the call, and a person says that it was made."""

# a lead's `reason` if it has ended, `held` if it may be called another day
REFUSED = "Twilio refused the call"
"""With Twilio's code."""

# `reason` of an agent's own call that has ended
NOT_PICKED_UP = "not picked up"
"""The agent's phone rang, and nobody picked it up."""
NOT_ACCEPTED = "not accepted"
"""Somebody or something picked up the agent's phone, and did not press 1."""
LEFT = "left"
"""The agent's call has ended."""
SIGNED_OUT = "signed out"
"""The agent has signed out, or has hung up on this page."""


# how a reason is written, and read again
_DETAILED: re.Pattern[str] = re.compile(r"(?P<code>.+) \((?:SIP )?(?P<detail>\d+)\)", re.DOTALL)


class Reason(NamedTuple):
    """A reason in its parts: one of the codes above, and the number that explains it, "" if there is none."""

    code: str
    detail: str = ""

    @classmethod
    def parse(cls, text: str) -> "Reason":
        """Read a reason as it is stored, by this or an earlier release."""
        detailed = _DETAILED.fullmatch(text)
        return cls(detailed["code"], detailed["detail"]) if detailed else cls(text)

    def __str__(self) -> str:
        """The text that rows and events hold."""
        if not self.detail:
            return self.code
        return f"{self.code} (SIP {self.detail})" if self.code == NOT_CONNECTED else f"{self.code} ({self.detail})"


def account_refused(code: int) -> str:
    return str(Reason(ACCOUNT_REFUSED, str(code)))


def not_connected(sip_code: str) -> str:
    return str(Reason(NOT_CONNECTED, sip_code))


def refused(code: int) -> str:
    return str(Reason(REFUSED, str(code)))


def is_refusal(text: str) -> bool:
    """Whether Twilio refused the call of a lead, or of an agent."""
    return Reason.parse(text).code == REFUSED
