"""Not enough: of a limit, of the balance, or of the balance once converted and with the fee."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from actions.diagnosis.codes import CodeClass
from actions.diagnosis.facts import Facts, Limits, MethodKind, Money
from actions.diagnosis.money import cost, in_paid_currency
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import Try, concluded, confidence, failed_try, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import Actor, Cause, Confidence, Diagnosis, Evidence, Route, Step, Urgency

_SCOPE_OF_CODE = {
    CodeClass.LIMIT_PER_PAYMENT: "per_payment",
    CodeClass.LIMIT_DAILY: "daily",
    CodeClass.LIMIT_MONTHLY: "monthly",
}
_LIMIT_CODES = (CodeClass.LIMIT, *_SCOPE_OF_CODE)


@rule(Rank.LIMIT, explains=_LIMIT_CODES)
def limit_exceeded(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D2: used + amount is more than a limit in force at the attempt (exactly the limit is allowed)."""
    tried = failed_try(facts)
    if tried is None:
        return None
    code = tried.code in _LIMIT_CODES
    exceeded = _exceeded(tried)
    scope = _SCOPE_OF_CODE.get(tried.code) if tried.code else None
    scope = scope if scope in exceeded else next(iter(exceeded), None) if scope is None else None
    if code and tried.by_bank:
        return _limit(tried, Confidence.PROVEN, "card")  # the bank's limit; only the bank knows its figure
    if scope is None:
        return _limit(tried, Confidence.LIKELY, "unspecified") if code else None
    limits = tried.attempt.limits
    limit: Money = getattr(limits, scope)
    used = _used(limits, scope) or Money(0, limit.currency)
    resets_at = (
        limits.month_resets_at if scope == "monthly" else limits.resets_at if scope == "daily" else None
    )
    if resets_at and resets_at <= now and tried.other_reason(_LIMIT_CODES):
        return None
    left = Money(max(0, limit.minor - used.minor), limit.currency)
    afresh = resets_at is not None and resets_at <= now  # what was left then no longer matters
    steps = (
        *((Step.SMALLER_AMOUNT,) if left.minor and not afresh else ()),
        *((Step.RETRY if afresh else Step.WAIT_RESET,) if resets_at else ()),
        Step.OTHER_METHOD,
        Step.RAISE_LIMIT,
    )
    return concluded(
        tried.payment,
        Cause.LIMIT_EXCEEDED,
        confidence(code=code, facts=True),
        variant=scope,
        evidence=(
            seen(tried.attempt, f"limits.{scope}"),
            *((seen(tried.attempt, f"limits.{_USED[scope]}"),) if scope in _USED else ()),
            *(tried.code_evidence() if code else ()),
        ),
        values={"limit": limit, "used": used, "remaining": left, "resets_at": resets_at},
        steps=steps,
        resolves_at=resets_at if resets_at and resets_at > now else None,
    )


@rule(Rank.LIMIT, explains=(CodeClass.BALANCE,))
def credit_line_used_up(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D2 of a credit line: "not enough" means that its limit is used up; its figures are not the wallet's."""
    tried = failed_try(facts)
    credit = tried is not None and tried.payment.method.kind is MethodKind.CREDIT_LINE
    if tried is None or not credit or tried.code is not CodeClass.BALANCE:
        return None
    return _limit(tried, Confidence.LIKELY, "unspecified")


@rule(Rank.BALANCE, explains=(CodeClass.BALANCE,))
def insufficient_balance(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D1: what was available (total − frozen) at the attempt is less than amount + fee."""
    tried = failed_try(facts)
    if tried is None or tried.payment.method.kind is not MethodKind.BALANCE or tried.payment.fx:
        return None
    return _short(tried, Cause.INSUFFICIENT_BALANCE, cost(tried.payment), {}, (CodeClass.BALANCE,))


@rule(Rank.FX, explains=(CodeClass.FX_SHORTFALL, CodeClass.BALANCE))
def fx_fee_shortfall(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D17: what was available is less than the converted amount + fee + the safety margin."""
    tried = failed_try(facts)
    if tried is None or tried.payment.method.kind is not MethodKind.BALANCE:
        return None
    fx = tried.payment.fx
    if fx is None:
        # Without a quote there is nothing to compare with; only the code may say so.
        alone = tried.code is CodeClass.FX_SHORTFALL
        return _told_by_code(tried, Cause.FX_FEE_SHORTFALL) if alone else None
    needed = fx.converted + fx.fee + fx.margin if fx.margin else fx.converted + fx.fee
    quote = {"converted": fx.converted, "fee": fx.fee, "rate": f"{fx.rate.normalize():f}"}
    codes = (CodeClass.FX_SHORTFALL, CodeClass.BALANCE)
    return _short(tried, Cause.FX_FEE_SHORTFALL, needed, quote, codes)


def _short(
    tried: Try, cause: Cause, needed: Money, more: dict[str, Any], codes: tuple[CodeClass, ...]
) -> Diagnosis | None:
    """The balance at the attempt against what was needed. The code and the books may contradict."""
    available, code = tried.attempt.available_before, tried.code in codes
    if available is None or available.currency != needed.currency:
        return _told_by_code(tried, cause) if code else None
    if available.minor >= needed.minor:
        return _contradicted(tried) if code else None
    return concluded(
        tried.payment,
        cause,
        confidence(code=code, facts=True),
        variant="exact",
        evidence=(seen(tried.attempt, "available_before"), *(tried.code_evidence() if code else ())),
        values={"available": available, "needed": needed, "shortfall": needed - available, **more},
        steps=(Step.TOP_UP, Step.OTHER_METHOD, Step.RETRY),
    )


def _told_by_code(tried: Try, cause: Cause) -> Diagnosis:
    return concluded(
        tried.payment,
        cause,
        Confidence.LIKELY,
        variant="unspecified",
        evidence=tried.code_evidence(),
        steps=(Step.CHECK_BALANCE, Step.TOP_UP, Step.OTHER_METHOD),
    )


def _contradicted(tried: Try) -> Diagnosis:
    """D20: declined as short of money while the books show enough. Rule 1: say that it does not agree."""
    return concluded(
        tried.payment,
        Cause.LEDGER_INCONSISTENT,
        Confidence.PROVEN,
        evidence=(*tried.code_evidence(), seen(tried.attempt, "available_before")),
        steps=(Step.KEEP_SCREENSHOT, Step.AGENT),
        next_actor=Actor.AGENT,
        urgency=Urgency.HIGH,
        route=Route.HUMAN,
    )


_USED = {"daily": "used_today", "monthly": "used_month"}


def _used(limits: Limits, scope: str) -> Money | None:
    return getattr(limits, _USED[scope]) if scope in _USED else None


def _exceeded(tried: Try) -> dict[str, Money]:
    """The limits that this payment was too much for, the narrowest scope first."""
    amount, limits = in_paid_currency(tried.payment, tried.payment.amount), tried.attempt.limits
    found: dict[str, Money] = {}
    for scope in ("per_payment", "daily", "monthly"):
        limit: Money | None = getattr(limits, scope)
        if limit is None or limit.currency != amount.currency:
            continue
        used = _used(limits, scope)
        if (used.minor if used else 0) + amount.minor > limit.minor:
            found[scope] = limit
    return found


def _limit(tried: Try, certain: Confidence, variant: str) -> Diagnosis:
    """A limit whose figures the wallet does not know."""
    evidence: tuple[Evidence, ...] = tried.code_evidence()
    by_bank = variant == "card"
    return concluded(
        tried.payment,
        Cause.LIMIT_EXCEEDED,
        certain,
        variant=variant,
        evidence=evidence,
        steps=(Step.CONTACT_BANK, Step.OTHER_CARD) if by_bank else (Step.SMALLER_AMOUNT, Step.OTHER_METHOD),
    )
