"""Deploys an installation with one command, and destroys it with another one, which keeps its data."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from requests import RequestException

from cdk.dependencies import PYTHON
from cdk.settings import BadSetting, Settings, parse
from local import page
from local.environments import Say, cdk_cli, path
from local.paths import CDK, ROOT
from ops import publish_page, secret, twiml_app
from ops.installation import Installation, OpsError, client, deployed, use_region

_TAKE_IN = ["--import-existing-resources"]  # the tables that a failed first deployment or a `destroy` left behind
_RESERVE = {
    "connect_concurrency": "connect",
    "dialer_concurrency": "dialer",
    "webhook_concurrency": "status_webhook",
}
_LEFT_TO_OTHERS = 100  # of an account's concurrency cannot be reserved: a rule of Lambda


def settings(context: Sequence[str]) -> Settings:
    """The settings in `cdk.json` and in *context* (`name=value`), validated before anything is changed."""
    kept: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return parse(kept | dict(pair.split("=", 1) for pair in context))


def deploy(context: Sequence[str], say: Say) -> Installation:
    """Deploy this tree: the secret, the stack, the page."""
    chosen = settings(context)
    if not chosen.call_from:
        raise BadSetting("call_from: nobody can be called without a number of yours, such as -c call_from=+12015550123")
    _check_who_calls(chosen)
    region = use_region()
    say(f"{chosen.name} goes to account {_account()} in {region}, its functions on Python {PYTHON}")
    _check_concurrency(chosen)
    secret.ensure(chosen.twilio_secret, say)
    if chosen.own_page:
        page.build(say)
    _prepare(say)
    _cdk(["deploy", chosen.name, *_choices(context), *_approval(), *_TAKE_IN])
    installation = deployed(chosen.name)
    if chosen.audio == "agent":
        _let_pages_call(chosen, installation, say)
    if chosen.own_page:
        say(f"{publish_page.publish(installation, chosen)} files of the page are up")
    return installation


def destroy(context: Sequence[str], say: Say) -> None:
    """Destroy the installation, except its tables, its agents and the page's bucket."""
    chosen = settings(context)
    use_region()
    _prepare(say)
    force = [] if sys.stdin.isatty() else ["--force"]
    _cdk(["destroy", chosen.name, *_choices(context), *force])


def _let_pages_call(chosen: Settings, installation: Installation, say: Say) -> None:
    """Create the TwiML App for the pages' calls, after the stack; its SID goes into the secret."""
    held = secret.held(chosen.twilio_secret)
    twilio, known = twiml_app.Twilio.of(chosen.twilio_url, held), held.get("app_sid", "")
    try:
        sid = twiml_app.ensure(twilio, chosen.name, installation["PublicUrl"], known)
    except (twiml_app.Unmade, RequestException) as error:
        raise OpsError(f"{error or type(error).__name__}; the rest is deployed: make deploy again") from None
    if sid != known:
        secret.set_app(chosen.twilio_secret, sid)
        say(f"Pages call through the TwiML App {sid}")


def _check_who_calls(chosen: Settings) -> None:
    """BadSetting if a setting is missing without which every run fails."""
    if not chosen.company:
        raise BadSetting("company: called people must hear who calls, such as -c company='Acme Ltd.'")
    if not chosen.callback_number:
        raise BadSetting("callback_number: called people must hear a number to call back, such as +12015550123")
    if chosen.audio == "agent" and not chosen.own_page and not chosen.fallback_url:
        raise BadSetting("fallback_url: without our page, set the URL of TwiML that Twilio plays when we fail")


def _check_concurrency(chosen: Settings) -> None:
    """BadSetting if the account has too little Lambda concurrency. Lambda itself would fail late in the deployment.

    Skipped if the credentials may not query the account's limits.
    """
    try:
        room = _room(chosen.name)
    except ClientError:
        return
    wanted = {name: int(getattr(chosen, setting)) for setting, name in _RESERVE.items()}
    most, reserved = room - _LEFT_TO_OTHERS, sum(wanted.values())
    if reserved > max(most, 0):
        names = " + ".join(setting for setting, name in _RESERVE.items() if wanted[name])
        raise BadSetting(
            f"{names}: at most {max(most, 0)} of this account's Lambda concurrency can be reserved, not "
            f"{reserved}; ask Service Quotas for more, or deploy with "
            f"{' '.join(f'-c {setting}=0' for setting, name in _RESERVE.items() if wanted[name])} until you have it"
        )
    runs = 2 * (room - reserved) // 3  # a third is left for the callbacks of the runs' calls
    if not chosen.dialer_concurrency and chosen.max_concurrency > runs:
        raise BadSetting(
            f"max_concurrency: this account's Lambda concurrency leaves {room - reserved} to all functions, so at most "
            f"{max(runs, 2)} runs at once, not {chosen.max_concurrency}: the others would be throttled until they are "
            f"dead; ask Service Quotas for more, or deploy with -c max_concurrency={max(runs, 2)}"
        )


def _room(name: str) -> int:
    """The account's concurrency that is not reserved by other functions than this installation's."""
    lambda_ = client("lambda")
    unreserved: int = lambda_.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    return unreserved + sum(_reserved(lambda_, f"{name}-{function}") for function in _RESERVE.values())


def _reserved(lambda_: Any, function: str) -> int:
    try:
        reserved: int = lambda_.get_function_concurrency(FunctionName=function).get("ReservedConcurrentExecutions", 0)
    except lambda_.exceptions.ResourceNotFoundException:
        return 0
    return reserved


def _account() -> str:
    try:
        account: str = client("sts").get_caller_identity()["Account"]
    except ClientError as error:
        raise OpsError(f"AWS does not know these credentials: {error.response['Error']['Code']}") from None
    return account


def _prepare(say: Say) -> None:
    """Install the CDK's command line, and bootstrap the account and region if that was never done."""
    cdk_cli(say)
    try:
        client("cloudformation").describe_stacks(StackName="CDKToolkit")
    except ClientError:
        say("Preparing the account for the CDK, once")
        with tempfile.TemporaryDirectory() as empty:  # in the project's folder the CDK would synthesise first
            _cdk(["bootstrap", f"aws://{_account()}/{use_region()}"], Path(empty))


def _choices(context: Sequence[str]) -> list[str]:
    return [word for pair in context for word in ("-c", pair)]


def _approval() -> list[str]:
    """Ask a person at a terminal to approve broader permissions; a pipeline approves them elsewhere."""
    return ["--require-approval", "broadening" if sys.stdin.isatty() else "never"]


def _cdk(arguments: Sequence[str], folder: Path = ROOT) -> None:
    environment: Mapping[str, str] = os.environ | {"PATH": path(), "CDK_DISABLE_CLI_TELEMETRY": "true"}
    done = subprocess.run([CDK, *arguments, "--no-notices"], cwd=folder, env=environment, check=False)
    if done.returncode:
        raise OpsError(f"cdk {arguments[0]} failed; see its output above.")
