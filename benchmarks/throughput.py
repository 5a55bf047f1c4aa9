"""Measures the leads dialled per second, from `leads:fetched` until every page has the start of all its calls.

Every agent has as many lines as leads, and Twilio sends no callbacks, so that only dialling is measured.
"""

import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from autocall.lead_table import LeadTable
from autocall.leads import LeadKey, lead_id
from autocall.timing import Timing
from benchmarks.figures import Figure
from benchmarks.stack import always
from tests.e2e.agents import Numbers, Outputs, Person, Tab, Twilio, aws, close_tabs, sign_up

DELAYS_S = (0.0, 0.25)
LEADS_OF_ONE, LEADS_OF_EACH, AGENTS = 20, 4, 50
QUICK_LEADS_OF_ONE, QUICK_LEADS_OF_EACH, QUICK_AGENTS = 8, 2, 8
ROUNDS, QUICK_ROUNDS = 5, 1
_PATIENCE_S = 100


def measure(outputs: Outputs, *, quick: bool) -> list[Figure]:
    """The figures of the table."""
    one, future, many = LEADS_OF_ONE, LEADS_OF_EACH, AGENTS
    if quick:
        one, future, many = QUICK_LEADS_OF_ONE, QUICK_LEADS_OF_EACH, QUICK_AGENTS
    rounds = QUICK_ROUNDS if quick else ROUNDS
    Numbers.avoid(Twilio(outputs).witness())
    found = []
    for delay_s in DELAYS_S:
        always(outputs, outcome="no-answer", ring_s=600, delay_s=delay_s, callbacks={"lose": True})
        for agents, leads, times in ((1, one, rounds), (many, future, 1)):
            seconds = statistics.median(_dialled(outputs, agents, leads) for _ in range(times))
            name = f"{agents} agent{'s' * (agents > 1)}, Twilio answers in {delay_s * 1000:.0f} ms"
            about = f"{agents * leads} leads dialled in {seconds:.1f} s"
            found.append(Figure("throughput", name, agents * leads / seconds, "leads/s", about=about))
    return found


def _dialled(outputs: Outputs, agents: int, leads: int) -> float:
    """Seconds until all leads of all agents are called."""
    with ThreadPoolExecutor(10) as pool:
        people = list(pool.map(lambda _: sign_up(outputs), range(agents)))
        wanted = list(pool.map(lambda person: _with_leads(outputs, person, leads), people))
        tabs = list(pool.map(lambda person: person.tab(), people))
    for tab in tabs:
        tab.emit("ping")
        tab.wait(lambda tab: tab.events("pong"))
    together = threading.Barrier(agents + 1)

    def work(index: int) -> None:
        together.wait()
        tabs[index].emit("leads:fetched")
        tabs[index].wait(lambda tab: _started(tab) == set(wanted[index]), _PATIENCE_S)

    with ThreadPoolExecutor(agents) as pool:
        done = [pool.submit(work, index) for index in range(agents)]
        together.wait()
        began = time.perf_counter()
        for future in done:
            future.result()
    seconds = time.perf_counter() - began
    close_tabs(*people)
    return seconds


def _started(tab: Tab) -> set[str]:
    return {data["lead_id"] for data in tab.events("call:started")}


def _with_leads(outputs: Outputs, person: Person, count: int) -> Sequence[str]:
    """Write leads directly into the table, because an import would queue a run."""
    table = LeadTable(aws(outputs, "dynamodb"), outputs["leads_table"], Timing(30))
    phones = Numbers.take(count)
    moment = time.time()
    for phone in phones:
        table.create(
            LeadKey(person.user_id, lead_id(person.user_id, phone)), {"phone": phone, "zones": ["UTC"]}, moment, moment
        )
    return [lead_id(person.user_id, phone) for phone in phones]
