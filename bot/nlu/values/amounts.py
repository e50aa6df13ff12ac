"""Amounts of money: 128块 · 一百二十八元 · ￥1,000元 · $20 · twenty dollars · "the 88 one".

`find` works on folded text (`bot.nlu.text.fold`). A number without a currency counts as an amount
only where the words around it say so; everything else (dates, counts, order numbers) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from bot.nlu.values.currencies import SYMBOLS, UNITS
from bot.nlu.values.numerals import EN_NUMBER, SCALED, ZH_NUMBER, parse_number


def _alternatives(words: dict[str, str]) -> str:
    """Longest first; a Latin word must end where the match ends."""
    ordered = sorted(words, key=lambda word: -len(word))
    return "|".join(re.escape(word) + ("(?![a-z])" if word[-1].isalpha() and word.isascii() else "") for word in ordered)


_SYMBOL = rf"(?<![a-z])(?P<symbol>{_alternatives(SYMBOLS)})\s?"
_UNIT = rf"\s?(?P<unit>{_alternatives(UNITS)})"
_SMALL = r"(?P<small>(?:[\d一二三四五六七八九](?:毛|角)?(?:[\d一二三四五六七八九]分)?|半)(?![\d一二三四五六七八九十百千万个次笔天号点.]))?"
_NUMBER = rf"(?:{SCALED}|{ZH_NUMBER}|{EN_NUMBER})"
_START = r"(?<![\d.a-z几数])"
_END = r"(?![\d]|\.\d)"

_PRICED = re.compile(
    rf"{_SYMBOL}(?P<n1>{SCALED}){_END}(?:{_UNIT.replace('unit', 'unit1')})?"
    rf"|{_START}(?P<n2>{_NUMBER})(?:{_UNIT}){_SMALL}"
    rf"|{_START}(?P<coins>[\d一二两三四五六七八九]+)(?P<coin>毛钱|毛|角钱|分钱)"
)

_COUNTER = (
    r"(?!\s*(?:次|笔|遍|天|小时|个|分钟|分|秒|回|位|张|号|日|月|年|点|单|条|家|倍|人|周|星期|礼拜|份|杯|件|楼|路|岁|g\b|折|成|多|几|"
    r"[%:：/年-]|x\b|(?:times?|days?|hours?|hrs?|h|minutes?|mins?|weeks?|months?|years?|digits?|people|payments|"
    r"charges|transactions|attempts|am|pm|st|nd|rd|th|different|of|more|separate|or)\b))"
)
_BARE = rf"(?P<bare>{SCALED}|[一二两三四五六七八九]?(?=[一二两三四五六七八九十]*[十百千万])[一二两三四五六七八九十百千万零]{{2,}}){_END}{_COUNTER}"
_BARE_PLACES = [
    re.compile(pattern.replace("BARE", _BARE))
    for pattern in (
        # 扣了128 · 充值200 · 是88那笔
        r"(?:扣款?|付款?|花|转账?|充值?|退款?|收|买|支付|付费|金额|价格|少|交|消费|提现|还|给|冻结|差|剩|只有|要|才|打)"
        r"(?:了我?|的?是|我|掉|过|走|去|到|成|为|:)*\s?BARE",
        r"是\s?(?=\d\d|[一二两三四五六七八九十百千万零]{2})BARE",
        # charged 128 · a payment of 50
        r"\b(?:paid|pay|charged|charge|costs?|amount|for|of|deducted|took|taken|sent|send|transferr?e?d?|spent|refund|"
        r"topped up|top up|debited|received|was|add|added|minus|about|around|exactly|withdraw|missing)"
        r"(?: me| is| was| of| for| twice| another)*\s(?=\d\d|\d+\.\d)BARE(?!\s?[a-z]*(?:card|order))",
        # 88那笔 · 128的那个 · the 88 one
        r"(?<![\d.第])BARE(?=\s?的?(?:那|这|哪|嗰)(?:一?[笔个单次]))",
        r"(?<![\d.])(?=\d\d|\d+\.\d)BARE(?=\s?的(?:订单|付款|交易|支付|咖啡|外卖|退款))",
        r"\bthe (?=\d\d|\d+\.\d)BARE(?=(?: \w+)? (?:one|payment|charge|order|transaction|purchase)\b)",
        # a price as such: 128.5
        r"(?<![\d.a-z/:-])(?=\d{1,6}\.\d{1,2}(?![\d%./]))BARE(?!\s?(?:版|系统|ios|gb?\b|mb?\b))",
        # nothing but a number; one digit is a choice among what was offered
        r"^\s*(?=\d\d|[一二两三四五六七八九十百千万零]{2})BARE(?=\s*[。.!?的吧啊呢]*\s*$)",
    )
]
_VERSION = re.compile(r"(?:version|ver|app|ios|android|安卓|版本|系统|v|wifi)\s?(?:是|号|:)?\s*$")


def find(folded: str) -> Iterator[tuple[int, int]]:
    """Spans of amounts, currency included, in text of `fold`."""
    for match in _PRICED.finditer(folded):
        yield match.span()
    for place in _BARE_PLACES:
        for match in place.finditer(folded):
            start, end = match.span("bare")
            digits = folded[start:end].replace(",", "")
            if len(digits.split(".")[0]) > 7 or _VERSION.search(folded[:start]):
                continue  # an order number, an app version
            yield start, end


def parse(folded: str) -> dict[str, str | None] | None:
    """{"value": decimal string in major units, "currency": ISO 4217 or None}, or None if no amount.

    The string has decimals only when they were said ("128块" → "128", "128.50" → "128.50"), so that a
    reader can tell a rounded figure from an exact one.
    """
    text = folded.strip()
    priced = _PRICED.fullmatch(text)
    if priced is None:
        return _amount(parse_number(text), None)
    if priced["coins"]:
        coins = parse_number(priced["coins"])
        step = Decimal("0.01") if priced["coin"].startswith("分") else Decimal("0.1")
        return _amount(coins * step if coins is not None else None, "CNY")
    if priced["symbol"]:
        unit = priced["unit1"]
        code = UNITS[unit] if unit else SYMBOLS[priced["symbol"]]
        if priced["symbol"] == "¥" and unit is None:
            code = "CNY"
        return _amount(parse_number(priced["n1"]), code)
    value = parse_number(priced["n2"])
    if value is not None and priced["small"]:
        value += _small_change(priced["small"])
    return _amount(value, UNITS[priced["unit"]])


def _small_change(text: str) -> Decimal:
    """三块五 → 0.5; 五块二毛五分 → 0.25; 两块半 → 0.5."""
    if text == "半":
        return Decimal("0.5")
    digits = [parse_number(char) or Decimal(0) for char in text if char not in "毛角分"]
    return sum((digit / 10**place for place, digit in enumerate(digits, 1)), Decimal(0))


def _amount(value: Decimal | None, currency: str | None) -> dict[str, str | None] | None:
    if value is None or value <= 0:
        return None
    return {"value": format(value, "f"), "currency": currency}

