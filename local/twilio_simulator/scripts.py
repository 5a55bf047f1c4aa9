"""What shall happen to the next calls, or to a number's: `POST /_script`.

A script is a JSON object. `number` (absent: any) and `times` (absent: for ever) say which calls it is for; the rest
says what happens: `outcome` (completed, busy, no-answer, failed, canceled) with `ring_s`, `talk_s` and `sip_code`; or,
instead of a plain 201, `refuse` (a Twilio error code) or `fault` (`500`, `502`, `503`, `504`, `307`, `reset`, `hang`,
`empty`, `truncated` or `html`), with `made` telling whether the call is made all the same; `delay_s` before the answer;
`callbacks`: `lose` (names of statuses, or true for all), `repeat` (how often each is sent), `delay_s`, `shuffle`.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Script:
    """One script, and how often it still happens."""

    number: str | None
    left: float
    happens: dict[str, Any] = field(default_factory=dict)


class Scripts:
    """All scripts, the oldest first; the first that fits a call is used up by one."""

    def __init__(self) -> None:
        self._scripts: list[Script] = []

    def add(self, told: dict[str, Any]) -> None:
        happens = {name: value for name, value in told.items() if name not in ("number", "times")}
        self._scripts.append(Script(told.get("number"), told.get("times", float("inf")), happens))

    def take(self, number: str) -> dict[str, Any]:
        for script in self._scripts:
            if script.left > 0 and script.number in (None, number):
                script.left -= 1
                return script.happens
        return {}

    def clear(self) -> None:
        self._scripts.clear()

    def pending(self) -> list[dict[str, Any]]:
        return [
            {"times": None if script.left == float("inf") else script.left, **script.happens}
            for script in self._scripts
            if script.left > 0
        ]
