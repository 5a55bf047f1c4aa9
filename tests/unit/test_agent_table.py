"""The agents' items: connections, profile, everybody who has a page open."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from autocall.agent_table import AgentTable, Connection, Touch
from autocall.installation_table import InstallationTable
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
    for index in range(5):
        agents.connect(AGENT, f"tab{index}", int(NOW) + 600, NOW)
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


# -- all agents --------------------------------------------------------------------------------------------------------


def test_everybody_is_whoever_has_a_page_open_however_long_the_table(
    agents: AgentTable, client: "DynamoDBClient"
) -> None:
    for user, tab, opened in (("b", "1", NOW), ("a", "2", NOW), ("a", "3", NOW), ("gone", "4", NOW - 9000)):
        agents.connect(user, tab, int(NOW) + 600, opened)
    agents.update_profile("absent", {"lines": 3})
    InstallationTable(client, AGENTS).add_to_dnc(["forbidden"], "admin", NOW)
    scan = client.scan
    client.scan = lambda **request: scan(**request, Limit=2)  # type: ignore[method-assign]
    assert agents.connected_users(NOW) == ["a", "b"]
