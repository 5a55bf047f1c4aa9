"""Builds the page if its sources have changed."""

import os
import subprocess

from cdk.dependencies import hash_of
from local.environments import Say, path, web_packages
from local.paths import SHARED, WEB, locked

_SOURCES = ("src", "public", "scripts", "index.html", "package-lock.json", "tsconfig.json", "vite.config.ts")
_BUILT_FROM = SHARED / "page-built-from"


class NotBuilt(Exception):
    """The build of the page failed; the message is its output."""


def build(say: Say) -> None:
    """Build `web/dist`, unless it was built from the same sources."""
    with locked(SHARED / "page.lock"):
        wanted = hash_of("", *(WEB / source for source in _SOURCES))
        if (WEB / "dist" / "index.html").exists() and _BUILT_FROM.exists() and _BUILT_FROM.read_text() == wanted:
            return
        web_packages(say)
        say("Building the page")
        _BUILT_FROM.unlink(missing_ok=True)
        done = subprocess.run(
            ["npm", "run", "--silent", "build"],
            cwd=WEB,
            env=os.environ | {"PATH": path()},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            raise NotBuilt(done.stdout[-4000:])
        _BUILT_FROM.write_text(wanted)
