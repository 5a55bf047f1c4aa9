"""Whether this agent's calls may start now: asked once for the run, and again between every claim and its POST."""

from dataclasses import dataclass

from autocall import reasons
from autocall.agent_table import Agent
from autocall.installation_table import Installation
from autocall.timing import Timing, parse


@dataclass(frozen=True)
class Stop:
    """Why no further call starts now, and when that changes by itself (None: a person must change something)."""

    reason: str
    until: float | None = None


@dataclass(frozen=True)
class AgentGate:
    """Whether they may work at all, presence, pause, the installation's rest, and their own call.

    Where agents must be on the line, they must be there and free.

    *probing* is the rest that this run itself may break, once.
    """

    timing: Timing
    probing: float | None = None
    agent_first: bool = False

    def stop(self, agent: Agent, installation: Installation, moment: float) -> Stop | None:
        """The first closed gate, None if all are open."""
        if agent.left:
            return Stop(reasons.TAKEN_OUT)
        resume_at = agent.profile.get("resume_at")
        if not agent.present(moment, self.timing.presence_timeout):
            return Stop(
                reasons.ABSENT, moment + self.timing.presence_timeout
            )  # so that a page that only slept asks again
        if agent.paused:
            return Stop(reasons.PAUSED)
        if resume_at and parse(resume_at) > moment:
            return Stop(reasons.PAUSED, parse(resume_at))
        if installation.resume_at and installation.resume_at > moment and installation.resume_at != self.probing:
            return Stop(installation.reason or reasons.ACCOUNT, installation.resume_at)
        return line_stop(agent, moment, self.timing) if self.agent_first else None


def line_stop(agent: Agent, moment: float, timing: Timing) -> Stop | None:
    """Why the agent takes no call now; None if they are on the line and free."""
    closed = agent.session.not_ready(agent.holds_session(moment, timing.presence_timeout), moment, timing)
    return Stop(closed.reason, closed.until) if closed else None
