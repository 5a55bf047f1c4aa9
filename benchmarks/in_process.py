"""Runs a deployed function's code in this process, to measure its CPU time and count its requests."""

import importlib
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from autocall.messages import RunMessage
from benchmarks.environment import QUIET
from tests.e2e.agents import Outputs, aws


class Context:
    """Lambda's context object."""

    function_name = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


def queued(user: str) -> dict[str, Any]:
    """The event of a run for that user, as the queue delivers it for the first time."""
    about = {"receiptHandle": "receipt", "attributes": {"ApproximateReceiveCount": "1"}}
    return {"Records": [{"body": RunMessage(user, "benchmark", "benchmark").dumps()} | about]}


def load(outputs: Outputs, function: str) -> ModuleType:
    """The handler's module, with the deployed function's environment."""
    configuration = aws(outputs, "lambda").get_function_configuration(FunctionName=f"autocall-{function}")
    api = outputs["websocket_url"].split("/")[-2]
    os.environ |= (
        configuration["Environment"]["Variables"]
        | {
            "AWS_ENDPOINT_URL": outputs["aws_endpoint"],
            "AWS_REGION": outputs["region"],
            "AWS_DEFAULT_REGION": outputs["region"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "WEBSOCKET_URL": f"{outputs['aws_endpoint']}/_aws/execute-api/{api}/live",
        }
        | QUIET
    )
    return importlib.import_module(f"functions.{function}.handler")


@dataclass
class Spent:
    """The cost of some work: CPU seconds of this process, requests by name, and rows returned."""

    cpu_s: float = 0.0
    requests: Counter[str] = field(default_factory=Counter)
    rows: int = 0


class Meter:
    """Counts the requests of the given SDK clients while some work is done."""

    def __init__(self, *clients: Any) -> None:
        self._spent = Spent()
        for client in clients:
            client.meta.events.register("after-call", self._answered)

    def spends(self, act: Callable[[], object]) -> Spent:
        """The cost of *act*."""
        self._spent = Spent()
        began = time.process_time()
        act()
        self._spent.cpu_s = time.process_time() - began
        return self._spent

    def _answered(self, model: Any, parsed: dict[str, Any], **_: Any) -> None:
        self._spent.requests[model.name] += 1
        self._spent.rows += len(parsed.get("Items", ()))
