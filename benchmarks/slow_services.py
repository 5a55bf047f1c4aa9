"""AWS and Twilio as far away as they are: a server whose every answer comes after a delay of `delays.json`, over TLS.

It is a process of its own, so that what it does costs the functions no CPU. DynamoDB's tables are in memory; a request
is done at once, and answered when its delay is over. `POST /_scale` sets by how much all delays are longer, 0 for none,
and answers what was asked since the last time, and when.
"""

import hashlib
import json
import re
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
from botocore.exceptions import ClientError

from benchmarks.delays import CONNECTIONS, DELAYS, DYNAMODB, SECRETS, SQS, TWILIO
from tests.faults.tables import Tables
from tests.unit.certificates import server_and_authority

SECRET = {"account_sid": "AC" + "1" * 32, "api_key": "SK1", "api_secret": "shh", "auth_tokens": ["an auth token"]}


@dataclass(frozen=True)
class SlowServices:
    """The running server; *authority* is the file that makes a client believe it."""

    url: str
    authority: Path

    def scale(self, scale: float) -> list[tuple[str, float, float]]:
        """Set the delays; what was asked since the last time: the operation, when it came and when it was answered."""
        answer = requests.post(f"{self.url}/_scale", json=scale, verify=str(self.authority), timeout=10)
        return [(operation, came, left) for operation, came, left in answer.json()]


@contextmanager
def running(folder: Path) -> Iterator[SlowServices]:
    """The server, until the end of this."""
    command = [sys.executable, "-m", "benchmarks.slow_services", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        yield SlowServices(f"https://127.0.0.1:{port}", folder / "certificate.pem")
    finally:
        process.terminate()
        process.wait(10)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.tables, self.scale, self.calls = Tables(), 0.0, 0
        self.asked: list[tuple[str, float, float]] = []
        self.turn = threading.Lock()


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        came = time.monotonic()
        if self.path == "/_scale":
            return self._set_scale(json.loads(body))
        operation = self.headers.get("x-amz-target", "").rpartition(".")[2]
        service, operation, status, answer = self._does(operation, body)
        time.sleep(max(0.0, came + self.server.scale * DELAYS[service]["p50"] / 1000 - time.monotonic()))
        self.server.asked.append((operation, came, time.monotonic()))
        return self._answer(status, answer)

    def _set_scale(self, scale: float) -> None:
        asked, self.server.asked, self.server.scale = self.server.asked, [], scale
        self._answer(200, asked)

    def _does(self, operation: str, body: bytes) -> tuple[str, str, int, Any]:
        if operation == "SendMessage":
            md5 = hashlib.md5(json.loads(body)["MessageBody"].encode(), usedforsecurity=False).hexdigest()
            return SQS, operation, 200, {"MessageId": "1", "MD5OfMessageBody": md5}
        if operation == "GetSecretValue":
            about = {"ARN": "arn", "Name": "autocall/twilio", "VersionId": "1"}
            return SECRETS, operation, 200, about | {"SecretString": json.dumps(SECRET)}
        if operation:
            return DYNAMODB, operation, *self._asks_the_tables(operation, json.loads(body))
        if "/@connections/" in self.path:
            return CONNECTIONS, "PostToConnection", 200, None
        with self.server.turn:
            self.server.calls += 1
            return TWILIO, "POST", 201, {"sid": f"CA{self.server.calls:032}", "status": "queued"}

    def _asks_the_tables(self, operation: str, asked: dict[str, Any]) -> tuple[int, Any]:
        for name in ("ReturnValues", "ReturnValuesOnConditionCheckFailure"):
            asked.pop(name, None)
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        try:
            return 200, getattr(self.server.tables, name)(**asked)
        except ClientError as refused:
            error = refused.response
            kind = f"com.amazonaws.dynamodb.v20120810#{error['Error']['Code']}"
            return 400, {"__type": kind, "message": error["Error"]["Message"], **_item_of(error)}

    def _answer(self, status: int, answer: Any) -> None:
        told = b"" if answer is None else json.dumps(answer).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: Any) -> None:
        """Who asks measures."""


def _item_of(error: Any) -> dict[str, Any]:
    return {"Item": error["Item"]} if "Item" in error else {}


if __name__ == "__main__":
    context, _ = server_and_authority(Path(sys.argv[1]))
    server = _Server(context)
    print(server.server_address[1], flush=True)
    server.serve_forever()
