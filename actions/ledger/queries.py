"""The questions that the bot may put to the ledger. Each one is bound to one verified customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, and_, bindparam, case, column, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actions.diagnosis import facts as f
from actions.ledger import mapping
from actions.ledger import models as m
from actions.ledger.as_at import LimitBook
from actions.ledger.engine import LedgerError
from actions.ledger.reading import CUSTOMER, TooManyRecords, bounded, limited, newest
from actions.ledger.records import load, unsent_rows

__all__ = ["HOME_CURRENCY", "FxRate", "Ledger", "TooManyRecords", "UnknownCustomer"]

HOME_CURRENCY = "CNY"
SIBLING_WINDOW = timedelta(days=3)
HEALTH_WINDOW = timedelta(minutes=30)
MAX_PAYMENTS = 200
_SIBLINGS = 100
_OTHER_SIBLINGS = 10  # of another amount, the nearest in time
_LATEST_IF_NONE_MATCHES = 5
_LOG_ENTRIES = 300  # of the app's log, the newest, that are looked through for orders never heard of
_SETTINGS_ROWS = 200
_INCIDENTS = 50
_RELEASES = 50
_HEALTH_SAMPLE = 1_000


_PAYMENT = select(m.Payment).where(m.Payment.customer_id == CUSTOMER)
_NEWEST_FIRST = (m.Payment.created_at.desc(), m.Payment.id.desc())
_ONE = limited(_PAYMENT.where(m.Payment.id == bindparam("payment")))
_SINCE = limited(_PAYMENT.where(m.Payment.created_at >= bindparam("since")).order_by(*_NEWEST_FIRST))
_NEWEST = limited(_PAYMENT.order_by(*_NEWEST_FIRST))

_LOOKED_AT = bindparam("looked_at", value=_LOG_ENTRIES, type_=Integer)
_UNSENT_ONE = limited(unsent_rows(m.ClientLogEntry.id == bindparam("payment")))
_UNSENT_SINCE = limited(unsent_rows(m.ClientLogEntry.started_at >= bindparam("since"), newest_of=_LOOKED_AT))
_UNSENT_NEWEST = limited(unsent_rows(true(), newest_of=_LOOKED_AT))


def _related(table: Any, time: Any) -> Any:
    """Of the same order, or at the same merchant in the same currency at about the same time."""
    return or_(
        table.order_no == bindparam("order_no"),
        and_(
            table.merchant_id == bindparam("merchant"),
            table.currency == bindparam("currency"),
            time.between(bindparam("since"), bindparam("until")),
        ),
    )


def _could_be_the_same(table: Any) -> Any:
    """Of the same order or of the same amount, or a subscription, whose price may change."""
    return or_(
        table.order_no == bindparam("order_no"),
        table.minor == bindparam("minor"),
        table.kind == f.PaymentKind.SUBSCRIPTION.value,
    )


_SIBLINGS_OF = limited(
    select(m.Payment, case((_could_be_the_same(m.Payment), 0), else_=1).label("other"))
    .where(m.Payment.customer_id == CUSTOMER, _related(m.Payment, m.Payment.created_at))
    .order_by(column("other"), *_NEWEST_FIRST)
)
_UNSENT_SIBLINGS_OF = limited(unsent_rows(_related(m.ClientLogEntry, m.ClientLogEntry.started_at)))

_CUSTOMER = limited(  # with their settings for paying abroad, if they have any
    select(
        m.InternationalSetting,
        m.Customer.id,
        m.Customer.name,
        m.Customer.language,
        m.Customer.timezone,
        m.Customer.country,
        m.Customer.app_version,
    )
    .select_from(m.Customer)
    .outerjoin(m.InternationalSetting, m.InternationalSetting.customer_id == CUSTOMER)
    .where(m.Customer.id == CUSTOMER)
)


def _own(table: Any, order: Any, *columns: Any) -> Any:
    return limited(select(*(columns or (table,))).where(table.customer_id == CUSTOMER).order_by(order))


_RESTRICTIONS = _own(  # never its reason
    m.Restriction,
    m.Restriction.effective_from,
    m.Restriction.status,
    m.Restriction.effective_from,
    m.Restriction.lifted_at,
    m.Restriction.identity_check_offered,
)
_ACCOUNTS = _own(m.WalletAccount, m.WalletAccount.currency)
_LOCKS = _own(m.PasswordLock, m.PasswordLock.locked_at)

_RELEASES_NEWEST = limited(select(m.AppRelease).order_by(m.AppRelease.released_at.desc()))
_INCIDENTS_DURING = limited(
    select(m.Incident)
    .where(
        m.Incident.started_at <= bindparam("last"),
        or_(m.Incident.ended_at.is_(None), m.Incident.ended_at >= bindparam("first")),
    )
    .order_by(m.Incident.started_at.desc())
)
_RATE = limited(
    select(m.FxQuote)
    .where(m.FxQuote.base == HOME_CURRENCY, m.FxQuote.currency == bindparam("currency"))
    .order_by(m.FxQuote.quoted_at.desc())
)


def _health_statement() -> Any:
    sample = (
        select(m.Attempt.outcome)
        .where(
            m.Attempt.customer_id != CUSTOMER,
            m.Attempt.merchant_id == bindparam("merchant"),
            m.Attempt.started_at.between(bindparam("since"), bindparam("until")),
            m.Attempt.outcome.in_(("approved", "declined", "no_response")),
        )
        .limit(_HEALTH_SAMPLE)
        .subquery()
    )
    return limited(select(sample.c.outcome, func.count().label("n")).group_by(sample.c.outcome))


_HEALTH = _health_statement()


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
        values = {"customer": customer_id, "since": since}
        async with self._engine.connect() as connection:
            rows = await newest(connection, _SINCE, limit, **values)
            unsent = await newest(connection, _UNSENT_SINCE, limit, **values)
            return (await load(connection, customer_id, rows, unsent))[:limit]

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

    async def open_incidents(self, at: datetime) -> list[f.Incident]:
        """The disturbances, of any channel, that were going on at the moment `at`: no customer's data."""
        async with self._engine.connect() as connection:
            return [i for i in await _incidents(connection, at, at) if i.ended_at is None or i.ended_at > at]

    async def fx_rate(self, customer_id: str, currency: str) -> FxRate | None:
        """The latest quote for `currency` (ISO 4217) in CNY; None if the wallet has never quoted it."""
        _required(customer_id)
        async with self._engine.connect() as connection:
            rows = await newest(connection, _RATE, 1, currency=currency.upper())
        row = rows[0] if rows else None
        return None if row is None else FxRate(row.base, row.currency, row.rate, row.quoted_at)

    async def limits(self, customer_id: str, at: datetime) -> f.Limits:
        """The limits in CNY in force at `at`, and what of them was used before it."""
        _required(customer_id)
        async with self._engine.connect() as connection:
            book = await LimitBook.read(connection, customer_id, [(at, HOME_CURRENCY)])
        return book.at(at, HOME_CURRENCY)

    async def _payment_and_siblings(
        self, connection: AsyncConnection, customer_id: str, payment_id: str | None
    ) -> list[f.Payment]:
        main: Any = None
        if payment_id is not None:
            one = {"customer": customer_id, "payment": payment_id}
            found = await newest(connection, _ONE, 1, **one) or await newest(
                connection, _UNSENT_ONE, 1, **one
            )
            main = found[0] if found else None
        if main is None:
            rows = await newest(connection, _NEWEST, _LATEST_IF_NONE_MATCHES, customer=customer_id)
            unsent = await newest(connection, _UNSENT_NEWEST, _LATEST_IF_NONE_MATCHES, customer=customer_id)
            return (await load(connection, customer_id, rows, unsent))[:_LATEST_IF_NONE_MATCHES]

        made_at = main._mapping.get("created_at") or main.started_at
        values = {
            "customer": customer_id,
            "order_no": main.order_no,
            "merchant": main.merchant_id,
            "currency": main.currency,
            "minor": main.minor,
            "since": made_at - SIBLING_WINDOW,
            "until": made_at + SIBLING_WINDOW,
        }
        rows = _siblings(await newest(connection, _SIBLINGS_OF, _SIBLINGS + 1, **values), made_at)
        del values["minor"]
        log = await bounded(connection, _UNSENT_SIBLINGS_OF, _SIBLINGS, **values)
        return await load(connection, customer_id, rows, log)


def _siblings(rows: Sequence[Any], made_at: datetime) -> list[Any]:
    """All that could be the same purchase (these come first), and a few of the others: someone who pays a
    merchant fifty times a day has many that no rule asks for."""
    same = [row for row in rows if not row.other]
    if len(same) > _SIBLINGS:
        raise TooManyRecords(f"more than {_SIBLINGS} payments that could be the same purchase")
    others = sorted((row for row in rows if row.other), key=lambda row: abs(row.created_at - made_at))
    return same + others[:_OTHER_SIBLINGS]


def _required(customer_id: str) -> None:
    if not isinstance(customer_id, str) or not customer_id:
        raise ValueError("a verified customer id is needed to read the ledger")


async def _customer(connection: AsyncConnection, customer_id: str) -> f.Customer | None:
    found = await newest(connection, _CUSTOMER, 1, customer=customer_id)
    if not found:
        return None
    row = found[0]

    async def own(statement: Any) -> Any:
        return await bounded(connection, statement, _SETTINGS_ROWS, customer=customer_id)

    restrictions, accounts, locks = await own(_RESTRICTIONS), await own(_ACCOUNTS), await own(_LOCKS)
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
        international=mapping.international(row if row.customer_id is not None else None),
    )


async def _releases(connection: AsyncConnection) -> tuple[f.AppRelease, ...]:
    return tuple(map(mapping.release, await newest(connection, _RELEASES_NEWEST, _RELEASES)))


async def _incidents(connection: AsyncConnection, first: datetime, last: datetime) -> tuple[f.Incident, ...]:
    """Incidents of any channel with a moment in common with [first, last]."""
    rows = await newest(connection, _INCIDENTS_DURING, _INCIDENTS, first=first, last=last)
    return tuple(map(mapping.incident, rows))


async def _merchant_health(
    connection: AsyncConnection, customer_id: str, payment: f.Payment
) -> f.MerchantHealth:
    """How many attempts of other customers at the same merchant succeeded and failed within 30 minutes
    of the failing attempt (the last one not approved, else the last). Numbers only, of a bounded sample."""
    failing = [a for a in payment.attempts if a.outcome is not f.Outcome.APPROVED] or payment.attempts
    around = failing[-1].started_at if failing else payment.created_at
    rows = await newest(
        connection,
        _HEALTH,
        10,
        customer=customer_id,
        merchant=payment.merchant.id,
        since=around - HEALTH_WINDOW,
        until=around + HEALTH_WINDOW,
    )
    by_outcome = {row.outcome: row.n for row in rows}
    succeeded = by_outcome.pop("approved", 0)
    return f.MerchantHealth(others_succeeded=succeeded, others_failed=sum(by_outcome.values()))
