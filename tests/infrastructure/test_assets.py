"""What each function ships: all that it needs, valid as it is, and nothing of anybody else's."""

import importlib.util
import marshal
import os
import re
import shutil
import struct
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import pytest

from benchmarks.environment import ENVIRONMENT as ENV
from cdk import bundling, dependencies
from cdk.functions import ENVIRONMENT
from cdk.sdk_models import OPERATIONS
from tests.infrastructure.conftest import ROOT, Synthesised

_UNCHECKED_HASH = 0b01
_AARCH64 = 183
_FOLDER_OF = {
    "aws-lambda-powertools": "aws_lambda_powertools",
    "boto3": "boto3",
    "botocore": "botocore",
    "phonenumbers": "phonenumbers",
    "PyJWT[crypto]": "jwt",
    "requests": "requests",
    "twilio": "twilio",
    "tzdata": "tzdata",
    "urllib3": "urllib3",
}
_BRINGS = {"twilio": {"PyJWT[crypto]", "requests"}, "botocore": {"urllib3"}}  # what their own code imports
_MOST_MB = dict.fromkeys(ENVIRONMENT, 3.5) | {"connect": 7.0}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_all_bytecode_is_this_pythons_and_never_looks_at_its_source(aws: Synthesised, name: str) -> None:
    """In a zip every file is of 1980: bytecode that asks its source's date would be made anew at every start."""
    compiled = list(aws.asset(name).rglob("*.pyc"))
    assert len(compiled) > 100
    for file in compiled:
        magic, flags = file.read_bytes()[:4], struct.unpack("<I", file.read_bytes()[4:8])[0]
        assert (magic, flags) == (importlib.util.MAGIC_NUMBER, _UNCHECKED_HASH), file


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_every_source_has_its_bytecode(aws: Synthesised, name: str) -> None:
    sources = list(aws.asset(name).rglob("*.py"))
    assert {source.relative_to(aws.asset(name)).parts[0] for source in sources} == {"functions", "autocall"}
    for source in sources:
        assert Path(importlib.util.cache_from_source(str(source))).exists(), source


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_function_starts_from_its_bytecode_alone(local: Synthesised, name: str, tmp_path: Path) -> None:
    """With nothing but its asset, any warning an error, and sources that would stop it if they were read."""
    asset = tmp_path / "asset"
    shutil.copytree(local.asset(name), asset)
    for source in asset.rglob("*.py"):
        source.write_text("raise RuntimeError('a source was read')")
    before = _files(asset)
    told = {key: ENV[key] for key in local.function(name)["Environment"]["Variables"]}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", _START, str(asset), f"functions.{name}.handler"],
        env=told | {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "handler\n", "")
    assert _files(asset) == before


_START = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
print(importlib.import_module(sys.argv[2]).handler.__name__)
"""


@pytest.mark.parametrize("name", ["dialer", "leads_api"])
def test_hours_are_known_where_the_system_has_no_time_zones(local: Synthesised, name: str) -> None:
    """AWS promises its runtimes none, and without them every lead were held."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _WITHOUT_ZONES, str(local.asset(name))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("America/Los_Angeles\n", "")


_WITHOUT_ZONES = """
import sys, zoneinfo
zoneinfo.reset_tzpath(())
sys.path.insert(0, sys.argv[1])
from autocall.local_time import zone
print(zone("America/Los_Angeles"))
"""


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_tracebacks_name_the_places_that_lambda_unpacks_to(aws: Synthesised, name: str) -> None:
    """And none names the machine that built it."""
    for file in aws.asset(name).rglob("*.pyc"):
        assert str(ROOT).encode() not in file.read_bytes(), file
    handler = aws.asset(name) / "functions" / name / "handler.py"
    code = _code(Path(importlib.util.cache_from_source(str(handler))))
    assert code.co_filename == f"/var/task/functions/{name}/handler.py"


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_no_function_ships_anothers_code(aws: Synthesised, name: str) -> None:
    shipped = {file.name for file in (aws.asset(name) / "functions").iterdir()}
    assert shipped == {"__init__.py", "__pycache__", name}
    ours = {file.name for file in (ROOT / "autocall").iterdir()} | {"__pycache__"}
    assert {file.name for file in (aws.asset(name) / "autocall").iterdir()} == ours


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_function_ships_what_its_requirements_name_and_no_other_library(aws: Synthesised, name: str) -> None:
    wanted = (ROOT / "functions" / name / "requirements.txt").read_text().split()
    brought = {library for one in wanted for library in _BRINGS.get(one, ())}
    shipped = {library for library, folder in _FOLDER_OF.items() if (aws.asset(name) / folder).exists()}
    assert shipped == {*wanted, *brought}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_of_the_sdk_only_our_services_are_shipped(aws: Synthesised, name: str) -> None:
    data = aws.asset(name) / "botocore" / "data"
    assert {folder.name for folder in data.iterdir() if folder.is_dir()} == set(OPERATIONS)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_scanner_finds_the_name_and_version_of_each_library_and_no_others(aws: Synthesised, name: str) -> None:
    """Of the builder's machine there is nothing in them; what was pruned is not said to be there."""
    found = {path.name.removesuffix(".dist-info") for path in aws.asset(name).glob("*.dist-info")}
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "hashes.txt").read_text(), re.MULTILINE))
    versions = dict(one.rsplit("-", 1) for one in found)
    assert {each.replace("_", "-").lower() for each in versions} >= {"botocore", "aws-lambda-powertools", "urllib3"}
    for library, version in versions.items():
        assert pins[library.replace("_", "-").lower()] == version
    assert not {"aiohttp", "cffi", "pycparser", "multidict"} & set(versions)
    for folder in aws.asset(name).glob("*.dist-info"):
        assert [file.name for file in folder.iterdir()] == ["METADATA"]


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_libraries_in_machine_code_are_for_lambdas_processor(aws: Synthesised, name: str) -> None:
    for library in aws.asset(name).rglob("*.so*"):
        assert struct.unpack("<H", library.read_bytes()[18:20])[0] == _AARCH64, library


def test_there_is_machine_code_to_look_at(aws: Synthesised) -> None:
    assert list(aws.asset("connect").rglob("*.so"))


def test_functions_differ_in_what_they_ship(aws: Synthesised, local: Synthesised) -> None:
    assert len({template.asset(name) for template in (aws, local) for name in ENVIRONMENT}) == 2 * len(ENVIRONMENT)
    assert len({frozenset(_files(aws.asset(name)).items()) for name in ENVIRONMENT}) == len(ENVIRONMENT)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_an_asset_is_small_enough_to_start_fast(aws: Synthesised, name: str, tmp_path: Path) -> None:
    asset = aws.asset(name)
    with zipfile.ZipFile(tmp_path / "asset.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for file in asset.rglob("*"):
            zipped.write(file, file.relative_to(asset))
    assert (tmp_path / "asset.zip").stat().st_size / 1e6 <= _MOST_MB[name]


def test_the_same_inputs_make_the_same_bytes(aws: Synthesised, tmp_path: Path) -> None:
    bundling.build("leads_fetched", dependencies.ARM64, tmp_path)
    assert _files(tmp_path) == _files(aws.asset("leads_fetched"))


# -- known by its inputs -----------------------------------------------------------------------------------------------

ALL, NONE = set(ENVIRONMENT), set[str]()
CHANGES = {
    "functions/dialer/dial.py": {"dialer"},
    "functions/connect/requirements.txt": {"connect"},
    "functions/leads_api/a_new_module.py": {"leads_api"},
    "functions/__init__.py": ALL,
    "autocall/leads.py": ALL,
    "autocall/hours/default.json": ALL,
    "hashes.txt": ALL,
    "constraints.txt": NONE,
    "cdk/bundling.py": ALL,
    "cdk/dependencies.py": ALL,
    "cdk/pruning.py": ALL,
    "cdk/sdk_models.py": ALL,
    "cdk/apis.py": NONE,
    "cdk/python_versions.py": NONE,
    "requirements.txt": NONE,
    "functions/dialer/__pycache__/dial.cpython-311.pyc": NONE,
}


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tree that assets are made of, in the tree's place."""
    for folder in ("cdk", "functions", "autocall"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for file in ("hashes.txt", "constraints.txt", "requirements.txt"):
        shutil.copy(ROOT / file, tmp_path)
    for module in (bundling, dependencies):
        monkeypatch.setattr(module, "ROOT", tmp_path)
        monkeypatch.setattr(module, "__file__", str(tmp_path / "cdk" / Path(str(module.__file__)).name))
    return tmp_path


@pytest.mark.parametrize("file", CHANGES)
def test_an_asset_changes_with_its_inputs_and_only_then(copy: Path, file: str) -> None:
    before = _known(dependencies.ARM64)
    (copy / file).parent.mkdir(exist_ok=True)
    with (copy / file).open("a") as changed:
        changed.write("\n# changed\n")
    after = _known(dependencies.ARM64)
    assert {name for name in ENVIRONMENT if before[name] != after[name]} == CHANGES[file]


def test_a_files_date_is_not_an_input(copy: Path) -> None:
    before = _known(dependencies.ARM64)
    for file in copy.rglob("*"):
        os.utime(file, (0, 0))
    assert _known(dependencies.ARM64) == before


def test_a_renamed_file_is_another_asset(copy: Path) -> None:
    before = _known(dependencies.ARM64)
    (copy / "functions" / "dialer" / "dial.py").rename(copy / "functions" / "dialer" / "dialling.py")
    assert _known(dependencies.ARM64)["dialer"] != before["dialer"]


def test_each_processor_has_its_own_assets() -> None:
    assert not set(_known(dependencies.ARM64).values()) & set(_known(dependencies.HOST).values())


def _known(target: str) -> dict[str, str]:
    return {name: bundling._fingerprint(name, target) for name in ENVIRONMENT}


def _files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def _code(file: Path) -> types.CodeType:
    code: types.CodeType = marshal.loads(file.read_bytes()[16:])  # noqa: S302 - our own build
    return code
