"""Values as a customer reads them: money, times, durations and names, in their language and zone.

Words only, no sentences: those stand in `domain.yml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision, is_currency
from babel.units import format_unit

from actions.diagnosis.facts import Account, Merchant, Method, MethodKind, Money

_METHODS = {
    "zh": {MethodKind.BALANCE: "余额", MethodKind.BANK_CARD: "银行卡", MethodKind.CREDIT_LINE: "信用支付"},
    "en": {
        MethodKind.BALANCE: "wallet balance",
        MethodKind.BANK_CARD: "bank card",
        MethodKind.CREDIT_LINE: "credit line",
    },
}
# Words for states, as they stand in evidence.
_WORDS = {
    "created": ("已发起,还没有付款", "started, not paid"),
    "authenticating": ("等待验证", "waiting for confirmation"),
    "processing": ("处理中", "being processed"),
    "unknown": ("结果未知", "outcome not known"),
    "authorized": ("已预授权", "authorised, not taken"),
    "captured": ("已支付", "paid"),
    "partially_refunded": ("部分退款", "refunded in part"),
    "refunded": ("已退款", "refunded"),
    "disputed": ("争议处理中", "in dispute"),
    "failed": ("失败", "failed"),
    "reversing": ("退回中", "being returned"),
    "reversed": ("已退回", "returned"),
    "voided": ("已撤销", "cancelled, hold released"),
    "auth_expired": ("预授权已过期", "hold expired"),
    "expired": ("已过期", "expired"),
    "closed": ("已关闭", "closed"),
    "canceled": ("已取消", "cancelled"),
    "requested": ("已申请", "requested"),
    "succeeded": ("已完成", "completed"),
    "rerouted": ("换了一种方式在退", "being sent another way"),
    "approved": ("已通过", "approved"),
    "declined": ("未通过", "declined"),
    "pending": ("还没有结果", "no result yet"),
    "no_response": ("渠道没有回应", "no answer from the channel"),
    "not_sent": ("请求没有发出", "the request was never sent"),
    "account_safety": ("账户安全", "account safety"),
    "not_yet": ("暂无", "not recorded yet"),
}
_UNITS_ZH = {"day": "天", "hour": "小时", "minute": "分钟"}


def to_minor(amount: str, currency: str) -> int | None:
    """Minor units of a decimal string ("128.00", "1200") by the currency's ISO 4217 exponent.

    None when the currency is unknown or the amount has more places than it.
    """
    if not is_currency(currency):
        return None
    scaled = Decimal(amount).scaleb(get_currency_precision(currency))
    return int(scaled) if scaled == scaled.to_integral_value() else None


@dataclass(frozen=True)
class Formatter:
    """Formats for one customer: `language` zh or en, `zone` an IANA name, `now` for "yesterday"."""

    language: str
    zone: str
    now: datetime

    @property
    def _locale(self) -> Locale:
        return Locale.parse("zh_CN" if self.language == "zh" else "en_GB")

    def all(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Every value as text, by its type; a currency's or country's code by its name."""
        names = {"currency": self.currency, "country": self.country}
        return {
            key: names[key](value) if key in names and isinstance(value, str) else self.value(value)
            for key, value in values.items()
        }

    def value(self, value: Any) -> str:
        """One value as text."""
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, datetime):
            return self.time(value)
        if isinstance(value, timedelta):
            return self.duration(value)
        if isinstance(value, Method):
            return self.method(value)
        if isinstance(value, Merchant):
            return self.merchant(value)
        if isinstance(value, Account):
            return self.money(value.available)
        return "" if value is None else str(value)

    def money(self, money: Money) -> str:
        """¥128.00, JP¥1,200, KWD 12.345: the same signs in both languages, so that two yens never mix."""
        if not is_currency(money.currency):
            raise ValueError(f"unknown currency {money.currency!r}")
        amount = Decimal(money.minor).scaleb(-get_currency_precision(money.currency))
        text = format_currency(amount, money.currency, locale="zh_CN")
        # A currency without a sign of its own is set apart from its figures: KWD 12.345.
        return text.replace(money.currency, f"{money.currency} ")

    def time(self, moment: datetime) -> str:
        """今天 15:20, 昨天 15:20, 11月3日 15:20; in the customer's zone."""
        local = moment.astimezone(ZoneInfo(self.zone))
        today = self.now.astimezone(ZoneInfo(self.zone)).date()
        clock = f"{local:%H:%M}"
        days = (today - local.date()).days
        if self.language == "zh":
            near = {0: "今天", 1: "昨天", 2: "前天", -1: "明天", -2: "后天"}.get(days)
            if near:
                return f"{near} {clock}"
            year = f"{local.year}年" if local.year != today.year else ""
            return f"{year}{local.month}月{local.day}日 {clock}"
        near = {0: "today", 1: "yesterday", -1: "tomorrow"}.get(days)
        if near:
            return f"{near} at {clock}"
        pattern = "d MMM y" if local.year != today.year else "d MMM"
        return f"{format_date(local, pattern, locale=self._locale)} at {clock}"

    def duration(self, length: timedelta) -> str:
        """The two largest units: 5小时12分钟, 3 days 4 hours. Under a minute counts as one."""
        minutes = max(1, int(abs(length).total_seconds() // 60))
        days, rest = divmod(minutes, 1440)
        hours, mins = divmod(rest, 60)
        units = [("day", days), ("hour", hours), ("minute", mins)]
        largest = next(i for i, (_, count) in enumerate(units) if count)
        shown = [(unit, count) for unit, count in units[largest : largest + 2] if count]
        if self.language == "zh":  # Babel has no plain Chinese pattern for these
            return "".join(f"{count}{_UNITS_ZH[unit]}" for unit, count in shown)
        return " ".join(format_unit(count, f"duration-{unit}", locale=self._locale) for unit, count in shown)

    def hours(self, length: timedelta) -> str:
        """A time that is promised, in whole hours: 24 小时, 24 hours."""
        count = round(length.total_seconds() / 3600)
        if self.language == "zh":
            return f"{count} 小时"
        return format_unit(count, "duration-hour", locale=self._locale)

    def method(self, method: Method) -> str:
        """余额, 招商银行 **** 1234."""
        word = _METHODS[self.language][method.kind]
        if method.kind is MethodKind.BANK_CARD and method.last4:
            return f"{method.bank or word} **** {method.last4}"
        return word

    def method_kind(self, kind: MethodKind) -> str:
        """余额, bank card."""
        return _METHODS[self.language][kind]

    def word(self, name: str) -> str:
        """A state in words; what is no state stays as it is."""
        zh, en = _WORDS.get(name, (name, name))
        return zh if self.language == "zh" else en

    def merchant(self, merchant: Merchant) -> str:
        """The merchant's name in the customer's language."""
        return merchant.name_zh if self.language == "zh" else merchant.name_en

    def country(self, code: str) -> str:
        """日本, Japan; the code itself when unknown."""
        return self._locale.territories.get(code, code)

    def currency(self, code: str) -> str:
        """日元, Japanese Yen; the code itself when unknown."""
        return self._locale.currencies.get(code, code)

    def percent(self, basis_points: int) -> str:
        """150 → 1.5%."""
        return f"{format_decimal(Decimal(basis_points) / 100, locale=self._locale)}%"
