"""Verifies that a database keeps the contract, so that the bot can be trusted with it.

`check` opens it as the bot does, read only and with a time limit a statement, looks at its shape, at what
the account may do and at a bounded sample of its rows, and says what to do about each thing it finds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actions.ledger.check import access, books, plans, schema, values
from actions.ledger.check.finding import Finding, note, wrong
from actions.ledger.check.sample import take
from actions.ledger.engine import open_read_only

__all__ = ["Finding", "check"]

STATEMENT_SECONDS = 10.0
CUSTOMERS = 40


async def check(
    url: str, now: datetime, *, customers: int = CUSTOMERS, named: Sequence[str] = ()
) -> list[Finding]:
    """Everything found at a LEDGER_URL, worst first; empty for a sound ledger.

    `customers`: how many are sampled at most; `named`: customer ids that must be among them. Raises
    LedgerError for an address that cannot be opened at all, OSError for a server that is not there.
    """
    engine = open_read_only(url, statement_seconds=STATEMENT_SECONDS)
    try:
        found = [finding async for finding in _all(engine, now, customers, named)]
    finally:
        await engine.dispose()
    return sorted(found, key=lambda finding: not finding.fatal)


async def _all(
    engine: AsyncEngine, now: datetime, customers: int, named: Sequence[str]
) -> AsyncIterator[Finding]:
    shape = await _step(engine, "the tables and views", schema.read)
    if isinstance(shape, Finding):
        yield shape
        return
    found = [*schema.columns(shape), *schema.indexes(shape)]
    async with engine.connect() as connection:
        found += await access.writable(connection, shape)
    for finding in found:
        yield finding
    if any(finding.about_shape for finding in found):
        yield note("The rows were not looked at, because columns above are missing or of another type.")
        return
    sample = await _step(engine, "a sample of customers", lambda c: take(c, shape, customers, named))
    if isinstance(sample, Finding):
        yield sample
        return
    if not sample.customers:
        yield wrong("There are no customers, or none that the account may see: fill `customers`.")
        return
    for who in named:
        if who not in sample.customers:
            yield note(f"There is no customer {who}: give ids as they stand in customers.id.")
    looks: dict[str, AsyncIterator[Finding]] = {
        "the sampled values": values.look(engine, sample, now),
        "the sampled accounts": books.look(engine, sample, now),
        "the plans of the bot's statements": plans.look(engine, sample, shape),
    }
    for what, look in looks.items():
        try:
            async for finding in look:
                yield finding
        except DBAPIError as error:
            yield wrong(f"Reading {what} failed: {_reason(error)}.")


_T = TypeVar("_T")


async def _step(
    engine: AsyncEngine, what: str, step: Callable[[AsyncConnection], Awaitable[_T]]
) -> _T | Finding:
    try:
        async with engine.connect() as connection:
            return await step(connection)
    except DBAPIError as error:
        return wrong(f"Reading {what} failed: {_reason(error)}.")


def _reason(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0].rpartition(">: ")[2]
