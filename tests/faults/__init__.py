"""Whoever starts a module of this package has the functions log under the name that tests read them by."""

import os

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "autocall")
