"""What is said about money and limits is what the code computes from the counted requests."""

import math
from pathlib import Path

import pytest

from benchmarks.cost import (
    BIG,
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
from cdk.settings import read

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
    """A run, the lead at a paced rate, four callbacks; a ping a minute for a minute; the import's two write units."""
    table = RequestsTable(
        """
| what happens | reads | writes | queued | posts | Twilio |
|---|---|---|---|---|---|
| a run that finds nothing to do | 2 | 0 | 0 | each | 0 |
| a lead dialled at a paced rate | 4 | 3 | 0 | 2 each | 1 |
| a callback: it rings | 0 | 1 | 0 | each | 0 |
| a callback: it has ended | 2 | 1 | 1 | each | 0 |
| `ping` | 0 | 1 | 0 | 1 | 0 |
"""
    )

    lead = Calling(pages=1, lines=1, paced=True, table=table).lead()

    assert lead["DynamoDB read units"] == (2 + 4 + 2) * 1.5
    assert lead["DynamoDB write units"] == (2 + 3 + 1) * 4 + 1 + 1 + 2
    assert lead["WebSocket messages"] == 1 + 2 + 3 + 1 + 2
    assert lead["SQS FIFO requests"] == 3
    assert lead["HTTP API requests"] == 4
    assert lead["Lambda requests"] == 6
    assert lead["Lambda time, arm64, GB-seconds"] == pytest.approx((0.40 + 4 * 0.04 + 0.02 + 0.01) * 0.5)


def test_pages_multiply_what_is_posted_and_nothing_else() -> None:
    assert RequestsTable().of("a callback: it has ended, before any other was heard of", 2) == Requests(1, 1, 1, 6)
    one, three = Calling(pages=1).lead(), Calling(pages=3).lead()
    assert three["HTTP API requests"] == one["HTTP API requests"]
    assert three["DynamoDB read units"] == one["DynamoDB read units"]
    assert three["WebSocket messages"] == 3 * one["WebSocket messages"]


def test_everything_that_is_used_has_a_price() -> None:
    used = together(Calling().lead(), idle_month(), million_a_day(BIG))

    assert all(price(name) > 0 for name in used)
    assert dollars({"SQS FIFO requests": 3_000_000}) == pytest.approx(1.5)


def test_the_limits_that_are_ours_are_those_of_the_settings() -> None:
    allowed = {limit.name: limit.allowed for limit in limits()}
    settings = read({})

    assert allowed["callbacks a second, ours"] == settings.callbacks_per_second
    assert allowed["runs at once, ours"] == settings.max_concurrency
    assert allowed["calls a second, ours"] == settings.calls_per_second


def test_the_limit_that_is_met_first_is_twilios() -> None:
    used = [limit.used for limit in limits()]

    assert limits()[0].name == "calls a second, at Twilio"
    assert used == sorted(used, reverse=True)
    assert math.isclose(limits(2_000_000)[0].used, 2 * used[0])
