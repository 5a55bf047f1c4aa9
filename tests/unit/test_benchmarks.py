"""What a benchmark says is what it has measured."""

import re
from collections import Counter
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from benchmarks import __main__ as benchmarks
from benchmarks.answering import MOST_OVER_BARE, Handlers
from benchmarks.answering import _figures as shares
from benchmarks.figures import Figure
from benchmarks.growth import AGENTS, LENGTHS, PICTURES, Waits, picture
from benchmarks.in_process import Spent
from benchmarks.report import page, table
from benchmarks.scaling import BURST, LISTS, Rounds, _figures
from benchmarks.slow_services import LongTables
from tests.faults.tables import LEADS, Tables
from tests.unit.shipped_functions import TOKEN, shipped


@pytest.mark.parametrize(("quick", "bar"), [(False, 600), (True, 90)])
def test_measuring_has_a_bar_of_its_own(quick: bool, bar: float) -> None:
    assert benchmarks._took(bar, quick=quick).met is True
    assert benchmarks._took(bar + 1, quick=quick).met is False


@pytest.mark.parametrize(("value", "bar"), [(0, "≤ 0, met"), (2, "≤ 0, missed by 2")])
def test_a_bar_of_none_at_all_is_told_and_drawn(value: float, bar: str) -> None:
    figure = Figure("answer", "answers that met no agent", value, "leads", most=0)
    assert bar in page([figure], {})
    assert bar in table([figure])


def test_a_round_that_sent_more_is_not_hidden_by_one_that_sent_less() -> None:
    """Of CPU the best round is told, of requests the worst."""
    rounds = [Spent(cpu_s, Counter(Query=sent), rows=sent) for cpu_s, sent in ((0.2, 20), (0.1, 40), (0.3, 20))]
    (figure,) = _figures(LISTS[0], shortest := Rounds(rounds), shortest)
    assert figure.value == pytest.approx(0.1 / BURST * 1000)
    assert figure.about == "best of 3 rounds: 10.0 ms of own CPU; worst: 4.0 requests and 4 rows read a lead"


def test_an_answer_and_the_bare_update_lead_into_the_same_room_by_one_request_each() -> None:
    """What is compared does the same; else the ratio would say nothing."""
    with pytest.MonkeyPatch.context() as monkeypatch, shipped(monkeypatch, AUDIO="agent") as world:
        handlers = Handlers(world.function("voice"), RequestValidator(TOKEN))
        handlers.keep_the_agent()
        event = handlers.event()
        handlers.answer(event)  # Twilio's secret is read once
        world.requests.clear()
        assert ">session</Conference>" in handlers.answer(event)
        assert world.requests == {"UpdateItem": 1}
        assert ">session</Conference>" in handlers.bare(event)
        assert world.requests == {"UpdateItem": 2}


def test_the_handler_is_held_against_the_bare_update_by_their_middle() -> None:
    (figure,) = shares([0.1, 0.115, 9.0], [0.1, 0.1, 0.1])
    assert figure.value == pytest.approx(MOST_OVER_BARE)
    assert shares([0.12], [0.1])[0].met is False


# -- the tables that answer as late as AWS -----------------------------------------------------------------------------


def test_a_long_table_answers_as_the_one_that_looks_at_all_of_it() -> None:
    tables, plain = LongTables(), Tables()
    plain.items = tables.items
    tables.fill({"user_id": {"S": "user"}, "zones": {"L": []}}, "wait#2", 6)
    first, *others, left, gone = tables.items[LEADS].values()
    for index, row in enumerate(others):
        tables.put_item(TableName=LEADS, Item=row | {"due": {"S": f"wait#{3 - index}"}})
    tables.put_item(TableName=LEADS, Item=first | {"user_id": {"S": "another"}})
    tables.put_item(TableName=LEADS, Item={name: value for name, value in left.items() if name != "due"})
    tables.delete_item(TableName=LEADS, Key={"user_id": gone["user_id"], "lead_id": gone["lead_id"]})
    values = {"ExpressionAttributeValues": {":user": {"S": "user"}}, "ConsistentRead": True}
    asked: dict[str, Any] = {"TableName": LEADS, "KeyConditionExpression": "user_id = :user", **values}
    assert tables.query(**asked) == plain.query(**asked)
    asked |= {"IndexName": "due", "Limit": 3}
    page = tables.query(**asked)
    assert page == plain.query(**asked)
    asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    assert tables.query(**asked) == plain.query(**asked)


# -- what grows --------------------------------------------------------------------------------------------------------


def _waits(*seconds: float) -> Waits:
    half = [each / 2 for each in seconds]
    return Waits((list(seconds), list(seconds)), (half, half))


def _texts(svg: str) -> list[str]:
    return re.findall("<text[^>]*>([^<]*)</text>", svg)


def test_both_paths_are_drawn_over_what_grows() -> None:
    drawn = _texts(picture("leads", {10: _waits(0.1, 0.3), 1_000: _waits(0.2, 0.4)}, "by hand"))
    assert {"leads", "10", "1,000", "milliseconds", "p50", "p95", "floor, p50", "by hand", "0", "100", "400"} <= {
        *drawn
    }
    assert _waits(0.1, 0.3).ratio(0) == pytest.approx(2)


@pytest.mark.parametrize(("file", "places"), [("leads", LENGTHS), ("agents", AGENTS)])
def test_the_pictures_in_the_document_are_those_that_are_drawn(file: str, places: tuple[int, ...]) -> None:
    assert f"(growth/{file}.svg)" in (PICTURES.parent / "scale.md").read_text()
    drawn, wanted = _texts((PICTURES / f"{file}.svg").read_text()), [f"{label:,}" for label in places]
    assert any(drawn[at : at + len(wanted)] == wanted for at in range(len(drawn)))
