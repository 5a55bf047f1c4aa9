"""Which use case answers which route. Its module is imported when first asked for: phone data and Twilio are heavy."""

from collections.abc import Callable
from functools import cache
from importlib import import_module

from functions.leads_api.answer import Answer, Problem
from functions.leads_api.request import Request
from functions.leads_api.tools import Tools

ROUTES = {
    "GET /api/leads": "lead_list.page",
    "POST /api/leads": "import_leads.import_leads",
    "GET /api/leads.csv": "export_leads.export_leads",
    "GET /api/leads/{id}": "one_lead.show",
    "DELETE /api/leads/{id}": "one_lead.delete",
    "POST /api/leads/{id}/release": "releasing.release",
    "POST /api/leads/{id}/settle": "settling.settle",
    "POST /api/leads/{id}/confirm": "confirming.confirm",
    "POST /api/leads/{id}/hang-up": "hanging_up.hang_up",
    "PUT /api/leads/{id}/do-not-call": "one_lead.forbid",
    "DELETE /api/leads/{id}/do-not-call": "one_lead.allow",
    "POST /api/do-not-call": "do_not_call.forbid",
    "DELETE /api/do-not-call": "do_not_call.allow",
    "GET /api/may-call": "may_call.of_lead",
    "POST /api/may-call": "may_call.of_number",
    "POST /api/autocall/pause": "switch.pause",
    "POST /api/autocall/resume": "switch.resume",
    "GET /api/settings": "settings.show",
    "PUT /api/settings": "settings.change",
    "DELETE /api/connections": "sign_out.sign_out",
    "GET /api/phone": "phone.show",
    "POST /api/phone": "phone.open_",
    "DELETE /api/phone": "phone.end",
}


def answer(tools: Tools, request: Request) -> Answer:
    """What the route's use case answers, or what is wrong with the request."""
    if request.route not in ROUTES:
        raise Problem(404, "no_such_route", "there is nothing here")
    return use_case(request.route)(tools, request)


@cache
def use_case(route: str) -> Callable[[Tools, Request], Answer]:
    module, _, name = ROUTES[route].partition(".")
    found: Callable[[Tools, Request], Answer] = getattr(import_module(f"functions.leads_api.{module}"), name)
    return found
