"""`KEEP=1`: what a run leaves is kept whole or not at all, and never lost without a word."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local import persistence
from local.paths import StackDir
from local.persistence import Kept

ORDERLY = {"ministack": True, "twilio": True, "page": True}
Ask = Callable[[str], bool]


@pytest.fixture
def stack_dir(tmp_path: Path) -> StackDir:
    return StackDir(tmp_path)


@pytest.fixture
def said() -> list[str]:
    return []


def _run(stack_dir: StackDir, said: list[str], orderly: dict[str, bool], keep: bool = True) -> Kept:
    """One run: what it began with."""
    began = persistence.begin(stack_dir, keep, said.append)
    if keep and not (stack_dir.kept / "twilio.json").exists():
        (stack_dir.kept / "twilio.json").write_text("calls")
    persistence.end(stack_dir, orderly, said.append)
    return began


def test_the_first_run_begins_with_nothing_and_the_next_with_all_it_left(stack_dir: StackDir, said: list[str]) -> None:
    assert _run(stack_dir, said, ORDERLY) is Kept.NONE_YET
    assert persistence.begin(stack_dir, True, said.append) is Kept.ALL
    assert (stack_dir.kept / "twilio.json").read_text() == "calls"
    assert said == [
        "Kept for the next run with KEEP=1: its leads and calls",
        "Kept from the last run: its leads, their calls, and Twilio's record of them",
    ]


@pytest.mark.parametrize("killed", ["page", "page server of tomorrow"])
def test_whoever_writes_nothing_may_end_as_it_likes(stack_dir: StackDir, said: list[str], killed: str) -> None:
    """The page's server was killed: emulator and simulator ended in order, and all is kept."""
    _run(stack_dir, said, ORDERLY | {killed: False})
    assert _run(stack_dir, said, ORDERLY) is Kept.ALL


@pytest.mark.parametrize("killed", ["ministack", "twilio"])
def test_what_did_not_end_in_order_is_not_kept_and_both_runs_say_so(
    stack_dir: StackDir, said: list[str], killed: str
) -> None:
    """Half of it, calls without leads or leads without calls, would have people called twice."""
    _run(stack_dir, said, ORDERLY | {killed: False})
    assert persistence.begin(stack_dir, True, said.append) is Kept.LOST
    assert not (stack_dir.kept / "twilio.json").exists()
    assert said[0] == f"NOT kept for the next run, because {killed} did not end in order: its leads and calls"
    assert said[1].startswith("Nothing was kept, because the last run did not end in order")


def test_a_run_without_keep_does_not_make_good_what_an_earlier_one_broke(stack_dir: StackDir, said: list[str]) -> None:
    _run(stack_dir, said, ORDERLY | {"ministack": False})
    assert _run(stack_dir, said, ORDERLY, keep=False) is Kept.NOT_ASKED
    assert persistence.begin(stack_dir, True, said.append) is Kept.LOST


def test_a_run_without_keep_leaves_what_was_kept(stack_dir: StackDir, said: list[str]) -> None:
    _run(stack_dir, said, ORDERLY)
    _run(stack_dir, said, ORDERLY, keep=False)
    assert persistence.begin(stack_dir, True, said.append) is Kept.ALL


def test_a_run_that_ended_before_it_had_started_anything_keeps_what_was_there(
    stack_dir: StackDir, said: list[str]
) -> None:
    _run(stack_dir, said, ORDERLY)
    assert _run(stack_dir, said, {}) is Kept.ALL
    assert persistence.begin(stack_dir, True, said.append) is Kept.ALL


@pytest.mark.parametrize("kept", [Kept.NONE_YET, Kept.NOT_ASKED])
def test_samples_come_into_an_empty_stack_without_a_question(kept: Kept, said: list[str]) -> None:
    assert persistence.may_import_samples(kept, said.append, _never_asked)


@pytest.mark.parametrize("kept", [Kept.ALL, Kept.LOST])
@pytest.mark.parametrize("answer", [True, False])
def test_samples_come_over_what_was_kept_or_lost_only_if_a_person_says_so(
    kept: Kept, answer: bool, said: list[str]
) -> None:
    asked: list[str] = []

    def ask(question: str) -> bool:
        asked.append(question)
        return answer

    assert persistence.may_import_samples(kept, said.append, ask) is answer
    assert len(asked) == 1
    assert bool(said) is not answer


def test_where_nobody_can_be_asked_the_answer_is_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert not persistence.ask_at_terminal("Import?")


def _never_asked(question: str) -> bool:
    raise AssertionError(question)
