"""Measures how long a page waits, through the whole stack and through the floor: the same path with empty handlers.

One lead is called at a time, and the real path and the floor take turns. Twilio's signed callbacks are sent from here,
so that their time is known.
"""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from twilio.request_validator import RequestValidator

from autocall.lead_table import LeadTable
from autocall.leads import LeadKey, lead_id
from autocall.timing import Timing
from benchmarks.figures import Figure, percentile
from benchmarks.floor.deployment import Floor, deploy
from tests.e2e.agents import Numbers, Outputs, Person, Tab, Twilio, aws, sign_up

SAMPLES, QUICK_SAMPLES = 240, 16
AGENTS, WARM_UP = 4, 8
"""A page may ask for a run once a second, so several agents take turns."""
MOST_OF_FLOOR = 1.6
_POLL_S = 0.1  # longer than the emulator's polling interval; frames are sent at random times within it
TO_START, TO_UPDATE = "leads:fetched → call:started", "callback → call:status_updated"


@dataclass
class Waits:
    """Seconds waited for each event, in the real stack and on the floor."""

    real: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    def figures(self, name: str) -> list[Figure]:
        ratio = statistics.median(self.real) / statistics.median(self.floor)
        spread = [
            Figure(
                "latency",
                f"{name}, p{share:.0%}".replace("%", ""),
                1000 * percentile(self.real, share),
                "ms",
                about=about,
            )
            for share in (0.50, 0.95, 0.99)
            if (about := f"floor {1000 * percentile(self.floor, share):.0f} ms, {len(self.real)} samples")
        ]
        return [*spread, Figure("latency", f"{name}, p50", ratio, "x floor", most=MOST_OF_FLOOR)]


class RealPath:
    """One agent with one page and, at any time, one lead."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._agent: Person = sign_up(outputs)
        self._table = LeadTable(aws(outputs, "dynamodb"), outputs["leads_table"], Timing(30))
        self._validator = RequestValidator(outputs["twilio_auth_token"])
        self._session = requests.Session()
        self.tab: Tab = self._agent.tab()
        self.tab.emit("ping")
        self.tab.wait(lambda tab: tab.events("pong"))

    def once(self, phone: str) -> tuple[float, float]:
        """Have one lead called: seconds to its start, and seconds to the news that it rings."""
        lead = lead_id(self._agent.user_id, phone)
        Twilio(self._outputs).script(phone, times=1, outcome="no-answer", ring_s=600, callbacks={"lose": True})
        moment = time.time()
        self._table.create(LeadKey(self._agent.user_id, lead), {"phone": phone, "zones": ["UTC"]}, moment, moment)
        self.tab.until_it_may_ask()
        _at_any_time()
        to_start = self._timed("call:started", lambda: self.tab.emit("leads:fetched"))
        self._until_runs_ended(1)
        call = self.tab.events("call:started")[0]
        to_update = self._timed("call:status_updated", lambda: self._call_back(call, "ringing"))
        self._call_back(call, "no-answer")
        self._until_runs_ended(2)
        self.tab.received.clear()
        return to_start, to_update

    def _until_runs_ended(self, count: int) -> None:
        """Wait for the event at the end of the run."""
        self.tab.wait(lambda tab: len(tab.events("autocall:finished")) == count)

    def _timed(self, event: str, act: Callable[[], Any]) -> float:
        started = time.perf_counter()
        act()
        self.tab.wait(lambda tab: tab.events(event))
        return time.perf_counter() - started

    def _call_back(self, call: dict[str, Any], status: str) -> None:
        path = f"/twilio/status/{self._agent.user_id}/{call['lead_id']}?attempt={call['attempt_id']}"
        url = self._outputs["http_url"] + path
        form = {"CallSid": call["call_sid"], "CallStatus": status, "AccountSid": self._outputs["twilio_account_sid"]}
        headers = {"X-Twilio-Signature": self._validator.compute_signature(url, form)}
        answer = self._session.post(url, data=form, headers=headers, timeout=30)
        assert answer.status_code == 204, answer.text


class FloorPath:
    """A page on the floor."""

    def __init__(self, floor: Floor) -> None:
        self._floor, self._session = floor, requests.Session()
        self.tab = Tab(floor.websocket_url, "")
        self.tab.emit("identify")
        self._connection = self.tab.wait(lambda tab: tab.events("you"))[0]["connection"]

    def once(self) -> tuple[float, float]:
        """Seconds to the run's push, and seconds to the callback's."""
        _at_any_time()
        return self._timed("run", lambda: self.tab.emit("frame")), self._timed("callback", self._call_back)

    def _call_back(self) -> None:
        url = f"{self._floor.callback_url}?connection={self._connection}"
        answer = self._session.post(url, data={"CallStatus": "ringing"}, timeout=30)
        assert answer.status_code == 204, answer.text

    def _timed(self, event: str, act: Callable[[], Any]) -> float:
        self.tab.received.clear()
        started = time.perf_counter()
        act()
        self.tab.wait(lambda tab: tab.events(event))
        return time.perf_counter() - started


def _at_any_time() -> None:
    """Wait a random time, because the last sample ended in step with the emulator's polling."""
    time.sleep(random.uniform(0, _POLL_S))


def measure(outputs: Outputs, *, quick: bool) -> list[Figure]:
    """The figures of the table."""
    starts, updates = Waits(), Waits()
    agents, floor = [RealPath(outputs) for _ in range(AGENTS)], FloorPath(deploy(outputs))
    Numbers.avoid(Twilio(outputs).witness())
    for turn in range(-WARM_UP, QUICK_SAMPLES if quick else SAMPLES):
        real_start, real_update = agents[turn % AGENTS].once(Numbers.take(1)[0])
        floor_start, floor_update = floor.once()
        if turn >= 0:
            starts.real.append(real_start)
            updates.real.append(real_update)
            starts.floor.append(floor_start)
            updates.floor.append(floor_update)
    for tab in (floor.tab, *(agent.tab for agent in agents)):
        tab.close()
    return starts.figures(TO_START) + updates.figures(TO_UPDATE)
