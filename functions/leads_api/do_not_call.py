"""Adds numbers to the agent's own do-not-call list or, for admins, to the installation's; and removes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall import leads
from autocall.agent_table import Connection
from autocall.leads import LeadKey, LeadRow, is_in_flight
from autocall.phone_identity import canonical
from functions.leads_api.concurrent_map import map_until
from functions.leads_api.lists import number_list
from functions.leads_api.lists.import_body import refusal
from functions.leads_api.lists.number_list import Entry
from functions.leads_api.request import Request
from functions.leads_api.request_list import column_mapping, first_line, json_rows, reading
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services

logger = Logger(child=True)

MOST = 1000
_NOT_STORED = "not_stored"
_REASONS = {_NOT_STORED: "not stored: send this number again", "not_listed": "this number is not on the list"}


@dataclass(frozen=True)
class DncWriter:
    """Adds numbers to a list, and pushes the changed leads to the agent's tabs."""

    services: Services
    request: Request
    everybodys: bool
    tabs: tuple[Connection, ...]

    def add(self, phone: str) -> LeadRow | None:
        """The number's row ({} for the installation's list); None if the table does not answer."""
        user, moment = self.request.user, self.request.received_at
        try:
            if self.everybodys:
                self.services.installation_table.add_to_dnc([leads.number_hash(phone)], user, moment)
                return {}
            row = self._on_own_list(phone)
        except (ClientError, BotoCoreError) as error:
            logger.warning("number not stored", extra={"error": type(error).__name__})
            return None
        return row

    def _on_own_list(self, phone: str) -> LeadRow:
        """Mark every row of the number: release 1.0.0 created one row for each spelling."""
        user, moment = self.request.user, self.request.received_at
        first, *others = leads.lead_ids(user, phone)
        older = [other for other in others if self.services.leads.get(LeadKey(user, other))]
        marked = older
        if not older or self.services.leads.get(LeadKey(user, first)):
            marked = [first, *older]
        rows = [self.services.leads.add_to_dnc(LeadKey(user, lead), phone, user, moment).row for lead in marked]
        for row in rows:
            self.services.tell(user, row, self.tabs)
        return next((row for row in rows if is_in_flight(row)), rows[0])


def add_numbers(services: Services, request: Request) -> Response:
    """Never call these numbers. The response names their leads, and those that have a call in flight."""
    everybodys = request.boolean("installation")
    if everybodys:
        _admins_only(request)
    elif request.admin and not request.says("installation"):
        message = "set installation to true (nobody here calls these numbers) or to false (only you do not)"
        raise HttpError(400, "whose_list", message)
    listed, refused = _read(services, request)
    tabs = () if everybodys else services.agents.get_agent(request.user).connections
    done = map_until(DncWriter(services, request, everybodys, tabs).add, list(listed), request.deadline)
    stored = {phone: row for phone, row in zip(listed, done, strict=True) if row is not None}
    refused += [_refused(line, _NOT_STORED) for phone, line in listed.items() if phone not in stored]
    data: dict[str, Any] = {"forbidden": len(stored), "refused": _in_order(refused)}
    data["list"] = "installation" if everybodys else "own"
    if not everybodys:
        data["lead_ids"] = [row["lead_id"] for row in stored.values()]
        data["in_flight"] = [row["lead_id"] for row in stored.values() if is_in_flight(row)]
    return Response(data=data)


def remove_numbers(services: Services, request: Request) -> Response:
    """Remove these numbers from the installation's list; who removed them, and when, stays recorded."""
    _admins_only(request)
    if not request.boolean("installation"):
        message = (
            "only the installation's list can be changed here: set installation to true;"
            " a number leaves your own list through its lead"
        )
        raise HttpError(400, "bad_field", message)
    listed, refused = _read(services, request, remove=True)

    def remove(phone: str) -> str:
        """Why the number was not removed; "" if it was."""
        try:
            names = leads.number_hashes(phone)
            were = [
                services.installation_table.remove_from_dnc(name, request.user, request.received_at) for name in names
            ]
            return "" if any(were) else "not_listed"
        except (ClientError, BotoCoreError) as error:
            logger.warning("number not stored", extra={"error": type(error).__name__})
            return _NOT_STORED

    done = map_until(remove, list(listed), request.deadline)
    wrong = [(line, _NOT_STORED if why is None else why) for line, why in zip(listed.values(), done, strict=True)]
    refused += [_refused(line, why) for line, why in wrong if why]
    return Response(data={"allowed": sum(not why for _, why in wrong), "refused": _in_order(refused)})


def _admins_only(request: Request) -> None:
    if not request.admin:
        raise HttpError(403, "forbidden", "only admins may change the installation's do-not-call list")


def _in_order(refused: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(refused, key=lambda refused_row: int(refused_row["line"]))


def _refused(line: int, code: str) -> dict[str, Any]:
    return refusal(line, code, _REASONS[code], retry=code == _NOT_STORED)


def _read(services: Services, request: Request, *, remove: bool = False) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The numbers with the line on which each comes first, without duplicates; and the refused rows."""
    listed: dict[str, int] = {}
    known: set[str] = set()
    refused: list[dict[str, Any]] = []
    with reading():
        for count, entry in enumerate(_entries(services, request, remove=remove), 1):
            if count > MOST or len(listed) > MOST:
                message = f"a request may have at most {MOST:,} numbers: send the rest in another one"
                raise HttpError(413, "too_many_rows", message)
            if entry.wrong:
                refused.append(refusal(entry.line, entry.code, entry.wrong))
            for phone in entry.phones:
                if canonical(phone) not in known:
                    known.add(canonical(phone))
                    listed[phone] = entry.line
    return listed, refused


def _entries(services: Services, request: Request, *, remove: bool) -> Iterator[Entry]:
    first = first_line(request)
    if request.is_csv:
        return number_list.parse_csv(request.body, services.region, column_mapping(request), first, remove=remove)
    numbers = json_rows(request, "numbers")
    return (number_list.entry(line, text, services.region) for line, text in enumerate(numbers, first or 1))
