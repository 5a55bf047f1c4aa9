"""Checks the agent's own phone against the installation's limits, also a number that was set before the limits."""

from autocall import reasons
from autocall.agent_table import Agent
from autocall.limits import Limits
from functions.dialer.agent_gate import Stop


def agents_phone(agent: Agent, limits: Limits) -> Stop | None:
    """Why no lead is connected to this agent's phone; None if it may be called, or there is none."""
    phone = agent.profile.get("agent_phone")
    return Stop(reasons.AGENT_PHONE) if phone and not limits.may_call(str(phone)) else None
