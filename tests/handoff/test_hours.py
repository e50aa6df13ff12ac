"""Opening hours: days, times and holidays in the channel's own zone."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.handoff.hours import Calendar, UnusableHours

WORKDAYS = {
    "zone": "Asia/Shanghai",
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "from": "09:00",
    "to": "18:00",
}


def calendar(**changes: Any) -> Calendar:
    return Calendar.read({**WORKDAYS, **changes}, "live_chat")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-25T00:59:59", False),
        ("2026-11-25T01:00:00", True),
        ("2026-11-25T09:59:59", True),
        ("2026-11-25T10:00:00", False),
        ("2026-11-28T03:00:00", False),  # a Saturday
        ("2026-11-29T20:00:00", False),  # already Monday in Shanghai, but four in the morning
        ("2026-11-30T01:30:00", True),
    ],
)
def test_it_is_open_by_its_own_clock(at: str, is_open: bool) -> None:
    assert calendar().is_open(utc(at)) is is_open


def test_a_holiday_is_closed_and_passed_over() -> None:
    closed = calendar(closed_on=["2026-11-26", "2026-11-27"])
    assert not closed.is_open(utc("2026-11-26T03:00:00"))
    assert closed.next_opening(utc("2026-11-25T12:00:00")) == utc("2026-11-30T01:00:00")


def test_the_next_opening_is_today_in_the_morning_and_tomorrow_in_the_evening() -> None:
    assert calendar().next_opening(utc("2026-11-25T00:00:00")) == utc("2026-11-25T01:00:00")
    assert calendar().next_opening(utc("2026-11-25T10:00:00")) == utc("2026-11-26T01:00:00")


def test_until_midnight_is_until_the_days_end() -> None:
    late = calendar(to="24:00")
    assert late.is_open(utc("2026-11-25T15:59:00"))
    assert not late.is_open(utc("2026-11-25T16:00:00"))


def test_summer_time_moves_the_opening() -> None:
    london = calendar(zone="Europe/London")
    assert london.is_open(utc("2026-07-01T08:00:00"))
    assert not london.is_open(utc("2026-11-25T08:00:00"))


def test_a_channel_that_never_opens_has_no_next_opening() -> None:
    never = calendar(
        days=["mon"], closed_on=[f"2026-{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 29)]
    )
    assert never.next_opening(utc("2026-01-01T00:00:00")) != utc("2026-01-05T01:00:00")


@pytest.mark.parametrize(
    "changes",
    [{"zone": "Mars/Base"}, {"days": []}, {"days": ["funday"]}, {"from": "9 o'clock"}, {"to": "08:00"}],
)
def test_nonsense_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(UnusableHours, match="live_chat"):
        calendar(**changes)


def test_a_file_gives_each_channel_its_hours(tmp_path: Path) -> None:
    file = tmp_path / "contacts.yml"
    file.write_text(
        "live_chat: {open: {zone: UTC, days: [mon], from: '10:00', to: '12:00'}}\nemail: {zh: 邮箱}\n",
        encoding="utf-8",
    )
    here = Calendar.load("live_chat", file)
    assert here is not None
    assert here.is_open(utc("2026-11-30T11:00:00"))
    assert Calendar.load("email", file) is None
