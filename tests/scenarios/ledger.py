"""Writes a scenario's records into a ledger, by the same double entry as the demo's.

Each scenario is written into a ledger of its own, anew just before it is played: so its times are relative
to that moment, and another scenario's incidents and releases are none of its business.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from actions.diagnosis.currencies import exponent
from actions.ledger import open_writable
from actions.ledger.demo.book import TABLES, Book
from actions.ledger.demo.money import Exactly
from actions.ledger.demo.person import HISTORY_DAYS, Person
from actions.ledger.demo.world import CURRENT_APP, SHOPS
from actions.ledger.models import Base
from tests.scenarios.moments import Clock
from tests.scenarios.payment_writer import PaymentWriter
from tests.scenarios.scenario import AppRelease, Customer, Incident, Merchant, Others, Payment, Scenario
from tests.scenarios.world import more_quotes

OPENING = 1000  # whole units in a balance of which nothing is told


@dataclass(frozen=True)
class Records:
    """What a scenario is in the ledger: the rows by table, and the customer to sign in as."""

    tables: dict[str, list[dict[str, Any]]]
    customer: dict[str, str]


def records(scenario: Scenario, number: int, now: datetime) -> Records:
    """A scenario's rows at the moment `now`. `number` tells scenarios of one run apart.

    Raises BadScenario if times contradict each other at this hour.
    """
    book = _Book(now, scenario)
    slug = f"{number:03d}_{_plain(scenario.name)}"
    person = book.customer(f"cust_{slug}", scenario.customer)
    book.pay(person, scenario.payments)
    for place, others in enumerate(scenario.others, 1):
        for copy in range(others.count):
            _add_other(book, f"cust_{slug}_other_{place}_{copy + 1}", others, copy)
    shown = {
        "id": person.id,
        "name": scenario.customer.name,
        "story": scenario.name,
        "language": scenario.customer.language,
    }
    return Records(book.finish().tables, shown)


async def write(url: str, made: Records) -> None:
    """Replaces all that the ledger at `url` holds by these records, in one transaction."""
    engine = open_writable(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            for table in TABLES:
                if made.tables[table]:
                    await connection.execute(Base.metadata.tables[table].insert(), made.tables[table])
    finally:
        await engine.dispose()


async def empty(url: str) -> None:
    """Makes a ledger without any records at `url`, so that what reads it can be started."""
    await write(url, Records({table: [] for table in TABLES}, {}))


def load(url: str, customers_file: Path, made: Records) -> str:
    """Writes the ledger and the list of whom one may sign in as; gives the customer's id."""
    asyncio.run(write(url, made))
    part = customers_file.with_name(customers_file.name + ".part")
    part.write_text(json.dumps([made.customer], ensure_ascii=False), encoding="utf-8")
    part.replace(customers_file)
    return made.customer["id"]


def _plain(name: str) -> str:
    """A piece of an id that shows which scenario it is: "Short of money!" → short_of_money."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:24].strip("_") or "scenario"


def _add_other(book: _Book, id: str, others: Others, copy: int) -> None:
    """Another customer; each next one does everything a minute earlier, so that no two are the same."""
    person = book.customer(id, others.customer)
    book.pay(person, others.payments, earlier=timedelta(minutes=copy))


class _Book(Book):
    """A book in which only the scenario's own incidents, releases and merchants stand beside the usual."""

    def __init__(self, now: datetime, scenario: Scenario) -> None:
        super().__init__(now)
        self._own = {merchant.id: merchant for merchant in scenario.merchants}
        self._clock = Clock(self.now, ZoneInfo(scenario.customer.zone))
        self.tables["merchants"] += map(_merchant_row, scenario.merchants)
        self.tables["fx_quotes"] += more_quotes(self.tables["fx_quotes"])
        self.tables["incidents"] = [
            _incident_row(number, incident, self._clock)
            for number, incident in enumerate(scenario.incidents, 1)
        ]
        self.newest_app = CURRENT_APP
        if scenario.app_releases is not None:
            rows = [_release_row(release, self._clock) for release in scenario.app_releases]
            self.tables["app_releases"] = sorted(rows, key=lambda row: row["released_at"])
            if rows:
                self.newest_app = str(self.tables["app_releases"][-1]["version"])

    def country_of(self, shop: str) -> str:
        """Where a merchant is."""
        return self._own[shop].country if shop in self._own else SHOPS[shop].country

    def channel_of(self, shop: str) -> str:
        """The channel over which a merchant is paid."""
        return self._own[shop].channel if shop in self._own else SHOPS[shop].channel

    def customer(self, id: str, told: Customer) -> _Person:
        """A customer with all that is told of them but their payments."""
        person = _Person(self, id, told)
        self.people.append(person)
        return person

    def pay(self, person: _Person, payments: tuple[Payment, ...], earlier: timedelta = timedelta()) -> None:
        """Writes a customer's payments."""
        clock = Clock(self.now - earlier, person.zone)
        for payment in payments:
            PaymentWriter(person, person.methods, payment, clock).write()


class _Person(Person):
    """A customer as a scenario tells them: no history, no limits that are not told."""

    def __init__(self, book: _Book, id: str, told: Customer) -> None:
        super().__init__(
            book,
            id,
            told.name,
            told.language,
            zone=told.zone,
            country=told.country,
            home=told.currency,
            app=told.app_version or book.newest_app,
            risk="normal",
        )
        self._limits = {}
        clock = Clock(self.now, self.zone)
        self.methods = {"balance": self.balance}
        for card in told.cards:
            closed = card.closed.resolve(clock, None) if card.closed else None
            self.methods[card.id] = self.card(card.bank, card.last4, closed=closed)
        if told.credit_line:
            self.methods["credit_line"] = self.credit_line()
        self._keep_balances(told, clock)
        self._set_up(told, clock)

    def _keep_balances(self, told: Customer, clock: Clock) -> None:
        """Opens the balances at round figures, freezes, tops up, and ends at what is told for now."""
        opened = self.now - timedelta(days=HISTORY_DAYS + 59)
        for money in (None, *told.other_balances):
            purse = self.purse(money.currency if money else self.home)
            units = OPENING * 10 ** exponent(purse.currency)
            self.journal.exact.append(Exactly(opened, purse.id, units))
            if money:
                self._now_exactly(purse.id, money.minor)
        if told.frozen:
            since = told.frozen_since.resolve(clock, None) if told.frozen_since else self.ago(days=10)
            self.freeze(told.frozen.minor, since)
        for money, when in told.top_ups:
            self.top_up(money.minor, when.resolve(clock, None))
        if told.available:
            self._now_exactly(self.purse(self.home).id, told.available.minor)

    def _now_exactly(self, purse: str, minor: int) -> None:
        self.journal.exact.append(Exactly(self.now - timedelta(seconds=1), purse, minor))

    def _set_up(self, told: Customer, clock: Clock) -> None:
        """Limits, restrictions, locks and settings."""
        for scope, money in told.limits.items():
            self.add(
                "spending_limits",
                id=self.next_id("lim"),
                scope=scope,
                minor=money.minor,
                currency=money.currency,
                effective_from=self.ago(days=400),
                effective_until=None,
            )
        for hold in told.restrictions:
            since = hold.since.resolve(clock, None)
            lifted = hold.lifted.resolve(clock, since) if hold.lifted else None
            self.restrict(hold.status, since, lifted=lifted, check=hold.identity_check)
        for lock in told.password_locks:
            since = lock.since.resolve(clock, None)
            self.add(
                "password_locks",
                id=self.next_id("lck"),
                locked_at=since,
                locked_until=lock.until.resolve(clock, since),
                wrong_tries=lock.wrong_tries,
            )
        if told.international:
            abroad = told.international
            self.abroad(
                enabled=abroad.enabled,
                changed_at=abroad.changed.resolve(clock, None) if abroad.changed else None,
                enabled_before=abroad.enabled_before,
                fee_basis_points=abroad.fee_basis_points,
            )
            if abroad.countries is not None:
                self.abroad(countries=list(abroad.countries))
            if abroad.currencies is not None:
                self.abroad(currencies=list(abroad.currencies))


def _merchant_row(merchant: Merchant) -> dict[str, Any]:
    return {
        "id": merchant.id,
        "name_zh": merchant.name_zh,
        "name_en": merchant.name_en,
        "channel": merchant.channel,
        "integration": "live" if merchant.integrated else "misconfigured",
        "country": merchant.country,
        "currencies": list(merchant.currencies),
        "countries": [],
        "special_rule_zh": merchant.special_rule_zh,
        "special_rule_en": merchant.special_rule_en,
    }


def _incident_row(number: int, incident: Incident, clock: Clock) -> dict[str, Any]:
    started = incident.started.resolve(clock, None)
    return {
        "id": f"inc_{number:02d}",
        "channel": incident.channel,
        "started_at": started,
        "ended_at": incident.ended.resolve(clock, started) if incident.ended else None,
        "title_zh": incident.title_zh,
        "title_en": incident.title_en,
    }


def _release_row(release: AppRelease, clock: Clock) -> dict[str, Any]:
    released = release.released.resolve(clock, None)
    return {
        "version": release.version,
        "released_at": released,
        "minimum_from": release.minimum_from.resolve(clock, released) if release.minimum_from else None,
        "known_bug_zh": release.known_bug_zh,
        "known_bug_en": release.known_bug_en,
        "fixed_in": release.fixed_in,
    }
