"""The person or machine at the other end of a call: scripted or default behaviour."""

import random
import re
from typing import Any

AGENT = {"outcome": "completed", "ring_s": 2, "talk_s": 14_400, "presses": "1"}
_MOSTLY = {"completed": 14, "no-answer": 3, "busy": 2, "failed": 1}
_PRESS_ONE = re.compile(r"\bpress (1|one)\b", re.IGNORECASE)


class Person:
    """The other end of a call; unscripted behaviour depends on *seed* and the number, not on the order of calls."""

    def __init__(self, happens: dict[str, Any], number: str, seed: int) -> None:
        chance = random.Random(f"{seed} {number}")
        self.outcome = str(happens.get("outcome") or chance.choices([*_MOSTLY], [*_MOSTLY.values()])[0])
        self.ring_s = float(happens.get("ring_s", chance.uniform(3, 12)))
        self.talk_s = float(happens.get("talk_s", chance.uniform(5, 40)))
        self.waits = "talk_s" not in happens  # for the first words of the other end, which may come late
        self.presses_after_s = float(happens.get("presses_after_s", 2))
        self.stays = False
        self._presses = None if "presses" not in happens else str(happens["presses"] or "")

    @property
    def answers(self) -> bool:
        return self.outcome in ("completed", "machine")

    def keys(self, prompt: str, most: int | None) -> str:
        """The keys that they press after this *prompt* for at most *most* digits.

        A person who presses 1 without a script stays until the other end hangs up.
        """
        if self.outcome == "machine":
            return ""
        if self._presses is None:
            self.stays = bool(_PRESS_ONE.search(prompt))
            return "1" if self.stays else ""
        taken = self._presses[:most]
        self._presses = self._presses[len(taken) :]
        return taken


def detected(happens: dict[str, Any], detection: str) -> tuple[str, float]:
    """The result of answering machine detection, and its delay in seconds; a script can make it wrong."""
    if happens.get("outcome") != "machine":
        found, after_s = "human", 2.0
    elif detection == "DetectMessageEnd":
        found, after_s = "machine_end_beep", float(happens.get("greeting_s", 8))
    else:
        found, after_s = "machine_start", 4.0
    return str(happens.get("answered_by", found)), float(happens.get("detected_after_s", after_s))
