"""One way to run a bounded statement, so that no query can forget its limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from actions.ledger.engine import LedgerError


class TooManyRecords(LedgerError):
    """A query met its bound. Half of the records would be worse than none, so nothing is concluded."""


async def bounded(connection: AsyncConnection, statement: Any, bound: int) -> Sequence[Any]:
    """All rows of a statement that is expected to have at most `bound`; raises TooManyRecords beyond."""
    rows: Sequence[Any] = (await connection.execute(statement.limit(bound + 1))).all()
    if len(rows) > bound:
        raise TooManyRecords(f"more than {bound} rows for one question to the ledger")
    return rows
