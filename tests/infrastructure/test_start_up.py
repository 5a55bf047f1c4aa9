"""What ships starts fast and is small: ratios with room for a busy machine, sizes exactly as they are bounded."""

import random

import pytest

from benchmarks.assets import FUNCTIONS, full_sdk, packed_the_usual_way, shipped
from benchmarks.cold_start import MOST_RSS_MB, YARDSTICK, Start, _start, sizes

ROOM = 1.25
PACKED_BADLY = 2
LEAST_ROUNDS, MOST_ROUNDS = 2, 20


@pytest.fixture(scope="module")
def best() -> dict[str, Start]:
    """The best start of each by CPU, to which whatever else the machine does can only add; the cases take turns.

    There are more rounds for as long as the bars are not met: what is slow by itself meets them in none.
    """
    named = {function: (shipped(function), f"import functions.{function}.handler") for function in FUNCTIONS}
    named[YARDSTICK] = (full_sdk(), "import boto3; boto3.client('dynamodb')")
    named["usual"] = (packed_the_usual_way("dialer"), "import functions.dialer.handler")
    taken: dict[str, list[Start]] = {name: [] for name in named}
    found: dict[str, Start] = {}
    for number in range(MOST_ROUNDS):
        for name in random.sample(list(named), len(named)):
            taken[name].append(_start(*named[name]))
        found = {name: min(samples, key=lambda start: start.cpu_s) for name, samples in taken.items()}
        bar = found[YARDSTICK].cpu_s * ROOM
        quick = all(found[function].cpu_s < bar for function in FUNCTIONS)
        worth_it = found["usual"].cpu_s > found["dialer"].cpu_s * PACKED_BADLY
        if number + 1 >= LEAST_ROUNDS and quick and worth_it:
            break
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_starts_about_as_fast_as_the_bare_sdk(function: str, best: dict[str, Start]) -> None:
    assert best[function].cpu_s < best[YARDSTICK].cpu_s * ROOM


def test_packing_as_we_do_is_worth_it(best: dict[str, Start]) -> None:
    assert best["usual"].cpu_s > best["dialer"].cpu_s * PACKED_BADLY


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_started_function_leaves_most_of_its_memory_free(function: str, best: dict[str, Start]) -> None:
    assert best[function].rss_mb <= MOST_RSS_MB


def test_no_asset_is_larger_than_its_bound() -> None:
    for size in sizes():
        assert size.met, f"{size.name}: {size.value:.1f} MB, {size.bar}"
