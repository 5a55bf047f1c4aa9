"""What of a list, and which phone of an agent, is within what the installation lets be called at all. Pure."""

from dataclasses import replace

from autocall.limits import Limits
from functions.leads_api import numbers
from functions.leads_api.importing import Batch


def within(batch: Batch, limits: Limits) -> Batch:
    """The batch with its leads of other countries and refused kinds refused; do-not-call marks are heeded still."""
    why = {lead.phone: refusal(lead.phone, limits) for lead in batch.leads}
    refused = [
        {"line": line, "reason": f"the phone number {why[lead.phone]}"}
        for lead in batch.leads
        if why[lead.phone]
        for line in lead.lines
    ]
    leads = [lead for lead in batch.leads if not why[lead.phone]]
    return replace(batch, leads=leads, refused=batch.refused + refused)


def refusal(phone: str, limits: Limits) -> str:
    """Why this number, in E.164, is not called by this installation; "" if it may be."""
    return limits.refuses(*numbers.country_and_kind(phone))
