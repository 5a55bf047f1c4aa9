"""Compares an installation's leads with Twilio's own list of calls. It reads both, and changes neither.

Twilio's list has the newest calls first, and is read page by page, one a second at most. The table is read after the
list, so that a call of the list has its row. No finding names a number: a lead's id and a call's SID lead to them.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from autocall import leads, reasons
from autocall.call_matching import match
from autocall.call_outcomes import TwilioCall, Unreachable
from autocall.dynamo import from_dynamo
from autocall.leads import LeadRow
from autocall.timing import DAY_S, Timing, parse
from ops import secret, twiml_app
from ops.installation import Installation, OpsError, client

PAGE_SIZE = 1000
_A_PAGE_S = 1.0
_TRIES = 5
_THROTTLED = 429
_SETTLES_S = 300
"""A row may be that much behind: callbacks are on their way, and then a run asks Twilio."""
_OURS = "outbound-api"


@dataclass(frozen=True)
class Listed:
    """One call that Twilio lists, and to whom it went."""

    call: TwilioCall
    to: str

    @property
    def sid(self) -> str:
        return self.call.sid


@dataclass
class Finding:
    """A kind of difference, and where it is."""

    title: str
    where: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """How many numbers were called how often, and everything in which Twilio and the table differ."""

    calls_per_number: Counter[int]
    findings: list[Finding]

    @property
    def differs(self) -> bool:
        return any(finding.where for finding in self.findings)

    def lines(self) -> Iterator[str]:
        for calls, numbers in sorted(self.calls_per_number.items()):
            yield f"{numbers} numbers were called {calls} time{'s' if calls > 1 else ''}"
        if not self.calls_per_number:
            yield "Twilio lists no call of this installation"
        for finding in self.findings:
            yield f"{finding.title}: {len(finding.where) or 'none'}"
            yield from (f"  {where}" for where in finding.where)


def of_the_last(installation: Installation, days: float, now: float) -> Report:
    """Compare the calls of the last *days* days."""
    since = now - days * DAY_S
    twilio = twiml_app.Twilio.of(installation["TwilioUrl"], secret.held(installation["TwilioSecret"]))
    listed = list(calls_since(twilio, since))
    return compare(
        listed,
        list(_rows(installation)),
        since,
        now,
        not_leads=_agents_phones(installation),
        agent_first=installation.outputs.get("Audio") == "agent",
    )


# -- what there is -----------------------------------------------------------------------------------------------------


def calls_since(
    twilio: twiml_app.Twilio, since: float, page_size: int = PAGE_SIZE, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Listed]:
    """The calls that were made over the API since then, the newest first. OpsError if Twilio does not list them."""
    path: str | None = f"Calls.json?PageSize={page_size}"
    while path:
        page = _page(twilio, path, sleep)
        for raw in page["calls"]:
            call = _parsed(raw)
            if call.created_at is not None and call.created_at < since:
                return
            if raw.get("direction") == _OURS:
                yield Listed(call, str(raw.get("to")))
        path = _next(page)
        if path:
            sleep(_A_PAGE_S)


def _page(twilio: twiml_app.Twilio, path: str, sleep: Callable[[float], None]) -> Mapping[str, Any]:
    """One page; while Twilio asks for patience it is asked again, later each time."""
    for tried in range(_TRIES):
        try:
            answer = twilio.ask("GET", path)
            if answer.status_code == _THROTTLED:
                sleep(_A_PAGE_S * 2**tried)
                continue
            page = answer.json() if answer.status_code == 200 else {}
        except (requests.RequestException, ValueError) as error:
            raise OpsError(f"Twilio's list of calls cannot be read: {type(error).__name__}") from None
        if not isinstance(page.get("calls"), list):
            raise OpsError(f"Twilio's list of calls cannot be read: it answered {answer.status_code}")
        return dict(page)
    raise OpsError("Twilio asks for patience again and again (429): try later")


def _next(page: Mapping[str, Any]) -> str | None:
    """The next page's path below the account."""
    following = page.get("next_page_uri")
    return f"Calls.json?{str(following).partition('?')[2]}" if following else None


def _parsed(raw: Mapping[str, Any]) -> TwilioCall:
    try:
        return TwilioCall.parse(raw)
    except Unreachable:
        raise OpsError("Twilio's list of calls cannot be read: it has something that is no call") from None


def _rows(installation: Installation) -> Iterator[LeadRow]:
    """Every lead of every agent, tombstones too."""
    pages = client("dynamodb").get_paginator("scan")
    for page in pages.paginate(TableName=installation["LeadsTable"], ConsistentRead=True):
        for item in page["Items"]:
            row: Any = from_dynamo(item)
            if row.get("attempt_id"):
                yield row


def _agents_phones(installation: Installation) -> set[str]:
    """The numbers at which agents are called themselves: those calls are no lead's."""
    pages = client("dynamodb").get_paginator("scan")
    found = pages.paginate(
        TableName=installation["AgentsTable"], ProjectionExpression="agent_phone", ConsistentRead=True
    )
    return {item["agent_phone"]["S"] for page in found for item in page["Items"] if "S" in item.get("agent_phone", {})}


# -- in what they differ -----------------------------------------------------------------------------------------------


def compare(
    listed: Iterable[Listed],
    rows: list[LeadRow],
    since: float,
    now: float,
    *,
    not_leads: Collection[str] = (),
    agent_first: bool = False,
) -> Report:
    """Compare Twilio's calls since then with all rows. Pure."""
    senders = {row["sender"] for row in rows if row.get("sender")}
    calls = [each for each in listed if each.to not in not_leads and (not senders or each.call.sender in senders)]
    by_number: dict[str, list[TwilioCall]] = defaultdict(list)
    for each in calls:
        by_number[each.to].append(each.call)
    by_sid = {each.sid: each.call for each in calls}
    recent = [row for row in rows if since < parse(row["claimed_at"]) < now - _SETTLES_S]
    known = {sid for row in rows for sid in _sids(row)}
    settled = {row["lead_id"]: call for row in rows if (call := _settles(row, by_number))}
    findings = [
        Finding("Numbers that were called more often than their leads say", list(_called_too_often(rows, by_number))),
        Finding(
            "Calls without a row",
            [sid for sid in by_sid if sid not in known and sid not in {call.sid for call in settled.values()}],
        ),
        Finding(
            "Rows without a call",
            [_name(row) for row in recent if row.get("call_sid") and row["call_sid"] not in by_sid],
        ),
        Finding("Rows whose status is not Twilio's", list(_differ(rows, by_sid, now))),
        Finding(
            "Unknown outcomes that Twilio can settle",
            [f"{_name(row)}: {settled[row['lead_id']].status}" for row in recent if row["lead_id"] in settled],
        ),
    ]
    if agent_first:
        findings.append(Finding("Answered, and no agent ever joined", list(_never_joined(rows, by_sid))))
    return Report(Counter(len(found) for found in by_number.values()), findings)


def _name(row: LeadRow) -> str:
    return f"lead {row['lead_id']} of {row['user_id']}"


def _sids(row: LeadRow) -> Iterator[str]:
    """Every call that the row knows of."""
    if row.get("call_sid"):
        yield row["call_sid"]
    for entry in (*(row.get("history") or ()), *(row.get("strays") or ())):
        if entry.get("call_sid"):
            yield str(entry["call_sid"])


def _settles(row: LeadRow, by_number: Mapping[str, list[TwilioCall]]) -> TwilioCall | None:
    """The one call that an unknown lead can be of."""
    if row.get("call_status") != leads.UNKNOWN:
        return None
    return match(row, by_number.get(row.get("phone", ""), ()), Timing(), "")


def _called_too_often(rows: list[LeadRow], by_number: Mapping[str, list[TwilioCall]]) -> Iterator[str]:
    """A lead may be called again at a person's word; then its row has counted that."""
    said: Counter[str] = Counter()
    of_number: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        phone = row.get("phone", "")
        said[phone] += max(int(row.get("calls") or 0), int(bool(row.get("has_been_called"))))
        of_number[phone].append(_name(row))
    for number, calls in by_number.items():
        if number in said and len(calls) > max(1, said[number]):
            yield f"{', '.join(of_number[number])}: {len(calls)} calls, {' '.join(call.sid for call in calls)}"


def _differ(rows: list[LeadRow], by_sid: Mapping[str, TwilioCall], now: float) -> Iterator[str]:
    """A row may be behind for a while; one that has ended says how, unless a person did."""
    for row in rows:
        call = by_sid.get(row.get("call_sid", ""))
        if call is None or call.status == row["call_status"] or row.get("reason") == reasons.BY_PERSON:
            continue
        moved = parse(row["at"]) if row.get("at") else 0.0
        if row["call_status"] in leads.FINAL or moved < now - _SETTLES_S:
            yield f"{_name(row)}: {row['call_status']}, and Twilio says {call.status} ({call.sid})"


def _never_joined(rows: list[LeadRow], by_sid: Mapping[str, TwilioCall]) -> Iterator[str]:
    for row in rows:
        call = by_sid.get(row.get("call_sid", ""))
        if call and call.status == "completed" and "joined_at" not in row:
            yield f"{_name(row)} ({call.sid})"
