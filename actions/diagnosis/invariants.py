"""What must hold in a sound ledger. Whatever breaks is for a person to reconcile (cause D20).

Each check yields the records that contradict each other. Checks that need an account's whole history
(a running balance without gaps) are the ledger's own; here only what one payment's records can show.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise

from actions.diagnosis.currencies import exponent, is_known, major
from actions.diagnosis.facts import MethodKind, Payment, PaymentStatus, Posting, Refund, RefundStatus
from actions.diagnosis.money import (
    TAKEN,
    arrived_refunds,
    cost,
    credit_of,
    customer_legs,
    in_paid_currency,
    is_refund,
    moved,
    moving_refunds,
    on_hold,
    refundable,
    total,
)
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import seen
from actions.diagnosis.result import Evidence

_NEVER_CAPTURED = (
    PaymentStatus.FAILED,
    PaymentStatus.VOIDED,
    PaymentStatus.AUTH_EXPIRED,
    PaymentStatus.EXPIRED,
    PaymentStatus.CANCELED,
)
_GIVEN_BACK = (PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED)


def violations(payment: Payment, policy: Policy) -> tuple[Evidence, ...]:
    """The records of this payment that contradict each other; empty for a sound one."""
    unknown = tuple(_unknown_currencies(payment))
    if unknown:
        return unknown  # amounts that cannot be read cannot be compared either
    return tuple(
        dict.fromkeys(
            (
                *_unbalanced(payment),
                *_bad_reversals(payment),
                *_overdrawn(payment),
                *_wrong_debit(payment),
                *_status_against_postings(payment),
                *_bad_refunds(payment, policy),
                *_wrong_order_of_times(payment, policy),
                *_wrong_conversion(payment),
            )
        )
    )


def _unknown_currencies(payment: Payment) -> Iterator[Evidence]:
    if not is_known(payment.amount.currency):
        yield seen(payment, "amount")
    yield from (seen(leg, "amount") for leg in payment.postings if not is_known(leg.amount.currency))
    yield from (seen(refund, "amount") for refund in payment.refunds if not is_known(refund.amount.currency))
    if payment.fx and not is_known(payment.fx.converted.currency):
        yield seen(payment.fx, "converted", id=payment.id)


def _unbalanced(payment: Payment) -> Iterator[Evidence]:
    """Debits equal credits, per transaction and currency."""
    sums: Counter[tuple[str, str]] = Counter()
    for leg in payment.postings:
        sums[leg.transaction_id, leg.amount.currency] += leg.amount.minor
    broken = {transaction for (transaction, _), total in sums.items() if total}
    yield from (seen(leg, "amount") for leg in payment.postings if leg.transaction_id in broken)


def _bad_reversals(payment: Payment) -> Iterator[Evidence]:
    """An entry is reversed at most once, on the same account, and the pair sums to zero."""
    by_id = {leg.id: leg for leg in payment.postings}
    reversals: dict[str, list[Posting]] = defaultdict(list)
    for leg in payment.postings:
        if leg.reverses:
            reversals[leg.reverses].append(leg)
    for original_id, legs in reversals.items():
        original = by_id.get(original_id)
        if len(legs) > 1:
            yield from (seen(leg, "reverses") for leg in legs)
        elif original and (legs[0].account, -legs[0].amount.minor) != (
            original.account,
            original.amount.minor,
        ):
            yield seen(legs[0], "amount")


def _overdrawn(payment: Payment) -> Iterator[Evidence]:
    """A wallet balance is never below zero, and no more is captured than was held."""
    for leg in payment.postings:
        if leg.balance_after is not None and leg.balance_after.minor < 0:
            yield seen(leg, "balance_after")
    for attempt in payment.attempts:
        if attempt.available_before is not None and attempt.available_before.minor < 0:
            yield seen(attempt, "available_before")
    if on_hold(payment) < 0:
        yield from (seen(leg, "amount") for leg in payment.postings if leg.account == "customer_hold")


def _wrong_debit(payment: Payment) -> Iterator[Evidence]:
    """A captured payment took amount + fee from the customer, once."""
    if payment.status not in TAKEN:
        return
    away = moved(payment)
    if away is None:
        if payment.method.kind is MethodKind.BALANCE:
            yield seen(payment, "status")
    elif away != cost(payment) or on_hold(payment):
        yield seen(payment, "status")
        yield from (seen(leg, "amount") for leg in customer_legs(payment))


def _status_against_postings(payment: Payment) -> Iterator[Evidence]:
    """Nothing comes back that did not leave, and a completed reversal leaves nothing away."""
    away = moved(payment)
    if away is not None and payment.status not in TAKEN:
        still_away = payment.status is PaymentStatus.REVERSED and away.minor > 0
        unlike = away.currency != cost(payment).currency
        if away.minor < 0 or still_away or unlike or away.minor > cost(payment).minor:
            yield seen(payment, "status")
            yield from (seen(leg, "amount") for leg in customer_legs(payment))
    if payment.status is PaymentStatus.CAPTURED and payment.captured_at is None:
        yield seen(payment, "captured_at")
    if payment.status in _NEVER_CAPTURED and payment.captured_at is not None:
        yield seen(payment, "status")
        yield seen(payment, "captured_at")


def _bad_refunds(payment: Payment, policy: Policy) -> Iterator[Evidence]:
    """A refund succeeded exactly if one credit was posted; all together give back no more than was taken."""
    known = {refund.id for refund in payment.refunds}
    yield from (
        seen(leg, "refund_id") for leg in payment.postings if is_refund(leg) and leg.refund_id not in known
    )
    for refund in payment.refunds:
        credits = [
            leg for leg in payment.postings if leg.refund_id == refund.id and leg.account == "customer"
        ]
        to_wallet = refund.destination.kind is MethodKind.BALANCE
        # What a bank books to its own account, the wallet need not see.
        silent = not to_wallet and not customer_legs(payment)
        if refund.status is RefundStatus.SUCCEEDED and not silent and credit_of(payment, refund) is None:
            yield seen(refund, "status")
        returned = sum(leg.amount.minor for leg in credits)
        if refund.status in (RefundStatus.FAILED, RefundStatus.CANCELED) and returned:
            yield seen(refund, "status")
        if len(credits) > 1 and all(leg.amount.minor > 0 for leg in credits):
            yield from (seen(leg, "refund_id") for leg in credits)
        if refund.status is RefundStatus.SUCCEEDED and len(credits) == 1:
            yield from _wrong_credit(payment, refund, credits[0], policy)
    if payment.status in _GIVEN_BACK and not (arrived_refunds(payment) or moving_refunds(payment)):
        yield seen(payment, "status")
    if payment.refunds:
        yield from _refunded_too_much(payment, policy)


def _wrong_credit(payment: Payment, refund: Refund, credit: Posting, policy: Policy) -> Iterator[Evidence]:
    """A refund credits its amount. In another currency than it was booked in the rate of its day decides."""
    told = in_paid_currency(payment, refund.amount)
    converted = refund.amount != told and credit.amount.currency == told.currency
    drift = told.minor * policy.rate_drift + 1 if converted else 0
    if (
        credit.amount.minor <= 0
        or credit.amount.currency not in (told.currency, refund.amount.currency)
        or abs(credit.amount.minor - (told if converted else refund.amount).minor) > drift
    ):
        yield seen(refund, "amount")
        yield seen(credit, "amount")


def _refunded_too_much(payment: Payment, policy: Policy) -> Iterator[Evidence]:
    counted = (*arrived_refunds(payment), *moving_refunds(payment))
    currencies = {refund.amount.currency for refund in counted}
    most = max(refundable(payment).minor, cost(payment).minor)  # the fee may come back too
    if payment.fx and currencies == {payment.amount.currency}:
        too_much = sum(refund.amount.minor for refund in counted) > payment.amount.minor
    elif payment.fx:  # the rate may have moved meanwhile
        too_much = total(payment, counted).minor > most * (1 + policy.rate_drift)
    else:
        too_much = total(payment, counted).minor > most
    if too_much or currencies - {payment.amount.currency, cost(payment).currency}:
        yield from (seen(refund, "amount") for refund in counted)


def _wrong_order_of_times(payment: Payment, policy: Policy) -> Iterator[Evidence]:
    """created ≤ authorised ≤ captured ≤ refunded, small differences of clocks aside."""
    refunds = min((r.completed_at for r in payment.refunds if r.completed_at), default=None)
    times: Iterable[tuple[str, datetime | None]] = (
        ("created_at", payment.created_at),
        ("authorized_at", payment.authorized_at),
        ("captured_at", payment.captured_at),
        ("refunds", refunds),
    )
    known = [(name, at) for name, at in times if at is not None]
    for (_, earlier), (name, later) in pairwise(known):
        if later < earlier - policy.clock_skew:
            yield from (seen(r, "completed_at") for r in payment.refunds if r.completed_at == later)
            if name != "refunds":
                yield seen(payment, name)


def _wrong_conversion(payment: Payment) -> Iterator[Evidence]:
    """converted = amount × rate, to one minor unit of the target currency."""
    fx = payment.fx
    if fx is None:
        return
    exact = (major(payment.amount) * fx.rate).scaleb(exponent(fx.converted.currency))
    if abs(exact - fx.converted.minor) > 1:
        yield seen(fx, "converted", id=payment.id)
        yield seen(fx, "rate", id=payment.id)
