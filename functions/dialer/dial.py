"""Calls one lead once: claim, recheck, POST, record. The machine never claims a claimed lead again."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from aws_lambda_powertools import Logger

from autocall import reasons
from autocall.agent_table import Agent, AgentTable
from autocall.call_outcomes import BLOCKED, TRIES, NotSent, Outcome, Placed, Refused, Throttled, Unknown
from autocall.called import Cap, made_no_call, per_week
from autocall.gates import Held, Hours, UnknownZone, caps_in_force, lead_gate
from autocall.installation_table import Installation, InstallationTable
from autocall.lead_table import LeadTable, LeadWrite
from autocall.lead_writes import Counts
from autocall.leads import PENDING, Attempt, LeadKey, LeadRow, calls_made, lead_ids, number_hashes
from autocall.limits import NO_LIMITS, Limits
from autocall.terms import Terms
from autocall.timing import Timing, now, parse
from autocall.together import together
from autocall.twilio_calls import TwilioCalls
from functions.dialer import agent_phone_gate
from functions.dialer.agent_gate import AgentGate, Stop
from functions.dialer.agent_line import AgentLine
from functions.dialer.call_request import CallRequest
from functions.dialer.caller_id_gate import CallerIdGate
from functions.dialer.dial_result import DialOutcome, DialResult, Recheck
from functions.dialer.number_gate import NumberGate

logger = Logger(child=True)

_PATIENCE = 5
_FOR_ALL = "refused_account"


@dataclass(frozen=True)
class Dialer:
    """Calls leads, one at a time; *line* is set if their agent must be on the line before."""

    leads: LeadTable
    agents: AgentTable
    installation: InstallationTable
    calls: TwilioCalls
    options: CallRequest
    hours: Hours
    timing: Timing
    numbers: NumberGate
    sender: CallerIdGate
    clock: Callable[[], float] = now
    limits: Limits = NO_LIMITS
    line: AgentLine | None = None

    def dial(
        self,
        user: str,
        lead: str,
        correlation_id: str,
        gate: AgentGate,
        zones: Iterable[str] = (),
        meanwhile: Callable[[], None] = lambda: None,
    ) -> DialResult:
        """Call the lead if this attempt wins its claim. Every outcome is recorded before it is returned.

        *zones* are the lead's, as the index has them: they say which number will probably call it. *meanwhile* begins
        what may be done while Twilio is asked; it must not take time, nor fail.
        """
        attempt = uuid.uuid4().hex
        sender = self.sender.caller_ids.guess(zones)
        claim = self.leads.claim(Attempt(user, lead, attempt), correlation_id, self.clock(), sender)
        if not claim.won:
            return self._claim_lost(user, lead, claim.row)
        row = claim.row
        logger.info("claimed", extra={"lead_id": lead, "attempt_id": attempt})
        try:
            seen, closed = self._recheck(row, gate)
            if not closed:
                row, closed = self._choose_sender(row, seen)
            if self.line and not closed:
                agent, closed = self.line.reserve(row, seen.agent)
                seen = replace(seen, agent=agent)
            if not closed:
                seen, closed = self._mark_called(row, seen)
            if not closed:
                meanwhile()
        except Exception:
            self._interrupted(row)
            raise
        if closed:
            return self._release(row, closed, seen)
        doubted = seen.caller_ids[row["sender"]].rejected > 0
        outcome = self.calls.place(self.options.params(Attempt.of(row), row["phone"], row["sender"], doubted=doubted))
        logger.info("asked for a call", extra={"lead_id": lead, "attempt_id": attempt, "outcome": repr(outcome)})
        dialled = self._record(row, outcome, seen)
        dialled = replace(dialled, metric=dialled.metric or _metric_of(outcome))
        if self.line:
            dialled = self._with_the_agent(self.line, row, outcome, dialled)
        if dialled.written and made_no_call(dialled.written.row, attempt):
            self.numbers.put_back(row, seen.called)
        return dialled

    def _choose_sender(self, row: LeadRow, seen: Recheck) -> tuple[LeadRow, Held | None]:
        """The row with the number that calls it, and why it may not. The claim could only guess at that number."""
        sender, held = self.sender.choose(row, seen.caller_ids, self.clock())
        if held or sender == row.get("sender"):
            return row, held
        chosen = self.leads.choose_sender(Attempt.of(row), sender)
        return (chosen.row, None) if chosen.won else (row, Held(reasons.INTERRUPTED, self.clock() + self.timing.margin))

    def _mark_called(self, row: LeadRow, seen: Recheck) -> tuple[Recheck, Held | None]:
        """Note that the number is about to be called: last before the POST. If it may not be, the agent is free."""
        called, held = self.numbers.mark(row, seen.called, self._caps(row, seen), self.clock())
        seen = replace(seen, called=called)
        if held and self.line:
            seen = replace(seen, agent=self.line.let_go(row, seen.agent))
        return seen, held

    def _with_the_agent(self, line: AgentLine, row: LeadRow, outcome: Outcome, dialled: DialResult) -> DialResult:
        """Keep the agent reserved while there may be a call; free them if there certainly is none."""
        assert dialled.seen
        if isinstance(outcome, Placed | Unknown):
            kept = line.kept(row, dialled.seen.agent)
            return replace(dialled, stop=dialled.stop or kept)
        agent = line.let_go(row, dialled.seen.agent)
        return replace(dialled, seen=replace(dialled.seen, agent=agent))

    def _record(self, row: LeadRow, outcome: Outcome, seen: Recheck) -> DialResult:
        match outcome:
            case Placed(sid):
                return self._placed(row, sid, seen)
            case Refused():
                return self._refused(row, outcome, seen)
            case Throttled():
                return self._retry_later(row, reasons.THROTTLED, self.timing.throttled(row.get("releases", 0)), seen)
            case NotSent():
                return self._retry_later(row, reasons.UNREACHABLE, self.timing.backoff(0), seen)
            case Unknown(reason):
                return self._unknown(row, reason, seen)

    def _claim_lost(self, user: str, lead: str, row: LeadRow) -> DialResult:
        if row.get("dnc"):
            return DialResult(DialOutcome.PARKED, self.leads.park(LeadKey(user, lead), self.clock()))
        return DialResult(DialOutcome.PASSED)

    def _recheck(self, row: LeadRow, gate: AgentGate) -> tuple[Recheck, Stop | Held | None]:
        """After the claim: either we see a concurrent pause or do-not-call, or its answer names this lead."""
        ours = self.sender.caller_ids.numbers
        agent, before, same_line = together(
            lambda: self.agents.get_agent(row["user_id"]),
            lambda: self.installation.get_before_call(*number_hashes(row["phone"]), now=self.clock(), caller_ids=ours),
            lambda: self._spelled_otherwise(row),
        )
        most_per_week = before.settings.again_per_week
        seen = Recheck(agent, before.installation, before.called, most_per_week, before.caller_ids)
        moment = self.clock()
        stop = gate.stop(agent, seen.account, moment) or agent_phone_gate.agents_phone(agent, self.limits)
        if stop:
            return seen, stop
        if not self.limits.may_call(row["phone"]):
            return seen, Held(reasons.COUNTRY, moment + self.timing.long_backoff)
        if before.forbidden:
            return seen, Held(reasons.DNC, moment + self.timing.long_backoff)
        if same_line:
            return seen, Held(same_line, moment + self.timing.long_backoff)
        if held := self._lead_gate(row, agent, seen.account, moment):
            return seen, held
        called, held = self.numbers.closed(row, seen.called, self._caps(row, seen), moment)
        return replace(seen, called=called), held

    def _spelled_otherwise(self, row: LeadRow) -> str | None:
        """Why the line of this lead must not be called: release 1.0.0 made a lead of each spelling of a number.

        Two such leads that are claimed at the same time both wait: neither can know which of them was first.
        """
        for other in lead_ids(row["user_id"], row["phone"]):
            known = self.leads.get(LeadKey(row["user_id"], other)) if other != row["lead_id"] else {}
            if known.get("dnc"):
                return reasons.DNC
            if calls_made(known) or known.get("call_status", PENDING) != PENDING:
                return reasons.SAME_LINE
        return None

    def _lead_gate(self, row: LeadRow, agent: Agent, account: Installation, moment: float) -> Held | None:
        """The lead's own gate, with its terms: only its row has them."""
        terms = Terms.of(row, self.options.recorded)
        window = agent.profile.get("window")
        return lead_gate(row.get("zones") or (), window, self.hours, moment, terms, account.closed)

    def _caps(self, row: LeadRow, seen: Recheck) -> set[Cap]:
        """How often the number may be called, here and where it can be.

        Of a lead whose place is not known the lead's own gate says no.
        """
        try:
            terms = Terms.of(row, self.options.recorded)
            of_places = caps_in_force(row.get("zones") or (), self.hours, self.clock(), terms)
        except UnknownZone:
            of_places = set()
        return of_places | {per_week(seen.most_per_week)}

    def _release(self, row: LeadRow, closed: Stop | Held, seen: Recheck) -> DialResult:
        """No call was placed: the lead waits again, in its old place unless its own gate says when."""
        moment = self.clock()
        if isinstance(closed, Stop):  # it may end before its time, and is checked before every call
            written = self.leads.release(Attempt.of(row), closed.reason, parse(row["imported_at"]), moment)
            return DialResult(DialOutcome.HELD, written, seen, closed, closed.until)
        until = closed.until if closed.until is not None else moment + self.timing.long_backoff
        return DialResult(DialOutcome.HELD, self._release_backing_off(row, closed.reason, until), seen, until=until)

    def _placed(self, row: LeadRow, sid: str, seen: Recheck) -> DialResult:
        written = self.leads.mark_placed(Attempt.of(row), sid, self.clock())
        if written.row.get("call_sid") != sid:
            self.leads.add_stray(Attempt.of(row), sid, "queued", self.clock())
            about = {"rule": "ONCE-005", "lead_id": row["lead_id"], "call_sid": sid}
            logger.error("placed call is not the row's", extra=about)
        self._note_success(seen)
        return DialResult(DialOutcome.PLACED, written, seen)

    def _refused(self, row: LeadRow, refused: Refused, seen: Recheck) -> DialResult:
        match refused.scope:
            case "lead":
                return self._never_called(row, refused.reason, seen)
            case "permission":
                return self._not_permitted(row, refused, seen)
            case "unlisted":
                return self._refused_by_a_code_nobody_knows(row, refused, seen)
            case "account" if self.sender.caller_ids.concerns_one_number(refused.code):
                return self._sender_refused(row, refused.reason, seen)
            case "account":
                return self._account_refused(row, refused.code, refused.reason, seen)

    def _never_called(self, row: LeadRow, reason: str, seen: Recheck) -> DialResult:
        ended = self._ended(row, reason, seen)
        self._note_success(seen)
        return ended

    def _ended(self, row: LeadRow, reason: str, seen: Recheck) -> DialResult:
        return DialResult(DialOutcome.REFUSED, self.leads.mark_refused(Attempt.of(row), reason, self.clock()), seen)

    def _not_permitted(self, row: LeadRow, refused: Refused, seen: Recheck) -> DialResult:
        """Retry after a day. A number that Twilio blocks alone ends after its last try; one of many does not."""
        alone = refused.code == BLOCKED and not seen.account.met_by_another(refused.code, row["lead_id"])
        self._note_success(seen)
        if refused.code == BLOCKED:
            self.installation.note_refusal(refused.code, row["lead_id"], row["user_id"])
        if alone and _tries(row) >= TRIES:
            return self._ended(row, refused.reason, seen)
        until = self.clock() + self.timing.long_backoff
        written = self._release_backing_off(row, refused.reason, until, "refusals")
        return DialResult(DialOutcome.HELD, written, seen, until=until)

    def _refused_by_a_code_nobody_knows(self, row: LeadRow, refused: Refused, seen: Recheck) -> DialResult:
        """Treat the code as the lead's own: back off, end after the last try. The next lead shows if it is not.

        A lead that met such a code before is no evidence about the account.
        """
        moment, tries = self.clock(), _tries(row)
        if tries >= TRIES:
            return self._ended(row, refused.reason, seen)
        until = moment + self.timing.refused_again(tries)
        written = self._release_backing_off(row, refused.reason, until, "refusals")
        stop = self._take_as_evidence(row, refused, seen, moment) if tries == 1 else None
        if stop is None:
            return DialResult(DialOutcome.HELD, written, seen, until=until)
        return DialResult(DialOutcome.ACCOUNT_REFUSED, written, seen, stop, stop.until, metric=_FOR_ALL)

    def _take_as_evidence(self, row: LeadRow, refused: Refused, seen: Recheck, moment: float) -> Stop | None:
        """Note the code. If two leads in a row met it, calls stop: of two agents everybody's, of one only that agent's.

        One agent's list may have many leads that Twilio refuses alike, while it serves the others.
        """
        code, lead, user, until = refused.code, row["lead_id"], row["user_id"], moment + self.timing.breaker
        in_a_row = seen.account.met_by_another(code, lead)
        if in_a_row and seen.account.refused_user != user:
            alike, account = self.installation.refused_alike(code, user, reasons.account_refused(code), until)
            if alike:
                return Stop(account.reason or refused.reason, account.resume_at)
        elif in_a_row:
            self.installation.note_refusal(code, lead, user, until)
            return Stop(refused.reason, until)
        self.installation.note_refusal(code, lead, user)
        return None

    def _note_success(self, seen: Recheck) -> None:
        """Twilio serves the account: close the breaker, end the streak, forget the noted refusal."""
        if seen.account.consecutive_unknowns or seen.account.resume_at or seen.account.refused_code:
            self.installation.close_breaker(seen.account)

    def _account_refused(self, row: LeadRow, code: int, reason: str, seen: Recheck) -> DialResult:
        """Open the breaker for everyone, and back this lead off exponentially in case only it is refused."""
        moment = self.clock()
        until = moment + self.timing.breaker
        again_at = moment + self.timing.account_backoff(row.get("releases", 0))
        written = self._release_backing_off(row, reason, again_at, "releases")
        rests = self.installation.open_breaker(reasons.account_refused(code), until)
        stop = Stop(rests.reason or reason, rests.resume_at)
        return DialResult(DialOutcome.ACCOUNT_REFUSED, written, seen, stop, until, metric=_FOR_ALL)

    def _sender_refused(self, row: LeadRow, reason: str, seen: Recheck) -> DialResult:
        """Twilio refuses the number that calls: it rests, and the lead waits, or goes out from another one next."""
        until = self.sender.rest(row, reason, seen.caller_ids, self.clock())
        back_at = parse(row["imported_at"]) if until is None else until
        written = self._release_backing_off(row, reasons.CALLER_ID, back_at, "releases")
        logger.warning("Twilio refuses a number of ours", extra={"number": self.sender.caller_ids.label(row["sender"])})
        return DialResult(
            DialOutcome.HELD,
            written,
            seen,
            until=until or self.clock() + self.timing.margin,
            metric="refused_caller_id",
        )

    def _release_backing_off(self, row: LeadRow, reason: str, until: float, counts: Counts | None = None) -> LeadWrite:
        """Release the lead until *until*; among leads due then it keeps its place."""
        attempt, moment = Attempt.of(row), self.clock()
        return self.leads.release(attempt, reason, until, moment, position=row["imported_at"], counts=counts)

    def _interrupted(self, row: LeadRow) -> None:
        """The run fails and is retried: release the lead with exponential backoff."""
        releases = row.get("releases", 0)
        until = self.clock() + self.timing.backoff(releases - 1) if releases else parse(row["imported_at"])
        self._release_backing_off(row, reasons.INTERRUPTED, until, "releases")

    def _retry_later(self, row: LeadRow, reason: str, wait: float, seen: Recheck) -> DialResult:
        """Stop the run for *wait* seconds. The lead is not the cause, so it keeps its old place.

        But a lead that has met this again and again is backed off itself, so that it does not hold up the others.
        """
        releases, until = row.get("releases", 0), self.clock() + wait
        back_at = parse(row["imported_at"])
        if releases >= _PATIENCE:
            back_at = self.clock() + self.timing.backoff(releases - _PATIENCE)
        written = self._release_backing_off(row, reason, back_at, "releases")
        return DialResult(DialOutcome.HELD, written, seen, Stop(reason, until), max(until, back_at))

    def _unknown(self, row: LeadRow, reason: str, seen: Recheck) -> DialResult:
        moment = self.clock()
        written = self.leads.mark_unknown(Attempt.of(row), reason, moment)
        account = self.installation.count_unknown(moment + self.timing.breaker)
        until = max(account.resume_at or 0.0, moment + self.timing.margin)
        return DialResult(DialOutcome.UNKNOWN, written, seen, Stop(reasons.UNKNOWN, until))


def _tries(row: LeadRow) -> int:
    """How often Twilio has refused this lead, including this time."""
    return int(row.get("refusals", 0)) + 1


def _metric_of(outcome: Outcome) -> str:
    match outcome:
        case Refused(concerns):
            return f"refused_{concerns}"
        case NotSent():
            return "not_sent"
        case _:
            return type(outcome).__name__.lower()
