"""TwiML's verbs and nouns, as parsed from a document."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Say:
    text: str
    loop: int = 1


@dataclass(frozen=True)
class Play:
    url: str
    loop: int = 1
    digits: str = ""


@dataclass(frozen=True)
class Pause:
    length_s: int = 1


@dataclass(frozen=True)
class Redirect:
    url: str
    method: str = "POST"


@dataclass(frozen=True)
class Hangup:
    pass


@dataclass(frozen=True)
class Reject:
    reason: str = "rejected"


@dataclass(frozen=True)
class Gather:
    prompts: tuple["Say | Play | Pause", ...]
    num_digits: int | None
    timeout_s: int
    finish_on_key: str
    action: str
    method: str
    action_on_empty: bool


@dataclass(frozen=True)
class Callback:
    """The callback for a noun's events; without a URL there is none."""

    url: str
    method: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class Number:
    number: str
    callback: Callback


@dataclass(frozen=True)
class Client:
    identity: str
    callback: Callback


@dataclass(frozen=True)
class Conference:
    """*wait_url* is None for Twilio's music, "" for silence."""

    name: str
    start_on_enter: bool
    end_on_exit: bool
    beep: str
    wait_url: str | None
    wait_method: str
    label: str
    muted: bool
    max_participants: int
    callback: Callback


@dataclass(frozen=True)
class Dial:
    nouns: tuple[Number | Client, ...]
    conference: Conference | None
    action: str
    method: str
    timeout_s: int
    time_limit_s: int
    caller_id: str
    answer_on_bridge: bool
    hangup_on_star: bool


Verb = Say | Play | Pause | Redirect | Hangup | Reject | Gather | Dial
