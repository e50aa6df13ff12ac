"""ISO 4217: how many decimals a currency has, and none for one that is not listed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from actions.diagnosis.currencies import exponent, is_known, major
from actions.diagnosis.facts import Money


@pytest.mark.parametrize(
    ("places", "currencies"),
    [(2, "CNY USD EUR HKD"), (0, "JPY KRW VND"), (3, "KWD BHD OMR JOD TND")],
)
def test_decimals(places: int, currencies: str) -> None:
    assert {exponent(currency) for currency in currencies.split()} == {places}


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(12_800, "CNY"), "128.00"),
        (Money(1_200, "JPY"), "1200"),
        (Money(12_345, "KWD"), "12.345"),
        (Money(-5, "USD"), "-0.05"),
    ],
)
def test_whole_units(money: Money, amount: str) -> None:
    assert major(money) == Decimal(amount)
    assert str(major(money)) == amount


@pytest.mark.parametrize("currency", ["XXX", "cny", "", "RMB"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    assert not is_known(currency)
    with pytest.raises(ValueError, match="ISO 4217"):
        exponent(currency)


def test_currencies_are_never_added_up() -> None:
    with pytest.raises(ValueError, match="cannot mix"):
        Money(1, "CNY") + Money(1, "USD")
