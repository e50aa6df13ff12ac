"""Tables or views, columns, types and indexes: what the database's own catalogue says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from actions.ledger.check.finding import Finding, misshapen, some, wrong
from actions.ledger.contract import CONTRACT, Field, Kind, Relation


@dataclass
class Thing:
    """One table or view as it is; `types` by column, "" where the database cannot say."""

    relation: Relation
    view: bool
    types: dict[str, str]
    indexes: list[tuple[str, ...]] = field(default_factory=list)
    readable: bool = True


@dataclass
class Shape:
    """What is there, by name."""

    dialect: str
    things: dict[str, Thing]

    @property
    def has_views(self) -> bool:
        """Whether at least one of them is a view, whose indexes only its plans can show."""
        return any(thing.view for thing in self.things.values())


async def read(connection: AsyncConnection) -> Shape:
    """Reads the catalogue."""
    dialect = connection.dialect.name
    one = _postgres if dialect == "postgresql" else _sqlite
    things = {}
    for relation in CONTRACT:
        thing = await one(connection, relation)
        if thing is not None:
            things[relation.name] = thing
    return Shape(dialect, things)


async def _sqlite(connection: AsyncConnection, relation: Relation) -> Thing | None:
    found = await connection.execute(
        text("SELECT type FROM sqlite_master WHERE name = :name AND type IN ('table', 'view')"),
        {"name": relation.name},
    )
    kind = found.scalar()
    if kind is None:
        return None
    # Names come from the mapping, never from outside.
    columns = (await connection.execute(text(f"PRAGMA table_info({relation.name})"))).all()
    thing = Thing(relation, kind == "view", {row.name: row.type.lower() for row in columns})
    key = tuple(row.name for row in sorted(columns, key=lambda row: row.pk) if row.pk)
    thing.indexes = [key] if key else []
    for index in (await connection.execute(text(f"PRAGMA index_list({relation.name})"))).all():
        if not index.partial:
            inside = (await connection.execute(text(f'PRAGMA index_info("{index.name}")'))).all()
            thing.indexes.append(tuple(row.name for row in inside))
    return thing


_COLUMNS = text(
    """
    SELECT c.relkind::text AS kind, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
           has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.oid = to_regclass(:name)
    """
)
_INDEXES = text(
    """
    SELECT array_agg(a.attname::text ORDER BY k.position) AS names
    FROM pg_index i
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = to_regclass(:name) AND i.indisvalid AND i.indpred IS NULL
      AND k.position <= i.indnkeyatts
    GROUP BY i.indexrelid
    """
)


async def _postgres(connection: AsyncConnection, relation: Relation) -> Thing | None:
    columns = (await connection.execute(_COLUMNS, {"name": relation.name})).all()
    if not columns:
        return None
    thing = Thing(relation, columns[0].kind == "v", {row.attname: row.type for row in columns})
    wanted = {f.name for f in relation.fields}
    thing.readable = all(row.readable for row in columns if row.attname in wanted)
    rows = await connection.execute(_INDEXES, {"name": relation.name})
    thing.indexes = [tuple(row.names) for row in rows]
    return thing


def columns(shape: Shape) -> Iterator[Finding]:
    """Missing tables and columns, and types that the bot would misread."""
    absent = [relation.name for relation in CONTRACT if relation.name not in shape.things]
    if absent:
        yield misshapen(
            f"There is no table or view {some(absent, 20)}: make it as docs/ledger.md says, in a schema on "
            "the account's search_path (a view without rows will do for what your wallet does not have)."
        )
    for relation in CONTRACT:
        thing = shape.things.get(relation.name)
        if thing is None:
            continue
        missing = [f for f in relation.fields if f.name not in thing.types]
        for lacking in missing:
            value = "NULL" if lacking.nullable else lacking.meaning
            yield misshapen(
                f"{relation.name} has no column {lacking.name}: add it as {lacking.kind.type} ({value})."
            )
        if not thing.readable:
            yield misshapen(
                f"The account may not read {relation.name}: GRANT SELECT ON {relation.name} to it."
            )
        for present in relation.fields:
            if present not in missing:
                yield from _type(present, thing.types[present.name], shape.dialect)


_GOOD = {
    Kind.TEXT: r"text|character varying.*",
    Kind.WORD: r"text|character varying.*",
    Kind.CURRENCY: r"text|character varying.*|character\(3\)",
    Kind.COUNTRY: r"text|character varying.*|character\(2\)",
    Kind.MONEY: r"bigint|integer",
    Kind.WHOLE: r"bigint|integer|smallint",
    Kind.FLAG: r"boolean",
    Kind.TIME: r"timestamp.* with time zone",
    Kind.RATE: r"numeric.*|text|character varying.*",
    Kind.LIST: r"jsonb?",
}
_INSTEAD = {
    Kind.MONEY: "amounts are whole minor units: give round(… * 100)::bigint (CNY has 2 decimal places, "
    "JPY 0, KWD 3)",
    Kind.TIME: "times must carry their zone: give `… AT TIME ZONE 'UTC'`, or the zone that they were written "
    "in, e.g. 'Asia/Shanghai'",
    Kind.RATE: "rates must be exact: give numeric",
    Kind.LIST: "give a JSON list of codes, e.g. jsonb_build_array('CNY')",
    Kind.FLAG: "give true or false, e.g. `… = 1`",
}
# SQLite keeps any value in any column; only a declaration that turns whole numbers into others is wrong.
_SQLITE_BAD = {Kind.MONEY: r"real|float|double.*|numeric.*|decimal.*", Kind.RATE: r"real|float|double.*"}


def _type(column: Field, type_: str, dialect: str) -> Iterator[Finding]:
    if dialect == "postgresql":
        good = re.fullmatch(_GOOD[column.kind], type_) is not None
    else:
        good = re.fullmatch(_SQLITE_BAD.get(column.kind, r"\b\B"), type_) is None
    if not good:
        instead = _INSTEAD.get(column.kind, f"cast it to {column.kind.type}")
        yield misshapen(f"{column} is {type_}, but {instead}.")


def indexes(shape: Shape) -> Iterator[Finding]:
    """Tables without the indexes that the bot's statements need. (Views: see `plans`.)"""
    for thing in shape.things.values():
        if thing.view:
            continue
        for wanted in thing.relation.indexes:
            if not set(wanted) <= set(thing.types):
                continue  # said already: the column is missing
            if not any(there[: len(wanted)] == wanted for there in thing.indexes):
                columns_ = ", ".join(wanted)
                yield wrong(
                    f"{thing.relation.name} has no index on ({columns_}), so that answers get slower as it "
                    f"grows: CREATE INDEX ON {thing.relation.name} ({columns_})."
                )
