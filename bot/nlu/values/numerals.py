"""Numbers as people write them, Chinese, English or in digits, to `Decimal`."""

from __future__ import annotations

import re
from decimal import Decimal

_ZH_DIGITS = {**{c: i for i, c in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2, "俩": 2, "仨": 3}
_ZH_UNITS = {"十": 10, "百": 100, "千": 1000}
_ZH_SECTIONS = {"万": 10_000, "亿": 100_000_000}

_EN_SMALL = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {"a": 1, "an": 1, "fourty": 40}
_EN_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}
_EN_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000}

ZH_NUMBER = r"[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?"
_EN_WORD = "|".join(sorted({*_EN_SMALL, *_EN_TENS, *_EN_SCALES} - {"a", "an"}, key=lambda word: -len(word)))
EN_NUMBER = (
    rf"\b(?:(?:{_EN_WORD})\b|an?[ -](?=(?:hundred|thousand|million)\b))(?:[ -]?(?:and )?(?:{_EN_WORD})\b)*"
)
DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
SCALED = rf"{DIGITS}(?: ?[万千百亿]|[wk](?![a-z]))?"

_SCALE_MARKS = {"万": 10_000, "w": 10_000, "千": 1000, "k": 1000, "百": 100, "亿": 100_000_000}


def parse_number(text: str) -> Decimal | None:
    """The value of a number in folded text: 1,000 · 1.2万 · 3k · 一百二十八 · 三千五 · twenty-five.

    None when it is not a number. A trailing Chinese digit counts for the next lower place, as spoken
    (三千五 = 3500, 一万二 = 12000), unless 零 comes before it (三千零五 = 3005).
    """
    text = text.strip()
    if re.fullmatch(SCALED, text):
        value = Decimal(text.rstrip("万千百亿wk ").replace(",", ""))
        if text[-1] in _SCALE_MARKS:  # the places of 1.2万 are no small change
            value = (value * _SCALE_MARKS[text[-1]]).normalize()
        return value
    if re.fullmatch(ZH_NUMBER, text):
        return _chinese(text)
    return _english(text)


def _chinese(text: str) -> Decimal | None:
    whole, _, fraction = text.partition("点")
    if all(char in _ZH_DIGITS for char in whole):  # read out digit by digit: 一二八
        value = Decimal("".join(str(_ZH_DIGITS[char]) for char in whole))
    else:
        value = _chinese_whole(whole)
    if fraction:
        value += Decimal("0." + "".join(str(_ZH_DIGITS[char]) for char in fraction))
    return value


def _chinese_whole(text: str) -> Decimal:
    total = section = digit = 0
    last_unit, zero_before = 1, False
    for char in text:
        if char in _ZH_DIGITS:
            digit = _ZH_DIGITS[char]
            zero_before = zero_before or digit == 0
        elif char in _ZH_UNITS:
            last_unit = _ZH_UNITS[char]
            section += (digit or 1) * last_unit
            digit, zero_before = 0, False
        else:
            last_unit = _ZH_SECTIONS[char]
            total = (total + section + digit or 1) * last_unit
            section, digit, zero_before = 0, 0, False
    spoken_short = digit and last_unit > 10 and not zero_before
    return Decimal(total + section + digit * (last_unit // 10 if spoken_short else 1))


def _english(text: str) -> Decimal | None:
    words = [word for word in re.split(r"[\s-]+", text) if word != "and"]
    total = current = 0
    for word in words:
        if word in _EN_SMALL:
            current += _EN_SMALL[word]
        elif word in _EN_TENS:
            current += _EN_TENS[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in _EN_SCALES:
            total += (current or 1) * _EN_SCALES[word]
            current = 0
        else:
            return None
    return Decimal(total + current) if words else None
