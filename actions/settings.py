"""What the action server reads from its environment, once, at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class SettingsError(Exception):
    """A setting is missing or makes no sense; the text names the variable."""


@dataclass(frozen=True)
class Settings:
    """Settings of the action server. Secrets stay out of `repr`."""

    port: int
    ledger_url: str
    actions_token: str = field(repr=False)
    identity_secret: str = field(repr=False)
    budget_seconds: float = 4.0  # for one action; Rasa's own limit is 300 s, far too long for a chat

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the environment. Raises `SettingsError` with one clear sentence."""
        env = os.environ if env is None else env
        return cls(
            port=int(_number(env, "ACTIONS_PORT", 5055)),
            ledger_url=env.get("LEDGER_URL") or "sqlite+aiosqlite:///var/ledger.db",
            actions_token=_secret(env, "ACTIONS_TOKEN"),
            identity_secret=_secret(env, "IDENTITY_SECRET"),
            budget_seconds=_number(env, "ACTIONS_BUDGET_SECONDS", 4.0),
        )


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    raw = env.get(name)
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        raise SettingsError(f"{name} must be a number, not {raw!r}.") from None
    if value <= 0:
        raise SettingsError(f"{name} must be above zero.")
    return value


def _secret(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value and env.get(f"{name}_FILE"):
        try:
            value = Path(env[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{name}_FILE cannot be read: {error.strerror}.") from None
    if len(value) < 32:
        raise SettingsError(f"{name} must be set to a secret of at least 32 characters.")
    return value
