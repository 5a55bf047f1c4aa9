"""The pictures in `docs/screenshots`: the built page, with a made-up agent's morning behind it.

Nothing runs behind the page: what its server would say is said here, and its clock stands still. So a picture changes
only when the page does, and every moment in it fits every other.
"""

import base64
import json
import mimetypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Route, WebSocketRoute, expect, sync_playwright

from autocall.installation_settings import InstallationSettings
from local import page as leads_page
from local.paths import ROOT, WEB
from tests.browser import morning
from tests.browser.morning import NOW, Lead
from tests.browser.screen import Screen, chromium

FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 200_000
DESK, PHONE = {"width": 1280, "height": 815}, {"width": 390, "height": 844}
PAGE = "https://leads.example.com/"

SPRING_FAIR = """Name,Phone,Company,Notes
Hazel Morgan,+1 202 555 0188,Morgan Events,asked for prices
Adrian Cole,(312) 555-0165,Cole Roofing,
Ava Thompson,+1 202 555 0143,Northgate Dental,came by the stand
Tessa Grant,+1 617 555 0171,Grant Optics,call after 10
Desk,n/a,Fair Office,
Marco Ferrara,+1 646 555 0192,Ferrara Foods,
Tessa Grant,617.555.0171,Grant Optics,twice in the list
Julia Stein,,Stein Consulting,only an e-mail
Ben Okafor,+1 404 555 0159,Okafor Motors,
Ines Duarte,+1 305 555 0133,Duarte Travel,prefers Spanish
Emma Lindqvist,+1 612 555 0193,MN Windows,
"""
AGAIN = "this number was called, and its lead was deleted: it is not called again"
IMPORTED = {
    "created": 6,
    "merged": 2,
    "refused": [{"line": 7, "code": "was_called", "reason": AGAIN, "retry": False}],
}


def main() -> None:
    """Make all pictures anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    leads_page.build(print)
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for name, picture in PICTURES.items():
            path = FOLDER / f"{name}.png"
            with picture(browser) as screen:
                screen.page.mouse.move(0, 0)
                screen.page.wait_for_timeout(300)
                screen.page.screenshot(path=path, animations="disabled", caret="hide")
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1000:.0f} kB")
            assert path.stat().st_size < MOST_BYTES, f"{path.name} is too heavy for a README"
        browser.close()


class Server:
    """What the page's server says, to one page."""

    def __init__(self, leads: list[Lead], **settings: Any) -> None:
        self.leads = {lead["lead_id"]: lead for lead in leads}
        self.session = morning.session(leads)
        self.finished: dict[str, Any] = {"called": 0, "held": 0, "failed": 0, "next_at": None, "reason": None}
        installation = {
            "audio": "agent",
            "company": "Harbor Supplies",
            "callback_number": "+12025550100",
            "wrap_up_s": morning.WRAP_UP_S,
            "lines": 1,
            "most_lines": 20,
            "calls_per_second": 1.0,
            "ring_timeout_s": 25,
            "calling_hours": "default",
            "trust_list_consent": None,
            "default_region": "US",
            "rest": settings.pop("rest", None),
            "closed": [],
        }
        self.settings = {
            "paused": False,
            "lines": None,
            "via": "phone",
            "agent_phone": "+12025550147",
            "version": 1,
            **settings,
            "installation": installation,
        }

    def answer(self, route: Route) -> None:
        """A file of the built page, or what its API says."""
        path = urlsplit(route.request.url).path
        if path == "/config.json":
            return route.fulfill(json=_config())
        if path.startswith("/cognito"):
            return route.fulfill(json={"AuthenticationResult": _tokens()})
        if path.startswith("/api/"):
            return route.fulfill(json=self._api(route.request.method, path.removeprefix("/api/")))
        file = WEB / "dist" / (path.lstrip("/") or "index.html")
        return route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "font/woff2")

    def _api(self, method: str, path: str) -> Any:
        if path == "leads":
            if method == "POST":
                return IMPORTED
            return {"items": [{**lead, "history": None} for lead in self.leads.values()], "next": None}
        if path == "phone":
            return self.session
        if path == "installation":
            return InstallationSettings().view()
        if path.startswith("leads/"):
            return self.leads[path.removeprefix("leads/")]
        return self.settings

    def hear(self, socket: WebSocketRoute) -> None:
        """Answer as the server does."""
        socket.on_message(lambda text: self._heard(socket, json.loads(text)["event"]))

    def _heard(self, socket: WebSocketRoute, event: str) -> None:
        if event == "ping":
            socket.send(json.dumps({"event": "pong", "data": None}))
        if event == "leads:fetched":
            socket.send(json.dumps({"event": "autocall:finished", "data": self.finished}))


def _config() -> dict[str, str]:
    return {
        "websocket_url": "wss://leads.example.com/live",
        "http_url": "",
        "issuer": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_leads",
        "client_id": "leads",
        "cognito_endpoint": f"{PAGE}cognito",
    }


def _tokens() -> dict[str, Any]:
    issued = int(NOW.timestamp())
    claims = {"sub": "grace", "email": "grace@example.com", "iat": issued, "exp": issued + 28_800}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)
    ]
    token = ".".join([*parts, "x"])
    return {"AccessToken": token, "IdToken": token, "RefreshToken": "refresh", "ExpiresIn": 28_800}


@contextmanager
def _opened(browser: Browser, server: Server, now: datetime = NOW, **options: Any) -> Iterator[Screen]:
    """The page before a login, in a browser whose clock stands still."""
    defaults = {"viewport": DESK, "locale": "en-US", "timezone_id": "America/New_York", "reduced_motion": "reduce"}
    context = browser.new_context(**{**defaults, **options})
    context.set_default_timeout(20_000)
    context.route("**/*", server.answer)
    context.route_web_socket("**/live?*", server.hear)
    context.clock.set_fixed_time(now)
    screen = Screen(context.new_page(), {"page_url": PAGE})
    screen.open()
    yield screen
    context.close()


@contextmanager
def _inside(browser: Browser, server: Server | None = None, **options: Any) -> Iterator[Screen]:
    """The page of somebody who is logged in."""
    with _opened(browser, server or Server(morning.leads()), **options) as screen:
        screen.log_in("grace@example.com", "any").live()
        expect(screen.rows.first).to_be_visible()
        yield screen


@contextmanager
def _login(browser: Browser) -> Iterator[Screen]:
    with _opened(browser, Server([])) as screen:
        expect(screen.page.get_by_role("heading", name="Log in")).to_be_visible()
        screen.page.get_by_label("User name or e-mail").blur()
        yield screen


@contextmanager
def _live(browser: Browser, **options: Any) -> Iterator[Screen]:
    """Who is called now, and who is next."""
    with _inside(browser, **options) as screen:
        expect(screen.run).to_contain_text("1 call now")
        expect(screen.rows.first).to_contain_text(morning.TALKS)
        yield screen


def _dark(browser: Browser) -> Any:
    return _live(browser, color_scheme="dark")


def _phone(browser: Browser) -> Any:
    return _live(browser, viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)


@contextmanager
def _history(browser: Browser) -> Iterator[Screen]:
    with _live(browser, viewport={"width": 1280, "height": 1000}) as screen:
        screen.page.get_by_role("searchbox").fill(morning.TALKED)
        screen.rows.filter(has_text=morning.TALKED).locator(".cell-name").click()
        expect(screen.panel.get_by_test_id("history")).to_contain_text("Imported")
        screen.panel.get_by_test_id("history").evaluate("it => it.scrollIntoView({ block: 'end' })")
        yield screen


@contextmanager
def _wrap_up(browser: Browser) -> Iterator[Screen]:
    """The conversation has ended: how did it go? Saving lets the next call start."""
    server = Server(morning.leads(hung_up=True))
    with _inside(browser, server) as screen:
        screen.page.get_by_role("radio", name="Interested").first.click()
        yield screen


@contextmanager
def _held(browser: Browser) -> Iterator[Screen]:
    with _inside(browser) as screen:
        screen.page.get_by_role("group", name="Show").get_by_role("button", name="Held").click()
        expect(screen.rows.first).to_contain_text("outside calling hours")
        yield screen


@contextmanager
def _question(browser: Browser) -> Iterator[Screen]:
    with _inside(browser) as screen:
        screen.button("1 lead needs review").click()
        screen.rows.first.get_by_role("button", name="Decide").click()
        expect(screen.panel.get_by_test_id("history")).to_contain_text("Imported")
        screen.panel.get_by_role("button", name="Call again").click()
        expect(screen.dialog).to_be_visible()
        yield screen


@contextmanager
def _preview(browser: Browser) -> Iterator[Screen]:
    with _inside(browser) as screen:
        screen.button("Import").click()
        screen.choose("spring-fair.csv", SPRING_FAIR)
        screen.button("Preview").click()
        expect(screen.dialog.get_by_role("table")).to_be_visible()
        yield screen


@contextmanager
def _result(browser: Browser) -> Iterator[Screen]:
    with _preview(browser) as screen:
        screen.button("Import 9 rows").click()
        expect(screen.dialog.get_by_role("heading", name="Import finished")).to_be_visible()
        yield screen


@contextmanager
def _refused(browser: Browser) -> Iterator[Screen]:
    """Twilio refuses the account; nobody is called until it lets one call through again."""
    until, reason = morning.iso(morning.RESTS_UNTIL), f"account refused ({morning.REFUSES})"
    server = Server(morning.leads(calling=False), rest={"until": until, "reason": reason})
    server.finished |= {"reason": reason, "next_at": until}
    with _inside(browser, server) as screen:
        expect(screen.run).to_contain_text("The phone provider refuses")
        yield screen


@contextmanager
def _paused(browser: Browser) -> Iterator[Screen]:
    with _inside(browser, Server(morning.leads(), paused=True), viewport={"width": 1280, "height": 832}) as screen:
        expect(screen.button("Resume")).to_be_visible()
        yield screen


PICTURES: dict[str, Callable[[Browser], Any]] = {
    "login": _login,
    "live": _live,
    "dark": _dark,
    "phone": _phone,
    "wrap-up": _wrap_up,
    "history": _history,
    "held": _held,
    "call-again": _question,
    "import": _preview,
    "import-result": _result,
    "account-refused": _refused,
    "paused": _paused,
}


if __name__ == "__main__":
    main()
