"""Runs in every process of the emulator's functions: their address of the socket becomes the emulator's.

AWS's address of the management API is `https://{api}.execute-api.{region}.amazonaws.com/{stage}`; the emulator has it
under a path of its own. It is rewritten before signing, when the function has imported its own botocore.
"""

import importlib.util
import os
import re
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_AWS = re.compile(r"^https://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com/")


def _rewrite(request: Any, **_: Any) -> None:
    here = os.environ["AWS_ENDPOINT_URL"].rstrip("/")
    request.url = _AWS.sub(lambda found: f"{here}/_aws/execute-api/{found[1]}/", request.url)


class _AfterBotocore(MetaPathFinder):
    """Adds the rewriting to botocore's own handlers as soon as they are imported, once."""

    def find_spec(self, name: str, _path: Any, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name != "botocore.handlers":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec and spec.loader:
            load: Any = spec.loader
            run = load.exec_module

            def exec_module(module: ModuleType) -> None:
                run(module)
                vars(module)["BUILTIN_HANDLERS"].append(("before-sign.apigatewaymanagementapi", _rewrite))

            load.exec_module = exec_module
        return spec


if os.environ.get("AWS_LAMBDA_FUNCTION_NAME"):
    sys.meta_path.insert(0, _AfterBotocore())
