"""Removes files from an asset that its function never reads."""

import shutil
from pathlib import Path

from cdk import sdk_models

_NEVER_IMPORTED = (
    *("bin", "awscrt"),  # scripts contain the build machine's path
    *("aiohttp", "aiohttp_retry", "aiosignal", "aiohappyeyeballs", "attr", "attrs", "frozenlist", "multidict"),
    *("propcache", "yarl"),  # used only by Twilio's asynchronous client
    *("cffi", "pycparser"),  # build tools; at run time cryptography has its own _cffi_backend
    *(
        "aws_lambda_powertools/event_handler",
        "dateutil/zoneinfo",
        "phonenumbers/geodata",
        "phonenumbers/carrierdata",
        "twilio/jwt",
    ),
)
_NEVER_READ = (
    ".lock",
    "phonenumbers/shortdata/region_*.py",  # imported only for short numbers
    "charset_normalizer/*.so",  # compiled copies of its Python files, twice as slow to load
    "*__mypyc*.so",
)


def prune(asset: Path) -> None:
    """Remove everything that is not needed at run time from an asset with installed dependencies."""
    for name in _NEVER_IMPORTED:
        shutil.rmtree(asset / name, ignore_errors=True)
        for metadata in asset.glob(f"{name}-*.dist-info"):
            shutil.rmtree(metadata)
    for found in [path for pattern in _NEVER_READ for path in asset.glob(pattern)]:
        shutil.rmtree(found) if found.is_dir() else found.unlink()
    for about in [file for folder in asset.glob("*.dist-info") for file in folder.iterdir()]:
        if about.name != "METADATA":  # scanners read it; other files contain the build machine's paths
            shutil.rmtree(about) if about.is_dir() else about.unlink()
    _keep_only(asset / "aws_lambda_powertools" / "utilities", {"jmespath_utils"})
    _keep_only(asset / "twilio" / "rest", set())
    sdk_models.trim(asset / "botocore" / "data")
    if (asset / "certifi").exists():
        (asset / "botocore" / "cacert.pem").unlink()  # botocore uses certifi's file instead


def _keep_only(folder: Path, names: set[str]) -> None:
    for inner in folder.iterdir() if folder.exists() else ():
        if inner.is_dir() and inner.name not in names:
            shutil.rmtree(inner)
