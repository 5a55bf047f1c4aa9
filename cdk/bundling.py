"""Packages one function without Docker: its folder, the shared package, and its own pinned dependencies.

An asset is identified by a hash of its inputs, so an unchanged function is never built twice. Its bytecode is compiled
with hashes instead of dates, because every file in the zip has the date 1980, which would invalidate it.
"""

import shutil
import sys
from pathlib import Path

import aws_cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from cdk.dependencies import PYTHON, ROOT, compile_all, dependencies, fingerprint, hash_of
from cdk.python_versions import KNOWN, NEWEST, OLDEST

RUNTIME = lambda_.Runtime(f"python{PYTHON}", lambda_.RuntimeFamily.PYTHON)


def code(function: str, target: str) -> lambda_.Code:
    """The function's asset, for Lambda's `ARM64` or for this `HOST`."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise RuntimeError(f"AWS Lambda has no Python {PYTHON}: synthesise with one from {KNOWN}")
    return lambda_.Code.from_asset(
        str(ROOT / "functions" / function),
        asset_hash_type=aws_cdk.AssetHashType.CUSTOM,
        asset_hash=_fingerprint(function, target),
        bundling=aws_cdk.BundlingOptions(image=RUNTIME.bundling_image, local=_Bundling(function, target)),
    )


def _fingerprint(function: str, target: str) -> str:
    """A hash of everything that goes into the asset."""
    ours = (ROOT / "functions" / "__init__.py", ROOT / "functions" / function, ROOT / "autocall")
    return hash_of(fingerprint(function, target), Path(__file__), *ours)


@jsii.implements(aws_cdk.ILocalBundling)
class _Bundling:
    def __init__(self, function: str, target: str) -> None:
        self._function, self._target = function, target

    def try_bundle(self, output_dir: str, *_: object, **__: object) -> bool:
        build(self._function, self._target, Path(output_dir))
        return True


def build(function: str, target: str, out: Path) -> None:
    """Make the asset in the folder *out*."""
    shutil.copytree(dependencies(function, target), out, dirs_exist_ok=True)
    for package in (f"functions/{function}", "autocall"):
        shutil.copytree(ROOT / package, out / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "functions" / "__init__.py", out / "functions")
    compile_all(out, "functions", "autocall")
