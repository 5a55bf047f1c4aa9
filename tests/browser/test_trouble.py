"""A server in trouble: a sentence that a person understands, nothing lost, no blank page."""

from playwright.sync_api import Route, expect

from tests.browser.screen import Screen
from tests.e2e.agents import Numbers, Person

SENTENCE = "The server had a problem. Nothing is lost; please try again in a moment."


def fail(route: Route) -> None:
    """Answer as a server does that has fallen over."""
    headers = {"access-control-allow-origin": "*"}
    route.fulfill(status=500, headers=headers, json={"message": "Internal Server Error"})


def test_a_list_that_cannot_be_loaded_is_said_and_tried_until_it_can(screen: Screen, agent: Person) -> None:
    """The page goes on by itself when the server does."""
    agent.api("POST", "/api/autocall/pause")
    (lead,) = agent.imports(*Numbers.take(1))
    screen.page.route("**/api/leads?*", fail)
    screen.open().log_in(agent.username, "Correct-horse-1")
    expect(screen.page.get_by_role("alert").first).to_contain_text(
        f"Your leads could not be loaded. The page keeps trying. {SENTENCE}"
    )

    screen.page.unroute_all()
    screen.live()
    expect(screen.row(lead)).to_be_visible()
    expect(screen.page.get_by_text("Your leads could not be loaded.")).not_to_be_visible()


def test_an_action_that_fails_is_said_and_changes_nothing(screen: Screen, agent: Person) -> None:
    """Do-not-call, a lead's history, the settings and the whole list, each answered by a 500."""
    agent.api("POST", "/api/autocall/pause")
    (lead,) = agent.imports(*Numbers.take(1), name="Ava Thompson")
    screen.enter(agent)
    expect(screen.row(lead)).to_contain_text("Waiting")
    screen.page.route("**/api/**", fail)

    screen.row(lead).hover()
    screen.row(lead).get_by_role("button", name="on the do-not-call list").click()
    expect(screen.page.get_by_role("alert").last).to_contain_text(SENTENCE)
    expect(screen.row(lead)).to_contain_text("Waiting")
    screen.button("Download list").click()
    expect(screen.page.get_by_role("alert").last).to_contain_text(SENTENCE)
    screen.inspect(lead)
    expect(screen.panel).to_contain_text(f"The history could not be loaded. {SENTENCE}")
    screen.page.unroute_all()
    screen.panel.get_by_role("button", name="Try again").click()
    expect(screen.panel.get_by_test_id("history")).to_contain_text("Imported")


def test_settings_that_cannot_be_loaded_or_saved_say_so(screen: Screen, agent: Person) -> None:
    """What was typed stays."""
    screen.enter(agent)
    screen.page.route("**/api/settings", fail)
    screen.button("Settings").click()
    expect(screen.dialog.get_by_role("alert")).to_contain_text(SENTENCE)
    screen.page.keyboard.press("Escape")
    screen.page.unroute_all()

    screen.button("Settings").click()
    screen.dialog.get_by_label("Lines").fill("2")
    screen.page.route("**/api/settings", fail)
    screen.dialog.get_by_role("button", name="Save").click()
    expect(screen.dialog.get_by_role("alert")).to_contain_text(SENTENCE)
    expect(screen.dialog.get_by_label("Lines")).to_have_value("2")
    screen.page.unroute_all()
    screen.dialog.get_by_role("button", name="Save").click()
    expect(screen.page.get_by_text("Settings saved.")).to_be_visible()
    assert agent.api("GET", "/api/settings").json()["lines"] == 2


def test_settings_that_were_changed_elsewhere_meanwhile_keep_what_was_typed(screen: Screen, agent: Person) -> None:
    """The person is told, what they did not touch is as it is now, and the next press saves both."""
    screen.enter(agent)
    screen.button("Settings").click()
    screen.dialog.get_by_label("Lines").fill("2")
    agent.api("PUT", "/api/settings", json={"agent_phone": "+12025550143"})
    screen.dialog.get_by_role("button", name="Save").click()
    expect(screen.dialog.get_by_role("alert")).to_contain_text("What you typed is still here")
    expect(screen.dialog.get_by_label("Lines")).to_have_value("2")
    expect(screen.dialog.get_by_label("Your phone")).to_have_value("+12025550143")

    screen.dialog.get_by_role("button", name="Save").click()
    expect(screen.page.get_by_text("Settings saved.")).to_be_visible()
    settings = agent.api("GET", "/api/settings").json()
    assert (settings["lines"], settings["agent_phone"]) == (2, "+12025550143")


def test_a_page_without_its_configuration_says_what_is_wrong(screen: Screen) -> None:
    """Whoever installed it gets a detail, not a blank page."""
    screen.page.route("**/config.json", lambda route: route.fulfill(status=404))
    screen.open()
    expect(screen.page.get_by_text("This page is not set up yet")).to_be_visible()


def test_a_login_service_that_cannot_be_reached_says_so(screen: Screen, agent: Person) -> None:
    """What was typed stays, and the next try may work."""
    screen.open()
    screen.page.route(lambda url: url.rstrip("/").endswith(agent.outputs["aws_endpoint"]), lambda route: route.abort())
    screen.log_in(agent.username, "Correct-horse-1")
    expect(screen.page.get_by_role("alert")).to_contain_text("The login service cannot be reached.")
    screen.page.unroute_all()
    screen.button("Log in").click()
    screen.live()
