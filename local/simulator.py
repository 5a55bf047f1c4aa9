"""Starts the Twilio simulator as a process."""

from local import processes
from local.deployment import plain_environment
from local.options import ACCOUNT_SID, API_KEY, API_SECRET, AUTH_TOKEN, StackOptions
from local.paths import PYTHON, ROOT, StackDir

NAME = "twilio"
_SPEED = "10"  # a call lasts a few seconds


def start(stack_dir: StackDir, port: int, options: StackOptions) -> None:
    """Start it; with *keep* its count of calls continues from the last run."""
    account = ["--account-sid", ACCOUNT_SID, "--auth-token", AUTH_TOKEN, "--api-key", API_KEY]
    kept = ["--state", str(stack_dir.kept / "twilio.json")] if options.keep else []
    credentials = ["--api-secret", API_SECRET, "--speed", _SPEED, *kept, *options.simulator]
    command = [str(PYTHON), "-m", "local.twilio_simulator", "--port", str(port), *account, *credentials]
    processes.start(stack_dir, NAME, command, plain_environment(), ROOT)
