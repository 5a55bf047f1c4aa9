"""The way in and the way out."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Route, WebSocket, expect

from tests.browser import server
from tests.browser.screen import LONG, Screen
from tests.e2e.agents import PASSWORD, Numbers, Person, Twilio, aws, eventually

NOT_DONE = "The login was not completed, so you are not logged in. Please try again."
ENDED = "Your login has ended. Please log in again; nothing is lost."


def test_a_wrong_password_is_said_and_the_right_one_shows_the_leads(screen: Screen, agent: Person) -> None:
    """What was typed stays, so that a slip can be mended."""
    (lead,) = agent.imports(*Numbers.take(1), name="Ava Thompson")
    screen.open().log_in(agent.username, "Wrong-horse-1")
    expect(screen.page.get_by_role("alert")).to_have_text("Wrong user name or password.")
    expect(screen.page.get_by_label("User name or e-mail")).to_have_value(agent.username)

    screen.log_in(agent.username, PASSWORD).live()
    expect(screen.row(lead)).to_contain_text("Ava Thompson")


def test_somebody_who_was_given_a_password_chooses_an_own_one(
    screen: Screen, stack: dict[str, Any], agent: Person
) -> None:
    """The first password opens nothing but the choice of the next."""
    cognito = aws(stack, "cognito-idp")
    pool = cognito.list_user_pools(MaxResults=1)["UserPools"][0]["Id"]
    cognito.admin_set_user_password(UserPoolId=pool, Username=agent.username, Password="Given-once-1", Permanent=False)

    screen.open().log_in(agent.username, "Given-once-1")
    expect(screen.page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    screen.page.get_by_label("New password", exact=True).fill("My-own-horse-2")
    screen.button("Save and log in").click()
    screen.live()


def test_somebody_who_has_forgotten_the_password_gets_a_code_and_chooses_a_new_one(
    screen: Screen, agent: Person
) -> None:
    """A wrong code is said; the right one, which the emulator always makes the same, is the way in."""
    screen.open().page.get_by_label("User name or e-mail").fill(agent.username)
    screen.button("Forgot password?").click()
    screen.button("Mail me a code").click()
    screen.page.get_by_label("Code from the mail").fill("000000")
    screen.page.get_by_label("New password", exact=True).fill("My-own-horse-3")
    screen.button("Save and log in").click()
    expect(screen.page.get_by_role("alert")).to_contain_text("This is not the code that was mailed.")
    screen.page.get_by_label("Code from the mail").fill("654321")
    screen.button("Save and log in").click()
    screen.live()


def test_the_login_outlives_a_reload_and_serves_a_second_tab(
    screen: Screen, tab: Callable[[], Screen], agent: Person
) -> None:
    """One login a browser."""
    screen.enter(agent)
    screen.page.reload()
    screen.live()
    tab().open().live()


def test_a_token_that_the_server_refuses_is_renewed_and_nobody_notices(
    screen: Screen, context: BrowserContext, agent: Person
) -> None:
    """The token is renewed once, and the page goes on."""
    (lead,) = agent.imports(*Numbers.take(1))
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.post_data or ""))
    context.route("**/", _spoil(lambda tokens: tokens.update(AccessToken=_unsigned(tokens["AccessToken"]))))
    screen.enter(agent)
    screen.ended(lead)
    assert sum("REFRESH_TOKEN_AUTH" in body for body in asked) == 1


def test_a_token_that_is_about_to_end_is_replaced_and_the_connection_with_it_without_a_gap(
    screen: Screen, agent: Person, twilio: Twilio
) -> None:
    """Time passes in the page: a fresh token, a second connection, the first closed after it, and the call goes on."""
    (phone,) = Numbers.take(1)
    twilio.script(phone, outcome="completed", ring_s=1, talk_s=LONG)
    (lead,) = agent.imports(phone)
    renewed: list[str] = []
    screen.page.on("request", lambda request: renewed.append(request.post_data or ""))
    screen.page.route("**/clock.worker*", lambda route: route.abort())  # a Worker's time is not the page's
    screen.page.clock.install()
    screen.enter(agent)
    screen.status(lead, "in-progress")
    screen.page.evaluate("() => { window.seen = []; window.__socket.on('state', (state) => window.seen.push(state)) }")

    screen.page.clock.fast_forward(_life_s(screen) * 1000 - 60_000)

    screen.closed(screen.sockets[0])
    assert len(screen.sockets) == 2
    assert sum("REFRESH_TOKEN_AUTH" in body for body in renewed) == 1
    assert _token(screen.sockets[0]) != _token(screen.sockets[1])
    assert screen.page.evaluate("window.seen") == []
    server.hang_up(agent.outputs, phone)
    screen.status(lead, "completed")


def test_a_login_elsewhere_that_was_not_completed_is_said(screen: Screen) -> None:
    """The provider sends the person back with an error: the page says that, and lets them try again."""
    elsewhere = {"authorization_endpoint": "https://login.example/authorize", "token_endpoint": "https://login.example"}

    def by_redirect(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "oidc": elsewhere})

    screen.page.route("**/config.json", by_redirect)
    screen.page.goto(f"{screen.url}?error=access_denied&state=of-this-login")
    expect(screen.page.get_by_role("alert")).to_have_text(NOT_DONE)
    expect(screen.button("Continue to login")).to_be_visible()


def test_when_the_login_has_ended_the_page_says_so_and_asks_for_a_new_one(
    screen: Screen, context: BrowserContext, agent: Person
) -> None:
    """A token that is refused and cannot be renewed leads to the login, at once and not in a loop."""
    attempts: list[str] = []
    screen.page.on("websocket", lambda socket: attempts.append(socket.url))
    spoil = _spoil(lambda tokens: tokens.update(AccessToken=_unsigned(tokens["AccessToken"]), RefreshToken="not-one"))
    context.route("**/", spoil)
    screen.open().log_in(agent.username, PASSWORD)
    expect(screen.page.get_by_role("alert")).to_have_text(ENDED)
    assert len(attempts) <= 2

    context.unroute("**/", spoil)
    screen.log_in(agent.username, PASSWORD).live()


def test_signing_out_ends_every_tab_and_the_server_forgets_the_connections(
    screen: Screen, tab: Callable[[], Screen], agent: Person
) -> None:
    """The server is asked to close them, their records are gone, and a reload does not come back in."""
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    screen.enter(agent)
    second = tab().open().live()
    assert len(server.connections(agent)) == 2
    screen.page.get_by_label("Account").click()
    screen.button("Sign out").click()

    for each in (screen, second):
        expect(each.page.get_by_role("heading", name="Log in")).to_be_visible()
        each.hung_up()
    eventually(lambda: not server.connections(agent))
    assert sum(each.startswith("DELETE ") and each.endswith("/api/connections") for each in asked) == 1
    expect(screen.page.get_by_role("status")).to_contain_text("You are signed out.")
    screen.page.reload()
    expect(screen.page.get_by_role("heading", name="Log in")).to_be_visible()


def _token(socket: WebSocket) -> str:
    return parse_qs(urlsplit(socket.url).query)["token"][0]


def _life_s(screen: Screen) -> int:
    """For how long the token of the first connection is good, in all."""
    body = _token(screen.sockets[0]).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return int(claims["exp"] - claims["iat"])


def _unsigned(token: str) -> str:
    """The same token, with a signature that is not the issuer's."""
    head, body, signature = token.split(".")
    return f"{head}.{body}.{signature[::-1]}"


def _spoil(change: Callable[[dict[str, str]], None]) -> Callable[[Route], None]:
    """Let the login answer other tokens than the real ones; a renewal stays as it is."""

    def handle(route: Route) -> None:
        if "USER_PASSWORD_AUTH" not in (route.request.post_data or ""):
            return route.fallback()
        answer = route.fetch()
        told = answer.json()
        change(told["AuthenticationResult"])
        return route.fulfill(response=answer, body=json.dumps(told))

    return handle
