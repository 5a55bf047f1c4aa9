"""Clients of AWS as every function makes them: once, at import, with short timeouts and sockets kept alive.

They are botocore's, which boto3's are too: boto3 would add a tenth to every start and nothing that is used.
"""

from typing import Any

import botocore
from botocore.config import Config
from botocore.session import get_session

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
    user_agent=f"autocall Botocore/{botocore.__version__}",  # composing its own costs a fifth of a request
)
_session = get_session()


def client(service: str, **options: Any) -> Any:
    """A client of *service*; *options* are botocore's, such as `endpoint_url`."""
    make: Any = _session.create_client
    return make(service, config=_CONFIG, **options)
