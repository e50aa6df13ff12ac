"""How the database would answer the bot's own statements: through an index, or by reading everything.

Views hide the indexes beneath them, so their plans are asked instead. Used by the tests too, on tables.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable

from actions.ledger.check.finding import Finding, wrong
from actions.ledger.check.sample import Sample
from actions.ledger.check.schema import Shape
from actions.ledger.contract import CONTRACT
from actions.ledger.engine import LedgerError
from actions.ledger.queries import Ledger

_EVER = datetime(1970, 1, 1, tzinfo=timezone.utc)
OWNED = frozenset(relation.name for relation in CONTRACT if relation.owned) | {"customers"}
Asked = list[tuple[Any, dict[str, Any]]]


class Explain(Executable, ClauseElement):
    """EXPLAIN of a statement, with its parameters' types kept. `analyze` runs it (PostgreSQL only)."""

    inherit_cache = False

    def __init__(self, statement: Any, *, analyze: bool = False) -> None:
        self.statement = statement
        self.analyze = analyze


@compiles(Explain, "postgresql")
def _explain_postgres(element: Explain, compiler: Any, **options: Any) -> str:
    how = "ANALYZE, BUFFERS, FORMAT JSON" if element.analyze else "FORMAT JSON"
    return f"EXPLAIN ({how}) " + compiler.process(element.statement, **options)


@compiles(Explain, "sqlite")
def _explain_sqlite(element: Explain, compiler: Any, **options: Any) -> str:
    return "EXPLAIN QUERY PLAN " + compiler.process(element.statement, **options)


@contextlib.contextmanager
def statements(engine: AsyncEngine) -> Iterator[Asked]:
    """Notes the statements that are run on the engine meanwhile, with their parameters."""
    seen: Asked = []

    def listen(_: Any, statement: Any, many: Any, params: Any, __: Any) -> None:
        seen.append((statement, dict(params or (many[0] if many else {}))))

    event.listen(engine.sync_engine, "before_execute", listen)
    try:
        yield seen
    finally:
        event.remove(engine.sync_engine, "before_execute", listen)


async def asked(engine: AsyncEngine, customer_id: str, payments: int = 3) -> Asked:
    """The statements that every method of Ledger issues for a customer."""
    ledger = Ledger(engine)
    now = datetime.now(timezone.utc)
    with statements(engine) as seen:
        await ledger.customer(customer_id)
        found = await ledger.payments(customer_id, since=_EVER)
        for payment in (*(p.id for p in found[:payments]), None):
            await ledger.facts(customer_id, payment)
        await ledger.open_incidents(now)
        await ledger.fx_rate(customer_id, "USD")
        await ledger.limits(customer_id, now)
    return seen


async def explain(
    connection: AsyncConnection, statement: Any, parameters: dict[str, Any], *, analyze: bool = False
) -> Any:
    """The plan's rows as the driver gives them: the types of the statement's columns are not the plan's."""

    def run(sync: Any) -> Any:
        return sync.execute(Explain(statement, analyze=analyze), parameters).cursor.fetchall()

    return await connection.run_sync(run)


async def scans(engine: AsyncEngine, of: Asked, *, forced: bool) -> dict[str, str]:
    """Table → a statement that reads all of it. `forced`: PostgreSQL is told to avoid it if it can, so
    that small tables, which are read whole with good reason, do not count."""
    found: dict[str, str] = {}
    async with engine.connect() as connection:
        leading = await _leading(connection) if engine.dialect.name == "postgresql" else None
        if leading is not None and forced:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, parameters in of:
            sql = str(statement)
            tables = {name for name in re.findall(r"(?:FROM|JOIN) (\w+)", sql) if name in OWNED}
            if not tables:
                continue  # merchants, incidents, releases, rates: small, and nobody's own
            plan = await explain(connection, statement, parameters)
            whole = _sqlite(plan, sql) if leading is None else _postgres(plan[0][0], leading)
            for table in whole:
                found.setdefault(table, sql)
    return found


async def _leading(connection: AsyncConnection) -> dict[str, str]:
    """Index → the column, or expression, that it begins with."""
    rows = await connection.execute(
        text(
            "SELECT c.relname AS name, pg_get_indexdef(i.indexrelid, 1, true) AS first FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid >= 16384"  # not the catalogue's own
        )
    )
    return {row.name: row.first for row in rows}


def _postgres(plan: Any, leading: dict[str, str]) -> Iterator[str]:
    """Tables that are read from one end to the other: by a sequential scan, or along a whole index, which
    a condition on anything but its first column is too."""
    nodes = [((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"], "")]
    while nodes:
        node, above = nodes.pop()
        table = node.get("Relation Name", above)
        nodes += [(child, table) for child in node.get("Plans", [])]
        index = node.get("Index Name")
        condition = node.get("Index Cond", "").replace('"', "")
        if node["Node Type"] == "Seq Scan" or (index and leading.get(index, "") not in condition):
            yield table


def _sqlite(plan: Any, sql: str) -> Iterator[str]:
    """Tables that are scanned; not the statement's own subqueries, which are made of searches."""
    for *_, detail in plan:
        match = re.match(r"SCAN ([A-Za-z]\w*)", detail)
        if match and f") AS {match[1]}" not in sql and f"WITH {match[1]} " not in sql:
            yield re.sub(r"_\d+$", "", match[1])


async def look(engine: AsyncEngine, sample: Sample, shape: Shape) -> AsyncIterator[Finding]:
    """For views only: tables beneath them that would be read whole for one customer's question."""
    if not shape.has_views:
        return
    paying = [row["customer_id"] for row in sample.rows["payments"]]
    customer = max(sample.customers, key=paying.count)
    try:
        found = await scans(engine, await asked(engine, customer), forced=True)
    except (DBAPIError, LedgerError, KeyError, ValueError, TypeError):
        return  # the books have said that payments cannot be read
    for table, sql in found.items():
        views = sorted({name for name in re.findall(r"(?:FROM|JOIN) (\w+)", sql) if name in shape.things})
        yield wrong(
            f"A question about one customer reads all of {table} (through {', '.join(views)}), so that "
            f"answers get slower as it grows: index {table} on the columns that docs/ledger.md names for "
            "these views, and compare them in the view unchanged (no cast or CASE on a key)."
        )
