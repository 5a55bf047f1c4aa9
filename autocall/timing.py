"""Time stamps of the tables, and all waits and timeouts, derived from the dialer's function timeout."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
_USUAL_S = 30.0
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - in UTC; without a zone it is written twice as fast
FAR = datetime(9999, 6, 1, tzinfo=UTC).timestamp()
"""When a lead is due that only a person can bring back."""


def now() -> float:
    """Seconds since the epoch."""
    return time.time()


def stamp(moment: float) -> str:
    """A moment as `YYYY-MM-DDTHH:MM:SS.mmmZ`: always 24 characters, so that text order is time order."""
    exact = _EPOCH + timedelta(0, 0, 0, round(moment * 1000))  # a float of the year 9999 has no microseconds
    return exact.isoformat("T", "milliseconds") + "Z"


def parse(text: str) -> float:
    """A stamp in seconds since the epoch; raises ValueError if it is not a stamp."""
    return datetime.fromisoformat(text).timestamp()


def is_far(at: str) -> bool:
    """Whether a stamp is in the far future: only a person brings the lead back."""
    return at >= "9999"


@dataclass(frozen=True)
class Timing:
    """All waits, in seconds. With the usual function timeout of 30 s, `margin` is 30 s and `give_up_after` 15 minutes.

    Waits that must outlast a run scale with the function timeout. Absolute waits (5 minutes, an hour, a day) do not
    grow with a longer timeout; with a shorter one, in fast tests, all waits shrink alike.
    """

    function: float = _USUAL_S
    ring: float = 25.0
    ping: float = 60.0

    @property
    def _scale(self) -> float:
        return min(self.function / _USUAL_S, 1.0)

    @property
    def margin(self) -> float:
        return self.function

    @property
    def post(self) -> float:
        """How long one request to Twilio may take."""
        return self.function / 3

    @property
    def reserve(self) -> float:
        """The time that a run reserves after its last call: to record it, push it, queue the next run."""
        return self.function / 6

    @property
    def repair(self) -> float:
        """The time that a run may spend on asking Twilio about overdue calls."""
        return self.function / 2

    @property
    def holding(self) -> float:
        """The time that a run may spend at once on holding leads, or on releasing holds: a second."""
        return self.function / 30

    @property
    def rung_out(self) -> float:
        """After this time since the claim no call of that attempt can ring any more."""
        return self.post + self.ring + self.margin

    def retry(self, receives: int) -> float | None:
        """When a failed run is retried: after 3, 6, 10 s; None for the queue's visibility timeout, far longer."""
        again = {1: 3.0, 2: 6.0, 3: 10.0}.get(receives)
        return again and again * self._scale

    @property
    def presence_timeout(self) -> float:
        return 3 * self.ping

    def check_claimed_at(self, moment: float) -> float:
        return moment + self.function + self.margin

    def check_ringing_at(self, moment: float) -> float:
        return moment + self.ring + self.margin

    def check_in_progress_at(self, moment: float) -> float:
        """A call in progress only waits for its end: check every five minutes."""
        return moment + 5 * MINUTE_S * self._scale

    def session_rings(self, asked_at: float) -> float:
        """Until when an agent's own call may take to be picked up."""
        return asked_at + self.ring + 2 * self.margin

    def reserved(self, moment: float) -> float:
        """Until when an agent is kept for the lead that is about to be called, if nobody says anything of the call."""
        return moment + self.post + self.ring + 3 * self.margin

    def taken(self, moment: float, limit_s: float) -> float:
        """Until when a conversation can last at most, given the longest call."""
        return moment + limit_s + 2 * self.margin

    @property
    def heard_every(self) -> float:
        """A signed word of an agent's call is noted once in this time."""
        return MINUTE_S * self._scale

    @property
    def unheard(self) -> float:
        """An agent's phone of which nothing was heard for so long is asked after."""
        return 10 * MINUTE_S * self._scale

    @property
    def call_back_unheard(self) -> float:
        """A lead who calls back has joined the room within seconds; otherwise Twilio is asked after 30 s."""
        return self.function

    @property
    def call_back_checked(self) -> float:
        """A conversation with somebody who called back is asked after once it has lasted for so long: 5 minutes."""
        return 5 * MINUTE_S * self._scale

    @property
    def recheck_after(self) -> float:
        """When a page asks again where only a person's word changes something."""
        return 5 * MINUTE_S * self._scale

    def check_unknown_at(self, moment: float) -> float:
        return moment + self.ring + 2 * self.margin

    @property
    def give_up_after(self) -> float:
        """After this time since the claim an unknown call that Twilio does not know waits for a person."""
        return 30 * self.function

    def check_lost_at(self, moment: float, claimed_at: float) -> float:
        """An hour, then twice as long each time, at most a day."""
        return moment + min(max(moment - claimed_at, HOUR_S * self._scale), DAY_S * self._scale)

    @property
    def long_backoff(self) -> float:
        """The backoff for what only a person can change, such as a country that the account may not call: a day."""
        return DAY_S * self._scale

    def backoff(self, releases: int) -> float:
        """The backoff after a call that was not made for certain: the function timeout, doubled, at most an hour."""
        return min(self.function * 2.0 ** min(releases, 10), HOUR_S * self._scale)

    def throttled(self, releases: int) -> float:
        """The backoff after Twilio throttled us: 2 s, doubled each time, at most the function timeout."""
        return min(2.0 * self._scale * 2.0 ** min(releases, 10), self.function)

    def refused_again(self, tries: int) -> float:
        """The backoff of a lead refused with an unlisted code: 5, 20, 80 minutes, and so on, at most a day."""
        return min(self.breaker * 4.0 ** min(tries - 1, 10), self.long_backoff)

    @property
    def breaker(self) -> float:
        """How long the circuit breaker stays open: five minutes."""
        return 5 * MINUTE_S * self._scale

    @property
    def caller_id_refused(self) -> float:
        """How long a number rests that Twilio refuses to call from: an hour."""
        return HOUR_S * self._scale

    @property
    def caller_id_rejected(self) -> float:
        """How long a number rests whose calls networks reject, one after another: a day."""
        return self.long_backoff

    def account_backoff(self, releases: int) -> float:
        """The backoff of the lead for which the account was refused: as the breaker, doubled, at most an hour."""
        return min(self.breaker * 2.0 ** min(releases, 10), HOUR_S * self._scale)
