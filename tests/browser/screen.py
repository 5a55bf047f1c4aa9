"""The leads page as a person sees it: what to look at and what to press."""

import json
import os
import re
import shutil
import time
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Playwright, WebSocket, expect

from tests.e2e.agents import PASSWORD, Person
from tests.page_modules import exports_of

FINAL = re.compile("^(completed|busy|no-answer|failed|canceled)$")
LONG = 3_000  # the seconds of a call that goes on until somebody hangs up: five minutes of ours
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


def chromium(playwright: Playwright, *more: str) -> Browser:
    """The machine's own Chromium, or the one that CHROMIUM names; with *more* arguments."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "no Chromium: set CHROMIUM to where it is"
    return playwright.chromium.launch(executable_path=path, args=[*_ARGUMENTS, *more])


class Screen:
    """One tab with the leads page in it."""

    def __init__(self, page: Page, outputs: dict[str, Any]) -> None:
        self.page = page
        self.sockets: list[WebSocket] = []
        self.received: list[str] = []
        page.on("websocket", self._listen)
        self.url: str = outputs["page_url"]
        self.state = page.get_by_test_id("connection-state")
        self.run = page.get_by_test_id("run-bar")
        self.rows = page.locator("[data-lead-id]")
        self.dialog = page.get_by_role("dialog")
        self.panel = page.get_by_role("complementary", name="Lead")

    def _listen(self, socket: WebSocket) -> None:
        self.sockets.append(socket)
        socket.on("framereceived", lambda text: self.received.append(str(text)))

    def hears(self, event: str, **data: Any) -> None:
        """Wait until the page has received this event, with these of its data."""

        def fits(text: str) -> bool:
            frame = json.loads(text)
            return bool(frame["event"] == event and data.items() <= (frame["data"] or {}).items())

        deadline = time.monotonic() + 60
        while not any(fits(text) for text in self.received):
            assert time.monotonic() < deadline, f"no {event} {data} in {self.received}"
            self.page.wait_for_timeout(50)

    def open(self) -> "Screen":
        self.page.goto(self.url)
        return self

    def log_in(self, username: str, password: str) -> "Screen":
        self.page.get_by_label("User name or e-mail").fill(username)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()
        return self

    def enter(self, person: Person) -> "Screen":
        """From nothing to a live page of this person."""
        return self.open().log_in(person.username, PASSWORD).live()

    def live(self) -> "Screen":
        expect(self.state).to_have_text("Live")
        return self

    def hung_up(self) -> "Screen":
        """Wait until every socket that this tab has opened is closed."""
        assert self.sockets
        for socket in self.sockets:
            self.closed(socket)
        return self

    def closed(self, socket: WebSocket) -> None:
        """Wait until this socket is closed, if it is not already."""
        if not socket.is_closed():  # it hears of nothing while we only sleep
            socket.wait_for_event("close")

    def keep_toasts(self) -> "Screen":
        """Let toasts stay until they are pressed: on a slow machine one would have gone before the test gets to it."""
        stays_ms = exports_of("ui/toastTime.ts")["STAYS_MS"]
        self.page.add_init_script(_SLEEPLESS.replace("STAYS_MS", str(stays_ms)))
        return self

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def row(self, lead: str) -> Locator:
        return self.page.locator(f'[data-lead-id="{lead}"]')

    def status(self, lead: str, status: "str | re.Pattern[str]", within_s: float = 60) -> Locator:
        """Wait until the lead's row shows this status, by the server's word."""
        row = self.row(lead)
        expect(row).to_have_attribute("data-status", status, timeout=within_s * 1000)
        return row

    def ended(self, *leads: str) -> None:
        """Wait until each row in sight shows a final status."""
        for lead in leads:
            self.status(lead, FINAL, 90)

    def inspect(self, lead: str) -> Locator:
        """Open the lead's panel."""
        self.row(lead).locator(".cell-name").click()
        expect(self.panel).to_be_visible()
        return self.panel

    def choose(self, name: str, content: "str | bytes") -> None:
        """Give the import dialog this file."""
        data = content.encode() if isinstance(content, str) else content
        self.page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})

    def drop(self, name: str, content: str) -> None:
        """Drop this file on the page."""
        transfer = self.page.evaluate_handle(_TRANSFER, [name, content])
        for event in ("dragover", "drop"):
            self.page.dispatch_event("#leads", event, {"dataTransfer": transfer})


_SLEEPLESS = """{
  const real = window.setTimeout
  window.setTimeout = (run, ms, ...told) => (ms === STAYS_MS ? 0 : real(run, ms, ...told))
}"""
_TRANSFER = """([name, content]) => {
  const transfer = new DataTransfer()
  transfer.items.add(new File([content], name, { type: 'text/csv' }))
  return transfer
}"""
