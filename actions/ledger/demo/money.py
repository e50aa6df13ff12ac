"""Double entry for the demo: transactions are noted in any order, then posted in order of time.

Posting fills in `balance_after`, tops a balance up shortly before money would be missing, and puts it
at an exact figure where a story asks for one, so that a story need not know what surrounds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from actions.diagnosis.currencies import exponent

SIDES = ("customer", "customer_hold")


@dataclass(frozen=True)
class Leg:
    """One leg before it is posted; `wallet` only on the two sides of a wallet account."""

    id: str
    account: str
    kind: str
    minor: int
    currency: str
    wallet: str | None = None
    reverses: str | None = None


@dataclass(frozen=True)
class Transaction:
    """Legs that sum to zero in each currency, at one moment."""

    at: datetime
    legs: tuple[Leg, ...]
    payment_id: str | None = None
    refund_id: str | None = None


@dataclass(frozen=True)
class Exactly:
    """From this moment on `minor` can be spent: made so by a top-up or a withdrawal."""

    at: datetime
    wallet: str
    minor: int


@dataclass
class Purse:
    """One wallet account while its postings are made."""

    id: str
    currency: str
    sides: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    last: datetime | None = None


class Journal:
    """All that moves one customer's money."""

    def __init__(self, slug: str) -> None:
        self._slug = slug
        self._legs = 0
        self.transactions: list[Transaction] = []
        self.exact: list[Exactly] = []

    def leg(self, account: str, kind: str, minor: int, currency: str, **more: Any) -> Leg:
        """A leg with an id of its own."""
        self._legs += 1
        return Leg(f"pst_{self._slug}_{self._legs:03d}", account, kind, minor, currency, **more)

    def note(
        self, at: datetime, *legs: Leg, payment_id: str | None = None, refund_id: str | None = None
    ) -> None:
        """Notes a transaction; raises ValueError if it does not balance."""
        sums: dict[str, int] = defaultdict(int)
        for leg in legs:
            sums[leg.currency] += leg.minor
        if any(sums.values()):
            raise ValueError(f"unbalanced transaction of {self._slug}: {dict(sums)}")
        self.transactions.append(Transaction(at, legs, payment_id, refund_id))

    def move(self, at: datetime, wallet: str, currency: str, minor: int) -> None:
        """A top-up (above zero) or a withdrawal (below) between the bank and a wallet account."""
        kind = "top_up" if minor > 0 else "withdrawal"
        self.note(
            at,
            self.leg("customer", kind, minor, currency, wallet=wallet),
            self.leg("channel", kind, -minor, currency),
        )

    def post(self, purses: Iterable[Purse]) -> list[tuple[Transaction, dict[str, int]]]:
        """All transactions in order of time, each with the balance after its legs (by leg id)."""
        by_id = {purse.id: purse for purse in purses}
        posted: list[tuple[Transaction, dict[str, int]]] = []
        events: list[tuple[datetime, int, Any]] = [(e.at, 0, e) for e in self.exact]
        events += [(t.at, 1, t) for t in self.transactions]
        self.transactions = []
        for at, _, event in sorted(events, key=lambda entry: entry[:2]):
            if isinstance(event, Exactly):
                purse = by_id[event.wallet]
                missing = event.minor - purse.sides["customer"]
                if missing:
                    self.move(at, purse.id, purse.currency, missing)
                    posted += self._apply(by_id)
                continue
            self._top_up_for(event, by_id, posted)
            self.transactions.append(event)
            posted += self._apply(by_id)
        return posted

    def _top_up_for(
        self, event: Transaction, purses: dict[str, Purse], posted: list[tuple[Transaction, dict[str, int]]]
    ) -> None:
        for purse in purses.values():
            change = sum(
                leg.minor for leg in event.legs if (leg.account, leg.wallet) == ("customer", purse.id)
            )
            short = -(purse.sides["customer"] + change)
            if change < 0 < short:
                unit = 500 * 10 ** exponent(purse.currency)
                earlier = event.at - timedelta(minutes=5)
                if purse.last is not None and purse.last >= earlier:
                    earlier = purse.last + (event.at - purse.last) / 2
                self.move(earlier, purse.id, purse.currency, -(-short // unit) * unit)
                posted += self._apply(purses)

    def _apply(self, purses: dict[str, Purse]) -> list[tuple[Transaction, dict[str, int]]]:
        done = []
        for transaction in self.transactions:
            after: dict[str, int] = {}
            for leg in transaction.legs:
                if leg.wallet is not None:
                    purse = purses[leg.wallet]
                    purse.sides[leg.account] += leg.minor
                    purse.last = transaction.at
                    after[leg.id] = purse.sides[leg.account]
            done.append((transaction, after))
        self.transactions = []
        return done
