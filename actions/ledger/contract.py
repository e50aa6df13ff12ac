"""What a wallet's database must look like for the bot: the mapping in `actions.ledger.models`, as data.

Tables or views, columns, types, units and words come from the mapping; `meanings` adds one sentence a
column. The checker verifies a database against this, and docs/ledger.md prints it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import JSON, Boolean, Integer

from actions.ledger.meanings import MEANINGS
from actions.ledger.models import Base
from actions.ledger.types import ExactDecimal, UtcDateTime

# Never selected by any query, so a view may leave them out; risk control's own words had better stay out.
UNREAD = frozenset(
    {
        ("customers", "risk_status"),
        ("customers", "created_at"),
        ("restrictions", "id"),
        ("restrictions", "reason"),
        ("spending_limits", "id"),
    }
)


class Kind(Enum):
    """What a column holds: its type on PostgreSQL and its unit, in words."""

    TEXT = ("text", "")
    WORD = ("text", "one of the words")
    CURRENCY = ("text", "ISO 4217")
    COUNTRY = ("text", "ISO 3166 alpha-2")
    MONEY = ("bigint", "minor units of `currency`")
    WHOLE = ("bigint", "whole number")
    FLAG = ("boolean", "true or false")
    TIME = ("timestamptz", "UTC")
    RATE = ("numeric or text", "major units, exact decimal")
    LIST = ("jsonb", "list of codes")

    @property
    def type(self) -> str:
        """The PostgreSQL type to give it in a view."""
        return self.value[0]

    @property
    def unit(self) -> str:
        """The unit, in words."""
        return self.value[1]


@dataclass(frozen=True)
class Field:
    """One column of the contract. `words`: the only values it may hold (empty = any)."""

    table: str
    name: str
    kind: Kind
    nullable: bool
    words: tuple[str, ...]
    meaning: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


@dataclass(frozen=True)
class Relation:
    """One table or view of the contract. `indexes`: columns, in order, that an index must begin with."""

    name: str
    meaning: str
    fields: tuple[Field, ...]
    indexes: tuple[tuple[str, ...], ...]

    @property
    def owned(self) -> bool:
        """Whether its rows belong to customers."""
        return any(field.name == "customer_id" for field in self.fields)


def _kind(column: Any, words: tuple[str, ...]) -> Kind:
    if isinstance(column.type, UtcDateTime):
        return Kind.TIME
    if isinstance(column.type, ExactDecimal):
        return Kind.RATE
    if isinstance(column.type, JSON):
        return Kind.LIST
    if isinstance(column.type, Boolean):
        return Kind.FLAG
    if isinstance(column.type, Integer):  # BigInteger too
        money = column.name == "minor" or column.name.endswith("_minor") or column.name == "balance_after"
        return Kind.MONEY if money else Kind.WHOLE
    if column.name in ("currency", "base"):
        return Kind.CURRENCY
    if column.name == "country":
        return Kind.COUNTRY
    return Kind.WORD if words else Kind.TEXT


def _fields(table: Any) -> Iterator[Field]:
    known = {c.info["column"]: c.info["words"] for c in table.constraints if "words" in c.info}
    for column in table.columns:
        if (table.name, column.name) in UNREAD:
            continue
        words = known.get(column.name, ())
        yield Field(
            table.name,
            column.name,
            _kind(column, words),
            bool(column.nullable),
            words,
            MEANINGS[table.name][column.name],
        )


def _indexes(table: Any) -> tuple[tuple[str, ...], ...]:
    """The mapping's own indexes and primary key, without those that another one begins with."""
    wanted = {tuple(column.name for column in table.primary_key.columns)}
    for index in table.indexes:
        names = [column.name for column in index.columns]
        wanted.add(tuple(names[: index.info.get("leading", len(names))]))
    read = {name for name in table.columns.keys() if (table.name, name) not in UNREAD}  # noqa: SIM118
    longest = [
        columns
        for columns in wanted
        if set(columns) <= read
        and not any(other != columns and other[: len(columns)] == columns for other in wanted)
    ]
    return tuple(sorted(longest))


CONTRACT: tuple[Relation, ...] = tuple(
    Relation(table.name, MEANINGS[table.name][""], tuple(_fields(table)), _indexes(table))
    for table in Base.metadata.sorted_tables
)


def markdown() -> str:
    """The contract as the section of docs/ledger.md that a test compares it with."""
    lines: list[str] = []
    for relation in CONTRACT:
        lines += [f"### `{relation.name}`", "", relation.meaning, ""]
        lines += ["| column | type | unit | meaning |", "|---|---|---|---|"]
        for field in relation.fields:
            unit = ", ".join(f"`{word}`" for word in field.words) or field.kind.unit
            empty = ", may be empty" if field.nullable else ""
            lines.append(f"| `{field.name}` | {field.kind.type}{empty} | {unit} | {field.meaning} |")
        indexes = "; ".join(f"({', '.join(columns)})" for columns in relation.indexes)
        lines += ["", f"Indexes that begin with: {indexes}.", ""]
    return "\n".join(lines)
