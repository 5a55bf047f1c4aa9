"""A browser for the session, and a person at it for each test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser import sound
from tests.browser.screen import Screen, chromium
from tests.e2e.conftest import agent, numbers, someone, twilio

__all__ = ["agent", "numbers", "someone", "twilio"]

SEEN_WITHIN_MS = 60_000
# Chromium paints on the CPU here: what moves for ever, such as an icon that rings, is painted sixty times a second.
USUAL: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=SEEN_WITHIN_MS)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def headset(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone says one tone, and whose pages may speak to each other."""
    microphone = tmp_path_factory.mktemp("sound") / "microphone.wav"
    microphone.write_bytes(sound.tone(sound.MICROPHONE_HZ))
    browser = chromium(playwright, *sound.arguments(microphone))
    yield browser
    browser.close()


@contextmanager
def profiles(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make browsers that have never been here, with the options they are given; no script on any page may crash.

    Nothing moves in them, unless a test that is about motion asks for `reduced_motion="no-preference"`.
    """
    contexts: list[BrowserContext] = []
    crashes: list[str] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**(USUAL | options))
        context.set_default_timeout(SEEN_WITHIN_MS)
        context.on("weberror", lambda error: crashes.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not crashes


@pytest.fixture
def profile(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make browsers for this test."""
    with profiles(browser) as make:
        yield make


@pytest.fixture
def context(profile: Callable[..., BrowserContext]) -> BrowserContext:
    return profile()


@pytest.fixture
def tab(context: BrowserContext, stack: dict[str, Any]) -> Callable[[], Screen]:
    """Open a further tab of the test's browser."""
    return lambda: Screen(context.new_page(), stack)


@pytest.fixture
def screen(tab: Callable[[], Screen]) -> Screen:
    return tab()


@pytest.fixture
def page(screen: Screen) -> Page:
    return screen.page
