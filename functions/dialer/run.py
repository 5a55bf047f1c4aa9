"""One run: look at this user again. Overdue calls are settled, free lines filled, and the page told what comes next."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from aws_lambda_powertools import Logger

from autocall import leads, reasons
from autocall.agent_table import Account, Agent, AgentTable
from autocall.dial_queue import DialQueue
from autocall.dynamo import Item, Written
from autocall.gates import Held, Hours, lead_gate
from autocall.lead_table import LeadTable, Page
from autocall.leads import Due
from autocall.messages import HOURS, MENDED, RunMessage
from autocall.pacing import Pacer
from autocall.push import Push
from autocall.timing import MINUTE_S, Timing, now, parse, stamp
from functions.dialer.agent_line import AgentLine
from functions.dialer.dial import Dial, Dialled
from functions.dialer.gate import AgentGate, Stop
from functions.dialer.repair import Repair

logger = Logger(child=True)

_FETCHED = "leads:fetched"
_PAGE, _FIRST_PAGE = 50, 1000
_SERVED = ("placed", "refused_lead", "refused_permission")
_COUNTED_AS = {"placed": "called", "unknown": "called", "refused": "failed", "account refused": "held"}


@dataclass(frozen=True)
class Tools:
    """What a run works with; `lines` is the installation's number of lines for an agent who has set none.

    Where agents must be on the line, `line` is there: an agent has one call at a time, and `lines` says nothing.
    """

    leads: LeadTable
    agents: AgentTable
    queue: DialQueue
    push: Push
    repair: Repair
    dial: Dial
    pacer: Pacer | None
    hours: Hours
    timing: Timing
    lines: int
    line: AgentLine | None = None


class Run:
    """The work for one message; `deadline` is when this invocation ends, in seconds since the epoch."""

    def __init__(self, tools: Tools, message: RunMessage, deadline: float) -> None:
        self._tools, self._message, self._deadline = tools, message, deadline
        self._user = message.user_id
        self._fetched = message.cause == _FETCHED
        self.tally: Counter[str] = Counter()
        self.counted: Counter[str] = Counter()
        self._due: list[float] = []
        self._stop: Stop | None = None
        self._more = False
        self._busy = 0
        self._in_flight: set[str] = set()
        self._agent = Agent()
        self._account = Account()
        self._gate = AgentGate(tools.timing, agent_first=bool(tools.line))
        self._gates: dict[tuple[str, ...], Held | None] = {}

    def work(self) -> Stop | None:
        """Do what can be done now; why it stopped early, None if every line is busy or nothing waits."""
        self._agent = self._tools.agents.look(self._user)
        if self._message.cause in (HOURS, MENDED):
            self._unhold()
        in_flight, waiting = self._tools.leads.due(self._user, _FIRST_PAGE if self._fetched else _PAGE)
        self._settle_overdue(in_flight)
        if self._tools.line:
            self._agent = self._tools.line.tidy(self._user, self._agent, self._in_flight)
        self._account = self._tools.agents.account()
        self._stop = self._gate.stop(self._agent, self._account, now())
        self._fill_lines(waiting)
        self._give_back_the_probe()
        self._finish()
        return self._stop

    # -- 0. where what held leads is no longer so ----------------------------------------------------------------------

    def _unhold(self) -> None:
        """What is held longer than it need be is due at once, in its order. No run that knows less comes behind."""
        pages = self._tools.leads.waiting(self._user, _FIRST_PAGE)
        comes_back = self._refused if self._message.cause == MENDED else self._sooner
        rows = [row for page, _ in pages for row in page if row.get("held") and comes_back(row)]
        moment = now()
        for place, row in enumerate(rows):
            if now() > moment + self._tools.timing.repair:
                self._tools.queue.look_again(self._user, self._message.cause, self._message.correlation_id)
                return
            due_at, reason = moment - (len(rows) - place) / 1000, row["held"]["reason"]
            self._tell(self._tools.leads.unhold(self._user, row["lead_id"], row["due"], due_at, reason))

    def _refused(self, row: Item) -> bool:
        return str(row["held"]["reason"]).startswith(reasons.REFUSED)

    def _sooner(self, row: Item) -> bool:
        """By a minute at least: leads that are held together come back a moment after one another."""
        if row["held"]["reason"] not in (reasons.HOURS, reasons.ZONE, reasons.WINDOW):
            return False
        held = self._lead_gate(row)
        opens = now() if held is None else held.until
        return opens is not None and opens + MINUTE_S < Due.of(row).moment

    # -- 1. what became of the calls in flight -----------------------------------------------------------------------

    def _settle_overdue(self, rows: list[Item]) -> None:
        dues = {row["lead_id"]: Due.of(row) for row in rows}
        until = min(self._deadline, now() + self._tools.timing.repair)
        for overdue in self._tools.repair.overdue(rows, now()):
            if now() + self._tools.timing.post > until:
                break
            settled = self._tools.repair.settle(self._user, overdue["lead_id"])
            if settled.ours:
                self._tools.push.row(self._user, settled.row)  # asking Twilio takes its time: who is there by now?
            self.tally["settled"] += settled.ours
            self.counted.update(_found_unknown(settled))
            dues[overdue["lead_id"]] = Due.of(settled.row)
        self._in_flight = {lead for lead, due in dues.items() if due.kind == leads.BUSY}
        self._busy = len(self._in_flight)
        self._due += [due.moment for due in dues.values() if due.kind in (leads.BUSY, leads.LOST)]

    # -- 2. call what waits, while a line is free --------------------------------------------------------------------

    def _fill_lines(self, waiting: Iterator[Page]) -> None:
        for row in self._now(waiting):
            if self._tools.line and self._tools.line.may_ring(self._agent, self._stop):
                if held := self._lead_gate(row):
                    self._hold(row, held)
                    continue
                self._ring_the_agent(self._tools.line)
            if not self._stop and self._busy < self._lines() and not self._time_for_a_call():
                self._stop = Stop(reasons.TIME, now() + self._tools.timing.margin)
            if self._stop or self._busy >= self._lines():
                self._more = True
                return
            if held := self._lead_gate(row):
                self._hold(row, held)
            elif closed := self._wait_for_slot() or self._probe():
                self._stop, self._more = closed, True
            else:
                self._stop = self._account_for(self._dial(row)) or self._probed()

    def _ring_the_agent(self, line: AgentLine) -> None:
        """Somebody could be called if the agent were on the line: their phone is rung, at the account's rate."""
        if not self._time_for_a_call():
            self._stop = Stop(reasons.TIME, now() + self._tools.timing.margin)
        elif closed := self._wait_for_slot():
            self._stop = closed
        else:
            self._agent, self._stop = line.ring(self._user, self._agent)

    def _probe(self) -> Stop | None:
        """After a rest one call probes: the next of this run, unless another run has been first."""
        timing, account, moment = self._tools.timing, self._account, now()
        if not account.resume_at or self._gate.probing:
            return None
        until = parse(stamp(timing.ask_claimed(moment)))
        if not self._tools.agents.probe(account.resume_at, until):
            return Stop(account.reason or reasons.ACCOUNT, moment + timing.margin)
        self._gate = replace(self._gate, probing=until)
        return None

    def _probed(self) -> Stop | None:
        """Unless Twilio took or refused a number as usual, the rest goes on."""
        served = sum(self.counted[word] for word in _SERVED)
        probing = self._gate.probing
        return Stop(reasons.PROBE, probing) if probing and self.tally["tried"] and not served else None

    def _give_back_the_probe(self) -> None:
        """Nobody was left to call: the next run probes."""
        if self._gate.probing and not self.tally["tried"]:
            self._tools.agents.probe(self._gate.probing, now())

    def _lines(self) -> int:
        if self._tools.line:
            return sys.maxsize  # the reservation is the line
        return int(self._agent.profile.get("lines") or self._tools.lines)

    def _now(self, waiting: Iterator[Page]) -> Iterator[Item]:
        to_say = self._fetched
        for page, more in waiting:
            if to_say:
                self._say_started(page, more)
                to_say = False
            moment = stamp(now())
            for row in page:
                if Due.of(row).at > moment:
                    self._due.append(Due.of(row).moment)
                    return
                yield row

    def _say_started(self, page: list[Item], more: bool) -> None:
        """Before the first call: how many will be called, and how many are held, by reason."""
        moment = stamp(now())
        held = Counter(reason for reason in (self._reason(row, moment) for row in page) if reason)
        self.counted["waiting"] = len(page)
        data = {"pending": len(page) - held.total(), "held": dict(held), "more": more}
        self._tools.push.event(self._user, "autocall:started", data, self._agent.connections)

    def _reason(self, row: Item, moment: str) -> str | None:
        if Due.of(row).at > moment:
            return str((row.get("held") or {}).get("reason", reasons.LATER))
        held = self._stop or self._lead_gate(row)
        return held.reason if held else None

    def _lead_gate(self, row: Item) -> Held | None:
        zones = tuple(row.get("zones") or ())
        if zones not in self._gates:
            self._gates[zones] = lead_gate(zones, self._agent.profile.get("window"), self._tools.hours, now())
        return self._gates[zones]

    def _hold(self, row: Item, held: Held) -> None:
        until = held.until if held.until is not None else now() + self._tools.timing.long_backoff
        until += self.tally["held"] / 1000  # those held together come back in calling order
        written = self._tools.leads.hold(self._user, row["lead_id"], row["due"], held.reason, until, now())
        self._tell(written)
        self.tally["held"] += written.ours
        self._due.append(until)

    def _wait_for_slot(self) -> Stop | None:
        if self._tools.pacer is None:
            return None
        again_at = self._tools.pacer.wait_for_slot(self._account.next_slot)
        return Stop(reasons.RATE, again_at) if again_at else None

    def _dial(self, row: Item) -> Dialled:
        return self._tools.dial.lead(self._user, row["lead_id"], self._message.correlation_id, self._gate)

    def _account_for(self, dialled: Dialled) -> Stop | None:
        """Count the outcome, tell the page, and say whether the run goes on."""
        self.tally[_COUNTED_AS.get(dialled.outcome, dialled.outcome)] += 1
        self.tally["tried"] += dialled.outcome not in ("passed", "parked")
        self.counted["claimed"] += dialled.outcome not in ("passed", "parked")
        self.counted.update([dialled.answered] if dialled.answered else [])
        self._busy += dialled.outcome in ("placed", "unknown")
        self._due += [dialled.until] if dialled.until and dialled.until > now() else []
        if dialled.seen:
            self._agent, self._account = dialled.seen.agent, dialled.seen.account
        if dialled.written:
            self._tell(dialled.written)
            self._due += _asked_at(dialled.written.row)
        return dialled.stop

    def _time_for_a_call(self) -> bool:
        patience = self._tools.pacer.patience if self._tools.pacer else 0.0
        return now() + self._tools.timing.post + patience + self._tools.timing.spare < self._deadline

    # -- 3. what comes next --------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        progress = sum(self.tally[name] for name in ("called", "held", "failed", "parked", "settled"))
        if self._stop and self._stop.reason == reasons.TIME and progress and self._busy < self._lines():
            self._tools.queue.look_again(self._user, "continue", self._message.correlation_id)
        due = list(self._due)  # also what has come due meanwhile, or had no turn: forgotten here, nobody would ask
        if self._stop and self._stop.until and self._more:
            due.append(self._stop.until)
        data = {
            "called": self.tally["called"],
            "held": self.tally["held"],
            "failed": self.tally["failed"],
            "next_at": stamp(max(min(due), now())) if due else None,
            "at": stamp(now()),  # a page's clock may be wrong: it waits from one to the other
            "reason": self._stop.reason if self._stop else None,
        }
        self._tools.push.event(self._user, "autocall:finished", data, self._agent.connections)

    def _tell(self, written: Written) -> None:
        if written.ours:
            self._tools.push.row(self._user, written.row, self._agent.connections)


def _found_unknown(settled: Written) -> list[str]:
    """The word to count when asking Twilio has shown that an outcome is not known, or that only a person may know."""
    if not settled.ours or settled.row.get("call_status") != leads.UNKNOWN:
        return []
    return ["lost" if Due.of(settled.row).kind == leads.LOST else "unknown"]


def _asked_at(row: Item) -> list[float]:
    return [Due.of(row).moment] if leads.in_flight(row) else []
