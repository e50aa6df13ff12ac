"""What customers say about times, placed in their own zone."""

from datetime import datetime, timezone

import pytest

from actions.when import resolve

# Wednesday 25 November 2026, 01:30 in Shanghai; still Tuesday in UTC and in London.
NOW = datetime(2026, 11, 24, 17, 30, tzinfo=timezone.utc)


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=timezone.utc)


def test_yesterday_is_the_customers_yesterday_not_utc():
    span = resolve({"days_ago": 1}, NOW, "Asia/Shanghai")
    assert (span.start, span.end) == (utc(23, 16), utc(24, 16))
    span = resolve({"days_ago": 1}, NOW, "Europe/London")
    assert (span.start, span.end) == (utc(23, 0), utc(24, 0))


def test_the_interval_is_half_open():
    span = resolve({"days_ago": 1}, NOW, "Asia/Shanghai")
    assert utc(23, 16) in span
    assert utc(24, 16) not in span


def test_a_part_of_the_day_narrows_it():
    span = resolve({"days_ago": 1, "part": "afternoon"}, NOW, "Asia/Shanghai")
    assert utc(24, 7) in span  # 15:00 in Shanghai
    assert utc(24, 1) not in span  # 09:00


def test_last_night_reaches_past_midnight():
    span = resolve({"days_ago": 1, "part": "night"}, NOW, "Asia/Shanghai")
    assert utc(24, 16, 30) in span  # 00:30 today in Shanghai


def test_an_hour_is_taken_loosely():
    span = resolve({"days_ago": 1, "hour": 15}, NOW, "Asia/Shanghai")
    assert utc(24, 7, 40) in span
    assert utc(24, 10) not in span


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ({"weekday": 0, "weeks_ago": 0}, 23),  # this Monday
        ({"weekday": 4, "weeks_ago": 0}, 20),  # Friday, said on a Wednesday: the one that has been
        ({"weekday": 4, "weeks_ago": 1}, 20),  # last Friday
        ({"month": 11, "day": 3}, 3),
    ],
)
def test_named_days(value, day):
    span = resolve(value, NOW, "Asia/Shanghai")
    assert utc(day, 4) in span
    assert (span.end - span.start).days == 1


def test_a_day_later_in_the_year_is_last_years():
    span = resolve({"month": 12, "day": 3}, NOW, "Asia/Shanghai")
    assert span.start.year == 2025


def test_months_and_weeks():
    assert utc(15, 0, month=10) in resolve({"month": 10}, NOW, "Asia/Shanghai")
    assert utc(18, 0) in resolve({"weeks_ago": 1}, NOW, "Asia/Shanghai")
    assert utc(24, 0) not in resolve({"weeks_ago": 1}, NOW, "Asia/Shanghai")


def test_two_hours_ago_is_never_exact():
    span = resolve({"hours_ago": 2}, NOW, "Asia/Shanghai")
    assert utc(24, 14, 45) in span
    assert utc(24, 16, 15) in span
    assert utc(24, 17, 0) not in span


def test_just_now_reaches_up_to_now():
    assert NOW in resolve({"minutes_ago": 30}, NOW, "Asia/Shanghai")


def test_an_impossible_date_places_nothing():
    assert resolve({"month": 2, "day": 30}, NOW, "Asia/Shanghai") is None


@pytest.mark.parametrize(("day", "month", "of"), [(24, 11, 24), (25, 11, 25), (26, 10, 26), (31, 10, 31)])
def test_a_day_without_a_month_is_the_latest_such_day(day: int, month: int, of: int) -> None:
    span = resolve({"day": day}, NOW, "Asia/Shanghai")
    assert utc(of, 4, month=month) in span
    assert (span.end - span.start).days == 1


def test_a_day_that_no_month_has_is_no_time():
    assert resolve({"day": 32}, NOW, "Asia/Shanghai") is None
