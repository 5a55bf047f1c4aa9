"""What a module of the page exports, asked of the module itself: Node runs TypeScript as it is."""

import json
import os
import subprocess
from functools import cache
from typing import Any

from local.environments import path
from local.paths import ROOT

_EXPORTS = "console.log(JSON.stringify({ ...(await import(process.argv[1])) }))"


@cache
def exports_of(module: str) -> dict[str, Any]:
    """The constants of *module*, a file below web/src that imports nothing but types."""
    command = ["node", "--input-type=module", "--eval", _EXPORTS, str(ROOT / "web" / "src" / module)]
    environment = os.environ | {"PATH": path()}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=100)
    exported: dict[str, Any] = json.loads(done.stdout)
    return exported
