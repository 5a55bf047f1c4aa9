"""Refuses numbers that this installation does not call: other countries, refused kinds of numbers. Pure."""

from dataclasses import replace

from autocall.limits import Limits
from functions.leads_api.lists import phone_numbers
from functions.leads_api.lists.import_body import Batch, refusal


def within(batch: Batch, limits: Limits) -> Batch:
    """The batch with the leads refused that this installation does not call; do-not-call marks are kept."""
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
    """Why this installation does not call this E.164 number; "" if it does."""
    return limits.refuses(*phone_numbers.country_and_kind(phone))
