"""What admins set for the whole installation on the page: the outcomes of a conversation, calls per number and week.

Pure. They stand in the Agents table (`installation_table.py`); what is deployed with the stack is in `cdk.json`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

ORDINARY, CALL_BACK, VOICEMAIL, DO_NOT_CALL = "ordinary", "call_back", "voicemail", "do_not_call"
KINDS = (ORDINARY, CALL_BACK, VOICEMAIL, DO_NOT_CALL)
"""What an outcome leads to: nothing, an appointment, nothing (but it is preset after a voicemail), no further call."""

MOST_OUTCOMES, LONGEST_LABEL, MOST_AGAIN_PER_WEEK = 20, 40, 20
_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")


class BadInstallationSettings(ValueError):
    """What is wrong with the settings, by their names, in words for a person."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in wrong.items()))
        self.wrong = dict(wrong)


@dataclass(frozen=True)
class OutcomeChoice:
    """One outcome that an agent may choose; rows keep the code, the page shows the label."""

    code: str
    label: str
    kind: str = ORDINARY


_USUAL = (
    OutcomeChoice("meeting", "Meeting"),
    OutcomeChoice("interested", "Interested"),
    OutcomeChoice("call_back", "Call back", CALL_BACK),
    OutcomeChoice("not_interested", "Not interested"),
    OutcomeChoice("wrong_person", "Wrong person"),
    OutcomeChoice("voicemail", "Voicemail", VOICEMAIL),
    OutcomeChoice("do_not_call", "Do not call", DO_NOT_CALL),
)


@dataclass(frozen=True)
class InstallationSettings:
    """The settings as they stand; `version` is 0 until an admin has changed any."""

    outcomes: tuple[OutcomeChoice, ...] = _USUAL
    again_per_week: int = 3
    version: int = 0

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "InstallationSettings":
        """The settings of the stored item; what is not stored is as usual."""
        usual = cls()
        stored = item.get("outcomes")
        outcomes = usual.outcomes if stored is None else tuple(OutcomeChoice(**choice) for choice in stored)
        return cls(outcomes, item.get("again_per_week", usual.again_per_week), item.get("version", 0))

    def outcome(self, code: Any) -> OutcomeChoice | None:
        """The outcome with this code; None if there is none."""
        return next((choice for choice in self.outcomes if choice.code == code), None)

    def view(self) -> dict[str, Any]:
        outcomes = [asdict(choice) for choice in self.outcomes]
        return {"outcomes": outcomes, "again_per_week": self.again_per_week, "version": self.version}


def checked(requested: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as they are stored; BadInstallationSettings if anything is wrong, all of it at once."""
    checks: dict[str, Callable[[Any], Any]] = {"outcomes": _outcomes, "again_per_week": _again_per_week}
    changes: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in requested.items():
        try:
            if name not in checks:
                raise ValueError("there is no such setting")
            changes[name] = checks[name](value)
        except ValueError as error:
            wrong[name[:64]] = str(error)
    if wrong:
        raise BadInstallationSettings(wrong)
    return changes


def _outcomes(value: Any) -> list[dict[str, str]]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_OUTCOMES:
        raise ValueError(f"must be a list of 1 to {MOST_OUTCOMES} outcomes")
    outcomes = [_outcome(number, given) for number, given in enumerate(value, 1)]
    for name in ("code", "label"):
        seen: set[str] = set()
        for outcome in outcomes:
            if outcome[name].casefold() in seen:
                raise ValueError(f"two outcomes have the {name} {outcome[name]}")
            seen.add(outcome[name].casefold())
    return outcomes


def _outcome(number: int, given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping) or set(given) != {"code", "label", "kind"}:
        raise ValueError(f"outcome {number} must have just a code, a label and a kind")
    code, label, kind = given["code"], given["label"], given["kind"]
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise ValueError(
            f"the code of outcome {number} must be small letters, digits and _, at most 32, a letter first"
        )
    if not isinstance(label, str) or not label.strip().isprintable() or not 1 <= len(label.strip()) <= LONGEST_LABEL:
        raise ValueError(f"the label of outcome {number} must be a text of 1 to {LONGEST_LABEL} characters")
    if kind not in KINDS:
        raise ValueError(f"the kind of outcome {number} must be one of {', '.join(KINDS)}")
    return {"code": code, "label": label.strip(), "kind": kind}


def _again_per_week(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MOST_AGAIN_PER_WEEK:
        raise ValueError(f"must be a whole number from 1 to {MOST_AGAIN_PER_WEEK}")
    return value
