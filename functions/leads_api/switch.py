"""Pause and resume over HTTP; what they do is shared with the socket's frames."""

from autocall import pausing, reasons
from autocall.messages import MENDED
from functions.leads_api.answer import Answer
from functions.leads_api.many import each
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools


def pause(tools: Tools, request: Request) -> Answer:
    """No further call starts; `cancel_ringing` also ends those that only ring."""
    calls = tools.twilio() if request.flag("cancel_ringing") else None
    return Answer(data=pausing.pause(tools.agents, tools.leads, tools.push, request.user, now=request.at, calls=calls))


def resume(tools: Tools, request: Request) -> Answer:
    """Calls may start again; an admin's word also ends the installation's rest. Whether it rests still is said."""
    rest = None if request.admin else tools.rest(request.at)
    if request.admin:
        _end_rest(tools, request)
    cause = MENDED if request.admin else "resumed"
    data = pausing.resume(tools.agents, tools.queue, tools.push, request.user, request.correlation_id, cause)
    return Answer(data=data | {"installation": {"rest": rest}})


def _end_rest(tools: Tools, request: Request) -> None:
    """End the rest, and look at everybody who is there: their pages were told to ask again when it would have ended.

    Also where it has ended and no call has been placed since: the first try may have died half-way.
    """
    account = tools.agents.account()
    if not account.resume_at:
        return
    if account.resume_at > request.at:
        tools.agents.set_rest(account.reason or reasons.ACCOUNT, request.at)
    others = [user for user in tools.agents.everybody(request.at) if user != request.user]
    each(lambda user: tools.queue.look_again(user, MENDED, request.correlation_id), others, request.until)
