"""Maps each route to its use case.

A use case is imported by its first request, because the data of telephone numbers and Twilio's client are slow to load.
Powertools' resolver would import all of them, and itself, at every cold start.
"""

from collections.abc import Callable
from functools import cache

from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services

UseCase = Callable[[Services, Request], Response]


def answer(services: Services, request: Request) -> Response:
    """The response of the route's use case; HttpError if the request is invalid."""
    return use_case(request.route)(services, request)


@cache
def use_case(route: str) -> UseCase:  # noqa: C901  one case a route
    """The function that answers *route*; HttpError 404 if there is none."""
    match route:
        case "GET /api/leads":
            from functions.leads_api.lead_list import page

            return page
        case "POST /api/leads":
            from functions.leads_api.import_leads import import_leads

            return import_leads
        case "GET /api/leads.csv":
            from functions.leads_api.export_leads import export_leads

            return export_leads
        case "GET /api/leads/{id}":
            from functions.leads_api.one_lead import show

            return show
        case "DELETE /api/leads/{id}":
            from functions.leads_api.one_lead import delete

            return delete
        case "POST /api/leads/{id}/release":
            from functions.leads_api.release import release

            return release
        case "POST /api/leads/{id}/settle":
            from functions.leads_api.settle import settle

            return settle
        case "POST /api/leads/{id}/confirm":
            from functions.leads_api.confirm import confirm

            return confirm
        case "POST /api/leads/{id}/hang-up":
            from functions.leads_api.hang_up import hang_up

            return hang_up
        case "POST /api/leads/{id}/hold":
            from functions.leads_api.hold import hold

            return hold
        case "POST /api/leads/{id}/voicemail":
            from functions.leads_api.voicemail import drop

            return drop
        case "POST /api/leads/{id}/outcome":
            from functions.leads_api.outcome import save

            return save
        case "PUT /api/leads/{id}/note":
            from functions.leads_api.note import save

            return save
        case "POST /api/leads/{id}/again":
            from functions.leads_api.again import again

            return again
        case "PUT /api/leads/{id}/ring-back":
            from functions.leads_api.ring_back import save

            return save
        case "PUT /api/leads/{id}/do-not-call":
            from functions.leads_api.one_lead import add_to_dnc

            return add_to_dnc
        case "DELETE /api/leads/{id}/do-not-call":
            from functions.leads_api.one_lead import remove_from_dnc

            return remove_from_dnc
        case "POST /api/do-not-call":
            from functions.leads_api.do_not_call import add_numbers

            return add_numbers
        case "DELETE /api/do-not-call":
            from functions.leads_api.do_not_call import remove_numbers

            return remove_numbers
        case "GET /api/may-call":
            from functions.leads_api.may_call import of_lead

            return of_lead
        case "POST /api/may-call":
            from functions.leads_api.may_call import of_number

            return of_number
        case "POST /api/called":
            from functions.leads_api.called_number import show

            return show
        case "DELETE /api/called":
            from functions.leads_api.called_number import lift

            return lift
        case "GET /api/abandoned":
            from functions.leads_api.abandoned import show

            return show
        case "POST /api/autocall/pause":
            from functions.leads_api.pause_resume import pause

            return pause
        case "POST /api/autocall/resume":
            from functions.leads_api.pause_resume import resume

            return resume
        case "GET /api/settings":
            from functions.leads_api.settings import show

            return show
        case "PUT /api/settings":
            from functions.leads_api.settings import change

            return change
        case "GET /api/installation":
            from functions.leads_api.installation import show

            return show
        case "PUT /api/installation":
            from functions.leads_api.installation import change

            return change
        case "DELETE /api/connections":
            from functions.leads_api.sign_out import sign_out

            return sign_out
        case "GET /api/phone":
            from functions.leads_api.phone import show

            return show
        case "POST /api/phone":
            from functions.leads_api.phone import open_

            return open_
        case "DELETE /api/phone":
            from functions.leads_api.phone import end

            return end
        case _:
            raise HttpError(404, "no_such_route", "no such route")
