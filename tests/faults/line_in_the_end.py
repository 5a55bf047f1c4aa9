"""What must happen in the end where agents are on the line: faults are over, a page is open, and keeps its line."""

from typing import TYPE_CHECKING, Any

from autocall.leads import FINAL, PENDING, Due
from autocall.session import BROWSER, LIVE
from tests.faults.in_the_end import Page
from tests.faults.world import TIMES, USER

if TYPE_CHECKING:
    from tests.faults.line_world import LineWorld

LONGEST_IDLE_S, _STEP_S = 120, 15
_LONGEST_KEPT_S = 400
"""Without a report of the end a conversation is asked about after five minutes."""


def come_to_rest(world: "LineWorld") -> None:
    """Faults are over, a page is open, an agent is on the line: everybody who may be called is called."""
    world.twilio.answer, world.once_claimed = "placed", None
    for tab in list(world.sockets.open):
        world.close_tab(tab, told=True)
    with world.unseen():
        paused = world.agents.get_agent(USER).paused
    if paused:
        world.ask("resume")
    page, idle_since, talks_since = Page(world, USER), world.now, world.now
    for _ in range(1600):
        _page_keeps_its_line(world, page)
        _settle(world)
        _says_that_a_wrap_up_is_over(world)
        if not world.messages.messages and all(_rests(world, row) for row in world.rows()):
            break
        idle_since = idle_since if _idles(world) else world.now
        assert world.now - idle_since <= LONGEST_IDLE_S, "a lead waits for an agent who has nothing to do"
        talks_since = talks_since if _is_kept_for_nobody(world) else world.now
        assert world.now - talks_since <= _LONGEST_KEPT_S, "an agent is kept for a call that is over"
        world.passes(_STEP_S)
        if page.old:
            world.renews(page.tab)
            page.tab = next(iter(world.sockets.open))
        page.goes_on()
    else:
        raise AssertionError(f"it never rests: {[(r['call_status'], r.get('held')) for r in world.rows()]}")
    _settle(world)
    world.check()
    world.check_in_the_end()
    assert not world.sessions.get(USER).is_engaged(world.now + 4000)


def _idles(world: "LineWorld") -> bool:
    """Whether the agent is on the line and free, and somebody could be called."""
    with world.unseen():
        agent, account = world.agents.get_agent(USER), world.installation.get_installation()
    free = agent.session.not_ready(True, world.now, TIMES) is None
    waits = any(
        row["call_status"] == PENDING and "due" in row and Due.of(row).moment <= world.now for row in world.rows()
    )
    return free and waits and not (account.resume_at and account.resume_at > world.now)


def _is_kept_for_nobody(world: "LineWorld") -> bool:
    """Whether the agent is kept for a call though every call is over."""
    with world.unseen():
        engaged = world.sessions.get(USER).is_engaged(world.now)
    return engaged and all(call.ended for call in (*world.twilio.calls, *world.twilio.back))


def _page_keeps_its_line(world: "LineWorld", page: Page) -> None:
    """A page whose call is not the session's, as `GET /api/phone` says, hangs up and opens another."""
    for leg in world.legs:
        world.picks_up(leg, presses=True)
    with world.unseen():
        session = world.sessions.get(USER)
    held = [leg for leg in world.legs if leg.alive and leg.silent_since is None and leg.sid == session.call_sid]
    if session.phase == LIVE and held and (held[0].tab in ("", page.tab)):
        return
    for leg in world.legs:
        world.leg_ends(leg)
    if world.via == BROWSER:
        world.opens(page.tab)
    else:
        world.asks_for_their_phone()
        _page_keeps_its_line(world, page)


def _says_that_a_wrap_up_is_over(world: "LineWorld") -> None:
    """Where it lasts until the agent says so, they do."""
    with world.unseen():
        session = world.sessions.get(USER)
    if session.is_wrapping(world.now) and "wrap_until" not in session.item:
        world.says("agent:ready", str(session.item["wrap_attempt"]))


def _settle(world: "LineWorld") -> None:
    for _ in range(60):
        world.alone_for_two_seconds()
        while world.words:
            world.hears_a_word(0, "")
        for call in [call for call in world.twilio.calls if not call.ended]:
            world.answers(call)
            world.alone_for_two_seconds()
            world.hangs_up(call)
        for call in world.twilio.back:
            world.hangs_up(call)
        for report in list(world.twilio.callbacks):
            world.callback(report)
        while world.run():
            world.check()
        if not (world.words or world.twilio.callbacks or [c for c in world.twilio.calls if not c.ended]):
            return


def _rests(world: "LineWorld", row: dict[str, Any]) -> bool:
    status = row.get("call_status")
    parked = status == PENDING and bool(row.get("dnc")) and "due" not in row
    return status in FINAL or parked or (status == "unknown" and not world.twilio.made_for(row))
