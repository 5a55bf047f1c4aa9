"""What must happen in the end: no more faults, pages are open, time passes, and what may be called has been called."""

from typing import TYPE_CHECKING, Any

from autocall import leads, reasons
from autocall.timing import is_far, parse

if TYPE_CHECKING:
    from tests.faults.world import World

_TAB_IS_OLD_S = 7200 - 60
_PATIENCE_S = 120
_LONGEST_S = 20 * 86_400
_ROUNDS = 600
_PERSON_LOOKS_S = 1800
_NEVER = float("inf")


def come_to_rest(world: "World") -> None:
    """A page of every agent is open, and time passes as its clock and the calls want it, until nothing moves."""
    world.twilio.answer, world.twilio.unreachable, world.twilio.takes = "placed", False, 0
    world.once_claimed = None
    for user in world.users:
        world.comes_back(user)
        world.ask("resume", user=user)
    world.sockets.open.clear()
    pages, limit = [Page(world, user) for user in world.users], world.now + _LONGEST_S
    for _ in range(_ROUNDS):
        for page in pages:
            page.renew()
        for row in _to_confirm(world):
            world.ask("confirm", row["phone"])
        _settle(world)
        if _all_rest(world):
            break
        again = world.now + _PERSON_LOOKS_S if _to_confirm(world) else _NEVER
        moment = min([world.messages.next_visible(), again, *(page.asks_at for page in pages)])
        assert moment < limit, f"it never rests: {_short(world)}"
        world.now = max(world.now + 0.001, moment)
        for page in pages:
            page.goes_on()
    assert _all_rest(world), f"it never rests: {_short(world)}"
    _check(world)


class Page:
    """An open page: it pings, asks again when it was told to, and changes its socket before two hours are over."""

    def __init__(self, world: "World", user: str) -> None:
        self._world, self._user, self._written_up = world, user, ""
        self._open()

    def _open(self) -> None:
        self.tab = self._world.open_tab(user=self._user)
        self._has_asked()

    def _has_asked(self, patience: float = _PATIENCE_S) -> None:
        self._asked_at, self._patience, self._heard = self._world.now, patience, len(self._finished)

    def _told(self, event: str) -> list[dict[str, Any]]:
        return [frame["data"] for frame in self._world.sockets.frames[self.tab] if frame["event"] == event]

    @property
    def _finished(self) -> list[dict[str, Any]]:
        return self._told("autocall:finished")

    @property
    def _wrap_up_until(self) -> str:
        """When the wrap-up ends that the page was told of last; "" if it has asked at its end, or there is none."""
        session = self._told("agent:session")[-1:]
        until = str(((session[0] if session else {}).get("wrap_up") or {}).get("until") or "")
        return "" if until == self._written_up else until

    @property
    def old(self) -> bool:
        return self._world.now - self._world.sockets.open[self.tab] > _TAB_IS_OLD_S

    def renew(self) -> None:
        if self.old:
            self._open()

    @property
    def asks_at(self) -> float:
        """`leads:fetched` again at `next_at`; two minutes later if no run has ended since, then more rarely.

        When a wrap-up ends it asks too.
        """
        until = self._wrap_up_until
        return min(self._asks_for_leads_at, parse(until) if until else _NEVER)

    @property
    def _asks_for_leads_at(self) -> float:
        finished = self._finished[self._heard :]
        if not finished:
            return self._asked_at + self._patience
        next_at = finished[-1]["next_at"]
        return max(parse(next_at), self._asked_at + 1) if next_at else _NEVER

    def goes_on(self) -> None:
        if self.old:
            return
        if self._world.now < self.asks_at:
            self._world.frame(self.tab, "ping")
            return
        heard = len(self._finished) > self._heard
        until = self._wrap_up_until
        self._written_up = until if until and parse(until) <= self._world.now else self._written_up
        self._has_asked(_PATIENCE_S if heard else min(2 * self._patience, 8 * _PATIENCE_S))
        self._world.frame(self.tab, "leads:fetched")


def _to_confirm(world: "World") -> list[dict[str, Any]]:
    """The leads whose calls a person must start, and may."""
    rows = [row for row in world.rows() if (row.get("held") or {}).get("reason") == reasons.CONFIRM]
    return [row for row in rows if not _rests(world, row)]


def _settle(world: "World") -> None:
    """All that can happen at this moment: runs, calls that end, callbacks that arrive."""
    for _ in range(200):
        moves = False
        while world.run():
            moves = True
            world.check()
        for call in world.twilio.calls:
            world.twilio.becomes(call, "completed")
        for report in list(world.twilio.callbacks):
            moves = True
            world.callback(report)
        if not moves:
            return
    raise AssertionError("it never comes to rest within one moment")


def _all_rest(world: "World") -> bool:
    return not world.messages.messages and all(_rests(world, row) for row in world.rows())


def _rests(world: "World", row: dict[str, Any]) -> bool:
    """Whether only a person can change anything about the row."""
    if not row.get("call_status") or row.get("deleted_at") or row["call_status"] in leads.FINAL:
        return not leads.is_in_flight(row)
    if row["call_status"] == leads.PENDING:
        parked = "due" not in row or is_far(leads.Due.of(row).at)
        return (bool(row.get("dnc")) and parked) or _held_for_all(world, row)
    return leads.can_release(row) and not world.twilio.made_for(row)


def _held_for_all(world: "World", row: dict[str, Any]) -> bool:
    return (row.get("held") or {}).get("reason") == "dnc" and world.forbidden_for_all(row["phone"])


def _check(world: "World") -> None:
    from tests.faults.world import PHONES

    for phone in PHONES:
        row, made = world.row(phone), world.twilio.made(phone)
        assert made <= world.may_be_called(phone)
        of_this, told = world.twilio.made_for(row), row.get("call_status")
        match told:
            case None:
                assert made == 0, "called, and not even a lead"
            case leads.PENDING:
                forbidden = row.get("dnc") or world.forbidden_for_all(phone)
                assert forbidden or row.get("deleted_at"), f"forgotten: {_words(row)}"
            case leads.UNKNOWN:
                assert of_this == 0 or row.get("deleted_at"), (
                    f"Twilio knows the call, and was not believed: {_words(row)}"
                )
            case "failed" if of_this == 0:
                assert phone in world.twilio.refused, f"failed without a reason: {_words(row)}"
            case _ if row.get("reason") == reasons.BY_PERSON:
                pass  # a person's word, which may be wrong; at most one call all the same
            case _:
                assert of_this == 1, f"it says it was called: {_words(row)}"


def _short(world: "World") -> str:
    rows = "; ".join(_words(row) for row in world.rows() if not _rests(world, row))
    return f"{rows or 'rows rest'}; {len(world.messages.messages)} runs queued, {len(world.messages.dead)} dead"


def _words(row: dict[str, Any]) -> str:
    return f"{row.get('call_status')} due {row.get('due')} held {(row.get('held') or {}).get('reason')}"
