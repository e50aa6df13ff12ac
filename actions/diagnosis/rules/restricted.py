"""An account whose payments are limited. What is said is that it is limited, never why (safety rule 3)."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.codes import CodeClass
from actions.diagnosis.facts import Facts, Restriction
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import concluded, confidence, failed_try, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import Actor, Cause, Diagnosis, Route, Step, Urgency


@rule(Rank.RESTRICTED, explains=(CodeClass.RESTRICTED,))
def account_restricted(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D3: a restriction was in force before and at the attempt, or the wallet's own code says so."""
    tried = failed_try(facts)
    if tried is None:
        return None
    code = tried.code is CodeClass.RESTRICTED and not tried.by_bank  # a bank's 62 is about its card
    held = in_force(facts.customer.restrictions, tried.attempt.started_at)
    if not code and held is None:
        return None
    lifted = held is not None and held.lifted_at is not None and held.lifted_at <= now
    if lifted and not code and tried.other_reason(()):
        return None
    checkable = held is not None and held.identity_check_offered
    return concluded(
        tried.payment,
        Cause.ACCOUNT_RESTRICTED,
        confidence(code=code, facts=held is not None),
        variant="lifted" if lifted else "identity_check" if checkable else "agent",
        evidence=(
            *((seen(held, "status", id=facts.customer.id),) if held else ()),
            *(tried.code_evidence() if code else ()),
        ),
        values={"since": held.effective_from, "lifted_at": held.lifted_at} if held else {},
        steps=(Step.RETRY,)
        if lifted
        else ((Step.IDENTITY_CHECK, Step.AGENT) if checkable else (Step.AGENT,)),
        next_actor=Actor.CUSTOMER if lifted or checkable else Actor.AGENT,
        urgency=Urgency.LOW if lifted else Urgency.HIGH,
        route=Route.SELF if lifted else Route.HUMAN,
    )


def in_force(restrictions: tuple[Restriction, ...], at: datetime) -> Restriction | None:
    """The restriction that held at the moment `at` (from ≤ at < lifted); of several the one that lasts."""
    holding = [
        r for r in restrictions if r.effective_from <= at and (r.lifted_at is None or at < r.lifted_at)
    ]
    lasting = (r for r in holding if r.lifted_at is None)
    return next(lasting, None) or max(holding, key=lambda r: r.lifted_at or at, default=None)
