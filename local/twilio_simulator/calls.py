"""A call: its request, its script, and its status."""

import asyncio
import re
import time
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from local.twilio_simulator.clock import rfc2822
from local.twilio_simulator.documents import Source

if TYPE_CHECKING:
    from local.twilio_simulator.talk import Talk

FINAL = ("completed", "busy", "no-answer", "failed", "canceled")
_NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})")
_BLANK = (
    *("phone_number_sid", "price", "annotation"),
    *("forwarded_from", "group_sid", "caller_name", "trunk_sid"),
)
_PARTS = (
    *("Notifications", "Recordings", "Payments", "Events", "Siprec", "Streams", "Transcriptions"),
    *("UserDefinedMessageSubscriptions", "UserDefinedMessages"),
)


class Change(NamedTuple):
    """A status, and its start by the simulator's clock and by the monotonic clock."""

    status: str
    moment: float
    ticked: float


@dataclass
class Call:
    """One call. `changes` begins with `queued`, or with `ringing` for an inbound call.

    `settled` is set when the call was answered or has ended, `over` when it has ended; its document may set `rejected`.
    """

    account: str
    form: dict[str, Any]
    happens: dict[str, Any]
    speed: float = 1
    queue_s: float = 0
    sid: str = field(default_factory=lambda: "CA" + uuid.uuid4().hex)
    changes: list[Change] = field(default_factory=list)
    deleted: bool = False
    forgotten: bool = False
    direction: str = "outbound-api"
    parent: str | None = None
    application: str = ""
    first: Source | None = None
    rejected: str = ""
    moderates: bool = False
    verdict: str | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    talk: "Talk | None" = None

    @property
    def to(self) -> str:
        return str(self.form["To"])

    @property
    def sender(self) -> str:
        return str(self.form["From"])

    @property
    def asked_for(self) -> bool:
        """Whether a POST created it, rather than a document or an inbound call."""
        return self.direction == "outbound-api"

    @property
    def status(self) -> str:
        """The status as in callbacks; the API does not have `initiated`."""
        return self.changes[-1].status

    @property
    def ended(self) -> bool:
        return self.status in FINAL

    @property
    def sequence(self) -> int:
        """The sequence number of its last change, 0 for the first one that has a callback."""
        return len(self.changes) - 2

    @property
    def attempt(self) -> str:
        """The attempt in the callback's URL."""
        return parse_qs(urlsplit(self.form.get("StatusCallback") or "").query).get("attempt", [""])[0]

    @property
    def duration_s(self) -> int | None:
        """The duration of the conversation in seconds of the call; None before the end."""
        if not self.ended:
            return None
        began = self.answered
        return max(1, round((self.changes[-1].ticked - began.ticked) * self.speed)) if began else 0

    @property
    def answered_by(self) -> str | None:
        """The result of answering machine detection, once there is one."""
        return self.verdict if self.answered else None

    @property
    def answered(self) -> Change | None:
        return self._change("in-progress")

    def reach(self, status: str, moment: float) -> None:
        self.changes.append(Change(status, moment, time.monotonic()))
        if self.ended or status == "in-progress":
            self.settled.set()
        if self.ended:
            self.over.set()

    def before(self, ticked: float) -> "Call | None":
        """The call as it was at that time; None if it did not exist yet."""
        changes = [change for change in self.changes if change.ticked <= ticked]
        return replace(self, changes=changes) if changes else None

    def moments(self) -> dict[str, float | None]:
        """When it was dialled, and when it ended."""
        dialled = self._dialled()
        return {
            "StartTime": dialled.moment if dialled else None,
            "EndTime": self.changes[-1].moment if self.ended else None,
        }

    def _dialled(self) -> Change | None:
        """The first change after the queue; None if the call was canceled there."""
        after = [change for change in self.changes if change.status != "queued"]
        canceled = after and after[0].status == "canceled" and "initiated" not in self.happens.get("skips", ())
        return None if canceled or not after else after[0]

    def _change(self, status: str) -> Change | None:
        return next((change for change in self.changes if change.status == status), None)

    def resource(self) -> dict[str, Any]:
        """The call as Twilio's API shows it."""
        base = f"/2010-04-01/Accounts/{self.account}/Calls/{self.sid}"
        sender, moments = self.sender, self.moments()
        return dict.fromkeys(_BLANK) | {
            "sid": self.sid,
            "date_created": rfc2822(self.changes[0].moment),
            "date_updated": rfc2822(self.changes[-1].moment),
            "account_sid": self.account,
            "parent_call_sid": self.parent,
            "to": self.to,
            "to_formatted": _formatted(self.to),
            "from": sender,
            "from_formatted": _formatted(sender),
            "status": "queued" if self.status == "initiated" else self.status,
            "start_time": _date(moments["StartTime"]),
            "end_time": _date(moments["EndTime"]),
            "duration": None if self.duration_s is None else str(self.duration_s),
            "price_unit": "USD",
            "direction": self.direction,
            "answered_by": self.answered_by,
            "api_version": "2010-04-01",
            "queue_time": str(round(self.queue_s * 1000)),
            "uri": f"{base}.json",
            "subresource_uris": {_snake(part): f"{base}/{part}.json" for part in _PARTS},
        }


def _date(moment: float | None) -> str | None:
    return None if moment is None else rfc2822(moment)


def _formatted(number: str) -> str:
    return _NORTH_AMERICAN.sub(r"(\1) \2-\3", number)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
