"""Entities in whole sentences: what is found, what is left alone, who wins when two want the same words."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from bot.nlu.finders import find_entities
from bot.nlu.gazetteer import Gazetteer

GAZETTEER = Gazetteer.from_lookups()


def found(text: str) -> list[tuple[str, str, Any]]:
    """(label, words as typed, value) of each entity."""
    return [(f.label, text[f.start : f.end], f.value) for f in find_entities(text, GAZETTEER)]


def labels(text: str) -> list[str]:
    return [label for label, _, _ in found(text)]


def test_a_customers_first_sentence_in_chinese() -> None:
    assert found("我昨天下午三点在星巴克付了128块,钱被扣了") == [
        ("date_time", "昨天下午三点", {"days_ago": 1, "part": "afternoon", "hour": 15}),
        ("merchant", "星巴克", "星巴克"),
        ("amount", "128块", {"value": "128", "currency": "CNY"}),
    ]


def test_a_customers_first_sentence_in_english() -> None:
    assert found("my payment of $45.20 to Starbucks failed yesterday") == [
        ("amount", "$45.20", {"value": "45.20", "currency": "USD"}),
        ("merchant", "Starbucks", "Starbucks"),
        ("date_time", "yesterday", {"days_ago": 1}),
    ]


def test_offsets_are_those_of_the_text_as_typed() -> None:
    assert found("我昨天在Ｓｔａｒｂｕｃｋｓ扣了￥１,０００元，密碼忘了 🙏🏽")[1:3] == [
        ("merchant", "Ｓｔａｒｂｕｃｋｓ", "Starbucks"),
        ("amount", "￥１,０００元", {"value": "1000", "currency": "CNY"}),
    ]


@pytest.mark.parametrize(
    "text", ["不是这笔,是88那笔", "the 88 one", "扣了88", "charged me 88 for nothing", "88"]
)
def test_a_bare_number_is_an_amount_where_a_payment_is_meant(text: str) -> None:
    assert [v for label, _, v in found(text) if label == "amount"] == [{"value": "88", "currency": None}]


@pytest.mark.parametrize(
    "text",
    [
        "扣了两次",
        "charged 2 times",
        "等了24小时",
        "waited 30 minutes",
        "app版本8.2.1",
        "version 3.14",
        "error 51",
        "打10086",
        "3个人",
        "尾号6789",
        "card ending 1234",
        "iphone 15",
        "快一点",
        "百度一下",
        "千万别",
        "十分着急",
        "24/7",
    ],
)
def test_other_numbers_are_no_amounts(text: str) -> None:
    assert "amount" not in labels(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("订单号SBX20261122001没到", "SBX20261122001"),
        ("order AMZ-7741920 failed", "AMZ-7741920"),
        ("查一下 SBX 20261122001", "SBX20261122001"),
        ("流水号202611228801", "202611228801"),
        ("transaction no. 8820017345", "8820017345"),
    ],
)
def test_order_numbers(text: str, number: str) -> None:
    assert [value for label, _, value in found(text) if label == "order_number"] == [number]


@pytest.mark.parametrize(
    "text", ["6222021234567890123", "4111 1111 1111 1111扣了", "my card 4111-1111-1111-1111", "13812345678"]
)
def test_card_and_phone_numbers_are_nothing(text: str) -> None:
    assert not {"order_number", "amount"} & set(labels(text))


@pytest.mark.parametrize(
    ("text", "merchant"),
    [
        ("在老王牛肉面馆付款失败", "老王牛肉面馆"),
        ("paid at Lucky Noodle House yesterday", "Lucky Noodle House"),
        ("Priya Sweets got paid double", "Priya Sweets"),
        ("mcdonalds took it twice", "McDonald's"),
        ("瑞幸那笔", "瑞幸咖啡"),
        ("Uber", "Uber"),
    ],
)
def test_merchants_known_and_unknown(text: str, merchant: str) -> None:
    assert [value for label, _, value in found(text) if label == "merchant"] == [merchant]


@pytest.mark.parametrize(
    "text",
    [
        "在手机上付款",
        "在网上买的",
        "在超市买东西",
        "我们全家都用",
        "do i need to switch it on",
        "给朋友转账",
        "WHY IS IT DECLINED",
        "在日本付款",
        "at the shop",
        "to My Account",
        "存在异常交易",
    ],
)
def test_what_is_no_merchant(text: str) -> None:
    assert "merchant" not in labels(text)


def test_a_country_code_needs_capitals() -> None:
    assert found("can you help us in the US") == [("country", "US", "US")]
    assert labels("HELP US NOW PLEASE") == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("用余额付的", "balance"),
        ("paid with my balance", "balance"),
        ("信用卡付不了", "bank_card"),
        ("my card was refused", "bank_card"),
        ("花呗", "credit_line"),
        ("used pay later? no, credit line", "credit_line"),
    ],
)
def test_payment_methods(text: str, kind: str) -> None:
    assert kind in [value for label, _, value in found(text) if label == "payment_method"]


@pytest.mark.parametrize("text", ["余额不足", "我的余额多少", "可用余额", "what's my balance", "gift card"])
def test_a_balance_to_look_up_is_no_payment_method(text: str) -> None:
    assert "payment_method" not in labels(text)


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("支付密碼忘了", "forgotten"),
        ("i forgot my pin", "forgotten"),
        ("密码被锁了", "locked"),
        ("password locked", "locked"),
        ("忘了", "forgotten"),
    ],
)
def test_password_issues(text: str, issue: str) -> None:
    assert [value for label, _, value in found(text) if label == "password_issue"] == [issue]


@pytest.mark.parametrize(
    "text", ["我的账户被锁了", "怎么解锁密码", "forget it", "别忘了把昨天那笔两百块的退款打给我"]
)
def test_no_password_issue(text: str) -> None:
    assert "password_issue" not in labels(text)


def test_the_longest_wins() -> None:
    assert labels("20美元") == ["amount"]  # not a number and a currency
    assert found("7-11那笔")[0][:2] == ("merchant", "7-11")  # not 7 November
    assert labels("2026年11月20号") == ["date_time"]


def test_entities_never_overlap() -> None:
    text = "第二笔11月3号在7-11用USD信用卡付了20美元给Booking.com订单TX-99310445"
    spans = [(f.start, f.end) for f in find_entities(text, GAZETTEER)]
    assert spans == sorted(spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
