"""The routes of Twilio's Calls API: authentication, validation, scripts, and responses."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import BasicAuth, web
from aiohttp.typedefs import Handler

from local.twilio_simulator import errors, faults, listing, parameters
from local.twilio_simulator.calls import Call
from local.twilio_simulator.documents import Source
from local.twilio_simulator.line import Line

ROOT = "/2010-04-01/Accounts/{account}/Calls"


class Refused(Exception):
    """The request gets one of Twilio's errors."""


class Broken(Exception):
    """The response is broken, as a script says; has the status that it would have had."""


class Api:
    """The Calls API of one account, and of its test credentials.

    *passwords* are those of the account and its keys; *test* is the SID of the test account.
    """

    def __init__(self, line: Line, passwords: dict[str, str], test: str) -> None:
        self.line, self.scripts, self.posts = line, line.scripts, list[str]()
        self._passwords, self._test = passwords, test
        self._busy = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{ROOT}.json", self.create),
            web.get(f"{ROOT}.json", self.list),
            web.get(ROOT + "/{sid}.json", self.fetch),
            web.post(ROOT + "/{sid}.json", self.update),
            web.delete(ROOT + "/{sid}.json", self.delete),
        ]

    def rotate(self, keys: dict[str, str] | None, token: str) -> None:
        """Replace the account's token and, if *keys* are given, its API keys."""
        self._passwords[self.line.account] = token
        for sid in [sid for sid in self._passwords if keys is not None and sid.startswith("SK")]:
            del self._passwords[sid]
        self._passwords |= keys or {}

    @web.middleware
    async def dressed(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Add what Twilio's servers do to all responses: JSON errors, and headers."""
        if request.path.startswith("/_"):
            return await handler(request)
        began = time.monotonic()
        self._busy += 1
        try:
            answer = await handler(request)
        except Refused as refused:
            answer = _error(*refused.args)
        except Broken as broken:
            answer = await faults.answer(request, *broken.args)
        except web.HTTPNotFound:
            answer = _error(20404)
        except web.HTTPMethodNotAllowed:
            answer = _error(20004)
        finally:
            self._busy -= 1
        answer.headers.update(
            {
                "Twilio-Request-Id": "RQ" + uuid.uuid4().hex,
                "Twilio-Concurrent-Requests": str(self._busy + 1),
                "Twilio-Request-Duration": f"{time.monotonic() - began:.3f}",
                "X-Home-Region": "us1",
            }
        )
        return answer

    async def create(self, request: web.Request) -> web.StreamResponse:
        form = parameters.read(await request.post())
        self.posts.append(form.get("To", ""))
        test = self._is_test(request)
        code = parameters.wrong(form, test=test) or (None if test else self._beyond(form))
        if code:
            raise Refused(code)
        if test:
            return web.json_response(self.line.draft(form, {}).resource() | {"account_sid": self._test}, status=201)
        happens = self.line.happens(form["To"])
        if "fault" in happens and happens.get("made", happens["fault"] in faults.CALL_MADE):
            self.line.make(form, happens)
        _obey(happens, 201)
        answer = self.line.make(form, happens).resource()
        await asyncio.sleep(happens.get("delay_s", 0))
        return web.json_response(answer, status=201)

    async def list(self, request: web.Request) -> web.StreamResponse:
        self.admit(request)
        happens = _obey(self.scripts.take("list", request.query.get("To")))
        shown = [seen for call in reversed(self.line.calls.values()) if (seen := _seen(call, happens))]
        try:
            found = [call for call in shown if listing.fits(call, request.query)]
            return web.json_response(listing.page(request.path, request.query, found))
        except listing.BadFilter:
            raise Refused(20001) from None

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        call = self._call(request)
        seen = _seen(call, _obey(self.scripts.take("fetch", call.to)))
        if seen is None:
            raise Refused(20404)
        return web.json_response(seen.resource())

    async def update(self, request: web.Request) -> web.StreamResponse:
        call, form = self._call(request), await request.post()
        _obey(self.scripts.take("update", call.to))
        status = str(form.get("Status", ""))
        if status not in ("", "canceled", "completed"):
            raise Refused(20001)
        if status:
            talks = status == "canceled" and call.status == "in-progress"  # not changed, but not an error either
            if not talks and not self.line.end(call, status):
                raise Refused(21220)
        else:
            self._redirect(call, form)
        return web.json_response(call.resource())

    def _redirect(self, call: Call, form: Mapping[str, Any]) -> None:
        """Redirect a call in progress to another document."""
        document = {name: str(form[name]) for name in ("Url", "Method", "Twiml") if name in form}
        code = parameters.wrong_document(document) if document else None
        if code:
            raise Refused(code)
        if call.status != "in-progress" or not call.talk:
            raise Refused(21220)
        if "Url" in document:
            call.talk.redirect(Source(document["Url"], document.get("Method", "POST")))
        elif document:
            call.talk.redirect(Source(text=document["Twiml"]))

    def _beyond(self, form: Mapping[str, Any]) -> int | None:
        """The error for a resource that the account does not have, or for a limit that it has reached."""
        if not self.line.may_show(form["From"]):
            return 21210
        if form.get("ApplicationSid") and not self.line.applications.get(form["ApplicationSid"]):
            return 21218
        if self.line.crowded():
            return 10004
        return 22005 if self.line.full() else None

    async def delete(self, request: web.Request) -> web.StreamResponse:
        call = self._call(request)
        if not call.ended:
            raise Refused(20009)
        call.deleted = True
        return web.Response(status=204)

    def _is_test(self, request: web.Request) -> bool:
        """Whether test credentials were used; Refused if the credentials are unknown."""
        try:
            credentials = BasicAuth.decode(request.headers.get("Authorization", ""))
        except ValueError:
            raise Refused(20003) from None
        account = self._test if credentials.login == self._test else self.line.account
        if self._passwords.get(credentials.login) != credentials.password or request.match_info["account"] != account:
            raise Refused(20003)
        return account == self._test

    def admit(self, request: web.Request) -> None:
        """Refuse test credentials and unknown ones."""
        if self._is_test(request):
            raise Refused(20008)

    def _call(self, request: web.Request) -> Call:
        self.admit(request)
        call = self.line.calls.get(request.match_info["sid"])
        if call is None or call.deleted:
            raise Refused(20404)
        return call


def _obey(happens: dict[str, Any], status: int = 200) -> dict[str, Any]:
    """Raise Refused or Broken if the script says so."""
    if "refuse" in happens:
        raise Refused(happens["refuse"])
    if "fault" in happens:
        raise Broken(happens, status)
    return happens


def _seen(call: Call, happens: dict[str, Any]) -> Call | None:
    return None if call.deleted else call.before(time.monotonic() - happens.get("delay_s", 0))


def _error(code: int) -> web.Response:
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if code == 20003 else {}
    return web.json_response(errors.body(code), status=errors.status(code), headers=headers)
