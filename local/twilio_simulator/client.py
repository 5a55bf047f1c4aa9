"""A client for tests: queries the witness, and controls what people do."""

from typing import Any

import requests

_PATIENCE_S = 60


class Witness:
    """A running simulator at a URL."""

    def __init__(self, url: str) -> None:
        self.url = url

    # -- what was ----------------------------------------------------------------------------------------------------

    def heard(self) -> dict[str, Any]:
        found: dict[str, Any] = self._get("/_witness/heard")
        return found

    def legs(self, number: str | None = None) -> list[dict[str, Any]]:
        """The answered calls with this number, the oldest first."""
        return [leg for leg in self.heard()["legs"] if number in (None, leg["number"])]

    def leg(self, number: str) -> dict[str, Any]:
        """The only answered call with this number."""
        (leg,) = self.legs(number)
        return leg

    def seconds_to_agent(self, number: str) -> float | None:
        """The seconds from the answer until the lead and an agent heard each other; None if they never did."""
        leg = self.leg(number)
        both = (leg["joined_after_s"], leg["heard_after_s"])
        return None if None in both else max(both)

    def leads_together(self) -> list[dict[str, Any]]:
        """The times when a lead could hear another lead; must be empty."""
        found: list[dict[str, Any]] = self.heard()["leads_together"]
        return found

    def alone_longer_than(self, seconds: float) -> list[dict[str, Any]]:
        """The leads that were on the line for longer than that with nobody there and not a word."""
        return [leg for leg in self.legs() if leg["role"] == "lead" and leg["longest_alone_s"] > seconds]

    def sentences(self, number: str) -> list[str]:
        """The sentences that the person with this number heard, in order."""
        return [said["text"] for leg in self.legs(number) for said in leg["sentences"] if said["kind"] == "say"]

    def rooms(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/_witness/rooms")
        return found

    def errors(self) -> list[dict[str, Any]]:
        """Documents that Twilio would refuse, or that this simulator cannot perform."""
        found: list[dict[str, Any]] = self._get("/_witness/errors")
        return found

    def calls_to(self, number: str) -> list[dict[str, Any]]:
        """The calls to this number that were created by a POST."""
        found: list[dict[str, Any]] = self._get("/_witness")["numbers"].get(number, {}).get("calls", [])
        return found

    # -- the sound, where a browser has the page `/_mixer` open --------------------------------------------------------

    def hears(self, sid: str, *tones: int) -> set[int]:
        """Which of these tones a call hears just now."""
        found = self._get(f"/_mixer/ear/{sid}?tones={','.join(map(str, tones))}")
        return set(found or ())

    def tones(self) -> dict[str, int]:
        """The tone, in Hz, of each phone that has been in a mix."""
        found: dict[str, int] = self._get("/_mixer/tones")
        return found

    def redirect(self) -> str:
        """The script that connects a page's voice SDK to the simulator; the page must run it first."""
        answer = requests.get(f"{self.url}/_gateway.js", timeout=_PATIENCE_S)
        answer.raise_for_status()
        return answer.text

    def cut_sockets(self) -> None:
        """Cut the signalling sockets of all browsers, like a broken network."""
        requests.post(f"{self.url}/_gateway/drop", timeout=_PATIENCE_S).raise_for_status()

    # -- what people do ----------------------------------------------------------------------------------------------

    def ring(self, sender: str, number: str, **does: Any) -> str:
        """A person calls one of the account's numbers; the SID of the call."""
        return str(self._post("/_ring", {"from": sender, "to": number, **does})["sid"])

    def ring_back(self, number: str, **does: Any) -> str:
        """The person with this number calls the number that called them last; the SID of the call."""
        return self.ring(number, str(self.calls_to(number)[-1]["from"]), **does)

    def browser(self, identity: str, application_sid: str, params: dict[str, str] | None = None, **does: Any) -> str:
        """A browser calls through a TwiML App; the SID of the call."""
        data = {"identity": identity, "application_sid": application_sid, "params": params or {}, **does}
        return str(self._post("/_client", data)["sid"])

    def hang_up(self, sid: str) -> None:
        self._post(f"/_calls/{sid}", {"hangs_up": True})

    def press(self, sid: str, digits: str) -> None:
        self._post(f"/_calls/{sid}", {"presses": digits})

    def die(self, sid: str, noticed_after_s: float) -> None:
        """Cut the sound of this call; Twilio notices so many seconds later."""
        self._post(f"/_calls/{sid}", {"dies": noticed_after_s})

    def agent_phones(self, *numbers: str) -> None:
        """Make these numbers agents' phones, which answer, press 1, and stay."""
        self._post("/_agent_phones", {"numbers": list(numbers)})

    def _get(self, path: str) -> Any:
        answer = requests.get(self.url + path, timeout=_PATIENCE_S)
        answer.raise_for_status()
        return answer.json()

    def _post(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(self.url + path, json=data, timeout=_PATIENCE_S)
        if not answer.ok:
            raise ValueError(answer.text)
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found
