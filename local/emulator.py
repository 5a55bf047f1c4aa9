"""Starts MiniStack with its own Python, in an environment without this machine's packages and variables."""

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


def start(stack_dir: StackDir, port: int, *, keep: bool, extra: Mapping[str, str]) -> None:
    """Start the emulator; with *keep* it loads the state of the last run, and saves its own when it is stopped."""
    shutil.rmtree(stack_dir.scratch, ignore_errors=True)  # the functions' code, which it leaves behind
    stack_dir.scratch.mkdir(parents=True)
    kept = stack_dir.kept / "ministack"
    env = {
        "PATH": os.defpath,
        "HOME": str(stack_dir.scratch),
        "LANG": "C.UTF-8",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": "true",
        "MINISTACK_WORKER_THREADS": "256",  # who waits for a worker holds one
        "TMPDIR": str(stack_dir.scratch),
        "STATE_DIR": str(kept / "state" if keep else stack_dir.scratch / "state"),
        "S3_DATA_DIR": str(kept / "s3" if keep else stack_dir.scratch / "s3"),
        "PERSIST_STATE": "1" if keep else "0",
        "S3_PERSIST": "1" if keep else "0",
        "PYTHONPATH": str(ROOT / "local" / "shim"),
        **extra,
    }
    command = [str(EMULATOR_PYTHON), "-P", str(ROOT / "local" / "ministack.py")]
    processes.start(stack_dir, NAME, command, env, stack_dir.scratch)


def client(service: str, port: int) -> Any:
    """A boto3 client for the emulator, with all permissions."""
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=address(port),
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
