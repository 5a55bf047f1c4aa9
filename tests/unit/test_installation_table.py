"""The installation's items: circuit breaker, rate slot, do-not-call list, closures."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from autocall.agent_table import AgentTable
from autocall.called import Called
from autocall.dynamo import from_dynamo
from autocall.installation_settings import InstallationSettings
from autocall.installation_table import INSTALLATION, BeforeCall, Installation, InstallationTable, UnprocessedKeys
from autocall.leads import user_id
from autocall.timing import stamp
from tests.unit.moto_tables import AGENTS, tables
from tests.unit.test_agent_table import Twice

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = 1_780_000_000.0


@pytest.fixture
def client() -> Iterator["DynamoDBClient"]:
    with tables() as made:
        yield made


@pytest.fixture
def installation(client: "DynamoDBClient") -> InstallationTable:
    return InstallationTable(client, AGENTS)


@pytest.fixture
def twice(client: "DynamoDBClient") -> InstallationTable:
    doubling: Any = Twice(client)
    return InstallationTable(doubling, AGENTS)


def test_at_first_nothing_rests(installation: InstallationTable) -> None:
    assert installation.get_installation() == Installation()


def test_a_slot_is_taken_by_one(installation: InstallationTable) -> None:
    assert installation.take_slot(None, "slot 1") == (True, "slot 1")
    assert installation.take_slot(None, "slot 2") == (False, "slot 1")
    assert installation.take_slot("slot 0", "slot 2") == (False, "slot 1")
    assert installation.take_slot("slot 1", "slot 2") == (True, "slot 2")
    assert installation.get_installation().next_slot == "slot 2"


def test_a_slot_whose_answer_was_lost_is_taken_once(twice: InstallationTable) -> None:
    assert twice.take_slot(None, "slot 1") == (True, "slot 1")
    assert twice.take_slot("slot 1", "slot 2") == (True, "slot 2")


def test_the_third_unknown_in_a_row_is_a_rest(installation: InstallationTable) -> None:
    accounts = [installation.count_unknown(NOW + 300) for _ in range(3)]
    assert [account.consecutive_unknowns for account in accounts] == [1, 2, 3]
    assert [account.resume_at for account in accounts] == [None, None, NOW + 300]
    assert accounts[2].reason == "unknown"


def test_a_recovery_ends_the_streak_the_rest_and_its_reason_but_not_the_pace(installation: InstallationTable) -> None:
    installation.take_slot(None, "slot 1")
    for _ in range(3):
        seen = installation.count_unknown(NOW + 300)
    installation.close_breaker(seen)
    assert installation.get_installation() == Installation(next_slot="slot 1")


def test_a_recovery_does_not_end_a_rest_that_somebody_has_set_since(installation: InstallationTable) -> None:
    installation.count_unknown(NOW + 300)
    seen = installation.get_installation()
    installation.open_breaker("account refused (20003)", NOW + 600)
    installation.close_breaker(seen)
    assert installation.get_installation().resume_at == NOW + 600
    installation.close_breaker(Installation(resume_at=NOW + 1))
    assert installation.get_installation().resume_at == NOW + 600


def test_after_a_rest_one_probes(installation: InstallationTable) -> None:
    installation.open_breaker("unknown", NOW)
    assert [installation.take_probe(NOW, NOW + 60 + index) for index in range(3)] == [True, False, False]
    assert installation.get_installation().resume_at == NOW + 60
    assert installation.get_installation().reason == "unknown"


def test_a_probe_whose_answer_was_lost_is_ours(twice: InstallationTable) -> None:
    twice.open_breaker("unknown", NOW)
    assert twice.take_probe(NOW, NOW + 60)


def test_the_second_look_finds_the_rest_and_the_number_in_one_read(installation: InstallationTable) -> None:
    installation.open_breaker("unknown", NOW)
    installation.add_to_dnc(["forbidden", "too"], "admin", NOW)
    before = installation.get_before_call("forbidden", now=NOW)
    assert (before.installation.resume_at, before.forbidden, before.called) == (NOW, True, Called())
    assert not installation.get_before_call("allowed", now=NOW).forbidden
    assert installation.remove_from_dnc("forbidden", "admin", NOW)
    assert not installation.get_before_call("forbidden", now=NOW).forbidden
    assert installation.get_before_call("allowed", "too", now=NOW).forbidden


def test_the_second_look_asks_again_for_what_dynamodb_left_unread(
    installation: InstallationTable, client: "DynamoDBClient"
) -> None:
    """A do-not-call that is left unread must never pass for *may be called*."""
    installation.add_to_dnc(["forbidden"], "admin", NOW)
    read, asked = client.batch_get_item, []

    def one_at_a_time(RequestItems: Any) -> Any:  # noqa: N803 - boto3's name
        keys = RequestItems[AGENTS]["Keys"]
        asked.append(len(keys))
        answer = read(RequestItems={AGENTS: {"Keys": keys[:1], "ConsistentRead": True}})
        return {**answer, "UnprocessedKeys": {AGENTS: {"Keys": keys[1:]}} if keys[1:] else {}}

    client.batch_get_item = one_at_a_time  # type: ignore[method-assign, assignment]
    assert installation.get_before_call("forbidden", now=NOW) == BeforeCall(
        Installation(), True, Called(), InstallationSettings()
    )
    assert asked == [4, 3, 2, 1]


def test_a_table_that_reads_nothing_of_a_second_look_is_not_asked_for_ever(
    installation: InstallationTable, client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("autocall.installation_table.time.sleep", pauses.append)

    def busy(RequestItems: Any) -> Any:  # noqa: N803 - boto3's name
        return {"Responses": {}, "UnprocessedKeys": RequestItems}

    client.batch_get_item = busy  # type: ignore[method-assign]
    with pytest.raises(UnprocessedKeys):
        installation.get_before_call("forbidden", now=NOW)
    assert pauses == sorted(pauses)
    assert len(pauses) == 4


def _entry(client: "DynamoDBClient") -> dict[str, Any]:
    """What the do-not-call list says of the number `forbidden`, without the mark of the last write."""
    key: Any = {"user_id": {"S": INSTALLATION}, "item": {"S": "dnc#forbidden"}}
    row = from_dynamo(client.get_item(TableName=AGENTS, Key=key).get("Item"))
    return {name: value for name, value in row.items() if name not in ("user_id", "item", "write_id")}


def test_who_forbade_a_number_first_and_when_is_kept(installation: InstallationTable, client: "DynamoDBClient") -> None:
    installation.add_to_dnc(["forbidden"], "admin", NOW)
    installation.add_to_dnc(["forbidden"], "another", NOW + 1)
    assert _entry(client) == {"by": "admin", "since": stamp(NOW)}


def test_who_allowed_a_number_again_and_when_is_kept(installation: InstallationTable, client: "DynamoDBClient") -> None:
    installation.add_to_dnc(["forbidden"], "admin", NOW)
    assert installation.remove_from_dnc("forbidden", "another", NOW + 1)
    assert not installation.remove_from_dnc("forbidden", "third", NOW + 2)
    removed = {"at": stamp(NOW + 1), "by": "another"}
    assert _entry(client) == {"by": "admin", "since": stamp(NOW), "removed": removed}


def test_a_number_that_was_never_forbidden_is_not_allowed_for_the_record(
    installation: InstallationTable, client: "DynamoDBClient"
) -> None:
    assert not installation.remove_from_dnc("forbidden", "admin", NOW)
    assert _entry(client) == {}


def test_a_number_that_was_allowed_may_be_forbidden_anew(
    installation: InstallationTable, client: "DynamoDBClient"
) -> None:
    installation.add_to_dnc(["forbidden"], "admin", NOW)
    installation.remove_from_dnc("forbidden", "admin", NOW + 1)
    installation.add_to_dnc(["forbidden"], "another", NOW + 2)
    assert _entry(client) == {"by": "another", "since": stamp(NOW + 2)}
    assert installation.is_forbidden("forbidden")


def test_an_entry_whose_answer_was_lost_is_written_once(twice: InstallationTable, client: "DynamoDBClient") -> None:
    twice.add_to_dnc(["forbidden"], "admin", NOW)
    assert twice.remove_from_dnc("forbidden", "admin", NOW + 1)
    assert _entry(client)["removed"] == {"at": stamp(NOW + 1), "by": "admin"}


def test_a_refusal_never_shortens_a_rest_that_goes_on_for_longer(installation: InstallationTable) -> None:
    installation.set_breaker("stopped by an operator", NOW + 3600)
    assert installation.open_breaker("account refused (20003)", NOW + 300).resume_at == NOW + 3600
    assert installation.get_installation() == Installation(NOW + 3600, "stopped by an operator")


def test_a_refusal_makes_a_rest_longer_that_ends_sooner(installation: InstallationTable) -> None:
    installation.set_breaker("stopped by an operator", NOW + 60)
    installation.open_breaker("account refused (20003)", NOW + 300)
    assert installation.get_installation() == Installation(NOW + 300, "account refused (20003)")


@pytest.mark.parametrize(
    ("code", "user", "opens"), [(29999, "ada", False), (30000, "grace", False), (29999, "grace", True)]
)
def test_the_code_that_another_agents_lead_met_before_opens_the_breaker_and_no_other(
    installation: InstallationTable, code: int, user: str, opens: bool
) -> None:
    installation.note_refusal(29999, "lead", "ada")
    alike, account = installation.refused_alike(code, user, "why", NOW + 60)
    assert alike is opens
    assert account.resume_at == (NOW + 60 if opens else None)


@pytest.mark.parametrize(("rests_until", "lasts_until"), [(NOW + 30, NOW + 60), (NOW + 900, NOW + 900)])
def test_what_two_agents_leads_met_makes_a_rest_longer_and_never_shorter(
    installation: InstallationTable, rests_until: float, lasts_until: float
) -> None:
    installation.note_refusal(29999, "lead", "ada")
    installation.open_breaker("by hand", rests_until)
    alike, account = installation.refused_alike(29999, "grace", "why", NOW + 60)
    assert alike
    assert account.resume_at == lasts_until


def test_of_two_who_change_the_settings_at_once_the_second_loses(installation: InstallationTable) -> None:
    won, settings = installation.change_settings(0, {"call_from": "+15005550006"})
    assert won
    assert not installation.change_settings(0, {"call_from": "+15005550007"})[0]
    assert installation.change_settings(1, {"call_from": "+15005550008"})[0]
    assert not installation.change_settings(1, {"call_from": "+15005550009"})[0]
    assert settings.version == 1


@pytest.mark.parametrize("first", [True, False])
def test_two_who_close_a_state_at_once_both_win(
    installation: InstallationTable, client: "DynamoDBClient", first: bool
) -> None:
    """The other writes between the read and the write of the first."""
    if not first:
        installation.close("US-NY", NOW + 60, "ada", NOW)

    class Overtaken:
        def __init__(self) -> None:
            self.raced = False

        def __getattr__(self, name: str) -> Any:
            return getattr(client, name)

        def update_item(self, **request: Any) -> Any:
            if not self.raced:
                self.raced = True
                installation.close("US-CA", NOW + 60, "grace", NOW)
            return client.update_item(**request)

    overtaken: Any = Overtaken()
    InstallationTable(overtaken, AGENTS).close("US-TX", NOW + 60, "ada", NOW)
    assert set(installation.get_installation().closed) >= {"US-CA", "US-TX"}


def test_a_call_that_is_not_made_is_taken_off_its_day_once_and_no_day_has_less_than_none(
    installation: InstallationTable, twice: InstallationTable
) -> None:
    """Also where the request is sent again, because its answer was lost."""
    installation.uncount_call("ada", NOW)
    assert [installation.count_call("ada", 2, NOW) for _ in range(3)] == [True, True, False]
    twice.uncount_call("ada", NOW)
    assert [installation.count_call("ada", 2, NOW) for _ in range(2)] == [True, False]


def test_a_person_may_make_a_rest_shorter(installation: InstallationTable) -> None:
    installation.open_breaker("account refused (20003)", NOW + 300)
    installation.set_breaker("resumed", NOW)
    assert installation.get_installation() == Installation(NOW, "resumed")


def test_no_agent_can_be_the_installation(client: "DynamoDBClient") -> None:
    """An agent's key never begins with the sign that marks what is everybody's."""
    agents = AgentTable(client, AGENTS)
    assert user_id(INSTALLATION) != INSTALLATION
    agents.update_profile(user_id(INSTALLATION), {"paused": True})
    assert agents.get_agent(INSTALLATION).profile == {}
