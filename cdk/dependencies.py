"""Installs a function's dependencies for Lambda, prunes and compiles them, and caches the result."""

import hashlib
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from cdk.pruning import prune

ROOT = Path(__file__).resolve().parent.parent
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
ARM64 = "aarch64-manylinux2014"
HOST = "host"
_LOCK = "hashes.txt"  # has a hash of every file that may be installed: uv refuses any other
_CACHE = ROOT / ".local" / "dependencies"


def dependencies(function: str, target: str) -> Path:
    """The folder with all packages of the function's `requirements.txt`; built if it is not in the cache."""
    finished = _CACHE / fingerprint(function, target)
    if not finished.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_CACHE) as folder:
            made = Path(folder) / function
            _install(made, _requirements(function), target)
            prune(made)
            _replace_sources_with_bytecode(made)
            _publish_atomically(made, finished)
    return finished


def fingerprint(function: str, target: str) -> str:
    """A hash of everything that affects the dependencies."""
    where = f"{platform.system()} {platform.machine()}" if target == HOST else ""
    makers = [Path(__file__).with_name(name) for name in ("dependencies.py", "pruning.py", "sdk_models.py")]
    return hash_of(f"{PYTHON} {target} {where}", *makers, ROOT / _LOCK, _requirements(function))


def hash_of(text: str, *paths: Path) -> str:
    """A hash of a text and of the names and contents of files and folders, except bytecode."""
    digest = hashlib.sha256(text.encode())
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]))
    for file in sorted(files):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def compile_all(asset: Path, *folders: str, beside: bool = False) -> None:
    """Compile to bytecode that is valid wherever it is unpacked, with Lambda's paths in tracebacks.

    With *beside*, bytecode goes beside its source instead of into `__pycache__`.
    """
    options = ["-b"] if beside else []
    _python(
        *("-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", *options),
        *("-s", str(asset), "-p", "/var/task", *(str(asset / folder) for folder in folders or ("",))),
    )


def _replace_sources_with_bytecode(made: Path) -> None:
    """Replace sources by bytecode, which makes the asset smaller; tracebacks keep their line numbers."""
    compile_all(made, beside=True)
    for source in list(made.rglob("*.py")):
        source.unlink()


def _install(out: Path, requirements: Path, target: str) -> None:
    where = [] if target == HOST else ["--python-platform", target]
    _python(
        *("-m", "uv", "pip", "install", "--quiet", "--target", str(out), "--requirements", str(requirements)),
        *("--constraints", str(ROOT / _LOCK), "--python", sys.executable, "--python-version", PYTHON),
        *("--only-binary", ":all:", *where),
    )


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True)


def _publish_atomically(made: Path, finished: Path) -> None:
    """Rename the finished folder into place; another build of the same folder may have been faster."""
    try:
        made.rename(finished)
    except OSError:
        if not finished.exists():
            raise


def _requirements(function: str) -> Path:
    return ROOT / "functions" / function / "requirements.txt"
