"""What customers write, to values: amounts, times, ordinals, order numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.nlu.values import value_of
from bot.nlu.values.numerals import parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一百二十八", 128),
        ("两百", 200),
        ("三千五", 3500),
        ("三千零五", 3005),
        ("一万二", 12000),
        ("十五", 15),
        ("两万三千", 23000),
        ("一二八", 128),
        ("三点五", "3.5"),
        ("一百零八", 108),
        ("二百五", 250),
        ("一亿", 100_000_000),
        ("1.2万", 12000),
        ("3k", 3000),
        ("1,234.50", "1234.50"),
        ("5百", 500),
        ("twenty", 20),
        ("twenty-five", 25),
        ("a hundred", 100),
        ("two hundred and fifty", 250),
        ("three thousand two hundred", 3200),
        ("nineteen", 19),
    ],
)
def test_numbers(text: str, value: int | str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "星巴克", "twenty coffees", "1,23", "1.2.3", "万"])
def test_no_number(text: str) -> None:
    assert parse_number(text) in (None, 10_000 if text == "万" else None)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("128块", "128", "CNY"),
        ("一百二十八元", "128", "CNY"),
        ("两百块", "200", "CNY"),
        ("¥128", "128", "CNY"),
        ("￥1,000元", "1000", "CNY"),
        ("128 RMB", "128", "CNY"),
        ("128.5", "128.5", None),
        ("1.2万", "12000", None),
        ("三千五", "3500", None),
        ("$20", "20", "USD"),
        ("20 USD", "20", "USD"),
        ("twenty dollars", "20", "USD"),
        ("１２８．５０元", "128.50", "CNY"),
        ("三块五", "3.5", "CNY"),
        ("23块5", "23.5", "CNY"),
        ("两块半", "2.5", "CNY"),
        ("五毛", "0.5", "CNY"),
        ("5块2毛5分", "5.25", "CNY"),
        ("HK$300", "300", "HKD"),
        ("S$18.90", "18.90", "SGD"),
        ("Rs 1,499", "1499", "INR"),
        ("20,000 yen", "20000", "JPY"),
        ("40 quid", "40", "GBP"),
        ("€54.90", "54.90", "EUR"),
        ("45蚊", "45", "HKD"),
        ("320泰铢", "320", "THB"),
        ("99美元", "99", "USD"),
        ("88", "88", None),
        ("1w", "10000", None),
        ("12.345 KWD", "12.345", "KWD"),
        ("128塊", "128", "CNY"),
    ],
)
def test_amounts(text: str, value: str, currency: str | None) -> None:
    assert value_of("amount", text) == {"value": value, "currency": currency}


@pytest.mark.parametrize("text", ["星巴克", "0元", "块", "美元"])
def test_no_amount(text: str) -> None:
    assert value_of("amount", text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("昨天下午三点", {"days_ago": 1, "part": "afternoon", "hour": 15}),
        ("昨天", {"days_ago": 1}),
        ("14号付的", {"day": 14}),
        ("on the 14th", {"day": 14}),
        ("half hour ago", {"minutes_ago": 30}),
        ("前天", {"days_ago": 2}),
        ("大前天", {"days_ago": 3}),
        ("刚才", {"minutes_ago": 30}),
        ("just now", {"minutes_ago": 30}),
        ("半小时前", {"minutes_ago": 30}),
        ("一个半小时前", {"minutes_ago": 90}),
        ("10分钟前", {"minutes_ago": 10}),
        ("two hours ago", {"hours_ago": 2}),
        ("an hour ago", {"hours_ago": 1}),
        ("3天前", {"days_ago": 3}),
        ("a week ago", {"weeks_ago": 1}),
        ("上周五", {"weekday": 4, "weeks_ago": 1}),
        ("周五", {"weekday": 4, "weeks_ago": 0}),
        ("上周五晚上八点", {"weekday": 4, "weeks_ago": 1, "part": "evening", "hour": 20}),
        ("last Friday", {"weekday": 4, "weeks_ago": 1}),
        ("on Sunday", {"weekday": 6, "weeks_ago": 0}),
        ("禮拜天", {"weekday": 6, "weeks_ago": 0}),
        ("上周", {"weeks_ago": 1}),
        ("last week", {"weeks_ago": 1}),
        ("11月3号", {"month": 11, "day": 3}),
        ("十一月三号", {"month": 11, "day": 3}),
        ("11/3", {"month": 11, "day": 3}),
        ("Nov 3", {"month": 11, "day": 3}),
        ("3 Nov", {"month": 11, "day": 3}),
        ("3rd of November", {"month": 11, "day": 3}),
        ("2026-11-03 15:20", {"year": 2026, "month": 11, "day": 3, "hour": 15, "minute": 20}),
        ("2026年11月3日", {"year": 2026, "month": 11, "day": 3}),
        ("November", {"month": 11}),
        ("11月份", {"month": 11}),
        ("今天早上", {"days_ago": 0, "part": "morning"}),
        ("this morning", {"days_ago": 0, "part": "morning"}),
        ("last night", {"days_ago": 1, "part": "night"}),
        ("昨晚", {"days_ago": 1, "part": "night"}),
        ("昨晚十二点", {"days_ago": 1, "part": "night", "hour": 23, "minute": 59}),
        ("凌晨两点", {"part": "early", "hour": 2}),
        ("中午12点半", {"part": "noon", "hour": 12, "minute": 30}),
        ("yesterday at around 3:20 pm", {"days_ago": 1, "hour": 15, "minute": 20}),
        ("3pm today", {"hour": 15, "days_ago": 0}),
        ("12am", {"hour": 0}),
        ("Monday morning", {"weekday": 0, "weeks_ago": 0, "part": "morning"}),
        ("上个月", {"months_ago": 1}),
        ("last month", {"months_ago": 1}),
    ],
)
def test_times(text: str, value: dict[str, Any]) -> None:
    assert value_of("date_time", text) == value


@pytest.mark.parametrize("text", ["快一点", "晚上好", "13月40号", "25:70", "black friday", "may I", "三分钟"])
def test_no_time(text: str) -> None:
    assert value_of("date_time", text) is None


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("第二个", 2),
        ("第一笔", 1),
        ("第3条", 3),
        ("最后一个", -1),
        ("倒数第二个", -2),
        ("the second one", 2),
        ("2nd", 2),
        ("last", -1),
        ("the last one", -1),
        ("2", 2),
        ("#3", 3),
        ("number two", 2),
        ("the first payment", 1),
    ],
)
def test_ordinals(text: str, position: int) -> None:
    assert value_of("ordinal", text) == position


def test_order_numbers_lose_their_spaces_only() -> None:
    assert value_of("order_number", "SBX 2026-1122001") == "SBX2026-1122001"


def test_a_label_without_parser_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="merchant has no parser"):
        value_of("merchant", "星巴克")
