"""The Python versions of AWS Lambda that are supported. Imports nothing, because a bare machine reads it too."""

OLDEST, NEWEST = (3, 11), (3, 14)
KNOWN = " to ".join(f"{major}.{minor}" for major, minor in (OLDEST, NEWEST))
