"""Deploys the real stack of `cdk/` to the emulator.

It does what `cdk bootstrap`, `cdk synth` and `cdk deploy` do, without the CDK's command line, whose starts alone take
four seconds of a processor. `tests/e2e/test_operations.py` deploys the same assembly with it: nothing is to change.
"""

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdk.dependencies import hash_of
from cdk.settings import name_of
from local import cloudformation
from local.environments import path
from local.paths import PYTHON, ROOT, SHARED, StackDir, locked, write

REGION = "us-east-1"
ACCOUNT = "000000000000"
STACK = name_of("")
_STAGING_BUCKET = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
_TOOLKIT = "CDKToolkit"
_BOOTSTRAP_TEMPLATE = ROOT / "node_modules" / "aws-cdk" / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"  # as the command grants by itself
_BUILT = SHARED / "assets"
_SOURCES = ("cdk", "functions", "autocall", "cdk.json", "hashes.txt")


class NotSynthesised(Exception):
    """The stack's assembly could not be made; the message is the output of the CDK's app."""


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


def bootstrap(cloudformation_client: Any) -> None:
    """Deploy the template of `cdk bootstrap`; a kept state has it."""
    if cloudformation.find(cloudformation_client, _TOOLKIT):
        return
    chosen = {"FileAssetsBucketKmsKeyId": "AWS_MANAGED_KEY", "CloudFormationExecutionPolicies": _ADMINISTRATOR}
    parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in chosen.items()]
    template = _BOOTSTRAP_TEMPLATE.read_text()
    cloudformation.deploy(cloudformation_client, _TOOLKIT, TemplateBody=template, Parameters=parameters)


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
    done = subprocess.run(
        [PYTHON, "-m", "cdk.app"],
        cwd=ROOT,
        env=plain_environment() | validation | told,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise NotSynthesised(f"cdk.app failed:\n{done.stdout[-6000:]}")


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


def deploy(stack_dir: StackDir, cloudformation_client: Any, s3: Any) -> dict[str, str]:
    """Publish the assembly's files and deploy its template to the emulator; returns the stack's outputs."""
    files: dict[str, Any] = json.loads((stack_dir.assembly / f"{STACK}.assets.json").read_text())["files"]
    there = {each["Key"] for each in s3.list_objects_v2(Bucket=_STAGING_BUCKET).get("Contents", [])}
    for name, file in files.items():
        (destination,) = file["destinations"].values()
        if destination["objectKey"] not in there:
            source = stack_dir.assembly / file["source"]["path"]
            packed = _zipped(source, name) if file["source"]["packaging"] == "zip" else source
            s3.put_object(Bucket=_STAGING_BUCKET, Key=destination["objectKey"], Body=packed.read_bytes())
    manifest = json.loads((stack_dir.assembly / "manifest.json").read_text())
    template: str = manifest["artifacts"][STACK]["properties"]["stackTemplateAssetObjectUrl"]
    address = f"{s3.meta.endpoint_url}/{_STAGING_BUCKET}/{template.rpartition('/')[2]}"
    return cloudformation.deploy(cloudformation_client, STACK, TemplateURL=address)


def _zipped(asset: Path, name: str) -> Path:
    """The asset as a zip file, which is made once for all stacks."""
    zipped = _BUILT / ".cache" / f"{name}.zip"
    zipped.parent.mkdir(parents=True, exist_ok=True)
    with locked(SHARED / "zips.lock"):
        if not zipped.exists():
            unfinished = zipped.with_suffix(".unfinished")
            with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for file in sorted(path for path in asset.rglob("*") if path.is_file()):
                    archive.write(file, file.relative_to(asset))
            unfinished.rename(zipped)
    return zipped
