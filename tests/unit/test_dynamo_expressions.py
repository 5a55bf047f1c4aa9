"""What DynamoDB refuses and its emulators let through: checked over every expression of every write and read."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from itertools import product
from typing import Any

import pytest
from botocore.exceptions import ClientError

from autocall.agent_table import AgentTable
from autocall.called import Called
from autocall.called_table import CalledTable
from autocall.caller_id_table import CallerIdTable
from autocall.dynamo import to_dynamo
from autocall.installation_table import Installation, InstallationTable
from autocall.lead_table import LeadTable
from autocall.leads import Attempt, LeadKey
from autocall.queued_run import QueuedRuns
from autocall.session_table import SessionTable
from autocall.timing import Timing, stamp

NOW = 1_780_000_000.0
WAITS = "wait#" + stamp(NOW)
RESERVED = frozenset(files("moto.dynamodb.parsing").joinpath("reserved_keywords.txt").read_text().split())
SYNTAX = frozenset({"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"})
EXPRESSIONS = (
    "UpdateExpression",
    "ConditionExpression",
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
)
WORD = re.compile(r"[#:]?[A-Za-z_]\w*(?!\w)(?!\s*\()")


class RecordingClient:
    """Takes every request, answers as if *found* were in the table, and refuses the first write if asked to."""

    def __init__(self, found: dict[str, Any], refuses_first: bool) -> None:
        self.requests: list[dict[str, Any]] = []
        self._found, self._refuses = to_dynamo(found), refuses_first

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        def call(**request: Any) -> dict[str, Any]:
            self.requests.append(request)
            if "ConditionExpression" in request and self._refuses:
                self._refuses = False
                refused: Any = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": self._found}
                raise ClientError(refused, operation)
            answer = {"Items": [], "Responses": {}, "Attributes": self._found}
            return answer | ({"Item": self._found} if self._found else {})

        return call


ABOUT = {
    "phone": "+15005550100",
    "name": "n",
    "zones": ["z"],
    "timezone": "z",
    "state": "s",
    "note": "n",
    "external_id": "e",
    "extra": {"a": "b"},
}
ATTEMPT = Attempt("user", "lead", "attempt")
ENDED: Any = {
    "user_id": "user",
    "lead_id": "lead",
    "attempt_id": "attempt",
    "version": 3,
    "call_status": "completed",
    "outcome": {"code": "meeting", "at": stamp(NOW), "by": "user"},
    "rang_back_at": stamp(NOW),
}
LEAD_CALLS: dict[str, list[Callable[[LeadTable], Any]]] = {
    "get": [lambda t: t.get(LeadKey("user", "lead"))],
    "page": [lambda t: t.page("user", None, 10), lambda t: t.page("user", "lead", 10)],
    "answered": [lambda t: t.answered(stamp(NOW)), lambda t: t.answered(stamp(NOW), LeadKey("user", "lead"))],
    "unsettled": [lambda t: t.unsettled("user")],
    "waiting": [lambda t: list(t.waiting("user", 10))],
    "due": [lambda t: list(t.due("user", 10)[1])],
    "create": [
        lambda t: t.create(LeadKey("user", "lead"), ABOUT, NOW, NOW),
        lambda t: t.create(LeadKey("user", "lead"), ABOUT, NOW, NOW, "consent"),
    ],
    "merge": [lambda t: t.merge(LeadKey("user", "lead"), ABOUT, NOW)],
    "delete": [lambda t: t.delete(LeadKey("user", "lead"), "user", NOW)],
    "add_to_dnc": [lambda t: t.add_to_dnc(LeadKey("user", "lead"), "+15005550100", "user", NOW)],
    "remove_from_dnc": [lambda t: t.remove_from_dnc(LeadKey("user", "lead"), "user", NOW)],
    "park": [lambda t: t.park(LeadKey("user", "lead"), NOW)],
    "hold": [lambda t: t.hold(LeadKey("user", "lead"), WAITS, "hours", NOW + 1, NOW)],
    "unhold": [lambda t: t.unhold(LeadKey("user", "lead"), WAITS, NOW)],
    "confirm": [lambda t: t.confirm(LeadKey("user", "lead"), WAITS, "user", NOW)],
    "claim": [lambda t: t.claim(ATTEMPT, "run", NOW)],
    "choose_sender": [lambda t: t.choose_sender(ATTEMPT, "+12015550100")],
    "mark_placed": [lambda t: t.mark_placed(ATTEMPT, "CA1", NOW)],
    "mark_refused": [lambda t: t.mark_refused(ATTEMPT, "why", NOW)],
    "release": [
        lambda t: t.release(ATTEMPT, "why", NOW + 1, NOW),
        lambda t: t.release(ATTEMPT, "why", NOW + 1, NOW, position=stamp(NOW), counts="releases"),
        lambda t: t.release(ATTEMPT, "why", NOW + 1, NOW, counts="refusals"),
    ],
    "mark_unknown": [lambda t: t.mark_unknown(ATTEMPT, "why", NOW)],
    "record_live": [
        lambda t: t.record_live(ATTEMPT, "CA1", "queued", "e", NOW),
        lambda t: t.record_live(ATTEMPT, "CA1", "ringing", "e", NOW),
        lambda t: t.record_live(ATTEMPT, "CA1", "in-progress", "e", NOW),
    ],
    "record_end": [
        lambda t: t.record_end(ATTEMPT, "CA1", "completed", "e", NOW),
        lambda t: t.record_end(ATTEMPT, "CA1", "failed", "e", NOW, duration_s=3, reason="why"),
        lambda t: t.record_end(ATTEMPT, "CA1", "completed", "e", NOW, if_met_or_abandoned=True),
    ],
    "record_end_without_agent": [
        lambda t: t.record_end_without_agent(ATTEMPT, "CA1", "e", NOW),
        lambda t: t.record_end_without_agent(ATTEMPT, "CA1", "e", NOW, duration_s=3),
    ],
    "mark_joined": [lambda t: t.mark_joined(ATTEMPT, NOW)],
    "mark_abandoned": [lambda t: t.mark_abandoned(ATTEMPT, NOW)],
    "mark_rang_back": [lambda t: t.mark_rang_back(LeadKey("user", "lead"), "CA1", NOW)],
    "mark_ring_back_heard": [lambda t: t.mark_ring_back_heard(LeadKey("user", "lead"), "CA1", NOW)],
    "mark_ring_back_asked": [lambda t: t.mark_ring_back_asked(LeadKey("user", "lead"), NOW)],
    "close_ring_back": [lambda t: t.close_ring_back(LeadKey("user", "lead"), stamp(NOW), NOW)],
    "reopen_ring_back": [lambda t: t.reopen_ring_back(LeadKey("user", "lead"), stamp(NOW), NOW)],
    "mark_answered_by": [lambda t: t.mark_answered_by(ATTEMPT, "human", NOW)],
    "add_stray": [lambda t: t.add_stray(ATTEMPT, "CA1", "ringing", NOW)],
    "reschedule_check": [lambda t: t.reschedule_check(ATTEMPT, "busy#1", NOW)],
    "free_line": [lambda t: t.free_line(ATTEMPT, "busy#1", NOW + 1)],
    "mark_lost": [lambda t: t.mark_lost(ATTEMPT, "busy#1", "why", NOW + 1, NOW)],
    "release_by_agent": [lambda t: t.release_by_agent(ATTEMPT, "user", NOW)],
    "set_outcome": [
        lambda t: t.set_outcome(ATTEMPT, "meeting", "user", NOW),
        lambda t: t.set_outcome(ATTEMPT, "voicemail", "user", NOW, preset=True),
    ],
    "annotate": [
        lambda t: t.annotate(ATTEMPT.key, 0, "text", "user", NOW),
        lambda t: t.annotate(ATTEMPT.key, 2, "text", "user", NOW),
    ],
    "again": [
        lambda t: t.again(ENDED, "user", NOW),
        lambda t: t.again(ENDED, "user", NOW, at=NOW + 60, why="they asked"),
    ],
    "reappoint": [
        lambda t: t.reappoint(ENDED, "user", NOW),
        lambda t: t.reappoint(ENDED, "user", NOW, at=NOW + 60),
    ],
    "settle_by_agent": [lambda t: t.settle_by_agent(ATTEMPT, "user", "2026-01-01T00:00:00.000Z", NOW)],
}
SETTINGS = {"paused": True, "resume_at": None, "lines": 2, "agent_phone": "+15005550100", "window": None}
AGENT_CALLS: dict[str, list[Callable[[AgentTable], Any]]] = {
    "get_agent": [lambda t: t.get_agent("user")],
    "connect": [lambda t: t.connect("user", "c", 1, NOW)],
    "touch": [
        lambda t: t.touch("user", "c", NOW, fetched=True),
        lambda t: t.touch("user", "c", NOW),
        lambda t: t.touch("user", "c", NOW, ""),
        lambda t: t.touch("user", "c", NOW, "session"),
    ],
    "disconnect": [lambda t: t.disconnect("user", "c")],
    "delete_if_gone": [lambda t: t.delete_if_gone("user", "c")],
    "get_profile": [lambda t: t.get_profile("user")],
    "update_profile": [lambda t: t.update_profile("user", SETTINGS)],
    "try_update_profile": [
        lambda t: t.try_update_profile("user", None, SETTINGS),
        lambda t: t.try_update_profile("user", 3, SETTINGS),
    ],
    "connected_users": [lambda t: t.connected_users(NOW)],
    "leave": [
        lambda t: t.leave("user", "operator", NOW),
        lambda t: t.leave("user", "operator", NOW, erased=True),
    ],
    "put_first": [lambda t: t.put_first("user", "lead", NOW)],
    "forget_first": [lambda t: t.forget_first("user", "lead", NOW)],
    "come_back": [lambda t: t.come_back("user")],
    "has_left": [lambda t: t.has_left("user")],
}
INSTALLATION_CALLS: dict[str, list[Callable[[InstallationTable], Any]]] = {
    "get_installation": [lambda t: t.get_installation()],
    "get_before_call": [lambda t: t.get_before_call("hash", now=NOW, caller_ids=["+12015550100"])],
    "is_forbidden": [lambda t: t.is_forbidden("hash")],
    "close": [lambda t: t.close("US-LA", NOW + 60, "operator", NOW)],
    "reopen": [lambda t: t.reopen("US-LA", NOW)],
    "take_slot": [lambda t: t.take_slot(None, "slot"), lambda t: t.take_slot("seen", "slot")],
    "count_unknown": [lambda t: t.count_unknown(NOW)],
    "open_breaker": [lambda t: t.open_breaker("why", NOW)],
    "refused_alike": [lambda t: t.refused_alike(29999, "user", "why", NOW)],
    "note_refusal": [
        lambda t: t.note_refusal(29999, "lead", "user"),
        lambda t: t.note_refusal(29999, "lead", "user", NOW),
    ],
    "set_breaker": [lambda t: t.set_breaker("why", NOW)],
    "take_probe": [lambda t: t.take_probe(NOW, NOW + 1)],
    "close_breaker": [
        lambda t: t.close_breaker(Installation()),
        lambda t: t.close_breaker(Installation(resume_at=NOW, consecutive_unknowns=3)),
    ],
    "add_to_dnc": [lambda t: t.add_to_dnc(["hash"], "user", NOW)],
    "remove_from_dnc": [lambda t: t.remove_from_dnc("hash", "user", NOW)],
    "count_call": [lambda t: t.count_call("user", 100, NOW)],
    "uncount_call": [lambda t: t.uncount_call("user", NOW)],
    "get_settings": [lambda t: t.get_settings()],
    "change_settings": [
        lambda t: t.change_settings(0, {"again_per_week": 2}),
        lambda t: t.change_settings(3, {"outcomes": [{"code": "c", "label": "l", "kind": "ordinary"}]}),
    ],
}
CALLED = Called("other", "lead", "A0", NOW - 60, (stamp(NOW - 60),), NOW + 60, {"by": "admin"}, stored="A0")
CALLED_CALLS: dict[str, list[Callable[[CalledTable], Any]]] = {
    "get": [lambda t: t.get("hash", NOW)],
    "mark": [
        lambda t: t.mark("hash", Called(), Attempt("user", "lead", "A1"), NOW, NOW + 60),
        lambda t: t.mark("hash", CALLED, Attempt("user", "lead", "A1"), NOW, NOW + 60),
    ],
    "put_back": [lambda t: t.put_back("hash", Called(), "A1"), lambda t: t.put_back("hash", CALLED, "A1")],
    "lift": [lambda t: t.lift("hash", CALLED, "admin", NOW)],
}
NUMBER = "+12015550100"
CALLER_ID_CALLS: dict[str, list[Callable[[CallerIdTable], Any]]] = {
    "get": [lambda t: t.get(NUMBER)],
    "reject": [lambda t: t.reject(NUMBER, "CA1", NOW)],
    "accept": [lambda t: t.accept(NUMBER)],
    "rest_if_rejected": [lambda t: t.rest_if_rejected(NUMBER, "why", NOW + 60, NOW)],
    "rest_if_refused": [lambda t: t.rest_if_refused(NUMBER, "why", NOW + 60, NOW)],
    "rest": [lambda t: t.rest(NUMBER, "why", NOW + 60, "operator", NOW)],
    "use_again": [lambda t: t.use_again(NUMBER)],
}

MARK_CALLS: dict[str, list[Callable[[QueuedRuns], Any]]] = {
    "mark": [lambda t: t.mark("user", "call ended", NOW), lambda t: t.mark("user", "hours", NOW)],
    "join": [lambda t: t.join("user", "mark", "leads:fetched")],
    "withdraw": [lambda t: t.withdraw("user", "mark")],
    "take": [lambda t: t.take("user")],
    "done": [lambda t: t.done("user", "mended", "taken")],
}
SESSION_CALLS: dict[str, list[Callable[[SessionTable], Any]]] = {
    "get": [lambda t: t.get("user")],
    "open": [
        lambda t: t.open("user", "session", "browser", 30, NOW),
        lambda t: t.open("user", "session", "phone", None, NOW, by_machine=True),
    ],
    "rung": [lambda t: t.rung("user", "session", "CA1")],
    "live": [lambda t: t.live("user", "session", "CA1", NOW)],
    "heard": [lambda t: t.heard("user", "session", NOW)],
    "set_wrap_up": [lambda t: t.set_wrap_up("user", 90), lambda t: t.set_wrap_up("user", None)],
    "end": [
        lambda t: t.end("user", session_id="session", now=NOW),
        lambda t: t.end("user", sid="CA1", now=NOW),
        lambda t: t.end("user", session_id="session", sid="CA1", reason="why", now=NOW),
    ],
    "reserve": [lambda t: t.reserve("user", "session", "lead", "attempt", NOW)],
    "take": [lambda t: t.take("user", "attempt", 3600, NOW)],
    "take_inbound": [lambda t: t.take_inbound("user", "lead", "CA2", 3600, NOW)],
    "joined": [lambda t: t.joined("user", "attempt", NOW)],
    "hold": [
        lambda t: t.hold("user", "attempt", NOW, held=True),
        lambda t: t.hold("user", "attempt", NOW, held=False),
    ],
    "done": [lambda t: t.done("user", "attempt", NOW)],
    "extend": [lambda t: t.extend("user", "attempt", NOW)],
    "free": [lambda t: t.free("user", "attempt", NOW)],
}
SESSION = {"phase": "ringing", "call_attempt": "attempt", "call_lead": "lead", "wrap_attempt": "attempt"}


def requests() -> list[Any]:
    """What each method asks of DynamoDB: with and without something there, winning at once and at the second try."""
    made = []
    some = {"version": 3, "streak": 3, "wrap_up_s": 90, **SESSION}
    for found, refuses in product(({}, some), (False, True)):
        world = f"{'some' if found else 'none'}-{'refused' if refuses else 'won'}"
        for name, index, call in _calls():
            client = RecordingClient(found, refuses)
            call(client)
            made.append(pytest.param(client.requests, id=f"{name}-{index}-{world}"))
    return made


def _calls() -> Iterator[tuple[str, int, Callable[[Any], Any]]]:
    tables = (
        ("leads", _leads, LEAD_CALLS),
        ("agents", _agents, AGENT_CALLS),
        ("installation", _installation, INSTALLATION_CALLS),
        ("marks", _marks, MARK_CALLS),
        ("session", _sessions, SESSION_CALLS),
        ("called", _called_numbers, CALLED_CALLS),
        ("caller id", _caller_ids, CALLER_ID_CALLS),
    )
    for kind, table, methods in tables:
        for name, calls in methods.items():
            for index, call in enumerate(calls):
                yield f"{kind}.{name}", index, partial(_call, call, table)


def _call(call: Any, table: Callable[[Any], Any], client: Any) -> None:
    call(table(client))


def _leads(client: Any) -> LeadTable:
    return LeadTable(client, "Leads", Timing())


def _agents(client: Any) -> AgentTable:
    return AgentTable(client, "Agents")


def _installation(client: Any) -> InstallationTable:
    return InstallationTable(client, "Agents")


def _marks(client: Any) -> QueuedRuns:
    return QueuedRuns(client, "Agents")


def _caller_ids(client: Any) -> CallerIdTable:
    return CallerIdTable(client, "Agents")


def _called_numbers(client: Any) -> CalledTable:
    return CalledTable(client, "Agents")


def _sessions(client: Any) -> SessionTable:
    return SessionTable(client, "Agents", Timing())


def expressions(request: dict[str, Any]) -> list[str]:
    return [request[name] for name in EXPRESSIONS if name in request]


def bare_words(request: dict[str, Any]) -> set[str]:
    """The attribute names that stand in the request's expressions as they are."""
    words = {word for text in expressions(request) for word in WORD.findall(text)}
    return {word for word in words if word[0] not in "#:"} - SYNTAX


def targets(request: dict[str, Any]) -> list[str]:
    """The paths that the request's update writes to, one for each time it does."""
    clauses = re.split(r"\b(SET|REMOVE|ADD|DELETE)\b ", request.get("UpdateExpression", ""))[1:]
    names = request.get("ExpressionAttributeNames", {})
    found = []
    for text in clauses[1::2]:
        for part in re.split(r",(?![^(]*\))", text):
            alias = re.split(r"[ =]", part.strip(), maxsplit=1)[0]
            found.append(".".join(names.get(step, step) for step in alias.split(".")))
    return found


def overlapping(paths: list[str]) -> set[str]:
    twice = {path for path, count in Counter(paths).items() if count > 1}
    return twice | {inner for inner in paths for outer in paths if inner.startswith(outer + ".")}


def placeholders(request: dict[str, Any], mark: str) -> tuple[set[str], set[str]]:
    """Those that the expressions use, and those that the request defines."""
    used = {word for text in expressions(request) for word in WORD.findall(text) if word[0] == mark}
    field = "ExpressionAttributeNames" if mark == "#" else "ExpressionAttributeValues"
    return used, set(request.get(field, {}))


def public(kind: type) -> set[str]:
    return {name for name, member in vars(kind).items() if callable(member) and not name.startswith("_")}


def test_every_method_of_the_tables_is_checked_here() -> None:
    assert set(SESSION_CALLS) == public(SessionTable)
    assert set(LEAD_CALLS) == public(LeadTable)
    assert set(AGENT_CALLS) == public(AgentTable)
    assert set(INSTALLATION_CALLS) == public(InstallationTable)
    assert set(CALLED_CALLS) == public(CalledTable)
    assert set(CALLER_ID_CALLS) == public(CallerIdTable)
    assert set(MARK_CALLS) == public(QueuedRuns)


@pytest.mark.parametrize("made", requests())
def test_every_method_makes_a_request_that_dynamodb_accepts(made: list[dict[str, Any]]) -> None:
    assert made
    for request in made:
        reserved = {word for word in bare_words(request) if word.upper() in RESERVED}
        assert not reserved, f"reserved words stand bare: {reserved}"
        assert not overlapping(targets(request)), f"paths overlap in {request['UpdateExpression']}"
        for mark in "#:":
            used, defined = placeholders(request, mark)
            assert used == defined, f"not used or not defined: {used ^ defined}"
        if "UpdateExpression" in request:
            assert targets(request)


def test_a_bare_reserved_word_would_be_seen() -> None:
    request = {"ConditionExpression": "name = :n AND size(held.status) > :n AND begins_with(due, :n)"}
    assert {word for word in bare_words(request) if word.upper() in RESERVED} == {"name", "status"}
    assert bare_words(request) == {"name", "held", "status", "due"}


def test_paths_that_overlap_would_be_seen() -> None:
    names = {"#a": "held", "#b": "due", "#c": "held"}
    request = {
        "UpdateExpression": "SET #a = list_append(if_not_exists(#a, :n), :l), x.y = :n REMOVE #b ADD #c :n, x :n",
        "ExpressionAttributeNames": names,
    }
    assert targets(request) == ["held", "x.y", "due", "held", "x"]
    assert overlapping(targets(request)) == {"held", "x.y"}


def test_a_placeholder_without_a_use_or_a_meaning_would_be_seen() -> None:
    request = {"ConditionExpression": "a = :used", "ExpressionAttributeValues": {":unused": {"S": ""}}}
    assert placeholders(request, ":") == ({":used"}, {":unused"})
