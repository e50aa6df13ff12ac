"""One world: a few hundred customers, each with one trouble (or none), and what is true of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from tests.simulator.journal import Booked
from tests.simulator.person import Person
from tests.simulator.places import Places, Shop
from tests.simulator.stories import STORIES
from tests.simulator.truth import Truth

BATCH = 250
PASSERS_BY = 8
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


class World:
    """Plays `count` questions. The same seed and number give the same world."""

    def __init__(self, seed: int, number: int, count: int) -> None:
        dice = Random(f"world:{seed}:{number}")
        self.slug = f"w{number:03d}"
        # Any time of any day, so that days and months begin at all distances from the trouble.
        self.now = datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=dice.randrange(365 * 86_400))
        self.tables: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
        self.places = Places(self.now, dice, self.slug)
        self.truths: list[Truth] = []
        self._booked: list[tuple[str, Booked]] = []
        self.passers_by = [
            Person(self, 9000 + i, Random(f"by:{seed}:{number}:{i}"), home="CNY") for i in range(PASSERS_BY)
        ]
        names = list(STORIES)
        weights = [STORIES[name].weight for name in names]
        for i in range(count):
            mine = Random(f"case:{seed}:{number}:{i}")
            story = STORIES[mine.choices(names, weights)[0]]
            person = Person(self, i, mine, home=story.home)
            truth = story.play(person)
            truth.story = story.name
            self.truths.append(truth)
            person.finish(mine.randrange(2, 9))
        for person in self.passers_by:
            person.finish(3)
        self._number_postings()
        for table, rows in self.places.rows.items():
            self.tables[table] = rows

    def shop(self, currency: str, dice: Random, *, rails: tuple[str, ...] = (), person: bool = False) -> Shop:
        """One of the merchants (or people) that can be paid in a currency."""
        found = [
            shop
            for shop in self.places.shops
            if shop.currency == currency and shop.person is person and (not rails or shop.rail in rails)
        ]
        return dice.choice(found)

    def book(self, customer_id: str, booked: list[Booked]) -> None:
        """Takes a customer's booked entries."""
        self._booked += [(customer_id, one) for one in booked]

    def _number_postings(self) -> None:
        sequence = 0
        rows = self.tables["postings"]
        for number, (customer_id, booked) in enumerate(sorted(self._booked, key=lambda one: one[1].entry.at)):
            entry = booked.entry
            for leg in entry.legs:
                sequence += 1
                rows.append(
                    {
                        "id": leg.id,
                        "sequence": sequence,
                        "customer_id": customer_id,
                        "transaction_id": f"txn_{self.slug}_{number:06d}",
                        "account": leg.account,
                        "wallet_account_id": leg.wallet,
                        "kind": leg.kind,
                        "minor": leg.minor,
                        "currency": leg.currency,
                        "posted_at": entry.at,
                        "payment_id": entry.payment_id,
                        "refund_id": entry.refund_id,
                        "reverses": leg.reverses,
                        "balance_after": booked.after.get(leg.id),
                    }
                )


def worlds(seed: int, count: int) -> Iterator[World]:
    """Worlds with `count` questions together, one after the other so that memory stays small."""
    for number, done in enumerate(range(0, count, BATCH)):
        yield World(seed, number, min(BATCH, count - done))
