"""The witness finds each kind of difference between Twilio's list of calls and the table, and nothing where none is."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from autocall.call_outcomes import TwilioCall
from autocall.timing import stamp
from local.options import ACCOUNT_SID, API_KEY, API_SECRET
from ops import witness
from ops.installation import OpsError
from ops.twiml_app import Twilio
from ops.witness import Listed, Report, calls_since, compare
from tests.unit import simulator_world
from tests.unit.simulator_world import SENDER, Simulator

NOW = 1_780_000_000.0
HOUR_AGO = NOW - 3600
ONE, TWO = "+12025550101", "+12025550102"


def _call(sid: str, to: str = ONE, status: str = "completed", at: float = HOUR_AGO) -> Listed:
    return Listed(TwilioCall(sid, status, SENDER, at, 12), to)


def _row(sid: str = "CA1", phone: str = ONE, **more: Any) -> Any:
    row = {
        "user_id": "ada",
        "lead_id": f"lead-{phone[-1]}",
        "phone": phone,
        "attempt_id": "a1",
        "claimed_at": stamp(HOUR_AGO),
        "sender": SENDER,
        "call_status": "completed",
        "has_been_called": True,
        "call_sid": sid,
        "at": stamp(HOUR_AGO),
        "joined_at": stamp(HOUR_AGO),
        "calls": 1,
    }
    return {name: value for name, value in (row | more).items() if value is not None}


def _compared(calls: list[Listed], rows: list[Any], **more: Any) -> Report:
    return compare(calls, rows, NOW - 86_400, NOW, **more)


def _found(report: Report) -> dict[str, list[str]]:
    return {finding.title: finding.where for finding in report.findings if finding.where}


def test_where_all_agrees_nothing_is_found_and_the_calls_per_number_are_said() -> None:
    report = _compared([_call("CA1"), _call("CA2", TWO)], [_row(), _row("CA2", TWO)], agent_first=True)
    assert not report.differs
    assert next(report.lines()) == "2 numbers were called 1 time"


def test_a_number_that_was_called_twice_is_found_unless_its_leads_have_counted_that() -> None:
    twice = [_call("CA1"), _call("CA9")]
    (title,) = _found(_compared(twice, [_row(strays=[{"call_sid": "CA9"}])]))
    assert title == "Numbers that were called more often than their leads say"
    assert not _compared(twice, [_row(calls=2, history=[{"call_sid": "CA9"}])]).differs


def test_a_call_that_no_row_knows_is_found_but_not_one_to_an_agents_own_phone_or_of_another_system() -> None:
    assert _found(_compared([_call("CA1"), _call("CA2", TWO)], [_row()])) == {"Calls without a row": ["CA2"]}
    assert not _compared([_call("CA1"), _call("CA2", TWO)], [_row()], not_leads={TWO}).differs
    of_others = Listed(TwilioCall("CA2", "completed", "+12025550999", HOUR_AGO, 1), TWO)
    assert not _compared([_call("CA1"), of_others], [_row()]).differs


def test_a_row_whose_call_twilio_does_not_list_is_found_once_it_could_be_listed() -> None:
    assert _found(_compared([], [_row()])) == {"Rows without a call": ["lead lead-1 of ada"]}
    assert not _compared([], [_row(claimed_at=stamp(NOW - 60))]).differs
    assert not _compared([], [_row(claimed_at=stamp(NOW - 10 * 86_400))]).differs


def test_a_status_that_differs_is_found_once_the_row_could_have_it() -> None:
    late = _row(call_status="ringing")
    assert list(_found(_compared([_call("CA1")], [late]))) == ["Rows whose status is not Twilio's"]
    assert not _compared([_call("CA1")], [late | {"at": stamp(NOW - 30)}]).differs
    ended = _row(call_status="busy", at=stamp(NOW - 30))
    assert list(_found(_compared([_call("CA1")], [ended]))) == ["Rows whose status is not Twilio's"]


def test_an_unknown_outcome_that_a_single_call_settles_is_found_and_its_call_has_a_row() -> None:
    unknown = _row(None, call_status="unknown")
    found = _found(_compared([_call("CA5", at=HOUR_AGO + 2)], [unknown]))
    assert found == {"Unknown outcomes that Twilio can settle": ["lead lead-1 of ada: completed"]}
    assert not _compared([], [unknown]).differs


def test_an_answered_call_that_no_agent_joined_is_found_where_agents_are_on_the_line() -> None:
    alone = _row(joined_at=None)
    assert _found(_compared([_call("CA1")], [alone], agent_first=True)) == {
        "Answered, and no agent ever joined": ["lead lead-1 of ada (CA1)"]
    }
    assert not _compared([_call("CA1")], [alone]).differs


def test_no_finding_names_a_number() -> None:
    report = _compared(
        [_call("CA1", status="busy"), _call("CA9"), _call("CA8", TWO)], [_row(joined_at=None)], agent_first=True
    )
    assert report.differs
    assert "+1202555" not in "\n".join(report.lines())


# -- Twilio's list -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with simulator_world.running() as running:
        yield running


def _twilio(url: str) -> Twilio:
    return Twilio(url, ACCOUNT_SID, API_KEY, API_SECRET)


def test_every_page_of_the_list_is_read_one_a_second_at_most(simulator: Simulator) -> None:
    made = [simulator.call(To=f"+1202555015{index}") for index in range(7)]
    waits: list[float] = []
    found = list(calls_since(_twilio(simulator.url), 0, page_size=3, sleep=waits.append))
    assert sorted(each.sid for each in found) == sorted(made)
    assert {each.call.sender for each in found} == {SENDER}
    assert waits == [1.0, 1.0]
    newest = max(each.call.created_at or 0 for each in found)
    assert not list(calls_since(_twilio(simulator.url), newest + 1, sleep=waits.append))


class _Answers:
    """Twilio's answers in turn."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self._answers = list(answers)

    def ask(self, _method: str, _path: str) -> requests.Response:
        answer = requests.Response()
        answer.status_code, text = self._answers.pop(0)
        answer._content = text.encode()
        return answer


def test_while_twilio_asks_for_patience_it_is_asked_later_and_later_and_then_no_more() -> None:
    waits: list[float] = []
    patient: Any = _Answers((429, ""), (429, ""), (200, '{"calls": []}'))
    assert list(calls_since(patient, 0, sleep=waits.append)) == []
    assert waits == [1.0, 2.0]
    busy: Any = _Answers(*[(429, "")] * 5)
    with pytest.raises(OpsError, match="429"):
        list(calls_since(busy, 0, sleep=waits.append))


@pytest.mark.parametrize("answer", [(401, "{}"), (200, "no"), (200, '{"calls": [{"sid": 3}]}')])
def test_a_list_that_cannot_be_read_is_an_error_and_no_difference(answer: tuple[int, str]) -> None:
    broken: Any = _Answers(answer)
    with pytest.raises(OpsError, match="cannot be read"):
        list(calls_since(broken, 0, sleep=lambda _: None))


def test_agents_own_phones_are_read_from_their_profiles_and_every_lead_from_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from autocall.dynamo import to_dynamo
    from ops.installation import Installation
    from tests.unit.moto_tables import AGENTS, LEADS, tables

    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    here = Installation("autocall", {"LeadsTable": LEADS, "AgentsTable": AGENTS})
    with tables() as client:
        client.put_item(TableName=LEADS, Item=to_dynamo(_row()))
        client.put_item(TableName=LEADS, Item=to_dynamo({"user_id": "ada", "lead_id": "waits", "phone": TWO}))
        profile = {"user_id": "ada", "item": "profile", "agent_phone": TWO}
        client.put_item(TableName=AGENTS, Item=to_dynamo(profile))
        assert [row["lead_id"] for row in witness._rows(here)] == ["lead-1"]
        assert witness._agents_phones(here) == {TWO}
