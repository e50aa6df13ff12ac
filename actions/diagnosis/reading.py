"""How rules read the facts and write down what they conclude."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any

from actions.diagnosis.codes import CodeClass, classify
from actions.diagnosis.facts import Attempt, Facts, MethodKind, Money, Outcome, Payment, PaymentStatus
from actions.diagnosis.money import OPEN, TAKEN, Place, where
from actions.diagnosis.result import (
    Actor,
    Cause,
    Confidence,
    Diagnosis,
    Evidence,
    Route,
    Step,
    Urgency,
)

_BANK_RAILS = ("iso8583", "iso20022", "stripe")
# In these states the outcome is open whatever the latest try says: `unknown` is never the same as failed.
_UNDECIDED = (PaymentStatus.PROCESSING, PaymentStatus.UNKNOWN, PaymentStatus.AUTHORIZED)


@dataclass(frozen=True)
class Try:
    """One try at the payment in question, with the class of its code (None: no code, or not known)."""

    payment: Payment
    attempt: Attempt
    code: CodeClass | None

    @property
    def silent(self) -> bool:
        """Whether the channel gave no code at all; an unknown code is not silence."""
        return not self.attempt.code

    @property
    def by_bank(self) -> bool:
        """Whether a bank card paid and the code is of a rail on which the card's own bank speaks.

        Without a code no bank has spoken: then the wallet's own records may say why.
        """
        card = self.payment.method.kind is MethodKind.BANK_CARD
        return card and not self.silent and (self.attempt.rail or "").lower() in _BANK_RAILS

    def other_reason(self, own: Iterable[CodeClass]) -> bool:
        """Whether the code on record gives a reason that is not one of `own`.

        What stood in the way besides, but is over by now, is then not worth telling: it stops no new try.
        """
        return self.code is not None and self.code not in own

    def code_evidence(self) -> tuple[Evidence, ...]:
        """The code as sent; never one of fraud, theft or loss (safety rule 3)."""
        if self.silent or self.code is None or self.code is CodeClass.FRAUD:
            return (seen(self.attempt, "outcome"),)
        return (seen(self.attempt, "code"),)


def latest_attempt(payment: Payment) -> Attempt | None:
    """The last try of all, whatever became of it."""
    return max(payment.attempts, key=lambda attempt: attempt.started_at, default=None)


def last_try(facts: Facts) -> Try | None:
    """The latest try at a payment that has not gone through; None if there is none."""
    payment = facts.payment
    attempt = latest_attempt(payment) if payment else None
    if payment is None or payment.status in TAKEN or attempt is None or attempt.outcome is Outcome.APPROVED:
        return None
    return Try(payment, attempt, classify(attempt.rail, attempt.code))


def failed_try(facts: Facts) -> Try | None:
    """The latest try if it is known to have failed: the customer's state *then* is what counts (rule 3)."""
    tried = last_try(facts)
    if tried is None:
        return None
    waiting = tried.attempt.outcome in (Outcome.PENDING, Outcome.NO_RESPONSE)
    undecided = tried.payment.status in _UNDECIDED or (waiting and tried.payment.status in OPEN)
    return None if undecided else tried


def confidence(*, code: bool, facts: bool) -> Confidence:
    """Proven = recorded code and agreeing facts; likely = one of them; possible = neither, they coincide."""
    if code and facts:
        return Confidence.PROVEN
    return Confidence.LIKELY if code or facts else Confidence.POSSIBLE


def seen(record: Any, field: str, *, id: str | None = None) -> Evidence:
    """Evidence from a fact: `field` may be dotted ("limits.daily"); `id` for records without their own."""
    if not any(own.name == field.split(".")[0] for own in fields(record)):
        raise ValueError(f"{type(record).__name__} has no field {field!r}")
    value: Any = record
    for part in field.split("."):
        value = getattr(value, part)
    own_id: Any = id or getattr(record, "id", None) or getattr(record, "version", "")
    return Evidence(_snake(type(record).__name__), own_id, field, _text(value))


def concluded(
    payment: Payment,
    cause: Cause,
    certain: Confidence,
    *,
    variant: str | None = None,
    evidence: Iterable[Evidence] = (),
    values: Mapping[str, Any] | None = None,
    steps: Iterable[Step] = (),
    next_actor: Actor = Actor.CUSTOMER,
    resolves_at: datetime | None = None,
    urgency: Urgency = Urgency.LOW,
    route: Route = Route.SELF,
    place: Place | None = None,
) -> Diagnosis:
    """A diagnosis of `payment`, its money where the records show it unless `place` says otherwise."""
    place = place or where(payment)
    return Diagnosis(
        cause=cause,
        confidence=certain,
        money=place.state,
        money_amount=place.amount,
        variant=variant,
        evidence=tuple(evidence) or (seen(payment, "status"),),
        values=dict(values or {}),
        steps=tuple(steps),
        next_actor=next_actor,
        resolves_at=resolves_at,
        urgency=urgency,
        route=route,
        payment_id=payment.id,
    )


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def _text(value: Any) -> str:
    if isinstance(value, Money):
        return f"{value.minor} {value.currency}"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, frozenset):
        return " ".join(sorted(value))
    return str(value)
