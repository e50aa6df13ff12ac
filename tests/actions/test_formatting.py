"""Money, times and durations as a customer reads them."""

from datetime import datetime, timedelta, timezone

import pytest

from actions.diagnosis.facts import Method, MethodKind, Money
from actions.formatting import Formatter, to_minor

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=timezone.utc)  # noon in Shanghai
ZH = Formatter("zh", "Asia/Shanghai", NOW)
EN = Formatter("en", "Asia/Shanghai", NOW)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(12800, "CNY"), "¥128.00"),
        (Money(1200, "JPY"), "JP¥1,200"),
        (Money(12345, "KWD"), "KWD 12.345"),
        (Money(100000000, "CNY"), "¥1,000,000.00"),
        (Money(5, "USD"), "US$0.05"),
    ],
)
def test_money_has_the_currencys_own_places(money, text):
    assert ZH.money(money) == text
    assert EN.money(money) == text


def test_an_unknown_currency_is_not_formatted():
    with pytest.raises(ValueError, match="XXQ"):
        ZH.money(Money(1, "XXQ"))


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("128", "CNY", 12800), ("128.5", "CNY", 12850), ("1200", "JPY", 1200), ("12.345", "KWD", 12345)],
)
def test_said_amounts_become_minor_units(amount, currency, minor):
    assert to_minor(amount, currency) == minor


def test_more_places_than_the_currency_has_fit_nothing():
    assert to_minor("128.5", "JPY") is None
    assert to_minor("1", "XXQ") is None


def test_a_promise_is_in_hours():
    assert ZH.hours(timedelta(hours=24)) == "24 小时"
    assert EN.hours(timedelta(days=2)) == "48 hours"


def test_near_days_are_named_in_the_customers_zone():
    before_midnight = datetime(2026, 11, 23, 15, 59, tzinfo=timezone.utc)
    after_midnight = datetime(2026, 11, 23, 16, 0, tzinfo=timezone.utc)
    assert ZH.time(before_midnight) == "昨天 23:59"
    assert ZH.time(after_midnight) == "今天 00:00"
    assert EN.time(before_midnight) == "yesterday at 23:59"
    assert Formatter("en", "Europe/London", NOW).time(after_midnight) == "yesterday at 16:00"


def test_far_days_have_a_date_and_other_years_a_year():
    assert ZH.time(NOW - timedelta(days=20)) == "11月4日 12:00"
    assert ZH.time(NOW - timedelta(days=400)) == "2025年10月20日 12:00"
    assert EN.time(NOW - timedelta(days=20)) == "4 Nov at 12:00"


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(hours=5, minutes=12), "5小时12分钟", "5 hours 12 minutes"),
        (timedelta(days=3, hours=4, minutes=50), "3天4小时", "3 days 4 hours"),
        (timedelta(hours=1), "1小时", "1 hour"),
        (timedelta(seconds=20), "1分钟", "1 minute"),
    ],
)
def test_durations_name_the_two_largest_units(length, zh, en):
    assert ZH.duration(length) == zh
    assert EN.duration(length) == en


def test_a_card_shows_its_last_four_digits_only():
    card = Method(MethodKind.BANK_CARD, bank="招商银行", last4="1234")
    assert ZH.method(card) == "招商银行 **** 1234"
    assert EN.method(Method(MethodKind.BALANCE)) == "wallet balance"
