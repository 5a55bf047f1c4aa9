"""What the proof stands on: a seed plays the same again, a bug is found and shrunk to a script, the dead do nothing."""

from typing import Any
from unittest.mock import patch

import pytest

from autocall import dynamo
from tests.faults import history, interleaved, line_history
from tests.faults.effects import Fault
from tests.faults.interleaved import Broken
from tests.faults.planted import BUGS
from tests.faults.scheduler import taking_turns
from tests.faults.world import PHONES, World, world

ONE = PHONES[0]


def _seen(world: World) -> interleaved.Counter[str]:
    return interleaved.Counter(repr((row.get("call_status"), row["version"], row.get("due"))) for row in world.rows())


@pytest.mark.parametrize("setting", [history.setting, line_history.setting])
def test_a_seed_plays_the_same_again_and_so_do_its_moves(setting: Any) -> None:
    for seed in range(8):
        first = interleaved.play(setting(seed), seed, _seen)
        assert interleaved.play(setting(seed), seed, _seen) == first
        assert interleaved.again(setting(seed), seed, first.moves, _seen) == first


def test_a_bug_is_found_and_shrunk_to_a_script_that_a_person_reads() -> None:
    """Here a claim also takes a lead that somebody else has claimed meanwhile."""
    _, claims_anything = BUGS["ONCE-001"]
    with claims_anything():
        for seed in range(200):
            setting = history.setting(seed)
            try:
                interleaved.play(setting, seed)
            except Broken as broken:
                shortest = interleaved.shrink(setting, seed, broken)
                break
        assert len(shortest.moves) <= 12
        with pytest.raises(Broken):
            interleaved.again(setting, seed, shortest.moves)
        told = interleaved.script(setting, seed, shortest.moves)
        assert "!! AssertionError" in told
        assert len(told.splitlines()) <= 14, told


def test_what_was_killed_does_nothing_more_not_even_what_stands_in_a_finally() -> None:
    """The webhook pushes in a `finally`: a process that is gone does not."""
    with world() as here:
        here.imports(ONE)
        here.open_tab()
        here.run()
        here.twilio.becomes(here.twilio.calls[0], "completed")
        here.sockets.frames.clear()
        assert here.callback(here.twilio.callbacks[0], Fault("killed before", 1)) is None
        assert here.effects.last
        assert len(here.effects.last.effects) == 2
        assert not here.sockets.frames


def test_two_runs_of_two_agents_take_turns_at_every_effect() -> None:
    with world(users=("ada", "grace")) as here:
        for phone, user in ((ONE, "ada"), (PHONES[3], "grace")):
            here.imports(phone)
            here.open_tab(user=user)
        with taking_turns(here.effects) as scheduler:
            runs = [scheduler.start(name, here.run) for name in ("one", "two")]
            while scheduler.going:
                for run in runs:
                    if not run.over:
                        scheduler.go(run)
                        here.check()
        assert [here.twilio.made(phone) for phone in (ONE, PHONES[3])] == [1, 1]


def test_a_count_that_is_taken_off_again_because_its_answer_was_lost_is_taken_off_once() -> None:
    """Found by a history: the SDK sent it again, and the day had counted fewer calls than were made."""
    with world() as here, here.unseen():
        for _ in range(2):
            assert here.installation.count_call("ada", 5, here.now)
        write = dynamo.write

        def twice(client: Any, *about: Any) -> Any:
            first: list[Any] = []

            def send(**request: Any) -> Any:
                first.append(client.update_item(**request))
                return client.update_item(**request)

            return write(type("Client", (), {"update_item": staticmethod(send)})(), *about)

        with patch("autocall.installation_table.write", twice):
            here.installation.uncount_call("ada", here.now)
        assert here._counted("ada") == 1
