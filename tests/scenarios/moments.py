"""Times as a scenario tells them: relative to the moment when it is loaded, on the customer's own clock.

3h ago · 2d 4h ago · 90s ago · now
yesterday 18:20 · 3d ago 20:15        a time of day
yesterday within 24h                  yesterday, and less than a day ago, at whatever hour it is now
+2m                                   after the moment that it belongs to
in 2h                                 still to come
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from tests.scenarios.document import Field

FORMS = "a time such as `3h ago`, `2d 4h ago`, `yesterday 18:20`, `3d ago 20:15`, `yesterday within 24h`"
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_LENGTH = r"\d+[dhms](?: ?\d+[dhms])*"
_CLOCK = r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)"


@dataclass(frozen=True)
class Clock:
    """What a time is relative to."""

    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True)
class When:
    """A time that is not settled before the scenario is loaded. `base`: the moment it belongs to."""

    said: str
    resolve: Callable[[Clock, datetime | None], datetime]


def read_past(field: Field) -> When:
    """A time that has passed."""
    return _read(field, past=True, after=False, future=False)


def read_following(field: Field) -> When:
    """A time that has passed, or a length of time after the moment that it belongs to."""
    return _read(field, past=True, after=True, future=False)


def read_end(field: Field) -> When:
    """When something ends: passed, after its beginning, or still to come."""
    return _read(field, past=True, after=True, future=True)


def _read(field: Field, *, past: bool, after: bool, future: bool) -> When:
    forms = FORMS + (", `+2m`" if after else "") + (" or `in 2h`" if future else "")
    said = re.sub(r"\s+", " ", field.text(forms))
    found = (past and _past(said)) or (after and _after(said)) or (future and _future(said))
    if not found:
        raise field.must_be(forms)
    return found


def _past(said: str) -> When | None:
    if said == "now":
        return When(said, lambda clock, base: clock.now)
    if said == "yesterday within 24h":
        return When(said, lambda clock, base: _yesterday_within_a_day(clock))
    if re.fullmatch(f"{_LENGTH} ago", said):
        length = _length(said)
        return When(said, lambda clock, base: clock.now - length)
    by_clock = re.fullmatch(rf"(?:yesterday|(?P<days>[1-9]\d*)d ago) {_CLOCK}", said)
    if by_clock is None:
        return None
    days, hour, minute = int(by_clock["days"] or 1), int(by_clock["hour"]), int(by_clock["minute"])
    return When(said, lambda clock, base: _at(clock, days, hour, minute))


def _after(said: str) -> When | None:
    if not re.fullmatch(rf"\+ ?{_LENGTH}", said):
        return None
    length = _length(said)

    def resolve(clock: Clock, base: datetime | None) -> datetime:
        return (base or clock.now) + length

    return When(said, resolve)


def _future(said: str) -> When | None:
    if not re.fullmatch(f"in {_LENGTH}", said):
        return None
    length = _length(said)
    return When(said, lambda clock, base: clock.now + length)


def _length(said: str) -> timedelta:
    parts = re.findall(r"(\d+)([dhms])", said)
    return sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in parts), timedelta())


def _at(clock: Clock, days: int, hour: int, minute: int) -> datetime:
    day = clock.now.astimezone(clock.zone).date() - timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.zone).astimezone(timezone.utc)


def _yesterday_within_a_day(clock: Clock) -> datetime:
    """An evening hour that is at most 23 hours ago if there is one, else the middle of what remains."""
    for hour, minute in ((19, 12), (20, 41), (21, 34)):
        moment = _at(clock, 1, hour, minute)
        if clock.now - moment <= timedelta(hours=23):
            return moment
    midnight = _at(clock, 0, 0, 0)
    day_ago = clock.now - timedelta(hours=24)
    return day_ago + (midnight - day_ago) / 2
