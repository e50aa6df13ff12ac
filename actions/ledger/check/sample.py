"""A bounded sample: some customers, and rows of theirs exactly as the database gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import column, distinct, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.ledger.check.schema import Shape
from actions.ledger.contract import CONTRACT, Relation

_LOOKED_THROUGH = 5_000  # payments, to find customers that have some
ROWS_EACH = 200
ROWS_OF_PLACES = 1_000


@dataclass(frozen=True)
class Sample:
    """Customers, and by table the rows of theirs (or of nobody's) that are looked at, raw."""

    customers: tuple[str, ...]
    rows: dict[str, list[dict[str, Any]]]


async def take(connection: AsyncConnection, shape: Shape, customers: int, named: Sequence[str]) -> Sample:
    """The named customers first, then some that have payments, then any."""
    payments = table("payments", column("customer_id"))
    some = select(payments.c.customer_id).limit(_LOOKED_THROUGH).subquery()
    paying = await connection.execute(select(distinct(some.c.customer_id)).limit(customers))
    anyone = await connection.execute(text("SELECT id FROM customers LIMIT :n"), {"n": customers})
    found = dict.fromkeys([*named, *paying.scalars(), *anyone.scalars()])
    chosen = tuple(who for who in found if isinstance(who, str))[: max(customers, len(named))]
    rows = {}
    for relation in CONTRACT:
        rows[relation.name] = await _rows(connection, relation, chosen)
    known = {row["id"] for row in rows["customers"]}
    return Sample(tuple(who for who in chosen if who in known or who not in named), rows)


def raw(relation: Relation) -> Any:
    """The relation without types, so that values come as the database gives them."""
    return table(relation.name, *(column(field.name) for field in relation.fields))


async def _rows(
    connection: AsyncConnection, relation: Relation, customers: tuple[str, ...]
) -> list[dict[str, Any]]:
    source = raw(relation)
    if relation.name == "customers":
        found = await connection.execute(select(source).where(source.c.id.in_(customers)))
        return [dict(row._mapping) for row in found]
    if not relation.owned:
        found = await connection.execute(select(source).limit(ROWS_OF_PLACES))
        return [dict(row._mapping) for row in found]
    rows: list[dict[str, Any]] = []
    for who in customers:
        own = select(source).where(source.c.customer_id == who).limit(ROWS_EACH)
        rows += [dict(row._mapping) for row in await connection.execute(own)]
    return rows
