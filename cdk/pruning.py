"""Leave out of an asset what its function never reads."""

import shutil
from pathlib import Path

from cdk import sdk_models

_NEVER_IMPORTED = (
    *("bin", "awscrt"),  # scripts hold the builder's own path
    *("aiohttp", "aiohttp_retry", "aiosignal", "aiohappyeyeballs", "attr", "attrs", "frozenlist", "multidict"),
    *("propcache", "yarl"),  # Twilio's client brings them for its asynchronous half
    *("cffi", "pycparser"),  # to build with; at run time cryptography has its own _cffi_backend
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
    "phonenumbers/shortdata/region_*.py",  # each is imported when a short number of its region is asked about
    "charset_normalizer/*.so",  # twins of its Python files, twice as slow to load
    "*__mypyc*.so",
)


def prune(asset: Path) -> None:
    """Remove, from an asset with its dependencies installed, what is not needed at run time."""
    for name in _NEVER_IMPORTED:
        shutil.rmtree(asset / name, ignore_errors=True)
        for metadata in asset.glob(f"{name}-*.dist-info"):
            shutil.rmtree(metadata)
    for found in [path for pattern in _NEVER_READ for path in asset.glob(pattern)]:
        shutil.rmtree(found) if found.is_dir() else found.unlink()
    for about in [file for folder in asset.glob("*.dist-info") for file in folder.iterdir()]:
        if about.name != "METADATA":  # by which a scanner knows what is deployed; others hold the builder's paths
            shutil.rmtree(about) if about.is_dir() else about.unlink()
    _keep_only(asset / "aws_lambda_powertools" / "utilities", {"jmespath_utils"})
    _keep_only(asset / "twilio" / "rest", set())
    sdk_models.trim(asset / "botocore" / "data")
    if (asset / "certifi").exists():
        (asset / "botocore" / "cacert.pem").unlink()  # botocore takes certifi's where there is one


def _keep_only(folder: Path, names: set[str]) -> None:
    for inner in folder.iterdir() if folder.exists() else ():
        if inner.is_dir() and inner.name not in names:
            shutil.rmtree(inner)
