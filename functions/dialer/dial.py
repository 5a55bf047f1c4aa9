"""One lead, called once: claim, look again, POST, record. A claimed lead is never claimed again by the machine."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from aws_lambda_powertools import Logger

from autocall import reasons
from autocall.agent_table import Account, Agent, AgentTable
from autocall.dynamo import Item, Written
from autocall.gates import Held, Hours, lead_gate
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, number_hash
from autocall.timing import Timing, now, parse
from autocall.twilio_calls import NotSent, Outcome, Placed, Refused, Throttled, TwilioCalls, Unknown
from functions.dialer.agent_line import AgentLine
from functions.dialer.call import CallOptions
from functions.dialer.gate import AgentGate, Stop

logger = Logger(child=True)


@dataclass(frozen=True)
class Seen:
    """What the second look found."""

    agent: Agent
    account: Account


@dataclass(frozen=True)
class Dialled:
    """What became of one lead: the write to tell the page (None: nothing to tell), what was seen, whether to stop.

    `answered` is what the one POST was answered, in a word that is counted; None if there was none.
    """

    outcome: str
    written: Written | None = None
    seen: Seen | None = None
    stop: Stop | None = None
    until: float | None = None
    answered: str | None = None


@dataclass(frozen=True)
class Dial:
    """Calls leads, one at a time; *line* is there where their agent must be on the line before."""

    leads: LeadTable
    agents: AgentTable
    calls: TwilioCalls
    options: CallOptions
    hours: Hours
    timing: Timing
    clock: Callable[[], float] = now
    line: AgentLine | None = None

    def lead(self, user: str, lead: str, correlation_id: str, gate: AgentGate) -> Dialled:
        """Call the lead if it is still ours to call; every outcome is recorded before it is returned."""
        attempt = uuid.uuid4().hex
        claim = self.leads.claim(user, lead, attempt, correlation_id, self.clock(), self.options.sender)
        if not claim.ours:
            return self._not_ours(user, lead, claim.row)
        logger.info("claimed", extra={"lead_id": lead, "attempt_id": attempt})
        try:
            seen, closed = self._look_again(claim.row, gate)
            if self.line and not closed:
                agent, closed = self.line.reserve(claim.row, seen.agent)
                seen = replace(seen, agent=agent)
        except Exception:
            self._released(claim.row, reasons.INTERRUPTED, self.clock() + self.timing.backoff(0))
            raise
        if closed:
            return self._put_back(claim.row, closed, seen)
        outcome = self.calls.place(self.options.request(user, lead, attempt, claim.row["phone"]))
        logger.info("asked for a call", extra={"lead_id": lead, "attempt_id": attempt, "outcome": repr(outcome)})
        dialled = replace(self._record(claim.row, outcome, seen), answered=_counted_as(outcome))
        return self._with_the_agent(self.line, claim.row, outcome, dialled) if self.line else dialled

    def _with_the_agent(self, line: AgentLine, row: Item, outcome: Outcome, dialled: Dialled) -> Dialled:
        """The agent is the lead's as long as there may be a call, and free where it is certain that there is none."""
        assert dialled.seen
        if isinstance(outcome, Placed | Unknown):
            kept = line.kept(row, dialled.seen.agent)
            return replace(dialled, stop=dialled.stop or kept)
        agent = line.let_go(row, dialled.seen.agent)
        return replace(dialled, seen=replace(dialled.seen, agent=agent))

    def _record(self, row: Item, outcome: Outcome, seen: Seen) -> Dialled:
        match outcome:
            case Placed(sid):
                return self._placed(row, sid, seen)
            case Refused():
                return self._refused(row, outcome, seen)
            case Throttled():
                return self._later(row, reasons.THROTTLED, seen)
            case NotSent():
                return self._later(row, reasons.UNREACHABLE, seen)
            case Unknown(reason):
                return self._unknown(row, reason, seen)

    def _not_ours(self, user: str, lead: str, row: Item) -> Dialled:
        if row.get("dnc"):
            return Dialled("parked", self.leads.park(user, lead, self.clock()))
        return Dialled("passed")

    def _look_again(self, row: Item, gate: AgentGate) -> tuple[Seen, Stop | Held | None]:
        """After the claim: either we see a pause or a do-not-call made meanwhile, or its answer names this lead."""
        agent = self.agents.look(row["user_id"])
        account, forbidden = self.agents.second_look(number_hash(row["phone"]))
        moment = self.clock()
        stop = gate.stop(agent, account, moment)
        if stop or not forbidden:
            window = agent.profile.get("window")
            return Seen(agent, account), stop or lead_gate(row.get("zones") or (), window, self.hours, moment)
        return Seen(agent, account), Held(reasons.DNC, moment + self.timing.long_backoff)

    def _put_back(self, row: Item, closed: Stop | Held, seen: Seen) -> Dialled:
        """No call was made: the lead waits again, in its old place unless its own gate says when."""
        moment = self.clock()
        if isinstance(closed, Stop):  # it may be lifted before its time, and it is asked again before every call
            written = self.leads.release(*Attempt.of(row), closed.reason, parse(row["imported_at"]), moment)
            return Dialled("held", written, seen, closed, closed.until)
        until = closed.until if closed.until is not None else moment + self.timing.long_backoff
        written = self.leads.release(*Attempt.of(row), closed.reason, until, moment)
        return Dialled("held", written, seen, until=until)

    def _placed(self, row: Item, sid: str, seen: Seen) -> Dialled:
        written = self.leads.placed(*Attempt.of(row), sid, self.clock())
        if not written.ours and written.row.get("call_sid") != sid:
            self.leads.stray(*Attempt.of(row), sid, "queued", self.clock())
            logger.error("placed call is not the row's", extra={"lead_id": row["lead_id"], "call_sid": sid})
        self._answered(seen)
        return Dialled("placed", written, seen)

    def _refused(self, row: Item, refused: Refused, seen: Seen) -> Dialled:
        match refused.concerns:
            case "lead":
                return self._never_called(row, refused.reason, seen)
            case "permission":
                return self._not_permitted(row, refused.reason, seen)
            case "account":
                return self._account_refused(row, refused.code, refused.reason, seen)

    def _never_called(self, row: Item, reason: str, seen: Seen) -> Dialled:
        written = self.leads.refused(*Attempt.of(row), reason, self.clock())
        self._answered(seen)
        return Dialled("refused", written, seen)

    def _not_permitted(self, row: Item, reason: str, seen: Seen) -> Dialled:
        released = self._released(row, reason, self.clock() + self.timing.long_backoff, seen)
        self._answered(seen)
        return released

    def _answered(self, seen: Seen) -> None:
        """Twilio serves the account: a streak or a rest is over."""
        if seen.account.streak or seen.account.resume_at:
            self.agents.recovered(seen.account)

    def _account_refused(self, row: Item, code: int, reason: str, seen: Seen) -> Dialled:
        """All rest; this lead longer each time, for it may be the only one that Twilio refuses."""
        moment = self.clock()
        until = moment + self.timing.breaker
        again_at = moment + self.timing.account_backoff(row.get("releases", 0))
        written = self.leads.release(*Attempt.of(row), reason, again_at, moment, counted=True)
        rests = self.agents.rest(reasons.account_refused(code), until)
        stop = Stop(rests.reason or reason, rests.resume_at)
        return Dialled("account refused", written, seen, stop, until)

    def _released(
        self, row: Item, reason: str, until: float, seen: Seen | None = None, stop: Stop | None = None
    ) -> Dialled:
        """No call was made, for a reason that may well come again: each time the lead steps back further."""
        written = self.leads.release(*Attempt.of(row), reason, until, self.clock(), counted=True)
        return Dialled("held", written, seen, stop, until)

    def _later(self, row: Item, reason: str, seen: Seen) -> Dialled:
        """This lead steps back, each time further; the others are tried as soon as Twilio may answer again."""
        moment = self.clock()
        until = moment + self.timing.backoff(row.get("releases", 0))
        return self._released(row, reason, until, seen, Stop(reason, moment + self.timing.backoff(0)))

    def _unknown(self, row: Item, reason: str, seen: Seen) -> Dialled:
        moment = self.clock()
        written = self.leads.unknown(*Attempt.of(row), reason, moment)
        account = self.agents.unknown_in_a_row(moment + self.timing.breaker)
        until = max(account.resume_at or 0.0, moment + self.timing.margin)
        return Dialled("unknown", written, seen, Stop(reasons.UNKNOWN, until))


def _counted_as(outcome: Outcome) -> str:
    match outcome:
        case Refused(concerns):
            return f"refused_{concerns}"
        case NotSent():
            return "not_sent"
        case _:
            return type(outcome).__name__.lower()
