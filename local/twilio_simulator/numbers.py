"""The account's phone numbers, and what they do when somebody calls them."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from local.twilio_simulator.applications import Application, Applications, form_of
from local.twilio_simulator.documents import Source

_SETTINGS = {
    "FriendlyName": "friendly_name",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "VoiceApplicationSid": "voice_application_sid",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
}


@dataclass
class Number:
    number: str
    settings: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(_SETTINGS.values()))

    @property
    def sid(self) -> str:
        """The SID, which is the same after every start."""
        return "PN" + hashlib.md5(self.number.encode(), usedforsecurity=False).hexdigest()

    def change(self, form: dict[str, str]) -> None:
        self.settings |= {field: form[name] for name, field in _SETTINGS.items() if name in form}

    def application(self, applications: Applications) -> Application | None:
        return applications.get(self.settings["voice_application_sid"] or "")

    def answers_with(self, applications: Applications) -> tuple[Source, dict[str, str]]:
        """The document's source and the callback settings for a caller; an application takes precedence over a URL."""
        application = self.application(applications)
        if application:
            return application.source(), application.status_callback()
        return Source(self.settings["voice_url"] or "", self.settings["voice_method"] or "POST"), form_of(self.settings)

    def resource(self, account: str) -> dict[str, Any]:
        return self.settings | {
            "sid": self.sid,
            "account_sid": account,
            "phone_number": self.number,
            "api_version": "2010-04-01",
            "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
            "uri": f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{self.sid}.json",
        }


class Numbers:
    """All numbers of the account; with *strict*, other caller ids are refused."""

    def __init__(self, numbers: list[str], *, strict: bool) -> None:
        self.all = {number.sid: number for number in map(Number, numbers)}
        self._strict = strict

    def owns(self, number: str) -> bool:
        return not self._strict or self.of(number) is not None

    def of(self, number: str | None) -> Number | None:
        return next((own for own in self.all.values() if own.number == number), None)
