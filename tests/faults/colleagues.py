"""Two agents who have imported the same numbers: if one calls a number, the other does not; none is forgotten."""

import random
from collections.abc import Sequence
from typing import Any

from autocall import leads, reasons
from autocall.called import Called
from autocall.dynamo import from_dynamo
from autocall.timing import DAY_S
from tests.faults.effects import AWS_FAULTS, KILLS, MEANWHILE, Fault
from tests.faults.in_the_end import Page
from tests.faults.model_twilio import ANSWERS, TAKEN
from tests.faults.tables import AGENTS, LEADS
from tests.faults.world import PHONES, USERS, World, in_order

NUMBERS = PHONES[:3]
_LONGEST_S = 25 * DAY_S  # less than the days after which a colleague may call
_PERSON_LOOKS_S = 1800
_STEPS = 30


class Colleagues(World):
    """Every number is a lead of both; what happens to a lead happens to one agent's."""

    def __init__(self, **choices: Any) -> None:
        self.acting = USERS[0]
        self._asked: list[tuple[str, leads.Attempt]] = []
        super().__init__(users=USERS, **choices)

    def owner(self, _phone: str) -> str:
        return self.acting

    def of(self, user: str) -> "Colleagues":
        self.acting = user
        return self

    def noted(self, phone: str) -> Called:
        item = self.tables.items[AGENTS].get((f"called#{leads.number_hash(phone)}", "called"))
        return Called.of(from_dynamo(item), self.now)

    def _watch(self, table: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        if table == LEADS:
            self.acting = after["user_id"]["S"]
        super()._watch(table, before, after)

    def _watch_post(self, phone: str, lead: str) -> None:
        self.acting = next(user for user in USERS if leads.lead_id(user, phone) == lead)
        super()._watch_post(phone, lead)
        assert self.noted(phone).lead == lead, "a call that was not noted before it was asked for"
        for number, attempt in self._asked:
            assert number != phone or attempt.user == self.acting or not self._in_doubt(attempt), (
                f"{phone} was asked for, and a colleague's call may have been made"
            )
        with self.unseen():
            self._asked.append((phone, leads.Attempt.of(self.leads.get(leads.LeadKey(self.acting, lead)))))

    def _in_doubt(self, attempt: leads.Attempt) -> bool:
        """Whether nobody has said yet what became of an attempt that was asked for."""
        with self.unseen():
            row = self.leads.get(attempt.key)
        return row.get("attempt_id") == attempt.id and row.get("call_status") in (leads.CLAIMED, leads.UNKNOWN)

    def check(self) -> None:
        for phone in PHONES:
            assert self.twilio.made(phone) <= 1, f"{phone} was called {self.twilio.made(phone)} times"

    def rows_of(self, phone: str) -> list[dict[str, Any]]:
        with self.unseen():
            return [self.leads.get(leads.LeadKey(user, leads.lead_id(user, phone))) for user in USERS]

    # -- in the end ----------------------------------------------------------------------------------------------------

    def rest(self) -> None:
        """Faults are over, both have a page open, and persons decide what only they can: every number is called."""
        self.twilio.answer, self.twilio.unreachable, self.twilio.takes, self.twilio.silent = TAKEN, False, 0, False
        self.once_claimed = None
        self.twilio.lists_late(0)
        for user in USERS:
            self.ask("resume", user=user)
        self.sockets.open.clear()
        pages, limit = [Page(self, user) for user in USERS], self.now + _LONGEST_S
        persons_look = self.now + _PERSON_LOOKS_S
        while not (all(self._is_done(phone) for phone in NUMBERS) and not self.messages.messages):
            self._settle()
            moment = min([persons_look, self.messages.next_visible(), *(page.asks_at for page in pages)])
            self.now = max(self.now + 0.001, moment)
            assert self.now < limit, f"it never rests: {[self._words(phone) for phone in NUMBERS]}"
            if self.now >= persons_look:
                persons_look = self.now + _PERSON_LOOKS_S
                self._persons_release()
            for page in pages:
                page.renew()
                page.goes_on()
        self._settle()
        for phone in NUMBERS:
            self._check_number(phone)

    def _settle(self) -> None:
        for _ in range(100):
            while self.run():
                self.check()
            for call in self.twilio.calls:
                self.twilio.becomes(call, "completed")
            for report in list(self.twilio.callbacks):
                self.callback(report)
            if not self.twilio.callbacks and self.messages.next_visible() > self.now:
                return
        raise AssertionError("it never comes to rest within one moment")

    def _persons_release(self) -> None:
        """Each agent puts back what is unknown, if Twilio, which hides nothing any more, knows of no call."""
        for user in USERS:
            for phone in NUMBERS:
                row = self.of(user).row(phone)
                if leads.can_release(row):
                    self.release(phone)

    def _is_done(self, phone: str) -> bool:
        """Whether nothing moves any more; what its agent deleted before anybody knew of its call is never known."""
        rows = self.rows_of(phone)
        gone = any(row.get("call_status") == leads.UNKNOWN and row.get("deleted_at") for row in rows)
        return all(self._rests(row, later=not gone) for row in rows)

    def _rests(self, row: dict[str, Any], *, later: bool) -> bool:
        """Whether a lead has ended, or waits for a person, or until another agent may call: *later* than a day."""
        if not leads.is_lead(row) or row["call_status"] in leads.FINAL:
            return True
        held = (row.get("held") or {}).get("reason")
        if row["call_status"] != leads.PENDING or row.get("dnc"):
            return row["call_status"] == leads.PENDING
        return bool(held == reasons.COLLEAGUE) and (not later or leads.Due.of(row).moment > self.now + 2 * DAY_S)

    def _check_number(self, phone: str) -> None:
        rows, made = self.rows_of(phone), self.twilio.made(phone)
        if any(row.get("call_status") == leads.UNKNOWN for row in rows):
            return  # deleted by its agent before anybody knew: in doubt nobody is called
        held = [row for row in rows if (row.get("held") or {}).get("reason") == reasons.COLLEAGUE]
        assert not held or made == 1, f"blocked by a call that nobody made: {self._words(phone)}"
        may_be = [row for row in rows if leads.is_lead(row) and not row.get("dnc") and row["call_status"] != "failed"]
        assert made == 1 or not may_be, f"forgotten: {self._words(phone)}"
        assert made == 1 or not self.noted(phone).attempt or not held, "noted, and never called"

    def _words(self, phone: str) -> str:
        rows = [f"{row.get('call_status')} {row.get('held')} {row.get('due')}" for row in self.rows_of(phone)]
        return f"{phone}: {'; '.join(rows)}; {self.twilio.made(phone)} calls; {self.noted(phone)}"


class History:
    """One history by its seed."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.world = Colleagues(lines=self.draw.choice((1, 2)))
        self.script: list[str] = []

    def play(self) -> Colleagues:
        with in_order(self.world) as world:
            for user in USERS:
                world.of(user).imports(*NUMBERS)
                world.open_tab(user=user)
            for _ in range(_STEPS):
                name = self.draw.choice(_WEIGHTED)
                self.script.append(name)
                getattr(self, name)(self.fault())
                world.check()
            world.rest()
        return self.world

    def fault(self) -> Fault | None:
        kind = self.draw.choice(("",) * 6 + KILLS + AWS_FAULTS + (MEANWHILE,) * 3)
        if not kind:
            return None
        inner = self.draw.choice(("run", "run", "callback", "release", "twilio_answers"))
        meanwhile = (lambda: getattr(self, inner)(None)) if kind == MEANWHILE else None
        self.script.append(f"[{kind} {inner if meanwhile else ''}]")
        return Fault(kind, self.draw.randrange(14), meanwhile)

    def one(self, options: Sequence[Any]) -> Any:
        return self.draw.choice(options) if options else None

    # -- what happens --------------------------------------------------------------------------------------------------

    def run(self, fault: Fault | None) -> None:
        self.world.run(fault)

    def fetched(self, fault: Fault | None) -> None:
        if tab := self.one(list(self.world.sockets.open)):
            self.world.frame(tab, "leads:fetched", fault)

    def twilio_answers(self, _fault: Fault | None) -> None:
        self.world.twilio.answer = self.one((TAKEN, TAKEN, *ANSWERS))

    def call_becomes(self, _fault: Fault | None) -> None:
        if call := self.one([call for call in self.world.twilio.calls if not call.ended]):
            self.world.twilio.becomes(call, self.one((*leads.LIVE[1:], *leads.FINAL)))

    def callback(self, fault: Fault | None) -> None:
        if report := self.one(self.world.twilio.callbacks):
            self.world.callback(report, fault)

    def release(self, fault: Fault | None) -> None:
        user, phone = self.one(USERS), self.one(NUMBERS)
        if not self.world.of(user).hidden(phone):
            self.world.of(user).release(phone, fault)

    def _of_a_lead(self, what: str, fault: Fault | None) -> None:
        self.world.ask(what, self.one(NUMBERS), fault=fault, user=self.one(USERS))

    def forbid(self, fault: Fault | None) -> None:
        self._of_a_lead("forbid", fault)

    def allow(self, fault: Fault | None) -> None:
        self._of_a_lead("allow", fault)

    def delete(self, fault: Fault | None) -> None:
        self._of_a_lead("delete", fault)

    def pause(self, fault: Fault | None) -> None:
        self.world.ask("pause", fault=fault, user=self.one(USERS))

    def resume(self, fault: Fault | None) -> None:
        self.world.ask("resume", fault=fault, user=self.one(USERS))

    def lists(self, _fault: Fault | None) -> None:
        self.world.twilio.lists_after = self.one((0, 20, 600))

    def wait(self, _fault: Fault | None) -> None:
        self.world.wait(self.one((0.5, 5, 31, 61, 130, 600, 1000, 4000, 90_000)))

    def time_passes(self, _fault: Fault | None) -> None:
        self.world.live_on(self.one((200, 1500, 6000)))


_HAPPENS = {
    "run": 12,
    "fetched": 8,
    "twilio_answers": 5,
    "call_becomes": 4,
    "callback": 6,
    "release": 4,
    "wait": 5,
    "forbid": 1,
    "allow": 1,
    "delete": 1,
    "pause": 1,
    "resume": 2,
    "lists": 1,
    "time_passes": 3,
}
_WEIGHTED = [name for name, weight in _HAPPENS.items() for _ in range(weight)]
