"""Clients of AWS as every function makes them: once, at import, with short timeouts and sockets kept alive.

They are botocore's, which boto3's are too: boto3 would add a tenth to every start and nothing that is used.
"""

import os
from pathlib import Path
from typing import Any

import botocore
from botocore.config import Config
from botocore.session import get_session

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
    parameter_validation=False,  # a sixth of each request's CPU: the types are checked before, the values by AWS
    user_agent=f"autocall Botocore/{botocore.__version__}",  # composing its own costs a fifth of a request
)
_AMAZON_ROOTS = Path(__file__).with_name("amazon_roots.pem")  # as at https://www.amazontrust.com/repository/
_session = get_session()


def client(service: str, **options: Any) -> Any:
    """A client of *service*; *options* are botocore's, such as `endpoint_url`."""
    make: Any = _session.create_client
    return make(service, config=_CONFIG, verify=_roots(), **options)


def _roots() -> str | None:
    """Amazon's own roots alone, which sign all that AWS has outside of China; None for botocore's own choice.

    Every new connection reads them all: 1.5 ms for these five, 35 ms for the 118 of certifi.
    """
    elsewhere = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("AWS_REGION", "").startswith("cn-")
    return None if elsewhere else str(_AMAZON_ROOTS)
