"""The sampled values: types, words, currencies, units and zones that only the rows can show."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from statistics import median
from typing import Any

from sqlalchemy import extract, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from actions.diagnosis.currencies import exponent, is_known
from actions.ledger.check.finding import Finding, some, wrong
from actions.ledger.check.sample import Sample, raw
from actions.ledger.contract import CONTRACT, Field, Kind

Rows = list[dict[str, Any]]
_STORED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?")
_CLOCKS = timedelta(minutes=10)  # how far clocks may be apart
# Plans for the future are right to lie there.
_FUTURE = frozenset({"expires_at", "effective_from", "effective_until", "locked_until", "minimum_from"})
_ENOUGH = 20  # fewer rows say nothing about a habit


async def look(engine: AsyncEngine, sample: Sample, now: datetime) -> AsyncIterator[Finding]:
    """Everything that the values show."""
    broken = False
    for relation in CONTRACT:
        for column in relation.fields:
            for finding in _column(column, sample.rows[relation.name]):
                broken = True
                yield finding
    if not broken:
        for finding in (*_future(sample, now), *_hours_apart(sample), *_units(sample)):
            yield finding
    if engine.dialect.name == "postgresql":
        async for finding in _session_zone(engine, sample):
            yield finding


def _column(column: Field, rows: Rows) -> Iterator[Finding]:
    values = [row[column.name] for row in rows]
    if not column.nullable and None in values:
        empty = sum(value is None for value in values)
        yield wrong(
            f"{column} is empty in {empty} of {len(values)} rows looked at: it must hold {_needed(column)}."
        )
    present = [value for value in values if value is not None]
    bad = [value for value in present if not _CHECKS[column.kind](value)]
    if bad:
        yield wrong(_sentence(column, bad, len(present)))
    elif column.words:
        unknown = sorted({value for value in present if value not in column.words})
        if unknown:
            yield wrong(
                f"{column} holds {some(map(repr, unknown))}, which the bot does not know: "
                f"translate it in the view to one of {', '.join(column.words)}."
            )


def _needed(column: Field) -> str:
    return column.kind.unit or column.kind.type


def _sentence(column: Field, bad: list[Any], of: int) -> str:
    example = repr(bad[0])
    count = f"in {len(bad)} of {of} rows looked at"
    if column.kind is Kind.MONEY:
        return (
            f"{column} holds {example} {count}: amounts are whole minor units, never fractions or floats; "
            "give round(… * 100) as a whole number (CNY has 2 decimal places, JPY 0, KWD 3)."
        )
    if column.kind is Kind.TIME:
        return (
            f"{column} holds {example} {count}: store UTC as 'YYYY-MM-DD HH:MM:SS', without an offset, "
            "which would not be heeded; convert local times to UTC first."
        )
    if column.kind is Kind.CURRENCY:
        return f"{column} holds {example} {count}: give the ISO 4217 code in capitals, e.g. CNY."
    return f"{column} holds {example} {count}: give {column.kind.type} ({_needed(column)})."


def _is_time(value: Any) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is not None
    return isinstance(value, str) and _STORED.fullmatch(value) is not None


def _is_rate(value: Any) -> bool:
    try:
        return not isinstance(value, float) and Decimal(value) > 0
    except (InvalidOperation, TypeError, ValueError):
        return False


def _is_list(value: Any) -> bool:
    try:
        items = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return False
    return isinstance(items, list) and all(isinstance(item, str) for item in items)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return type(value) is int


_CHECKS: dict[Kind, Callable[[Any], bool]] = {
    Kind.TEXT: _is_text,
    Kind.WORD: _is_text,
    Kind.CURRENCY: lambda value: isinstance(value, str) and is_known(value),
    Kind.COUNTRY: lambda value: isinstance(value, str) and re.fullmatch("[A-Z]{2}", value) is not None,
    Kind.MONEY: _is_whole,
    Kind.WHOLE: _is_whole,
    Kind.FLAG: lambda value: isinstance(value, bool) or value in (0, 1),
    Kind.TIME: _is_time,
    Kind.RATE: _is_rate,
    Kind.LIST: _is_list,
}


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value[:19]).replace(tzinfo=timezone.utc)


def _future(sample: Sample, now: datetime) -> Iterator[Finding]:
    for relation in CONTRACT:
        for column in relation.fields:
            if column.kind is Kind.TIME and column.name not in _FUTURE:
                values = [row[column.name] for row in sample.rows[relation.name] if row[column.name]]
                late = [moment for moment in map(_moment, values) if moment > now + _CLOCKS]
                if late:
                    yield wrong(
                        f"{column} lies in the future in {len(late)} of {len(values)} rows looked at (latest "
                        f"{max(late):%Y-%m-%d %H:%M} UTC): these look like local times taken for UTC; say in "
                        "the view which zone they are in (`AT TIME ZONE 'Asia/Shanghai'`)."
                    )


def _hours_apart(sample: Sample) -> Iterator[Finding]:
    """A try begins when its payment is made and money moves then, so whole hours between are a zone's."""
    made = {row["id"]: _moment(row["created_at"]) for row in sample.rows["payments"]}
    for table, column in (("attempts", "started_at"), ("postings", "posted_at")):
        first: dict[str, datetime] = {}
        for row in sample.rows[table]:
            payment, at = row["payment_id"], _moment(row[column])
            if payment in made:
                first[payment] = min(first.get(payment, at), at)
        apart = [(at - made[payment]).total_seconds() / 3600 for payment, at in first.items()]
        typical = median(apart) if apart else 0.0
        nearest = round(typical)
        if (
            nearest
            and abs(typical - nearest) < 0.1
            and sum(abs(h - typical) < 0.1 for h in apart) > len(apart) * 0.5
        ):
            yield wrong(
                f"{table}.{column} is {abs(nearest)} hours {'after' if nearest > 0 else 'before'} "
                f"payments.created_at in most of {len(apart)} payments looked at: one of the two is in "
                "another zone; make both UTC."
            )


def _units(sample: Sample) -> Iterator[Finding]:
    """Amounts a hundred times too small or too large, by comparison and by habit."""
    payments = {row["id"]: row for row in sample.rows["payments"]}
    ratios = []
    for leg in sample.rows["postings"]:
        paid = payments.get(leg["payment_id"])
        taken = leg["kind"] in ("debit", "hold") and leg["account"] == "customer"
        if paid and taken and paid["currency"] == leg["currency"] and paid["minor"]:
            ratios.append(-leg["minor"] / paid["minor"])
    if len(ratios) >= 5:
        for times, small, large in ((100, "payments", "postings"), (0.01, "postings", "payments")):
            if abs(median(ratios) / times - 1) < 0.01:
                yield wrong(
                    f"{large}.minor is 100 times {small}.minor for the same payments: one of the two is in "
                    "major units; multiply it by 100 in the view."
                )
    by_currency: dict[str, list[int]] = defaultdict(list)
    for row in payments.values():
        by_currency[row["currency"]].append(row["minor"])
    for currency, amounts in by_currency.items():
        if len(amounts) < _ENOUGH:
            continue
        if exponent(currency) == 2 and (median(amounts) < 200 or max(amounts) < 5_000):
            yield wrong(
                f"payments.minor looks like major units: of {len(amounts)} payments in {currency} looked at "
                f"half are below {median(amounts) / 100:.2f} and none is above {max(amounts) / 100:.2f}; "
                "multiply by 100 in the view (12800 is 128.00)."
            )
        if currency == "JPY" and all(amount % 100 == 0 for amount in amounts):
            yield wrong(
                f"payments.minor ends in 00 for all {len(amounts)} payments in JPY looked at: the yen has no "
                "smaller unit, so 1200 is ¥1,200; do not multiply it by 100."
            )


async def _session_zone(engine: AsyncEngine, sample: Sample) -> AsyncIterator[Finding]:
    """A view that casts a time without zone gives what the session's zone makes of it: another moment for
    each reader."""
    for relation in CONTRACT:
        times = [column.name for column in relation.fields if column.kind is Kind.TIME]
        rows = sample.rows[relation.name]
        if not times or not rows:
            continue
        source = raw(relation)
        key = relation.fields[0].name
        few = select(*(extract("epoch", source.c[name]).label(name) for name in times)).where(
            source.c[key].in_([row[key] for row in rows[:20]])
        )
        seen = []
        for zone in ("UTC", "Asia/Shanghai"):
            async with engine.connect() as connection:
                await connection.execute(text(f"SET LOCAL TIME ZONE '{zone}'"))
                found = (await connection.execute(few.order_by(source.c[key]))).all()
                seen.append([tuple(row) for row in found])
        for number, name in enumerate(times):
            if [row[number] for row in seen[0]] != [row[number] for row in seen[1]]:
                yield wrong(
                    f"{relation.name}.{name} changes with the session's time zone: the view casts a time "
                    "without zone; write `AT TIME ZONE 'Asia/Shanghai'` (the zone it was written in) instead."
                )
