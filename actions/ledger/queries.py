"""The questions that the bot may put to the ledger. Each one is bound to one verified customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actions.diagnosis import facts as f
from actions.ledger import mapping
from actions.ledger import models as m
from actions.ledger.as_at import LimitBook
from actions.ledger.engine import LedgerError
from actions.ledger.reading import TooManyRecords, bounded
from actions.ledger.records import load, unsent_rows

__all__ = ["HOME_CURRENCY", "FxRate", "Ledger", "TooManyRecords", "UnknownCustomer"]

HOME_CURRENCY = "CNY"
SIBLING_WINDOW = timedelta(days=3)
HEALTH_WINDOW = timedelta(minutes=30)
MAX_PAYMENTS = 200
_SIBLINGS = 100
_LATEST_IF_NONE_MATCHES = 5
_SETTINGS_ROWS = 200
_INCIDENTS = 50
_RELEASES = 50
_HEALTH_SAMPLE = 1_000


class UnknownCustomer(LedgerError):
    """The verified customer id has no row in the ledger."""


@dataclass(frozen=True)
class FxRate:
    """What one unit of `currency` cost in `base` (major units) when it was last quoted."""

    base: str
    currency: str
    rate: Decimal
    quoted_at: datetime


class Ledger:
    """Reads the wallet's ledger. Construct it with an engine from `open_read_only`.

    Every method takes the customer's id from the verified token first and raises ValueError if it is
    empty; `facts` raises UnknownCustomer; any raises TooManyRecords rather than answer from a part.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def customer(self, customer_id: str) -> f.Customer | None:
        """Who this is, with their accounts, restrictions, locks and settings as they are now."""
        _required(customer_id)
        async with self._engine.connect() as connection:
            return await _customer(connection, customer_id)

    async def payments(self, customer_id: str, *, since: datetime, limit: int = 50) -> list[f.Payment]:
        """The newest `limit` (at most 200) payments made at or after `since`, newest first, fully loaded."""
        _required(customer_id)
        limit = max(1, min(limit, MAX_PAYMENTS))
        payment, entry = m.Payment, m.ClientLogEntry
        async with self._engine.connect() as connection:
            rows = await connection.execute(
                select(payment)
                .where(payment.customer_id == customer_id, payment.created_at >= since)
                .order_by(payment.created_at.desc(), payment.id.desc())
                .limit(limit)
            )
            unsent = await connection.execute(
                unsent_rows(customer_id)
                .where(entry.started_at >= since)
                .order_by(entry.started_at.desc(), entry.id.desc())
                .limit(limit)
            )
            return (await load(connection, customer_id, rows.all(), unsent.all()))[:limit]

    async def facts(
        self,
        customer_id: str,
        payment_id: str | None,
        *,
        not_me: bool = False,
        claims_duplicate: bool = False,
    ) -> f.Facts:
        """Everything that the rules may look at for a question about one payment.

        A payment that does not exist and one of another customer's are alike: `payment` is None. Then
        `siblings` are this customer's newest few payments (none if they never paid), so that "nothing
        matches" can be told from "no payments". `incidents` are those of any channel that overlap the
        payment's attempts; `merchant_health` only counts others, around the failing attempt.
        """
        _required(customer_id)
        async with self._engine.connect() as connection:
            customer = await _customer(connection, customer_id)
            if customer is None:
                raise UnknownCustomer("the signed-in customer has no record in the ledger")
            releases = await _releases(connection)
            payments = await self._payment_and_siblings(connection, customer_id, payment_id)
            payment = next((p for p in payments if p.id == payment_id), None)
            return f.Facts(
                customer=customer,
                payment=payment,
                siblings=tuple(p for p in payments if p is not payment),
                incidents=()
                if payment is None
                else await _incidents(connection, *mapping.time_span(payment)),
                releases=releases,
                merchant_health=(
                    f.MerchantHealth()
                    if payment is None
                    else await _merchant_health(connection, customer_id, payment)
                ),
                not_me=not_me,
                claims_duplicate=claims_duplicate,
            )

    async def open_incidents(self, customer_id: str, at: datetime) -> list[f.Incident]:
        """The disturbances, of any channel, that were going on at the moment `at`."""
        _required(customer_id)
        async with self._engine.connect() as connection:
            return [i for i in await _incidents(connection, at, at) if i.ended_at is None or i.ended_at > at]

    async def fx_rate(self, customer_id: str, currency: str) -> FxRate | None:
        """The latest quote for `currency` (ISO 4217) in CNY; None if the wallet has never quoted it."""
        _required(customer_id)
        quote = m.FxQuote
        async with self._engine.connect() as connection:
            row = (
                await connection.execute(
                    select(quote)
                    .where(quote.base == HOME_CURRENCY, quote.currency == currency.upper())
                    .order_by(quote.quoted_at.desc())
                    .limit(1)
                )
            ).first()
        return None if row is None else FxRate(row.base, row.currency, row.rate, row.quoted_at)

    async def limits(self, customer_id: str, at: datetime) -> f.Limits:
        """The limits in CNY in force at `at`, and what of them was used before it."""
        _required(customer_id)
        async with self._engine.connect() as connection:
            book = await LimitBook.read(connection, customer_id, [at])
        return book.at(at, HOME_CURRENCY)

    async def _payment_and_siblings(
        self, connection: AsyncConnection, customer_id: str, payment_id: str | None
    ) -> list[f.Payment]:
        payment, entry = m.Payment, m.ClientLogEntry
        main: Any = None
        if payment_id is not None:
            main = (
                await connection.execute(
                    select(payment)
                    .where(payment.customer_id == customer_id, payment.id == payment_id)
                    .limit(1)
                )
            ).first()
            main = (
                main
                or (
                    await connection.execute(unsent_rows(customer_id).where(entry.id == payment_id).limit(1))
                ).first()
            )
        if main is None:
            newest = select(payment).where(payment.customer_id == customer_id)
            rows = await connection.execute(
                newest.order_by(payment.created_at.desc(), payment.id.desc()).limit(_LATEST_IF_NONE_MATCHES)
            )
            unsent = await connection.execute(
                unsent_rows(customer_id).order_by(entry.started_at.desc()).limit(_LATEST_IF_NONE_MATCHES)
            )
            return (await load(connection, customer_id, rows.all(), unsent.all()))[:_LATEST_IF_NONE_MATCHES]

        made_at = main._mapping.get("created_at") or main.started_at

        def related(table: Any, time: Any) -> Any:
            return or_(
                table.order_no == main.order_no,
                and_(
                    table.merchant_id == main.merchant_id,
                    table.currency == main.currency,
                    time.between(made_at - SIBLING_WINDOW, made_at + SIBLING_WINDOW),
                ),
            )

        rows = await bounded(
            connection,
            select(payment).where(payment.customer_id == customer_id, related(payment, payment.created_at)),
            _SIBLINGS,
        )
        log = await bounded(
            connection, unsent_rows(customer_id).where(related(entry, entry.started_at)), _SIBLINGS
        )
        return await load(connection, customer_id, rows, log)


def _required(customer_id: str) -> None:
    if not isinstance(customer_id, str) or not customer_id:
        raise ValueError("a verified customer id is needed to read the ledger")


async def _customer(connection: AsyncConnection, customer_id: str) -> f.Customer | None:
    person = m.Customer
    row = (
        await connection.execute(
            select(
                person.id,
                person.name,
                person.language,
                person.timezone,
                person.country,
                person.app_version,
            )
            .where(person.id == customer_id)
            .limit(1)
        )
    ).first()
    if row is None:
        return None

    async def own(table: Any, order: Any, *columns: Any) -> Any:
        statement = select(*(columns or (table,))).where(table.customer_id == customer_id).order_by(order)
        return await bounded(connection, statement, _SETTINGS_ROWS)

    hold = m.Restriction
    restrictions = await own(
        hold,
        hold.effective_from,
        hold.status,
        hold.effective_from,
        hold.lifted_at,
        hold.identity_check_offered,
    )
    accounts = await own(m.WalletAccount, m.WalletAccount.currency)
    locks = await own(m.PasswordLock, m.PasswordLock.locked_at)
    abroad = await own(m.InternationalSetting, m.InternationalSetting.customer_id)
    return f.Customer(
        id=row.id,
        name=row.name,
        language=row.language,
        timezone=row.timezone,
        country=row.country,
        app_version=row.app_version,
        accounts=tuple(map(mapping.account, accounts)),
        restrictions=tuple(map(mapping.restriction, restrictions)),
        locks=tuple(map(mapping.lock, locks)),
        international=mapping.international(abroad[0] if abroad else None),
    )


async def _releases(connection: AsyncConnection) -> tuple[f.AppRelease, ...]:
    newest_first = select(m.AppRelease).order_by(m.AppRelease.released_at.desc()).limit(_RELEASES)
    return tuple(map(mapping.release, (await connection.execute(newest_first)).all()))


async def _incidents(connection: AsyncConnection, first: datetime, last: datetime) -> tuple[f.Incident, ...]:
    """Incidents of any channel with a moment in common with [first, last]."""
    incident = m.Incident
    rows = await connection.execute(
        select(incident)
        .where(incident.started_at <= last, or_(incident.ended_at.is_(None), incident.ended_at >= first))
        .order_by(incident.started_at.desc())
        .limit(_INCIDENTS)
    )
    return tuple(map(mapping.incident, rows.all()))


async def _merchant_health(
    connection: AsyncConnection, customer_id: str, payment: f.Payment
) -> f.MerchantHealth:
    """How many attempts of other customers at the same merchant succeeded and failed within 30 minutes
    of the failing attempt (the last one not approved, else the last). Numbers only, of a bounded sample."""
    failing = [a for a in payment.attempts if a.outcome is not f.Outcome.APPROVED] or payment.attempts
    around = failing[-1].started_at if failing else payment.created_at
    attempt = m.Attempt
    sample = (
        select(attempt.outcome)
        .where(
            attempt.customer_id != customer_id,
            attempt.merchant_id == payment.merchant.id,
            attempt.started_at.between(around - HEALTH_WINDOW, around + HEALTH_WINDOW),
            attempt.outcome.in_(("approved", "declined", "no_response")),
        )
        .limit(_HEALTH_SAMPLE)
        .subquery()
    )
    counts = select(sample.c.outcome, func.count().label("n")).group_by(sample.c.outcome)
    rows = (await connection.execute(counts.limit(10))).all()
    by_outcome = {row.outcome: row.n for row in rows}
    succeeded = by_outcome.pop("approved", 0)
    return f.MerchantHealth(others_succeeded=succeeded, others_failed=sum(by_outcome.values()))
