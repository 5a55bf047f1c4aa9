"""Many numbers go on the do-not-call list: the caller's own, or everybody's if the caller is an admin; and off it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall import leads
from autocall.agent_table import Connection
from autocall.dynamo import Item
from autocall.leads import in_flight
from functions.leads_api import number_list
from functions.leads_api.answer import Answer, Problem
from functions.leads_api.many import each
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools

logger = Logger(child=True)

MOST = 1000
_NOT_STORED = "not stored: send this number again"
_NOT_LISTED = "this number is not on the list"


@dataclass(frozen=True)
class Forbidding:
    """Puts numbers on a list, and tells the tabs about the leads that this concerns."""

    tools: Tools
    request: Request
    everybodys: bool
    tabs: tuple[Connection, ...]

    def one(self, phone: str) -> Item | None:
        """The number's row, {} on everybody's list; None if the table does not answer."""
        user, moment = self.request.user, self.request.at
        try:
            if self.everybodys:
                self.tools.agents.forbid([leads.number_hash(phone)], user, moment)
                return {}
            row = self.tools.leads.forbid(user, leads.lead_id(user, phone), phone, user, moment).row
        except (ClientError, BotoCoreError) as error:
            logger.warning("number not stored", extra={"error": type(error).__name__})
            return None
        self.tools.tell(user, row, self.tabs)
        return row


def forbid(tools: Tools, request: Request) -> Answer:
    """Never call these numbers; the answer names their leads, and which of them have a call in flight."""
    everybodys = request.flag("installation")
    if everybodys:
        _admins_only(request)
    listed, refused = _read(tools, request)
    tabs = () if everybodys else tools.agents.look(request.user).connections
    done = each(Forbidding(tools, request, everybodys, tabs).one, list(listed), request.until)
    stored = {phone: row for phone, row in zip(listed, done, strict=True) if row is not None}
    refused += [{"line": line, "reason": _NOT_STORED} for phone, line in listed.items() if phone not in stored]
    data: dict[str, Any] = {"forbidden": len(stored), "refused": _in_order(refused)}
    if not everybodys:
        data["lead_ids"] = [row["lead_id"] for row in stored.values()]
        data["in_flight"] = [row["lead_id"] for row in stored.values() if in_flight(row)]
    return Answer(data=data)


def allow(tools: Tools, request: Request) -> Answer:
    """Take these numbers off the installation's list; who did, and when, stays written there."""
    _admins_only(request)
    if not request.flag("installation"):
        message = "say installation: true; a number of your own list goes off it with its lead"
        raise Problem(400, "bad_field", message)
    listed, refused = _read(tools, request)

    def one(phone: str) -> str:
        """Why the number was not taken off; "" if it was."""
        try:
            return "" if tools.agents.allow(leads.number_hash(phone), request.user, request.at) else _NOT_LISTED
        except (ClientError, BotoCoreError) as error:
            logger.warning("number not stored", extra={"error": type(error).__name__})
            return _NOT_STORED

    done = each(one, list(listed), request.until)
    wrong = {line: _NOT_STORED if why is None else why for line, why in zip(listed.values(), done, strict=True)}
    refused += [{"line": line, "reason": why} for line, why in wrong.items() if why]
    return Answer(data={"allowed": list(wrong.values()).count(""), "refused": _in_order(refused)})


def _admins_only(request: Request) -> None:
    if not request.admin:
        raise Problem(403, "forbidden", "only admins change the installation's do-not-call list")


def _in_order(refused: list[Item]) -> list[Item]:
    return sorted(refused, key=lambda one: int(one["line"]))


def _read(tools: Tools, request: Request) -> tuple[dict[str, int], list[Item]]:
    """The numbers with the lines where they stand first, and what is none."""
    listed: dict[str, int] = {}
    refused: list[Item] = []
    for count, (place, told) in enumerate(_told(request), 1):
        if count > MOST:
            message = f"a request may have at most {MOST:,} numbers: send the rest in another one"
            raise Problem(413, "too_many_rows", message)
        line = number_list.line(place, told, tools.region)
        if line.wrong:
            refused.append({"line": line.line, "reason": line.wrong})
        else:
            listed.setdefault(line.phone, line.line)
    return listed, refused


def _told(request: Request) -> Iterator[tuple[int, Any]]:
    first = request.whole("first_line", 1)
    if request.is_csv:
        return number_list.cells(request.body, first)
    told = request.json.get("numbers") if isinstance(request.json, dict) else request.json
    if not isinstance(told, list):
        raise Problem(400, "bad_json", 'the body must be {"numbers": [...]}')
    return enumerate(told, first or 1)
