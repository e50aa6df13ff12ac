"""What all tables share: the registry, small column makers and checks."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, String
from sqlalchemy.orm import declarative_base

Base: Any = declarative_base()


def key() -> Any:
    """A readable text primary key."""
    return Column(String(64), primary_key=True)


def customer_key(**options: Any) -> Any:
    """The owner of a row: every table with customer data has it, so that every query can be bound to it."""
    return Column(String(64), ForeignKey("customers.id"), nullable=False, **options)


def currency(**options: Any) -> Any:
    """An ISO 4217 code."""
    options.setdefault("nullable", False)
    return Column(String(3), **options)


def one_of(column: str, values: Iterable[Enum | str], *, nullable: bool = False) -> CheckConstraint:
    """The column holds one of the given words."""
    words = [value.value if isinstance(value, Enum) else str(value) for value in values]
    test = f"{column} IN ({', '.join(repr(word) for word in words)})"
    return CheckConstraint(
        f"{column} IS NULL OR {test}" if nullable else test,
        name=f"{column}_known",
        info={"column": column, "words": tuple(words)},  # for the contract
    )
