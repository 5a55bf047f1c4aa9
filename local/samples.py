"""The sample leads, for the first agent."""

from typing import Any

from local.environments import Say
from local.importing import send_file, to_api
from local.people import token_of
from local.places import ROOT

LEADS = ROOT / "samples" / "leads.csv"


def import_samples(outputs: dict[str, Any], say: Say) -> None:
    """Import `samples/leads.csv`, as the first agent would."""
    send_file(LEADS, to_api(outputs["http_url"], token_of(outputs)), say)
