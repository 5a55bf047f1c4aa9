"""Ports of one machine: as asked, else as last time, else any that is free."""

import socket
from collections.abc import Iterator

import pytest

from local import ports
from local.ports import NAMES, PortTaken, address, choose
from tests.unit.free_ports import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        made.listen()
        yield made.getsockname()[1]


@pytest.fixture
def free() -> int:
    return free_port()


@pytest.fixture(autouse=True)
def nothing_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"AUTOCALL_{name.upper()}_PORT", raising=False)


def test_everything_gets_a_port_of_its_own() -> None:
    chosen = choose({}, usual=False)
    assert set(chosen) == set(NAMES)
    assert len(set(chosen.values())) == len(NAMES)
    for port in chosen.values():
        with socket.socket() as made:
            made.bind(("127.0.0.1", port))


def test_the_ports_of_last_time_are_taken_again(free: int) -> None:
    assert choose({"twilio": free}, usual=False)["twilio"] == free


def test_a_port_of_last_time_that_is_in_use_is_not_taken(taken: int) -> None:
    assert choose({"twilio": taken}, usual=False)["twilio"] != taken


def test_well_known_ports_are_preferred_if_asked(monkeypatch: pytest.MonkeyPatch, free: int, taken: int) -> None:
    monkeypatch.setattr(ports, "_USUAL", {"aws": free, "twilio": taken, "page": 0})
    assert choose({}, usual=True)["aws"] == free
    assert choose({}, usual=True)["twilio"] != taken
    assert choose({}, usual=False)["aws"] != free


def test_a_port_may_be_asked_for(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setenv("AUTOCALL_PAGE_PORT", str(free))
    assert choose({"page": 1}, usual=True)["page"] == free


def test_a_port_that_was_asked_for_and_is_in_use_is_named(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    monkeypatch.setenv("AUTOCALL_AWS_PORT", str(taken))
    with pytest.raises(PortTaken, match=rf"Port {taken}, set by AUTOCALL_AWS_PORT, is in use"):
        choose({}, usual=True)


def test_an_address_is_on_this_machine_only() -> None:
    assert address(4566) == "http://127.0.0.1:4566"
