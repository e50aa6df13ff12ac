"""Demo mode: the made-up customers that anyone may sign in as."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.gateway.identity import Customer, known_language

FIELDS = ("id", "name", "story", "language")


class DemoCustomers:
    """The list that the demo ledger's seeder writes; read anew each time, it may be written later."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> list[dict[str, Any]]:
        """`[{"id", "name", "story", "language"}]`; empty while there is no readable list."""
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        valid = [r for r in rows if isinstance(r, dict) and isinstance(r.get("id"), str)]
        return [{name: row.get(name) or "" for name in FIELDS} for row in valid]

    def find(self, customer_id: str) -> Customer | None:
        """The demo customer of that id."""
        for row in self.all():
            if row["id"] == customer_id:
                return Customer(row["id"], row["name"], known_language(row["language"]))
        return None
