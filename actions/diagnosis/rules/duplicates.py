"""Paid twice, meant twice, or only held beside one charge (二次付款)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.diagnosis.facts import Facts, Money, Payment, PaymentKind, PaymentStatus
from actions.diagnosis.money import (
    Place,
    captured,
    is_out,
    moving_refunds,
    net_captured,
    returned_at,
    total,
    was_held,
)
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import concluded, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import (
    Actor,
    Cause,
    Confidence,
    Diagnosis,
    MoneyState,
    Route,
    Step,
    Urgency,
)
from actions.diagnosis.rules.refunds import refund_on_its_way

_ONLY_HELD = (PaymentStatus.AUTHORIZED, PaymentStatus.VOIDED, PaymentStatus.AUTH_EXPIRED)


@dataclass(frozen=True)
class Double:
    """Payments for one intent that the merchant still has, oldest first, and what is too much of them."""

    payments: tuple[Payment, ...]
    surplus: Money

    @property
    def refunding(self) -> tuple[Payment, ...]:
        """Those of which a refund is on its way."""
        return tuple(payment for payment in self.payments if moving_refunds(payment))

    @property
    def covered(self) -> bool:
        """Whether refunds on their way will give all of the surplus back."""
        moving = sum(total(p, moving_refunds(p)).minor for p in self.payments)
        return moving >= self.surplus.minor


@rule(Rank.DUPLICATE)
def duplicate_payment(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D10: two or more captured payments for one order, or for one intent within a few minutes."""
    payment, double = facts.payment, _double(facts, policy)
    if payment is None or double is None:
        return None
    refund = _surplus_refund(double, now, policy)
    equal = all(alike(payment, other) for other in double.payments)
    calm = double.covered and refund is not None and refund.route is Route.SELF
    return concluded(
        payment,
        Cause.DUPLICATE_PAYMENT,
        Confidence.PROVEN if equal else Confidence.LIKELY,
        variant="refunding" if double.covered else "unrefunded",
        evidence=tuple(e for p in double.payments for e in (seen(p, "order_no"), seen(p, "captured_at"))),
        values={
            "first_at": paid_at(double.payments[0]),
            "second_at": paid_at(double.payments[1]),
            "surplus": double.surplus,
            "count": len(double.payments),
        },
        steps=(Step.DO_NOT_PAY_AGAIN, Step.WAIT)
        if calm
        else (Step.DO_NOT_PAY_AGAIN, Step.KEEP_SCREENSHOT, Step.AGENT),
        next_actor=Actor.WALLET if calm else Actor.AGENT,
        resolves_at=refund.resolves_at if refund else None,
        urgency=Urgency.MEDIUM if calm else Urgency.HIGH,
        route=Route.SELF if calm else Route.HUMAN,
        place=Place(MoneyState.REFUNDING if double.covered else MoneyState.PAID_TWICE, double.surplus),
    )


@rule(Rank.REFUND_IN_PROGRESS)
def surplus_refund(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D13/D14 of the *other* payment of a pair, so that both are said and no second case is opened."""
    double = _double(facts, policy)
    refund = _surplus_refund(double, now, policy) if double else None
    is_own = facts.payment and refund and refund.payment_id == facts.payment.id
    return None if is_own else refund  # the payment's own refunds have their own rules


@rule(Rank.ASK)
def possible_duplicate(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D12: two equal purchases, different orders, nothing that links them: only the customer knows."""
    payment = facts.payment
    if payment is None or _double(facts, policy):
        return None
    bound = timedelta.max if facts.claims_duplicate else policy.ask_window
    twins = [
        other
        for other in facts.siblings
        if _untouched(payment)
        and _untouched(other)
        and alike(payment, other)
        and payment.order_no != other.order_no
        and not linked(payment, other, policy)
        and payment.kind is other.kind is PaymentKind.PURCHASE
        and abs(payment.created_at - other.created_at) <= bound
    ]
    if not twins:
        return None
    twin = min(twins, key=lambda other: abs(payment.created_at - other.created_at))
    first, second = sorted((payment, twin), key=paid_at)
    return concluded(
        payment,
        Cause.POSSIBLE_DUPLICATE_ASK,
        Confidence.POSSIBLE,
        evidence=(seen(first, "order_no"), seen(second, "order_no")),
        values={"first_at": paid_at(first), "second_at": paid_at(second)},
        steps=(Step.CONFIRM_BOTH,),
        urgency=Urgency.MEDIUM,
        route=Route.ASK,
    )


@rule(Rank.AUTH_RELEASED)
def auth_released(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D11: one charge; what looks like a second is a hold, released or about to be."""
    payment = facts.payment
    if payment is None or _double(facts, policy):
        return None
    hold = payment if payment.status in _ONLY_HELD else _hold_beside(facts, policy)
    charge = charged_instead(facts, policy) if hold is payment else payment
    if hold is None or charge is None:
        return None
    runs_out = (hold.authorized_at or hold.created_at) + policy.hold_window
    released_at = returned_at(hold)
    if hold.status is not PaymentStatus.AUTHORIZED and not released_at:
        if is_out(hold):
            return None  # voided on paper, but the money is not back: that is pending
        released_at = hold.ended_at or runs_out
    return concluded(
        payment,
        Cause.AUTH_RELEASED,
        Confidence.PROVEN,
        variant="released" if released_at else "still_held",
        evidence=(seen(charge, "status"), seen(hold, "status")),
        values={"charged_at": paid_at(charge), "released_at": released_at or runs_out, "held": hold.amount},
        steps=() if released_at else (Step.WAIT,),
        next_actor=Actor.NOBODY if released_at else Actor.MERCHANT,
        resolves_at=None if released_at else runs_out,
    )


def paid_at(payment: Payment) -> datetime:
    """When it was paid, as the customer's bill shows it."""
    return payment.captured_at or payment.created_at


def alike(one: Payment, other: Payment) -> bool:
    """Same merchant, amount and currency."""
    return (one.merchant.id, one.amount) == (other.merchant.id, other.amount)


def linked(one: Payment, other: Payment, policy: Policy) -> bool:
    """Whether two payments with different order numbers come from one intent.

    They are close in time, and share a cart, code or idempotency key, or the first was reported to
    the customer as failed. People pay one another's personal code again and again: no link in that.
    """
    if abs(one.created_at - other.created_at) > policy.duplicate_window:
        return False
    first, second = sorted((one, other), key=lambda payment: payment.created_at)
    same_key = first.idempotency_key is not None and first.idempotency_key == second.idempotency_key
    same_cart = first.link_key is not None and first.link_key == second.link_key
    if PaymentKind.TRANSFER in (first.kind, second.kind):
        same_cart = False
    return same_key or same_cart or any(a.client_timed_out or a.client_crashed for a in first.attempts)


def charged_instead(facts: Facts, policy: Policy) -> Payment | None:
    """The charge beside which `facts.payment` is only a hold, if there is one."""
    hold = facts.payment
    charges = (other for other in facts.siblings if hold and _kept(other) and _beside(hold, other, policy))
    return next(charges, None)


def _hold_beside(facts: Facts, policy: Policy) -> Payment | None:
    """The hold beside `facts.payment`, if that is a charge and there is one."""
    charge = facts.payment
    holds = (other for other in facts.siblings if charge and _kept(charge) and _beside(other, charge, policy))
    return next(holds, None)


def _beside(hold: Payment, charge: Payment, policy: Policy) -> bool:
    """Whether one was only ever held and belongs to the other: same order, or equal and linked in time."""
    if hold.status not in _ONLY_HELD or (hold.postings and not was_held(hold)):
        return False
    close = abs(hold.created_at - charge.created_at) <= policy.duplicate_window
    same_cart = hold.link_key is not None and hold.link_key == charge.link_key
    return hold.merchant.id == charge.merchant.id and (
        hold.order_no == charge.order_no or (alike(hold, charge) and (close or same_cart))
    )


def _kept(payment: Payment) -> bool:
    return net_captured(payment).minor > 0


def _untouched(payment: Payment) -> bool:
    """Whether the merchant still has it and no refund of it is on its way."""
    return _kept(payment) and not moving_refunds(payment)


def _double(facts: Facts, policy: Policy) -> Double | None:
    """The duplicate decision: same order number at any interval, else equal and linked within the window.

    An order is paid once, so two captures of it count even when their amounts differ.
    """
    payment = facts.payment
    if payment is None or payment.kind is PaymentKind.SPLIT:
        return None
    group = [
        other
        for other in (payment, *facts.siblings)
        if _kept(other)
        and (other.merchant.id, other.amount.currency) == (payment.merchant.id, payment.amount.currency)
        and other.kind is not PaymentKind.SPLIT
    ]
    rows = [other for other in group if other.order_no == payment.order_no]
    if len(rows) < 2 and _kept(payment):
        rows = [p for p in group if p is payment or (alike(payment, p) and linked(payment, p, policy))]
    if len(rows) < 2:
        return None
    rows.sort(key=paid_at)
    surplus = sum(net_captured(row).minor for row in rows) - captured(rows[0]).minor
    if surplus <= 0:
        return None  # refunds have already brought it down to one price
    return Double(tuple(rows), Money(surplus, captured(rows[0]).currency))


def _surplus_refund(double: Double, now: datetime, policy: Policy) -> Diagnosis | None:
    return next((refund_on_its_way(p, now, policy) for p in double.refunding), None)
