"""What is there without being told: merchants, channels, releases, rates; and what codes and amounts are."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from babel import Locale

from actions.diagnosis.currencies import exponent, is_known
from actions.diagnosis.facts import Money
from actions.ledger.demo.world import RAIL_OF_CHANNEL, SHOPS
from actions.ledger.demo.world import RATES as DEMO_RATES
from tests.scenarios.document import Field

MERCHANTS = frozenset(SHOPS)
RAILS = frozenset(RAIL_OF_CHANNEL.values())
_MORE_RATES = {  # CNY for one unit
    "GBP": Decimal("9.05"),
    "HKD": Decimal("0.912"),
    "KRW": Decimal("0.0052"),
    "SGD": Decimal("5.31"),
    "TRY": Decimal("0.21"),
}
RATES = tuple(sorted((*DEMO_RATES, *_MORE_RATES)))
_COUNTRIES = frozenset(code for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", code))


def currency(field: Field) -> str:
    """An ISO 4217 code."""
    code = field.text("a currency such as CNY")
    if not is_known(code):
        raise field.must_be("a currency by its ISO 4217 code, such as CNY, USD or JPY")
    return code


def country(field: Field) -> str:
    """An ISO 3166 code."""
    code = field.text("a country such as CN")
    if code not in _COUNTRIES:
        raise field.must_be("a country by its ISO 3166 code, such as CN, JP or US")
    return code


def amount(field: Field, home: str, *, least: int = 1) -> Money:
    """An amount in whole units, in `home` unless a currency stands behind it: `38.00`, `1200 JPY`."""
    said = field.text(f"an amount such as 38.00 or 38.00 {home}")
    figures, _, code = said.partition(" ")
    code = code.strip() or home
    try:
        if not re.fullmatch(r"\d+(\.\d+)?", figures) or not is_known(code):
            raise InvalidOperation
        minor = Decimal(figures).scaleb(exponent(code))
    except InvalidOperation:
        raise field.must_be(f"an amount such as 38.00 or 38.00 {home}") from None
    if minor != minor.to_integral_value():
        raise field.bad(f"{code} has {exponent(code)} decimal places, {figures!r} has more")
    if minor < least:
        raise field.must_be("an amount above zero")
    return Money(int(minor), code)


def more_quotes(quotes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Quotes of the currencies that the demo does not have, at the times of those that it has."""
    times = {quote["quoted_at"] for quote in quotes}
    return [
        {
            "id": f"fx_{code.lower()}_{place:02d}",
            "base": "CNY",
            "currency": code,
            "rate": rate,
            "quoted_at": at,
        }
        for code, rate in _MORE_RATES.items()
        for place, at in enumerate(sorted(times))
    ]
