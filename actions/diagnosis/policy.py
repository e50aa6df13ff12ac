"""Every number that this product chooses for its diagnoses, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType


def _large_amounts() -> Mapping[str, int]:
    return MappingProxyType(
        {
            "CNY": 5_000_000,
            "USD": 700_000,
            "EUR": 650_000,
            "HKD": 5_500_000,
            "JPY": 1_000_000,
            "KWD": 2_000_000,
        }
    )


@dataclass(frozen=True)
class Policy:
    """Windows and thresholds. Every window is half-open: exactly at its end a thing is due, not overdue."""

    refund_window: timedelta = timedelta(hours=24)
    """How long a refund usually takes, from the moment it was accepted (the published "usually 24 hours")."""
    pending_window: timedelta = timedelta(hours=24)
    """How long debited money may stay without an outcome, or a reversal may take."""
    hold_window: timedelta = timedelta(days=7)
    """How long a merchant may keep an authorisation before it ought to be captured or released."""
    duplicate_window: timedelta = timedelta(minutes=10)
    """How close two linked payments with different order numbers must be to count as one intent."""
    ask_window: timedelta = timedelta(hours=2)
    """How close two equal purchases must be for us to ask, unprompted, whether both were meant.

    When the customer says "charged twice", there is no such bound."""
    lock_tries: int = 5
    """Consecutive wrong payment passwords after which the wallet locks it."""
    clock_skew: timedelta = timedelta(minutes=2)
    """How far the clocks of the wallet, a channel and a phone may disagree."""
    rate_drift: Decimal = Decimal("0.25")
    """By what share an exchange rate may move between a payment abroad and its refund."""
    merchant_notify_lag: timedelta = timedelta(minutes=10)
    """How long a merchant may wait for the payment notice before a person should look."""
    merchant_failures: int = 5
    """Other customers' failures, with no success, that make a merchant's fault possible."""
    case_promise: timedelta = timedelta(hours=24)
    """Within what time the customer hears of a case that was opened to trace money."""
    wallet_zone: str = "Asia/Shanghai"
    """The IANA zone in which a limit's "day" and "month" begin."""
    home_country: str = "CN"
    """ISO 3166 code of the country in which a payment is not international."""
    large_amounts: Mapping[str, int] = field(default_factory=_large_amounts)
    """Minor units by currency, from which a person looks as soon as money is in motion or unclear."""

    def is_large(self, minor: int, currency: str) -> bool:
        """Whether an amount is large; never for a currency without a figure."""
        return currency in self.large_amounts and minor >= self.large_amounts[currency]


DEFAULT = Policy()
