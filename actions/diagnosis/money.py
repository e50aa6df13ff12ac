"""Where the money of one payment is. A posting beats a status (rule 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from actions.diagnosis.facts import (
    MethodKind,
    Money,
    Outcome,
    Payment,
    PaymentStatus,
    Posting,
    Refund,
    RefundStatus,
)
from actions.diagnosis.result import MoneyState

_S = PaymentStatus
TAKEN = frozenset({_S.CAPTURED, _S.PARTIALLY_REFUNDED, _S.REFUNDED, _S.DISPUTED})
OPEN = frozenset({_S.CREATED, _S.AUTHENTICATING, _S.PROCESSING, _S.UNKNOWN, _S.AUTHORIZED})
ENDED = frozenset(PaymentStatus) - TAKEN - OPEN  # failed, reversing, reversed, voided, expired, closed …
MOVING = frozenset({RefundStatus.REQUESTED, RefundStatus.PROCESSING, RefundStatus.REROUTED})


@dataclass(frozen=True)
class Place:
    """Where money is, and how much of it."""

    state: MoneyState
    amount: Money | None


def cost(payment: Payment) -> Money:
    """What the payment costs the customer, in the currency that pays, fee included.

    For a payment in another currency the quote's fee is the whole fee.
    """
    if payment.fx:
        return payment.fx.converted + payment.fx.fee
    return payment.amount + payment.fee if payment.fee else payment.amount


def customer_legs(payment: Payment) -> tuple[Posting, ...]:
    """Postings on the customer's spendable balance, refunds aside, oldest first."""
    legs = (leg for leg in payment.postings if leg.account == "customer" and not is_refund(leg))
    return tuple(sorted(legs, key=lambda leg: leg.posted_at))


def is_refund(posting: Posting) -> bool:
    """Whether a posting belongs to a refund."""
    return posting.kind == "refund" or posting.refund_id is not None


def moved(payment: Payment) -> Money | None:
    """What has left the customer's spendable balance and not come back; refunds aside.

    None when no posting touches it: then only the status can tell.
    """
    legs = customer_legs(payment)
    if not legs:
        return None
    currency = legs[0].amount.currency
    return Money(-sum(leg.amount.minor for leg in legs if leg.amount.currency == currency), currency)


def is_out(payment: Payment) -> bool:
    """Whether postings show money of the customer that is away at this moment."""
    away = moved(payment)
    return away is not None and away.minor > 0


def debited_at(payment: Payment) -> datetime | None:
    """When money first left the spendable balance."""
    return next((leg.posted_at for leg in customer_legs(payment) if leg.amount.minor < 0), None)


def returned_at(payment: Payment) -> datetime | None:
    """When the last of it came back; None unless all of it did."""
    away = moved(payment)
    if away is None or away.minor != 0 or debited_at(payment) is None:
        return None
    return max(leg.posted_at for leg in customer_legs(payment) if leg.amount.minor > 0)


def on_hold(payment: Payment) -> int:
    """Minor units that are reserved but not taken."""
    return sum(leg.amount.minor for leg in payment.postings if leg.account == "customer_hold")


def was_held(payment: Payment) -> bool:
    """Whether the money was only ever reserved: no plain debit."""
    outgoing = [leg for leg in customer_legs(payment) if leg.amount.minor < 0]
    return bool(outgoing) and all(leg.kind == "hold" for leg in outgoing)


def credit_of(payment: Payment, refund: Refund) -> Posting | None:
    """The posting that gave a refund back, if there is one."""
    return next(
        (leg for leg in payment.postings if leg.refund_id == refund.id and leg.account == "customer"), None
    )


def has_arrived(payment: Payment, refund: Refund) -> bool:
    """Whether a refund has arrived: by its status, or by a credit to the wallet's own balance."""
    if refund.status in MOVING and refund.destination.kind is MethodKind.BALANCE:
        return credit_of(payment, refund) is not None
    return refund.status is RefundStatus.SUCCEEDED


def arrived_refunds(payment: Payment) -> tuple[Refund, ...]:
    """Refunds that reached the customer, oldest first."""
    done = (refund for refund in payment.refunds if has_arrived(payment, refund))
    return tuple(sorted(done, key=lambda refund: refund.accepted_at))


def moving_refunds(payment: Payment) -> tuple[Refund, ...]:
    """Refunds on their way, oldest first."""
    way = (r for r in payment.refunds if r.status in MOVING and not has_arrived(payment, r))
    return tuple(sorted(way, key=lambda refund: refund.accepted_at))


def failed_refund(payment: Payment) -> Refund | None:
    """A refund that failed and that later refunds, together, do not make good."""
    for refund in payment.refunds:
        later = (
            other.amount.minor
            for other in payment.refunds
            if other.accepted_at > refund.accepted_at
            and other.status not in (RefundStatus.FAILED, RefundStatus.CANCELED)
        )
        if refund.status is RefundStatus.FAILED and sum(later) < refund.amount.minor:
            return refund
    return None


def in_paid_currency(payment: Payment, money: Money) -> Money:
    """An amount in the currency that pays: of a payment in another currency, at that payment's own rate."""
    if payment.fx and money.currency == payment.amount.currency:
        share = round(money.minor * payment.fx.converted.minor / payment.amount.minor)
        return Money(share, payment.fx.converted.currency)
    return money


def total(payment: Payment, refunds: Iterable[Refund]) -> Money:
    """The sum of some of its refunds, in the currency that pays."""
    currency = cost(payment).currency
    return Money(sum(in_paid_currency(payment, refund.amount).minor for refund in refunds), currency)


def captured(payment: Payment) -> Money:
    """What the merchant was paid, in the currency that pays, without fee; zero if it did not go through."""
    full = in_paid_currency(payment, payment.amount)
    return full if payment.status in TAKEN else Money(0, full.currency)


def refunded(payment: Payment) -> Money:
    """What has come back by refunds, in the currency that pays."""
    return total(payment, arrived_refunds(payment))


def came_back(payment: Payment, *refunds: Refund) -> Money:
    """What refunds brought to the customer. The booked credit says it (after a payment abroad at the rate
    of its own day); where none is booked, or only the refund's own currency is known, its figure does."""
    amounts = [credit.amount if (credit := credit_of(payment, one)) else one.amount for one in refunds]
    if len({amount.currency for amount in amounts}) == 1:
        return Money(sum(amount.minor for amount in amounts), amounts[0].currency)
    return total(payment, refunds)


def net_captured(payment: Payment) -> Money:
    """Captured − refunded − voided: what the merchant still has. Refunds on their way are not yet off."""
    taken = captured(payment)
    return Money(max(0, taken.minor - refunded(payment).minor), taken.currency)


def refundable(payment: Payment) -> Money:
    """What refunds are to give back: the price, or of a payment that failed what had been debited."""
    return captured(payment) if payment.status in TAKEN else moved(payment) or captured(payment)


def fully_refunded(payment: Payment) -> bool:
    """Whether refunds gave all of it back (in another currency the rate may have moved meanwhile)."""
    if not arrived_refunds(payment):
        return False
    return refunded(payment).minor >= refundable(payment).minor or bool(
        payment.fx and payment.status is _S.REFUNDED
    )


def is_open(payment: Payment) -> bool:
    """Whether paying for the same thing again could take money twice (rule 0).

    True while the outcome is open, and as long as any of the customer's money is away for it.
    """
    if is_out(payment) and not fully_refunded(payment):
        return True
    if payment.status in TAKEN:
        return not fully_refunded(payment)
    if payment.status in (_S.PROCESSING, _S.UNKNOWN, _S.AUTHORIZED, _S.REVERSING):
        return returned_at(payment) is None or payment.status is not _S.REVERSING
    outcomes = {attempt.outcome for attempt in payment.attempts}
    undecided = bool(outcomes & {Outcome.PENDING, Outcome.NO_RESPONSE, Outcome.APPROVED})
    if payment.status is _S.AUTHENTICATING:
        return undecided or not outcomes
    return payment.status is _S.CREATED and undecided


def where(payment: Payment) -> Place:
    """Where the money of this payment is now, and how much is there."""
    return _refunds_place(payment) or (
        _taken_place(payment) if payment.status in TAKEN else _other_place(payment)
    )


def _refunds_place(payment: Payment) -> Place | None:
    failed, moving, arrived = failed_refund(payment), moving_refunds(payment), arrived_refunds(payment)
    if failed:
        return Place(MoneyState.REFUND_FAILED, failed.amount)
    if moving:
        return Place(MoneyState.REFUNDING, came_back(payment, *moving))
    if arrived:
        state = MoneyState.REFUNDED if fully_refunded(payment) else MoneyState.PARTLY_REFUNDED
        return Place(state, came_back(payment, *arrived))
    return None


def _taken_place(payment: Payment) -> Place:
    away = moved(payment)
    if away is None:
        # The wallet books every payment from its own balance; what a bank debits it may not see.
        silent = payment.method.kind is MethodKind.BALANCE
        return Place(MoneyState.UNCLEAR, None) if silent else Place(MoneyState.PAID, payment.amount)
    return Place(MoneyState.PAID, away) if away.minor > 0 else Place(MoneyState.UNCLEAR, None)


def _other_place(payment: Payment) -> Place:
    away = moved(payment)
    if away is None:
        return Place(_state_by_status(payment), payment.amount)
    if away.minor > 0:
        if payment.status in ENDED:
            return Place(MoneyState.REVERSING, away)
        return Place(MoneyState.HELD if on_hold(payment) > 0 else MoneyState.DEBITED_PENDING, away)
    if debited_at(payment) is None or away.minor < 0:
        return Place(MoneyState.UNCLEAR, None)
    gross = Money(sum(-x.amount.minor for x in customer_legs(payment) if x.amount.minor < 0), away.currency)
    return Place(MoneyState.HOLD_RELEASED if was_held(payment) else MoneyState.REVERSED, gross)


def _state_by_status(payment: Payment) -> MoneyState:
    of_wallet = payment.method.kind is MethodKind.BALANCE
    match payment.status:
        case _S.REVERSED:
            return MoneyState.REVERSED
        case _S.REVERSING:
            return MoneyState.REVERSING
        case _S.VOIDED | _S.AUTH_EXPIRED:
            return MoneyState.HOLD_RELEASED
        case _S.AUTHORIZED:
            return MoneyState.UNCLEAR if of_wallet else MoneyState.HELD
        case _S.PROCESSING | _S.UNKNOWN:
            # Nothing has left the wallet's balance; what a bank did is not known yet.
            return MoneyState.NOT_CHARGED if of_wallet else MoneyState.UNCLEAR
    return MoneyState.NOT_CHARGED
