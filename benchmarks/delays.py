"""How long AWS and Twilio take to answer a request: the dated table of `delays.json`."""

import json
from pathlib import Path
from typing import Any

TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("delays.json").read_text())
DELAYS: dict[str, dict[str, Any]] = TABLE["ms"]
DYNAMODB, SQS, QUEUE, CONNECTIONS, SECRETS, TWILIO = DELAYS
