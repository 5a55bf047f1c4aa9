"""The repairs of the emulator hold for the version that they were measured on, and refuse any other."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import ROOT

SCRIPT = ROOT / "local" / "ministack.py"
REQUIREMENTS = ROOT / "local" / "requirements.txt"


def version() -> str:
    found = re.search(r'^VERSION = "(.+)"$', SCRIPT.read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("other", ["1.5.32", "1.6.0", "2.0.0"])
def test_another_version_is_refused_loudly(tmp_path: Path, other: str) -> None:
    about = tmp_path / f"ministack-{other}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ministack\nVersion: {other}\n")
    command = [sys.executable, "-P", str(SCRIPT)]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert told.returncode == 1
    assert told.stderr.strip() == (
        f"local/ministack.py patches MiniStack {version()}, and this is {other}: review each patch."
    )


def test_the_version_that_is_installed_is_the_one_that_is_repaired() -> None:
    assert f"ministack=={version()}" in REQUIREMENTS.read_text().splitlines()
