"""The payment password: typed wrong, or locked after too many tries."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.codes import CodeClass
from actions.diagnosis.facts import Facts, PasswordLock
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import Try, concluded, confidence, failed_try, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import Cause, Diagnosis, Step, Urgency

_CODES = (CodeClass.PASSWORD_LOCKED, CodeClass.WRONG_PASSWORD)


@rule(Rank.PASSWORD, explains=_CODES)
def password_locked(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D4: locked at the attempt, or by it. Whoever made the tries is asked about elsewhere (D19)."""
    tried = failed_try(facts)
    if tried is None:
        return None
    code = tried.code is CodeClass.PASSWORD_LOCKED
    lock = None if tried.by_bank else _lock_at(facts, tried, policy)
    if lock is None and not code:
        return None
    if lock and lock.locked_until <= now and tried.other_reason(_CODES):
        return None
    if lock is None:  # a bank's lock on its card, or one that the wallet has no record of
        variant, steps = "unspecified", (Step.RESET_PASSWORD, Step.OTHER_METHOD)
    elif lock.locked_until > now:
        variant, steps = "locked", (Step.WAIT_UNLOCK, Step.RESET_PASSWORD)
    else:
        variant, steps = "unlocked", (Step.RETRY_PASSWORD, Step.RESET_PASSWORD)
    values = (
        {"until": lock.locked_until, "left": lock.locked_until - now, "tries": lock.wrong_tries}
        if lock
        else {}
    )
    return concluded(
        tried.payment,
        Cause.PASSWORD_LOCKED,
        confidence(code=code, facts=lock is not None),
        variant=variant,
        evidence=(
            *((seen(lock, "locked_until", id=facts.customer.id),) if lock else ()),
            *(tried.code_evidence() if code else ()),
        ),
        values=values,
        steps=steps,
        resolves_at=lock.locked_until if lock and variant == "locked" else None,
        urgency=Urgency.MEDIUM if variant == "locked" else Urgency.LOW,
    )


@rule(Rank.PASSWORD, explains=(CodeClass.WRONG_PASSWORD,))
def wrong_password(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D22: typed wrong, not yet often enough to lock it."""
    tried = failed_try(facts)
    if tried is None or tried.code is not CodeClass.WRONG_PASSWORD or password_locked(facts, now, policy):
        return None
    wrong = tried.attempt.wrong_password_tries
    counted = not tried.by_bank and 0 < wrong < policy.lock_tries  # a bank does not tell its count
    return concluded(
        tried.payment,
        Cause.WRONG_PASSWORD,
        confidence(code=True, facts=counted),
        variant="counted" if counted else "unspecified",
        evidence=(
            *tried.code_evidence(),
            *((seen(tried.attempt, "wrong_password_tries"),) if counted else ()),
        ),
        values={"tries_left": policy.lock_tries - wrong} if counted else {},
        steps=(Step.RETRY_PASSWORD, Step.RESET_PASSWORD),
    )


def _lock_at(facts: Facts, tried: Try, policy: Policy) -> PasswordLock | None:
    """The lock in force when the attempt began, or that its own wrong password set; the longest of them."""
    attempt = tried.attempt
    wrong = tried.code in _CODES or tried.silent  # the count of tries speaks for itself
    ended = (attempt.finished_at or attempt.started_at) + policy.clock_skew
    enough = wrong and attempt.wrong_password_tries >= policy.lock_tries
    latest = ended if enough else attempt.started_at
    locks = (k for k in facts.customer.locks if k.locked_at <= latest and attempt.started_at < k.locked_until)
    return max(locks, key=lambda lock: lock.locked_until, default=None)
