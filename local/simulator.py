"""The Twilio of this machine, as a process."""

from local import processes
from local.deployment import plain_environment
from local.options import ACCOUNT_SID, API_KEY, API_SECRET, AUTH_TOKEN, StackOptions
from local.paths import PYTHON, ROOT, StackDir

NAME = "twilio"
_SPEED = "10"  # a call lasts a few seconds


def start(place: StackDir, port: int, wishes: StackOptions) -> None:
    """Start it; with *keep* it counts on from where it was last stopped."""
    account = ["--account-sid", ACCOUNT_SID, "--auth-token", AUTH_TOKEN, "--api-key", API_KEY]
    kept = ["--state", str(place.kept / "twilio.json")] if wishes.keep else []
    options = ["--api-secret", API_SECRET, "--speed", _SPEED, *kept, *wishes.simulator]
    command = [str(PYTHON), "-m", "local.twilio_simulator", "--port", str(port), *account, *options]
    processes.start(place, NAME, command, plain_environment(), ROOT)
