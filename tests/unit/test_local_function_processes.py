import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import function_processes
from local.function_processes import CAN_FORK, ForkedProcess, ForkServer, FunctionProcesses, UnpackedOnce

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="this machine has no handles of processes")

# As the emulator's own script: it imports the function, says that it is ready, and answers line by line.
WORKER = """
import os, sys
sys.path.insert(0, os.getcwd())
import functions.one
imported()
print("ready", os.getpid(), functions.one.NAME, flush=True)
for line in sys.stdin:
    print(line.strip(), os.environ.get("ONLY_HERE"), flush=True)
"""

NOTE = """
import os
with open({notes!r}, "a") as notes:
    notes.write(str(os.getpid()) + " ")
"""


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A function with a package; both note by whom they are imported."""
    for module, more in (("functions/one", "import package\nNAME = os.environ['NAME']\n"), ("package", "")):
        file = tmp_path / "code" / f"{module}.py"
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(NOTE.format(notes=str(tmp_path / file.stem)) + more)
    (tmp_path / "_worker.py").write_text(WORKER)
    return tmp_path / "code"


@pytest.fixture
def server(code: Path) -> Iterator[ForkServer]:
    server = ForkServer(sys.executable, str(code.parent / "_worker.py"), str(code), os.environ)
    yield server
    server.close()


def _start(server: ForkServer, code: Path, **env: str) -> ForkedProcess:
    return server.start(str(code.parent / "_worker.py"), str(code), os.environ | {"NAME": "one"} | env)


def _ready(process: ForkedProcess) -> str:
    word, pid, name = process.stdout.readline().split()
    assert (word, pid) == ("ready", str(process.pid))
    return name


def _imports(code: Path, module: str) -> list[int]:
    return [int(line) for line in (code.parent / module).read_text().split()]


def test_packages_are_imported_once_for_all_later_processes_and_the_functions_own_modules_by_each(
    server: ForkServer, code: Path
) -> None:
    processes = [_start(server, code) for _ in range(3)]
    for process in processes:
        _ready(process)
    first, *_ = pids = [process.pid for process in processes]
    assert sorted(_imports(code, "one")) == sorted(pids)
    assert _imports(code, "package") == [first, server._process.pid]


def test_each_process_has_its_own_environment_and_streams(server: ForkServer, code: Path) -> None:
    one, two = _start(server, code, NAME="one", ONLY_HERE="first"), _start(server, code, NAME="two")
    assert (_ready(one), _ready(two)) == ("one", "two")
    for process, said in ((two, "hello None"), (one, "hello first")):
        process.stdin.write("hello\n")
        assert process.stdout.readline() == f"{said}\n"


def test_a_process_ends_with_its_input_or_by_a_signal_and_that_is_noticed(server: ForkServer, code: Path) -> None:
    ends, terminated, killed = processes = [_start(server, code) for _ in range(3)]
    for process in processes:
        _ready(process)
        assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0)
    ends.stdin.close()
    terminated.terminate()
    os.kill(killed.pid, signal.SIGKILL)
    for process in processes:
        process.wait(timeout=10)
        assert process.poll() is not None
        process.kill()  # what has ended is left in peace


def test_a_function_that_cannot_be_imported_says_why_and_the_next_process_tries_again(
    server: ForkServer, code: Path
) -> None:
    broken = server.start(str(code.parent / "_worker.py"), str(code), os.environ | {"PATH": os.defpath})
    assert "KeyError: 'NAME'" in broken.stderr.read()
    broken.wait(timeout=10)
    assert _ready(_start(server, code)) == "one"


def test_new_code_gets_a_new_server(code: Path) -> None:
    processes, env = FunctionProcesses(), os.environ | {"NAME": "one", "AWS_LAMBDA_FUNCTION_NAME": "autocall-one"}
    script = str(code.parent / "_worker.py")
    _ready(processes.start(sys.executable, script, str(code), env))
    _, before = processes._servers["autocall-one"]
    changed = code.rename(code.with_name("changed"))
    _ready(processes.start(sys.executable, script, str(changed), env))
    _, server = processes._servers["autocall-one"]
    assert before._process.returncode == 0
    assert server._process.poll() is None
    server.close()


def test_a_server_that_has_ended_is_an_error_and_no_silence(server: ForkServer, code: Path) -> None:
    server._process.kill()
    server._process.wait()
    with pytest.raises(OSError):
        _start(server, code)


def test_code_is_unpacked_once_and_each_process_has_a_link_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function_processes, "UNPACKED", tmp_path / "unpacked")
    folders = [tmp_path / name for name in ("one", "two")]
    with zipfile.ZipFile(tmp_path / "made", "w") as made:
        made.writestr("functions/one.py", "1")
    for folder in folders:
        (folder / "code").mkdir(parents=True)
        (folder / "code.zip").write_bytes((tmp_path / "made").read_bytes())
        with UnpackedOnce(folder / "code.zip") as file:
            file.extractall(str(folder / "code"))
    one, two = ((folder / "code").resolve() for folder in folders)
    assert one == two
    assert (one / "functions" / "one.py").read_text() == "1"
    assert [path.name for path in (tmp_path / "unpacked").iterdir()] == [one.name]
    assert not list(tmp_path.rglob("code.zip"))


def test_a_layer_is_unpacked_as_ever(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "layer_0.zip", "w") as made:
        made.writestr("python/it.py", "1")
    with UnpackedOnce(tmp_path / "layer_0.zip") as file:
        file.extractall(str(tmp_path / "layer_0"))
    assert (tmp_path / "layer_0" / "python" / "it.py").read_text() == "1"
