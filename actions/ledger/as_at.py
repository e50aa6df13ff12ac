"""What was true at the moment of an attempt: balance, frozen money, limits and what of them was used.

* Balance: `balance_after` of the account's last leg posted strictly before the attempt began, on the
  `customer` side (= available) and on the `customer_hold` side (= frozen). No leg before = zero.
* Used of a limit: what left the customer for payments (`debit` and `hold` legs, fees not counted) from
  the start of the day or month until strictly before the attempt, by any method, less what had been
  taken back (`reversal`, `release`) by then. A refund gives nothing of a limit back.
* Limit: the rows in force at the attempt (from ≤ at < until); of several for one scope the strictest.
* "Day" and "month" are those of the wallet's zone, Asia/Shanghai.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Integer, String, bindparam, or_, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from actions.diagnosis.facts import Limits, Money
from actions.diagnosis.policy import DEFAULT
from actions.ledger import models as m
from actions.ledger.reading import BOUND, CUSTOMER, bounded, limited
from actions.ledger.types import UtcDateTime

WALLET_ZONE = ZoneInfo(DEFAULT.wallet_zone)
_LIMIT_ROWS = 200
_TAKEN_BACK_ROWS = 10_000  # what one customer got back in some months, many times over

Moment = tuple[datetime, str]  # when, and in which currency


def day_start(at: datetime) -> datetime:
    """The midnight, in the wallet's zone, that began the day of `at`; as UTC."""
    local = at.astimezone(WALLET_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return local.astimezone(timezone.utc)


def month_start(at: datetime) -> datetime:
    """The midnight, in the wallet's zone, that began the month of `at`; as UTC."""
    return day_start(at.astimezone(WALLET_ZONE).replace(day=1))


def _next_month(at: datetime) -> datetime:
    return month_start(month_start(at) + timedelta(days=32))


def balance_before(side: str, account_id: Any, at: Any) -> Any:
    """The SQL for one side of a wallet account ("customer" = available, "customer_hold" = frozen)
    just before `at`; both may be columns of the statement around it."""
    leg = aliased(m.Posting)
    return (
        select(leg.balance_after)
        .where(
            leg.customer_id == CUSTOMER,
            leg.wallet_account_id == account_id,
            leg.account == side,
            leg.posted_at < at,
        )
        .order_by(leg.posted_at.desc(), leg.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )


_LIMITS = limited(
    select(
        m.SpendingLimit.scope,
        m.SpendingLimit.minor,
        m.SpendingLimit.currency,
        m.SpendingLimit.effective_from,
        m.SpendingLimit.effective_until,
    ).where(
        m.SpendingLimit.customer_id == CUSTOMER,
        m.SpendingLimit.effective_from <= bindparam("last"),
        or_(
            m.SpendingLimit.effective_until.is_(None),
            m.SpendingLimit.effective_until > bindparam("first"),
        ),
    )
)


def _taken_back_statement() -> Any:
    """What came back of a payment's debit or hold, with the time of both legs. One part a kind, so that
    each is one range of the index."""

    def of(back_kind: str) -> Any:
        back, leg = m.Posting, aliased(m.Posting)
        return (
            select(
                leg.posted_at, leg.currency, back.posted_at.label("back_at"), back.minor.label("back_minor")
            )
            .join(leg, leg.id == back.reverses)
            .where(
                back.customer_id == CUSTOMER,
                back.account == "customer",
                back.kind == back_kind,
                back.posted_at >= bindparam("since"),
                back.posted_at < bindparam("last"),
                leg.customer_id == CUSTOMER,
                leg.account == "customer",
                leg.kind.in_(("debit", "hold")),
                leg.payment_id.is_not(None),
                leg.posted_at >= bindparam("since"),
            )
        )

    return limited(union_all(of("reversal"), of("release")))


_TAKEN_BACK = _taken_back_statement()


@lru_cache
def _spent_statement(spans: int) -> Any:
    """What left the customer for payments in each of so many spans of time, added up by the database:
    a busy customer's month is thousands of legs. As text, because SQLAlchemy would compile a VALUES of
    its own anew each time; `columns` makes it give the parameters' types to PostgreSQL."""
    rows = ", ".join(f"(:number_{n}, :since_{n}, :until_{n}, :currency_{n})" for n in range(spans))
    typed = [
        bindparam(f"{name}_{n}", type_=type_)
        for name, type_ in (("since", UtcDateTime), ("until", UtcDateTime), ("currency", String))
        for n in range(spans)
    ]
    numbers = [bindparam(f"number_{n}", value=n, type_=Integer) for n in range(spans)]
    statement = text(
        f"""
        WITH span (number, since, until, currency) AS (VALUES {rows})
        SELECT span.number, (
            SELECT -sum(postings.minor) FROM postings
            WHERE postings.customer_id = :customer AND postings.account = 'customer'
            AND postings.kind IN ('debit', 'hold') AND postings.payment_id IS NOT NULL
            AND postings.posted_at >= span.since AND postings.posted_at < span.until
            AND postings.currency = span.currency
        ) AS minor
        FROM span LIMIT :bound
        """  # noqa: S608 (only names of parameters are put in)
    )
    return statement.bindparams(CUSTOMER, BOUND, *typed, *numbers).columns(number=Integer, minor=BigInteger)


def _spans(moments: Iterable[Moment]) -> list[tuple[datetime, datetime, str]]:
    """The spans, without overlap, that add up to every moment's day and month until then."""
    ends: dict[str, set[datetime]] = defaultdict(set)
    months: set[datetime] = set()
    for at, currency in moments:
        ends[currency] |= {month_start(at), day_start(at), at}
        months.add(month_start(at))
    return [
        (since, until, currency)
        for currency, times in ends.items()
        for since, until in pairwise(sorted(times))
        if until not in months  # what lies before a month's start counts for no moment of it
    ]


async def _spent(
    connection: AsyncConnection, customer_id: str, spans: Sequence[tuple[datetime, datetime, str]]
) -> list[int]:
    """Minor units spent in each span. Few sizes of statement, so that the database can keep its plans."""
    if not spans:
        return []
    size = 1 << (len(spans) - 1).bit_length()
    padded = [*spans, *[(spans[0][0], spans[0][0], spans[0][2])] * (size - len(spans))]
    values: dict[str, Any] = {}
    for n, (since, until, currency) in enumerate(padded):
        values |= {f"since_{n}": since, f"until_{n}": until, f"currency_{n}": currency}
    rows = await bounded(connection, _spent_statement(size), size, customer=customer_id, **values)
    minor = {row.number: int(row.minor or 0) for row in rows}
    return [minor[n] for n in range(len(spans))]


class LimitBook:
    """A customer's limits and spending, able to say what held at each of the moments it was read for."""

    def __init__(
        self, limits: Sequence[Any], spent: Sequence[tuple[datetime, datetime, str, int]], back: Sequence[Any]
    ) -> None:
        self._limits = limits
        self._back = back
        # by currency: the spans' beginnings and ends in order of time, and what was spent before each
        self._spent: dict[str, tuple[list[datetime], list[datetime], list[int]]] = {}
        for begin, end, currency, minor in spent:
            begins, ends, sums = self._spent.setdefault(currency, ([], [], [0]))
            begins.append(begin)
            ends.append(end)
            sums.append(sums[-1] + minor)

    @classmethod
    async def read(
        cls, connection: AsyncConnection, customer_id: str, moments: Iterable[Moment]
    ) -> LimitBook:
        """Reads what is needed to answer for `moments`: three statements, none if there are no moments."""
        asked = sorted(set(moments))
        if not asked:
            return cls((), (), ())
        first, last = asked[0][0], asked[-1][0]
        limits = await bounded(connection, _LIMITS, _LIMIT_ROWS, customer=customer_id, first=first, last=last)
        spans = _spans(asked)
        spent = await _spent(connection, customer_id, spans)
        back = await bounded(
            connection,
            _TAKEN_BACK,
            _TAKEN_BACK_ROWS,
            customer=customer_id,
            since=month_start(first),
            last=last,
        )
        return cls(limits, [(*span, minor) for span, minor in zip(spans, spent, strict=True)], back)

    def at(self, at: datetime, currency: str) -> Limits:
        """The limits in `currency` as they stood at the moment `at`, and what of them was used before it.
        Only for moments that the book was read for."""

        def limit(scope: str) -> Money | None:
            in_force = [
                row.minor
                for row in self._limits
                if (row.scope, row.currency) == (scope, currency)
                and row.effective_from <= at
                and (row.effective_until is None or at < row.effective_until)
            ]
            return Money(min(in_force), currency) if in_force else None

        def used(since: datetime) -> Money:
            begins, ends, sums = self._spent.get(currency, ([], [], [0]))
            total = sums[bisect_right(ends, at)] - sums[bisect_left(begins, since)]
            total -= sum(
                row.back_minor
                for row in self._back
                if row.currency == currency and since <= row.posted_at < at and row.back_at < at
            )
            return Money(total, currency)

        return Limits(
            per_payment=limit("per_payment"),
            daily=limit("daily"),
            monthly=limit("monthly"),
            used_today=used(day_start(at)),
            used_month=used(month_start(at)),
            resets_at=day_start(at) + timedelta(days=1),
            month_resets_at=_next_month(at),
        )
