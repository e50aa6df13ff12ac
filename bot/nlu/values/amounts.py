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
    return "|".join(
        re.escape(word) + ("(?![a-z])" if word[-1].isalpha() and word.isascii() else "") for word in ordered
    )


_SYMBOL = rf"(?<![a-z])(?P<symbol>{_alternatives(SYMBOLS)})\s?"
_UNIT = rf"\s?(?P<unit>{_alternatives(UNITS)})"
_ZH_DIGIT = "[\\d一二三四五六七八九]"
_SMALL = rf"(?P<small>(?:{_ZH_DIGIT}(?:毛|角)?(?:{_ZH_DIGIT}分)?|半)(?=$|[^\w]|[的了钱呢吧那啊]))?"
_NUMBER = rf"(?:{SCALED}|{ZH_NUMBER}|{EN_NUMBER})"
_START = r"(?<![\d.a-z几数])"
_END = r"(?![\d]|\.\d)"

_PRICED = re.compile(
    rf"{_SYMBOL}(?P<n1>{SCALED}){_END}(?:{_UNIT.replace('unit', 'unit1')})?"
    rf"|{_START}(?P<n2>{_NUMBER})(?:{_UNIT}){_SMALL}"
    rf"|{_START}(?P<coins>[\d一二两三四五六七八九]+)(?P<coin>毛钱|毛|角钱|分钱)"
)

# What makes a bare number something else than money: a count, a length of time, a code, a version.
_COUNTER = (
    r"(?!\s*(?:次|笔|遍|天|小时|个|分钟|分|秒|回|位|张|号|日|月|年|点|单|条|家|倍|人|周|星期|礼拜|份|杯|件|楼|路|岁|折|成|多|几|度|"
    r"款|级|代|元年|热线|客服|之|把|类|种|层|出头|一样|字|集|部|所|大|来|亿|[%:：/年*-]|[a-z]{0,2}\d|"
    r"(?:g|x|s|m|kg|km|gb|mb|h|hrs?|times?|days?|hours?|minutes?|mins?|secs?|seconds?|weeks?|months?|years?|yrs?|digits?|"
    r"people|ppl|payments|charges|transactions|attempts|tries|am|pm|st|nd|rd|th|different|of|more|separate|"
    r"percent|per cent|"
    r"business|working|plus|letters?|words?|chars?|characters?|orders|cards|steps|things|reasons|tips|ways|men|kids|friends|"
    r"o'?clock|or \d)\b))"
)
_NOT_MONEY_BEFORE = re.compile(
    r"(?:\b(?:version|ver|v|ios|android|iphone|wifi|error|err|code|http|room|flight|bus|gate|table|number|no|top|age|aged|line|"
    r"chapter|level|windows|galaxy|pixel|mi|step|option|since|year|within|under|over|extension|ext|section|act|24|gpt)"
    r"|安卓|版本|系统|代码|错误码|编码|编号|错误|拨打|拨|电话|打|尾号|末尾|后四位|房间|第|卡号|手机号|苹果|华为|小米|型号|满|以内|前|近|超过|几|数|每|"
    r"ending|ending in|ends in|ends|last four|last 4|digits)\W{0,2}(?:is|是|号)?\s?$"
)
_YEAR = re.compile(r"20[12][0-9]")
_ONE_TO_NINE = "一二两三四五六七八九"
_ZH_SPOKEN = (
    rf"(?<![十百千万{_ONE_TO_NINE}几数第])[{_ONE_TO_NINE}](?=[{_ONE_TO_NINE}]*[十百千万])"
    rf"[{_ONE_TO_NINE}十百千万零]+"
)
_BARE = re.compile(
    rf"(?<![\d.,:/*#a-z+_-])(?P<bare>(?=\d\d|\d+[.wk万千]|\d,\d{{3}}){SCALED}|{_ZH_SPOKEN})"
    rf"{_END}(?![,:]\d){_COUNTER}"
)
# One digit is money only right after a verb of paying and before no thing that could be counted.
_BARE_DIGIT = re.compile(
    rf"(?:(?:扣|付|花|充|退|收|转)了|\b(?:paid|charged|refunded|deducted))(?: me)?"
    rf"\s?(?P<bare>[1-9]){_END}(?=\s*(?:$|[,.!?。,!?]|but|and|但|却))"
)
_HOTLINE = re.compile(r"10086|10010|10000|12306|12315|12345|95\d{3}|110|114|120|404|502|503|24")


def find(folded: str) -> Iterator[tuple[int, int]]:
    """Spans of amounts, currency included, in text of `fold`."""
    for match in _PRICED.finditer(folded):
        yield match.span()
    for pattern in (_BARE, _BARE_DIGIT):
        for match in pattern.finditer(folded):
            start, end = match.span("bare")
            if _is_money(folded, start, end):
                yield start, end


def _is_money(folded: str, start: int, end: int) -> bool:
    """Whether a number without a currency is an amount; in talk about payments most are."""
    number, alone = folded[start:end], not folded[:start].strip() + folded[end:].strip()
    if len(re.sub(r"[,.].*", "", number.replace(",", ""))) > 7 or _NOT_MONEY_BEFORE.search(folded[:start]):
        return False
    telling = re.search(
        r"(?:扣|付|花|充|退|收|转|刷|paid|charged|refund|the|for|of)(?:了|款|了我)?\s?$", folded[:start]
    )
    if _HOTLINE.fullmatch(number) or _YEAR.fullmatch(number):
        return bool(telling) and not alone and number != "12306" and "." not in number
    return True


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
