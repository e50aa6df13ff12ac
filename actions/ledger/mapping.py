"""Rows of the ledger → the plain facts that the diagnosis reads. Nothing of risk control is mapped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from actions.diagnosis import facts as f


def method(row: Any) -> f.Method:
    """A payment method, as it is now."""
    return f.Method(f.MethodKind(row.kind), row.bank, row.last4, closed=row.closed_at is not None)


def merchant(row: Any) -> f.Merchant:
    """A merchant, as it is set up now."""
    return f.Merchant(
        id=row.id,
        name_zh=row.name_zh,
        name_en=row.name_en,
        channel=row.channel,
        integrated=row.integration == "live",
        country=row.country,
        currencies=frozenset(row.currencies),
        special_rule_zh=row.special_rule_zh,
        special_rule_en=row.special_rule_en,
    )


def attempt(row: Any, account_currency: str | None, limits: f.Limits) -> f.Attempt:
    """A server-side attempt; `account_currency` None = no wallet balance paid, so none is reported."""

    def balance(minor: int | None) -> f.Money | None:
        return None if account_currency is None else f.Money(minor or 0, account_currency)

    return f.Attempt(
        id=row.id,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=f.Outcome(row.outcome),
        channel=row.channel,
        rail=row.rail,
        code=row.code,
        server_request_id=row.server_request_id,
        client_timed_out=row.client_outcome == "timed_out",
        client_crashed=row.client_outcome == "crashed",
        app_version=row.app_version,
        device_new=row.device_new,
        country=row.country,
        available_before=balance(row.available_before),
        frozen_before=balance(row.frozen_before),
        limits=limits,
        wrong_password_tries=row.wrong_password_tries,
    )


def unsent_attempt(row: Any, channel: str) -> f.Attempt:
    """An entry of the app's own log: the request never reached the wallet."""
    return f.Attempt(
        id=row.id,
        started_at=row.started_at,
        outcome=f.Outcome.NOT_SENT,
        channel=channel,
        client_timed_out=row.client_outcome == "timed_out",
        client_crashed=row.client_outcome == "crashed",
        app_version=row.app_version,
        country=row.country,
    )


def posting(row: Any) -> f.Posting:
    """One leg; the balance after it only for the customer's side."""
    after = row.balance_after if row.account == "customer" else None
    return f.Posting(
        id=row.id,
        transaction_id=row.transaction_id,
        account=row.account,
        kind=row.kind,
        amount=f.Money(row.minor, row.currency),
        posted_at=row.posted_at,
        payment_id=row.payment_id,
        refund_id=row.refund_id,
        reverses=row.reverses,
        balance_after=None if after is None else f.Money(after, row.currency),
    )


def refund(row: Any, destination: f.Method) -> f.Refund:
    """A refund and where it goes."""
    return f.Refund(
        id=row.id,
        amount=f.Money(row.minor, row.currency),
        status=f.RefundStatus(row.status),
        accepted_at=row.accepted_at,
        completed_at=row.completed_at,
        destination=destination,
        reason_zh=row.reason_zh,
        reason_en=row.reason_en,
        reference=row.reference,
    )


def fx_quote(row: Any) -> f.FxQuote:
    """What a payment in another currency cost."""
    return f.FxQuote(
        rate=row.rate,
        converted=f.Money(row.converted_minor, row.currency),
        fee=f.Money(row.fee_minor, row.currency),
        margin=None if row.margin_minor is None else f.Money(row.margin_minor, row.currency),
        quoted_at=row.quoted_at,
    )


def payment(
    row: Any,
    *,
    merchant: f.Merchant,
    method: f.Method,
    fx: f.FxQuote | None,
    attempts: tuple[f.Attempt, ...],
    postings: tuple[f.Posting, ...],
    refunds: tuple[f.Refund, ...],
) -> f.Payment:
    """A payment with everything recorded about it."""
    return f.Payment(
        id=row.id,
        order_no=row.order_no,
        transaction_no=row.transaction_no,
        merchant=merchant,
        amount=f.Money(row.minor, row.currency),
        method=method,
        status=f.PaymentStatus(row.status),
        created_at=row.created_at,
        kind=f.PaymentKind(row.kind),
        fee=f.Money(row.fee_minor, row.currency) if row.fee_minor else None,
        country=row.country,
        idempotency_key=row.idempotency_key,
        link_key=row.link_key,
        expires_at=row.expires_at,
        authorized_at=row.authorized_at,
        captured_at=row.captured_at,
        ended_at=row.ended_at,
        merchant_notified_at=row.merchant_notified_at,
        fx=fx,
        attempts=attempts,
        postings=postings,
        refunds=refunds,
    )


def unsent_payment(
    row: Any, *, merchant: f.Merchant, method: f.Method, attempts: tuple[f.Attempt, ...]
) -> f.Payment:
    """A payment that only the app knows of: no transaction number, no postings, nothing moved."""
    return f.Payment(
        id=row.id,
        order_no=row.order_no,
        transaction_no="",
        merchant=merchant,
        amount=f.Money(row.minor, row.currency),
        method=method,
        status=f.PaymentStatus.CREATED,
        created_at=row.started_at,
        country=row.country,
        attempts=attempts,
    )


def restriction(row: Any) -> f.Restriction:
    """A hold on the account, without its reason."""
    return f.Restriction(row.status, row.effective_from, row.lifted_at, row.identity_check_offered)


def lock(row: Any) -> f.PasswordLock:
    """A lock of the payment password."""
    return f.PasswordLock(row.locked_at, row.locked_until, row.wrong_tries)


def account(row: Any) -> f.Account:
    """A wallet account, as it is now."""
    return f.Account(
        row.currency, f.Money(row.total_minor, row.currency), f.Money(row.frozen_minor, row.currency)
    )


def international(row: Any | None) -> f.InternationalSettings:
    """The settings for paying abroad; without a row the app shows no such option."""
    if row is None:
        return f.InternationalSettings(enabled=None)
    return f.InternationalSettings(
        enabled=row.enabled,
        changed_at=row.changed_at,
        enabled_before=row.enabled_before,
        countries=frozenset(row.countries),
        currencies=frozenset(row.currencies),
        fee_basis_points=row.fee_basis_points,
    )


def incident(row: Any) -> f.Incident:
    """A disturbance of a channel."""
    return f.Incident(row.id, row.channel, row.started_at, row.ended_at, row.title_zh, row.title_en)


def release(row: Any) -> f.AppRelease:
    """What is known of an app version."""
    return f.AppRelease(
        row.version,
        row.released_at,
        row.minimum_from,
        row.known_bug_zh,
        row.known_bug_en,
        row.fixed_in,
    )


def time_span(payment: f.Payment) -> tuple[datetime, datetime]:
    """From the first attempt's start to the last one's end (the payment's making if there was none)."""
    starts = [a.started_at for a in payment.attempts] or [payment.created_at]
    ends = [a.finished_at or a.started_at for a in payment.attempts] or [payment.created_at]
    return min(starts), max(ends)
