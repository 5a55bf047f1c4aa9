"""Package one function without Docker: its folder, the shared package, and its own pinned dependencies.

An asset is known by its inputs, so an unchanged function is never built twice; what it depends on is kept apart, so
that a changed one is built in a moment. Its bytecode is valid without a look at its source's date,
which in a zip is 1980 and would void it.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import aws_cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from cdk.pruning import prune

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / ".local" / "dependencies"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
RUNTIME = lambda_.Runtime(f"python{PYTHON}", lambda_.RuntimeFamily.PYTHON)
OLDEST, NEWEST = (3, 11), (3, 14)
ARM64 = "aarch64-manylinux2014"
HOST = "host"


def code(function: str, platform_: str) -> lambda_.Code:
    """The function's asset for *platform_*: `ARM64`, or `HOST` for this machine."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise RuntimeError(f"AWS Lambda has no Python {PYTHON}: synthesise with one from 3.11 to 3.14")
    return lambda_.Code.from_asset(
        str(ROOT / "functions" / function),
        asset_hash_type=aws_cdk.AssetHashType.CUSTOM,
        asset_hash=fingerprint(function, platform_),
        bundling=aws_cdk.BundlingOptions(image=RUNTIME.bundling_image, local=_Uv(function, platform_)),
    )


def fingerprint(function: str, platform_: str) -> str:
    """A hash of everything that goes into the asset."""
    folders = (ROOT / "functions" / function, ROOT / "autocall")
    return _hash(_known_by(function, platform_), *(path for folder in folders for path in folder.rglob("*")))


def _known_by(function: str, platform_: str) -> str:
    """A hash of everything that decides what its dependencies look like when installed and pruned."""
    where = f"{platform.system()} {platform.machine()}" if platform_ == HOST else ""
    ours = (Path(__file__), Path(__file__).with_name("pruning.py"), ROOT / "constraints.txt", _requirements(function))
    return _hash(f"{PYTHON} {platform_} {where}", *ours)


def _hash(text: str, *paths: Path) -> str:
    digest = hashlib.sha256(text.encode())
    for path in sorted(paths):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


@jsii.implements(aws_cdk.ILocalBundling)
class _Uv:
    def __init__(self, function: str, platform_: str) -> None:
        self._function, self._platform = function, platform_

    def try_bundle(self, output_dir: str, *_: object, **__: object) -> bool:
        build(self._function, self._platform, Path(output_dir))
        return True


def build(function: str, platform_: str, out: Path) -> None:
    """Make the asset in the folder *out*."""
    shutil.copytree(dependencies(function, platform_), out, dirs_exist_ok=True)
    for package in (f"functions/{function}", "autocall"):
        shutil.copytree(ROOT / package, out / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "functions" / "__init__.py", out / "functions")
    _compile(out, "functions", "autocall")


def dependencies(function: str, platform_: str) -> Path:
    """The folder of what the function depends on: installed, pruned and compiled now, if it never was."""
    finished = BUILT / _known_by(function, platform_)
    if not finished.exists():
        BUILT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILT) as folder:
            made = Path(folder) / function
            _install(made, _requirements(function), platform_)
            prune(made)
            _compile(made)
            _appear(made, finished)
    return finished


def _appear(made: Path, finished: Path) -> None:
    """All at once; another build of the same inputs may have been first."""
    try:
        made.rename(finished)
    except OSError:
        if not finished.exists():
            raise


def _requirements(function: str) -> Path:
    return ROOT / "functions" / function / "requirements.txt"


def _install(out: Path, requirements: Path, platform_: str) -> None:
    where = [] if platform_ == HOST else ["--python-platform", platform_]
    _python(
        *("-m", "uv", "pip", "install", "--quiet", "--target", out, "--requirements", requirements),
        *("--constraints", ROOT / "constraints.txt", "--python", sys.executable, "--python-version", PYTHON),
        *("--only-binary", ":all:", *where),
    )


def _compile(out: Path, *folders: str) -> None:
    """Bytecode that is valid wherever it is unpacked, with tracebacks that say where that is."""
    _python(
        *("-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"),
        *("-s", out, "-p", "/var/task", *(out / folder for folder in folders or ("",))),
    )


def _python(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, *map(str, arguments)], check=True)
