"""Takes card numbers, passwords and one-time codes out of what a customer typed.

Runs before the text is stored, logged or sent anywhere. Sources: PCI DSS 3.3 (no CVV, PIN or
track data kept, even encrypted), 3.4 (a card number shows its last four digits at most) and
4.2 (no card number through chat). Better one word too many masked than one secret stored,
but a question about passwords ("密码忘了", "my password is locked") must stay readable.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

HIDDEN = "****"

Span = tuple[int, int, str]


@dataclass(frozen=True)
class Masked:
    """The safe text, and whether anything was taken out of it."""

    text: str
    found: bool


def mask(text: str) -> Masked:
    """Replaces card numbers by `**** 1234` and secrets that follow a cue by `****`."""
    folded = _fold(text)
    spans = sorted([*_cards(folded), *_secrets(folded)])
    parts, end = [], 0
    for start, stop, replacement in spans:
        if start < end:  # inside what is already hidden
            continue
        parts += [text[end:start], replacement]
        end = stop
    parts.append(text[end:])
    return Masked("".join(parts), bool(spans))


CHINESE_DIGITS = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"


def _fold(text: str) -> str:
    """The text in half-width lower case with plain digits, every character in its place."""

    def one(char: str) -> str:
        digit = unicodedata.digit(char, None)
        if digit is not None:
            return str(digit)
        narrow = unicodedata.normalize("NFKC", char)
        lower = narrow.lower() if len(narrow) == 1 else char
        return lower if len(lower) == 1 else char

    return "".join(map(one, text)).translate(CHINESE_DIGITS)


# --- card numbers -----------------------------------------------------------------------------

SEPARATOR = rf"[\s{INVISIBLE}·•.,,、_/*—–-]{{1,3}}"
GROUPS = re.compile(rf"\d+(?:{SEPARATOR}\d+)*")
# Visa, Mastercard, Amex, Diners, JCB, Discover, UnionPay, Maestro, Mir, older Chinese debit cards.
ISSUER = re.compile(r"4|5[0-8]|2(?:2[2-9]|[3-6]|7[01]|720|20[0-4])|3(?:0[0-5]|[4-9])|6|81|9558")
CARD_WORD = re.compile(r"(?:card|visa|master|mastercard|amex|unionpay|jcb|debit|credit|pan|no|number|is)$")


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _cards(folded: str) -> list[Span]:
    spans: list[Span] = []
    for run in GROUPS.finditer(folded):
        groups = [
            (m.start() + run.start(), m.end() + run.start())
            for m in re.finditer(r"\d+", run.group())
            if _stands_alone(folded, m.start() + run.start(), m.end() + run.start())
        ]
        first = 0
        while first < len(groups):
            last = _longest_card(folded, groups, first)
            if last is None:
                first += 1
                continue
            start, stop = groups[first][0], groups[last][1]
            digits = re.sub(r"\D", "", folded[start:stop])
            spans.append((start, stop, f"{HIDDEN} {digits[-4:]}"))
            first = last + 1
    return spans


def _stands_alone(folded: str, start: int, stop: int) -> bool:
    """Digits that are part of an order number such as A4111… are none of a card's."""
    if stop < len(folded) and folded[stop].isascii() and folded[stop].isalpha():
        return False
    before = re.search(r"[a-z]+$", folded[:start])
    return before is None or CARD_WORD.search(before.group()) is not None


def _longest_card(folded: str, groups: list[tuple[int, int]], first: int) -> int | None:
    digits, found = "", None
    for last in range(first, len(groups)):
        start, stop = groups[last]
        digits += folded[start:stop]
        if len(digits) > 19:
            break
        if len(digits) >= 13 and ISSUER.match(digits) and _luhn(digits):
            found = last
    return found


# --- secrets after a cue ----------------------------------------------------------------------

SPACE = rf"[\s{INVISIBLE}]"
QUOTE = r"[\"'“”‘’「『《(\[(【<]"
CUE_WORD = (
    r"(?:(?:支付|登[录錄]|交易|取款|提现|银行卡?|[锁鎖]屏)?(?:密[码碼]|口令)|"
    r"(?<![a-z])(?:pass ?(?:word|code|phrase)|pwd|psw))"
)
CODE_NAME = (
    r"one[- ]?time|verification|verify|security|auth(?:entication|orization)?|login|sms|text|2fa|confirmation"
)
CUE_CODE = (
    r"(?:(?:短信|手机)?(?:[验驗][证證証][码碼]|校[验驗][码碼]|[动動][态態](?:[码碼]|口令)|短信[码碼]|"
    r"安全[码碼]|授[权權][码碼])|"
    rf"(?<![a-z])(?:pin|otp|cvv2?|cvc2?|cvn2?|(?:{CODE_NAME}) ?(?:pass)?(?:code|pin|password)|"
    r"(?:my|the|this) code)(?:码|碼| ?(?:code|number|no\.?)(?![a-z]))?(?![a-z]))"
)
# Words that may stand between a cue and its secret without changing what is meant.
JOIN_ZH = (
    r"就是|改成了?|改为|設成|设成|设为|设置[成为]|发来|发给你|告诉你|收到|写着|显示|好像|应该|"
    r"[是为為叫填输写我您你给的了刚上就号]"
)
JOIN_EN = (
    r"(?:is|was|are|to|it|it's|i|we|you|they|got|get|received|sent|me|that|just|says?|number|by|via|for|my|"
    r"reads?|here|set|changed|using|use|used|entered|typed|=|->)(?![a-z])"
)
JOIN = rf"(?:{SPACE}|[::==,,~>-]|{QUOTE}|{JOIN_ZH}|{JOIN_EN})"
IS_ZH = r"就是|改成了?|改为|设[成为]|设置[成为]|[是为為叫]"
STATED = rf"(?:{SPACE}*(?:{IS_ZH}|(?:is|was|to|are|=)(?![a-z])|[::==]|->){SPACE}*)+"
# What a number that is no secret is followed by: "密码错了3次", "a 6-digit code", "等60秒".
UNIT = (
    rf"(?!{SPACE}*-?(?:[年月日号次分秒位个個块塊元点點天遍条笔毛角%]|小时|分钟|rmb|cny|usd|yuan|"
    r"(?:times?|digits?|char|minutes?|mins?|seconds?|secs?|hours?|days?|attempts?|tries|letters?|dollars?)(?![a-z])))"
)
DIGITS = rf"\d(?:[\s{INVISIBLE}-]?\d){{2,9}}(?![\d.]\d|\d){UNIT}"
WORD = r"[!-~]{3,200}(?![!-~])"

CODE_AFTER = re.compile(rf"{CUE_CODE}{JOIN}{{0,12}}(?P<secret>{DIGITS})")
PASSWORD_STATED = re.compile(rf"{CUE_WORD}{STATED}{QUOTE}?(?P<secret>{WORD}){UNIT}")
PASSWORD_AFTER = re.compile(rf"{CUE_WORD}{JOIN}{{0,12}}(?P<secret>(?=[!-~]*\d)[!-~]{{4,64}}){UNIT}")
PASSWORD_SPACED = re.compile(rf"{CUE_WORD}{JOIN}{{0,12}}(?P<secret>{DIGITS})")
BEFORE = re.compile(
    rf"(?<![!-~])(?P<secret>(?=[!-~]*\d)[!-~]{{4,64}}?|\d{{3,4}}){SPACE}*(?:就?是|is){SPACE}*"
    rf"(?:我|您|你|的|那个|收到|my|the|your|{SPACE}){{0,6}}(?:{CUE_WORD}|{CUE_CODE})"
)

# What people say about a password rather than what it is.
ABOUT_PASSWORDS = (
    "a about again all already also always an and any app as asking at bad because blank broken but by can "
    "cannot code correct even fine for forgot forgotten frozen gone good hard hidden how i in incorrect "
    "invalid it it's just late less long lost me mine more must my never new no none not now of off ok okay "
    "old on only or otp out over page password pin please problem really right safe same secure set "
    "setting settings short should simple so still strong stuck that that's the their then there they this "
    "to too true unable unknown unsafe up very weak well what what's when where which why with wrong you "
    "your alipay wechat zero"
)
NOT_A_PASSWORD = frozenset(ABOUT_PASSWORDS.split())
NOT_A_PASSWORD_END = re.compile(r"(?:ed|ing|n't|able|ible|ly)$")


def _secrets(folded: str) -> list[Span]:
    spans: list[Span] = []
    for pattern in (CODE_AFTER, PASSWORD_SPACED, PASSWORD_AFTER, BEFORE):
        spans += [(*_trim(folded, *m.span("secret")), HIDDEN) for m in pattern.finditer(folded)]
    for m in PASSWORD_STATED.finditer(folded):
        start, stop = _trim(folded, *m.span("secret"))
        word = folded[start:stop]
        if word.isalpha() and (word in NOT_A_PASSWORD or NOT_A_PASSWORD_END.search(word)):
            continue
        if len(word) >= 3 and any(c.isalnum() for c in word):
            spans.append((start, stop, HIDDEN))
    return spans


def _trim(folded: str, start: int, stop: int) -> tuple[int, int]:
    """Leaves out the punctuation of the sentence around a secret."""
    while stop > start and folded[stop - 1] in ".,;!?'\")]}>":
        stop -= 1
    while start < stop and folded[start] in "'\"([{<":
        start += 1
    return start, stop
