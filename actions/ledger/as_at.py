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

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from actions.diagnosis.facts import Limits, Money
from actions.diagnosis.policy import DEFAULT
from actions.ledger import models as m
from actions.ledger.reading import bounded

WALLET_ZONE = ZoneInfo(DEFAULT.wallet_zone)
_LIMIT_ROWS = 200
_SPENDING_ROWS = 10_000  # a month of one customer's payments, many times over


def day_start(at: datetime) -> datetime:
    """The midnight, in the wallet's zone, that began the day of `at`; as UTC."""
    local = at.astimezone(WALLET_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return local.astimezone(timezone.utc)


def month_start(at: datetime) -> datetime:
    """The midnight, in the wallet's zone, that began the month of `at`; as UTC."""
    return day_start(at.astimezone(WALLET_ZONE).replace(day=1))


def _next_month(at: datetime) -> datetime:
    return month_start(month_start(at) + timedelta(days=32))


def balance_before(customer_id: str, side: str, account_id: Any, at: Any) -> Any:
    """The SQL for one side of a wallet account ("customer" = available, "customer_hold" = frozen)
    just before `at`; both may be columns of the statement around it."""
    leg = aliased(m.Posting)
    return (
        select(leg.balance_after)
        .where(
            leg.customer_id == customer_id,
            leg.wallet_account_id == account_id,
            leg.account == side,
            leg.posted_at < at,
        )
        .order_by(leg.posted_at.desc(), leg.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )


class LimitBook:
    """A customer's limits and spending over some time, able to say what held at any moment in it."""

    def __init__(self, limits: Sequence[Any], spending: Sequence[Any]) -> None:
        self._limits = limits
        self._spending = spending

    @classmethod
    async def read(
        cls, connection: AsyncConnection, customer_id: str, moments: Iterable[datetime]
    ) -> LimitBook:
        """Reads what is needed to answer for `moments`: two statements, none if there are no moments."""
        times = sorted(moments)
        if not times:
            return cls((), ())
        first, last = times[0], times[-1]
        limit = m.SpendingLimit
        limits = await bounded(
            connection,
            select(
                limit.scope, limit.minor, limit.currency, limit.effective_from, limit.effective_until
            ).where(
                limit.customer_id == customer_id,
                limit.effective_from <= last,
                or_(limit.effective_until.is_(None), limit.effective_until > first),
            ),
            _LIMIT_ROWS,
        )
        leg, back = m.Posting, aliased(m.Posting)
        spending = await bounded(
            connection,
            select(
                leg.posted_at,
                leg.currency,
                leg.minor,
                back.posted_at.label("back_at"),
                back.minor.label("back_minor"),
            )
            .outerjoin(back, and_(back.reverses == leg.id, back.customer_id == customer_id))
            .where(
                leg.customer_id == customer_id,
                leg.account == "customer",
                leg.kind.in_(("debit", "hold")),
                leg.payment_id.is_not(None),
                leg.posted_at >= month_start(first),
                leg.posted_at < last,
            ),
            _SPENDING_ROWS,
        )
        return cls(limits, spending)

    def at(self, at: datetime, currency: str) -> Limits:
        """The limits in `currency` as they stood at the moment `at`, and what of them was used before it."""

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
            total = 0
            for row in self._spending:
                if row.currency == currency and since <= row.posted_at < at:
                    total -= row.minor
                    if row.back_at is not None and row.back_at < at:
                        total -= row.back_minor
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
