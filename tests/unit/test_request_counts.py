"""What docs/requests.md says each thing costs in requests, counted at the SDK.

With what AWS is in memory; a twelfth of the lines on moto too, others every day, all in `make soak`.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from autocall import reasons
from autocall.called import Called
from autocall.called_table import CalledTable
from autocall.caller_id_table import CallerIdTable
from autocall.leads import Attempt, LeadKey, lead_id, number_hash
from autocall.queued_run import QueuedRuns
from autocall.session import PHONE
from autocall.session_table import SessionTable
from autocall.timing import FAR, Timing, now
from tests.rotation import of_today
from tests.unit.moto_tables import AGENTS
from tests.unit.scripted_server import Answer, ScriptedServer, scripted_server, told, told_json
from tests.unit.shipped_functions import AGENT, Shipped, in_memory, on_moto, shipped, sid
from tests.unit.test_voice_handler import ask

COLUMNS = {
    "Query": "reads",
    "GetItem": "reads",
    "BatchGetItem": "reads",
    "PutItem": "writes",
    "UpdateItem": "writes",
    "DeleteItem": "writes",
    "SendMessage": "queued",
    "PostToConnection": "posts",
}
"""Every operation that a function may send, but these two."""
UNCOUNTED = {"GetSecretValue", "DeleteConnection"}
PLACED = told_json(201, {"sid": "CA" + "1" * 32})
OURS = "+15005550006"
SEVERAL = f"US:{OURS},+4930123456"
LEADS = 3
TABS = 3

Count = dict[str, str]


def _table() -> dict[str, Count]:
    text = (Path(__file__).parents[2] / "docs" / "requests.md").read_text()
    head, _, *lines = [
        [cell.strip() for cell in line.strip("| ").split("|")] for line in re.findall(r"^\|.*", text, re.M)
    ]
    return {line[0]: dict(zip(head[1:], line[1:], strict=True)) for line in lines}


TABLE = _table()


class Scene:
    """One situation with *tabs* open pages; what `costs` measures is everything that *happens* sends."""

    def __init__(self, world: Shipped, twilio: ScriptedServer, tabs: int) -> None:
        self.world, self.twilio, self.tabs = world, twilio, tabs
        world.tabs(tabs)

    def costs(self, happens: Callable[[], object], *, waits: bool = False) -> Counter[str]:
        """*waits* is whether a run of the agent is on its way already."""
        if not waits:
            QueuedRuns(self.world.aws("dynamodb"), AGENTS).take(AGENT)
        self.world.requests.clear()
        asked = len(self.twilio.asked)
        happens()
        sent = Counter({"Twilio": len(self.twilio.asked) - asked})
        for operation, count in self.world.requests.items():
            if operation not in UNCOUNTED:
                sent[COLUMNS[operation]] += count
        return sent

    def per_lead(self, *answers: Answer, **about: Any) -> Counter[str]:
        """What one waiting lead adds to a run; several, where Twilio's answer lets the run go on."""
        self.twilio.script = list(answers) or [PLACED]
        leads = 1 if answers and answers[0] is not PLACED else LEADS
        return self.beyond_a_run(lambda: self.world.waiting(leads, **about), leads)

    def beyond_a_run(self, prepare: Callable[[], object], times: int) -> Counter[str]:
        """What a run costs on top of one that finds nothing to do, divided by *times*."""
        fixed = self.costs(self.world.run)
        prepare()
        more = self.costs(self.world.run) - fixed
        assert all(count % times == 0 for count in more.values()), more
        return Counter({name: count // times for name, count in more.items()})


def _frame(event: str) -> Callable[[Scene], Counter[str]]:
    return lambda scene: scene.costs(lambda: scene.world.frame(json.dumps({"event": event})))


def _while_a_run_waits(scene: Scene) -> Counter[str]:
    scene.costs(lambda: scene.world.api("POST /api/leads", body=_hundred()))
    return scene.costs(lambda: scene.world.frame(json.dumps({"event": "leads:fetched"})), waits=True)


def _too_fast(scene: Scene) -> Counter[str]:
    _frame("leads:fetched")(scene)
    return _frame("leads:fetched")(scene)


def _away(scene: Scene) -> Counter[str]:
    scene.world.agents.update_profile(AGENT, {"paused": True})
    scene.world.waiting(LEADS)
    return scene.costs(scene.world.run)


def _forbidden(scene: Scene) -> Counter[str]:
    scene.world.installation.add_to_dnc([number_hash("+12015550000")], "admin", now())
    return scene.beyond_a_run(scene.world.waiting, 1)


def _called_by_a_colleague(scene: Scene) -> Counter[str]:
    """The one read more is the colleague's row: it might know that no call was made."""
    table = CalledTable(scene.world.aws("dynamodb"), AGENTS)
    number, moment = number_hash("+12015550000"), now()
    assert table.mark(number, Called(), Attempt("other", "lead", "theirs"), moment, moment + 3600).won
    return scene.beyond_a_run(scene.world.waiting, 1)


def _number_rests(scene: Scene) -> Counter[str]:
    table = CallerIdTable(scene.world.aws("dynamodb"), AGENTS)
    table.rest(OURS, "stopped by an operator", now() + 3600, "operator", now())
    return scene.beyond_a_run(scene.world.waiting, 1)


def _parked(scene: Scene) -> Counter[str]:
    def prepare() -> None:
        lead = scene.world.waiting()[0]
        scene.world.leads.add_to_dnc(LeadKey(AGENT, lead), "+12015550000", AGENT, now())

    return scene.beyond_a_run(prepare, 1)


def _overdue(status: str) -> Callable[[Scene], Counter[str]]:
    def costs(scene: Scene) -> Counter[str]:
        call = {
            "sid": sid(lead_id(AGENT, "+12015550000")),
            "status": status,
            "from": "+15005550006",
            "date_created": None,
        }
        scene.twilio.script = [told_json(200, call)]
        return scene.beyond_a_run(lambda: scene.world.calls(1, "ringing", ago=600), 1)

    return costs


def _callback(status: str, after: str, repeated: bool = False, attempt: str = "attempt", **more: str) -> Any:
    def costs(scene: Scene) -> Counter[str]:
        lead = scene.world.calls(1, after)[0]

        def happens() -> Any:
            return scene.world.callback(lead, attempt, CallSid=sid(lead), CallStatus=status, **more)

        if repeated:
            happens()
        return scene.costs(happens)

    return costs


def _unsigned(scene: Scene) -> Counter[str]:
    lead = scene.world.calls(1, "ringing")[0]
    form = {"CallSid": sid(lead), "CallStatus": "completed"}
    return scene.costs(lambda: scene.world.callback(lead, "attempt", signed_with="another token", **form))


def _page(scene: Scene) -> Counter[str]:
    scene.world.waiting(150)
    return scene.costs(lambda: scene.world.api("GET /api/leads", queryStringParameters={"limit": "100"}))


def _hundred() -> str:
    rows = [{"phone": f"+120155501{index:02}", "name": f"Lead {index}"} for index in range(100)]
    return json.dumps({"leads": rows})


def _imported(scene: Scene) -> Counter[str]:
    return scene.costs(lambda: scene.world.api("POST /api/leads", body=_hundred()))


def _imported_again(scene: Scene) -> Counter[str]:
    _imported(scene)
    return _imported(scene)


def _one_lead(scene: Scene) -> Counter[str]:
    lead = scene.world.calls(1, "ringing")[0]
    return scene.costs(lambda: scene.world.api("GET /api/leads/{id}", pathParameters={"id": lead}))


def _started(scene: Scene) -> Counter[str]:
    lead = scene.world.waiting()[0]
    due = scene.world.leads.get(LeadKey(AGENT, lead))["due"]
    scene.world.leads.hold(LeadKey(AGENT, lead), due, reasons.CONFIRM, FAR, now())
    return scene.costs(lambda: scene.world.api("POST /api/leads/{id}/confirm", pathParameters={"id": lead}))


def _may_call(scene: Scene) -> Counter[str]:
    lead = scene.world.waiting()[0]
    return scene.costs(lambda: scene.world.api("GET /api/may-call", queryStringParameters={"lead": lead}))


def _over(scene: Scene) -> str:
    """A lead whose conversation is over."""
    (lead,) = scene.world.waiting()
    attempt = Attempt(AGENT, lead, "attempt")
    assert scene.world.leads.claim(attempt, "run", now(), OURS).won
    assert scene.world.leads.mark_joined(attempt, now()).won
    assert scene.world.leads.record_end(attempt, sid(lead), "completed", "callback", now()).won
    return lead


def _says(route: str, **about: Any) -> Callable[[Scene], Counter[str]]:
    """A person's word about a lead whose conversation is over."""

    def happens(scene: Scene) -> Counter[str]:
        lead, body = _over(scene), json.dumps({"attempt_id": "attempt", **about})
        return scene.costs(lambda: scene.world.api(route, pathParameters={"id": lead}, body=body))

    return happens


def _dealt_with(scene: Scene) -> Counter[str]:
    lead = _over(scene)
    assert scene.world.leads.mark_rang_back(LeadKey(AGENT, lead), "rang", now()).won
    body = json.dumps({"seen": scene.world.leads.get(LeadKey(AGENT, lead))["rang_back_at"], "done": True})
    route = "PUT /api/leads/{id}/ring-back"
    return scene.costs(lambda: scene.world.api(route, pathParameters={"id": lead}, body=body))


def _goes_first(scene: Scene) -> Counter[str]:
    def wanted() -> None:
        lead = _over(scene)
        assert scene.world.leads.again(scene.world.leads.get(LeadKey(AGENT, lead)), AGENT, now()).won
        scene.world.agents.put_first(AGENT, lead, now())

    return scene.beyond_a_run(wanted, 1)


# -- with an agent on the line -----------------------------------------------------------------------------------------

_SESSION, _LEG = "session", "CA" + "2" * 32


def _on_the_line(scene: Scene) -> SessionTable:
    sessions = SessionTable(scene.world.aws("dynamodb"), AGENTS, Timing())
    assert sessions.open(AGENT, _SESSION, PHONE, 30, now()).won
    assert sessions.live(AGENT, _SESSION, _LEG, now()).won
    return sessions


def _kept(scene: Scene, *, answered: bool = False, joined: bool = False) -> str:
    """A lead whose call rings, and for whom the agent is kept."""
    sessions, lead = _on_the_line(scene), scene.world.calls(1, "ringing")[0]
    assert sessions.reserve(AGENT, _SESSION, lead, "attempt", now()).won
    if answered:
        assert sessions.take(AGENT, "attempt", 600, now()).won
    if joined:
        assert sessions.joined(AGENT, "attempt", now()).won
    return lead


def _dialled(answer: Answer) -> Callable[[Scene], Counter[str]]:
    def costs(scene: Scene) -> Counter[str]:
        _on_the_line(scene)
        scene.twilio.script = [answer]
        return scene.beyond_a_run(scene.world.waiting, 1)

    return costs


def _comes_on_the_line(scene: Scene) -> Counter[str]:
    sessions = SessionTable(scene.world.aws("dynamodb"), AGENTS, Timing())
    assert sessions.open(AGENT, _SESSION, PHONE, 30, now()).won
    query = f"session={_SESSION}"
    return scene.costs(lambda: ask(scene.world, "/twilio/agent/{user_id}", query, Digits="1"))


def _answers(scene: Scene) -> Counter[str]:
    lead = _kept(scene)
    return scene.costs(lambda: ask(scene.world, "/twilio/answer/{user_id}/{lead_id}", "attempt=attempt", lead))


def _calls_back(scene: Scene) -> Counter[str]:
    _called_by(scene, _on_the_line_with_a_lead(scene))
    return scene.costs(lambda: ask(scene.world, "/twilio/inbound", From="+12015550000"))


def _a_stranger_calls(scene: Scene) -> Counter[str]:
    _on_the_line(scene)
    return scene.costs(lambda: ask(scene.world, "/twilio/inbound", From="+12015550999"))


def _presses_nine(scene: Scene) -> Counter[str]:
    query = f"user={AGENT}&lead={_on_the_line_with_a_lead(scene)}"
    about = {"From": "+12015550000", "Digits": "9"}
    return scene.costs(lambda: ask(scene.world, "/twilio/inbound/menu", query, **about))


def _on_the_line_with_a_lead(scene: Scene) -> str:
    _on_the_line(scene)
    return scene.world.calls(1, "completed")[0]


def _called_by(scene: Scene, lead: str) -> None:
    table = CalledTable(scene.world.aws("dynamodb"), AGENTS)
    attempt = Attempt(AGENT, lead, "attempt")
    assert table.mark(number_hash("+12015550000"), Called(), attempt, now(), now() + 3600).won


def _joins(scene: Scene) -> Counter[str]:
    lead = _kept(scene, answered=True)
    about = {"StatusCallbackEvent": "participant-join", "ParticipantLabel": f"attempt.{lead}"}
    return scene.costs(lambda: ask(scene.world, "/twilio/room/{user_id}", f"session={_SESSION}", **about))


def _talked(scene: Scene) -> Counter[str]:
    lead = _kept(scene, answered=True, joined=True)
    assert scene.world.leads.mark_joined(Attempt(AGENT, lead, "attempt"), now()).won
    form = {"CallSid": sid(lead), "CallStatus": "completed", "CallDuration": "9"}
    return scene.costs(lambda: scene.world.callback(lead, "attempt", **form))


def _leaves_a_message(scene: Scene) -> Counter[str]:
    lead = _kept(scene, answered=True, joined=True)
    assert scene.world.leads.mark_joined(Attempt(AGENT, lead, "attempt"), now()).won
    body, path = json.dumps({"attempt_id": "attempt"}), {"id": lead}
    scene.twilio.script = [told_json(200, {"sid": sid(lead), "status": "in-progress"})]
    return scene.costs(lambda: scene.world.api("POST /api/leads/{id}/voicemail", pathParameters=path, body=body))


def _puts_on_hold(scene: Scene) -> Counter[str]:
    lead = _kept(scene, answered=True, joined=True)
    body, path = json.dumps({"attempt_id": "attempt", "held": True}), {"id": lead}
    scene.twilio.script = [told_json(200, {"conferences": [{"sid": "CF1"}]}), told_json(200, {"hold": True})]
    return scene.costs(lambda: scene.world.api("POST /api/leads/{id}/hold", pathParameters=path, body=body))


def _rang_in_vain(scene: Scene) -> Counter[str]:
    lead = _kept(scene)
    form = {"CallSid": sid(lead), "CallStatus": "no-answer"}
    return scene.costs(lambda: scene.world.callback(lead, "attempt", **form))


def _ready(scene: Scene) -> Counter[str]:
    _kept(scene, answered=True, joined=True)
    SessionTable(scene.world.aws("dynamodb"), AGENTS, Timing()).free(AGENT, "attempt", now())
    frame = {"event": "agent:ready", "data": {"attempt_id": "attempt"}}
    return scene.costs(lambda: scene.world.frame(json.dumps(frame)))


SCENES: dict[str, Callable[[Scene], Counter[str]]] = {
    "`$connect`": lambda scene: scene.costs(lambda: scene.world.door("$connect", "new")),
    "`$disconnect`": lambda scene: scene.costs(lambda: scene.world.door("$disconnect")),
    "`ping`": _frame("ping"),
    "`leads:fetched`": _frame("leads:fetched"),
    "`leads:fetched`, while a run waits already": _while_a_run_waits,
    "`leads:fetched`, twice within a second": _too_fast,
    "`autocall:pause`": _frame("autocall:pause"),
    "`autocall:resume`": _frame("autocall:resume"),
    "a frame that cannot be read": lambda scene: scene.costs(lambda: scene.world.frame("{")),
    "a frame after the token's end": lambda scene: scene.costs(lambda: scene.world.frame("{}", expires_in=-1)),
    "a run that finds nothing to do": lambda scene: scene.costs(scene.world.run),
    "the same, asked for by `leads:fetched`": lambda scene: scene.costs(lambda: scene.world.run("leads:fetched")),
    "a run of an agent who is not there or has paused": _away,
    "a lead dialled": lambda scene: scene.per_lead(PLACED),
    "a lead dialled at a paced rate": lambda scene: scene.per_lead(PLACED),
    "a lead that Twilio refuses": lambda scene: scene.per_lead(told_json(400, {"code": 21211})),
    "a lead of unknown outcome": lambda scene: scene.per_lead(told(500)),
    "a lead that Twilio refuses with a code nobody knows": lambda scene: scene.per_lead(
        told_json(400, {"code": 29999})
    ),
    "a lead put back, for the account was throttled": lambda scene: scene.per_lead(told_json(429, {"code": 20429})),
    "a lead put back, for the number is on the installation's do-not-call list": _forbidden,
    "a lead put back, for a colleague has called the number": _called_by_a_colleague,
    "a lead put back, for our number rests": _number_rests,
    "a lead dialled from another number of ours than its zones say": lambda scene: scene.per_lead(PLACED),
    "a lead put back, for Twilio refuses one of our numbers": lambda scene: scene.per_lead(
        told_json(400, {"code": 21212}), zones=["US/America/New_York"]
    ),
    "a lead held by its hours": lambda scene: scene.per_lead(PLACED, zones=["somewhere"]),
    "a lead that a person starts": _started,
    "may a lead be called?": _may_call,
    "a lead parked by do-not-call": _parked,
    "an overdue call that has ended": _overdue("completed"),
    "an overdue call of which nothing is new": _overdue("ringing"),
    "a callback: it rings": _callback("ringing", "queued"),
    "a callback: it has ended": _callback("completed", "in-progress", CallDuration="9"),
    "a callback: it has ended, before any other was heard of": _callback("completed", "claimed"),
    "a callback: a network has rejected the call": _callback("failed", "ringing", SipResponseCode="608", From=OURS),
    "a callback that comes again": _callback("ringing", "queued", repeated=True),
    "the last callback that comes again": _callback("completed", "in-progress", repeated=True),
    "a callback of another attempt": _callback("ringing", "queued", attempt="another"),
    "a callback that Twilio has not signed": _unsigned,
    "a page of 100 leads": _page,
    "a hundred new leads imported": _imported,
    "a hundred leads imported again, unchanged": _imported_again,
    "a lead with its history": _one_lead,
    "on the line: a lead dialled": _dialled(PLACED),
    "on the line: a lead that Twilio refuses": _dialled(told_json(400, {"code": 21211})),
    "on the line: the agent comes": _comes_on_the_line,
    "on the line: a lead answers": _answers,
    "on the line: a lead calls back": _calls_back,
    "on the line: a stranger calls": _a_stranger_calls,
    "on the line: a caller presses 9": _presses_nine,
    "on the line: lead and agent hear each other": _joins,
    "on the line: a conversation has ended": _talked,
    "on the line: a call that nobody answered has ended": _rang_in_vain,
    "on the line: the agent is ready": _ready,
    "on the line: a message left on a mailbox": _leaves_a_message,
    "on the line: a lead put on hold": _puts_on_hold,
    "an outcome": _says("POST /api/leads/{id}/outcome", code="meeting"),
    "an outcome that forbids": _says("POST /api/leads/{id}/outcome", code="do_not_call"),
    "a note": _says("PUT /api/leads/{id}/note", text="at home"),
    "a call back dealt with": _dealt_with,
    "another call, wanted by a person": _says("POST /api/leads/{id}/again"),
    "a lead that a person wants called again, dialled": _goes_first,
    "the settings": lambda scene: scene.costs(lambda: scene.world.api("GET /api/settings")),
}
SETTINGS = {
    "a lead dialled at a paced rate": {"CALLS_PER_SECOND": "1000"},
    "a lead held by its hours": {"CALLING_HOURS": "default"},
    "a lead dialled from another number of ours than its zones say": {"CALL_FROM": SEVERAL},
    "a lead put back, for Twilio refuses one of our numbers": {"CALL_FROM": SEVERAL},
    **{what: {"AUDIO": "agent"} for what in SCENES if what.startswith("on the line")},
    "on the line: a message left on a mailbox": {"AUDIO": "agent", "VOICEMAIL_MESSAGE": "This is Acme."},
}


@pytest.fixture
def scene(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    settings: dict[str, str] = getattr(request, "param", {})
    with _scene(monkeypatch, settings) as one:
        yield one


@contextmanager
def _scene(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], around: Any = in_memory) -> Iterator[Scene]:
    with scripted_server(PLACED) as twilio, shipped(monkeypatch, around, TWILIO_URL=twilio.url, **settings) as world:
        yield Scene(world, twilio, TABS)


@pytest.mark.parametrize(
    ("what", "scene"), [pytest.param(what, SETTINGS.get(what, {}), id=what) for what in SCENES], indirect=["scene"]
)
def test_it_costs_what_the_table_says(what: str, scene: Scene) -> None:
    sent = SCENES[what](scene)
    assert dict(+sent) == _said(TABLE[what], scene.tabs)


@pytest.mark.parametrize("what", of_today(list(SCENES), 12))
def test_it_costs_the_same_on_moto(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with _scene(monkeypatch, SETTINGS.get(what, {}), on_moto) as scene:
        sent = SCENES[what](scene)
        assert dict(+sent) == _said(TABLE[what], scene.tabs)


def test_every_line_of_the_table_is_measured() -> None:
    assert set(SCENES) == set(TABLE)


def test_the_secret_is_read_once_per_environment(scene: Scene) -> None:
    for _ in range(2):
        scene.world.waiting(LEADS)
        scene.world.run()
    assert scene.world.requests["GetSecretValue"] == 1


@pytest.mark.parametrize("scene", [SETTINGS["a lead held by its hours"]], indirect=True)
def test_a_run_reads_the_index_once_for_fifty_waiting_leads_and_again_for_each_thousand(scene: Scene) -> None:
    scene.world.waiting(120, zones=["somewhere"])
    assert scene.costs(scene.world.run)["reads"] == 3 + 1


def _said(line: Count, tabs: int) -> dict[str, int]:
    """A line of the table as numbers: `each` is once per open page."""
    told = {name: re.fullmatch(r"(\d*) ?(each)?", cell) for name, cell in line.items()}
    counts = {name: int(cell[1] or 1) * (tabs if cell[2] else 1) for name, cell in told.items() if cell}
    assert len(counts) == len(line), line
    return {name: count for name, count in counts.items() if count}
