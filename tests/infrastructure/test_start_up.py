"""What ships starts fast and is small: ratios with room for a busy machine, sizes exactly as they are bounded."""

import pytest

from benchmarks.assets import FUNCTIONS, full_sdk, packed_the_usual_way, shipped
from benchmarks.cold_start import MOST_RSS_MB, YARDSTICK, Start, sizes, starts

ROOM = 1.25


@pytest.fixture(scope="module")
def best() -> dict[str, Start]:
    """The better of two medians, by CPU."""
    named = {function: (shipped(function), f"import functions.{function}.handler") for function in FUNCTIONS}
    named[YARDSTICK] = (full_sdk(), "import boto3; boto3.client('dynamodb')")
    named["usual"] = (packed_the_usual_way("dialer"), "import functions.dialer.handler")
    first, second = starts(named, 2), starts(named, 2)
    return {name: min(first[name], second[name], key=lambda start: start.cpu_s) for name in named}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_starts_about_as_fast_as_the_bare_sdk(function: str, best: dict[str, Start]) -> None:
    assert best[function].cpu_s < best[YARDSTICK].cpu_s * ROOM


def test_packing_as_we_do_is_worth_it(best: dict[str, Start]) -> None:
    assert best["usual"].cpu_s > best["dialer"].cpu_s * 2


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_started_function_leaves_most_of_its_memory_free(function: str, best: dict[str, Start]) -> None:
    assert best[function].rss_mb <= MOST_RSS_MB


def test_no_asset_is_larger_than_its_bound() -> None:
    for size in sizes():
        assert size.met, f"{size.name}: {size.value:.1f} MB, {size.bar}"
