"""The SDK's descriptions of our services, cut down to the operations that the functions ask for.

The SDK reads them anew in every cold start. Files are unlinked and then written, never written through: uv may have
hard-linked them from its cache.
"""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

OPERATIONS = {
    "apigatewaymanagementapi": {"DeleteConnection", "PostToConnection"},
    "dynamodb": {"BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"},
    "secretsmanager": {"GetSecretValue"},
    "sqs": {"ChangeMessageVisibility", "SendMessage"},
}
ENDPOINTS = {"dynamodb", "sqs", "execute-api", "secretsmanager", "sts"}
_READ_AT_START = {"service-2", "endpoint-rule-set-1"}


def trim(data: Path) -> None:
    """Keep, of botocore's `data` folder, only what our clients read."""
    for service in [folder for folder in data.iterdir() if folder.is_dir()]:
        if service.name in OPERATIONS:
            _trim_service(service, OPERATIONS[service.name])
        else:
            shutil.rmtree(service)
    trim_endpoints(data / "endpoints.json")


def trim_endpoints(path: Path) -> None:
    """Keep every partition and region, but only our services' own rules."""
    endpoints = json.loads(path.read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: rule for name, rule in partition["services"].items() if name in ENDPOINTS}
    path.unlink()
    path.write_text(_dense(endpoints))


def _trim_service(service: Path, operations: set[str]) -> None:
    *older, newest = sorted(service.iterdir())
    for version in older:
        shutil.rmtree(version)
    for file in list(newest.iterdir()):
        name = file.name.removesuffix(".gz").removesuffix(".json")
        if name in _READ_AT_START:
            read = json.loads(gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes())
            file.unlink()
            (newest / f"{name}.json").write_text(_dense(only(read, operations) if name == "service-2" else read))
        elif not name.endswith(".sdk-extras"):
            file.unlink()


def only(model: dict[str, Any], operations: set[str]) -> dict[str, Any]:
    """The service's model with these operations, the shapes that they reach, and no documentation."""
    kept = {name: model["operations"][name] for name in sorted(operations)}
    shapes: dict[str, Any] = {}
    todo = _named(kept)
    while todo:
        name = todo.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            todo |= _named(shapes[name])
    return dict(_undocumented(model | {"operations": kept, "shapes": shapes}))


def _named(part: Any) -> set[str]:
    """The shapes that a part of a model refers to."""
    if isinstance(part, list):
        return {name for one in part for name in _named(one)}
    if not isinstance(part, dict):
        return set()
    own = {part["shape"]} if isinstance(part.get("shape"), str) else set()
    return own | {name for one in part.values() for name in _named(one)}


def _undocumented(part: Any) -> Any:
    """A member may be called `documentation` too, but then it is no text."""
    if isinstance(part, list):
        return [_undocumented(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _undocumented(one) for name, one in part.items() if not (name == "documentation" and isinstance(one, str))
    }


def _dense(read: Any) -> str:
    return json.dumps(read, separators=(",", ":"))
