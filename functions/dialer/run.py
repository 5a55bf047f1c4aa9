"""One run for an agent: reconciles overdue calls, calls leads on free lines, and pushes what comes next."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from aws_lambda_powertools import Logger

from autocall import leads, reasons
from autocall.agent_table import Agent, AgentTable
from autocall.dial_queue import DialQueue
from autocall.gates import Held, Hours
from autocall.installation_table import Installation, InstallationTable
from autocall.lead_table import LeadTable, LeadWrite, Page
from autocall.leads import Due, LeadKey, LeadRow
from autocall.messages import Cause, RunMessage
from autocall.push import Push
from autocall.queued_run import Causes
from autocall.rate_limit import RateLimiter
from autocall.timing import Timing, now, stamp
from autocall.together import together
from functions.dialer import stale_holds
from functions.dialer.agent_gate import AgentGate, Stop
from functions.dialer.agent_line import AgentLine
from functions.dialer.daily_limit import DailyLimit
from functions.dialer.dial import Dialer
from functions.dialer.dial_result import DialResult
from functions.dialer.lead_gates import LeadGates
from functions.dialer.probe import Probe
from functions.dialer.reconcile import Reconciler
from functions.dialer.run_report import RunReport
from functions.dialer.stale_holds import StaleHolds

logger = Logger(child=True)

_PAGE = 50


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


@dataclass(frozen=True)
class _Unsaid:
    """What no tab has heard yet: what waits, whether others follow these, and what stood against all calls."""

    rows: list[LeadRow]
    more: bool
    stop: Stop | None


class Run:
    """The run for one message; `deadline` is when this invocation ends, in seconds since the epoch."""

    def __init__(self, services: Services, message: RunMessage, deadline: float) -> None:
        self._services, self._message, self._deadline = services, message, deadline
        self._user = message.user_id
        self._fetched = message.cause == Cause.FETCHED
        self.report = RunReport()
        self._agent, self._installation = Agent(), Installation()
        self._gates = LeadGates(services.hours)
        self._probe = Probe(services.installation, services.dialer.calls, services.timing)
        self._closed: list[tuple[LeadRow, Held]] = []
        self._stop: Stop | None = None
        self._rows_left = False
        self._lines_in_use = 0
        self._waiting: Iterator[Page] = iter(())
        self._read_ahead: list[Page] = []
        self._unsaid: _Unsaid | None = None

    def work(self) -> Stop | None:
        """Do all that can be done now. Returns why it stopped early; None if all lines are in use or nothing waits."""
        causes = self._services.queue.take(self._user)  # before any read: a cause that comes later queues another run
        self._fetched |= causes.fetched
        self._release_stale_holds(causes)
        services = self._services
        agent, (in_flight, self._waiting), installation = together(
            lambda: services.agents.get_agent(self._user),
            lambda: services.leads.due(self._user, _PAGE),
            services.installation.get_installation,
        )
        self._saw(agent, installation)
        leads_in_flight = self._reconcile(in_flight)
        if services.line:
            agent = services.line.tidy(self._user, agent, lambda lead: self._is_in_flight(lead, leads_in_flight))
            self._saw(agent, installation)
            self.report.add_call_back(agent.session.call_back_check_at(now(), services.timing))
        self._stop = self._gate.stop(self._agent, self._installation, now())
        self._fill_lines()
        self._probe.give_back()
        self._hold_closed()
        self._finish()
        return self._stop

    def _saw(self, agent: Agent, installation: Installation) -> None:
        """Go on with what was read last: both decide whom the run may call."""
        self._agent, self._installation = agent, installation
        window, closed = agent.profile.get("window"), installation.closed
        if (window, closed) != (self._gates.window, self._gates.closed):
            self._gates = LeadGates(self._services.hours, window, closed)

    def _release_stale_holds(self, causes: Causes) -> None:
        services = self._services
        if wanted := stale_holds.wanted(self._message, causes):
            self._saw(services.agents.get_agent(self._user), Installation())
            holds = StaleHolds(services.leads, services.queue, services.timing, self._gates, self._push)
            holds.release(self._message, wanted)

    @property
    def _gate(self) -> AgentGate:
        agent_first = bool(self._services.line)
        return AgentGate(self._services.timing, self._probe.until, agent_first, self._user)

    # -- 1. reconcile overdue calls ----------------------------------------------------------------------------------

    def _reconcile(self, rows: list[LeadRow]) -> set[str]:
        """Ask Twilio about overdue calls. Returns the leads whose calls are in flight after that."""
        latest = {LeadKey.of(row): row for row in rows}
        until = min(self._deadline, now() + self._services.timing.repair)
        for key, settled in self._services.reconciler.reconcile_overdue(rows, until):
            if settled.won:  # asking Twilio takes its time: read anew who is there
                self._services.push.push_lead(self._user, settled.row, waits=False)
            self.report.add_reconciled(settled)
            latest[key] = settled.row
        self.report.add_unsettled(latest.values())
        in_flight = {key.lead for key, row in latest.items() if leads.is_in_flight(row)}
        self._lines_in_use = len(in_flight)
        return in_flight

    def _is_in_flight(self, lead: str, in_flight: set[str]) -> bool:
        """Whether the lead's call is in flight: read anew, for the index may have been read before the agent was."""
        return lead in in_flight or leads.is_in_flight(self._services.leads.get(LeadKey(self._user, lead)))

    # -- 2. call waiting leads while a line is free ------------------------------------------------------------------

    def _fill_lines(self) -> None:
        for row in self._with_the_refused_last(self._due_rows()):
            if self._services.line and self._services.line.may_ring(self._agent, self._stop):
                if held := self._gates.held(row):
                    self._closed.append((row, held))
                    continue
                self._ring_the_agent(self._services.line)
            if not self._stop and self._lines_in_use < self._lines():
                self._stop = self._out_of_time()
            if self._stop or self._lines_in_use >= self._lines():
                self._rows_left = True
                return
            if held := self._gates.held(row):
                self._closed.append((row, held))  # written later: the next leads may be called now
            elif closed := self._take_probe() or self._wait_for_slot():
                self._stop, self._rows_left = closed, True
            else:
                self._stop = self._call(row)

    def _with_the_refused_last(self, rows: Iterator[LeadRow]) -> Iterator[LeadRow]:
        """Half open: a lead that Twilio refused before proves nothing, so it probes only if there is no other."""
        refused = []
        for row in rows:
            if self._probe.is_needed(self._installation) and _was_refused(row):
                refused.append(row)
            else:
                yield row
        yield from refused

    def _ring_the_agent(self, line: AgentLine) -> None:
        """A lead could be called if the agent were on the line: ring their phone, within the account's rate."""
        if closed := self._out_of_time() or self._day_is_over() or self._take_probe() or self._wait_for_slot():
            self._stop = closed
        else:
            self._push_started()
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

    def _take_probe(self) -> Stop | None:
        """Half open: take the right to make the one trial call. Taking it may have taken the run's time."""
        if not self._probe.is_needed(self._installation):
            return None
        return self._probe.take(self._installation) or self._out_of_time()

    def _lines(self) -> int:
        if self._services.line:
            return sys.maxsize  # the reservation of the agent is the limit
        return self._agent.lines(self._services.lines, self._services.most_lines)

    def _due_rows(self) -> Iterator[LeadRow]:
        first_page_read, first = False, set[str]()
        while found := self._next_page():
            page, more = found
            if not first_page_read:
                first_page_read = True
                if self._fetched:
                    self._unsaid = _Unsaid(page, more, self._stop)
                yield from self._first_rows(first)
            moment = stamp(now())
            for row in page:
                if Due.of(row).at > moment:
                    self.report.next_times.append(Due.of(row).moment)
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

    def _next_page(self) -> Page | None:
        return self._read_ahead.pop() if self._read_ahead else next(self._waiting, None)

    def _push_started(self) -> None:
        """Say once how many leads will be called, and how many are held, by reason: before anything else of this run.

        Of a long list a second page is read for it.
        """
        if self._unsaid is None:
            return
        unsaid, self._unsaid = self._unsaid, None
        rows, more, moment = unsaid.rows, unsaid.more, stamp(now())
        if further := self._next_page():
            self._read_ahead.append(further)
            rows, more = rows + further[0], further[1]
        data = self.report.started([self._reason(row, moment, unsaid.stop) for row in rows], more)
        logger.info("leads pending", extra={"user_id": self._user, **data})
        self._services.push.broadcast(self._user, "autocall:started", data, self._agent.connections, waits=False)

    def _push_started_meanwhile(self) -> None:
        """The same while Twilio is asked for the first call, which does not wait until a long list is counted."""
        if self._unsaid and not self._unsaid.more:
            self._push_started()

    def _reason(self, row: LeadRow, moment: str, stop: Stop | None) -> str | None:
        if Due.of(row).at > moment:
            return leads.held_reason(row) or reasons.LATER
        held = stop or self._gates.held(row)
        return held.reason if held else None

    def _hold_closed(self) -> None:
        """Hold the leads whose gate is closed: after the calls, and for a second. The next run goes on."""
        moment, left = now(), 0
        for row, held in self._closed:
            until = held.until if held.until is not None else moment + self._services.timing.long_backoff
            self.report.next_times.append(until)
            if now() > moment + self._services.timing.holding:
                left += 1
            else:
                self._hold(row, held.reason, until)
        if left and not self._rows_left and not self._stop:  # else the pushed `next_at` brings another run
            self._services.queue.enqueue_run(self._user, Cause.CONTINUE, self._message.correlation_id)

    def _hold(self, row: LeadRow, reason: str, until: float) -> None:
        written = self._services.leads.hold(LeadKey.of(row), row["due"], reason, until, now())
        self._push(written)
        self.report.totals["held"] += written.won

    def _wait_for_slot(self) -> Stop | None:
        if self._services.rate_limiter is None:
            return None
        again_at = self._services.rate_limiter.wait_for_slot(self._installation.next_slot)
        return Stop(reasons.RATE, again_at) if again_at else None

    def _call(self, row: LeadRow) -> Stop | None:
        """Count the call and make it. Returns why the run stops, if it does."""
        daily, counted_at = self._services.daily, now()
        if daily and (closed := daily.count(self._user)):
            self._rows_left = True
            return closed
        about = (self._user, row["lead_id"], self._message.correlation_id)
        zones = row.get("zones") or ()
        dialled = self._services.dialer.dial(*about, self._gate, zones, meanwhile=self._push_started_meanwhile)
        if daily and not dialled.outcome.may_be_a_call:
            daily.give_back(self._user, counted_at)
        logger.info(dialled.outcome.value, extra={"user_id": self._user, "lead_id": row["lead_id"]})
        self._record(dialled)
        return dialled.stop or self._probe.stop()

    def _record(self, dialled: DialResult) -> None:
        """Count the outcome, push it, and go on with what the recheck has read."""
        self.report.add_dialed(dialled, now())
        self._probe.note(dialled.metric)
        self._lines_in_use += dialled.outcome.may_be_a_call
        if dialled.seen:
            self._saw(dialled.seen.agent, dialled.seen.account)
        if dialled.written:
            self._push(dialled.written, waits=False)  # the next call need not

    def _out_of_time(self) -> Stop | None:
        """A Stop unless there is time for one more call, its wait for a slot, and all that follows it."""
        timing, limiter, moment = self._services.timing, self._services.rate_limiter, now()
        longest_wait = limiter.max_wait if limiter else 0.0
        if moment + timing.post + longest_wait + timing.reserve < self._deadline:
            return None
        return Stop(reasons.TIME, moment + timing.margin)

    # -- 3. push what comes next -------------------------------------------------------------------------------------

    def _finish(self) -> None:
        out_of_time = self._stop is not None and self._stop.reason == reasons.TIME
        if out_of_time and self.report.has_progress and self._lines_in_use < self._lines():
            self._services.queue.enqueue_run(self._user, Cause.CONTINUE, self._message.correlation_id)
        self._push_started()
        data = self.report.finished(self._stop, self._rows_left, now())
        self._services.push.broadcast(self._user, "autocall:finished", data, self._agent.connections)

    def _push(self, written: LeadWrite, *, waits: bool = True) -> None:
        if written.won:
            self._push_started()
            self._services.push.push_lead(self._user, written.row, self._agent.connections, waits=waits)


def _was_refused(row: LeadRow) -> bool:
    return reasons.is_refusal(leads.held_reason(row))
