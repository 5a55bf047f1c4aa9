"""A morning of an agent at the call card: answer, talk, write up, call back; offline, after a reload, in two tabs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import BrowserContext, Locator, expect

from local.twilio_simulator.client import Witness
from tests.browser import on_the_line as line_of_agent
from tests.browser.on_the_line import checked, on_the_line
from tests.browser.screen import Screen
from tests.e2e.agents import LASTS, Numbers, Person, Twilio, eventually

twilio, witness, agent = line_of_agent.twilio, line_of_agent.witness, line_of_agent.agent
context, tab = line_of_agent.context, line_of_agent.tab

NEW_YORK = ZoneInfo("America/New_York")


def card(screen: Screen, kind: str) -> Locator:
    """The call card, once it is about a call of this kind."""
    found = screen.page.get_by_test_id("call-card")
    expect(found).to_have_attribute("data-kind", kind)
    return found


def note(screen: Screen) -> Locator:
    return screen.page.get_by_test_id("call-card").get_by_label("Your note")


def ready_at_a_word(agent: Person) -> None:
    agent.api("PUT", "/api/settings", json={"wrap_up_s": "ready"})


def calls(agent: Person, twilio: Twilio, name: str, **happens: str) -> tuple[str, str]:
    """Somebody is imported whose call lasts until a person hangs up; their lead, and their number."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, **LASTS | happens)
    about = {"name": name, "timezone": "America/New_York", "note": "asked for a call", "Company": "Larsson Textiles"}
    (lead,) = agent.imports(phone, **about)
    return lead, phone


def test_somebody_is_talked_to_called_back_when_they_said_and_then_never_again(
    tab: Callable[[], Screen], agent: Person, twilio: Twilio, witness: Witness
) -> None:
    """All by keys: O, O, H, 3, Enter, H, 0, Enter."""
    ready_at_a_word(agent)
    screen = on_the_line(tab().enter(agent))
    keys = screen.page.keyboard
    lead, phone = calls(agent, twilio, "Aiko Larsson")
    talks = card(screen, "talking")
    for known in ("Aiko Larsson", "Larsson Textiles", "asked for a call", "New York"):
        expect(talks).to_contain_text(known)
    expect(screen.page).to_have_title("● Aiko Larsson · autocall")
    expect(screen.page.get_by_test_id("announced")).to_have_text(
        "Connected: Aiko Larsson, Larsson Textiles. Note: asked for a call"
    )
    checked(screen.page)
    note(screen).fill("wants offer for 40 seats")
    eventually(lambda: (agent.lead(lead)["agent_note"] or {}).get("text") == "wants offer for 40 seats")
    keys.press("Escape")
    keys.press("o")
    phase = talks.locator(".card-phase")
    expect(phase).to_contain_text("On hold")
    leg = witness.leg(phone)
    assert (leg["mixes"][-1]["to_s"] is not None, leg["sentences"][-1]["kind"]) == (True, "music")
    keys.press("o")
    expect(phase).to_contain_text("Connected")
    assert witness.leg(phone)["mixes"][-1]["to_s"] is None
    keys.press("h")

    wrap_up = card(screen, "wrap_up")
    checked(screen.page)
    keys.press("3")
    checked(screen.page)
    soon = (datetime.now(NEW_YORK) + timedelta(seconds=6)).replace(microsecond=0)
    wrap_up.get_by_label("Their time").fill(f"{soon:%Y-%m-%dT%H:%M:%S}")
    wrap_up.get_by_role("radio", name="Call back").press("Enter")

    again = card(screen, "talking")
    assert datetime.now(UTC) >= soon
    expect(again).to_contain_text("call 2")
    expect(note(screen)).to_have_value("wants offer for 40 seats")
    assert twilio.dialled(phone) == [2]
    keys.press("h")
    card(screen, "wrap_up")
    keys.press("0")
    keys.press("Enter")
    on_the_line(screen)
    ended = agent.lead(lead)
    assert (ended["outcome"]["code"], ended["do_not_call"], ended["calls"]) == ("do_not_call", True, 2)
    assert witness.errors() == []


def test_a_wrap_up_is_kept_offline_over_a_reload_and_the_same_in_two_tabs(
    tab: Callable[[], Screen], context: BrowserContext, agent: Person, twilio: Twilio
) -> None:
    ready_at_a_word(agent)
    screen = on_the_line(tab().enter(agent))
    lead, _ = calls(agent, twilio, "Mateo Larsson")
    card(screen, "talking")
    screen.page.keyboard.press("h")
    card(screen, "wrap_up")

    context.set_offline(True)
    note(screen).fill("typed offline")
    expect(card(screen, "wrap_up")).to_contain_text("Kept in this browser")
    screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("2")
    context.set_offline(False)
    eventually(lambda: (agent.lead(lead)["agent_note"] or {}).get("text") == "typed offline")

    screen.page.reload()
    screen.live()
    wrap_up = card(screen, "wrap_up")
    expect(wrap_up.get_by_role("radio", name="Interested", exact=True)).to_be_checked()
    expect(note(screen)).to_have_value("typed offline")

    seen = agent.lead(lead)["agent_note"]["version"]
    agent.api("PUT", f"/api/leads/{lead}/note", json={"text": "from another device", "seen": seen})
    expect(note(screen)).to_have_value("from another device")

    other = tab().open().live()
    theirs = card(other, "wrap_up")
    expect(theirs.get_by_role("radio", name="Interested", exact=True)).to_be_checked()
    note(other).fill("from the other tab")
    expect(note(screen)).to_have_value("from the other tab")
    theirs.get_by_role("radio", name="Meeting").click()
    expect(wrap_up.get_by_role("radio", name="Meeting")).to_be_checked()
    theirs.get_by_role("button", name="Save and go on").click()
    for each in (wrap_up, theirs):
        expect(each).to_have_count(0)
    ended = agent.lead(lead)
    assert (ended["outcome"]["code"], ended["agent_note"]["text"]) == ("meeting", "from the other tab")


def test_a_mailbox_keeps_the_message_and_the_wrong_person_is_never_called_again(
    tab: Callable[[], Screen], agent: Person, twilio: Twilio, witness: Witness
) -> None:
    """The message takes its time; the agent talks with the next one meanwhile."""
    ready_at_a_word(agent)
    screen = on_the_line(tab().enter(agent))
    keys = screen.page.keyboard
    mailbox, its_phone = calls(agent, twilio, "Lukas Thompson", outcome="machine")
    expect(card(screen, "talking")).to_contain_text("Lukas Thompson")
    wrong, their_phone = calls(agent, twilio, "Ling Rojas")
    keys.press("v")

    talks = screen.page.get_by_test_id("call-card").filter(has_text="Ling Rojas")
    expect(talks).to_have_attribute("data-kind", "talking")
    assert agent.lead(mailbox)["outcome"]["code"] == "voicemail"
    eventually(lambda: any("We have tried to reach you" in said for said in witness.sentences(its_phone)))
    talks.get_by_role("button", name="Do not call").click()
    keys.press("h")
    card(screen, "wrap_up")
    keys.press("5")
    keys.press("Enter")
    on_the_line(screen)
    ended = agent.lead(wrong)
    assert (ended["outcome"]["code"], ended["do_not_call"]) == ("wrong_person", True)
    refused = agent.api("POST", f"/api/leads/{wrong}/again", json={"attempt_id": ended["attempt_id"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "do_not_call")
    assert twilio.dialled(its_phone, their_phone) == [1, 1]
    assert witness.leads_together() == []


def test_what_nobody_answered_is_not_written_up_and_is_called_again_by_a_persons_word(
    tab: Callable[[], Screen], agent: Person, twilio: Twilio
) -> None:
    screen = on_the_line(tab().enter(agent))
    (phone,) = Numbers.take(1)
    twilio.script(phone, outcome="busy", ring_s=0)
    (lead,) = agent.imports(phone, name="Busy Bee")
    screen.status(lead, "busy")
    on_the_line(screen)
    expect(screen.page.get_by_test_id("call-card")).to_have_count(0)
    screen.inspect(lead)
    screen.panel.get_by_role("button", name="Call again").click()
    screen.panel.get_by_label("Why").fill("it was busy")
    screen.panel.get_by_role("button", name="Call now").click()
    eventually(lambda: twilio.dialled(phone) == [2])
    assert "again" in [entry["event"] for entry in agent.lead(lead)["history"]]
