"""The Pythons that AWS Lambda has and that this is made for. Imports nothing, for a bare machine reads it too."""

OLDEST, NEWEST = (3, 11), (3, 14)
KNOWN = " to ".join(f"{major}.{minor}" for major, minor in (OLDEST, NEWEST))
