"""One way to run a bounded statement, so that no query can forget its limit.

Statements are built once, when their module is imported, with named parameters: building them for every
question took longer than the database needed to answer. `customer` is the verified customer's id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, String, bindparam
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.ledger.engine import LedgerError

CUSTOMER = bindparam("customer", type_=String)
IDS = bindparam("ids", expanding=True)
BOUND = bindparam("bound", type_=Integer)


class TooManyRecords(LedgerError):
    """A query met its bound. Half of the records would be worse than none, so nothing is concluded."""


def limited(statement: Any) -> Any:
    """The statement with a limit that `bounded` or `newest` sets when it is run."""
    return statement.limit(BOUND)


async def bounded(connection: AsyncConnection, statement: Any, bound: int, **values: Any) -> Sequence[Any]:
    """All rows of a `limited` statement that is expected to have at most `bound`; raises TooManyRecords
    beyond. `values` fill the statement's parameters."""
    rows = await newest(connection, statement, bound + 1, **values)
    if len(rows) > bound:
        raise TooManyRecords(f"more than {bound} rows for one question to the ledger")
    return rows


async def newest(connection: AsyncConnection, statement: Any, limit: int, **values: Any) -> Sequence[Any]:
    """The first `limit` rows of a `limited` statement, whatever comes after them."""
    if ids := values.get("ids"):
        # Few lengths of list, so that the database can keep its statements: each length is another one.
        values["ids"] = [*ids, *ids[:1] * ((1 << (len(ids) - 1).bit_length()) - len(ids))]
    rows: Sequence[Any] = (await connection.execute(statement, {"bound": limit, **values})).all()
    return rows
