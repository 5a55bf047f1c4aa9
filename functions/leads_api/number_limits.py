"""What of a list, and which phone of an agent, is within what the installation lets be called at all. Pure."""

from dataclasses import replace

from autocall.limits import Limits
from functions.leads_api.lists import phone_numbers
from functions.leads_api.lists.import_body import Batch, refusal


def within(batch: Batch, limits: Limits) -> Batch:
    """The batch with its leads of other countries and refused kinds refused; do-not-call marks are heeded still."""
    why = {lead.phone: out_of_reach(lead.phone, limits) for lead in batch.leads}
    refused = [
        refusal(line, "out_of_reach", f"the phone number {why[lead.phone]}")
        for lead in batch.leads
        if why[lead.phone]
        for line in lead.lines
    ]
    leads = [lead for lead in batch.leads if not why[lead.phone]]
    return replace(batch, leads=leads, refused=batch.refused + refused)


def out_of_reach(phone: str, limits: Limits) -> str:
    """Why this number, in E.164, is not called by this installation; "" if it may be."""
    return limits.refuses(*phone_numbers.country_and_kind(phone))
