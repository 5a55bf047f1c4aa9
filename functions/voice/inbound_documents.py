"""The TwiML documents for somebody who calls the number that we call from. They name nobody but the company. Pure."""

from dataclasses import dataclass
from urllib.parse import urlencode

from functions.voice.phrases import Phrases
from functions.voice.twiml import Markup, document, element

_OF_A_DOCUMENT = "#rt=2500&rc=1&rp=5xx,ct"
_WAITS_S = 10


@dataclass(frozen=True)
class InboundDocuments:
    """In the installation's language; *reason* says in its own words why it calls, "" for the usual sentence."""

    phrases: Phrases
    company: str
    reason: str
    public_url: str

    def one_moment(self, user: str, lead: str, waited: int) -> str:
        """The agent who called is busy: wait, and ask again."""
        again = self._at("inbound", {"user": user, "lead": lead, "waited": str(waited + 1)})
        said = [self._say(self.phrases.one_moment)] if not waited else []
        return document(*said, element("Pause", length=_WAITS_S), element("Redirect", again))

    def menu(self, user: str = "", lead: str = "") -> str:
        """Who we are, why we called, and what the caller may choose: strangers hear the same."""
        action = self._at("inbound/menu", {"user": user, "lead": lead} if user else {})
        why = self.reason or self.phrases.why
        said = self._say(f"{self.phrases.who.format(company=self.company)} {why} {self.phrases.menu}")
        chosen = element("Gather", said, numDigits=1, timeout=6, action=action)
        return document(chosen, self._say(self.phrases.goodbye), element("Hangup"))

    def noted(self) -> str:
        """The caller wishes to be called back: true for strangers too, for whom nothing is kept."""
        return self._end(self.phrases.noted)

    def never_again(self) -> str:
        return self._end(self.phrases.never_again)

    def unavailable(self) -> str:
        """What Twilio reads out while our functions cannot answer."""
        return self._end(self.phrases.unavailable.format(company=self.company))

    def goodbye(self) -> str:
        return self._end(f"{self.phrases.who.format(company=self.company)} {self.phrases.goodbye}")

    def _end(self, text: str) -> str:
        return document(self._say(text), element("Hangup"))

    def _say(self, text: str) -> Markup:
        return element("Say", text, language=self.phrases.code)

    def _at(self, what: str, query: dict[str, str]) -> str:
        asked = f"?{urlencode(query)}" if query else ""
        return f"{self.public_url}/twilio/{what}{asked}{_OF_A_DOCUMENT}"
