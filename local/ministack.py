"""Starts MiniStack with patches where it differs from AWS. Runs in the emulator's environment, with `python -P`.

Each difference was measured on the version below, and each patch uses that version's internals: others are refused.
"""

import copy
import importlib.metadata
import queue
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

VERSION = "1.5.33"
Create = Callable[..., tuple[str, dict[str, Any]]]

found = importlib.metadata.version("ministack")
if found != VERSION:
    sys.exit(f"local/ministack.py patches MiniStack {VERSION}, and this is {found}: review each patch.")

import ministack.core.lambda_runtime as runtime  # noqa: E402 - only after the version was checked
import ministack.services.cloudformation.provisioners as provisioners  # noqa: E402
import ministack.services.dynamodb as dynamodb  # noqa: E402
import ministack.services.lambda_svc as lambdas  # noqa: E402
from ministack.app import main  # noqa: E402

sys.path.append(str(Path(__file__).resolve().parent.parent))  # this process's only, not its functions'
from local import function_processes  # noqa: E402


def patch_log_capture() -> None:
    """MiniStack waits for log lines by time: 50 ms if there are none, and too short on a busy machine.

    With this patch the worker marks the end of a handler's log, so that it is complete without waiting.
    """
    _change_worker("        try:\n            result = handler_fn(event, context)\n", _LOGS_END)

    def whole(self: Any, **_: Any) -> str:
        lines: list[str] = []
        while not lines or lines[-1] != _END:
            try:
                lines.append(self._stderr_queue.get(timeout=0.05))
            except queue.Empty:
                if not self._stderr_thread.is_alive():  # the process has ended, and its log with it
                    lines.append(_END)
        return "\n".join(lines[:-1])

    runtime.Worker._drain_stderr_bounded = whole


_END = "\x1e"
_LOGS_END = f"""        try:
            try:
                result = handler_fn(event, context)
            finally:
                sys.stderr.write({_END + chr(10)!r})
                sys.stderr.flush()
"""


def _change_worker(part: str, other: str) -> None:
    if runtime._PYTHON_WORKER_SCRIPT.count(part) != 1:
        sys.exit("MiniStack's worker has changed: this patch does not fit.")
    runtime._PYTHON_WORKER_SCRIPT = runtime._PYTHON_WORKER_SCRIPT.replace(part, other)


def patch_parallel_message_groups() -> None:
    """MiniStack runs one batch per FIFO queue at a time; AWS runs one per message group."""

    def concurrency(mapping: dict[str, Any], function: Any, config: Any, _queue: Any = None) -> int:
        limit: int = (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency") or 10
        reserved: int | None = lambdas._reserved_concurrency(function, config)
        return limit if reserved is None else min(limit, reserved)

    lambdas._sqs_esm_concurrency = concurrency


class _SocketWorker:
    """Replaces the single worker of a socket, and passes each event to the executor of all other events."""

    def __init__(self, config: Any, code: Any) -> None:
        self._function = {"config": config, "code_zip": code}

    def invoke(self, event: Any, _request_id: str, **_: Any) -> dict[str, Any]:
        answer = lambdas._execute_function(self._function, event)
        log = answer.get("log", "")
        if answer.get("error"):
            return {"status": "error", "error": '{"message": "Internal server error"}', "log": log}
        return {"status": "ok", "result": answer.get("body") or {}, "log": log}


def patch_socket_executor() -> None:
    """MiniStack handles all frames of a function in one worker, one after another, without logs or metrics."""
    runtime.get_or_create_worker = lambda _name, config, code, _qualifier="$LATEST", **_: _SocketWorker(config, code)


def patch_burst_of_workers() -> None:
    """MiniStack starts a worker for each invocation of a burst; on AWS each of them has a processor of its own.

    Here all would start at once on a few cores, and each be killed at its timeout before it has done anything: so an
    invocation waits until one of a few workers is free. A function of ours never invokes itself, so nobody waits for
    a worker that its own caller holds.
    """
    acquire, release, freed = lambdas.acquire_worker, lambdas.release_worker, threading.Condition()

    def acquire_in_turn(*function: Any, max_concurrency: int | None = None, **named: Any) -> tuple[Any, str]:
        most = min(max_concurrency or _MOST_WORKERS, _MOST_WORKERS)
        with freed:
            while True:
                worker, how = acquire(*function, max_concurrency=most, **named)
                if worker:
                    return worker, how
                freed.wait()

    def release_and_tell(worker: Any) -> None:
        release(worker)
        with freed:
            freed.notify_all()

    lambdas.acquire_worker, lambdas.release_worker = acquire_in_turn, release_and_tell


_MOST_WORKERS = 8  # of one function


def patch_expressions_parsed_once() -> None:
    """MiniStack reads an expression anew for each row that it looks at, so that a long list takes seconds a query."""
    dynamodb._condition_syntax_error = _remember(dynamodb._condition_syntax_error)
    tokenize = _remember(dynamodb._tokenize)
    dynamodb._tokenize = lambda expression: list(tokenize(expression))  # who gets the list may change it
    for name in ("_check_redundant_parens", "_check_reserved_keyword_usage"):
        setattr(dynamodb, name, _checked_once(getattr(dynamodb, name)))


_remember = lru_cache(maxsize=4096)


def _checked_once(check: Callable[..., str | None]) -> Callable[..., str | None]:
    checked = _remember(check)
    return lambda tokens, *rest, **named: checked(tuple(tokens), *rest, **named)


def _after_create(kind: str, repair: Callable[[dict[str, Any], str, dict[str, Any]], str | None]) -> None:
    """Call *repair* for each new resource of a *kind*, with its properties, id and attributes; it may return an id."""
    handlers = provisioners._RESOURCE_HANDLERS[kind]
    create: Create = handlers["create"]

    def repaired(logical: str, props: dict[str, Any], *rest: Any, **named: Any) -> tuple[str, dict[str, Any]]:
        physical, attributes = create(logical, props, *rest, **named)
        return repair(props, physical, attributes) or physical, attributes

    handlers["create"] = repaired


def patch_template_cors() -> None:
    """MiniStack's gateway reads camelCase; templates have PascalCase."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create, update = handlers["create"], handlers["update"]
    handlers["create"] = lambda name, props, *rest, **named: create(name, _camel(props), *rest, **named)
    handlers["update"] = lambda name, old, new, *rest, **named: update(name, _camel(old), _camel(new), *rest, **named)


def _camel(props: dict[str, Any]) -> dict[str, Any]:
    cors = props.get("CorsConfiguration")
    if not cors:
        return props
    return copy.copy(props) | {"CorsConfiguration": {name[0].lower() + name[1:]: cors[name] for name in cors}}


def patch_secret_ref() -> None:
    """MiniStack's `Ref` of a secret returns the name instead of the ARN, so that grants on it have no effect."""

    def arn(_props: Any, physical: str, attributes: dict[str, Any]) -> str | None:
        names = [physical, *map(str, attributes.values())]
        return next((name for name in names if name.startswith("arn:aws:secretsmanager")), None)

    _after_create("AWS::SecretsManager::Secret", arn)


def patch_pool_provider_url() -> None:
    """MiniStack has no `ProviderURL` of a user pool, and rolls back templates that use it."""

    def add(_props: Any, _physical: str, attributes: dict[str, Any]) -> None:
        attributes.setdefault("ProviderURL", f"https://{attributes['ProviderName']}")

    _after_create("AWS::Cognito::UserPool", add)


def patch_table_ttl_and_recovery() -> None:
    """MiniStack ignores both in a template."""

    def keep(props: dict[str, Any], table: str, _attributes: Any) -> None:
        ttl = props.get("TimeToLiveSpecification") or {}
        recovery = props.get("PointInTimeRecoverySpecification") or {}
        if _true(ttl.get("Enabled")):
            enabled = {"Enabled": True, "AttributeName": ttl["AttributeName"]}
            provisioners._dynamodb._update_ttl({"TableName": table, "TimeToLiveSpecification": enabled})
        if _true(recovery.get("PointInTimeRecoveryEnabled")):
            specification = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
            provisioners._dynamodb._update_continuous_backups({"TableName": table, **specification})

    _after_create("AWS::DynamoDB::Table", keep)


def patch_reserved_concurrency() -> None:
    """MiniStack ignores reserved concurrency in a template."""

    def keep(props: dict[str, Any], function: str, _attributes: Any) -> None:
        reserved = props.get("ReservedConcurrentExecutions")
        if reserved is not None:
            lambdas._put_function_concurrency(function, {"ReservedConcurrentExecutions": int(reserved)})

    _after_create("AWS::Lambda::Function", keep)


def patch_code_before_layers() -> None:
    """On AWS `/var/task` comes before `/opt/python`; in MiniStack it is the other way round."""
    insert, later = "    sys.path.insert(0, code_dir)\n", "    # After sys.path is complete"
    _change_worker(insert, "")
    _change_worker(later, insert + later)


def patch_start_of_processes() -> None:
    """MiniStack unpacks a function's code for each of its processes, and each imports all packages: a second's work.

    See `local/fork_server.py` for what a process has in common with the others of its function.
    """
    runtime.zipfile = SimpleNamespace(**(vars(zipfile) | {"ZipFile": function_processes.UnpackedOnce}))
    if not function_processes.CAN_FORK:
        return
    handler = "        handler_fn = getattr(mod, handler_name)\n"
    _change_worker(handler, handler + "        imported()\n")
    processes = function_processes.FunctionProcesses()

    def start(command: list[str], *, cwd: str, env: dict[str, str], **how: Any) -> Any:
        python, *scripts = command
        if scripts and Path(scripts[0]).name == "_worker.py":
            return processes.start(python, scripts[0], cwd, env)
        return subprocess.Popen(command, cwd=cwd, env=env, **how)

    runtime.subprocess = SimpleNamespace(**(vars(subprocess) | {"Popen": start}))


def _true(value: object) -> bool:
    return str(value).lower() == "true"


if __name__ == "__main__":
    patch_log_capture()
    patch_parallel_message_groups()
    patch_socket_executor()
    patch_burst_of_workers()
    patch_expressions_parsed_once()
    patch_template_cors()
    patch_secret_ref()
    patch_pool_provider_url()
    patch_table_ttl_and_recovery()
    patch_reserved_concurrency()
    patch_code_before_layers()
    patch_start_of_processes()
    main()
