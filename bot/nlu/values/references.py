"""What points at a payment without naming it: order and transaction numbers, ordinals; and what is
wrong with a password. Card and phone numbers are told apart from order numbers and left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.nlu.text import shouting
from bot.nlu.values.numerals import parse_number

# --- order and transaction numbers -------------------------------------------------------------
_NUMBER_WORD = (
    r"(?:订单编?号?|单号|交易流水号?|流水号?|交易编?号|编号|order|transaction|trans|txn|tx|ref(?:erence)?|receipt|trace|payment)"
    r"(?:\s?(?:no|num|number|id|号|ref|code)\b\.?)?\s?(?:号码|是|为|:|#|is|=|,|,)*\s*#?"
)
_MIXED = re.compile(r"(?<![a-z0-9-])[a-z]{1,6}-?(?=(?:[a-z-]*\d){5})[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])")
_AFTER_WORD = re.compile(
    rf"{_NUMBER_WORD}(?P<number>(?=[a-z-]*\d)(?=(?:[a-z-]*\d){{4}})[a-z0-9]+(?:-[a-z0-9]+)*)(?![a-z0-9])"
)
_SPACED = re.compile(r"(?<![a-z0-9])[a-z]{2,5} \d{6,}(?![a-z0-9])")
_LONG = re.compile(r"(?<![\d.a-z*-])\d{8,32}(?![\d.a-z*])")
_PHONE = re.compile(r"1[3-9]\d{9}")
_DATE = re.compile(r"20\d{6}")


def find_order_numbers(folded: str, typed: str) -> Iterator[tuple[int, int]]:
    """Spans of order and transaction numbers in `typed` and its `fold`."""
    for match in _AFTER_WORD.finditer(folded):
        yield match.span("number")
    for match in _MIXED.finditer(folded):
        yield match.span()
    for match in _SPACED.finditer(folded):
        if typed[match.start() :].split(" ")[0].isupper() and not shouting(typed):
            yield match.span()
    for match in _LONG.finditer(folded):
        digits = match.group()
        if not (_PHONE.fullmatch(digits) or _DATE.fullmatch(digits) or 13 <= len(digits) <= 19):
            yield match.span()


def order_number(text: str) -> str | None:
    """The number as typed, without spaces."""
    return re.sub(r"\s+", "", text) or None


# --- ordinals ----------------------------------------------------------------------------------
_EN_ORDINALS = {
    word: position
    for position, words in enumerate(
        [
            "first 1st",
            "second 2nd",
            "third 3rd",
            "fourth 4th",
            "fifth 5th",
            "sixth 6th",
            "seventh 7th",
            "eighth 8th",
        ],
        1,
    )
    for word in words.split()
}
_THING = r"(?:payment|one|charge|transaction|order|purchase|option|item|1)s?\b"
_ZH_THING = r"(?:笔|个|条|单|项|筆|號|号)"
_ORDINALS = [
    re.compile(pattern)
    for pattern in (
        rf"(?<!倒数)第\s?(?P<n>\d{{1,2}}|[一二两三四五六七八九十]+)\s?{_ZH_THING}?(?![\d次天步年周回方八]|一?[次遍回])",
        rf"(?P<last>最后|最末|末尾|最后面)(?:那|的)?一?{_ZH_THING}",
        rf"(?P<n>倒数第[一二三四])一?{_ZH_THING}?",
        rf"\b(?:the )?(?P<en>{'|'.join(_EN_ORDINALS)})(?= {_THING})(?: one\b)?",
        rf"\b(?:the )?(?P<last>last|bottom)(?= {_THING})(?: one\b)?",
        rf"\b(?:the |no,? |said |meant |it'?s |pick |choose )(?P<en>{'|'.join(_EN_ORDINALS)})"
        r"(?! \w*(?:time|thing|half|place|try|day|week|month|attempt|step|of all))\b",
        rf"^\W*(?P<en>{'|'.join(_EN_ORDINALS)}) (?:please|pls|on the list)",
        r"(?:\b(?:choose|select|pick|take) |[选選]\s?)(?P<n>\d)\b",
        rf"\b(?:the )?(?P<top>top)(?= {_THING})(?: one\b)?",
        r"(?:\b(?:number|option|no\.?|choice|item)|(?<!\w)#) ?(?P<n>\d|one|two|three|four|five)\b(?!\s?\d)",
        r"^\s*#?(?P<n>[1-9])\s*[.。、)号!]?\s*$",
        r"^\s*(?P<n>[一二三四五六七八九])\s*[.。、!]?\s*$",
        rf"^\W*(?:the )?(?P<en>{'|'.join(_EN_ORDINALS)})\W*(?:please|pls)?\W*$",
        r"^\W*(?:the )?(?P<last>last|latter)\W*(?:please|pls|one)?\W*$",
    )
]


def find_ordinals(folded: str) -> Iterator[tuple[int, int]]:
    """Spans of ordinals that choose among offered payments, in text of `fold`."""
    for pattern in _ORDINALS:
        for match in pattern.finditer(folded):
            group = next((name for name in ("n", "en", "last") if match.groupdict().get(name)), None)
            whole = match.group().strip(" .。、)!,")
            if group == "en" and not whole.startswith(("the", match[group])):
                whole = match[group]
            if group == "n" and re.match(r"choose|select|pick|take|[选選]", whole):
                whole = match[group]
            whole = re.sub(r"\W*(?:please|pls|on the list)$", "", whole)
            start = match.start() + match.group().index(whole)
            yield start, start + len(whole)


def parse_ordinal(folded: str) -> int | None:
    """A position counted from 1; −1 is the last; None when the text has none."""
    text = folded.strip()
    if re.search(r"最后|最末|末尾|\blast\b|\bbottom\b|\blatter\b", text):
        return -1
    from_end = re.search(r"倒数第([一二三四])", text)
    if from_end:
        return -"_一二三四".index(from_end[1])
    if re.search(r"\btop\b", text):
        return 1
    for word in re.findall(r"[a-z]+|\d+(?:st|nd|rd|th)?|[一二两三四五六七八九十]+", text):
        if word in _EN_ORDINALS:
            return _EN_ORDINALS[word]
        value = (
            parse_number(word)
            if word not in ("a", "an", "one") or text.startswith(("number", "option"))
            else None
        )
        if value is not None and value > 0:
            return int(value)
    return None


# --- passwords ---------------------------------------------------------------------------------
_PASSWORD = re.compile(
    r"密码|密玛|蜜码|mima|\bpass ?words?\b|\bpass ?codes?\b|\bpins?\b|\bpwd\b|\bpw\b|\bpasswrd\b|\bpaswo?rd\b"
)
_ACCOUNT = re.compile(
    r"账户|账号|帐号|帐户|钱包|手机|\bacc(?:ount|t)?s?\b|\bwallet\b|\bphone\b|gmail|微信|wifi"
)
_FORGOTTEN = re.compile(
    r"忘记|忘掉|忘光|忘了|忘|想不起来?|不记得|记不得|记不起来?|记不住|唔记得"
    r"|\bforgot(?:ten)?\b|\bforget\b(?! (?:it|about|that))|\bforgt\b|\b4got\b|\bforgoten\b"
    r"|(?:can'?t|cannot|don'?t|do not|didn'?t) remember\b|\bno idea what\b"
)
_LOCKED = re.compile(
    r"被锁定|被锁(?!住)|锁住|锁定|锁死|(?<![解加])锁了|\block(?:ed|d)(?: me)?(?: out)?\b|\bblocked\b"
)


def find_password_issues(folded: str) -> Iterator[tuple[int, int, str]]:
    """Spans of "forgotten" and "locked", only where the talk is of a password or is that short."""
    if not _PASSWORD.search(folded) and (len(folded) > 14 or _ACCOUNT.search(folded)):
        return
    for pattern, value in ((_FORGOTTEN, "forgotten"), (_LOCKED, "locked")):
        for match in pattern.finditer(folded):
            yield *match.span(), value
