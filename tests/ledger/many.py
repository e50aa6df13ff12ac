"""A ledger of any size, made quickly: for the benchmark and for the tests of query plans.

Ordinary customers pay some fifty times in 400 days; one merchant-like customer (HEAVY) has as many
payments as asked. Rows come in order of time, as a wallet writes them, so that one customer's rows lie
scattered over the whole table. The same numbers give the same rows.
"""

from __future__ import annotations

import asyncio
import csv
import heapq
import io
import json
import random
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from actions.ledger.models import Base
from tests.ledger.postgres import for_sqlalchemy, plain

HEAVY = "cust_heavy"
END = datetime(2026, 3, 11, 4, 0, tzinfo=timezone.utc)
DAYS = 400
START = END - timedelta(days=DAYS)
PAYMENTS_EACH = 50
MERCHANTS = 500
TOP_UP = 1_000_000
CHUNK = 50_000

COLUMNS = {
    "customers": "id name language timezone country app_version risk_status created_at",
    "wallet_accounts": "id customer_id currency total_minor frozen_minor",
    "payment_methods": "id customer_id kind",
    "merchants": "id name_zh name_en channel integration country currencies countries",
    "incidents": "id channel started_at ended_at title_zh title_en",
    "app_releases": "version released_at",
    "fx_quotes": "id base currency rate quoted_at",
    "spending_limits": "id customer_id scope minor currency effective_from",
    "payments": "id customer_id merchant_id method_id paying_account_id order_no transaction_no kind status"
    " minor currency fee_minor country created_at authorized_at captured_at ended_at",
    "attempts": "id customer_id payment_id merchant_id started_at finished_at outcome channel rail code"
    " server_request_id network_outcome client_outcome device_new wrong_password_tries",
    "client_log": "id customer_id merchant_id method_id order_no minor currency country started_at"
    " client_outcome",
    "refunds": "id customer_id payment_id destination_id status minor currency accepted_at completed_at",
    "postings": "id sequence customer_id transaction_id account wallet_account_id kind minor currency"
    " posted_at payment_id refund_id reverses balance_after",
}
Row = tuple[str, tuple[Any, ...]]


def stamp(seconds: float) -> str:
    """Seconds after START as the text of a UTC time, which both databases read."""
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")


def customers(payments: int) -> list[str]:
    """The ordinary customers of a ledger with so many payments of theirs."""
    return [f"cust_{n:07d}" for n in range(max(payments // PAYMENTS_EACH, 1))]


class _Maker:
    """Plays the wallet from START to END and yields its rows."""

    def __init__(self, payments: int, heavy: int) -> None:
        self.people = customers(payments)
        self.total = payments + heavy
        self.heavy = heavy
        self.random = random.Random(payments)
        self.balance: dict[str, int] = defaultdict(int)
        self.sequence = 0
        self.transactions = 0
        self.later: list[tuple[float, int, str, tuple[Any, ...]]] = []

    def world(self) -> Iterator[Row]:
        """Everything but payments."""
        for n in range(MERCHANTS):
            json_list = json.dumps(["CNY"])
            yield "merchants", (
                f"mer_{n}", f"商户{n}", f"Merchant {n}", "unionpay", "live", "CN", json_list, "[]",
            )  # fmt: skip
        for n in range(DAYS):
            begin = n * 86_400
            yield "incidents", (f"inc_{n}", "stripe", stamp(begin), stamp(begin + 600), "故障", "Trouble")
            yield "fx_quotes", (f"fxq_{n}", "CNY", "USD", "7.1042", stamp(begin))
        yield "app_releases", ("9.2.1", stamp(0))
        for who in (*self.people, HEAVY):
            yield "customers", (who, who, "zh", "Asia/Shanghai", "CN", "9.2.1", "normal", stamp(0))
            yield "payment_methods", (f"mth_{who}", who, "balance")
            yield "spending_limits", (f"lim_{who}", who, "daily", 5_000_000, "CNY", stamp(0))

    def _legs(self, at: float, who: str, kind: str, minor: int, other: str, **more: Any) -> Iterator[Row]:
        """A transaction of two legs: the customer's balance, and `other`'s account."""
        self.transactions += 1
        self.balance[who] += minor
        common = (f"txn_{self.transactions:09d}",)
        pay, refund = more.get("payment"), more.get("refund")
        for account, amount, kind_, wallet, reverses, after in (
            ("customer", minor, kind, f"acc_{who}", more.get("reverses"), self.balance[who]),
            (other, -minor, more.get("other_kind", kind), None, None, None),
        ):
            self.sequence += 1
            yield "postings", (
                more.get("id") if wallet and "id" in more else f"pst_{self.sequence:010d}",
                self.sequence, who, *common, account, wallet, kind_, amount, "CNY", stamp(at), pay, refund,
                reverses, after,
            )  # fmt: skip

    def payments(self) -> Iterator[Row]:
        """Payments and all that belongs to them, in order of time."""
        dice = self.random
        every = self.total / self.heavy if self.heavy else float("inf")
        next_heavy, step = every / 2, DAYS * 86_400 / self.total
        for n in range(self.total):
            at = n * step
            yield from self._due(at)
            if n >= next_heavy:
                who, next_heavy = HEAVY, next_heavy + every
            else:
                who = dice.choice(self.people)
            yield from self._payment(n, at, who, dice)
        yield from self._due(float("inf"))

    def _due(self, until: float) -> Iterator[Row]:
        while self.later and self.later[0][0] < until:
            at, _, what, arguments = heapq.heappop(self.later)
            who, payment, minor = arguments
            if what == "reversal":
                reverses = f"deb_{payment}"
                yield from self._legs(at, who, what, minor, "channel", payment=payment, reverses=reverses)
            else:
                refund = f"rfd_{payment}"
                accepted = stamp(at - 3_600)
                yield "refunds", (
                    refund, who, payment, f"mth_{who}", "succeeded", minor, "CNY", accepted, stamp(at),
                )  # fmt: skip
                yield from self._legs(at, who, what, minor, "merchant", payment=payment, refund=refund)

    def _payment(self, n: int, at: float, who: str, dice: random.Random) -> Iterator[Row]:
        minor = dice.randrange(500, 50_000)
        # a tenth of all at one merchant, as in life
        merchant = f"mer_{0 if dice.random() < 0.1 else dice.randrange(MERCHANTS)}"
        id, order = f"pay_{n:09d}", f"ord_{n:09d}"
        fate = dice.random()
        if self.balance[who] < minor:
            yield from self._legs(at, who, "top_up", TOP_UP, "channel")
        done, status, outcome, code = stamp(at + 1), "captured", "approved", None
        if fate < 0.05:
            status, outcome, code = "failed", "declined", "61"
        elif fate < 0.07:
            status, outcome = "reversed", "no_response"
        elif fate < 0.10:
            status = "refunded"
        taken = status in ("captured", "refunded")
        method = f"mth_{who}"
        yield "payments", (
            id, who, merchant, method, f"acc_{who}", order, f"T{n}", "purchase", status, minor, "CNY", 0,
            "CN", stamp(at), None, done if taken else None,
            None if taken else stamp(at + (120 if status == "reversed" else 1)),
        )  # fmt: skip
        yield "attempts", (
            f"att_{n:09d}", who, id, merchant, stamp(at), done, outcome, "unionpay", "iso8583", code,
            f"req_{n}", "ok", "shown", 0, 0,
        )  # fmt: skip
        if fate > 0.98:  # the first try never left the app; the second was this payment
            yield "client_log", (
                f"log_{n:09d}", who, merchant, method, order, minor, "CNY", "CN", stamp(at - 30), "timed_out",
            )  # fmt: skip
        if taken:
            yield from self._legs(at + 1, who, "debit", -minor, "merchant", payment=id, other_kind="capture")
        elif status == "reversed":
            yield from self._legs(at + 1, who, "debit", -minor, "channel", payment=id, id=f"deb_{id}")
            heapq.heappush(self.later, (at + 120, n, "reversal", (who, id, minor)))
        if status == "refunded":
            heapq.heappush(self.later, (at + 86_400, n, "refund", (who, id, minor)))

    def accounts(self) -> Iterator[Row]:
        """The balances that the postings led to."""
        for who in (*self.people, HEAVY):
            yield "wallet_accounts", (f"acc_{who}", who, "CNY", self.balance[who], 0)


def chunks(payments: int, heavy: int) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """All rows, by table, in pieces that fit into memory."""
    maker = _Maker(payments, heavy)
    waiting: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for source in (maker.world(), maker.payments(), maker.accounts()):
        for table, row in source:
            rows = waiting[table]
            rows.append(row)
            if len(rows) >= CHUNK:
                yield table, rows
                waiting[table] = []
    yield from waiting.items()


def fill_sqlite(path: str, payments: int, heavy: int) -> None:
    """Fills the SQLite file, whose tables exist; indexes are made at the end, which is faster."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-200000")
    named = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    indexes = connection.execute(named).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for table, rows in chunks(payments, heavy):
        columns = COLUMNS[table].split()
        marks = ", ".join("?" * len(columns))
        connection.execute("BEGIN")
        connection.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
            rows,
        )
        connection.execute("COMMIT")
    for _, sql in indexes:
        connection.execute(sql)
    connection.close()


async def fill_postgres(url: str, payments: int, heavy: int) -> None:
    """Fills the PostgreSQL database, whose tables exist, and gathers the planner's statistics."""
    connection = await asyncpg.connect(plain(url), server_settings={"timezone": "UTC"}, timeout=60)
    await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
    await connection.execute("SET maintenance_work_mem = '512MB'")
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN"
        " (SELECT conname FROM pg_constraint)"
    )
    for name, _ in indexes:
        await connection.execute(f'DROP INDEX "{name}"')
    for table, rows in chunks(payments, heavy):
        await connection.copy_to_table(table, source=_csv(rows), columns=COLUMNS[table].split(), format="csv")
    for _, sql in indexes:
        await connection.execute(sql)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _csv(rows: list[tuple[Any, ...]]) -> AsyncIterator[bytes]:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    yield text.getvalue().encode()


async def create_tables(url: str) -> None:
    """The mapping's tables and indexes in an empty database (a LEDGER_URL)."""
    engine: AsyncEngine = create_async_engine(url, future=True)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


async def fill(url: str, payments: int, heavy: int) -> None:
    """A new ledger at a LEDGER_URL of either kind: `payments` of ordinary people, `heavy` of HEAVY."""
    await create_tables(url)
    if url.startswith("sqlite"):
        fill_sqlite(url.partition(":///")[2], payments, heavy)
    else:
        await fill_postgres(for_sqlalchemy(url), payments, heavy)


def asyncio_fill(url: str, payments: int, heavy: int) -> None:
    """`fill`, for fixtures that are not asynchronous."""
    asyncio.run(fill(url, payments, heavy))
