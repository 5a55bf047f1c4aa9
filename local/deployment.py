"""The very stack of `cdk/`, brought to the emulator by the CDK's own command line."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdk.dependencies import hash_of
from cdk.settings import name_of
from local.environments import path
from local.paths import CDK, ROOT, StackDir, write

REGION = "us-east-1"
ACCOUNT = "000000000000"
STACK = name_of("")
_STAGING_BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
_SOURCES = ("cdk", "functions", "autocall", "cdk.json", "hashes.txt")


class Failed(Exception):
    """The CDK's command line gave up; the message is what it said."""


def plain_environment() -> dict[str, str]:
    """This machine's environment without its AWS accounts, with the project's own commands first."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ours.pop("PYTHONDONTWRITEBYTECODE", None)  # without bytecode, aws-cdk-lib alone takes six seconds more to import
    return ours | {"PATH": path(), "PYTHONUNBUFFERED": "1"}


def aws_environment(endpoint: str) -> dict[str, str]:
    """The environment of a command that shall see the emulator, and never an account that the machine knows."""
    return plain_environment() | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "NO_COLOR": "1",
    }


def bootstrap(endpoint: str) -> None:
    """What the CDK needs in an account; in an empty folder, or it would synthesise the project first."""
    with tempfile.TemporaryDirectory() as empty:
        _cdk(["bootstrap", f"aws://{ACCOUNT}/{REGION}"], aws_environment(endpoint), Path(empty))


def open_staging_bucket(s3: Any) -> None:
    """Its policy refuses plain HTTP, and the emulator speaks nothing else."""
    s3.delete_bucket_policy(Bucket=_STAGING_BUCKET)


def synthesise(place: StackDir, context: Mapping[str, str]) -> bool:
    """Make the stack's assembly, unless the one that is there was made of the same; whether it was made."""
    made_of = place.assembly / "made-of"
    wanted = hash_of(json.dumps(dict(context), sort_keys=True), *(ROOT / source for source in _SOURCES))
    if made_of.exists() and made_of.read_text() == wanted:
        return False
    made_of.unlink(missing_ok=True)
    chosen = [word for name, value in context.items() for word in ("-c", f"{name}={value}")]
    env = plain_environment() | {"CDK_VALIDATION": "false"}  # takes seconds; the tests' and a real synth have it
    _cdk(["synth", "--quiet", "--output", str(place.assembly), *chosen], env, ROOT)
    write(made_of, wanted)
    return True


def deploy(place: StackDir, endpoint: str) -> dict[str, str]:
    """Bring the assembly to the emulator; the stack's outputs."""
    outputs = place.scratch / "stack-outputs.json"
    flags = ["--method=direct", "--require-approval=never", "--outputs-file", str(outputs)]
    _cdk(["deploy", "--app", str(place.assembly), "--all", *flags], aws_environment(endpoint), ROOT)
    told: dict[str, dict[str, str]] = json.loads(outputs.read_text())
    return told[STACK]


def _cdk(arguments: list[str], env: Mapping[str, str], folder: Path) -> None:
    done = subprocess.run(
        [CDK, *arguments, "--no-notices"],
        cwd=folder,
        env=dict(env),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise Failed(f"cdk {arguments[0]} failed:\n{done.stdout[-6000:]}")
