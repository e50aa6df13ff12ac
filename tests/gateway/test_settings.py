"""Settings are read once, and nonsense is refused in a sentence that names the variable."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bot.settings import Secret, Settings, SettingsError
from tests.gateway.helpers import IDENTITY_SECRET, RASA_TOKEN, SESSION_SECRET, WALLET_SECRET

NEEDED = {"RASA_TOKEN": RASA_TOKEN, "IDENTITY_SECRET": IDENTITY_SECRET, "SESSION_SECRET": SESSION_SECRET}


def test_the_defaults_are_safe() -> None:
    settings = Settings.from_env(NEEDED)
    assert settings.gateway_host == "127.0.0.1"
    assert settings.gateway_port == 8000
    assert settings.rasa_url == "http://127.0.0.1:5005"
    assert settings.demo_mode is False
    assert settings.wallet_key is None
    assert settings.support_db_url == "sqlite+aiosqlite:///var/support.db"


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("value", [None, "", "short"])
def test_without_a_secret_nothing_starts(name: str, value: str | None) -> None:
    env = {k: v for k, v in {**NEEDED, name: value}.items() if v is not None}
    with pytest.raises(SettingsError, match=name) as refused:
        Settings.from_env(env)
    assert str(refused.value).count(".") == 1  # one sentence


@pytest.mark.parametrize("name", NEEDED)
def test_a_secret_may_come_from_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(NEEDED[name] + "\n", encoding="utf-8")
    env = {k: v for k, v in NEEDED.items() if k != name}
    settings = Settings.from_env({**env, f"{name}_FILE": str(file)})
    assert settings == Settings.from_env(NEEDED)
    with pytest.raises(SettingsError, match=f"{name}_FILE"):
        Settings.from_env({**env, f"{name}_FILE": str(tmp_path / "missing")})
    with pytest.raises(SettingsError, match="both set"):
        Settings.from_env({**NEEDED, f"{name}_FILE": str(file)})
    file.write_text("")
    with pytest.raises(SettingsError, match="empty file"):
        Settings.from_env({**env, f"{name}_FILE": str(file)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_PORT", "eighty"),
        ("GATEWAY_PORT", "0"),
        ("GATEWAY_PORT", "80.5"),
        ("GATEWAY_PORT", "70000"),
        ("DEMO_MODE", "maybe"),
        ("RASA_URL", "127.0.0.1:5005"),
        ("SUPPORT_DB_URL", "mysql://root:geheim@db/x"),
        ("RASA_TIMEOUT", "soon"),
        ("MESSAGES_PER_MINUTE", "-1"),
        ("MESSAGES_PER_MINUTE", "nan"),
        ("WALLET_JWKS_URL", "ftp://keys"),
        ("WALLET_JWT_SECRET", "short"),
        ("WALLET_JWT_PUBLIC_KEY", "not a key"),
        ("WALLET_JWT_PUBLIC_KEY", "-----BEGIN PRIVATE KEY-----"),
        ("FRAME_ANCESTORS", "'self'; script-src *"),
    ],
)
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        Settings.from_env({**NEEDED, name: value})
    assert "geheim" not in str(refused.value)


def test_only_one_way_to_verify_wallet_tokens() -> None:
    both = {"WALLET_JWT_SECRET": WALLET_SECRET, "WALLET_JWKS_URL": "https://wallet.example/keys"}
    with pytest.raises(SettingsError, match="WALLET_JWKS_URL"):
        Settings.from_env({**NEEDED, **both})


def test_one_secret_for_two_purposes_is_refused() -> None:
    with pytest.raises(SettingsError, match="IDENTITY_SECRET and SESSION_SECRET must be different"):
        Settings.from_env({**NEEDED, "SESSION_SECRET": IDENTITY_SECRET})


def test_secrets_hide_themselves() -> None:
    settings = Settings.from_env({**NEEDED, "WALLET_JWT_SECRET": WALLET_SECRET})
    shown = f"{settings!r} {settings.session_secret} {settings.session_secret!r} {[settings.rasa_token]}"
    for secret in (*NEEDED.values(), WALLET_SECRET):
        assert secret not in shown
    assert settings.session_secret == Secret(SESSION_SECRET)
    assert settings.session_secret.matches(SESSION_SECRET)
    assert not settings.session_secret.matches(SESSION_SECRET + "x")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings.from_env(NEEDED).demo_mode = True  # type: ignore[misc]
