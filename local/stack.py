"""Starts and stops a whole stack in its own folder."""

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from autocall.caller_ids import CallerIds
from local import agents, deployment, emulator, page, persistence, processes, simulator
from local.environments import Say, cdk_cli, emulator_environment
from local.options import StackOptions, context, secret
from local.outputs import outputs
from local.paths import PYTHON, ROOT, SHARED, StackDir, locked, write
from local.ports import address, choose
from local.samples import import_samples, set_phones
from ops import phone_number, twiml_app
from ops.publish_page import fallbacks

PAGE = "page"


def is_up(stack_dir: StackDir) -> bool:
    """Whether all started processes run, and the stack is deployed."""
    started = processes.names(stack_dir)
    return bool(started) and stack_dir.outputs.exists() and all(processes.running(stack_dir, name) for name in started)


def up(stack_dir: StackDir, options: StackOptions, say: Say) -> dict[str, Any]:
    """Start a stack, or deploy changed code to the running one; returns its outputs."""
    with locked(stack_dir.home / "lock"):
        if is_up(stack_dir):
            return _redeploy(stack_dir, options, say)
        _end(stack_dir, say)
        try:
            return _bring_up(stack_dir, options, say)
        except BaseException:
            _end(stack_dir, say)
            raise


def down(stack_dir: StackDir, say: Say) -> bool:
    """Stop all processes of this stack; returns whether there were any."""
    with locked(stack_dir.home / "lock"):
        return _end(stack_dir, say)


def _end(stack_dir: StackDir, say: Say) -> bool:
    stack_dir.outputs.unlink(missing_ok=True)
    started = processes.names(stack_dir)
    patience_s = None if persistence.in_use(stack_dir) else 0  # nothing to persist: kill the emulator at once
    with ThreadPoolExecutor() as pool:
        orderly = list(pool.map(lambda name: processes.stop(stack_dir, name, patience_s=patience_s), started))
    shutil.rmtree(stack_dir.scratch, ignore_errors=True)
    persistence.end(stack_dir, dict(zip(started, orderly, strict=True)), say)
    if started:
        say(f"Stopped {', '.join(started)}")
    return bool(started)


def _redeploy(stack_dir: StackDir, options: StackOptions, say: Say) -> dict[str, Any]:
    ports: dict[str, int] = json.loads((stack_dir.home / "ports.json").read_text())
    if options.page:
        page.build(say)
    if deployment.synthesise(stack_dir, context(options, ports)):
        say("The code has changed: deploying it to the running stack")
        stack_outputs = deployment.deploy(stack_dir, address(ports["aws"]))
        _write_outputs(stack_dir, options, ports, stack_outputs)
    say("The stack is up")
    return stack_dir.read_outputs()


def _bring_up(stack_dir: StackDir, options: StackOptions, say: Say) -> dict[str, Any]:
    ports = _ports(stack_dir)
    kept = persistence.begin(stack_dir, options.keep, say)
    simulator.start(stack_dir, ports["twilio"], options)
    with ThreadPoolExecutor() as pool:
        built = pool.submit(page.build, say) if options.page else None
        ready = pool.submit(_emulator, stack_dir, options, ports["aws"], say)
        made = pool.submit(_assembly, stack_dir, options, ports, say)
    made.result()
    ready.result()
    say("Deploying the stack")
    stack_outputs = deployment.deploy(stack_dir, address(ports["aws"]))
    if built:
        built.result()
    _write_outputs(stack_dir, options, ports, stack_outputs)
    if options.page:
        serve = [str(PYTHON), "-m", "local.page_server"]
        command = [*serve, str(ports["page"]), str(stack_dir.site), address(ports["twilio"])]
        processes.start(stack_dir, PAGE, command, deployment.plain_environment(), ROOT)
    processes.answers(stack_dir, simulator.NAME, address(ports["twilio"]) + "/_witness")
    found = stack_dir.read_outputs()
    if options.samples:
        set_phones(found)
    if options.samples and persistence.may_import_samples(kept, say, persistence.ask_at_terminal):
        import_samples(found, say)
    for name in processes.names(stack_dir):
        processes.check(stack_dir, name)
    say("The stack is up")
    return found


def _ports(stack_dir: StackDir) -> dict[str, int]:
    file = stack_dir.home / "ports.json"
    last = json.loads(file.read_text()) if file.exists() else {}
    ports = choose(last, usual=stack_dir.home == SHARED)
    write(file, json.dumps(ports))
    return ports


def _emulator(stack_dir: StackDir, options: StackOptions, port: int, say: Say) -> None:
    emulator_environment(say)
    say("Starting MiniStack")
    emulator.start(stack_dir, port, keep=options.keep, extra=options.emulator)
    cdk_cli(say)
    processes.answers(stack_dir, emulator.NAME, address(port) + emulator.HEALTH)
    say("Preparing MiniStack for the CDK")
    deployment.bootstrap(emulator.client("cloudformation", port))
    deployment.open_staging_bucket(emulator.client("s3", port))
    _put_secret(emulator.client("secretsmanager", port))


def _put_secret(secrets: Any) -> None:
    text = json.dumps(secret())
    try:
        secrets.create_secret(Name="autocall/twilio", SecretString=text)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId="autocall/twilio", SecretString=text)


def _set_up_twilio(stack_outputs: Mapping[str, str], secrets: Any, twilio_url: str) -> None:
    """Like `make deploy` and `make number`: the TwiML App, whose SID goes into the secret, and the number's URLs."""
    twilio = twiml_app.Twilio.of(twilio_url, secret())
    public_url = stack_outputs["PublicUrl"]
    for number in CallerIds.parse(stack_outputs.get("CallFrom", "")).numbers:
        phone_number.point(twilio, number, public_url, stack_outputs.get("InboundFallbackUrl", ""))
    app_sid = twiml_app.ensure(twilio, deployment.STACK, public_url, "")
    secrets.put_secret_value(SecretId="autocall/twilio", SecretString=json.dumps(secret() | {"app_sid": app_sid}))


def _assembly(stack_dir: StackDir, options: StackOptions, ports: Mapping[str, int], say: Say) -> None:
    cdk_cli(say)
    say("Building the functions")
    deployment.synthesise(stack_dir, context(options, ports))


def _write_outputs(
    stack_dir: StackDir, options: StackOptions, ports: Mapping[str, int], stack_outputs: Mapping[str, str]
) -> None:
    """Create the agents if the stack has a user pool, and write `outputs.json` and the page's `config.json`."""
    chosen = context(options, ports)
    _set_up_twilio(stack_outputs, emulator.client("secretsmanager", ports["aws"]), address(ports["twilio"]))
    pool = stack_outputs.get("UserPoolId")
    people = agents.create(emulator.client("cognito-idp", ports["aws"]), pool) if pool else []
    found = outputs(ports, stack_outputs, people)
    config = {
        "websocket_url": found["websocket_url"],
        "http_url": found["http_url"],
        "issuer": stack_outputs["Issuer"],
        "client_id": stack_outputs["Audience"],
        "cognito_endpoint": found["aws_endpoint"],
    }
    write(stack_dir.site / "config.json", json.dumps(config, indent=2))
    language = chosen.get("language", "en")
    for name, document in fallbacks(language, chosen["company"], chosen["callback_number"]).items():
        write(stack_dir.site / name, document)
    write(stack_dir.outputs, json.dumps(found, indent=2))
