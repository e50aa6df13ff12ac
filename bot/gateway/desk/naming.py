"""Customers' names and ids as agents see them: enough to talk to them, too little to find them elsewhere."""

from __future__ import annotations

import re

_HAN = re.compile(r"[\u3400-\u9fff]")
_TWO_CHARACTER_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 司徒 令狐 端木 南宫 夏侯 宇文 长孙 歐陽 司馬 諸葛".split()
)


def masked_name(name: str | None) -> str | None:
    """林伟 → 林*, 欧阳娜娜 → 欧阳**, Anna Lee → Anna L.; None for none."""
    name = (name or "").strip()
    if not name:
        return None
    if _HAN.match(name):
        surname = _surname(name)
        return surname + "*" * max(1, min(len(name) - len(surname), 3))
    first, *rest = name.split()
    return f"{first[:20]} {rest[-1][0]}." if rest else (first if len(first) <= 20 else f"{first[:1]}***")


def form_of_address(name: str | None, language: str) -> str | None:
    """How a letter begins: 林先生/女士, Anna; None where that cannot be said."""
    name = (name or "").strip()
    if not name:
        return None
    if _HAN.match(name):
        return f"{_surname(name)}先生/女士" if language == "zh" else None
    return name.split()[0][:20]


def masked_id(customer_id: str | None) -> str | None:
    """cust_alice_0042 → cu***42; None for none."""
    if not customer_id:
        return None
    return f"{customer_id[:2]}***{customer_id[-2:]}" if len(customer_id) > 6 else "***"


def _surname(name: str) -> str:
    return name[:2] if name[:2] in _TWO_CHARACTER_SURNAMES and len(name) > 2 else name[:1]
