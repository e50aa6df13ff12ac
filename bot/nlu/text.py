"""Two views of what a customer typed.

`fold` keeps the length, so that whatever is found in it has the same offsets in the text as typed:
tokenisation and entities work on it. `normalise` may shorten the text and is only ever seen by the
intent classifier's features. No offset map is needed that way.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

_TO_SIMPLIFIED = OpenCC("t2s")

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_SPACES = re.compile(r"\s+")
_REPEATED_MARK = re.compile(rf"([^\w\s{CJK}])(?:\s*\1)+")
_ENDINGS = ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "'s")
_REPEATED_LETTER = re.compile(r"([^\W\d_])\1{2,}")


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    """One character for one character; what would become several stays as it is."""
    for change in (lambda c: unicodedata.normalize("NFKC", c), _TO_SIMPLIFIED.convert, str.lower):
        changed = change(char)
        if len(changed) == 1:
            char = changed
    return char


def fold(text: str) -> str:
    """Full-width to half-width, Traditional to Simplified, upper to lower case; the same length."""
    return "".join(map(_fold_char, text))


def shouting(text: str) -> bool:
    """Whether a sentence is written in capitals throughout, so that capitals say nothing in it."""
    return len(re.findall("[A-Za-z]+", text)) > 2 and not re.search("[a-z]", text)


def normalise(text: str) -> str:
    """The text as the classifier's features see it; offsets into it mean nothing elsewhere.

    NFKC, Simplified, lower case; emoji without skin tones; repeated marks become one (？？？ → ?),
    letters and Chinese characters repeated three times or more become two (soooo → soo, 急急急急 → 急急);
    digits are left alone.
    """
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    text = _TO_SIMPLIFIED.convert(text).lower()
    text = _REPEATED_MARK.sub(r"\1", text)
    text = _REPEATED_LETTER.sub(r"\1\1", text)
    return _SPACES.sub(" ", text).strip()


def stem(word: str) -> str:
    """Cuts the commonest English endings; entity marks and Chinese stay whole."""
    if word.isascii() and len(word) >= 4 and not word.startswith("x"):
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                return word[: -len(ending)]
    return word
