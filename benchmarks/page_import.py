"""Sends a long list through the page in Chromium against a running stack, and checks that nothing was lost.

A run of its own, for it takes long: `python -m benchmarks.page_import [ROWS]`. *Import, call later* pauses calling.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.stack import RUNS_ON, running
from local.paths import SHARED, StackDir
from tests.browser.screen import Screen, chromium
from tests.e2e.agents import Person, aws, sign_up

STACK_DIR = StackDir(SHARED / "bench-page")
ROWS = 100_000
PATIENCE_MS = 3_600_000
_SEEN_WITHIN_MS = 300_000
_AREAS = ("202", "212", "213", "312", "404", "415", "503", "512", "617", "713")
_A_PART = 10_000


def main(rows: int) -> None:
    """Import so many rows, and print how long each step took."""
    print(f"{rows:,} rows on {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before; {RUNS_ON}", flush=True)
    numbers = _numbers(rows)
    expect.set_options(timeout=_SEEN_WITHIN_MS)
    with running(STACK_DIR, page=True) as outputs, sync_playwright() as playwright:
        agent = sign_up(outputs)
        browser = chromium(playwright)
        screen = Screen(browser.new_page(viewport={"width": 1280, "height": 800}), outputs)
        screen.page.set_default_timeout(_SEEN_WITHIN_MS)
        screen.enter(agent)
        _through_the_page(screen, numbers)
        with _timed("the list stands in a page that was reloaded"):
            screen.page.reload()
            expect(screen.page.get_by_role("grid")).to_have_attribute(
                "aria-rowcount", str(rows + 1), timeout=PATIENCE_MS
            )
        browser.close()
        _check_that_nothing_is_lost(outputs, agent, numbers)
    print(f"load {os.getloadavg()[0]:.1f} after")


def _numbers(rows: int) -> list[str]:
    """As many numbers as rows; nobody is called."""
    assert rows <= len(_AREAS) * _A_PART
    return [f"+1{_AREAS[index // _A_PART]}555{index % _A_PART:04d}" for index in range(rows)]


def _through_the_page(screen: Screen, numbers: list[str]) -> None:
    text = "Phone,Name,Company\n" + "".join(
        f"{phone},Lead {index},Acme {index % 97}\n" for index, phone in enumerate(numbers)
    )
    screen.button("Import").click()
    with _timed("chosen → the preview's button"):
        screen.choose("list.csv", text)
        expect(screen.button("Preview")).to_be_enabled(timeout=PATIENCE_MS)
    with _timed("preview"):
        screen.button("Preview").click()
        expect(screen.dialog.get_by_role("button", name=f"{len(numbers):,} New")).to_be_visible(timeout=PATIENCE_MS)
    with _timed("sent"):
        screen.button("Import, call later").click()
        pressed = _go_on_until_it_is_done(screen)
    print(f"  pressed *Go on* {pressed} times; {screen.dialog.get_by_role('status').inner_text()!r}", flush=True)
    expect(screen.dialog).to_contain_text(f"{len(numbers):,} new leads, 0 already there, 0 refused.")
    print(f"  the page's memory: {_heap_mb(screen.page):.0f} MB of JavaScript", flush=True)
    screen.button("Done").click()


def _go_on_until_it_is_done(screen: Screen) -> int:
    """What a person does where the server had no time, on a machine that is busy."""
    pressed, done, again = 0, screen.button("Done"), screen.button("Go on")
    while True:
        expect(done.or_(again)).to_be_visible(timeout=PATIENCE_MS)
        if done.is_visible():
            return pressed
        again.click()
        pressed += 1


def _heap_mb(page: Page) -> float:
    return float(page.evaluate("performance.memory.usedJSHeapSize")) / 1e6


def _check_that_nothing_is_lost(outputs: dict[str, Any], agent: Person, numbers: list[str]) -> None:
    """Every number is a waiting lead, in the order of the list; no other is there."""
    pages = (
        aws(outputs, "dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=outputs["leads_table"],
            KeyConditionExpression="user_id = :user",
            ProjectionExpression="phone, due, call_status",
            ExpressionAttributeValues={":user": {"S": agent.user_id}},
        )
    )
    found = [item for page in pages for item in page["Items"]]
    assert {item["call_status"]["S"] for item in found} == {"pending"}
    in_order = [item["phone"]["S"] for item in sorted(found, key=lambda item: item["due"]["S"])]
    assert in_order == numbers, f"{len(found)} leads, {len(set(numbers) - set(in_order))} are missing, or another order"
    print(f"  {len(found):,} leads in the table, every number once, in the order of the list", flush=True)


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {what}: {time.monotonic() - began:.1f} s (load {os.getloadavg()[0]:.1f}, {peak:.0f} MB here)", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
