"""A call: what was asked, what its script says, and how far it has come."""

import re
import time
import uuid
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from local.twilio_simulator.clock import rfc2822

FINAL = ("completed", "busy", "no-answer", "failed", "canceled")
_NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})")
_BLANK = (
    *("parent_call_sid", "phone_number_sid", "price", "annotation"),
    *("forwarded_from", "group_sid", "caller_name", "trunk_sid"),
)
_PARTS = (
    *("Notifications", "Recordings", "Payments", "Events", "Siprec", "Streams", "Transcriptions"),
    *("UserDefinedMessageSubscriptions", "UserDefinedMessages"),
)


class Change(NamedTuple):
    """A status, since when by the simulator's clock, and since when by one that nobody sets."""

    status: str
    moment: float
    ticked: float


@dataclass
class Call:
    """One call; `changes` begins with `queued`, and a call has ended with its last."""

    account: str
    form: dict[str, Any]
    happens: dict[str, Any]
    speed: float = 1
    queue_s: float = 0
    sid: str = field(default_factory=lambda: "CA" + uuid.uuid4().hex)
    changes: list[Change] = field(default_factory=list)
    deleted: bool = False

    @property
    def to(self) -> str:
        return str(self.form["To"])

    @property
    def status(self) -> str:
        """As callbacks name it; the API does not know `initiated`."""
        return self.changes[-1].status

    @property
    def ended(self) -> bool:
        return self.status in FINAL

    @property
    def sequence(self) -> int:
        """The number of its last change, 0 for the first that Twilio tells of."""
        return len(self.changes) - 2

    @property
    def attempt(self) -> str:
        """The attempt that the callback's address names."""
        return parse_qs(urlsplit(self.form.get("StatusCallback") or "").query).get("attempt", [""])[0]

    @property
    def duration_s(self) -> int | None:
        """How long was talked, in the call's own seconds; None while it lasts."""
        if not self.ended:
            return None
        answered = self._change("in-progress")
        return max(1, round((self.changes[-1].ticked - answered.ticked) * self.speed)) if answered else 0

    @property
    def answered_by(self) -> str | None:
        """What answering machine detection found, if it was asked for."""
        detection = self.form.get("MachineDetection")
        if not detection or not self._change("in-progress"):
            return None
        if self.happens.get("outcome") != "machine":
            return "human"
        return "machine_end_beep" if detection == "DetectMessageEnd" else "machine_start"

    def reach(self, status: str, moment: float) -> None:
        self.changes.append(Change(status, moment, time.monotonic()))

    def before(self, ticked: float) -> "Call | None":
        """The call as it was then; None if it was not there yet."""
        changes = [change for change in self.changes if change.ticked <= ticked]
        return replace(self, changes=changes) if changes else None

    def moments(self) -> dict[str, float | None]:
        """When it was dialled, and when it ended."""
        dialled = self._change("initiated")
        return {
            "StartTime": dialled.moment if dialled else None,
            "EndTime": self.changes[-1].moment if self.ended else None,
        }

    def _change(self, status: str) -> Change | None:
        return next((change for change in self.changes if change.status == status), None)

    def resource(self) -> dict[str, Any]:
        """The call as Twilio's API shows it."""
        base = f"/2010-04-01/Accounts/{self.account}/Calls/{self.sid}"
        sender, moments = str(self.form["From"]), self.moments()
        return dict.fromkeys(_BLANK) | {
            "sid": self.sid,
            "date_created": rfc2822(self.changes[0].moment),
            "date_updated": rfc2822(self.changes[-1].moment),
            "account_sid": self.account,
            "to": self.to,
            "to_formatted": _formatted(self.to),
            "from": sender,
            "from_formatted": _formatted(sender),
            "status": "queued" if self.status == "initiated" else self.status,
            "start_time": _date(moments["StartTime"]),
            "end_time": _date(moments["EndTime"]),
            "duration": None if self.duration_s is None else str(self.duration_s),
            "price_unit": "USD",
            "direction": "outbound-api",
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
