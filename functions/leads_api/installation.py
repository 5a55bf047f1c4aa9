"""The settings that admins change for everybody on the page: the outcomes of a conversation, calls per number."""

from autocall.installation_settings import BadInstallationSettings, InstallationSettings, checked
from functions.leads_api.request import Request
from functions.leads_api.response import HttpError, Response
from functions.leads_api.services import Services

_VERSION = "must be the version that was read"


def show(services: Services, request: Request) -> Response:  # noqa: ARG001  a use case takes both
    """The settings, for every agent: the page needs the outcomes."""
    return Response(data=services.installation_table.get_settings().view())


def change(services: Services, request: Request) -> Response:
    """Set the given fields. `version` must be the one that was read, so that no admin overwrites another unseen.

    Values that are stored already are not written again, whatever the version: they may come from a first try.
    """
    if not request.admin:
        raise HttpError(403, "forbidden", "only admins may change the settings of the installation")
    requested = dict(request.json_object())
    version = requested.pop("version", None)
    if type(version) is not int or version < 0:
        raise HttpError(400, "bad_settings", f"version: {_VERSION}", {"version": _VERSION})
    try:
        changes = checked(requested)
    except BadInstallationSettings as bad:
        raise HttpError(400, "bad_settings", str(bad), bad.wrong) from None
    return Response(data=_changed(services, version, changes).view())


def _changed(services: Services, version: int, changes: dict[str, object]) -> InstallationSettings:
    seen = services.installation_table.get_settings()
    if _is_set(seen, changes):
        return seen
    written, settings = services.installation_table.change_settings(version, changes)
    if not written and not _is_set(settings, changes):
        raise HttpError(409, "changed_meanwhile", "somebody else has changed these settings: load them again")
    return settings


def _is_set(settings: InstallationSettings, changes: dict[str, object]) -> bool:
    stored = settings.view()
    return all(stored[name] == value for name, value in changes.items())
