"""The sample leads, for the first agent."""

from typing import Any

from local.environments import Say
from local.import_file import Api, send_file
from local.people import token_of
from local.places import ROOT

LEADS = ROOT / "samples" / "leads.csv"


def import_samples(outputs: dict[str, Any], say: Say) -> None:
    """Import `samples/leads.csv`, as the first agent would."""
    send_file(LEADS, Api(outputs["http_url"], token_of(outputs)), say)
