"""Measures an import of a long list by `leads_api` in this process: rows per second and memory.

The table is a fake that answers at once, so that only the function's own work is measured: parsing, validating numbers,
and building, signing and sending one write for each row.
"""

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from benchmarks.apart import tell
from benchmarks.environment import ENVIRONMENT, QUIET
from benchmarks.figures import Figure
from benchmarks.in_process import Context

ROWS, QUICK_ROWS = 100_000, 5_000
CROWDED_ROWS, CROWDED_WRITES_S = 1_000, 150
"""A partition that takes about half as many writes as this sends: on AWS it takes 1,000 units, which are 500 rows."""
MOST_GROWTH = 1.1
_LINES = 10_000  # of one exchange
_PIECE = 500
_ROUND_TRIP_S = 0.004
_DYNAMODB = "com.amazonaws.dynamodb.v20120810"

Handle = Callable[[dict[str, Any], Context], dict[str, Any]]


def measure(*, quick: bool) -> list[Figure]:
    """The figures of the table."""
    rows = QUICK_ROWS if quick else ROWS
    handle = _handler()
    done, early_mb = 0, 0.0
    began, cpu = time.perf_counter(), time.process_time()
    for piece in _pieces(rows):
        answer = handle(_event("phone,name,note\n" + "\n".join(piece) + "\n"), Context())
        assert json.loads(answer["body"])["created"] == len(piece), answer
        done += len(piece)
        early_mb = early_mb or (_rss_mb() if done >= rows / 10 else 0.0)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    about = f"{1000 * cpu / rows:.2f} ms of CPU a row"
    return [
        Figure("import", f"{rows:,} rows", rows / wall, "rows/s", about=about),
        _crowded(handle),
        Figure(
            "import",
            "memory after all rows",
            _rss_mb() / early_mb,
            "x after a tenth",
            most=MOST_GROWTH,
            about=f"{_rss_mb():.0f} MB",
        ),
    ]


def _crowded(handle: Handle) -> Figure:
    """Rows that the table refuses are tried again, later each time; what share of its requests does that cost it?"""
    partition = Partition(CROWDED_WRITES_S)
    leads = import_module("functions.leads_api.handler").services.leads
    leads._client.meta.events.register_first("before-send", partition.answer)
    created = 0
    for piece in _pieces(CROWDED_ROWS):
        answer = handle(_event("phone,name,note\n" + "\n".join(piece) + "\n"), Context())
        created += json.loads(answer["body"])["created"]
    leads._client.meta.events.unregister("before-send", partition.answer)
    share = partition.refused / (partition.refused + partition.taken)
    about = f"{created:,} of {CROWDED_ROWS:,} rows stored; the page sends the others again"
    return Figure("import", "requests that a crowded partition refuses", 100 * share, "%", about=about)


class Partition:
    """Takes so many writes a second, and refuses the others as DynamoDB does."""

    def __init__(self, writes_s: float) -> None:
        self._writes_s, self._left, self._at = writes_s, 0.0, time.monotonic()
        self._lock = threading.Lock()
        self.taken = self.refused = 0

    def answer(self, request: Any, **_: Any) -> AWSResponse | None:
        """None if it takes the request: then it is answered as any other."""
        time.sleep(_ROUND_TRIP_S)
        with self._lock:
            moment = time.monotonic()
            self._left = min(self._writes_s / 4, self._left + (moment - self._at) * self._writes_s)
            self._at = moment
            if self._left >= 1:
                self._left -= 1
                self.taken += 1
                return None
            self.refused += 1
        return _response(request, 400, {"__type": f"{_DYNAMODB}#ProvisionedThroughputExceededException"})


def _pieces(count: int) -> Iterator[list[str]]:
    rows = _rows(count)
    while piece := list(islice(rows, _PIECE)):
        yield piece


def _rows(count: int) -> Iterator[str]:
    for index in range(count):
        exchange, line = divmod(index, _LINES)
        yield f"+1212{220 + exchange}{line:04d},Name {index},"


def _handler() -> Handle:
    os.environ |= ENVIRONMENT | QUIET
    handler = import_module("functions.leads_api.handler")
    row = {"Attributes": {"call_status": {"S": "pending"}}}
    handler.services.leads._client.meta.events.register("before-send", _answering(row))
    handler.services.queue._client.meta.events.register("before-send", _answering({"MessageId": "m"}))
    handle: Handle = handler.handler
    return handle


class _Body(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _answering(body: dict[str, Any]) -> Callable[..., AWSResponse]:
    return lambda request, **_: _response(request, 200, body)


def _response(request: Any, status: int, body: dict[str, Any]) -> AWSResponse:
    headers = HTTPHeaders.from_pairs([("content-type", "application/x-amz-json-1.0")])
    return AWSResponse(request.url, status, headers, _Body(json.dumps(body).encode()))


def _event(text: str) -> dict[str, Any]:
    claims = {"sub": "importer", "exp": "9999999999"}
    return {
        "routeKey": "POST /api/leads",
        "requestContext": {"requestId": "benchmark", "authorizer": {"jwt": {"claims": claims}}},
        "headers": {"content-type": "text/csv"},
        "body": text,
        "isBase64Encoded": False,
    }


def _rss_mb() -> float:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


if __name__ == "__main__":
    tell(measure(quick="--quick" in sys.argv))
