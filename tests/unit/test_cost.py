"""What is said about money and limits is what the code computes from the counted requests."""

import ast
import math
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from autocall.call_outcomes import NotSent, Outcome, Placed, Refused, Throttled, Unknown
from benchmarks.cost import (
    BIG,
    METRICS,
    PRICES,
    Calling,
    dollars,
    idle_month,
    limits,
    million_a_day,
    price,
    tables,
    together,
    twilio,
)
from benchmarks.requests_table import Requests, RequestsTable
from cdk.dashboard import OWN_METRICS, PUSHING
from cdk.settings import parse
from functions.dialer.dial import _metric_of
from functions.dialer.dial_result import DialOutcome

SCALE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text()


@pytest.mark.parametrize("title", tables())
def test_the_document_has_the_computed_table(title: str) -> None:
    assert tables()[title] in SCALE


def test_the_document_says_when_the_prices_were_noted() -> None:
    assert f"{PRICES['region']}, noted on {PRICES['as_of']}" in SCALE


def test_twilio_costs_about_a_hundred_times_as_much() -> None:
    """As the document says."""
    assert 50 < twilio(1000) / dollars(Calling().lead()) / 1000 < 200


def test_a_lead_is_the_sum_of_the_counted_requests() -> None:
    """A run and its mark, the lead at a paced rate, three callbacks; a ping a minute; the import's two write units."""
    table = RequestsTable(
        """
| what happens | reads | writes | queued | posts | Twilio |
|---|---|---|---|---|---|
| a run that finds nothing to do | 2 | 1 | 0 | each | 0 |
| a lead dialled at a paced rate | 4 | 3 | 0 | 2 each | 1 |
| a callback: it rings | 0 | 1 | 0 | each | 0 |
| a callback: it has ended | 2 | 2 | 1 | each | 0 |
| `ping` | 0 | 1 | 0 | 1 | 0 |
"""
    )

    lead = Calling(pages=1, lines=1, paced=True, table=table).lead()

    assert lead["DynamoDB read units"] == (2 + 4 + 2) * 1.5
    assert lead["DynamoDB write units"] == (2 + 2 + 1) * 4 + 1 + 1 + 1 + 1 + 2
    assert lead["WebSocket messages"] == 1 + 2 + 2 + 1 + 2
    assert lead["SQS FIFO requests"] == 3
    assert lead["HTTP API requests"] == 3
    assert lead["Lambda requests"] == 5
    assert lead["Lambda time, arm64, GB-seconds"] == pytest.approx(
        0.40 + 3 * 0.04 + 0.02 + 5 * 0.01 * 0.3 + 0.01 * 1769 / 1024
    )


def test_pages_multiply_what_is_posted_and_nothing_else() -> None:
    assert RequestsTable().of("a callback: it has ended, before any other was heard of", 2) == Requests(1, 2, 1, 6)
    one, three = Calling(pages=1).lead(), Calling(pages=3).lead()
    assert three["HTTP API requests"] == one["HTTP API requests"]
    assert three["DynamoDB read units"] == one["DynamoDB read units"]
    assert three["WebSocket messages"] == 3 * one["WebSocket messages"]


def test_the_queue_is_asked_by_five_pollers_all_the_month() -> None:
    """Each waits for twenty seconds; so nobody's calls cost a third of a dollar."""
    assert idle_month()["SQS FIFO requests"] == 5 * 30 * 24 * 60 * 3


def test_everything_that_is_used_has_a_price() -> None:
    used = together(Calling().lead(), idle_month(), million_a_day(BIG))

    assert all(price(name) > 0 for name in used)
    assert dollars({"SQS FIFO requests": 3_000_000}) == pytest.approx(1.5)


def test_every_metric_that_a_function_writes_is_paid_for() -> None:
    """Each name of each service is one metric; what is no longer written is not paid for."""
    assert {service: set(names.split()) for service, names in METRICS.items()} == _written()
    assert million_a_day(BIG)["CloudWatch metric-months"] == sum(map(len, _written().values())) / 30


def test_the_dashboard_shows_only_what_is_written() -> None:
    shown = [(service, name) for service, _, names in OWN_METRICS.values() for name in names.split()]
    shown += [(service, "pushes_gone") for service in PUSHING]
    written = _written()
    assert [(service, name) for service, name in shown if name not in written[service]] == []


def _written() -> dict[str, set[str]]:
    """The metrics that the functions' own sources name, by service."""
    pushes = _first_arguments("autocall/push.py", "_count")
    run = "functions/dialer/run_report.py"
    report = "functions/status_webhook/status_callback.py"
    outcomes = {outcome.total for outcome in DialOutcome}
    answers: list[Outcome] = [Placed(""), Throttled(""), NotSent(""), Unknown("", "")]
    answers += [Refused(concerns, 0, "") for concerns in ("lead", "permission", "account", "unlisted")]
    counted = {_metric_of(answer) for answer in answers} | _keys(run, "metrics") | {"unknown", "lost"}
    counted |= _keywords("functions/dialer/dial.py", "metric")
    by_number = _yielded("functions/status_webhook/caller_id_evidence.py")
    became = set(re.findall(r'return "(\w+)"', Path(report).read_text())) | _either(report)
    calls = {
        service: _first_arguments(f"functions/{service}/handler.py", "add_metric")
        for service in ("dialer", "leads_api", "leads_fetched", "status_webhook")
    }
    voice = "handler", "lead_calls", "agent_calls"
    heard = {
        name
        for module, does in product(voice, ("add_metric", "add", "measure"))
        for name in _first_arguments(f"functions/voice/{module}.py", does)
    }
    return {
        "voice": heard | pushes,
        "dialer": calls["dialer"] | {f"run_{name}" for name in outcomes | _keys(run, "totals")} | counted | pushes,
        "leads_api": calls["leads_api"] | {"api_2xx", "api_4xx", "api_5xx"} | pushes,
        "leads_fetched": calls["leads_fetched"] | {"frames"} | pushes,
        "status_webhook": calls["status_webhook"] | {f"callback_{name}" for name in became} | by_number | pushes,
    }


def _nodes(source: str) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(Path(source).read_text()))


def _keys(source: str, counter: str) -> set[str]:
    """What is counted under a fixed name in an attribute of that name."""
    found = [node for node in _nodes(source) if isinstance(node, ast.Subscript)]
    ours = [node for node in found if isinstance(node.value, ast.Attribute) and node.value.attr == counter]
    return {str(node.slice.value) for node in ours if isinstance(node.slice, ast.Constant)}


def _first_arguments(source: str, called: str) -> set[str]:
    """The fixed texts that something of that name is called with first."""
    calls = [node for node in _nodes(source) if isinstance(node, ast.Call) and node.args]
    ours = [node.args[0] for node in calls if ast.unparse(node.func).rpartition(".")[2] == called]
    return {str(argument.value) for argument in ours if isinstance(argument, ast.Constant)}


def _keywords(source: str, name: str) -> set[str]:
    """The fixed texts that are given under that name."""
    given = [node.value for node in _nodes(source) if isinstance(node, ast.keyword) and node.arg == name]
    return {str(value.value) for value in given if isinstance(value, ast.Constant)}


def _yielded(source: str) -> set[str]:
    """The fixed texts that come first in what is yielded."""
    pairs = [node.value for node in _nodes(source) if isinstance(node, ast.Yield)]
    return {ast.literal_eval(pair.elts[0]) for pair in pairs if isinstance(pair, ast.Tuple)}


def _either(source: str) -> set[str]:
    """The texts that a function of the source answers one or the other of."""
    choices = [node.value for node in _nodes(source) if isinstance(node, ast.Return)]
    texts = [[one.body, one.orelse] for one in choices if isinstance(one, ast.IfExp)]
    return {str(text.value) for pair in texts for text in pair if isinstance(text, ast.Constant) and text.value}


def test_the_limits_that_are_ours_are_those_of_the_settings() -> None:
    allowed = {limit.name: limit.allowed for limit in limits()}
    settings = parse({})

    assert allowed["callbacks a second, ours"] == settings.callbacks_per_second
    assert allowed["runs at once, ours"] == settings.max_concurrency
    assert allowed["calls a second, ours"] == settings.calls_per_second


def test_the_limit_that_is_met_first_is_twilios() -> None:
    used = [limit.used for limit in limits()]

    assert limits()[0].name == "calls a second, at Twilio"
    assert used == sorted(used, reverse=True)
    assert math.isclose(limits(2_000_000)[0].used, 2 * used[0])
