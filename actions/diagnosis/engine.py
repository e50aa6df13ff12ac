"""Asks every rule and puts what they conclude in order: money at risk, money in motion, then reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from actions.diagnosis import rules  # noqa: F401  registers every rule
from actions.diagnosis.facts import Facts, Payment, PaymentKind, PaymentStatus
from actions.diagnosis.invariants import violations
from actions.diagnosis.money import (
    ENDED,
    cost,
    failed_refund,
    is_open,
    moved,
    moving_refunds,
    where,
)
from actions.diagnosis.policy import DEFAULT, Policy
from actions.diagnosis.reading import last_try
from actions.diagnosis.registry import RULES, Rank, Registered
from actions.diagnosis.result import Actor, Cause, Confidence, Diagnosis, MoneyState, Route, Step, Urgency
from actions.diagnosis.rules.settled import merchant_waits

# Steps that end in a new payment: never said while an outcome of the same order is open (rule 0).
PAY_AGAIN = frozenset(
    {
        Step.RETRY,
        Step.RETRY_PASSWORD,
        Step.OTHER_METHOD,
        Step.OTHER_CARD,
        Step.OTHER_CURRENCY,
        Step.SMALLER_AMOUNT,
        Step.NEW_ORDER,
        Step.TOP_UP,
    }
)
_IN_MOTION = (MoneyState.DEBITED_PENDING, MoneyState.REVERSING, MoneyState.REFUNDING, MoneyState.UNCLEAR)
_CERTAINTY = list(Confidence)
# From here to here the recorded code of the attempt decides, then the order of the list.
_REASONS = (Rank.PASSWORD.tier, Rank.APP.tier)


def diagnose(facts: Facts, now: datetime, policy: Policy = DEFAULT) -> list[Diagnosis]:
    """What happened, first the one that leads the answer; never empty.

    Priority: the tiers of `Rank`; among the reasons of a failed attempt, what its recorded code explains
    comes before what is only inferred from the facts. Records that contradict each other leave nothing
    else to be said but a suspicion of fraud.
    """
    facts = _oldest_first(facts)
    tried = last_try(facts)
    code = tried.code if tried else None
    found: list[tuple[Registered, Diagnosis]] = []
    for registered in sorted(RULES, key=lambda one: one.rank):
        if registered.rank is Rank.LAST_RESORT and found:
            break
        if registered.rank > Rank.LEDGER and any(_is_inconsistent(one) for _, one in found):
            break
        conclusion = registered.find(facts, now, policy)
        if conclusion:
            found.append((registered, conclusion))

    def order(one: tuple[Registered, Diagnosis]) -> tuple[int, bool, int, int]:
        registered, conclusion = one
        tier = registered.rank.tier
        if not _REASONS[0] <= tier <= _REASONS[1]:
            return tier, False, 0, registered.rank
        recorded = code is not None and code in registered.explains
        return _REASONS[0], not recorded, _CERTAINTY.index(conclusion.confidence), registered.rank

    ranked = [conclusion for _, conclusion in sorted(found, key=order)]
    if any(map(_is_inconsistent, ranked)):
        ranked = [
            replace(one, money=MoneyState.UNCLEAR, money_amount=None)  # nobody can tell where it is
            for one in ranked
            if one.cause is Cause.FRAUD_SUSPECTED or _is_inconsistent(one)
        ]
    return [_by_person_if_large(_without_paying_again(one, facts), facts, policy) for one in ranked]


def needs_attention(payment: Payment, now: datetime, policy: Policy = DEFAULT) -> bool:
    """Whether a payment looks like trouble with money by itself, without its siblings.

    Money away without an outcome, on its way back or taken back after a failure, a refund that has not
    arrived, a merchant that was not told, records that contradict each other.
    """
    payment = _records_oldest_first(payment)
    if violations(payment, policy) or moving_refunds(payment) or failed_refund(payment):
        return True
    if payment.status in ENDED:
        return moved(payment) is not None or where(payment).state is MoneyState.REVERSING
    if payment.status is PaymentStatus.CAPTURED:
        return merchant_waits(payment, now)
    if payment.status in (PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED):
        return False  # what came back has arrived, and the rest is the merchant's
    return is_open(payment)


def _oldest_first(facts: Facts) -> Facts:
    """Records are a set: in whatever order they were read, the answer is the same."""
    return replace(
        facts,
        payment=_records_oldest_first(facts.payment) if facts.payment else None,
        siblings=tuple(
            sorted(map(_records_oldest_first, facts.siblings), key=lambda one: (one.created_at, one.id))
        ),
    )


def _records_oldest_first(payment: Payment) -> Payment:
    return replace(
        payment,
        attempts=tuple(sorted(payment.attempts, key=lambda one: (one.started_at, one.id))),
        postings=tuple(sorted(payment.postings, key=lambda one: (one.posted_at, one.id))),
        refunds=tuple(sorted(payment.refunds, key=lambda one: (one.accepted_at, one.id))),
    )


def _is_inconsistent(diagnosis: Diagnosis) -> bool:
    return diagnosis.cause is Cause.LEDGER_INCONSISTENT


def _without_paying_again(diagnosis: Diagnosis, facts: Facts) -> Diagnosis:
    if not PAY_AGAIN & set(diagnosis.steps) or not (facts.not_me or _order_is_open(facts)):
        return diagnosis
    kept = tuple(step for step in diagnosis.steps if step not in PAY_AGAIN)
    if Step.DO_NOT_PAY_AGAIN not in kept:
        kept = (Step.DO_NOT_PAY_AGAIN, *kept)
    return replace(diagnosis, steps=kept)


def _order_is_open(facts: Facts) -> bool:
    """Whether any payment for the same order could still take, or has taken, the money."""
    payment = facts.payment
    if payment is None:
        return False
    same_order = (
        other
        for other in facts.siblings
        if other.order_no == payment.order_no and other.merchant.id == payment.merchant.id
    )
    parts = payment.kind is PaymentKind.SPLIT  # the other parts of a cart are meant to be paid
    return is_open(payment) or (not parts and any(map(is_open, same_order)))


def _by_person_if_large(diagnosis: Diagnosis, facts: Facts, policy: Policy) -> Diagnosis:
    """Safety rule 10: a person looks at a very large amount that is in motion or cannot be found."""
    payment = facts.payment
    if payment is None or diagnosis.money not in _IN_MOTION:
        return diagnosis
    price = cost(payment)
    if not policy.is_large(price.minor, price.currency):
        return diagnosis
    urgency = diagnosis.urgency if diagnosis.urgency is Urgency.CRITICAL else Urgency.HIGH
    return replace(diagnosis, urgency=urgency, route=Route.HUMAN, next_actor=Actor.AGENT)
