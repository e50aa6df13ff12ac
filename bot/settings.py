"""What the environment says about how this process runs, read once and then fixed.

`Settings.from_env()` is the only reader. A secret comes from NAME, or from the file that
NAME_FILE names; nonsense stops the process with one sentence that names the variable.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

MIN_SECRET = 32  # bytes: what HMAC-SHA256 keys need (RFC 7518, 3.2)
MIN_TOKEN = 16
AGENT_ROLES = ("agent", "lead", "admin")
ADAPTERS = ("desk",)  # the first is the default

Env = Mapping[str, str]


class SettingsError(Exception):
    """A setting is missing or makes no sense; the text is one sentence for the operator."""


class Secret:
    """A value that never shows itself in a repr, a log line or a traceback."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one place that signs or sends it."""
        return self._value

    def matches(self, candidate: str) -> bool:
        """Compares in constant time."""
        return hmac.compare_digest(self._value.encode(), candidate.encode("utf-8", "replace"))

    def __repr__(self) -> str:
        return "Secret('**********')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other._value)

    def __hash__(self) -> int:
        return hash(self._value)


def read_secret(env: Env, name: str, *, at_least: int = 1) -> Secret | None:
    """The secret called `name`, None when neither NAME nor NAME_FILE is set.

    Raises SettingsError when both are set, the file cannot be read, or the value is empty
    or shorter than `at_least` bytes.
    """
    file_name = f"{name}_FILE"
    if env.get(name) and env.get(file_name):
        raise SettingsError(f"{name} and {file_name} are both set: keep one of them.")
    value = env.get(name)
    if path := env.get(file_name):
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"{file_name} names a file that cannot be read.") from None
        if not value:
            raise SettingsError(f"{file_name} names an empty file.")
    if not value:
        return None
    if len(value.encode()) < at_least:
        raise SettingsError(f"{name} is too short: it needs at least {at_least} bytes.")
    return Secret(value)


def require_secret(env: Env, name: str, *, at_least: int = 1) -> Secret:
    """Like `read_secret`, but a missing one is an error."""
    secret = read_secret(env, name, at_least=at_least)
    if secret is None:
        raise SettingsError(f"{name} (or {name}_FILE) must be set.")
    return secret


def _number(env: Env, name: str, default: float, low: float, high: float) -> float:
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"{name} must be a number, not {text!r}.") from None
    if not low <= value <= high:
        raise SettingsError(f"{name} must be between {low:g} and {high:g}, not {text}.")
    return value


def _whole(env: Env, name: str, default: int, low: int, high: int) -> int:
    value = _number(env, name, default, low, high)
    if value != int(value):
        raise SettingsError(f"{name} must be a whole number, not {env[name]!r}.")
    return int(value)


def _switch(env: Env, name: str) -> bool:
    text = env.get(name, "").strip().lower()
    if text in ("", "0", "false", "no", "off"):
        return False
    if text in ("1", "true", "yes", "on"):
        return True
    raise SettingsError(f"{name} must be 0 or 1, not {text!r}.")


def _url(env: Env, name: str, default: str | None) -> str | None:
    text = env.get(name, "").strip().rstrip("/") or default
    if text is not None and not text.startswith(("http://", "https://")):
        raise SettingsError(f"{name} must begin with http:// or https://.")
    return text


def database_url(env: Env, name: str = "SUPPORT_DB_URL") -> str:
    """Where the support database is, SQLite in `var/` unless told otherwise."""
    text = env.get(name, "").strip() or "sqlite+aiosqlite:///var/support.db"
    if not text.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
        # The value may hold a password, so it is not repeated.
        raise SettingsError(f"{name} must begin with sqlite+aiosqlite:// or postgresql+asyncpg://.")
    return text


@dataclass(frozen=True)
class WalletKey:
    """How the wallet back end's tokens are verified: exactly one of the three is set."""

    secret: Secret | None = None  # HS256
    public_key: str | None = None  # PEM; RS256 or ES256 by the kind of key
    jwks_url: str | None = None


@dataclass(frozen=True)
class OpenId:
    """How agents sign in through an OpenID provider, and which of its roles are which of ours."""

    issuer: str
    client_id: str
    client_secret: Secret
    roles: Mapping[str, str]  # a value of the claim → agent, lead or admin
    role_claim: str = "roles"
    label: str = "Single sign-on"


@dataclass(frozen=True)
class Settings:
    """Everything the gateway needs to know from outside."""

    rasa_token: Secret
    identity_secret: Secret
    session_secret: Secret
    gateway_host: str = "127.0.0.1"
    gateway_port: int = 8000
    public_url: str | None = None  # where customers reach the gateway; None: where they asked
    rasa_url: str = "http://127.0.0.1:5005"
    rasa_timeout: float = 15.0  # seconds, for one message
    actions_url: str = "http://127.0.0.1:5055"
    actions_token: Secret | None = None  # None: the action server is not asked, e.g. for incidents
    rasa_startup_wait: float = 60.0  # seconds that left-over messages wait for Rasa at start-up
    wallet_key: WalletKey | None = None  # None: nobody can sign in with a wallet token
    wallet_issuer: str | None = None
    wallet_audience: str | None = None
    support_db_url: str = "sqlite+aiosqlite:///var/support.db"
    demo_mode: bool = False
    demo_customers: Path = Path("var/demo_customers.json")
    messages_per_minute: int = 20  # for one signed-in customer or visitor
    sessions_per_minute: int = 240  # for one network address
    help_per_minute: int = 600  # searches of the help centre, for one network address
    attachments_dir: Path = Path("var/attachments")  # customers' pictures
    uploads_per_minute: int = 12  # for one signed-in customer; for a network address's visitors
    pictures_each: int = 50  # in one conversation
    max_body: int = 65_536  # bytes
    heartbeat: float = 15.0  # seconds between signs of life on an event stream
    frame_ancestors: str = "'self'"  # who may show the support page in a frame (CSP)
    widget_frame_ancestors: str = "'self'"  # which sites may show the widget
    handoff_adapter: str = "desk"  # who answers: our own desk, or a help desk's adapter
    handoff_always_open: bool = False  # people answer at all hours, whatever data/contacts.yml says
    agent_gone: float = 120.0  # seconds without a sign of life until an agent's conversations are freed
    customer_away: float = 30.0  # minutes after an agent's last word until a conversation is parked
    handoff_promise: float = 2.0  # hours after opening within which what was asked before is answered
    smtp_url: Secret | None = None  # None: no mails; holds a password
    smtp_from: str = ""
    mail_after: float = 10.0  # minutes that an agent's answer stays unread until a mail tells of it
    https_only: bool = False  # tells browsers so (HSTS)
    oidc: OpenId | None = None  # None: agents sign in by password only

    @classmethod
    def from_env(cls, env: Env | None = None) -> Settings:
        """Reads and checks the environment. Raises SettingsError with one clear sentence."""
        env = os.environ if env is None else env
        settings = cls(
            rasa_token=require_secret(env, "RASA_TOKEN", at_least=MIN_TOKEN),
            identity_secret=require_secret(env, "IDENTITY_SECRET", at_least=MIN_SECRET),
            session_secret=require_secret(env, "SESSION_SECRET", at_least=MIN_SECRET),
            gateway_host=env.get("GATEWAY_HOST", "").strip() or "127.0.0.1",
            gateway_port=_whole(env, "GATEWAY_PORT", 8000, 1, 65535),
            public_url=_url(env, "PUBLIC_URL", None),
            rasa_url=_url(env, "RASA_URL", "http://127.0.0.1:5005") or "",
            rasa_timeout=_number(env, "RASA_TIMEOUT", 15, 0.05, 120),
            actions_url=_url(env, "ACTIONS_URL", f"http://127.0.0.1:{env.get('ACTIONS_PORT') or 5055}") or "",
            actions_token=read_secret(env, "ACTIONS_TOKEN", at_least=MIN_SECRET),
            rasa_startup_wait=_number(env, "RASA_STARTUP_WAIT", 60, 0, 600),
            wallet_key=_wallet_key(env),
            wallet_issuer=env.get("WALLET_JWT_ISSUER") or None,
            wallet_audience=env.get("WALLET_JWT_AUDIENCE") or None,
            support_db_url=database_url(env),
            demo_mode=_switch(env, "DEMO_MODE"),
            demo_customers=Path(env.get("DEMO_CUSTOMERS", "").strip() or "var/demo_customers.json"),
            messages_per_minute=_whole(env, "MESSAGES_PER_MINUTE", 20, 1, 100_000),
            sessions_per_minute=_whole(env, "SESSIONS_PER_MINUTE", 240, 1, 100_000),
            help_per_minute=_whole(env, "HELP_PER_MINUTE", 600, 1, 100_000),
            attachments_dir=Path(env.get("ATTACHMENTS_DIR", "").strip() or "var/attachments"),
            uploads_per_minute=_whole(env, "UPLOADS_PER_MINUTE", 12, 1, 100_000),
            pictures_each=_whole(env, "PICTURES_PER_CONVERSATION", 50, 1, 10_000),
            max_body=_whole(env, "MAX_BODY_BYTES", 65_536, 8_192, 10_000_000),
            heartbeat=_number(env, "SSE_HEARTBEAT", 15, 0.05, 300),
            frame_ancestors=_frame_ancestors(env, "FRAME_ANCESTORS"),
            widget_frame_ancestors=_frame_ancestors(env, "WIDGET_FRAME_ANCESTORS"),
            https_only=_switch(env, "HTTPS_ONLY"),
            oidc=_oidc(env),
            handoff_adapter=_choice(env, "HANDOFF_ADAPTER", ADAPTERS),
            handoff_always_open=_switch(env, "HANDOFF_ALWAYS_OPEN"),
            agent_gone=_number(env, "AGENT_GONE_SECONDS", 120, 5, 86_400),
            customer_away=_number(env, "CUSTOMER_AWAY_MINUTES", 30, 0.1, 10_080),
            handoff_promise=_number(env, "HANDOFF_PROMISE_HOURS", 2, 0.1, 720),
            smtp_url=_smtp_url(env),
            smtp_from=env.get("SMTP_FROM", "").strip(),
            mail_after=_number(env, "MAIL_AFTER_MINUTES", 10, 0, 10_080),
        )
        if settings.oidc and settings.public_url is None:
            raise SettingsError("OIDC_ISSUER needs PUBLIC_URL: the provider sends agents back there.")
        _all_different(settings)
        if settings.smtp_url and not ("@" in settings.smtp_from and settings.public_url):
            raise SettingsError("SMTP_URL needs SMTP_FROM (an address) and PUBLIC_URL beside it.")
        return settings


def _wallet_key(env: Env) -> WalletKey | None:
    secret = read_secret(env, "WALLET_JWT_SECRET", at_least=MIN_SECRET)
    public = read_secret(env, "WALLET_JWT_PUBLIC_KEY")
    jwks_url = _url(env, "WALLET_JWKS_URL", None)
    if sum(x is not None for x in (secret, public, jwks_url)) > 1:
        raise SettingsError(
            "WALLET_JWT_SECRET, WALLET_JWT_PUBLIC_KEY and WALLET_JWKS_URL exclude one another: keep one."
        )
    if secret is None and public is None and jwks_url is None:
        return None
    # Environment files often hold a PEM on one line.
    pem = public.reveal().replace("\\n", "\n") if public else None
    if pem is not None and ("PRIVATE KEY" in pem or "BEGIN PUBLIC KEY" not in pem):
        raise SettingsError("WALLET_JWT_PUBLIC_KEY must be a public key in PEM form.")
    return WalletKey(secret=secret, public_key=pem, jwks_url=jwks_url)


def _oidc(env: Env) -> OpenId | None:
    issuer, names = _url(env, "OIDC_ISSUER", None), ("OIDC_CLIENT_ID", "OIDC_ROLES")
    if issuer is None:
        return None
    host = urlsplit(issuer).hostname
    if not issuer.startswith("https://") and host not in ("127.0.0.1", "::1", "localhost"):
        raise SettingsError("OIDC_ISSUER must begin with https://.")
    client_id, mapping = (env.get(name, "").strip() for name in names)
    if not client_id or not mapping:
        raise SettingsError("OIDC_ISSUER needs OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and OIDC_ROLES beside it.")
    pairs = [pair.partition("=") for pair in mapping.split(",")]
    roles = {theirs.strip(): ours.strip() for theirs, _, ours in pairs}
    if not all(theirs and ours in AGENT_ROLES for theirs, ours in roles.items()):
        raise SettingsError(
            "OIDC_ROLES must look like support=agent,support-leads=lead,support-admins=admin."
        )
    return OpenId(
        issuer=issuer,
        client_id=client_id,
        client_secret=require_secret(env, "OIDC_CLIENT_SECRET"),
        roles=roles,
        role_claim=env.get("OIDC_ROLE_CLAIM", "").strip() or "roles",
        label=env.get("OIDC_LABEL", "").strip() or "Single sign-on",
    )


def _choice(env: Env, name: str, choices: tuple[str, ...]) -> str:
    text = env.get(name, "").strip() or choices[0]
    if text not in choices:
        raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return text


def _smtp_url(env: Env) -> Secret | None:
    secret = read_secret(env, "SMTP_URL")
    try:
        url = urlsplit(secret.reveal()) if secret else None
        usable = url is None or (url.scheme in ("smtp", "smtps") and url.hostname and url.port != 0)
    except ValueError:
        usable = False
    if not usable:
        # The value may hold a password, so it is not repeated.
        raise SettingsError("SMTP_URL must look like smtp://user:password@host:587 or smtps://host:465.")
    return secret


def _frame_ancestors(env: Env, name: str) -> str:
    text = env.get(name, "").strip() or "'self'"
    if any(c in text for c in ";,\r\n"):
        raise SettingsError(f"{name} must be sources separated by spaces, such as 'self'.")
    return text


def _all_different(settings: Settings) -> None:
    """One leaked key must not open another door, nor one kind of token pass as another."""
    named = {
        "RASA_TOKEN": settings.rasa_token,
        "IDENTITY_SECRET": settings.identity_secret,
        "SESSION_SECRET": settings.session_secret,
    }
    if settings.actions_token:
        named["ACTIONS_TOKEN"] = settings.actions_token
    if settings.wallet_key and settings.wallet_key.secret:
        named["WALLET_JWT_SECRET"] = settings.wallet_key.secret
    names = list(named)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            if named[one] == named[other]:
                raise SettingsError(f"{one} and {other} must be different.")
