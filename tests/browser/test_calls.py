"""Calls happen by themselves, and the page shows them as they are."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.screen import Screen
from tests.e2e.agents import Person, Twilio

SAMPLES = Path(__file__).parents[2] / "samples" / "leads.csv"


def test_after_the_login_every_sample_lead_is_called_once_and_shown_to_its_end(
    screen: Screen, agent: Person, twilio: Twilio
) -> None:
    """Nothing is pressed but the login: each row ends in a final status, and each number was dialled once."""
    agent.api("PUT", "/api/settings", json={"lines": 20})
    told = agent.api("POST", "/api/leads", data=SAMPLES.read_bytes(), headers={"content-type": "text/csv"}).json()
    assert told["created"] >= 30, told
    leads = agent.leads()
    phones = [lead["phone"] for lead in leads]
    before = twilio.dialled(*phones)

    screen.enter(agent)
    screen.page.set_viewport_size({"width": 1280, "height": 2400})  # all rows are in sight
    expect(screen.rows).to_have_count(len(leads))
    screen.ended(*[lead["lead_id"] for lead in leads])

    expect(screen.run).to_contain_text("Nothing is waiting")
    assert [after - was for after, was in zip(twilio.dialled(*phones), before, strict=True)] == [1] * len(leads)
