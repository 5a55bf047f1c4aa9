"""TwiML Apps: the settings for calls from browsers."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from local.twilio_simulator.clock import rfc2822
from local.twilio_simulator.documents import Source

_SETTINGS = {
    "FriendlyName": "friendly_name",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
}
_USUAL = dict.fromkeys(("voice_method", "voice_fallback_method", "status_callback_method"), "POST")


@dataclass
class Application:
    account: str
    created: float
    sid: str = field(default_factory=lambda: "AP" + uuid.uuid4().hex)
    settings: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(_SETTINGS.values()) | _USUAL)
    updated: float = 0

    def change(self, form: dict[str, str], moment: float) -> None:
        self.updated = moment
        self.settings |= {field: form[name] for name, field in _SETTINGS.items() if name in form}

    def source(self) -> Source:
        """The source of the document for its calls; the URL is empty if it is not set."""
        return Source(self.settings["voice_url"] or "", self.settings["voice_method"] or "POST")

    def status_callback(self) -> dict[str, str]:
        return form_of(self.settings)

    def resource(self) -> dict[str, Any]:
        return self.settings | {
            "sid": self.sid,
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "date_created": rfc2822(self.created),
            "date_updated": rfc2822(self.updated or self.created),
            "uri": f"/2010-04-01/Accounts/{self.account}/Applications/{self.sid}.json",
        }


class Applications:
    """All TwiML Apps of the account."""

    def __init__(self, account: str) -> None:
        self._account, self._all = account, dict[str, Application]()

    def make(self, form: dict[str, str], moment: float) -> Application:
        application = Application(self._account, moment)
        application.change(form, moment)
        self._all[application.sid] = application
        return application

    def get(self, sid: str) -> Application | None:
        return self._all.get(sid)

    def named(self, name: str | None) -> list[Application]:
        return [
            application for application in self._all.values() if name in (None, application.settings["friendly_name"])
        ]

    def delete(self, sid: str) -> bool:
        return self._all.pop(sid, None) is not None


def form_of(settings: dict[str, str | None]) -> dict[str, str]:
    """The fallback and the status callback in the settings of an application or a number."""
    return {
        "FallbackUrl": settings.get("voice_fallback_url") or "",
        "FallbackMethod": settings.get("voice_fallback_method") or "POST",
        "StatusCallback": settings.get("status_callback") or "",
        "StatusCallbackMethod": settings.get("status_callback_method") or "POST",
    }
