"""Set-up on a machine of which nothing is known but that it has some Python 3."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import bootstrap
from scripts.environment import ROOT


def program(path: Path, exit_code: int = 0) -> str:
    """An executable that only ends with this code."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)
    return str(path)


def test_it_is_written_so_that_an_old_python_3_can_read_it() -> None:
    source = (ROOT / "scripts" / "bootstrap.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 4))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= {"glob", "hashlib", "os", "shutil", "subprocess", "sys"}
    assert not any(isinstance(node, ast.JoinedStr | ast.AnnAssign) for node in ast.walk(tree))


def test_uv_on_path_is_used_before_our_own(tmp_path: Path) -> None:
    ours = program(tmp_path / "tools" / "venv" / "bin" / "uv")
    theirs = program(tmp_path / "path" / "uv")
    assert bootstrap.find_uv(path=str(tmp_path / "path"), tools=str(tmp_path / "tools")) == theirs
    assert bootstrap.find_uv(path=str(tmp_path), tools=str(tmp_path / "tools")) == ours


@pytest.mark.parametrize("place", ["venv/bin", "pip/bin", "bin"])
def test_uv_is_found_wherever_an_earlier_run_put_it(tmp_path: Path, place: str) -> None:
    ours = program(tmp_path / place / "uv")
    assert bootstrap.find_uv(path="", tools=str(tmp_path)) == ours


def test_a_uv_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "path" / "uv", exit_code=127)
    assert bootstrap.find_uv(path=str(tmp_path / "path"), tools=str(tmp_path / "tools")) is None


def test_ways_to_get_uv_are_tried_until_one_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "find_uv", lambda: None)
    broken = program(tmp_path / "broken", exit_code=1)
    good = program(tmp_path / "good")
    tried: list[str | None] = []

    def way(result: str | None):  # type: ignore[no-untyped-def]
        return lambda: tried.append(result) or result

    ways = (way(None), way(broken), way(good), way("never asked"))
    assert bootstrap.get_uv(ways) == good
    assert tried == [None, broken, good]


def test_when_no_way_works_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "find_uv", lambda: None)
    with pytest.raises(bootstrap.SetupError, match=r"Could not get uv.*internet connection"):
        bootstrap.get_uv((lambda: None,))


def test_a_shim_without_a_python_behind_it_is_no_python(tmp_path: Path) -> None:
    assert not bootstrap.is_wanted_python(program(tmp_path / "python3.10", exit_code=127))
    assert not bootstrap.is_wanted_python(str(tmp_path / "missing"))
    assert bootstrap.is_wanted_python(sys.executable)


def test_pyenv_is_searched_newest_first(tmp_path: Path) -> None:
    for version in ("3.10.2", "3.10.13", "3.11.7", "3.1.4"):
        program(tmp_path / "versions" / version / "bin" / "python")
    found = bootstrap.pyenv_pythons({"PYENV_ROOT": str(tmp_path)})
    assert [Path(path).parts[-3] for path in found] == ["3.10.13", "3.10.2"]


def test_an_installed_python_is_used_when_uv_stumbles_over_a_shim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = program(tmp_path / "uv", exit_code=2)
    monkeypatch.setattr(bootstrap, "pyenv_pythons", lambda: [sys.executable])
    assert bootstrap.get_python(uv) == sys.executable


def test_without_any_python_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uv = program(tmp_path / "uv", exit_code=2)
    monkeypatch.setattr(bootstrap, "pyenv_pythons", lambda: [])
    with pytest.raises(bootstrap.SetupError, match=r"Could not get Python 3\.10"):
        bootstrap.get_python(uv)


def test_the_environment_is_current_only_for_the_very_lock_it_was_made_from(tmp_path: Path) -> None:
    lock, stamp = tmp_path / "requirements.lock", tmp_path / "stamp"
    lock.write_text("rasa==3.6.21")
    assert not bootstrap.is_current(str(stamp), str(lock))
    stamp.write_text(bootstrap.lock_hash(str(lock)))
    assert bootstrap.is_current(str(stamp), str(lock))
    lock.write_text("rasa==3.6.20")
    assert not bootstrap.is_current(str(stamp), str(lock))


def test_the_lock_pins_by_hash_and_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pinned = [line for line in lock.splitlines() if line and line[0] not in " #"]
    assert len(pinned) > 100
    assert all("==" in line for line in pinned)
    assert lock.count("--hash=sha256:") >= len(pinned)


def test_a_plain_rasa_command_starts_with_the_local_settings(tmp_path: Path) -> None:
    command = tmp_path / "rasa"
    bootstrap.write_rasa_command(str(command))
    env = {**os.environ, "VAR_DIR": str(tmp_path / "var")}
    done = subprocess.run([command, "--version"], env=env, capture_output=True, text=True, check=True)
    assert "3.6.21" in done.stdout
    assert "ACTIONS_TOKEN=" in (tmp_path / "var" / "secrets.env").read_text()
