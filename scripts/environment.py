"""The environment of the three processes on one machine: what is set, what `.env` says, else defaults.

Order of precedence: a variable that is set, `.env`, a default for local use. Secrets that are set
nowhere are made once and kept in `var/secrets.env`, readable by their owner only.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
SECRETS = ("RASA_TOKEN", "ACTIONS_TOKEN", "IDENTITY_SECRET", "SESSION_SECRET")
PORTS = ("GATEWAY_PORT", "RASA_PORT", "ACTIONS_PORT")

# What keeps Rasa's dependencies from filling the screen, and Rasa from calling home.
QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore::DeprecationWarning,ignore::FutureWarning",
    "RASA_TELEMETRY_ENABLED": "false",
}


class SettingError(Exception):
    """The environment can't be used as it is; the message is one sentence."""


def local_environment(base: Mapping[str, str] | None = None, root: Path = ROOT) -> dict[str, str]:
    """All variables that the three processes are started with. Raises SettingError.

    `VAR_DIR` (default `var`) is where every file that running creates goes.
    """
    given = dict(os.environ if base is None else base)
    from_file = {key: value for key, value in dotenv_values(root / ".env").items() if value is not None}
    env = {**QUIET, **from_file, **given}
    var = Path(env.setdefault("VAR_DIR", "var"))
    (root / var).mkdir(parents=True, exist_ok=True)

    defaults = {
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PORT": "8000",
        "RASA_PORT": "5005",
        "ACTIONS_PORT": "5055",
        "SUPPORT_DB_URL": f"sqlite+aiosqlite:///{var}/support.db",
        "LEDGER_URL": demo_ledger_url(var),
        "TRACKER_DB_URL": f"sqlite:///{var}/tracker.db",
        "ATTACHMENTS_DIR": f"{var}/attachments",
        "DEMO_CUSTOMERS": f"{var}/demo_customers.json",
        "DEMO_MODE": "1",
    }
    for name, default in defaults.items():
        env[name] = env.get(name) or default
    for name in PORTS:
        if not env[name].isdigit() or not 0 < int(env[name]) < 65536:
            raise SettingError(f"{name} must be a port number from 1 to 65535, not {env[name]!r}.")
    env["DEMO_MODE"] = "1" if env["DEMO_MODE"].lower() in ("1", "true", "yes", "on") else "0"
    env["RASA_URL"] = env.get("RASA_URL") or f"http://127.0.0.1:{env['RASA_PORT']}"
    _add_secrets(env, root / var / "secrets.env")
    # The commands of the virtual environment come first, whether it is activated or not.
    env["PATH"] = f"{root / '.venv' / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    return env


def demo_ledger_url(var: Path) -> str:
    """The ledger that demo mode may write anew at each start: only ever this one."""
    return f"sqlite+aiosqlite:///{var}/ledger.db"


def _add_secrets(env: dict[str, str], file: Path) -> None:
    """Fills in the secrets that are set neither as NAME nor as NAME_FILE, from `file` or newly made."""
    kept = {key: value for key, value in dotenv_values(file).items() if value} if file.exists() else {}
    for name in SECRETS:
        if env.get(name):
            continue
        if env.get(f"{name}_FILE"):
            env[name] = _read_secret(env.pop(f"{name}_FILE"), name)
        else:
            env[name] = kept.setdefault(name, secrets.token_urlsafe(32))
    if any(name in kept for name in SECRETS):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            os.fchmod(out.fileno(), 0o600)
            out.writelines(f"{name}={value}\n" for name, value in kept.items())


def _read_secret(path: str, name: str) -> str:
    """A secret given as a file; Rasa's own configuration files can only take it from a variable."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(f"{name}_FILE can't be read: {error.strerror}.") from error
