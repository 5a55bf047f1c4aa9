"""Who a request is from, as each of the two authorizers says it."""

from typing import Any

import pytest

from autocall.leads import user_id
from functions.leads_api import request
from functions.leads_api.response import HttpError


def _read(**authorizer: Any) -> request.Request:
    context = {"requestId": "correlation", "authorizer": authorizer}
    return request.parse({"routeKey": "GET /api/leads", "requestContext": context}, at=0, until=29)


@pytest.mark.parametrize(
    ("authorizer", "admin"),
    [
        ({"jwt": {"claims": {"sub": "ada", "cognito:groups": "[staff admins]"}}}, True),
        ({"jwt": {"claims": {"sub": "ada", "cognito:groups": "[staff]"}}}, False),
        ({"jwt": {"claims": {"sub": "ada", "groups": "[admins]"}}}, False),
        ({"jwt": {"claims": {"sub": "ada"}}}, False),
        ({"lambda": {"sub": "ada", "groups": ["staff", "admins"]}}, True),
        ({"lambda": {"sub": "ada", "groups": ["Sales admins"]}}, False),
        ({"lambda": {"sub": "ada", "groups": []}}, False),
        ({"lambda": {"sub": "ada", "groups": None}}, False),
    ],
)
def test_an_admin_is_in_a_group_of_exactly_that_name(authorizer: dict[str, Any], admin: bool) -> None:
    assert _read(**authorizer).user == user_id("ada")
    assert _read(**authorizer).admin is admin


@pytest.mark.parametrize("authorizer", [{}, {"jwt": {}}, {"jwt": {"claims": {}}}, {"lambda": {"sub": ""}}])
def test_a_request_of_nobody_is_refused(authorizer: dict[str, Any]) -> None:
    with pytest.raises(HttpError) as refused:
        _read(**authorizer)
    assert refused.value.status == 401
