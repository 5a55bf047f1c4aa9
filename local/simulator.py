"""The Twilio of this machine, as a process."""

from local import processes
from local.deployment import plain_environment
from local.places import PYTHON, ROOT, Place
from local.wishes import Wishes

NAME = "twilio"


def start(place: Place, port: int, wishes: Wishes) -> None:
    """Start it, unless it is not there yet."""
    if not (ROOT / "local" / "twilio_simulator").is_dir():
        return
    command = [str(PYTHON), "-m", "local.twilio_simulator", "--port", str(port), *wishes.simulator]
    processes.start(place, NAME, command, plain_environment(), ROOT)


def wait(place: Place, port: int) -> None:
    """Wait until it answers."""
