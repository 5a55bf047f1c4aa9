"""Imports the sample leads for the first agent, and sets the agents' phones, which the simulator answers."""

from typing import Any

import requests

from autocall.session import PHONE
from local.agents import token_of
from local.environments import Say
from local.import_file import Api, send_file
from local.paths import ROOT
from local.twilio_simulator.__main__ import AGENT_PHONES

LEADS = ROOT / "samples" / "leads.csv"


def import_samples(outputs: dict[str, Any], say: Say) -> None:
    """Import `samples/leads.csv`, as the first agent would."""
    send_file(LEADS, Api(outputs["http_url"], token_of(outputs)), say)


def set_phones(outputs: dict[str, Any]) -> None:
    """Set phones that answer and press 1, so that the agents are on the line without a click."""
    for user, phone in zip(outputs["users"], AGENT_PHONES, strict=False):
        headers = {"Authorization": f"Bearer {token_of(outputs, user['username'])}"}
        settings = {"agent_phone": phone, "via": PHONE}
        answer = requests.put(f"{outputs['http_url']}/api/settings", json=settings, headers=headers, timeout=60)
        answer.raise_for_status()
