"""What a function depends on: installed for Lambda, pruned, compiled, and kept for every build that wants the same."""

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
_LOCK = "hashes.txt"  # with a hash of every file that may be installed: uv takes no other
_CACHE = ROOT / ".local" / "dependencies"


def dependencies(function: str, target: str) -> Path:
    """The folder of all that the function's `requirements.txt` asks for; made now, if it never was."""
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
    """A hash of everything that decides what the dependencies look like."""
    where = f"{platform.system()} {platform.machine()}" if target == HOST else ""
    makers = [Path(__file__).with_name(name) for name in ("dependencies.py", "pruning.py", "sdk_models.py")]
    return hash_of(f"{PYTHON} {target} {where}", *makers, ROOT / _LOCK, _requirements(function))


def hash_of(text: str, *paths: Path) -> str:
    """A hash of a text, and of the names and bytes of files and of all that is in folders, but bytecode."""
    digest = hashlib.sha256(text.encode())
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]))
    for file in sorted(files):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def compile_all(asset: Path, *folders: str, beside: bool = False) -> None:
    """Bytecode that is valid wherever it is unpacked, with tracebacks that say where that is; *beside* its source."""
    _python(
        *("-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", *(["-b"] if beside else [])),
        *("-s", str(asset), "-p", "/var/task", *(str(asset / folder) for folder in folders or ("",))),
    )


def _replace_sources_with_bytecode(made: Path) -> None:
    """Bytecode instead of its sources, which Lambda would only download: tracebacks keep the libraries' lines."""
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
    """All at once; another build of the same may have been first."""
    try:
        made.rename(finished)
    except OSError:
        if not finished.exists():
            raise


def _requirements(function: str) -> Path:
    return ROOT / "functions" / function / "requirements.txt"
