"""Clients of AWS as every function makes them: once, at import, with short timeouts and sockets kept alive."""

from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}, tcp_keepalive=True
)


def client(service: str, **options: Any) -> Any:
    """A client of *service*; *options* are boto3's, such as `endpoint_url`."""
    make: Any = boto3.client
    return make(service, config=_CONFIG, **options)
