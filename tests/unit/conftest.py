"""One name for the logs of all functions, set before any is loaded: a module's logger looks for its parent's."""

import os

from aws_lambda_powertools import Logger

os.environ |= {"POWERTOOLS_SERVICE_NAME": "autocall", "POWERTOOLS_METRICS_NAMESPACE": "autocall"}
Logger()
