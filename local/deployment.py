"""Deploys the real stack of `cdk/` to the emulator, with the CDK's own command line.

It runs the CDK's app as `cdk synth` does, because that command's start alone takes two seconds of a processor.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdk.dependencies import hash_of
from cdk.settings import name_of
from local.environments import path
from local.paths import CDK, PYTHON, ROOT, SHARED, StackDir, locked, write

REGION = "us-east-1"
ACCOUNT = "000000000000"
STACK = name_of("")
_STAGING_BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
_TOOLKIT = "CDKToolkit"
_BOOTSTRAP_TEMPLATE = ROOT / "node_modules" / "aws-cdk" / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"  # as the command grants by itself
_BUILT = SHARED / "assets"
_SOURCES = ("cdk", "functions", "autocall", "cdk.json", "hashes.txt")


class Failed(Exception):
    """The CDK failed; the message is its output."""


def plain_environment() -> dict[str, str]:
    """This machine's environment without AWS variables, and with the project's commands first in `PATH`."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ours.pop("PYTHONDONTWRITEBYTECODE", None)  # without bytecode, aws-cdk-lib alone takes six seconds more to import
    return ours | {"PATH": path(), "PYTHONUNBUFFERED": "1"}


def aws_environment(endpoint: str) -> dict[str, str]:
    """The environment of a command that uses the emulator, and never a real AWS account."""
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


def bootstrap(cloudformation: Any) -> None:
    """Deploy the template of `cdk bootstrap`, whose command takes three seconds of a processor; a kept state has it."""
    stacks = cloudformation.describe_stacks()["Stacks"]
    if any(stack["StackName"] == _TOOLKIT for stack in stacks):
        return
    chosen = {"FileAssetsBucketKmsKeyId": "AWS_MANAGED_KEY", "CloudFormationExecutionPolicies": _ADMINISTRATOR}
    cloudformation.create_stack(
        StackName=_TOOLKIT,
        TemplateBody=_BOOTSTRAP_TEMPLATE.read_text(),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in chosen.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=_TOOLKIT, WaiterConfig={"Delay": 1, "MaxAttempts": 120})


def open_staging_bucket(s3: Any) -> None:
    """Delete the bucket's policy, which refuses plain HTTP: the emulator has only that."""
    s3.delete_bucket_policy(Bucket=_STAGING_BUCKET)


def synthesise(stack_dir: StackDir, context: Mapping[str, str]) -> bool:
    """Synthesise the stack's assembly if its sources or settings changed; returns whether they did."""
    made_of = stack_dir.assembly / "made-of"
    wanted = hash_of(json.dumps(dict(context), sort_keys=True), *(ROOT / source for source in _SOURCES))
    if made_of.exists() and made_of.read_text() == wanted:
        return False
    made_of.unlink(missing_ok=True)
    with locked(SHARED / "assets.lock"):
        _take_assets(stack_dir.assembly)
        _run_app(stack_dir.assembly, context)
        _share_assets(stack_dir.assembly)
    write(made_of, wanted)
    return True


def _run_app(assembly: Path, context: Mapping[str, str]) -> None:
    """Run the CDK's app as `cdk synth` does; *context* goes over what `cdk.json` has."""
    settings = json.loads((ROOT / "cdk.json").read_text())["context"] | context
    validation = {"CDK_VALIDATION": "false"}  # takes seconds; tests and a real synth validate
    told = {"CDK_OUTDIR": str(assembly), "CDK_CONTEXT_JSON": json.dumps(settings)}
    _run([str(PYTHON), "-m", "cdk.app"], plain_environment() | validation | told)


def _take_assets(assembly: Path) -> None:
    """Link what other stacks have built and zipped: the CDK builds only what is not there."""
    (_BUILT / ".cache").mkdir(parents=True, exist_ok=True)
    assembly.mkdir(parents=True, exist_ok=True)
    for link in [entry for entry in assembly.iterdir() if entry.is_symlink()]:
        link.unlink()  # it may lead to what was deleted
    for built in _BUILT.iterdir():
        link = assembly / built.name
        if not link.exists():
            link.symlink_to(built)


def _share_assets(assembly: Path) -> None:
    """Move what was built here to where other stacks find it, and link it."""
    for built in [asset for asset in assembly.glob("asset.*") if not asset.is_symlink()]:
        shared = _BUILT / built.name
        if shared.exists():
            shutil.rmtree(built)
        else:
            built.rename(shared)
        built.symlink_to(shared)


def deploy(stack_dir: StackDir, endpoint: str) -> dict[str, str]:
    """Deploy the assembly to the emulator; returns the stack's outputs."""
    outputs = stack_dir.scratch / "stack-outputs.json"
    flags = ["--method=direct", "--require-approval=never", "--no-notices", "--outputs-file", str(outputs)]
    _run([str(CDK), "deploy", "--app", str(stack_dir.assembly), "--all", *flags], aws_environment(endpoint))
    by_stack: dict[str, dict[str, str]] = json.loads(outputs.read_text())
    return by_stack[STACK]


def _run(command: list[str], env: Mapping[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=dict(env),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise Failed(f"{' '.join(command[1:3])} failed:\n{done.stdout[-6000:]}")
