"""GET /Calls: filters and pages, asked for by Twilio's own client and by ours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.rest import Client

from autocall.secret import Secret
from autocall.twilio_calls import TwilioCalls
from local.options import ACCOUNT_SID, API_KEY, API_SECRET
from tests.unit.simulator_world import LASTS, LEAD, PATIENCE_S, SENDER, Simulator, running

OTHER, ANOTHER_SENDER = "+12025550144", "+12025550101"
DAY = datetime(2026, 3, 8, tzinfo=UTC)


@pytest.fixture
def twilio() -> Iterator[Simulator]:
    with running() as made:
        yield made


@pytest.fixture
def client(twilio: Simulator) -> Client:
    return client_of(twilio)


def client_of(twilio: Simulator) -> Client:
    """Twilio's own client, at that address."""
    made = Client(API_KEY, API_SECRET, ACCOUNT_SID, environment={"_": ""})
    made.api.base_url = twilio.url
    return made


@pytest.fixture
def days(twilio: Simulator) -> dict[str, str]:
    """A call at noon of each of three days, by date, and one that was never dialled."""
    twilio.script(outcome="busy", ring_s=0)
    made = {}
    for day in range(3):
        noon = DAY + timedelta(days=day, hours=12)
        twilio.clock(at=noon.isoformat())
        made[f"{noon:%Y-%m-%d}"] = twilio.call()
        twilio.reaches(made[f"{noon:%Y-%m-%d}"], "busy")
    twilio.clock(offset_s=0)
    return made


def test_the_newest_call_comes_first(twilio: Simulator) -> None:
    made = [twilio.call() for _ in range(3)]
    assert twilio.list() == made[::-1]


def test_calls_are_found_by_number_and_sender(twilio: Simulator) -> None:
    first, second = twilio.call(), twilio.call(To=OTHER, From=ANOTHER_SENDER)
    assert twilio.list(To=LEAD) == [first]
    assert twilio.list(To=OTHER) == [second]
    assert twilio.list(From=SENDER) == [first]
    assert twilio.list(From=ANOTHER_SENDER, To=LEAD) == []
    assert twilio.list(To="+12025550199") == []
    assert twilio.list(ParentCallSid="CA" + "0" * 32) == []


def test_calls_are_found_by_status(twilio: Simulator) -> None:
    twilio.script(outcome="busy", ring_s=0, number=LEAD)
    twilio.script(outcome="completed", ring_s=0, talk_s=LASTS, number=OTHER)
    ended, lasting = twilio.call(), twilio.call(To=OTHER)
    twilio.reaches(ended, "busy")
    twilio.reaches(lasting, "in-progress")
    assert twilio.list(Status="busy") == [ended]
    assert twilio.list(Status="in-progress") == [lasting]
    assert twilio.list(Status="completed") == []


@pytest.mark.parametrize("time", ["StartTime", "EndTime"])
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"": "2026-03-09"}, [9]),
        ({">": "2026-03-09"}, [10, 9]),
        ({"<": "2026-03-09"}, [8]),
        ({">": "2026-03-09", "<": "2026-03-10"}, [9]),
        ({">": "2026-03-08T12:00:00Z", "<": "2026-03-08T12:01:00Z"}, [8]),
        ({">": "2026-03-08T13:00:00+00:00", "<": "2026-03-10T11:00:00+00:00"}, [9]),
        ({">": "2026-03-11"}, []),
        ({"<": "2026-03-08"}, []),
    ],
)
def test_calls_are_found_by_when_they_were(
    twilio: Simulator, days: dict[str, str], time: str, filters: dict[str, str], found: list[int]
) -> None:
    wanted = {time + name: value for name, value in filters.items()}
    assert twilio.list(**wanted) == [days[f"2026-03-{day:02d}"] for day in found]


def test_a_call_that_was_not_dialled_has_no_start_time_to_be_found_by() -> None:
    with running(cps=0.001) as twilio:
        twilio.call()
        waiting = twilio.call()
        assert waiting in twilio.list()
        assert waiting in twilio.list(Status="queued")
        assert waiting not in twilio.list(**{"StartTime>": "2000-01-01"})


@pytest.mark.parametrize(
    "query", [{"StartTime>": "yesterday"}, {"EndTime": "2026-99-01"}, {"PageSize": "many"}, {"Page": "x"}]
)
def test_a_filter_that_cannot_be_read_is_refused(twilio: Simulator, query: dict[str, str]) -> None:
    twilio.call()
    answer = twilio.ask("GET", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


# -- pages -------------------------------------------------------------------------------------------------------------


def pages(twilio: Simulator, **query: Any) -> list[dict[str, Any]]:
    """All pages, each asked for by the address that the one before gave."""
    found = [twilio.ask("GET", params=query).json()]
    while address := found[-1]["next_page_uri"]:
        found.append(requests.get(twilio.url + address, auth=twilio.login, timeout=PATIENCE_S).json())
    return found


def test_a_list_comes_in_pages(twilio: Simulator) -> None:
    made = [twilio.call() for _ in range(5)]
    found = pages(twilio, To=LEAD, PageSize=2)
    assert [[call["sid"] for call in page["calls"]] for page in found] == [made[4:2:-1], made[2:0:-1], made[:1]]
    assert [(page["page"], page["start"], page["end"]) for page in found] == [(0, 0, 1), (1, 2, 3), (2, 4, 4)]
    assert {page["page_size"] for page in found} == {2}
    assert found[0]["previous_page_uri"] is None
    assert "PageToken=PA" in found[0]["next_page_uri"]
    assert all("To=%2B" in page["uri"] for page in found)


def test_the_next_page_begins_where_the_last_ended_whatever_came_meanwhile(twilio: Simulator) -> None:
    made = [twilio.call() for _ in range(4)]
    first = twilio.ask("GET", params={"PageSize": 2}).json()
    twilio.call()
    second = requests.get(twilio.url + first["next_page_uri"], auth=twilio.login, timeout=PATIENCE_S).json()
    assert [call["sid"] for call in first["calls"] + second["calls"]] == made[::-1]


def test_a_page_has_fifty_calls_unless_asked_and_a_thousand_at_most(twilio: Simulator) -> None:
    twilio.call()
    assert twilio.ask("GET").json()["page_size"] == 50
    assert twilio.ask("GET", params={"PageSize": 5000}).json()["page_size"] == 1000


def test_an_empty_list_is_one_empty_page(twilio: Simulator) -> None:
    page = twilio.ask("GET").json()
    assert (page["calls"], page["next_page_uri"], page["previous_page_uri"]) == ([], None, None)


# -- clients -----------------------------------------------------------------------------------------------------------


def test_twilios_own_client_understands_it() -> None:
    with running(speed=1) as twilio:  # so that it still rings when it is ended
        twilio.script(ring_s=600)
        client = client_of(twilio)
        call = client.calls.create(to=LEAD, from_=SENDER, twiml="<Response/>", timeout=600)
        assert client.calls(call.sid).fetch().date_created.tzinfo is not None
        assert client.calls(call.sid).update(status="completed").status == "canceled"
        assert client.calls(call.sid).delete()
        assert client.calls.list() == []


def test_twilios_own_client_filters_and_turns_pages(client: Client, days: dict[str, str]) -> None:
    def sids(**filters: Any) -> list[str]:
        return [call.sid for call in client.calls.list(page_size=1, **filters)]

    assert sids() == list(days.values())[::-1]
    assert sids(start_time_after=DAY + timedelta(days=1)) == [days["2026-03-10"], days["2026-03-09"]]
    assert sids(start_time_before=DAY + timedelta(days=1)) == [days["2026-03-08"]]
    assert sids(end_time_after=DAY + timedelta(hours=13), end_time_before=DAY + timedelta(days=2)) == [
        days["2026-03-09"]
    ]
    assert sids(to=LEAD, from_=SENDER, status="busy") == list(days.values())[::-1]


def test_our_client_finds_every_call_to_a_number(twilio: Simulator, our_calls: TwilioCalls) -> None:
    made = {twilio.call() for _ in range(3)}
    twilio.call(To=OTHER)
    found = our_calls.to_number(LEAD)
    assert {call.sid for call in found} == made
    assert {call.sender for call in found} == {SENDER}


@pytest.fixture
def our_calls(twilio: Simulator) -> TwilioCalls:
    class Secrets:
        """A secrets manager with one secret."""

        def get_secret_value(self, **_: str) -> dict[str, str]:
            return {
                "SecretString": f'{{"account_sid": "{ACCOUNT_SID}", "api_key": "{API_KEY}",'
                f' "api_secret": "{API_SECRET}", "auth_tokens": ["t"]}}'
            }

    return TwilioCalls(Secret(Secrets(), "name"), twilio.url, PATIENCE_S)
