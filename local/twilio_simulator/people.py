"""The person, or the machine, at the other end of a call: what its script says, and what it does without one."""

import random
import re
from typing import Any

AGENT = {"outcome": "completed", "ring_s": 2, "talk_s": 14_400, "presses": "1"}
_MOSTLY = {"completed": 14, "no-answer": 3, "busy": 2, "failed": 1}
_PRESS_ONE = re.compile(r"\bpress (1|one)\b", re.IGNORECASE)


class Person:
    """Who is called, or calls; what no script says is drawn from *seed* and the number, whatever the order of calls."""

    def __init__(self, happens: dict[str, Any], number: str, seed: int) -> None:
        chance = random.Random(f"{seed} {number}")
        self.outcome = str(happens.get("outcome") or chance.choices([*_MOSTLY], [*_MOSTLY.values()])[0])
        self.ring_s = float(happens.get("ring_s", chance.uniform(3, 12)))
        self.talk_s = float(happens.get("talk_s", chance.uniform(5, 40)))
        self.waits = "talk_s" not in happens  # for the first word of the other end, which real time may delay
        self.presses_after_s = float(happens.get("presses_after_s", 2))
        self.stays = False
        self._presses = None if "presses" not in happens else str(happens["presses"] or "")

    @property
    def answers(self) -> bool:
        return self.outcome in ("completed", "machine")

    def keys(self, asked: str, most: int | None) -> str:
        """What they press when they are *asked* in these words for *most* digits.

        Whoever presses 1 unscripted takes part: they stay until the other end hangs up.
        """
        if self.outcome == "machine":
            return ""
        if self._presses is None:
            self.stays = bool(_PRESS_ONE.search(asked))
            return "1" if self.stays else ""
        taken = self._presses[:most]
        self._presses = self._presses[len(taken) :]
        return taken


def detected(happens: dict[str, Any], detection: str) -> tuple[str, float]:
    """What answering machine detection finds, and after how many seconds; a script may make it wrong."""
    if happens.get("outcome") != "machine":
        found, after_s = "human", 2.0
    elif detection == "DetectMessageEnd":
        found, after_s = "machine_end_beep", float(happens.get("greeting_s", 8))
    else:
        found, after_s = "machine_start", 4.0
    return str(happens.get("answered_by", found)), float(happens.get("detected_after_s", after_s))
