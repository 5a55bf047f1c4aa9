"""A long list in the built page: when its first rows are there, when all, what it weighs, and whether it stays smooth.

    python -m benchmarks.long_list 10000 100000

The page runs in Chromium against its demo server, so the network and AWS are left out: what is measured is the page.
Run `npm run build` in `web/` first.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import CDPSession, Page, sync_playwright

from local.paths import WEB

PORT = 4186
URL = f"http://127.0.0.1:{PORT}/"
CHANGES_PER_S, STORM_S = 50, 10
PATIENCE_MS = 120_000


def main(counts: list[int]) -> None:
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before; {CHANGES_PER_S} updates/s for {STORM_S} s")
    print(
        "| leads | first rows, s | all, s | all, s of CPU | heap, MB | CPU of the page's thread at updates | frames/s |"
    )
    print("|---|---|---|---|---|---|---|")
    for count in counts:
        with demo(count), opened() as page:
            print(_row(page, count), flush=True)


def _row(page: Page, count: int) -> str:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    began = log_in(page)
    page.wait_for_selector("[data-lead-id]")
    first = time.monotonic() - began
    page.wait_for_selector('[role=grid][aria-busy="false"]', timeout=PATIENCE_MS)
    everything, loaded = time.monotonic() - began, _cpu_s(session)
    page.wait_for_timeout(3_000)
    heap = heap_mb(session)
    near = page.locator("[data-lead-id]").evaluate_all("rows => rows.map((row) => row.dataset.leadId)")
    tell({"near": near, "storm": CHANGES_PER_S})
    before = _cpu_s(session)
    frames = page.evaluate(_FRAMES, STORM_S * 1000)
    busy = (_cpu_s(session) - before) / STORM_S
    tell({"storm": 0})
    return (
        f"| {count:,} | {first:.1f} | {everything:.1f} | {loaded:.1f} | {heap:.0f} "
        f"| {busy:.0%} | {frames / STORM_S:.0f} |"
    )


def log_in(page: Page) -> float:
    """Log in; when the button was pressed."""
    page.goto(URL)
    page.get_by_label("User name or e-mail").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill("any")
    began = time.monotonic()
    page.get_by_role("button", name="Log in").click()
    return began


def _cpu_s(session: CDPSession) -> float:
    """What the page's thread has computed so far; whatever else this machine does is not in it."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")


def heap_mb(session: CDPSession) -> float:
    """What the page's scripts hold, after all garbage is collected."""
    session.send("HeapProfiler.enable")
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    return used / 1e6


_FRAMES = """(ms) => new Promise((done) => {
  const began = performance.now()
  let frames = 0
  const frame = (now) => {
    frames += 1
    if (now - began < ms) requestAnimationFrame(frame)
    else done(frames)
  }
  requestAnimationFrame(frame)
})"""


def tell(wish: dict[str, Any]) -> Any:
    """Make something happen at the demo server; what it says of itself then."""
    return json.load(urlopen(Request(f"{URL}_demo", json.dumps(wish).encode(), method="POST"), timeout=60))


@contextmanager
def opened() -> Iterator[Page]:
    """A page in a browser of its own."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        yield context.new_page()
        browser.close()


@contextmanager
def demo(count: int) -> Iterator[None]:
    """The demo server with so many leads, none of which is called by itself."""
    command = ["npx", "vite", "preview", "--mode", "demo", "--port", str(PORT), "--strictPort", "--host", "127.0.0.1"]
    environment = os.environ | {"DEMO_LEADS": str(count), "DEMO_PACE_MS": "3600000"}
    process = subprocess.Popen(
        command, cwd=WEB, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_until_it_answers(process)
        yield
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def _wait_until_it_answers(process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urlopen(f"{URL}config.json", timeout=10).read()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or [10_000, 100_000])
