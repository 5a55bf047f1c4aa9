"""AWS and Twilio as far away as they are: a server whose every answer comes after a delay of `delays.json`, over TLS.

It is a process of its own, so that what it does costs the functions no CPU. DynamoDB's tables are in memory; a request
is done at once, and answered when its delay is over. All delays but Twilio's are longer by the same factor. Under
`/at_once` nothing is waited for: that is for what a benchmark prepares.
"""

import hashlib
import json
import re
import ssl
import subprocess
import sys
import threading
import time
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
from botocore.exceptions import ClientError

from benchmarks.delays import CONNECTIONS, DELAYS, DYNAMODB, SECRETS, SQS, TWILIO
from tests.faults.expressions import condition
from tests.faults.tables import LEADS, Tables, _in_turn, _key, _place, _projected
from tests.unit.certificates import server_and_authority

SECRET = {"account_sid": "AC" + "1" * 32, "api_key": "SK1", "api_secret": "shh", "auth_tokens": ["an auth token"]}
_AT_ONCE = "/at_once"


@dataclass(frozen=True)
class SlowServices:
    """The running server; *authority* is the file that makes a client believe it."""

    url: str
    authority: Path

    @property
    def at_once(self) -> str:
        """The URL under which nothing is waited for."""
        return self.url + _AT_ONCE

    def fill(self, row: dict[str, Any], due: str, count: int) -> None:
        """So many leads more, like that one but each with an id of its own, whose place in the index is *due*."""
        asked = {"row": row, "due": due, "count": count}
        requests.post(f"{self.url}/_fill", json=asked, verify=str(self.authority), timeout=60).raise_for_status()


@contextmanager
def running(folder: Path, scale: float) -> Iterator[SlowServices]:
    """The server, until the end of this."""
    command = [sys.executable, "-m", "benchmarks.slow_services", str(folder), str(scale)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        yield SlowServices(f"https://127.0.0.1:{port}", folder / "certificate.pem")
    finally:
        process.terminate()
        process.wait(10)


class LongTables(Tables):
    """The same, which finds what waits in a long list without looking at all of it."""

    def __init__(self) -> None:
        super().__init__()
        self._due: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._of_users: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)

    @_in_turn
    def query(self, **request: Any) -> dict[str, Any]:
        """All that a user has in a table, or one page of their index."""
        values, test = request["ExpressionAttributeValues"], condition(request["KeyConditionExpression"])
        user = values[":user"]["S"]
        if "IndexName" not in request:
            found = sorted(self._of_users[request["TableName"], user].items())
            return {"Items": [dict(item) for _, item in found if test(item, values)]}
        assert list(values) == [":user"], "a run reads the whole index"
        order, first = self._due[user], 0
        if start := request.get("ExclusiveStartKey"):
            first = bisect_left(order, (start["due"]["S"], start["lead_id"]["S"])) + 1
        rows = [self.items[LEADS][user, lead] for _, lead in order[first : first + request["Limit"]]]
        more = {"LastEvaluatedKey": _place(rows[-1], "due", "lead_id")} if first + len(rows) < len(order) else {}
        return {"Items": list(map(_projected, rows)), **more}

    @_in_turn
    def delete_item(self, **request: Any) -> dict[str, Any]:
        table, key = request["TableName"], _key(request["TableName"], request["Key"])
        before = self.items[table].get(key, {})
        answer: dict[str, Any] = super().delete_item(**request)
        self._of_users[table, key[0]].pop(key[1], None)
        self._order(table, key, before, {})
        return answer

    def _store(self, table: str, key: tuple[str, str], item: dict[str, Any]) -> None:
        before = self.items[table].get(key, {})
        self.items[table][key] = self._of_users[table, key[0]][key[1]] = item
        self._order(table, key, before, item)

    def _order(self, table: str, key: tuple[str, str], before: dict[str, Any], after: dict[str, Any]) -> None:
        """Keep the index of leads in order."""
        if table != LEADS or before.get("due") == after.get("due"):
            return
        order, lead = self._due[key[0]], key[1]
        if "due" in before:
            del order[bisect_left(order, (before["due"]["S"], lead))]
        if "due" in after:
            insort(order, (after["due"]["S"], lead))

    def fill(self, row: dict[str, Any], due: str, count: int) -> None:
        """So many leads like *row*."""
        for index in range(count):
            lead = {"lead_id": {"S": f"{index:032}"}, "due": {"S": due}}
            self._store(LEADS, (row["user_id"]["S"], f"{index:032}"), row | lead)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, context: ssl.SSLContext, scale: float) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.tables, self.scale, self.calls = LongTables(), scale, 0
        self.turn = threading.Lock()


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one piece
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        came = time.monotonic()
        if self.path == "/_fill":
            self.server.tables.fill(**json.loads(body))
            return self._answer(200, None)
        operation = self.headers.get("x-amz-target", "").rpartition(".")[2]
        service, status, answer = self._does(operation, body)
        if not self.path.startswith(_AT_ONCE):
            slower = 1.0 if service == TWILIO else self.server.scale
            time.sleep(max(0.0, came + slower * DELAYS[service]["p50"] / 1000 - time.monotonic()))
        return self._answer(status, answer)

    def _does(self, operation: str, body: bytes) -> tuple[str, int, Any]:
        if operation == "SendMessage":
            md5 = hashlib.md5(json.loads(body)["MessageBody"].encode(), usedforsecurity=False).hexdigest()
            return SQS, 200, {"MessageId": "1", "MD5OfMessageBody": md5}
        if operation == "GetSecretValue":
            about = {"ARN": "arn", "Name": "autocall/twilio", "VersionId": "1"}
            return SECRETS, 200, about | {"SecretString": json.dumps(SECRET)}
        if operation:
            return DYNAMODB, *self._asks_the_tables(operation, json.loads(body))
        if "/@connections/" in self.path:
            return CONNECTIONS, 200, None
        with self.server.turn:
            self.server.calls += 1
            return TWILIO, 201, {"sid": f"CA{self.server.calls:032}", "status": "queued"}

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
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Who asks measures."""


def _item_of(error: Any) -> dict[str, Any]:
    return {"Item": error["Item"]} if "Item" in error else {}


if __name__ == "__main__":
    context, _ = server_and_authority(Path(sys.argv[1]))
    server = _Server(context, float(sys.argv[2]))
    print(server.server_address[1], flush=True)
    server.serve_forever()
