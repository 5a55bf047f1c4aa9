"""MiniStack: started with the emulator's own Python, in an environment that functions could not lean on."""

import os
import shutil
from collections.abc import Mapping
from typing import Any

import boto3

from local import processes
from local.deployment import REGION
from local.paths import EMULATOR_PYTHON, ROOT, StackDir
from local.ports import address

NAME = "ministack"
HEALTH = "/_ministack/health"


def start(place: StackDir, port: int, *, keep: bool, extra: Mapping[str, str]) -> None:
    """Start the emulator; with *keep* it begins with what it wrote when it was last stopped, and writes again."""
    shutil.rmtree(place.scratch, ignore_errors=True)  # its functions' code, which it leaves behind
    place.scratch.mkdir(parents=True)
    kept = place.kept / "ministack"
    env = {
        "PATH": os.defpath,
        "HOME": str(place.scratch),
        "LANG": "C.UTF-8",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": "true",
        "TMPDIR": str(place.scratch),
        "STATE_DIR": str(kept / "state" if keep else place.scratch / "state"),
        "S3_DATA_DIR": str(kept / "s3" if keep else place.scratch / "s3"),
        "PERSIST_STATE": "1" if keep else "0",
        "S3_PERSIST": "1" if keep else "0",
        "PYTHONPATH": str(ROOT / "local" / "shim"),
        **extra,
    }
    command = [str(EMULATOR_PYTHON), "-P", str(ROOT / "local" / "ministack.py")]
    processes.start(place, NAME, command, env, place.scratch)


def client(service: str, port: int) -> Any:
    """A client of the emulator, as its administrator."""
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=address(port),
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
