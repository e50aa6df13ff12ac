"""The wallet's contact channels, as `data/contacts.yml` names them, and which are open now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.handoff.hours import CONTACTS, Calendar
from bot.store.models import utcnow


class Contacts:
    """The file's channels in its order. Raises UnusableHours for hours that make no sense."""

    def __init__(self, path: Path = CONTACTS) -> None:
        self._channels = [
            (kind, entry, Calendar.read(entry["open"], kind) if "open" in entry else None)
            for kind, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        ]

    def now(self) -> list[dict[str, Any]]:
        """`[{"kind", "text": {"zh", "en"}, "open_now"}]`; `open_now` None for a channel without hours."""
        moment = utcnow()
        return [
            {
                "kind": kind,
                "text": {language: entry[language] for language in ("zh", "en")},
                "open_now": hours.is_open(moment) if hours else None,
            }
            for kind, entry, hours in self._channels
        ]
