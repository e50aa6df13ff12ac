"""Payments with everything recorded about them, in a fixed number of bounded statements.

Every statement on customer data carries the customer's id, children too, so that a wrong payment id
can bring nothing of another customer's with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from actions.diagnosis import facts as f
from actions.ledger import mapping
from actions.ledger import models as m
from actions.ledger.as_at import LimitBook, balance_before
from actions.ledger.reading import CUSTOMER, IDS, bounded, limited

_METHODS = 200
_ROWS_A_PAYMENT = 60  # attempts, postings or refunds of one payment, on average

_POSTINGS_OF = limited(
    select(m.Posting)
    .where(m.Posting.customer_id == CUSTOMER, m.Posting.payment_id.in_(IDS))
    .order_by(m.Posting.posted_at, m.Posting.sequence)
)
_REFUNDS_OF = limited(
    select(m.Refund)
    .where(m.Refund.customer_id == CUSTOMER, m.Refund.payment_id.in_(IDS))
    .order_by(m.Refund.accepted_at, m.Refund.id)
)
_FX_OF = limited(
    select(m.FxConversion, m.FxQuote.rate, m.FxQuote.quoted_at)
    .join(m.FxQuote, m.FxQuote.id == m.FxConversion.quote_id)
    .where(m.FxConversion.customer_id == CUSTOMER, m.FxConversion.payment_id.in_(IDS))
)
_LOG_OF_ORDERS = limited(
    select(m.ClientLogEntry)
    .where(m.ClientLogEntry.customer_id == CUSTOMER, m.ClientLogEntry.order_no.in_(IDS))
    .order_by(m.ClientLogEntry.started_at, m.ClientLogEntry.id)
)
_MERCHANTS = limited(select(m.Merchant).where(m.Merchant.id.in_(IDS)))
_METHODS_OF = limited(select(m.PaymentMethod).where(m.PaymentMethod.customer_id == CUSTOMER))


def _attempts_statement() -> Any:
    """Attempts with the balances just before each and the currencies that may have paid."""
    attempt, payment, account, fx = m.Attempt, m.Payment, m.WalletAccount, m.FxConversion
    available = balance_before("customer", payment.paying_account_id, attempt.started_at)
    frozen = balance_before("customer_hold", payment.paying_account_id, attempt.started_at)
    return limited(
        select(
            attempt,
            payment.currency.label("merchant_currency"),
            account.currency.label("account_currency"),
            fx.currency.label("fx_currency"),
            available.label("available_before"),
            frozen.label("frozen_before"),
        )
        .join(payment, and_(payment.id == attempt.payment_id, payment.customer_id == CUSTOMER))
        .outerjoin(account, and_(account.id == payment.paying_account_id, account.customer_id == CUSTOMER))
        .outerjoin(fx, and_(fx.payment_id == payment.id, fx.customer_id == CUSTOMER))
        .where(attempt.customer_id == CUSTOMER, attempt.payment_id.in_(IDS))
        .order_by(attempt.started_at, attempt.id)
    )


_ATTEMPTS_OF = _attempts_statement()


async def load(
    connection: AsyncConnection, customer_id: str, payments: Sequence[Any], unsent: Sequence[Any] = ()
) -> list[f.Payment]:
    """Payment rows and rows of the app's log → payments, newest first.

    An entry of the app's log joins the payment of the same order, if that is among `payments`;
    entries of one order that the server never heard of are one payment of their own.
    """
    if not payments and not unsent:
        return []
    ids = [row.id for row in payments]
    bound = _ROWS_A_PAYMENT * len(ids)
    merchants = await _merchants(connection, {row.merchant_id for row in (*payments, *unsent)})
    methods = await _methods(connection, customer_id)
    attempts, converted = await _attempts(connection, customer_id, ids, bound)
    postings = await _children(connection, _POSTINGS_OF, customer_id, ids, bound)
    refunds = await _children(connection, _REFUNDS_OF, customer_id, ids, bound)
    fx = await _fx(connection, customer_id, converted)
    not_sent = await _app_log(connection, customer_id, payments)

    found = [
        mapping.payment(
            row,
            merchant=merchants[row.merchant_id],
            method=methods[row.method_id],
            fx=fx.get(row.id),
            attempts=tuple(
                sorted(
                    (
                        *attempts[row.id],
                        *(
                            mapping.unsent_attempt(entry, merchants[row.merchant_id].channel)
                            for entry in not_sent[row.order_no, row.merchant_id]
                        ),
                    ),
                    key=lambda attempt: attempt.started_at,
                )
            ),
            postings=tuple(map(mapping.posting, postings[row.id])),
            refunds=tuple(mapping.refund(r, methods[r.destination_id]) for r in refunds[row.id]),
        )
        for row in payments
    ]
    found += _unsent_payments(unsent, merchants, methods)
    return sorted(found, key=lambda payment: (payment.created_at, payment.id), reverse=True)


def unsent_rows(where: Any, *, newest_of: Any = None) -> Any:
    """Selects those of the app's log entries whose order the wallet's server never heard of.

    `where` narrows the entries down. With `newest_of` (a number, may be a parameter) only so many of the
    newest are looked at, so that a long log of orders that did arrive costs nothing.
    """
    own = select(m.ClientLogEntry).where(m.ClientLogEntry.customer_id == CUSTOMER, where)
    entry = m.ClientLogEntry
    if newest_of is not None:
        latest_first = own.order_by(entry.started_at.desc(), entry.id.desc()).limit(newest_of)
        entry = aliased(m.ClientLogEntry, latest_first.subquery("entries"))
        own = select(entry)
    known = exists().where(
        m.Payment.customer_id == CUSTOMER,
        m.Payment.order_no == entry.order_no,
        m.Payment.merchant_id == entry.merchant_id,
    )
    return own.where(~known).order_by(entry.started_at.desc(), entry.id.desc())


def _unsent_payments(
    rows: Sequence[Any], merchants: dict[str, f.Merchant], methods: dict[str, f.Method]
) -> Iterable[f.Payment]:
    orders: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.started_at, row.id)):
        orders[row.order_no, row.merchant_id].append(row)
    for entries in orders.values():
        merchant = merchants[entries[0].merchant_id]
        yield mapping.unsent_payment(
            entries[0],
            merchant=merchant,
            method=methods[entries[0].method_id],
            attempts=tuple(mapping.unsent_attempt(entry, merchant.channel) for entry in entries),
        )


async def _children(
    connection: AsyncConnection, statement: Any, customer_id: str, ids: Sequence[str], bound: int
) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for row in await bounded(connection, statement, bound, customer=customer_id, ids=ids):
        grouped[row.payment_id].append(row)
    return grouped


async def _merchants(connection: AsyncConnection, ids: set[str]) -> dict[str, f.Merchant]:
    rows = await bounded(connection, _MERCHANTS, len(ids), ids=sorted(ids))
    return {row.id: mapping.merchant(row) for row in rows}


async def _methods(connection: AsyncConnection, customer_id: str) -> dict[str, f.Method]:
    rows = await bounded(connection, _METHODS_OF, _METHODS, customer=customer_id)
    return {row.id: mapping.method(row) for row in rows}


async def _attempts(
    connection: AsyncConnection, customer_id: str, ids: Sequence[str], bound: int
) -> tuple[dict[str, list[f.Attempt]], list[str]]:
    """Attempts with the customer's balance and limits as they stood when each began; and the payments that
    were converted from another currency, or may have been: those without attempts."""
    rows = await bounded(connection, _ATTEMPTS_OF, bound, customer=customer_id, ids=ids)
    paid_in = [row.account_currency or row.fx_currency or row.merchant_currency for row in rows]
    moments = [(row.started_at, currency) for row, currency in zip(rows, paid_in, strict=True)]
    book = await LimitBook.read(connection, customer_id, moments)
    grouped: dict[str, list[f.Attempt]] = defaultdict(list)
    for row, moment in zip(rows, moments, strict=True):
        grouped[row.payment_id].append(mapping.attempt(row, row.account_currency, book.at(*moment)))
    seen = {row.payment_id: row.fx_currency is not None for row in rows}
    return grouped, [id for id in ids if seen.get(id, True)]


async def _fx(connection: AsyncConnection, customer_id: str, ids: Sequence[str]) -> dict[str, f.FxQuote]:
    rows = await bounded(connection, _FX_OF, len(ids), customer=customer_id, ids=ids) if ids else ()
    return {row.payment_id: mapping.fx_quote(row) for row in rows}


async def _app_log(
    connection: AsyncConnection, customer_id: str, payments: Sequence[Any]
) -> dict[tuple[str, str], list[Any]]:
    grouped: dict[tuple[str, str], list[Any]] = defaultdict(list)
    orders = [row.order_no for row in payments]
    bound = _ROWS_A_PAYMENT * len(payments)
    for row in await bounded(connection, _LOG_OF_ORDERS, bound, customer=customer_id, ids=orders):
        grouped[row.order_no, row.merchant_id].append(row)
    return grouped
