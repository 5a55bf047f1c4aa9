"""Leave out of an asset what its function never reads."""

import json
import shutil
from pathlib import Path

SDK_MODELS = {"dynamodb", "sqs", "apigatewaymanagementapi", "secretsmanager"}
SDK_ENDPOINTS = {"dynamodb", "sqs", "execute-api", "secretsmanager", "sts"}
_NEVER_IMPORTED = (
    *("bin", "awscrt"),  # scripts hold the builder's own path
    *("aiohttp", "aiohttp_retry", "aiosignal", "aiohappyeyeballs", "attr", "attrs", "frozenlist", "multidict"),
    *("propcache", "yarl"),  # Twilio's client brings them for its asynchronous half
    *("cffi", "pycparser"),  # to build with; at run time cryptography has its own _cffi_backend
    *(
        "aws_lambda_powertools/event_handler",
        "boto3/data",
        "boto3/examples",
        "phonenumbers/geodata",
        "phonenumbers/carrierdata",
    ),
)


def prune(asset: Path) -> None:
    """Remove, from an asset with its dependencies installed, what is not needed at run time."""
    unused = (*(asset / name for name in _NEVER_IMPORTED), *asset.glob("*.dist-info"))
    for folder in unused:
        shutil.rmtree(folder, ignore_errors=True)
    (asset / ".lock").unlink(missing_ok=True)
    _keep_only(asset / "aws_lambda_powertools" / "utilities", {"jmespath_utils"})
    _keep_only(asset / "twilio" / "rest", {"api"})
    _keep_only(asset / "botocore" / "data", SDK_MODELS)
    trim_endpoints(asset / "botocore" / "data" / "endpoints.json")


def _keep_only(folder: Path, names: set[str]) -> None:
    for inner in folder.iterdir() if folder.exists() else ():
        if inner.is_dir() and inner.name not in names:
            shutil.rmtree(inner)


def trim_endpoints(path: Path) -> None:
    """Keep every partition and region, but only our services' own rules."""
    endpoints = json.loads(path.read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: rule for name, rule in partition["services"].items() if name in SDK_ENDPOINTS}
    path.unlink()  # uv may have hard-linked it from its cache: never write through
    path.write_text(json.dumps(endpoints, separators=(",", ":")))
