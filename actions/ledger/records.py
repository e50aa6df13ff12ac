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

from actions.diagnosis import facts as f
from actions.ledger import mapping
from actions.ledger import models as m
from actions.ledger.as_at import LimitBook, balance_before
from actions.ledger.reading import bounded

_METHODS = 200
_ROWS_A_PAYMENT = 60  # attempts, postings or refunds of one payment, on average


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
    attempts = await _attempts(connection, customer_id, ids, bound)
    postings = await _children(
        connection,
        select(m.Posting)
        .where(m.Posting.customer_id == customer_id, m.Posting.payment_id.in_(ids))
        .order_by(m.Posting.posted_at, m.Posting.sequence),
        bound,
    )
    refunds = await _children(
        connection,
        select(m.Refund)
        .where(m.Refund.customer_id == customer_id, m.Refund.payment_id.in_(ids))
        .order_by(m.Refund.accepted_at, m.Refund.id),
        bound,
    )
    fx = await _fx(connection, customer_id, ids)
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


def unsent_rows(customer_id: str) -> Any:
    """Selects the app's log entries whose order the wallet's server never heard of."""
    entry = m.ClientLogEntry
    known = exists().where(
        m.Payment.customer_id == customer_id,
        m.Payment.order_no == entry.order_no,
        m.Payment.merchant_id == entry.merchant_id,
    )
    return select(entry).where(entry.customer_id == customer_id, ~known)


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


async def _children(connection: AsyncConnection, statement: Any, bound: int) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for row in await bounded(connection, statement, bound):
        grouped[row.payment_id].append(row)
    return grouped


async def _merchants(connection: AsyncConnection, ids: set[str]) -> dict[str, f.Merchant]:
    rows = await bounded(connection, select(m.Merchant).where(m.Merchant.id.in_(sorted(ids))), len(ids))
    return {row.id: mapping.merchant(row) for row in rows}


async def _methods(connection: AsyncConnection, customer_id: str) -> dict[str, f.Method]:
    statement = select(m.PaymentMethod).where(m.PaymentMethod.customer_id == customer_id)
    return {row.id: mapping.method(row) for row in await bounded(connection, statement, _METHODS)}


async def _attempts(
    connection: AsyncConnection, customer_id: str, ids: Sequence[str], bound: int
) -> dict[str, list[f.Attempt]]:
    """Attempts with the customer's balance and limits as they stood when each began."""
    attempt, payment, account, fx = m.Attempt, m.Payment, m.WalletAccount, m.FxConversion
    available = balance_before(customer_id, "customer", payment.paying_account_id, attempt.started_at)
    frozen = balance_before(customer_id, "customer_hold", payment.paying_account_id, attempt.started_at)
    statement = (
        select(
            attempt,
            payment.currency.label("merchant_currency"),
            account.currency.label("account_currency"),
            fx.currency.label("fx_currency"),
            available.label("available_before"),
            frozen.label("frozen_before"),
        )
        .join(payment, and_(payment.id == attempt.payment_id, payment.customer_id == customer_id))
        .outerjoin(account, and_(account.id == payment.paying_account_id, account.customer_id == customer_id))
        .outerjoin(fx, and_(fx.payment_id == payment.id, fx.customer_id == customer_id))
        .where(attempt.customer_id == customer_id, attempt.payment_id.in_(ids))
        .order_by(attempt.started_at, attempt.id)
    )
    rows = await bounded(connection, statement, bound)
    book = await LimitBook.read(connection, customer_id, [row.started_at for row in rows])
    grouped: dict[str, list[f.Attempt]] = defaultdict(list)
    for row in rows:
        limits = book.at(row.started_at, row.account_currency or row.fx_currency or row.merchant_currency)
        grouped[row.payment_id].append(mapping.attempt(row, row.account_currency, limits))
    return grouped


async def _fx(connection: AsyncConnection, customer_id: str, ids: Sequence[str]) -> dict[str, f.FxQuote]:
    statement = (
        select(m.FxConversion, m.FxQuote.rate, m.FxQuote.quoted_at)
        .join(m.FxQuote, m.FxQuote.id == m.FxConversion.quote_id)
        .where(m.FxConversion.customer_id == customer_id, m.FxConversion.payment_id.in_(ids))
    )
    rows = await bounded(connection, statement, len(ids))
    return {row.payment_id: mapping.fx_quote(row) for row in rows}


async def _app_log(
    connection: AsyncConnection, customer_id: str, payments: Sequence[Any]
) -> dict[tuple[str, str], list[Any]]:
    entry = m.ClientLogEntry
    statement = (
        select(entry)
        .where(entry.customer_id == customer_id, entry.order_no.in_([row.order_no for row in payments]))
        .order_by(entry.started_at, entry.id)
    )
    grouped: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in await bounded(connection, statement, _ROWS_A_PAYMENT * len(payments)):
        grouped[row.order_no, row.merchant_id].append(row)
    return grouped
