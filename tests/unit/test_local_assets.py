"""The functions' code is built once for all stacks of this machine."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from local import deployment
from local.paths import StackDir


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was built, by an app that builds what is not there; the asset's name is that of its code."""
    built: list[str] = []

    def app(assembly: Path, context: Mapping[str, str]) -> None:
        code = context["code"]
        asset = assembly / f"asset.{code}"
        if not asset.exists():
            built.append(code)
            asset.mkdir()
            (asset / "handler.py").write_text(code)

    monkeypatch.setattr(deployment, "_run_app", app)
    monkeypatch.setattr(deployment, "SHARED", tmp_path / "shared")
    monkeypatch.setattr(deployment, "_BUILT", tmp_path / "shared" / "assets")
    return built


def _has(stack: StackDir, code: str) -> bool:
    return (stack.assembly / f"asset.{code}" / "handler.py").read_text() == code


def test_another_stack_takes_what_was_built_and_builds_only_new_code(tmp_path: Path, built: list[str]) -> None:
    one, two = StackDir(tmp_path / "one"), StackDir(tmp_path / "two")
    for stack, code in ((one, "old"), (two, "old"), (one, "new"), (two, "new")):
        assert deployment.synthesise(stack, {"code": code})
        assert _has(stack, code)
    assert built == ["old", "new"]


def test_zips_are_shared_too(tmp_path: Path, built: list[str]) -> None:
    one, two = StackDir(tmp_path / "one"), StackDir(tmp_path / "two")
    for stack in (one, two):
        deployment.synthesise(stack, {"code": "x"})
    (one.assembly / ".cache" / "x.zip").write_text("zipped")
    assert (two.assembly / ".cache" / "x.zip").read_text() == "zipped"
    assert built == ["x"]


def test_what_a_stack_had_built_for_itself_stays_valid(tmp_path: Path, built: list[str]) -> None:
    one, two = StackDir(tmp_path / "one"), StackDir(tmp_path / "two")
    for stack in (one, two):
        (stack.assembly / "asset.x").mkdir(parents=True)
        (stack.assembly / "asset.x" / "handler.py").write_text("x")
        (stack.assembly / ".cache").mkdir()
        deployment.synthesise(stack, {"code": "x"})
        assert _has(stack, "x")
    assert built == []


def test_what_was_deleted_is_built_again(tmp_path: Path, built: list[str]) -> None:
    one = StackDir(tmp_path / "one")
    deployment.synthesise(one, {"code": "x", "lines": "1"})
    (deployment._BUILT / "asset.x").rename(tmp_path / "deleted")
    deployment.synthesise(one, {"code": "x", "lines": "2"})
    assert _has(one, "x")
    assert built == ["x", "x"]
