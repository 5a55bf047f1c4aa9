"""The TwiML documents: for the agent, for the lead, and for a lead whose agent is missing. Pure."""

from dataclasses import dataclass

from functions.voice.phrases import Phrases
from functions.voice.twiml import Markup, document, element

AGENT = "agent"  # the label of the agent's own participant; a lead's is `<attempt>.<lead>`, and no attempt has a dot
ROOM_EVENTS = "start end join leave"
_OF_A_DOCUMENT = "#rt=2500&rc=1&rp=5xx,ct"
_OF_A_REPORT = "#rc=5&rp=all"
_TO_PRESS_S = 10


def label(attempt: str, lead: str) -> str:
    """The label of a lead's participant in the conference."""
    return f"{attempt}.{lead}"


@dataclass(frozen=True)
class Documents:
    """The documents of one installation, in its language, with its company, callback number and public URL."""

    phrases: Phrases
    company: str
    callback_number: str
    public_url: str

    # -- the agent -----------------------------------------------------------------------------------------------------

    def press_one(self, user: str, session: str) -> str:
        """Ask whoever answered the agent's phone to press 1, which a mailbox cannot do."""
        action = f"{self._at('agent', user)}?session={session}{_OF_A_DOCUMENT}"
        prompt = self._say(self.phrases.press_one)
        return document(element("Gather", prompt, numDigits=1, timeout=_TO_PRESS_S, action=action), element("Hangup"))

    def agent(self, user: str, session: str) -> str:
        """Put the agent into their conference; it ends when the agent leaves."""
        room = element(
            "Conference",
            session,
            startConferenceOnEnter=True,
            endConferenceOnExit=True,
            beep=False,
            waitUrl="",
            jitterBufferSize="small",
            participantLabel=AGENT,
            statusCallback=f"{self._at('room', user)}?session={session}{_OF_A_REPORT}",
            statusCallbackEvent=ROOM_EVENTS,
        )
        return document(element("Dial", room), element("Hangup"))

    def not_this_line(self) -> str:
        """For an agent's call whose session is over, or was replaced by another page."""
        return self._end(self.phrases.not_this_line)

    # -- the lead ------------------------------------------------------------------------------------------------------

    def lead(self, user: str, lead: str, attempt: str, session: str) -> str:
        """Put the lead into the agent's conference; while alone there, the lead hears the `alone` document."""
        about = f"session={session}&attempt={attempt}"
        room = element(
            "Conference",
            session,
            startConferenceOnEnter=False,
            endConferenceOnExit=False,
            beep="onEnter",
            waitUrl=f"{self._at('alone', user, lead)}?{about}&n=0{_OF_A_DOCUMENT}",
            jitterBufferSize="small",
            participantLabel=label(attempt, lead),
            statusCallback=f"{self._at('room', user)}?{about}&lead={lead}{_OF_A_REPORT}",
            statusCallbackEvent=ROOM_EVENTS,
        )
        action = f"{self._at('left', user, lead)}?attempt={attempt}{_OF_A_DOCUMENT}"
        return document(element("Dial", room, action=action), element("Hangup"))

    def ask_again(self, user: str, lead: str, attempt: str) -> str:
        """Wait once, for an agent's page that is reconnecting."""
        again = f"{self._at('answer', user, lead)}?attempt={attempt}&again=1{_OF_A_DOCUMENT}"
        return document(element("Pause", length=1), element("Redirect", again))

    def wait(self, user: str, lead: str, attempt: str, session: str) -> str:
        """Two seconds of silence for a lead who is first in the room; then check whether they are still alone."""
        then = f"{self._at('alone', user, lead)}?session={session}&attempt={attempt}&n=1{_OF_A_DOCUMENT}"
        return document(element("Pause", length=2), element("Redirect", then))

    def silence(self) -> str:
        return document()

    def sorry(self, user: str, lead: str, attempt: str) -> str:
        """Say who called and the callback number, and offer never to call again."""
        action = f"{self._at('menu', user, lead)}?attempt={attempt}{_OF_A_DOCUMENT}"
        said = self._say(f"{self._with_names(self.phrases.sorry)} {self.phrases.press_nine}")
        menu = element("Gather", said, numDigits=1, timeout=5, action=action)
        return document(menu, self._say(self.phrases.goodbye), element("Hangup"))

    def never_again(self) -> str:
        return self._end(self.phrases.never_again)

    def it_is_over(self) -> str:
        """For a lead whose agent has left after a conversation."""
        return self._end(self._with_names(self.phrases.over))

    def goodbye(self) -> str:
        """A polite end for any error."""
        return self._end(f"{self._with_names(self.phrases.sorry)} {self.phrases.goodbye}")

    def _with_names(self, phrase: str) -> str:
        """The phrase with who calls, and the number to call back, digit by digit."""
        return phrase.format(company=self.company, number=" ".join(self.callback_number.lstrip("+")))

    def _end(self, text: str) -> str:
        return document(self._say(text), element("Hangup"))

    def _say(self, text: str) -> Markup:
        return element("Say", text, language=self.phrases.code)

    def _at(self, what: str, *whose: str) -> str:
        return "/".join([self.public_url, "twilio", what, *whose])


def is_call_back(attempt: str) -> bool:
    """Whether the lead called us: then the SID of that call stands in the place of an attempt."""
    return attempt.startswith("CA")


def parts_of(participant: str) -> tuple[str, str]:
    """The attempt and the lead that a participant's label names; ("", "") if it is not a lead's."""
    attempt, dot, lead = participant.partition(".")
    return (attempt, lead) if dot else ("", "")
