"""Trims botocore's service models to the operations that the functions use.

The SDK parses them in every cold start. Files are unlinked before they are written, because uv may have hard-linked
them from its cache.
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
    """Keep only those files of botocore's `data` folder that our clients read."""
    for service in [folder for folder in data.iterdir() if folder.is_dir()]:
        if service.name in OPERATIONS:
            _trim_service(service, OPERATIONS[service.name])
        else:
            shutil.rmtree(service)
    trim_endpoints(data / "endpoints.json")


def trim_endpoints(path: Path) -> None:
    """Keep all partitions and regions, but only the rules of our services."""
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
            model = json.loads(gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes())
            file.unlink()
            (newest / f"{name}.json").write_text(_dense(only(model, operations) if name == "service-2" else model))
        elif not name.endswith(".sdk-extras"):
            file.unlink()


def only(model: dict[str, Any], operations: set[str]) -> dict[str, Any]:
    """The service's model with these operations and their shapes, without documentation."""
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
        return {name for inner in part for name in _named(inner)}
    if not isinstance(part, dict):
        return set()
    own = {part["shape"]} if isinstance(part.get("shape"), str) else set()
    return own | {name for inner in part.values() for name in _named(inner)}


def _undocumented(part: Any) -> Any:
    """The part without documentation. A member may be called `documentation` too, but is not a text then."""
    if isinstance(part, list):
        return [_undocumented(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _undocumented(inner)
        for name, inner in part.items()
        if not (name == "documentation" and isinstance(inner, str))
    }


def _dense(model: Any) -> str:
    return json.dumps(model, separators=(",", ":"))
