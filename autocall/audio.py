"""What a called person hears, as the installation has chosen: an agent on the line, or a message. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

AGENT, MESSAGE = "agent", "message"
NO_DETECTION = "off"
DETECTIONS = {NO_DETECTION: "", "start": "Enable", "message_end": "DetectMessageEnd"}
"""Whether Twilio says who answered, and what it is asked for: once it knows, or when a machine's greeting is over."""


@dataclass(frozen=True)
class Audio:
    """Who calls, the number to call back, and how long an agent writes up a conversation.

    *fallback_url* is a document that Twilio reads out when our own cannot be had. *machine_detection* is whether
    Twilio says who answered; only with *hang_up_on_machines* anything but a person follows from that.
    """

    mode: str
    company: str
    callback_number: str
    wrap_up_s: int
    fallback_url: str = ""
    machine_detection: str = NO_DETECTION
    hang_up_on_machines: bool = False

    def __post_init__(self) -> None:
        if self.mode not in (AGENT, MESSAGE):
            raise ValueError("AUDIO must be agent or message")
        if self.machine_detection not in DETECTIONS:
            raise ValueError(f"MACHINE_DETECTION must be one of {', '.join(DETECTIONS)}")
        if not self.company:
            raise ValueError("COMPANY must be set: a called person hears who calls")
        if not self.callback_number:
            raise ValueError("CALLBACK_NUMBER must be set: a called person hears where to call back")
        if self.agent_first and not self.fallback_url:
            raise ValueError("FALLBACK_URL must be set: what a lead hears when our own document cannot be had")

    @classmethod
    def of(cls, env: Mapping[str, str]) -> "Audio":
        """As a function's environment says; ValueError names what is missing or wrong."""
        values = (env["AUDIO"], env["COMPANY"], env["CALLBACK_NUMBER"], int(env["WRAP_UP_S"]), env["FALLBACK_URL"])
        return cls(*values, env["MACHINE_DETECTION"], env["HANG_UP_ON_MACHINES"] == "yes")

    @property
    def agent_first(self) -> bool:
        """Whether nobody is called until their agent is on the line."""
        return self.mode == AGENT

    @property
    def detection(self) -> str:
        """What Twilio's parameter `MachineDetection` is; "" for none."""
        return DETECTIONS[self.machine_detection] if self.agent_first else ""

    def is_named_in(self, message: str) -> bool:
        """Whether a text says who calls and the number to call back."""
        return self.company.casefold() in message.casefold() and _digits(self.callback_number) in _digits(message)


@dataclass(frozen=True)
class VoicemailMessage:
    """What an agent can have played to a mailbox: a *text* that is read out, or the recording at *url*."""

    text: str = ""
    url: str = ""

    @classmethod
    def of(cls, env: Mapping[str, str]) -> "VoicemailMessage | None":
        """As a function's environment says; None if the installation has none, or has no agents on the line."""
        message = cls(env["VOICEMAIL_MESSAGE"], env["VOICEMAIL_URL"])
        return message if env["AUDIO"] == AGENT and (message.text or message.url) else None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
