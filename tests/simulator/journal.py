"""Double entry: a customer's transactions are noted in any order and booked in order of time.

Booking fills in the balances after each leg, brings a balance to an exact figure where a story needs
one, and lets the customer top up from their bank when money would be missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

EXPONENTS = {"CNY": 2, "HKD": 2, "USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}


@dataclass(frozen=True)
class Leg:
    """One leg; `wallet` only for the two sides of a wallet account. Minor units, below zero = taken."""

    id: str
    account: str
    kind: str
    minor: int
    currency: str
    wallet: str | None = None
    reverses: str | None = None


@dataclass(frozen=True)
class Entry:
    """Legs that sum to zero in each currency, at one moment."""

    at: datetime
    legs: tuple[Leg, ...]
    payment_id: str | None = None
    refund_id: str | None = None


@dataclass(frozen=True)
class Exactly:
    """Just then `minor` can be spent of a wallet account."""

    at: datetime
    wallet: str
    currency: str
    minor: int


@dataclass
class Booked:
    """An entry in its place in time, with the balance after each wallet leg (by the leg's id)."""

    entry: Entry
    after: dict[str, int] = field(default_factory=dict)


class Journal:
    """All that moves one customer's money."""

    def __init__(self, slug: str) -> None:
        self._slug = slug
        self._count = 0
        self._noted: list[Entry | Exactly] = []
        self.sides: Counter[tuple[str, str]] = Counter()  # (wallet, account) → minor units

    @property
    def noted(self) -> list[Entry]:
        """The entries noted so far, in no particular order."""
        return [one for one in self._noted if isinstance(one, Entry)]

    def leg(
        self,
        account: str,
        kind: str,
        minor: int,
        currency: str,
        *,
        wallet: str | None = None,
        reverses: str | None = None,
    ) -> Leg:
        """A leg with an id of its own."""
        self._count += 1
        return Leg(f"leg_{self._slug}_{self._count:03d}", account, kind, minor, currency, wallet, reverses)

    def note(
        self,
        at: datetime,
        *legs: Leg,
        payment_id: str | None = None,
        refund_id: str | None = None,
        broken: bool = False,
    ) -> Entry:
        """Notes an entry; raises ValueError if it does not balance, unless it is `broken` on purpose."""
        sums: Counter[str] = Counter()
        for leg in legs:
            sums[leg.currency] += leg.minor
        if any(sums.values()) and not broken:
            raise ValueError(f"unbalanced entry of {self._slug}: {dict(sums)}")
        entry = Entry(at, legs, payment_id, refund_id)
        self._noted.append(entry)
        return entry

    def lose_refund(self, payment_id: str) -> None:
        """The credit of a payment's refund was never booked: a fault of the books."""
        self._noted = [
            one
            for one in self._noted
            if isinstance(one, Exactly) or one.payment_id != payment_id or one.refund_id is None
        ]

    def transfer(self, at: datetime, wallet: str, currency: str, minor: int) -> Entry:
        """Money between the customer's bank and a wallet account: in (above zero) or out."""
        kind = "top_up" if minor > 0 else "withdrawal"
        return self.note(
            at,
            self.leg("customer", kind, minor, currency, wallet=wallet),
            self.leg("channel", kind, -minor, currency),
        )

    def exactly(self, at: datetime, wallet: str, currency: str, minor: int) -> None:
        """At that moment exactly `minor` can be spent."""
        self._noted.append(Exactly(at, wallet, currency, minor))

    def book(self) -> list[Booked]:
        """All entries in order of time."""
        booked: list[Booked] = []
        last: dict[str, datetime] = {}
        for one in sorted(self._noted, key=lambda noted: noted.at):
            for entry in (*self._means(one, last), *((one,) if isinstance(one, Entry) else ())):
                after = {}
                for leg in entry.legs:
                    if leg.wallet is not None:
                        side = (leg.wallet, leg.account)
                        self.sides[side] += leg.minor
                        after[leg.id] = self.sides[side]
                        last[leg.wallet] = entry.at
                booked.append(Booked(entry, after))
        return booked

    def _means(self, one: Entry | Exactly, last: dict[str, datetime]) -> Iterator[Entry]:
        """The top-ups or withdrawals that have to come before."""
        if isinstance(one, Exactly):
            missing = one.minor - self.sides[one.wallet, "customer"]
            if missing:
                yield self.transfer(one.at, one.wallet, one.currency, missing)
            return
        changes: Counter[tuple[str, str]] = Counter()
        for leg in one.legs:
            if leg.wallet is not None and leg.account == "customer":
                changes[leg.wallet, leg.currency] += leg.minor
        for (wallet, currency), change in changes.items():
            short = -(self.sides[wallet, "customer"] + change)
            if change < 0 < short:
                unit = 500 * 10 ** EXPONENTS[currency]
                at = one.at - timedelta(minutes=5)
                if wallet in last and last[wallet] >= at:
                    at = last[wallet] + (one.at - last[wallet]) / 2
                yield self.transfer(at, wallet, currency, -(-short // unit) * unit)
