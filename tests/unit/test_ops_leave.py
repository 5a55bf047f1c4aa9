"""`make leave` and `make erase`: an agent is out at once, comes back by a word, and is forgotten as far as may be."""

from collections.abc import Iterator
from typing import Any

import pytest

from autocall import reasons
from autocall.agent_table import AgentTable
from autocall.installation_table import InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey, lead_id, number_hash, user_id
from autocall.session import PHONE
from autocall.session_table import SessionTable
from autocall.timing import Timing, now
from ops import agents as pool_agents
from ops import leave
from ops.installation import Installation, OpsError
from tests.unit.leads_api_world import FakeSockets
from tests.unit.moto_tables import AGENTS, LEADS, tables

EMAIL = "ada@example.com"
SUB = "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
PHONES = [f"+1201555010{digit}" for digit in range(4)]
BY = "operator"
LEG = "CA" + "1" * 32


class NobodyThere(Exception):
    """What Cognito says of a user it does not have."""


class Exists(Exception):
    """What it says of one whom it has."""


class Pool:
    """A pool of one user, who is known by their address and by their `sub`."""

    class exceptions:  # noqa: N801  boto3 names it so
        UserNotFoundException, UsernameExistsException = NobodyThere, Exists

    there = enabled = True
    password = ""

    def _of(self, asked: dict[str, Any]) -> None:
        assert asked["UserPoolId"] == "pool"
        if not self.there or asked["Username"] not in (EMAIL, SUB):
            raise NobodyThere

    def admin_get_user(self, **asked: Any) -> dict[str, Any]:
        self._of(asked)
        attributes = [{"Name": "email", "Value": EMAIL}, {"Name": "sub", "Value": SUB}]
        return {"UserAttributes": attributes, "Enabled": self.enabled, "UserStatus": "CONFIRMED"}

    def admin_create_user(self, **asked: Any) -> None:
        self._of(asked)
        raise Exists

    def admin_set_user_password(self, **asked: Any) -> None:
        self._of(asked)
        self.password = asked["Password"]

    def admin_disable_user(self, **asked: Any) -> None:
        self._of(asked)
        self.enabled = False

    def admin_enable_user(self, **asked: Any) -> None:
        self._of(asked)
        self.enabled = True

    def admin_user_global_sign_out(self, **asked: Any) -> None:
        self._of(asked)

    def admin_delete_user(self, **asked: Any) -> None:
        self._of(asked)
        self.there = False


class FakeTwilio:
    """Ends every call, until it is *out_of_reach*."""

    def __init__(self) -> None:
        self.hung_up: list[str] = []
        self.out_of_reach = False

    def hang_up(self, sid: str) -> bool:
        if not self.out_of_reach:
            self.hung_up.append(sid)
        return not self.out_of_reach


class World:
    """An installation with its own pool, and one agent of it with two tabs and four leads."""

    def __init__(self, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dynamodb = dynamodb
        self.cognito, self.sockets = Pool(), FakeSockets()
        self.agents, self.leads = AgentTable(dynamodb, AGENTS), LeadTable(dynamodb, LEADS, Timing())
        self.installation = InstallationTable(dynamodb, AGENTS)
        found = {"dynamodb": dynamodb, "cognito-idp": self.cognito, "apigatewaymanagementapi": self.sockets}
        self.twilio = FakeTwilio()
        monkeypatch.setattr(leave, "_twilio", lambda _installation: self.twilio)
        for module in (leave, pool_agents):
            monkeypatch.setattr(module, "client", lambda service, **_: found[service])
        outputs = {"LeadsTable": LEADS, "AgentsTable": AGENTS, "ManagementUrl": "https://x/live", "Issuer": "https://i"}
        self.elsewhere = Installation("autocall", outputs)
        self.here = Installation("autocall", outputs | {"UserPoolId": "pool"})
        self.user = SUB
        for tab in ("a", "b"):
            self.agents.connect(self.user, tab, int(now()) + 3600, now())
            self.agents.touch(self.user, tab, now())
        self.ids = [lead_id(self.user, phone) for phone in PHONES]
        for phone, lead in zip(PHONES, self.ids, strict=True):
            assert self.leads.create(LeadKey(self.user, lead), {"phone": phone}, now() - 9, now()).won

    def rows(self, user: str) -> list[Any]:
        return self.leads.page(user, None, 100)[0]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with tables() as client:
        yield World(client, monkeypatch)


def test_whoever_leaves_is_out_at_every_door_and_their_calls_are_named(world: World) -> None:
    assert world.leads.claim(Attempt(world.user, world.ids[0], "attempt"), "run", now()).won
    told = list(leave.leave(world.here, EMAIL, BY))
    agent = world.agents.get_agent(world.user)
    assert agent.left
    assert agent.connections == ()
    assert sorted(world.sockets.closed) == ["a", "b"]
    assert world.cognito.enabled is False
    assert told[-2:] == ["2 sockets were closed", f"Calls still in flight: {world.ids[0]}"]


def _on_the_line(world: World) -> SessionTable:
    """The agent is on the line, and kept for a lead."""
    sessions = SessionTable(world.dynamodb, AGENTS, Timing())
    assert sessions.open(world.user, "session", PHONE, 30, now()).won
    assert sessions.live(world.user, "session", LEG, now()).won
    assert sessions.reserve(world.user, "session", world.ids[0], "attempt", now()).won
    return sessions


def test_no_lead_who_answers_is_put_through_to_whoever_has_left_and_their_own_call_is_ended(world: World) -> None:
    sessions = _on_the_line(world)
    told = list(leave.leave(world.here, EMAIL, BY))
    assert not sessions.take(world.user, "attempt", 600, now()).won
    assert world.agents.get_agent(world.user).session.reason == reasons.TAKEN_OUT
    assert world.twilio.hung_up == [LEG]
    assert "Their own call has ended" in told


def test_a_conversation_is_not_cut_off_and_the_command_again_ends_the_agents_call_after_it(world: World) -> None:
    sessions = _on_the_line(world)
    assert sessions.take(world.user, "attempt", 600, now()).won
    told = list(leave.leave(world.here, EMAIL, BY))
    assert world.twilio.hung_up == []
    assert any(world.ids[0] in line and "`make leave` again" in line for line in told)
    assert sessions.free(world.user, "attempt", now()).won
    assert "Their own call has ended" in list(leave.leave(world.here, EMAIL, BY))
    assert world.twilio.hung_up == [LEG]


def test_a_call_whose_end_twilio_did_not_confirm_is_said(world: World) -> None:
    _on_the_line(world)
    world.twilio.out_of_reach = True
    assert any("did not confirm" in line for line in leave.leave(world.here, EMAIL, BY))
    world.twilio.out_of_reach = False
    assert "Their own call has ended" in list(leave.leave(world.here, EMAIL, BY))


def test_who_was_deleted_from_the_pool_before_leaves_by_their_id(world: World) -> None:
    """Their token is good for an hour, and nobody can look up their address any more."""
    world.cognito.there = False
    with pytest.raises(OpsError, match="by their id"):
        list(leave.leave(world.here, EMAIL, BY))
    told = list(leave.leave(world.here, world.user, BY))
    assert world.agents.has_left(world.user)
    assert told[-1] == "Calls still in flight: none"


def test_make_user_brings_back_who_has_left(world: World) -> None:
    list(leave.leave(world.here, EMAIL, BY))
    told = pool_agents.create(world.here, EMAIL, password="Calling-1-2-3")
    assert told == f"{EMAIL} is back, and is an agent already, and has this password now"
    assert not world.agents.has_left(world.user)
    assert world.cognito.enabled is True
    assert len(world.rows(world.user)) == 4


@pytest.mark.parametrize("who", ["auth0|ada", "sub-of-ada", user_id("auth0|ada")])
def test_the_agents_of_another_issuer_leave_and_come_back_by_their_id(world: World, who: str) -> None:
    list(leave.leave(world.elsewhere, who, BY))
    assert world.agents.has_left(who if who.startswith("~") else user_id(who))
    if not who.startswith("~"):
        assert pool_agents.create(world.elsewhere, who) == f"{who} is back"
        with pytest.raises(OpsError, match="https://i"):
            pool_agents.create(world.elsewhere, who)


# -- erased ------------------------------------------------------------------------------------------------------------


def test_who_has_left_is_erased_and_whom_they_may_not_call_nobody_may(world: World) -> None:
    world.leads.add_to_dnc(LeadKey(world.user, world.ids[1]), PHONES[1], world.user, now())
    world.agents.update_profile(world.user, {"agent_phone": "+12015550199"})
    other = lead_id("other", PHONES[0])
    assert world.leads.create(LeadKey("other", other), {"phone": PHONES[0]}, now(), now()).won
    list(leave.leave(world.here, EMAIL, BY))
    told = list(leave.erase(world.here, world.user, BY))
    assert told[:2] == [
        "1 numbers of their do-not-call list are on the installation's now",
        "4 leads are deleted",
    ]
    assert world.rows(world.user) == []
    assert world.agents.get_profile(world.user) == {}
    assert world.installation.is_forbidden(number_hash(PHONES[1]))
    assert not world.installation.is_forbidden(number_hash(PHONES[0]))
    assert len(world.rows("other")) == 1
    assert world.cognito.there is False


def test_an_erased_agent_stays_out(world: World) -> None:
    """With their leads gone they would call everybody again."""
    list(leave.leave(world.here, EMAIL, BY))
    list(leave.erase(world.here, EMAIL, BY))
    assert world.agents.has_left(world.user)
    assert not world.agents.come_back(world.user)
    with pytest.raises(OpsError, match="https://i"):
        pool_agents.create(world.elsewhere, world.user)
    assert world.agents.has_left(world.user)


def test_nobody_is_erased_who_has_not_left(world: World) -> None:
    with pytest.raises(OpsError, match="make leave"):
        list(leave.erase(world.here, EMAIL, BY))
    assert len(world.rows(world.user)) == 4


def test_nobody_is_erased_while_they_are_called_for(world: World) -> None:
    """The row is the memory of a call whose end is not known."""
    list(leave.leave(world.here, EMAIL, BY))
    assert world.leads.claim(Attempt(world.user, world.ids[0], "attempt"), "run", now()).won
    with pytest.raises(OpsError, match=world.ids[0]):
        list(leave.erase(world.here, EMAIL, BY))
    assert len(world.rows(world.user)) == 4


def test_a_call_that_began_meanwhile_keeps_its_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    list(leave.leave(world.here, EMAIL, BY))
    monkeypatch.setattr(leave, "calls_in_flight", lambda *_: [])
    assert world.leads.claim(Attempt(world.user, world.ids[0], "attempt"), "run", now()).won
    with pytest.raises(OpsError, match="is being called"):
        list(leave.erase(world.here, EMAIL, BY))
    assert world.leads.get(LeadKey(world.user, world.ids[0]))["call_status"] == "claimed"
