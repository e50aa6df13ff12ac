"""Measures the ledger's queries as it grows: `make bench-ledger`, or with other sizes

    DATABASE_URL=postgresql://… python -m tests.benchmarks.bench_ledger --sizes 100k 1M 10M

For each size and database a ledger of that many payments of ordinary customers, and as many as --heavy
says of one merchant-like customer, is made, measured as the bot reads it, and removed. SQLite is always
measured, PostgreSQL if DATABASE_URL names a server (in a database of its own). With --keep the databases on
PostgreSQL stay, and are measured again without being made anew. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg

from actions.diagnosis import diagnose
from actions.ledger import Ledger, open_read_only
from actions.ledger.check.plans import explain, statements
from tests.benchmarks.bench import Row
from tests.ledger import many
from tests.ledger.postgres import for_sqlalchemy, own_database, plain

LOOK_BACK = timedelta(days=90)
LATEST = 100  # as many as the bot asks for
HEADING = f"{'milliseconds':<44}{'n':>7}{'p50':>10}{'p95':>10}{'max':>10}"


def size(text: str) -> int:
    """ "100k" → 100000, "10M" → 10000000. Raises ValueError for anything else."""
    match = re.fullmatch(r"(\d+)([kM]?)", text)
    if not match:
        raise ValueError(f"{text} is not a size like 5000, 100k or 10M")
    return int(match[1]) * {"": 1, "k": 1_000, "M": 1_000_000}[match[2]]


async def measure(url: str, people: list[str], label: str) -> list[Row]:
    """The times of the bot's three steps for each of `people` in turn (a person may be there twice)."""
    engine = open_read_only(url)
    ledger = Ledger(engine)
    dice = random.Random(1)  # the same choices for each database and size
    listed: list[float] = []
    read: list[float] = []
    diagnosed: list[float] = []
    first_ones = people[:20]  # they warm up connections and what is compiled once
    for number, who in enumerate((*first_ones, *people)):
        started = time.perf_counter()
        payments = await ledger.payments(who, since=many.END - LOOK_BACK, limit=LATEST)
        first = time.perf_counter()
        one = dice.choice(payments).id if payments else None
        middle = time.perf_counter()
        facts = await ledger.facts(who, one)
        second = time.perf_counter()
        diagnose(facts, many.END)
        third = time.perf_counter()
        if number >= len(first_ones):
            listed.append(first - started)
            read.append(second - middle)
            diagnosed.append(third - second)
    await engine.dispose()
    return [
        Row(f"{label}: payments", listed),
        Row(f"{label}: facts", read),
        Row(f"{label}: diagnose", diagnosed),
    ]


async def inside(url: str, people: list[str], label: str) -> list[Row]:
    """What PostgreSQL itself did for the facts about one payment: its time (planning and running), and
    the pages that it touched, which do not depend on how busy the machine is."""
    engine = open_read_only(url)
    ledger = Ledger(engine)
    spent: list[float] = []
    pages: list[float] = []
    for who in people:
        payments = await ledger.payments(who, since=many.END - LOOK_BACK, limit=LATEST)
        one = payments[len(payments) // 2].id if payments else None
        with statements(engine) as sent:
            await ledger.facts(who, one)
        milliseconds, blocks = 0.0, 0
        async with engine.connect() as connection:
            for statement, values in sent:
                rows = await explain(connection, statement, values, analyze=True)
                plan = (json.loads(rows[0][0]) if isinstance(rows[0][0], str) else rows[0][0])[0]
                milliseconds += plan["Planning Time"] + plan["Execution Time"]
                blocks += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        spent.append(milliseconds / 1000)
        pages.append(blocks / 1000)  # a row is printed times a thousand
    await engine.dispose()
    return [Row(f"{label}: facts, inside the database", spent), Row(f"{label}: facts, pages (8 kB)", pages)]


async def lines(url: str, payments: int, heavy: int, times: int) -> list[Row]:
    """All lines of one ledger: ordinary customers, then the heavy one, each asked about `times` times."""
    everyone = many.customers(payments)
    ordinary = random.Random(2).choices(everyone, k=times)
    groups = [(ordinary, "ordinary")]
    if heavy:
        groups.append(([many.HEAVY] * times, "heavy"))
    rows: list[Row] = []
    for people, label in groups:
        rows += await measure(url, people, label)
        if url.startswith("postgresql"):
            rows += await inside(url, people[: times // 4], label)
    return rows


@contextlib.asynccontextmanager
async def ledger_at(database: str, payments: int, heavy: int, keep: bool) -> AsyncIterator[str]:
    """A LEDGER_URL of a ledger of that size; `database` is a server's address, or "" for SQLite."""
    if not database:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite+aiosqlite:///{Path(folder) / 'ledger.db'}"
            await many.fill(url, payments, heavy)
            yield url
    elif keep:
        yield await kept(database, f"imwallet_bench_{payments}_{heavy}", payments, heavy)
    else:
        async with own_database(database, "imwallet_bench") as own:
            await many.fill(for_sqlalchemy(own), payments, heavy)
            yield for_sqlalchemy(own)


async def kept(server: str, name: str, payments: int, heavy: int) -> str:
    """The LEDGER_URL of the database of this name, made if it is not there. It gets its name only when it is
    full, so that one whose making was broken off is never measured."""
    connection = await asyncpg.connect(plain(server))
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}_new"')
            await connection.execute(f'CREATE DATABASE "{name}_new"')
            await many.fill(for_sqlalchemy(server, database=f"{name}_new"), payments, heavy)
            await connection.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    finally:
        await connection.close()
    return for_sqlalchemy(server, database=name)


async def bench(database: str, payments: int, heavy: int, times: int, keep: bool) -> list[str]:
    """The printed block of one size on one database."""
    started = time.perf_counter()
    async with ledger_at(database, payments, heavy, keep) as url:
        made = time.perf_counter() - started
        rows = await lines(url, payments, heavy, times)
    name = "PostgreSQL" if database else "SQLite"
    title = f"{name}, {payments:,} payments and {heavy:,} of one heavy customer (made in {made:.0f} s)"
    return [title, HEADING, *map(str, rows), ""]


def main() -> None:
    """Measures and prints, block by block."""
    parser = argparse.ArgumentParser(description="Measure the ledger's queries as it grows.")
    parser.add_argument("--sizes", type=size, nargs="+", default=[100_000, 1_000_000], help="e.g. 100k 10M")
    parser.add_argument("--heavy", type=size, default=100_000, help="payments of one customer among them")
    parser.add_argument("--times", type=int, default=300, help="questions for each line")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="leave the other database out")
    parser.add_argument("--keep", action="store_true", help="keep PostgreSQL's databases; use those kept")
    arguments = parser.parse_args()
    server = os.environ.get("DATABASE_URL", "")
    if not server and arguments.only != "sqlite":
        print("DATABASE_URL names no PostgreSQL server: it is left out.", file=sys.stderr)
    databases = [] if arguments.only == "postgresql" else [""]
    if server and arguments.only != "sqlite":
        databases.append(server)
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    if busy > 0.5:
        print(f"This machine is busy (load {busy:.1f} a core): times will be longer.", file=sys.stderr)
    for database in databases:
        for payments in arguments.sizes:
            block = asyncio.run(bench(database, payments, arguments.heavy, arguments.times, arguments.keep))
            print("\n".join(block), flush=True)


if __name__ == "__main__":
    main()
