"""Installs the Python and Node packages, if they are missing or their lock file has changed.

Needs only Python itself, so that it runs on a fresh machine: `python3 -m local.environments`.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

from cdk.python_versions import KNOWN, NEWEST, OLDEST
from local.paths import CDK, EMULATOR_PYTHON, PYTHON, ROOT, SHARED, WEB, locked

UV = "uv==0.13.9"
HASHES = ROOT / "hashes.txt"
_UV_HOME = SHARED / "uv"
_SEEN = SHARED / "locks"
Say = Callable[[str], None]


class NotInstalled(Exception):
    """Packages could not be installed; the message says what to do about it."""


def main_environment(say: Say = print) -> None:
    """`.venv`: the project's Python and the pinned Node, with only files whose hashes are in the lock."""
    _environment(PYTHON, [HASHES], ["--require-hashes", "-r", HASHES], say)


def emulator_environment(say: Say) -> None:
    """The emulator's Python, without packages that functions must bring themselves."""
    lock = ROOT / "local" / "requirements.txt"
    _environment(EMULATOR_PYTHON, [lock], ["-r", lock], say)


def cdk_cli(say: Say) -> None:
    """The CDK's command line, pinned in `package-lock.json`."""
    _node_modules(ROOT, say)
    if not CDK.exists():
        raise FileNotFoundError(CDK)


def web_packages(say: Say) -> None:
    """The packages that build and test the page."""
    _node_modules(WEB, say)


def path() -> str:
    """`PATH`, with the project's Python and Node first."""
    return os.pathsep.join([str(PYTHON.parent), str(CDK.parent), os.environ.get("PATH", os.defpath)])


def _environment(python: Path, locks: list[Path], install: list[Any], say: Say) -> None:
    home = python.parent.parent
    wanted = "".join(lock.read_text() for lock in locks)
    seen = _SEEN / home.name
    with locked(SHARED / "environments.lock"):
        if python.exists() and seen.exists() and seen.read_text() == wanted:
            return
        say(f"Python packages for {home.relative_to(ROOT)}")
        seen.unlink(missing_ok=True)
        if not python.exists():
            _uv("venv", "--quiet", "--allow-existing", "--python", sys.executable, home)
        _uv("pip", "install", "--quiet", "--python", python, *install)
        _SEEN.mkdir(parents=True, exist_ok=True)
        seen.write_text(wanted)


def _uv(*arguments: Any) -> None:
    if not _UV_HOME.exists():
        _fetch_uv()
    _run(f"uv {arguments[0]}", [sys.executable, "-m", "uv", *arguments], env=os.environ | {"PYTHONPATH": str(_UV_HOME)})


def _fetch_uv() -> None:
    """Install the pinned uv with pip. A Python without pip, such as the one in `.venv`, may have uv itself."""
    if importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as lock:
            lock.write(locked_as(UV))
            lock.flush()
            _run("pip install", [*pip, "--only-binary", ":all:", "--target", _UV_HOME, "-r", lock.name])
    elif not importlib.util.find_spec("uv"):
        raise NotInstalled(
            f"{sys.executable} has no pip, which installs the rest; on Debian: sudo apt-get install python3-pip"
        )


def locked_as(pin: str) -> str:
    """The lines of the lock file for one pin, with the hashes of its files."""
    lines = HASHES.read_text().splitlines()
    start = next(index for index, line in enumerate(lines) if line.split(" ")[0] == pin)
    hashes = list(takewhile(lambda line: line.startswith("    --hash="), lines[start + 1 :]))
    return "\n".join([lines[start], *hashes]) + "\n"


def _run(name: str, command: list[Any], **how: Any) -> None:
    if subprocess.run(command, check=False, **how).returncode:
        raise NotInstalled(f"{name} failed; see its output above.")


def _node_modules(folder: Path, say: Say) -> None:
    with locked(SHARED / f"{folder.name}-node-modules.lock"):
        if _installed(folder):
            return
        say(f"Node packages for {'the page' if folder == WEB else 'the CDK'}")
        npm = shutil.which("npm", path=path())
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run("npm ci", [npm or "npm", "ci", *options], cwd=folder, env=os.environ | {"PATH": path()})


def _installed(folder: Path) -> bool:
    """Whether npm's record of installed packages matches the lock, except for optional packages of other machines."""
    try:
        there = _packages(folder / "node_modules" / ".package-lock.json")
    except FileNotFoundError:
        return False
    wanted = _packages(folder / "package-lock.json")
    must = {name: version for name, (version, optional) in wanted.items() if not optional}
    return (
        must.items() <= {name: version for name, (version, _) in there.items()}.items()
        and there.keys() <= wanted.keys()
    )


def _packages(lock: Path) -> dict[str, tuple[str, bool]]:
    packages = json.loads(lock.read_text())["packages"]
    return {name: (about.get("version", ""), about.get("optional", False)) for name, about in packages.items() if name}


_PARTS: dict[str, Callable[[Say], None]] = {
    "main": main_environment,
    "emulator": emulator_environment,
    "cdk": cdk_cli,
    "web": web_packages,
}

if __name__ == "__main__":
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(f"python3 must be a version that AWS Lambda has too: {KNOWN}.")
    try:
        for part in sys.argv[1:] or ["main"]:
            _PARTS[part](print)
    except NotInstalled as error:
        sys.exit(str(error))
