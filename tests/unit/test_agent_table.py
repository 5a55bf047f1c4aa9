"""The Agents table: who is here, what they have set, and what is everybody's."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from autocall.agent_table import INSTALLATION, AgentTable, Connection, Installation, Touch, UnprocessedKeys
from autocall.dynamo import from_dynamo
from autocall.leads import user_id
from autocall.timing import stamp
from tests.unit.moto_tables import AGENTS, tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AGENT, NOW = "agent", 1_780_000_000.0


class Twice:
    """A client whose every write is sent again, as the SDK does when the first answer is lost on the way."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_item(self, **request: Any) -> Any:
        self._client.update_item(**request)
        return self._client.update_item(**request)


@pytest.fixture
def client() -> Iterator["DynamoDBClient"]:
    with tables() as made:
        yield made


@pytest.fixture
def agents(client: "DynamoDBClient") -> AgentTable:
    return AgentTable(client, AGENTS)


@pytest.fixture
def twice(client: "DynamoDBClient") -> AgentTable:
    doubling: Any = Twice(client)
    return AgentTable(doubling, AGENTS)


def _tabs(agents: AgentTable, user: str = AGENT) -> list[str]:
    return [tab.connection_id for tab in agents.get_agent(user).connections]


# -- who is here -------------------------------------------------------------------------------------------------------


def test_nobody_is_there_and_nothing_is_set_at_first(agents: AgentTable) -> None:
    agent = agents.get_agent(AGENT)
    assert (agent.profile, agent.connections, agent.paused, agent.present(NOW, 180)) == ({}, (), False, False)


def test_one_look_finds_the_profile_and_all_tabs_of_the_user_alone(agents: AgentTable) -> None:
    for tab in ("a", "b"):
        agents.connect(AGENT, tab, int(NOW) + 600, NOW)
    agents.connect("another", "c", int(NOW) + 600, NOW)
    agents.update_profile(AGENT, {"lines": 3})
    assert _tabs(agents) == ["a", "b"]
    assert agents.get_agent(AGENT).profile["lines"] == 3


def test_a_tab_is_there_from_its_first_frame_on(agents: AgentTable) -> None:
    agents.connect(AGENT, "tab", int(NOW) + 600, NOW)
    assert not agents.get_agent(AGENT).present(NOW, 180)
    assert agents.touch(AGENT, "tab", NOW) is Touch.NOTED
    assert agents.get_agent(AGENT).present(NOW + 1, 180)


@pytest.mark.parametrize(
    ("seen_ago", "row_left", "token_left", "there"),
    [
        (0, 10, 10, True),
        (179.9, 10, 10, True),
        (180, 10, 10, False),
        (0, 0, 10, False),
        (0, -1, 10, False),
        (0, 10, 0, False),
        (0, 10, -1, False),
    ],
)
def test_present_is_a_recent_frame_on_an_unexpired_row_with_an_unexpired_token(
    seen_ago: float, row_left: float, token_left: float, there: bool
) -> None:
    tab = Connection("tab", NOW - seen_ago, NOW + row_left, NOW + token_left)
    assert tab.present(NOW, 180) is there


def test_a_connections_row_expires_in_whole_seconds_after_the_gateways_limit(
    agents: AgentTable, client: "DynamoDBClient"
) -> None:
    agents.connect(AGENT, "tab", int(NOW) + 600, NOW + 0.7)
    key: Any = {"user_id": {"S": AGENT}, "item": {"S": "connection#tab"}}
    row = client.get_item(TableName=AGENTS, Key=key)["Item"]
    assert row["expires_at"] == {"N": str(int(NOW) + 2 * 3600 + 300)}


def test_a_frame_never_brings_a_deleted_connection_back(agents: AgentTable) -> None:
    assert agents.touch(AGENT, "never was", NOW) is Touch.GONE
    assert agents.touch(AGENT, "never was", NOW, fetched=True) is Touch.GONE
    agents.connect(AGENT, "tab", int(NOW) + 600, NOW)
    agents.disconnect(AGENT, "tab")
    assert agents.touch(AGENT, "tab", NOW) is Touch.GONE
    assert _tabs(agents) == []


def test_only_a_tab_that_has_sent_a_frame_is_forgotten_when_it_is_gone(agents: AgentTable) -> None:
    for tab in ("handshake", "open"):
        agents.connect(AGENT, tab, int(NOW) + 600, NOW)
    agents.touch(AGENT, "open", NOW)
    for tab in ("handshake", "open", "never was"):
        agents.delete_if_gone(AGENT, tab)
    assert _tabs(agents) == ["handshake"]


def test_a_look_reads_every_page_of_a_user_with_many_tabs(agents: AgentTable, client: "DynamoDBClient") -> None:
    for place in range(5):
        agents.connect(AGENT, f"tab{place}", int(NOW) + 600, NOW)
    query, pages = client.query, []

    def small_pages(**request: Any) -> Any:
        pages.append(request)
        return query(**request, Limit=2)

    client.query = small_pages  # type: ignore[method-assign]
    assert len(_tabs(agents)) == 5
    assert len(pages) == 3
    assert all(page["ConsistentRead"] for page in pages)


# -- the profile -------------------------------------------------------------------------------------------------------


def test_every_change_of_the_profile_counts_its_version(agents: AgentTable) -> None:
    assert [agents.update_profile(AGENT, {"lines": lines})["version"] for lines in (1, 2, 3)] == [1, 2, 3]


def test_none_removes_a_field_and_the_others_stay(agents: AgentTable) -> None:
    agents.update_profile(AGENT, {"paused": True, "lines": 2})
    profile = agents.update_profile(AGENT, {"lines": None})
    assert (profile.get("lines"), profile["paused"]) == (None, True)


@pytest.mark.parametrize("version", [None, 1, 3])
def test_a_change_of_another_version_than_the_profiles_loses_and_answers_the_profile(
    agents: AgentTable, version: int | None
) -> None:
    for lines in (1, 2):
        agents.update_profile(AGENT, {"lines": lines})
    written = agents.try_update_profile(AGENT, version, {"lines": 9})
    assert not written.won
    assert (written.row["lines"], written.row["version"]) == (2, 2)


def test_two_who_change_different_fields_at_once_both_win(agents: AgentTable) -> None:
    agents.update_profile(AGENT, {"lines": 1})
    read = agents.get_profile

    def read_before_the_other_writes(user: str) -> Any:
        profile = read(user)
        agents.try_update_profile(user, profile["version"], {"paused": True})
        return profile

    agents.get_profile = read_before_the_other_writes  # type: ignore[method-assign]
    profile = agents.update_profile(AGENT, {"lines": 5})
    assert (profile["lines"], profile["paused"], profile["version"]) == (5, True, 3)


def test_a_change_whose_answer_was_lost_counts_once(twice: AgentTable) -> None:
    assert twice.update_profile(AGENT, {"lines": 1})["version"] == 1


# -- what is everybody's -----------------------------------------------------------------------------------------------


def test_at_first_nothing_rests(agents: AgentTable) -> None:
    assert agents.get_installation() == Installation()


def test_a_slot_is_taken_by_one(agents: AgentTable) -> None:
    assert agents.take_slot(None, "slot 1") == (True, "slot 1")
    assert agents.take_slot(None, "slot 2") == (False, "slot 1")
    assert agents.take_slot("slot 0", "slot 2") == (False, "slot 1")
    assert agents.take_slot("slot 1", "slot 2") == (True, "slot 2")
    assert agents.get_installation().next_slot == "slot 2"


def test_a_slot_whose_answer_was_lost_is_taken_once(twice: AgentTable) -> None:
    assert twice.take_slot(None, "slot 1") == (True, "slot 1")
    assert twice.take_slot("slot 1", "slot 2") == (True, "slot 2")


def test_the_third_unknown_in_a_row_is_a_rest(agents: AgentTable) -> None:
    accounts = [agents.count_unknown(NOW + 300) for _ in range(3)]
    assert [account.consecutive_unknowns for account in accounts] == [1, 2, 3]
    assert [account.resume_at for account in accounts] == [None, None, NOW + 300]
    assert accounts[2].reason == "unknown"


def test_a_recovery_ends_the_streak_the_rest_and_its_reason_but_not_the_pace(agents: AgentTable) -> None:
    agents.take_slot(None, "slot 1")
    for _ in range(3):
        seen = agents.count_unknown(NOW + 300)
    agents.close_breaker(seen)
    assert agents.get_installation() == Installation(next_slot="slot 1")


def test_a_recovery_does_not_end_a_rest_that_somebody_has_set_since(agents: AgentTable) -> None:
    agents.count_unknown(NOW + 300)
    seen = agents.get_installation()
    agents.open_breaker("account refused (20003)", NOW + 600)
    agents.close_breaker(seen)
    assert agents.get_installation().resume_at == NOW + 600
    agents.close_breaker(Installation(resume_at=NOW + 1))
    assert agents.get_installation().resume_at == NOW + 600


def test_after_a_rest_one_probes(agents: AgentTable) -> None:
    agents.open_breaker("unknown", NOW)
    assert [agents.take_probe(NOW, NOW + 60 + place) for place in range(3)] == [True, False, False]
    assert agents.get_installation().resume_at == NOW + 60
    assert agents.get_installation().reason == "unknown"


def test_a_probe_whose_answer_was_lost_is_ours(twice: AgentTable) -> None:
    twice.open_breaker("unknown", NOW)
    assert twice.take_probe(NOW, NOW + 60)


def test_the_second_look_finds_the_rest_and_the_number_in_one_read(agents: AgentTable) -> None:
    agents.open_breaker("unknown", NOW)
    agents.add_to_dnc(["forbidden", "too"], "admin", NOW)
    account, forbidden = agents.get_installation_and_dnc("forbidden")
    assert (account.resume_at, forbidden) == (NOW, True)
    assert agents.get_installation_and_dnc("allowed") == (account, False)
    assert agents.remove_from_dnc("forbidden", "admin", NOW)
    assert agents.get_installation_and_dnc("forbidden") == (account, False)
    assert agents.get_installation_and_dnc("too") == (account, True)


def test_the_second_look_asks_again_for_what_dynamodb_left_unread(agents: AgentTable, client: "DynamoDBClient") -> None:
    """A do-not-call that is left unread must never pass for *may be called*."""
    agents.add_to_dnc(["forbidden"], "admin", NOW)
    read, asked = client.batch_get_item, []

    def one_at_a_time(RequestItems: Any) -> Any:  # noqa: N803 - boto3's name
        keys = RequestItems[AGENTS]["Keys"]
        asked.append(len(keys))
        answer = read(RequestItems={AGENTS: {"Keys": keys[:1], "ConsistentRead": True}})
        return {**answer, "UnprocessedKeys": {AGENTS: {"Keys": keys[1:]}} if keys[1:] else {}}

    client.batch_get_item = one_at_a_time  # type: ignore[method-assign, assignment]
    assert agents.get_installation_and_dnc("forbidden") == (Installation(), True)
    assert asked == [2, 1]


def test_a_table_that_reads_nothing_of_a_second_look_is_not_asked_for_ever(
    agents: AgentTable, client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("autocall.agent_table.time.sleep", pauses.append)

    def busy(RequestItems: Any) -> Any:  # noqa: N803 - boto3's name
        return {"Responses": {}, "UnprocessedKeys": RequestItems}

    client.batch_get_item = busy  # type: ignore[method-assign]
    with pytest.raises(UnprocessedKeys):
        agents.get_installation_and_dnc("forbidden")
    assert pauses == sorted(pauses)
    assert len(pauses) == 4


def _entry(client: "DynamoDBClient") -> dict[str, Any]:
    """What the do-not-call list says of the number `forbidden`, without the mark of the last write."""
    key: Any = {"user_id": {"S": INSTALLATION}, "item": {"S": "dnc#forbidden"}}
    row = from_dynamo(client.get_item(TableName=AGENTS, Key=key).get("Item"))
    return {name: value for name, value in row.items() if name not in ("user_id", "item", "write_id")}


def test_who_forbade_a_number_first_and_when_is_kept(agents: AgentTable, client: "DynamoDBClient") -> None:
    agents.add_to_dnc(["forbidden"], "admin", NOW)
    agents.add_to_dnc(["forbidden"], "another", NOW + 1)
    assert _entry(client) == {"by": "admin", "since": stamp(NOW)}


def test_who_allowed_a_number_again_and_when_is_kept(agents: AgentTable, client: "DynamoDBClient") -> None:
    agents.add_to_dnc(["forbidden"], "admin", NOW)
    assert agents.remove_from_dnc("forbidden", "another", NOW + 1)
    assert not agents.remove_from_dnc("forbidden", "third", NOW + 2)
    removed = {"at": stamp(NOW + 1), "by": "another"}
    assert _entry(client) == {"by": "admin", "since": stamp(NOW), "removed": removed}


def test_a_number_that_was_never_forbidden_is_not_allowed_for_the_record(
    agents: AgentTable, client: "DynamoDBClient"
) -> None:
    assert not agents.remove_from_dnc("forbidden", "admin", NOW)
    assert _entry(client) == {}


def test_a_number_that_was_allowed_may_be_forbidden_anew(agents: AgentTable, client: "DynamoDBClient") -> None:
    agents.add_to_dnc(["forbidden"], "admin", NOW)
    agents.remove_from_dnc("forbidden", "admin", NOW + 1)
    agents.add_to_dnc(["forbidden"], "another", NOW + 2)
    assert _entry(client) == {"by": "another", "since": stamp(NOW + 2)}
    assert agents.get_installation_and_dnc("forbidden")[1]


def test_an_entry_whose_answer_was_lost_is_written_once(twice: AgentTable, client: "DynamoDBClient") -> None:
    twice.add_to_dnc(["forbidden"], "admin", NOW)
    assert twice.remove_from_dnc("forbidden", "admin", NOW + 1)
    assert _entry(client)["removed"] == {"at": stamp(NOW + 1), "by": "admin"}


def test_a_refusal_never_shortens_a_rest_that_goes_on_for_longer(agents: AgentTable) -> None:
    agents.set_breaker("stopped by an operator", NOW + 3600)
    assert agents.open_breaker("account refused (20003)", NOW + 300).resume_at == NOW + 3600
    assert agents.get_installation() == Installation(NOW + 3600, "stopped by an operator")


def test_a_refusal_makes_a_rest_longer_that_ends_sooner(agents: AgentTable) -> None:
    agents.set_breaker("stopped by an operator", NOW + 60)
    agents.open_breaker("account refused (20003)", NOW + 300)
    assert agents.get_installation() == Installation(NOW + 300, "account refused (20003)")


def test_a_person_may_make_a_rest_shorter(agents: AgentTable) -> None:
    agents.open_breaker("account refused (20003)", NOW + 300)
    agents.set_breaker("resumed", NOW)
    assert agents.get_installation() == Installation(NOW, "resumed")


def test_everybody_is_whoever_has_a_page_open_however_long_the_table(
    agents: AgentTable, client: "DynamoDBClient"
) -> None:
    for user, tab, opened in (("b", "1", NOW), ("a", "2", NOW), ("a", "3", NOW), ("gone", "4", NOW - 9000)):
        agents.connect(user, tab, int(NOW) + 600, opened)
    agents.update_profile("absent", {"lines": 3})
    agents.add_to_dnc(["forbidden"], "admin", NOW)
    scan = client.scan
    client.scan = lambda **request: scan(**request, Limit=2)  # type: ignore[method-assign]
    assert agents.connected_users(NOW) == ["a", "b"]


def test_no_agent_can_be_the_installation(agents: AgentTable) -> None:
    """An agent's key never begins with the sign that marks what is everybody's."""
    assert user_id(INSTALLATION) != INSTALLATION
    agents.update_profile(user_id(INSTALLATION), {"paused": True})
    assert agents.get_agent(INSTALLATION).profile == {}
