"""Measures the leads page's frame rate, compared with an empty page, with 10,000 leads and 50 changes a second.

Half of the changes are of visible rows, which must be drawn again. The two pages are measured in turn in one Chromium,
so that other load on the machine affects both alike; nothing changes while the empty one is measured. The leads come
from the page's demo server, and the page is the one that is built and shipped.
"""

import json
import os
import re
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.figures import Figure
from local import page as leads_page
from local.environments import path, web_packages
from local.paths import ROOT, WEB
from local.ports import address, choose
from tests.browser.screen import Screen, chromium
from tests.e2e.agents import eventually

LEADS, CHANGES_PER_S = 10_000, 50
ROUNDS, QUICK_ROUNDS = 5, 1
SECONDS = 4
LEAST_SHARE = 0.8
LEAST_IN_SIGHT = 0.4  # of the changes: while scrolling, some are of rows that have just left the view
MOST_SCRIPT_KB = 150.0
RESULT = ROOT / "benchmarks" / "results" / "page_frames.json"

_FRAMES = """([seconds, step]) => new Promise((done) => {
  const table = document.querySelector('.scroller')
  let [frames, down] = [-1, true]
  const began = performance.now()
  const frame = (now) => {
    frames += 1
    if (table && step) {
      table.scrollTop += down ? step : -step
      if (table.scrollTop <= 0 || table.scrollTop + table.clientHeight >= table.scrollHeight) down = !down
    }
    if (now - began < seconds * 1000) return requestAnimationFrame(frame)
    done(frames / ((now - began) / 1000))
  }
  requestAnimationFrame(frame)
})"""
_COUNT = """() => {
  window.heard = { all: 0, seen: 0 }
  const row = (id) => document.querySelector(`[data-lead-id="${CSS.escape(id)}"]`)
  for (const event of ['call:started', 'call:status_updated', 'call:completed'])
    window.__socket.on(event, ({ lead_id }) => {
      window.heard.all += 1
      window.heard.seen += Number(row(lead_id) !== null)
    })
  setInterval(() => {
    const near = [...document.querySelectorAll('[data-lead-id]')].map((it) => it.dataset.leadId)
    void fetch('/_demo', { method: 'POST', body: JSON.stringify({ near }) })
  }, 250)
}"""


def measure(*, quick: bool) -> list[Figure]:
    """The share of an empty page's frames that the leads page has, standing and being scrolled; its first load."""
    web_packages(print)
    leads_page.build(print)
    with _demo() as url, sync_playwright() as playwright:
        browser = chromium(playwright)
        figures = _frames(browser, url, QUICK_ROUNDS if quick else ROUNDS)
        browser.close()
    return [*figures, _first_load()]


def _frames(browser: Browser, url: str, rounds: int) -> list[Figure]:
    empty = browser.new_page()
    screen = Screen(browser.new_page(), {"page_url": url})
    screen.open().log_in("ada@example.com", "any").live()
    expect(screen.page.get_by_role("grid")).to_have_attribute("aria-rowcount", str(LEADS + 1), timeout=60_000)
    screen.page.evaluate(_COUNT)
    seen: dict[str, list[float]] = {name: [] for name in ("empty", "standing", "scrolled", "changes", "in sight")}
    for _ in range(rounds):
        seen["empty"].append(_watch(empty))
        _storm(url, CHANGES_PER_S * 1.5)
        before = _heard(screen.page)
        seen["standing"].append(_watch(screen.page))
        seen["scrolled"].append(_watch(screen.page, step=40))
        after = _heard(screen.page)
        _storm(url, 0)
        for name in ("changes", "in sight"):
            seen[name].append((after[name] - before[name]) / (after["s"] - before["s"]))
    middle = {name: statistics.median(values) for name, values in seen.items()}
    empty_fps, changes, in_sight = middle["empty"], middle["changes"], middle["in sight"]
    about = (
        f"{LEADS:,} leads, {changes:.0f} changes a second, {in_sight:.0f} of them in sight; "
        f"the empty page has {empty_fps:.1f} frames/s"
    )
    return [
        Figure("page", "changes", changes, "a second", least=CHANGES_PER_S),
        Figure("page", "changes in sight", in_sight, "a second", least=CHANGES_PER_S * LEAST_IN_SIGHT),
        *(
            Figure("page", f"frames, {how}", middle[how] / empty_fps, "x empty", least=LEAST_SHARE, about=about)
            for how in ("standing", "scrolled")
        ),
    ]


def _storm(url: str, changes_per_s: float) -> None:
    """Let so many leads change every second."""
    requests.post(f"{url}_demo", json={"storm": changes_per_s}, timeout=10)


def _heard(page: Page) -> dict[str, float]:
    """How many changes the page has received, and how many of them were of visible rows."""
    measured = page.evaluate("({ s: performance.now() / 1000, ...window.heard })")
    return {"s": measured["s"], "changes": measured["all"], "in sight": measured["seen"]}


def _watch(page: Page, step: int = 0) -> float:
    """Frames per second of the active page."""
    page.bring_to_front()
    return float(page.evaluate(_FRAMES, [SECONDS, step]))


@contextmanager
def _demo() -> Iterator[str]:
    """The built page with its demo server, under the shipped Content-Security-Policy."""
    port = choose({}, usual=False)["page"]
    listening = ["--host", "127.0.0.1", "--port", str(port), "--strictPort"]
    settings = os.environ | {"PATH": path(), "DEMO_LEADS": str(LEADS), "DEMO_PACE_MS": "3600000"}
    command = ["node_modules/.bin/vite", "preview", "--mode", "demo", *listening]
    serving = subprocess.Popen(command, cwd=WEB, env=settings, stdout=subprocess.DEVNULL, start_new_session=True)
    url = f"{address(port)}/"
    try:
        eventually(lambda: _answers(url), 60)
        yield url
    finally:
        os.killpg(serving.pid, signal.SIGKILL)  # node may be a child process, and on SIGTERM it waits for sockets
        serving.wait()


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}config.json", timeout=5).ok
    except requests.ConnectionError:
        return False


def _first_load() -> Figure:
    """The size of the scripts that a browser loads before it shows the first leads."""
    command = ["node", "scripts/first-load.mjs"]
    said = subprocess.run(
        command, cwd=WEB, env=os.environ | {"PATH": path()}, text=True, capture_output=True, check=False
    )
    found = re.search(r"([\d.]+) kB", said.stdout)
    assert found, said.stdout + said.stderr
    return Figure("page", "first load", float(found[1]), "kB gzipped", most=MOST_SCRIPT_KB)


if __name__ == "__main__":
    found = measure(quick="--quick" in sys.argv)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps([asdict(figure) for figure in found], indent=2) + "\n")
    for figure in found:
        print(f"{figure.name:20} {figure.value:8.2f} {figure.unit:12} {figure.bar:24} {figure.about}")
    sys.exit(any(figure.met is False for figure in found))
