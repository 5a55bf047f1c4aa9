"""The functions' assets to measure: as shipped, as packed the usual way, and the SDK alone for comparison."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from cdk.bundling import build
from cdk.dependencies import HOST, PYTHON, ROOT, compile_all, hash_of

FUNCTIONS = ("connect", "leads_fetched", "dialer", "status_webhook", "voice", "leads_api")
_KEPT = ROOT / ".local" / "benchmarks"
_CONSTRAINTS = ROOT / "constraints.txt"


def shipped(function: str, target: str = HOST) -> Path:
    """The asset that `cdk synth` makes, for this machine or for Lambda's."""
    out = _emptied(_KEPT / "shipped" / target / function)
    build(function, target, out)
    return out


def packed_the_usual_way(function: str) -> Path:
    """The same handler with `pip install --target` of the same requirements: all of the SDK, and no bytecode."""
    requirements = ROOT / "functions" / function / "requirements.txt"
    out = _KEPT / "usual" / hash_of(PYTHON, _CONSTRAINTS, requirements)
    if not out.exists():
        _install(out, "--requirements", str(requirements))
    for package in (f"functions/{function}", "autocall"):
        shutil.copytree(ROOT / package, _emptied(out / package), dirs_exist_ok=True, ignore=_BYTECODE)
    shutil.copy(ROOT / "functions" / "__init__.py", out / "functions")
    return out


def full_sdk() -> Path:
    """All of boto3, with valid bytecode, for a fair comparison."""
    out = _KEPT / "sdk" / hash_of(PYTHON, _CONSTRAINTS)
    if not out.exists():
        _install(out, "boto3")
        compile_all(out)
    return out


def zipped_mb(asset: Path) -> float:
    """The size of the asset's zip in millions of bytes, packed like the CDK does."""
    archive = asset.with_name(asset.name + ".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for file in sorted(asset.rglob("*")):
            packed.write(file, file.relative_to(asset))
    return archive.stat().st_size / 1e6


_BYTECODE = shutil.ignore_patterns("__pycache__")


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _install(out: Path, *what: str) -> None:
    made = _emptied(out.with_name(out.name + ".part"))
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--python",
        sys.executable,
        "--target",
        str(made),
    ]
    subprocess.run([*command, "--constraints", str(_CONSTRAINTS), *what], check=True)
    made.rename(out)
