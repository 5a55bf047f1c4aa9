"""What a page and a lead wait for, counted in requests that are sent one after the other."""

from pathlib import Path

import pytest

from benchmarks.round_trips import MOST_OF_FLOOR, WAITS, Wait, on_aws, row

SCALE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text()
TO_THE_POST = [wait for wait in WAITS if wait.until == "POST"]


@pytest.mark.parametrize("on_the_line", [False, True], ids=["message", "on the line"])
@pytest.mark.parametrize("wait", WAITS, ids=lambda wait: wait.name)
def test_it_takes_the_round_trips_that_the_document_says(wait: Wait, on_the_line: bool) -> None:
    counted = row(wait, on_the_line=on_the_line, draws=0)
    assert counted.exact in SCALE
    assert counted.ratio <= MOST_OF_FLOOR


@pytest.mark.parametrize("wait", TO_THE_POST, ids=lambda wait: wait.name)
def test_no_page_is_told_anything_by_a_run_before_its_post_has_left(wait: Wait) -> None:
    clock = wait.happens(on_aws(draws=0), on_the_line=True)
    assert clock.first("PostToConnection").began >= clock.first("POST").began
