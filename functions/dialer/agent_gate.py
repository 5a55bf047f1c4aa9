"""The gate of an agent: checked once at the start of a run, and again between every claim and its POST."""

from dataclasses import dataclass

from autocall import reasons
from autocall.agent_table import Agent
from autocall.installation_table import Installation
from autocall.timing import Timing, parse


@dataclass(frozen=True)
class Stop:
    """Why no further call starts now, and when that ends by itself (None: a person must change something)."""

    reason: str
    until: float | None = None


@dataclass(frozen=True)
class AgentGate:
    """Checks whether the agent was taken out, presence, pause, the circuit breaker, and the agent's own call.

    With *agent_first* the agent must be on the line and free.

    *probing* is the `resume_at` that this run wrote with its own take_probe: it does not stop this run. The two
    floats are equal because both were parsed from the same stamp.

    *user* is the agent's: they may rest alone.
    """

    timing: Timing
    probing: float | None = None
    agent_first: bool = False
    user: str = ""

    def stop(self, agent: Agent, installation: Installation, moment: float) -> Stop | None:
        """The first check that fails; None if calls may start."""
        if agent.left:
            return Stop(reasons.TAKEN_OUT)
        resume_at = agent.profile.get("resume_at")
        if not agent.present(moment, self.timing.presence_timeout):
            until = moment + self.timing.presence_timeout  # a page that only slept asks again then
            return Stop(reasons.ABSENT, until)
        if agent.paused:
            return Stop(reasons.PAUSED)
        if resume_at and parse(resume_at) > moment:
            return Stop(reasons.PAUSED, parse(resume_at))
        if installation.resume_at and installation.resume_at > moment and installation.resume_at != self.probing:
            return Stop(installation.reason or reasons.ACCOUNT, installation.resume_at)
        if installation.rests_alone(self.user, moment):
            return Stop(reasons.refused(installation.refused_code or 0), installation.refused_until)
        return line_stop(agent, moment, self.timing) if self.agent_first else None


def line_stop(agent: Agent, moment: float, timing: Timing) -> Stop | None:
    """Why the agent takes no call now; None if they are on the line and free."""
    closed = agent.session.not_ready(agent.holds_session(moment, timing.presence_timeout), moment, timing)
    return Stop(closed.reason, closed.until) if closed else None
