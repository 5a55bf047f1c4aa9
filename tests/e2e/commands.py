"""An operator's command in this process: what `python -m ops` does, without importing everything anew."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import boto3

from ops import __main__ as ops

Done = subprocess.CompletedProcess[str]


def run(home: Path, *words: str, **environment: str) -> Done:
    """Run it on the stack in that folder, with no terminal; what it printed, and its exit code."""
    command = ["ops", "--local", str(home), *words]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.dict(os.environ, environment),
        mock.patch.object(sys, "argv", command),
        mock.patch.object(sys, "stdin", io.StringIO()),
        mock.patch.object(boto3, "DEFAULT_SESSION", None),  # which has somebody else's credentials
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            ops.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            err.write("" if isinstance(ended.code, int | None) else f"{ended.code}\n")
    return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())
