"""Pause and resume over HTTP; what they do is shared with the socket's frames."""

from autocall import pausing
from functions.leads_api.answer import Answer
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools


def pause(tools: Tools, request: Request) -> Answer:
    """No further call starts; `cancel_ringing` also ends those that only ring."""
    calls = tools.twilio() if request.flag("cancel_ringing") else None
    return Answer(data=pausing.pause(tools.agents, tools.leads, tools.push, request.user, now=request.at, calls=calls))


def resume(tools: Tools, request: Request) -> Answer:
    """Calls may start again; an admin's word also ends the installation's rest."""
    if request.admin:
        _end_rest(tools, request.at)
    return Answer(data=pausing.resume(tools.agents, tools.queue, tools.push, request.user, request.correlation_id))


def _end_rest(tools: Tools, moment: float) -> None:
    account = tools.agents.account()
    if account.resume_at and account.resume_at > moment:
        tools.agents.rest(account.reason or "account", moment)
