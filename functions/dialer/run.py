"""One run for an agent: reconciles overdue calls, calls leads on free lines, and pushes what comes next."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from aws_lambda_powertools import Logger

from autocall import leads, reasons
from autocall.agent_table import Agent, AgentTable
from autocall.dial_queue import DialQueue
from autocall.gates import Held, Hours, UnknownZone, lead_gate, mode_gate
from autocall.installation_table import Installation, InstallationTable
from autocall.lead_table import LeadTable, LeadWrite, Page
from autocall.leads import Due, LeadKey, LeadRow
from autocall.messages import Cause, RunMessage
from autocall.push import Push
from autocall.queued_run import Causes
from autocall.rate_limit import RateLimiter
from autocall.terms import Terms
from autocall.timing import MINUTE_S, Timing, is_far, now, parse, stamp
from functions.dialer.agent_gate import AgentGate, Stop
from functions.dialer.agent_line import AgentLine
from functions.dialer.daily_limit import DailyLimit
from functions.dialer.dial import Dialer, DialResult
from functions.dialer.reconcile import Reconciler

logger = Logger(child=True)

_PAGE, _FIRST_PAGE = 50, 1000
_UNLISTED = "refused_unlisted"
_MAY_BE_A_CALL = ("placed", "unknown")
_SERVED = ("placed", "refused_lead", "refused_permission")
_TOTAL_OF = {"placed": "called", "unknown": "called", "refused": "failed", "account refused": "held"}
_LOGGED_AS = {"placed": "called", "held": "released", "account refused": "released"}


@dataclass(frozen=True)
class Services:
    """The services of a run; `lines` is the number of lines of an agent who has set none.

    `line` is set if agents must be on the line: then an agent has one call at a time, and `lines` is ignored.
    """

    leads: LeadTable
    agents: AgentTable
    installation: InstallationTable
    queue: DialQueue
    push: Push
    reconciler: Reconciler
    dialer: Dialer
    rate_limiter: RateLimiter | None
    hours: Hours
    timing: Timing
    lines: int
    most_lines: int = 20
    daily: DailyLimit | None = None
    line: AgentLine | None = None


class Run:
    """The run for one message; `deadline` is when this invocation ends, in seconds since the epoch."""

    def __init__(self, services: Services, message: RunMessage, deadline: float) -> None:
        self._services, self._message, self._deadline = services, message, deadline
        self._user = message.user_id
        self._fetched = message.cause == Cause.FETCHED
        self.totals: Counter[str] = Counter()
        self.metrics: Counter[str] = Counter()
        self._next_times: list[float] = []
        self._closed: list[tuple[LeadRow, Held]] = []
        self._stop: Stop | None = None
        self._rows_left = False
        self._lines_in_use = 0
        self._counted_at = 0.0
        self._in_flight: set[str] = set()
        self._agent = Agent()
        self._installation = Installation()
        self._gate = AgentGate(services.timing, agent_first=bool(services.line))
        self._gates: dict[tuple[str, ...], Held | None] = {}

    def work(self) -> Stop | None:
        """Do all that can be done now. Returns why it stopped early; None if all lines are in use or nothing waits."""
        causes = self._services.queue.take(self._user)  # before any read: a cause that comes later queues another run
        self._fetched |= causes.fetched
        self._agent = self._services.agents.get_agent(self._user)
        self._release_stale_holds(causes)
        in_flight, waiting = self._services.leads.due(self._user, _FIRST_PAGE if self._fetched else _PAGE)
        self._settle_overdue(in_flight)
        if self._services.line:
            self._agent = self._services.line.tidy(self._user, self._agent, self._in_flight)
        self._installation = self._services.installation.get_installation()
        self._gates.clear()  # the closures were not known before
        self._stop = self._gate.stop(self._agent, self._installation, now())
        self._fill_lines(waiting)
        self._give_back_the_probe()
        self._hold_closed()
        self._finish()
        return self._stop

    # -- 0. release holds that no longer apply -----------------------------------------------------------------------

    def _release_stale_holds(self, causes: Causes) -> None:
        """Make leads due whose hold no longer applies, keeping calling order: for a second, then the first is called.

        The causes stay on the agent's mark until all leads are done; the run that is queued goes on.
        """
        asked = {Cause.HOURS: causes.hours, Cause.MENDED: causes.mended}
        wanted = [cause for cause in asked if asked[cause] or self._message.cause == cause]
        if not wanted:
            return
        comes_back = [{Cause.HOURS: self._would_open_earlier, Cause.MENDED: self._refused}[cause] for cause in wanted]
        pages = self._services.leads.waiting(self._user, _FIRST_PAGE)
        held = [row for page, _ in pages for row in page if row.get("held")]
        rows = [row for row in held if any(back(row) for back in comes_back)]
        if not self._unhold_in_time(sorted(rows, key=lambda row: Due.of(row).place)):
            for cause in wanted:
                self._services.queue.enqueue_run(self._user, cause, self._message.correlation_id)
            return
        for cause in wanted:
            self._services.queue.done(self._user, cause, asked[cause])

    def _unhold_in_time(self, rows: list[LeadRow]) -> bool:
        """Whether the time sufficed for all of them; one is always done."""
        moment = now()
        for index, row in enumerate(rows):
            if index and now() > moment + self._services.timing.holding:
                return False
            back_at, due, reason = moment - (len(rows) - index) / 1000, Due.of(row), row["held"]["reason"]
            place = due.place if due.keeps_place else back_at
            self._push(self._services.leads.unhold(LeadKey.of(row), row["due"], moment, reason, place))
        return True

    def _refused(self, row: LeadRow) -> bool:
        return _was_refused(row) or self._asked_no_more(row)

    def _asked_no_more(self, row: LeadRow) -> bool:
        """Whether its places ask nothing of anybody any more that only a person could give: the file or a setting has
        changed. What the lead itself has is not in the index; an import that brings it brings the lead back."""
        if row["held"]["reason"] not in (reasons.CONSENT, reasons.CONFIRM):
            return False
        try:
            return mode_gate(row.get("zones") or (), self._services.hours, now(), Terms()) is None
        except UnknownZone:
            return False

    def _would_open_earlier(self, row: LeadRow) -> bool:
        """Whether it would open a minute earlier, or more: leads that are held together differ by milliseconds."""
        if row["held"]["reason"] not in (reasons.HOURS, reasons.ZONE, reasons.WINDOW, reasons.CLOSED):
            return self._asked_no_more(row)
        held = self._lead_gate(row)
        opens = now() if held is None else held.until
        return opens is not None and opens + MINUTE_S < Due.of(row).moment

    # -- 1. reconcile overdue calls ----------------------------------------------------------------------------------

    def _settle_overdue(self, rows: list[LeadRow]) -> None:
        dues = {row["lead_id"]: Due.of(row) for row in rows}
        until = min(self._deadline, now() + self._services.timing.repair)
        for overdue in self._services.reconciler.overdue(rows, now()):
            if now() + self._services.timing.post > until:
                break
            settled = self._services.reconciler.reconcile(self._user, overdue["lead_id"])
            if settled.won:
                self._services.push.push_lead(
                    self._user, settled.row
                )  # asking Twilio takes its time: who is there by now?
            self.totals["settled"] += settled.won
            self.metrics.update(_found_unknown(settled))
            dues[overdue["lead_id"]] = Due.of(settled.row)
        self._in_flight = {lead for lead, due in dues.items() if due.kind == leads.DUE_LINE}
        self._lines_in_use = len(self._in_flight)
        self._next_times += [due.moment for due in dues.values() if due.kind in (leads.DUE_LINE, leads.DUE_LOST)]

    # -- 2. call waiting leads while a line is free ------------------------------------------------------------------

    def _fill_lines(self, waiting: Iterator[Page]) -> None:
        for row in self._with_the_refused_last(self._due_rows(waiting)):
            if self._services.line and self._services.line.may_ring(self._agent, self._stop):
                if held := self._lead_gate(row):
                    self._closed.append((row, held))
                    continue
                self._ring_the_agent(self._services.line)
            if not self._stop and self._lines_in_use < self._lines() and not self._time_for_a_call():
                self._stop = Stop(reasons.TIME, now() + self._services.timing.margin)
            if self._stop or self._lines_in_use >= self._lines():
                self._rows_left = True
                return
            if held := self._lead_gate(row):
                self._closed.append((row, held))  # written later: the next leads may be called now
            elif closed := self._probe() or self._wait_for_slot() or self._count():
                self._stop, self._rows_left = closed, True
            else:
                self._stop = self._record_outcome(self._dial(row)) or self._probed()

    def _with_the_refused_last(self, rows: Iterator[LeadRow]) -> Iterator[LeadRow]:
        """Half open: a lead that Twilio refused before proves nothing, so it probes only if there is no other."""
        refused = []
        for row in rows:
            if self._installation.resume_at and not self._gate.probing and _was_refused(row):
                refused.append(row)
            else:
                yield row
        yield from refused

    def _ring_the_agent(self, line: AgentLine) -> None:
        """A lead could be called if the agent were on the line: ring their phone, within the account's rate."""
        if not self._time_for_a_call():
            self._stop = Stop(reasons.TIME, now() + self._services.timing.margin)
        elif closed := self._day_is_over() or self._probe() or self._wait_for_slot():
            self._stop = closed
        else:
            self._agent, self._stop = line.ring(self._user, self._agent)
            self._rest_if_refused()

    def _day_is_over(self) -> Stop | None:
        """A Stop if the agent may call nobody today: then their phone does not ring."""
        return self._services.daily.closed(self._user) if self._services.daily else None

    def _rest_if_refused(self) -> None:
        """Open the breaker if Twilio refused the agent's own call for a reason that concerns the whole account."""
        if reasons.Reason.parse(self._agent.session.reason).code == reasons.ACCOUNT_REFUSED:
            until = now() + self._services.timing.breaker
            self._installation = self._services.installation.open_breaker(self._agent.session.reason, until)
            self._stop = Stop(self._installation.reason or reasons.ACCOUNT, self._installation.resume_at)

    def _probe(self) -> Stop | None:
        """Half open: take the right to make the one trial call, unless another run has taken it.

        Query Twilio first: if it does not answer, no lead is risked, and the breaker stays open.
        """
        timing, account, moment = self._services.timing, self._installation, now()
        if not account.resume_at or self._gate.probing:
            return None
        until = parse(stamp(timing.check_claimed_at(moment)))
        if not self._services.installation.take_probe(account.resume_at, until):
            return Stop(account.reason or reasons.ACCOUNT, moment + timing.margin)
        if not self._services.dialer.calls.serves():
            return Stop(account.reason or reasons.ACCOUNT, until)
        self._gate = replace(self._gate, probing=until)
        return None if self._time_for_a_call() else Stop(reasons.TIME, now() + timing.margin)

    def _probed(self) -> Stop | None:
        """Stop if the trial call did not succeed: Twilio neither took the call nor refused the number as usual.

        An unlisted code decides nothing yet: the next lead does.
        """
        served = sum(self.metrics[word] for word in _SERVED)
        probing = self._gate.probing
        undecided = self.totals["tried"] == self.metrics[_UNLISTED]
        return Stop(reasons.PROBE, probing) if probing and not undecided and not served else None

    def _give_back_the_probe(self) -> None:
        """Return the unused trial call: no lead was left, or none decided anything. The next run probes."""
        if self._gate.probing and self.totals["tried"] == self.metrics[_UNLISTED]:
            self._services.installation.take_probe(self._gate.probing, now())

    def _lines(self) -> int:
        if self._services.line:
            return sys.maxsize  # the reservation of the agent is the limit
        return min(int(self._agent.profile.get("lines") or self._services.lines), self._services.most_lines)

    def _due_rows(self, waiting: Iterator[Page]) -> Iterator[LeadRow]:
        to_say, first_page_read, first = self._fetched, False, set[str]()
        for page, more in waiting:
            if to_say:
                self._push_started(page, more)
                to_say = False
            if not first_page_read:
                first_page_read = True
                yield from self._first_rows(first)
            moment = stamp(now())
            for row in page:
                if Due.of(row).at > moment:
                    self._next_times.append(Due.of(row).moment)
                    return
                if row["lead_id"] not in first:
                    yield row

    def _first_rows(self, tried: set[str]) -> Iterator[LeadRow]:
        """The leads that a person wants called by now, the longest due first; their ids are added to *tried*."""
        wanted = sorted((due_at, lead) for lead, due_at in self._agent.first.items() if due_at <= now())
        for _, lead in wanted:
            row = self._services.leads.get(LeadKey(self._user, lead))
            if row.get("call_status") != leads.PENDING or row.get("deleted_at"):
                self._services.agents.forget_first(self._user, lead, now())
            elif Due.of(row).kind == leads.DUE_WAIT and Due.of(row).at <= stamp(now()):
                tried.add(lead)
                yield row

    def _push_started(self, page: list[LeadRow], more: bool) -> None:
        """Push, before the first call, how many leads will be called, and how many are held, by reason."""
        moment = stamp(now())
        held = Counter(reason for reason in (self._reason(row, moment) for row in page) if reason)
        self.metrics["waiting"] = len(page)
        data = {"pending": len(page) - held.total(), "held": dict(held), "more": more}
        logger.info("leads pending", extra={"user_id": self._user, **data})
        self._services.push.broadcast(self._user, "autocall:started", data, self._agent.connections)

    def _reason(self, row: LeadRow, moment: str) -> str | None:
        if Due.of(row).at > moment:
            return leads.held_reason(row) or reasons.LATER
        held = self._stop or self._lead_gate(row)
        return held.reason if held else None

    def _lead_gate(self, row: LeadRow) -> Held | None:
        zones = tuple(row.get("zones") or ())
        if zones not in self._gates:
            window, closed = self._agent.profile.get("window"), self._installation.closed
            self._gates[zones] = lead_gate(zones, window, self._services.hours, now(), closed=closed)
        return self._gates[zones]

    def _hold_closed(self) -> None:
        """Hold the leads whose gate is closed: after the calls, and for a second. The next run goes on."""
        moment, left = now(), 0
        for index, (row, held) in enumerate(self._closed):
            until = held.until if held.until is not None else moment + self._services.timing.long_backoff
            self._next_times.append(until)
            if index and now() > moment + self._services.timing.holding:
                left += 1
            else:
                self._hold(row, held.reason, until)
        if left and not self._rows_left and not self._stop:  # else the pushed `next_at` brings another run
            self._services.queue.enqueue_run(self._user, Cause.CONTINUE, self._message.correlation_id)

    def _hold(self, row: LeadRow, reason: str, until: float) -> None:
        written = self._services.leads.hold(LeadKey.of(row), row["due"], reason, until, now())
        self._push(written)
        self.totals["held"] += written.won

    def _wait_for_slot(self) -> Stop | None:
        if self._services.rate_limiter is None:
            return None
        again_at = self._services.rate_limiter.wait_for_slot(self._installation.next_slot)
        return Stop(reasons.RATE, again_at) if again_at else None

    def _count(self) -> Stop | None:
        self._counted_at = now()
        return self._services.daily.count(self._user) if self._services.daily else None

    def _dial(self, row: LeadRow) -> DialResult:
        dialled = self._services.dialer.dial(self._user, row["lead_id"], self._message.correlation_id, self._gate)
        if self._services.daily and dialled.outcome not in _MAY_BE_A_CALL:
            self._services.daily.give_back(self._user, self._counted_at)
        became = _LOGGED_AS.get(dialled.outcome, dialled.outcome)
        logger.info(became, extra={"user_id": self._user, "lead_id": row["lead_id"], "outcome": dialled.outcome})
        return dialled

    def _record_outcome(self, dialled: DialResult) -> Stop | None:
        """Count the outcome, push it, and return why the run stops, if it does."""
        self.totals[_TOTAL_OF.get(dialled.outcome, dialled.outcome)] += 1
        self.totals["tried"] += dialled.metric is not None  # no POST was made: the probe is not spent
        self.metrics["claimed"] += dialled.outcome not in ("passed", "parked")
        self.metrics.update([dialled.metric] if dialled.metric else [])
        self._lines_in_use += dialled.outcome in _MAY_BE_A_CALL
        self._next_times += [dialled.until] if dialled.until and dialled.until > now() else []
        if dialled.seen:
            if dialled.seen.account.closures != self._installation.closures:
                self._gates.clear()
            self._agent, self._installation = dialled.seen.agent, dialled.seen.account
        if dialled.written:
            self._push(dialled.written)
            self._next_times += _next_check(dialled.written.row)
        return dialled.stop

    def _time_for_a_call(self) -> bool:
        patience = self._services.rate_limiter.max_wait if self._services.rate_limiter else 0.0
        return now() + self._services.timing.post + patience + self._services.timing.reserve < self._deadline

    # -- 3. push what comes next -------------------------------------------------------------------------------------

    def _finish(self) -> None:
        progress = sum(self.totals[name] for name in ("called", "held", "failed", "parked", "settled"))
        if self._stop and self._stop.reason == reasons.TIME and progress and self._lines_in_use < self._lines():
            self._services.queue.enqueue_run(self._user, Cause.CONTINUE, self._message.correlation_id)
        # include overdue times too, or no page would ask again
        due = [moment for moment in self._next_times if not is_far(stamp(moment))]
        if self._stop and self._stop.until and self._rows_left:
            due.append(self._stop.until)
        data = {
            "called": self.totals["called"],
            "held": self.totals["held"],
            "failed": self.totals["failed"],
            "next_at": stamp(max(min(due), now())) if due else None,
            "at": stamp(now()),  # a page's clock may be wrong: it waits from `at` to `next_at`
            "reason": self._stop.reason if self._stop else None,
        }
        self._services.push.broadcast(self._user, "autocall:finished", data, self._agent.connections)

    def _push(self, written: LeadWrite) -> None:
        if written.won:
            self._services.push.push_lead(self._user, written.row, self._agent.connections)


def _was_refused(row: LeadRow) -> bool:
    return reasons.is_refusal(leads.held_reason(row))


def _found_unknown(settled: LeadWrite) -> list[str]:
    """The metric of a reconciled row whose outcome is unknown (`unknown`), or that waits for a person (`lost`)."""
    if not settled.won or settled.row.get("call_status") != leads.UNKNOWN:
        return []
    return ["lost" if Due.of(settled.row).kind == leads.DUE_LOST else "unknown"]


def _next_check(row: LeadRow) -> list[float]:
    return [Due.of(row).moment] if leads.is_in_flight(row) else []
