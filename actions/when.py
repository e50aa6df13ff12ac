"""Turns what a customer said about a time ("昨天下午", "last Friday") into a UTC interval.

The NLU gives clock-free values (`bot/nlu/values.py`); only here do they meet the clock and the
customer's own zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

# Parts of the day as people mean them, in local hours, half open. Night reaches into the next morning.
_PARTS = {
    "early": (0, 7),
    "morning": (5, 12),
    "noon": (11, 14),
    "afternoon": (12, 19),
    "evening": (17, 24),
    "night": (18, 30),
}


@dataclass(frozen=True)
class Span:
    """A half-open interval of UTC instants, [start, end)."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def resolve(value: Mapping[str, Any], now: datetime, zone: str) -> Span | None:
    """The interval meant by `value` as of `now` (UTC) for a customer in `zone` (IANA name).

    Returns None when the value names no time that can be placed, so that a misread phrase
    never hides a payment.
    """
    tz = ZoneInfo(zone)
    for key, unit in (("minutes_ago", 60), ("hours_ago", 3600)):
        if key in value:
            distance = timedelta(seconds=float(value[key]) * unit)
            slack = max(timedelta(minutes=30), distance / 2)  # "two hours ago" is never exact
            return Span(now - distance - slack, min(now, now - distance + slack) + timedelta(minutes=1))
    local = now.astimezone(tz)
    try:
        first, last = _days(value, local.date())
    except ValueError:  # 30 February and the like
        return None
    start = datetime.combine(first, time(0), tz)
    end = datetime.combine(last + timedelta(days=1), time(0), tz)
    if first == last:
        start, end = _within_day(value, first, tz, start, end)
    return Span(start.astimezone(timezone.utc), end.astimezone(timezone.utc))


def _days(value: Mapping[str, Any], today: date) -> tuple[date, date]:
    if "days_ago" in value:
        day = today - timedelta(days=int(value["days_ago"]))
        return day, day
    if "weekday" in value:
        monday = today - timedelta(days=today.weekday(), weeks=int(value.get("weeks_ago", 0)))
        day = monday + timedelta(days=int(value["weekday"]))
        # "Friday" said on a Tuesday is the one that has been.
        return (day, day) if day <= today else (day - timedelta(weeks=1),) * 2
    if "weeks_ago" in value:
        monday = today - timedelta(days=today.weekday(), weeks=int(value["weeks_ago"]))
        return monday, monday + timedelta(days=6)
    if "month" in value:
        month = int(value["month"])
        year = int(value.get("year", today.year))
        if "day" in value:
            day = date(year, month, int(value["day"]))
            if "year" not in value and day > today:
                day = date(year - 1, month, int(value["day"]))
            return day, day
        if "year" not in value and month > today.month:
            year -= 1
        following = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), following - timedelta(days=1)
    if "day" in value:
        return (_latest_day(int(value["day"]), today),) * 2
    if "months_ago" in value:
        total = today.year * 12 + today.month - 1 - int(value["months_ago"])
        following = date((total + 1) // 12, (total + 1) % 12 + 1, 1)
        return date(total // 12, total % 12 + 1, 1), following - timedelta(days=1)
    return today, today  # only an hour or a part of the day was said


def _latest_day(number: int, today: date) -> date:
    """The latest day with this number that is not in the future. Raises ValueError if there is none."""
    month = today.replace(day=1)
    for _ in range(12):
        try:
            day = month.replace(day=number)
        except ValueError:  # 31 in a month of 30
            day = None
        if day is not None and day <= today:
            return day
        month = (month - timedelta(days=1)).replace(day=1)
    raise ValueError(f"no month has a day {number}")


def _within_day(
    value: Mapping[str, Any], day: date, tz: ZoneInfo, start: datetime, end: datetime
) -> tuple[datetime, datetime]:
    midnight = datetime.combine(day, time(0), tz)
    if "hour" in value:
        moment = midnight + timedelta(hours=int(value["hour"]), minutes=int(value.get("minute", 0)))
        slack = timedelta(minutes=30 if "minute" in value else 90)
        return moment - slack, moment + slack
    if value.get("part") in _PARTS:
        first, last = _PARTS[value["part"]]
        return midnight + timedelta(hours=first), midnight + timedelta(hours=last)
    return start, end
