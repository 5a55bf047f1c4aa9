"""Paths in the project, those shared by all stacks of this machine, and those of one stack."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows has no fcntl, and could not run Lambda's wheels either
    raise SystemExit("This needs Linux, macOS or WSL.") from None

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT / ".local"
PYTHON = ROOT / ".venv" / "bin" / "python"
EMULATOR_PYTHON = SHARED / "ministack" / "bin" / "python"
CDK = ROOT / "node_modules" / ".bin" / "cdk"
WEB = ROOT / "web"


class NotUp(Exception):
    """No stack runs in this folder."""


@dataclass(frozen=True)
class StackDir:
    """The folder of one stack; several stacks can run, each in its own folder."""

    home: Path

    @property
    def outputs(self) -> Path:
        return self.home / "outputs.json"

    @property
    def assembly(self) -> Path:
        return self.home / "cdk.out"

    @property
    def processes(self) -> Path:
        return self.home / "processes"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def kept(self) -> Path:
        """The data that survives a restart with KEEP=1: the emulator's tables and the simulator's count."""
        return self.home / "kept"

    @property
    def scratch(self) -> Path:
        return self.home / "tmp"

    @property
    def site(self) -> Path:
        """The files that the page server serves in addition to the built page."""
        return self.home / "site"

    def read_outputs(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(self.outputs.read_text())
        except FileNotFoundError:
            raise NotUp(f"No stack is running in {self.home}; start one with `make up`.") from None
        return found


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock on the file; other processes wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write(path: Path, text: str) -> None:
    """Write a file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    os.chmod(file.name, 0o644)
    Path(file.name).replace(path)
