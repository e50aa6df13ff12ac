"""All rows of the demo ledger while they are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.diagnosis.result import Cause
from actions.ledger.demo import world
from actions.ledger.demo.money import Transaction
from actions.ledger.demo.person import Person

# Parents before children: the order in which tables are filled.
TABLES = (
    "customers",
    "wallet_accounts",
    "payment_methods",
    "merchants",
    "incidents",
    "app_releases",
    "fx_quotes",
    "restrictions",
    "password_locks",
    "spending_limits",
    "international_settings",
    "payments",
    "attempts",
    "client_log",
    "fx_conversions",
    "refunds",
    "postings",
)


@dataclass(frozen=True)
class DemoLedger:
    """The finished demo: rows by table, the customers to sign in as, and what each told payment's
    diagnosis ought to lead with: payment id → (customer id, cause, variant)."""

    now: datetime
    tables: dict[str, list[dict[str, Any]]]
    customers: list[dict[str, str]]
    expected: dict[str, tuple[str, Cause, str | None]]


class Book:
    """Collects the rows that the stories make, relative to `now` (aware, whole seconds)."""

    def __init__(self, now: datetime) -> None:
        self.now = now.replace(microsecond=0)
        self.tables: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
        self.expected: dict[str, tuple[str, Cause, str | None]] = {}
        self.people: list[Person] = []
        self._shown: list[dict[str, str]] = []
        self._posted: list[tuple[datetime, str, Transaction, dict[str, int]]] = []
        self.tables["merchants"] = world.merchants()
        self.tables["incidents"] = world.incidents(self.now)
        self.tables["app_releases"] = world.releases(self.now)
        self.tables["fx_quotes"] = world.quotes(self.now)

    def add(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        """Adds a row and gives it back, so that a story may still change it."""
        self.tables[table].append(row)
        return row

    def person(
        self,
        id: str,
        name: str,
        language: str,
        story: str | None,
        *,
        zone: str = "Asia/Shanghai",
        country: str = "CN",
        home: str = "CNY",
        app: str = world.CURRENT_APP,
        risk: str = "normal",
        everyday: int = 12,
    ) -> Person:
        """A customer. `story`: one sentence in their language, None = a passer-by whom nobody plays."""
        person = Person(self, id, name, language, zone=zone, country=country, home=home, app=app, risk=risk)
        person.everyday(everyday)
        self.people.append(person)
        if story is not None:
            self._shown.append({"id": id, "name": name, "story": story, "language": language})
        return person

    def country_of(self, shop: str) -> str:
        """Where a merchant is."""
        return world.SHOPS[shop].country

    def channel_of(self, shop: str) -> str:
        """The channel over which a merchant is paid."""
        return world.SHOPS[shop].channel

    def quote(self, currency: str, at: datetime) -> dict[str, Any]:
        """The latest exchange rate before a moment."""
        earlier = [q for q in self.tables["fx_quotes"] if q["currency"] == currency and q["quoted_at"] <= at]
        return max(earlier, key=lambda quote: quote["quoted_at"])

    def postings(self, customer_id: str, posted: list[tuple[Transaction, dict[str, int]]]) -> None:
        """Takes a customer's transactions, each with the balances after its legs."""
        self._posted += [(transaction.at, customer_id, transaction, after) for transaction, after in posted]

    def finish(self) -> DemoLedger:
        """Closes all stories and numbers the legs in order of time."""
        for person in self.people:
            person.finish()
        sequence = 0
        for number, (at, customer_id, transaction, after) in enumerate(
            sorted(self._posted, key=lambda entry: entry[0]), start=1
        ):
            for leg in transaction.legs:
                sequence += 1
                self.add(
                    "postings",
                    {
                        "id": leg.id,
                        "sequence": sequence,
                        "customer_id": customer_id,
                        "transaction_id": f"txn_{number:05d}",
                        "account": leg.account,
                        "wallet_account_id": leg.wallet,
                        "kind": leg.kind,
                        "minor": leg.minor,
                        "currency": leg.currency,
                        "posted_at": at,
                        "payment_id": transaction.payment_id,
                        "refund_id": transaction.refund_id,
                        "reverses": leg.reverses,
                        "balance_after": after.get(leg.id),
                    },
                )
        return DemoLedger(self.now, self.tables, self._shown, self.expected)
