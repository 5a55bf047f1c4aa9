"""Many numbers go on the do-not-call list: the caller's own, or everybody's if the caller is an admin."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from autocall import leads
from autocall.agent_table import Connection
from autocall.dynamo import Item
from functions.leads_api import columns, csv_rows, numbers
from functions.leads_api.answer import Answer, Problem
from functions.leads_api.many import each
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools

logger = Logger(child=True)

MOST = 1000
_LONGEST_NUMBER = 100
_NOT_STORED = "not stored: send this number again"


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
    if everybodys and not request.admin:
        raise Problem(403, "forbidden", "only admins put numbers on the installation's do-not-call list")
    lines, refused = _read(tools, request)
    tabs = () if everybodys else tools.agents.look(request.user).connections
    done = each(Forbidding(tools, request, everybodys, tabs).one, list(lines), request.until)
    stored = {phone: row for phone, row in zip(lines, done, strict=True) if row is not None}
    refused += [{"line": line, "reason": _NOT_STORED} for phone, line in lines.items() if phone not in stored]
    data: dict[str, Any] = {"forbidden": len(stored), "refused": sorted(refused, key=lambda one: int(one["line"]))}
    if not everybodys:
        data["lead_ids"] = [row["lead_id"] for row in stored.values()]
        in_flight = [row for row in stored.values() if str(row.get("due", "")).startswith(leads.BUSY)]
        data["in_flight"] = [row["lead_id"] for row in in_flight]
    return Answer(data=data)


def _read(tools: Tools, request: Request) -> tuple[dict[str, int], list[Item]]:
    """The numbers with the lines where they stand first, and what is none."""
    lines: dict[str, int] = {}
    refused: list[Item] = []
    for count, (line, told) in enumerate(_told(request), 1):
        if count > MOST:
            raise Problem(
                413, "too_many_rows", "a request may have at most 1,000 numbers: send the rest in another one"
            )
        try:
            if not isinstance(told, str) or len(told) > _LONGEST_NUMBER:
                raise numbers.BadNumber("is not a telephone number")
            lines.setdefault(numbers.read(told, tools.region).e164, line)
        except numbers.BadNumber as bad:
            refused.append({"line": line, "reason": f"the phone number {bad}"})
    return lines, refused


def _told(request: Request) -> Iterator[tuple[int, Any]]:
    first = request.whole("first_line", 1)
    if request.is_csv:
        return _csv(request.body, first)
    told = request.json.get("numbers") if isinstance(request.json, dict) else request.json
    if not isinstance(told, list):
        raise Problem(400, "bad_json", 'the body must be {"numbers": [...]}')
    return enumerate(told, first or 1)


def _csv(body: bytes, first: int | None) -> Iterator[tuple[int, str]]:
    """The numbers of a CSV file with a column for them, or of a plain list without a header."""
    try:
        rows = list(csv_rows.rows(body, first))
    except Problem as problem:
        if problem.code != "bad_header":
            raise
        rows = list(csv_rows.rows(b"phone\n" + body.removeprefix(codecs.BOM_UTF8), first or 1))
    for row in rows:
        phone = next(header for header, field in columns.fields(tuple(row.cells)).items() if field == "phone")
        yield row.line, row.cells[phone]
