"""A connection may break; the page says so, comes back, and shows what happened meanwhile."""

from playwright.sync_api import BrowserContext, Route, expect

from tests.browser import server
from tests.browser.screen import LONG, Screen
from tests.e2e.agents import ASKS_EVERY_S, PASSWORD, Numbers, Person, Twilio, eventually


def test_a_connection_that_the_server_ends_comes_back_with_what_happened_meanwhile(
    screen: Screen, agent: Person, twilio: Twilio
) -> None:
    """A call goes on while the page is cut off, a lead is added, and both are shown to their end."""
    phones = Numbers.take(2)
    twilio.script(phones[0], outcome="completed", ring_s=1, talk_s=LONG)
    (first,) = agent.imports(phones[0])
    screen.enter(agent)
    screen.status(first, "in-progress")
    screen.page.evaluate("() => { window.seen = []; window.__socket.on('state', (state) => window.seen.push(state)) }")

    server.cut(agent)
    server.hang_up(agent.outputs, phones[0])
    (second,) = agent.imports(phones[1])

    expect(screen.row(second)).to_be_visible()
    screen.live().ended(first, second)
    assert screen.page.evaluate("window.seen") == ["reconnecting", "live"]
    assert twilio.dialled(*phones) == [1, 1]


def test_offline_is_said_and_back_online_shows_what_happened_meanwhile(
    screen: Screen, context: BrowserContext, agent: Person, twilio: Twilio
) -> None:
    """What is shown may be old, says the page; back online it is true at once."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, outcome="completed", ring_s=1, talk_s=LONG)
    (lead,) = agent.imports(phone)
    screen.enter(agent)
    screen.status(lead, "in-progress")

    context.set_offline(True)
    expect(screen.state).to_contain_text("Offline")
    expect(screen.state).to_contain_text("What you see may be old.")
    expect(screen.state).to_contain_text("new ones may start for about three minutes more")
    server.hang_up(agent.outputs, phone)
    eventually(agent.all_ended)
    expect(screen.row(lead)).to_have_attribute("data-status", "in-progress")

    context.set_offline(False)
    screen.live().status(lead, "completed")
    assert twilio.dialled(phone) == [1]


def test_a_reload_in_the_middle_of_a_call_shows_the_call_and_calls_nobody_again(
    screen: Screen, agent: Person, twilio: Twilio
) -> None:
    """The list is there again with the call that goes on, and then with its end."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, outcome="completed", ring_s=1, talk_s=LONG)
    (lead,) = agent.imports(phone)
    screen.enter(agent)
    screen.status(lead, "in-progress")

    screen.page.reload()

    screen.live().status(lead, "in-progress")
    server.hang_up(agent.outputs, phone)
    screen.status(lead, "completed")
    assert twilio.dialled(phone) == [1]


def test_events_of_an_unknown_kind_and_frames_that_cannot_be_read_harm_nothing(screen: Screen, agent: Person) -> None:
    """A newer server may say more than this page knows: the page says that, once, and goes on."""
    screen.enter(agent)
    agent.api("POST", "/api/autocall/pause")
    expect(screen.run).to_contain_text("Paused")
    for text in ({"event": "lead:danced", "data": {"lead_id": "x"}}, '{"event": 7}', "no JSON", "[]", "null"):
        server.say(agent, text)
    server.say(agent, {"event": "call:status_updated", "data": {"lead_id": "of-nobody", "version": 1}})
    server.say(agent, {"event": "call:completed", "data": None})
    expect(screen.page.get_by_role("alert")).to_contain_text("It may be out of date: please reload it.")

    agent.api("POST", "/api/autocall/resume")
    expect(screen.run).not_to_contain_text("Paused")
    expect(screen.state).to_have_text("Live")


def test_leads_that_come_and_go_elsewhere_show_with_the_next_run(screen: Screen, agent: Person) -> None:
    """A run begins with a count of what waits; a page that shows another loads its list."""
    agent.api("POST", "/api/autocall/pause")
    (stays,) = agent.imports(*Numbers.take(1))
    screen.enter(agent)
    expect(screen.row(stays)).to_be_visible()

    (comes,) = agent.imports(*Numbers.take(1))
    _ask(screen)
    expect(screen.row(comes)).to_be_visible()

    agent.api("DELETE", f"/api/leads/{stays}")
    _ask(screen)
    expect(screen.row(stays)).not_to_be_visible()
    expect(screen.row(comes)).to_be_visible()


def _ask(screen: Screen) -> None:
    """Ask for a run, as late after the last time as a page must be."""
    screen.page.wait_for_timeout(ASKS_EVERY_S * 1000)
    screen.page.evaluate("window.__socket.emit('leads:fetched')")


def test_a_live_connection_that_no_browser_would_open_is_said_and_the_list_is_there(
    screen: Screen, agent: Person
) -> None:
    """Whoever installed the page gets a sentence; whoever uses it sees the leads."""
    agent.api("POST", "/api/autocall/pause")
    (lead,) = agent.imports(*Numbers.take(1))

    def misconfigured(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "websocket_url": "live.example.com"})

    screen.page.route("**/config.json", misconfigured)
    screen.open().log_in(agent.username, PASSWORD)
    expect(screen.state).to_contain_text("Not connected")
    expect(screen.state).to_contain_text("config.json")
    expect(screen.row(lead)).to_be_visible()


def test_an_error_of_the_server_is_said_in_its_words(screen: Screen, agent: Person) -> None:
    """What went wrong with a frame is shown to the person."""
    screen.enter(agent)
    server.say(agent, {"event": "error", "data": {"code": "slow_down", "message": "Please wait a moment."}})
    expect(screen.page.get_by_role("alert")).to_contain_text("Please wait a moment.")
