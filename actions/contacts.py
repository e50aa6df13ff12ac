"""The wallet's contact channels: from `data/contacts.yml` only, so that the bot invents none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).resolve().parent.parent / "data" / "contacts.yml"


@dataclass(frozen=True)
class Contacts:
    """Opening hours by channel and language, as the operator wrote them."""

    hours: dict[str, dict[str, str]]

    @classmethod
    def load(cls, path: Path = PATH) -> Contacts:
        """Read the file. Raises `ValueError` naming the channel or language that is missing."""
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        for channel in ("hotline", "live_chat", "email", "social"):
            for language in ("zh", "en"):
                if not data.get(channel, {}).get(language):
                    raise ValueError(f"{path.name}: {channel} has no text for {language}")
        return cls(hours=data)

    def values(self, language: str) -> dict[str, Any]:
        """`hotline`, `live_chat`, `email`, `social` → where and when, in `language`."""
        return {channel: texts[language] for channel, texts in self.hours.items()}
