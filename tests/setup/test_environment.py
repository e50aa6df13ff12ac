"""The environment that the three processes are started with."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from scripts.environment import SECRETS, SettingError, local_environment


def test_local_use_needs_no_setting_at_all(tmp_path: Path) -> None:
    env = local_environment({}, tmp_path)
    assert (env["GATEWAY_HOST"], env["GATEWAY_PORT"], env["DEMO_MODE"]) == ("127.0.0.1", "8000", "1")
    assert env["SUPPORT_DB_URL"] == "sqlite+aiosqlite:///var/support.db"
    assert env["RASA_URL"] == "http://127.0.0.1:5005"
    assert env["RASA_TELEMETRY_ENABLED"] == "false"


def test_a_variable_beats_the_env_file_which_beats_the_default(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GATEWAY_PORT=8001\nRASA_PORT=5006\n")
    env = local_environment({"GATEWAY_PORT": "8002"}, tmp_path)
    assert (env["GATEWAY_PORT"], env["RASA_PORT"], env["ACTIONS_PORT"]) == ("8002", "5006", "5055")
    assert env["RASA_URL"] == "http://127.0.0.1:5006"


def test_secrets_are_made_once_all_different_and_for_their_owner_only(tmp_path: Path) -> None:
    first, second = local_environment({}, tmp_path), local_environment({}, tmp_path)
    made = [first[name] for name in SECRETS]
    assert made == [second[name] for name in SECRETS]
    assert len(set(made)) == len(SECRETS)
    assert min(map(len, made)) >= 32
    assert stat.S_IMODE((tmp_path / "var" / "secrets.env").stat().st_mode) == 0o600


def test_a_secrets_file_that_others_may_read_is_closed_again(tmp_path: Path) -> None:
    local_environment({}, tmp_path)
    file = tmp_path / "var" / "secrets.env"
    file.chmod(0o644)
    local_environment({}, tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_given_secrets_are_used_and_not_written_down(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("from-a-file-0123456789abcdef\n")
    env = local_environment({"RASA_TOKEN": "from-the-shell", "ACTIONS_TOKEN_FILE": str(token)}, tmp_path)
    assert (env["RASA_TOKEN"], env["ACTIONS_TOKEN"]) == ("from-the-shell", "from-a-file-0123456789abcdef")
    # Both at once would be refused by the processes.
    assert "ACTIONS_TOKEN_FILE" not in env
    written = (tmp_path / "var" / "secrets.env").read_text()
    assert "from-" not in written
    assert "RASA_TOKEN" not in written


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="SESSION_SECRET_FILE can't be read"):
        local_environment({"SESSION_SECRET_FILE": str(tmp_path / "missing")}, tmp_path)


@pytest.mark.parametrize("port", ["eight", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_named(tmp_path: Path, port: str) -> None:
    with pytest.raises(SettingError, match="RASA_PORT must be a port number"):
        local_environment({"RASA_PORT": port}, tmp_path)


@pytest.mark.parametrize(
    ("given", "meant"), [("0", "0"), ("off", "0"), ("true", "1"), ("ON", "1"), ("1", "1")]
)
def test_demo_mode_can_be_turned_off(tmp_path: Path, given: str, meant: str) -> None:
    assert local_environment({"DEMO_MODE": given}, tmp_path)["DEMO_MODE"] == meant
