"""Opening hours of a contact channel: days of the week, times and holidays, in a zone of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

CONTACTS = Path(__file__).resolve().parents[2] / "data" / "contacts.yml"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_CLOSED = 366  # days that are searched for the next opening


class UnusableHours(Exception):
    """The file's hours make no sense; the text names the channel and the field."""


@dataclass(frozen=True)
class Calendar:
    """Open on some days of the week from `opens` to `closes`, except on holidays; all in `zone`."""

    zone: ZoneInfo
    days: frozenset[int]  # 0 = Monday
    opens: time
    closes: time  # on the same day, after `opens`; 00:00 = midnight at its end
    closed_on: frozenset[date] = frozenset()

    @classmethod
    def load(cls, channel: str, path: Path = CONTACTS) -> Calendar | None:
        """The hours under `open` of a channel; None for one without. Raises UnusableHours."""
        entry = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(channel) or {}
        return cls.read(entry["open"], channel) if "open" in entry else None

    @classmethod
    def read(cls, hours: Any, name: str) -> Calendar:
        """From `{"zone", "days", "from", "to", "closed_on"?}`. Raises UnusableHours naming `name`."""
        try:
            zone = ZoneInfo(str(hours["zone"]))
            days = frozenset(DAYS.index(day) for day in hours["days"])
            opens, closes = (_time(hours[end]) for end in ("from", "to"))
            closed_on = frozenset(_date(day) for day in hours.get("closed_on") or ())
        except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError) as error:
            raise UnusableHours(f"{name}: open: {error}") from None
        if not days or (closes <= opens and closes != time(0)):
            raise UnusableHours(f"{name}: open: there must be days, and `to` after `from`")
        return cls(zone, days, opens, closes, closed_on)

    def is_open(self, at: datetime) -> bool:
        """Whether the channel is open at the moment `at` (aware)."""
        local = at.astimezone(self.zone)
        start, end = self._span(local.date())
        return self._works_on(local.date()) and start <= local < end

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens next, in UTC: after `at`, also when it is open then. None if not within a year."""
        day = at.astimezone(self.zone).date()
        for ahead in range(LONGEST_CLOSED + 1):
            on = day + timedelta(days=ahead)
            start, _ = self._span(on)
            if self._works_on(on) and start > at:
                return start.astimezone(timezone.utc)
        return None

    def _works_on(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.closed_on

    def _span(self, day: date) -> tuple[datetime, datetime]:
        last = day if self.closes != time(0) else day + timedelta(days=1)
        return (
            datetime.combine(day, self.opens, self.zone),
            datetime.combine(last, self.closes, self.zone),
        )


def _time(value: Any) -> time:
    return time(0) if value == "24:00" else time.fromisoformat(str(value))


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
