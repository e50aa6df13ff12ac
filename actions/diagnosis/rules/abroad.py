"""Paying abroad or in another currency: switched off, or not served."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from actions.diagnosis.codes import CodeClass
from actions.diagnosis.facts import Facts, InternationalSettings, Payment
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import Try, concluded, confidence, failed_try, seen
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import Actor, Cause, Diagnosis, Evidence, Route, Step


@rule(Rank.ABROAD, explains=(CodeClass.INTL_DISABLED, CodeClass.NOT_PERMITTED))
def international_disabled(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D17: the setting was off at the attempt (or the app has no such setting for this customer)."""
    tried = failed_try(facts)
    if tried is None:
        return None
    settings = facts.customer.international
    off = is_abroad(tried.payment, facts, policy) and not _enabled_at(settings, tried.attempt.started_at)
    code = tried.code is CodeClass.INTL_DISABLED or (off and tried.code is CodeClass.NOT_PERMITTED)
    no_option = settings.enabled is None
    now_on = settings.enabled is True
    if not (code or off) or (now_on and not code and tried.other_reason(())):
        return None
    return concluded(
        tried.payment,
        Cause.INTERNATIONAL_DISABLED,
        confidence(code=code, facts=off),
        evidence=(
            *((seen(settings, "enabled", id=facts.customer.id),) if off else ()),
            *(tried.code_evidence() if code else ()),
        ),
        steps=(Step.AGENT,)
        if no_option
        else (Step.RETRY,)
        if now_on
        else (Step.ENABLE_INTERNATIONAL, Step.RETRY),
        next_actor=Actor.AGENT if no_option else Actor.CUSTOMER,
        route=Route.HUMAN if no_option else Route.SELF,
    )


@rule(Rank.ABROAD, explains=(CodeClass.COUNTRY, CodeClass.NOT_PERMITTED))
def country_unsupported(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D17: the country is not on the list that this customer may pay in."""
    tried = failed_try(facts)
    if tried is None:
        return None
    served = facts.customer.international.countries
    abroad = is_abroad(tried.payment, facts, policy)
    missing = abroad and bool(served) and tried.payment.country not in served
    return _unsupported(
        tried,
        Cause.COUNTRY_UNSUPPORTED,
        CodeClass.COUNTRY,
        (
            seen(tried.payment, "country"),
            seen(facts.customer.international, "countries", id=facts.customer.id),
        )
        if missing
        else (),
        {"country": tried.payment.country},
        (Step.OTHER_METHOD,),
    )


@rule(Rank.ABROAD, explains=(CodeClass.CURRENCY, CodeClass.NOT_PERMITTED))
def currency_unsupported(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D17: the currency is not on the customer's list, or the merchant cannot be paid in it."""
    tried = failed_try(facts)
    if tried is None:
        return None
    currency, merchant = tried.payment.amount.currency, tried.payment.merchant
    served = facts.customer.international.currencies
    foreign = currency not in {account.currency for account in facts.customer.accounts}
    evidence: list[Evidence] = []
    if foreign and served and currency not in served:
        evidence.append(seen(facts.customer.international, "currencies", id=facts.customer.id))
    if merchant.currencies and currency not in merchant.currencies:
        evidence.append(seen(merchant, "currencies"))
    return _unsupported(
        tried,
        Cause.CURRENCY_UNSUPPORTED,
        CodeClass.CURRENCY,
        evidence,
        {"currency": currency},
        (Step.OTHER_CURRENCY, Step.OTHER_METHOD),
    )


def _unsupported(
    tried: Try,
    cause: Cause,
    code_class: CodeClass,
    found: Iterable[Evidence],
    values: dict[str, str],
    steps: tuple[Step, ...],
) -> Diagnosis | None:
    evidence = tuple(found)
    # An issuer's "not permitted" speaks of country or currency only where the records agree.
    code = tried.code is code_class or (bool(evidence) and tried.code is CodeClass.NOT_PERMITTED)
    if not (code or evidence):
        return None
    return concluded(
        tried.payment,
        cause,
        confidence(code=code, facts=bool(evidence)),
        evidence=(*evidence, *(tried.code_evidence() if code else ())),
        values=values,
        steps=steps,
    )


def is_abroad(payment: Payment, facts: Facts, policy: Policy) -> bool:
    """Whether it crosses a border: neither the wallet's home country nor the customer's own."""
    return payment.country not in (policy.home_country, facts.customer.country)


def _enabled_at(settings: InternationalSettings, at: datetime) -> bool:
    """Whether the setting was on at the moment `at` (rule 3); no setting counts as off."""
    changed_since = settings.changed_at is not None and at < settings.changed_at
    return bool(settings.enabled_before if changed_since else settings.enabled)
