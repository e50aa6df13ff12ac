"""The action server's composition root: settings, ledger and clock, wired once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache

from actions.contacts import Contacts
from actions.diagnosis.policy import DEFAULT, Policy
from actions.ledger.engine import open_read_only
from actions.ledger.queries import Ledger
from actions.settings import Settings


@dataclass(frozen=True)
class Services:
    """What the actions work with. Every part can be replaced in a test."""

    ledger: Ledger
    identity_secret: str = field(repr=False)
    budget_seconds: float
    policy: Policy = DEFAULT
    contacts: Contacts = field(default_factory=Contacts.load)
    clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)


@lru_cache(maxsize=1)
def services() -> Services:
    """The services of this process, from its environment. Raises `SettingsError`."""
    settings = Settings.from_env()
    return Services(
        ledger=Ledger(open_read_only(settings.ledger_url)),
        identity_secret=settings.identity_secret,
        budget_seconds=settings.budget_seconds,
    )
