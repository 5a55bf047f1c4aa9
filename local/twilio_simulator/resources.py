"""The routes of applications, numbers, and conferences with their participants."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from local.twilio_simulator.api import Api, Refused
from local.twilio_simulator.applications import Application
from local.twilio_simulator.numbers import Number
from local.twilio_simulator.rooms import Guest, Room

_ACCOUNT = "/2010-04-01/Accounts/{account}"
_NOT_THERE, _WRONG = 20404, 20001


class Resources:
    """The account's resources other than calls."""

    def __init__(self, api: Api) -> None:
        self._api, self._line = api, api.line

    def routes(self) -> list[web.RouteDef]:
        applications, numbers = f"{_ACCOUNT}/Applications", f"{_ACCOUNT}/IncomingPhoneNumbers"
        rooms = f"{_ACCOUNT}/Conferences"
        people = rooms + "/{room}/Participants"
        return [
            web.post(f"{applications}.json", self.make_application),
            web.get(f"{applications}.json", self.applications),
            web.get(applications + "/{sid}.json", self.application),
            web.post(applications + "/{sid}.json", self.change_application),
            web.delete(applications + "/{sid}.json", self.delete_application),
            web.get(f"{numbers}.json", self.numbers),
            web.get(numbers + "/{sid}.json", self.number),
            web.post(numbers + "/{sid}.json", self.change_number),
            web.get(f"{rooms}.json", self.rooms),
            web.get(people + ".json", self.participants),
            web.get(people + "/{who}.json", self.participant),
            web.post(people + "/{who}.json", self.change_participant),
            web.delete(people + "/{who}.json", self.kick),
            web.get(rooms + "/{room}.json", self.room),
            web.post(rooms + "/{room}.json", self.change_room),
        ]

    # -- applications ------------------------------------------------------------------------------------------------

    async def make_application(self, request: web.Request) -> web.Response:
        made = self._line.applications.make(await self._form(request), self._line.clock.now())
        return web.json_response(made.resource(), status=201)

    async def applications(self, request: web.Request) -> web.Response:
        self._api.admit(request)
        found = self._line.applications.named(request.query.get("FriendlyName"))
        return _page(request, "applications", [application.resource() for application in found])

    async def application(self, request: web.Request) -> web.Response:
        self._api.admit(request)
        return web.json_response(self._application(request).resource())

    async def change_application(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        found = self._application(request)
        found.change(form, self._line.clock.now())
        return web.json_response(found.resource())

    async def delete_application(self, request: web.Request) -> web.Response:
        self._api.admit(request)
        if not self._line.applications.delete(request.match_info["sid"]):
            raise Refused(_NOT_THERE)
        return web.Response(status=204)

    def _application(self, request: web.Request) -> Application:
        found = self._line.applications.get(request.match_info["sid"])
        if not found:
            raise Refused(_NOT_THERE)
        return found

    # -- numbers -----------------------------------------------------------------------------------------------------

    async def numbers(self, request: web.Request) -> web.Response:
        self._api.admit(request)
        wanted = request.query.get("PhoneNumber")
        found = [number for number in self._line.numbers.all.values() if wanted in (None, number.number)]
        return _page(request, "incoming_phone_numbers", [number.resource(self._line.account) for number in found])

    async def number(self, request: web.Request) -> web.Response:
        self._api.admit(request)
        return web.json_response(self._number(request).resource(self._line.account))

    async def change_number(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        found = self._number(request)
        found.change(form)
        return web.json_response(found.resource(self._line.account))

    def _number(self, request: web.Request) -> Number:
        found = self._line.numbers.all.get(request.match_info["sid"])
        if not found:
            raise Refused(_NOT_THERE)
        return found

    # -- conferences -------------------------------------------------------------------------------------------------

    async def rooms(self, request: web.Request) -> web.Response:
        self._api.admit(request)
        name, status = request.query.get("FriendlyName"), request.query.get("Status")
        found = [
            room.resource()
            for room in self._line.rooms.all.values()
            if name in (None, room.name) and status in (None, room.status)
        ]
        return _page(request, "conferences", found)

    async def room(self, request: web.Request) -> web.Response:
        self._api.admit(request)
        return web.json_response(self._room(request).resource())

    async def change_room(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        found = self._room(request)
        if form != {"Status": "completed"}:
            raise Refused(_WRONG)
        if found.status != "in-progress":
            raise Refused(16099)
        found.end()
        return web.json_response(found.resource())

    async def participants(self, request: web.Request) -> web.Response:
        self._api.admit(request)
        found = self._room(request)
        return _page(request, "participants", [found.participant(guest) for guest in found.guests])

    async def participant(self, request: web.Request) -> web.Response:
        self._api.admit(request)
        room, guest = self._guest(request)
        return web.json_response(room.participant(guest))

    async def change_participant(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        room, guest = self._guest(request)
        if form.keys() not in ({"Muted"}, {"Hold"}) or not {*form.values()} <= {"true", "false", "True", "False"}:
            raise Refused(_WRONG)
        if "Muted" in form:
            room.mute(guest, form["Muted"].lower() == "true")
        else:
            room.hold(guest, form["Hold"].lower() == "true")
        return web.json_response(room.participant(guest))

    async def kick(self, request: web.Request) -> web.Response:
        self._api.admit(request)
        room, guest = self._guest(request)
        room.kick(guest)
        return web.Response(status=204)

    def _room(self, request: web.Request) -> Room:
        key = request.match_info.get("room", "")
        found = self._line.rooms.find(key)
        if not found:
            raise Refused(_NOT_THERE)
        return found

    def _guest(self, request: web.Request) -> tuple[Room, Guest]:
        room = self._room(request)
        guest = room.guest(request.match_info["who"])
        if not guest:
            raise Refused(_NOT_THERE)
        return room, guest

    async def _form(self, request: web.Request) -> dict[str, str]:
        self._api.admit(request)
        return {name: str(value) for name, value in (await request.post()).items()}


def _page(request: web.Request, name: str, found: Sequence[dict[str, Any]]) -> web.Response:
    """A list response; everything fits on one page."""
    first = f"{request.path}?PageSize={max(len(found), 50)}&Page=0"
    about = {"page": 0, "page_size": max(len(found), 50), "start": 0, "end": max(len(found) - 1, 0)}
    links = {"uri": first, "first_page_uri": first, "next_page_uri": None, "previous_page_uri": None}
    return web.json_response({name: list(found)} | about | links)
