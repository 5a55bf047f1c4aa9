"""Bring a whole stack up in a folder of its own, and down again."""

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cdk.page_headers import FALLBACK
from functions.voice.documents import Documents
from local import agents, deployment, emulator, page, persistence, processes, simulator
from local.environments import Say, cdk_cli, emulator_environment
from local.options import StackOptions, context, secret
from local.outputs import outputs
from local.paths import PYTHON, ROOT, SHARED, StackDir, locked, write
from local.ports import address, choose
from local.samples import import_samples, set_phones
from ops import twiml_app

PAGE = "page"


def is_up(place: StackDir) -> bool:
    """Whether all that was started runs, and the stack was deployed."""
    started = processes.names(place)
    return bool(started) and place.outputs.exists() and all(processes.running(place, name) for name in started)


def up(place: StackDir, wishes: StackOptions, say: Say) -> dict[str, Any]:
    """The stack's outputs: of the one that is there, deployed anew if its code has changed, or of a new one."""
    with locked(place.home / "lock"):
        if is_up(place):
            return _redeploy(place, wishes, say)
        _end(place, say)
        try:
            return _bring_up(place, wishes, say)
        except BaseException:
            _end(place, say)
            raise


def down(place: StackDir, say: Say) -> bool:
    """Stop everything of this stack, however it came to be there; whether there was anything."""
    with locked(place.home / "lock"):
        return _end(place, say)


def _end(place: StackDir, say: Say) -> bool:
    place.outputs.unlink(missing_ok=True)
    started = processes.names(place)
    patience_s = (
        None if persistence.in_use(place) else 0
    )  # with nothing to write down, an emulator need not bid each page farewell
    with ThreadPoolExecutor() as pool:
        orderly = list(pool.map(lambda name: processes.stop(place, name, patience_s=patience_s), started))
    shutil.rmtree(place.scratch, ignore_errors=True)
    persistence.end(place, dict(zip(started, orderly, strict=True)), say)
    if started:
        say(f"Stopped {', '.join(started)}")
    return bool(started)


def _redeploy(place: StackDir, wishes: StackOptions, say: Say) -> dict[str, Any]:
    ports: dict[str, int] = json.loads((place.home / "ports.json").read_text())
    if wishes.page:
        page.build(say)
    if deployment.synthesise(place, context(wishes, ports)):
        say("The code has changed: deploying it to the running stack")
        told = deployment.deploy(place, address(ports["aws"]))
        _write_outputs(place, wishes, ports, told)
    say("The stack is up")
    return place.read_outputs()


def _bring_up(place: StackDir, wishes: StackOptions, say: Say) -> dict[str, Any]:
    ports = _ports(place)
    kept = persistence.begin(place, wishes.keep, say)
    simulator.start(place, ports["twilio"], wishes)
    with ThreadPoolExecutor() as pool:
        built = pool.submit(page.build, say) if wishes.page else None
        ready = pool.submit(_emulator, place, wishes, ports["aws"], say)
        made = pool.submit(_assembly, place, wishes, ports, say)
    made.result()
    ready.result()
    say("Deploying the stack")
    told = deployment.deploy(place, address(ports["aws"]))
    if built:
        built.result()
    _write_outputs(place, wishes, ports, told)
    if wishes.page:
        serve = [str(PYTHON), "-m", "local.page_server"]
        command = [*serve, str(ports["page"]), str(place.site), address(ports["twilio"])]
        processes.start(place, PAGE, command, deployment.plain_environment(), ROOT)
    processes.answers(place, simulator.NAME, address(ports["twilio"]) + "/_witness")
    found = place.read_outputs()
    if wishes.samples:
        set_phones(found)
    if wishes.samples and persistence.may_import_samples(kept, say, persistence.ask_at_terminal):
        import_samples(found, say)
    for name in processes.names(place):
        processes.check(place, name)
    say("The stack is up")
    return found


def _ports(place: StackDir) -> dict[str, int]:
    file = place.home / "ports.json"
    last = json.loads(file.read_text()) if file.exists() else {}
    ports = choose(last, usual=place.home == SHARED)
    write(file, json.dumps(ports))
    return ports


def _emulator(place: StackDir, wishes: StackOptions, port: int, say: Say) -> None:
    emulator_environment(say)
    say("Starting MiniStack")
    emulator.start(place, port, keep=wishes.keep, extra=wishes.emulator)
    cdk_cli(say)
    processes.answers(place, emulator.NAME, address(port) + emulator.HEALTH)
    say("Preparing MiniStack for the CDK")
    deployment.bootstrap(address(port))
    deployment.open_staging_bucket(emulator.client("s3", port))
    _put_secret(emulator.client("secretsmanager", port))


def _put_secret(secrets: Any) -> None:
    text = json.dumps(secret())
    try:
        secrets.create_secret(Name="autocall/twilio", SecretString=text)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId="autocall/twilio", SecretString=text)


def _put_app(told: Mapping[str, str], secrets: Any, twilio_url: str) -> None:
    """What `make deploy` does: the simulator's TwiML App, and its SID in the secret."""
    app_sid = twiml_app.ensure(twiml_app.Twilio.of(twilio_url, secret()), deployment.STACK, told["PublicUrl"], "")
    secrets.put_secret_value(SecretId="autocall/twilio", SecretString=json.dumps(secret() | {"app_sid": app_sid}))


def _assembly(place: StackDir, wishes: StackOptions, ports: Mapping[str, int], say: Say) -> None:
    cdk_cli(say)
    say("Building the functions")
    deployment.synthesise(place, context(wishes, ports))


def _write_outputs(place: StackDir, wishes: StackOptions, ports: Mapping[str, int], told: Mapping[str, str]) -> None:
    """Make the agents, where the stack has a pool for them, and write down how to reach everything."""
    chosen = context(wishes, ports)
    _put_app(told, emulator.client("secretsmanager", ports["aws"]), address(ports["twilio"]))
    pool = told.get("UserPoolId")
    people = agents.create(emulator.client("cognito-idp", ports["aws"]), pool) if pool else []
    found = outputs(ports, told, people)
    config = {
        "websocket_url": found["websocket_url"],
        "http_url": found["http_url"],
        "issuer": told["Issuer"],
        "client_id": told["Audience"],
        "cognito_endpoint": found["aws_endpoint"],
    }
    write(place.site / "config.json", json.dumps(config, indent=2))
    write(place.site / FALLBACK, Documents(chosen["company"], chosen["callback_number"], "").goodbye())
    write(place.outputs, json.dumps(found, indent=2))
