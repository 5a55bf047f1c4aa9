"""A function as it is deployed, in this process: its own time and its requests can be counted here."""

import importlib
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from benchmarks.environment import QUIET
from tests.e2e.agents import Outputs, aws


class Context:
    """Lambda's context of one invocation."""

    function_name = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


def load(outputs: Outputs, function: str) -> ModuleType:
    """The handler's module, told what the deployed function is told."""
    told = aws(outputs, "lambda").get_function_configuration(FunctionName=f"autocall-{function}")
    api = outputs["websocket_url"].split("/")[-2]
    os.environ |= (
        told["Environment"]["Variables"]
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
    """What was sent and how long it took: seconds of this process's CPU, requests by name, rows that were answered."""

    cpu_s: float = 0.0
    requests: Counter[str] = field(default_factory=Counter)
    rows: int = 0


class Meter:
    """Counts what the given clients of the SDK send, while something is done."""

    def __init__(self, *clients: Any) -> None:
        self._spent = Spent()
        for client in clients:
            client.meta.events.register("after-call", self._answered)

    def spends(self, act: Callable[[], object]) -> Spent:
        """What *act* takes."""
        self._spent = Spent()
        began = time.process_time()
        act()
        self._spent.cpu_s = time.process_time() - began
        return self._spent

    def _answered(self, model: Any, parsed: dict[str, Any], **_: Any) -> None:
        self._spent.requests[model.name] += 1
        self._spent.rows += len(parsed.get("Items", ()))
