"""The TwiML documents: for the agent, for the lead, and for a lead whose agent is missing. Pure."""

from dataclasses import dataclass

from functions.voice.twiml import document, element

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
    """The documents of one installation, with its company, callback number and public URL."""

    company: str
    callback_number: str
    public_url: str

    # -- the agent -----------------------------------------------------------------------------------------------------

    def press_one(self, user: str, session: str) -> str:
        """Ask whoever answered the agent's phone to press 1, which a mailbox cannot do."""
        action = f"{self._at('agent', user)}?session={session}{_OF_A_DOCUMENT}"
        prompt = element("Say", "This is your line for calls. Press 1 to begin.")
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
        return document(element("Say", "This line is not in use any more. Goodbye."), element("Hangup"))

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
        said = f"{self._apology()} To be called never again, press 9 now."
        menu = element("Gather", element("Say", said), numDigits=1, timeout=5, action=action)
        return document(menu, element("Say", "Goodbye."), element("Hangup"))

    def never_again(self) -> str:
        return document(element("Say", "You will not be called again. Goodbye."), element("Hangup"))

    def it_is_over(self) -> str:
        """For a lead whose agent has left after a conversation."""
        said = f"The call has ended. You can reach {self.company} at {self._spoken()}. Goodbye."
        return document(element("Say", said), element("Hangup"))

    def goodbye(self) -> str:
        """A polite end for any error."""
        return document(element("Say", f"{self._apology()} Goodbye."), element("Hangup"))

    def _apology(self) -> str:
        return (
            f"Hello. This was a call from {self.company}. We are sorry: nobody can talk to you right now."
            f" You can call us back at {self._spoken()}."
        )

    def _spoken(self) -> str:
        """The number, digit by digit."""
        return " ".join(self.callback_number.lstrip("+"))

    def _at(self, what: str, *whose: str) -> str:
        return "/".join([self.public_url, "twilio", what, *whose])


def is_call_back(attempt: str) -> bool:
    """Whether the lead called us: then the SID of that call stands in the place of an attempt."""
    return attempt.startswith("CA")


def parts_of(participant: str) -> tuple[str, str]:
    """The attempt and the lead that a participant's label names; ("", "") if it is not a lead's."""
    attempt, dot, lead = participant.partition(".")
    return (attempt, lead) if dot else ("", "")
