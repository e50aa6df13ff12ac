"""Refused by the bank that issued the card."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.codes import CodeClass
from actions.diagnosis.facts import Facts, MethodKind
from actions.diagnosis.policy import Policy
from actions.diagnosis.reading import concluded, failed_try
from actions.diagnosis.registry import Rank, rule
from actions.diagnosis.result import Actor, Cause, Confidence, Diagnosis, Step
from actions.diagnosis.rules.abroad import is_abroad

# Of these the customer may be told; every other refusal, fraud and theft first of all, is a plain one.
_TOLD = {
    CodeClass.CARD_EXPIRED: ("card_expired", (Step.UPDATE_CARD, Step.OTHER_CARD)),
    CodeClass.BALANCE: ("card_funds", (Step.OTHER_CARD, Step.CONTACT_BANK)),
}
_CODES = (
    CodeClass.ISSUER,
    CodeClass.CARD_EXPIRED,
    CodeClass.NOT_PERMITTED,
    CodeClass.FRAUD,
    CodeClass.BALANCE,
    CodeClass.RESTRICTED,
)


@rule(Rank.ISSUER, explains=_CODES)
def issuer_declined(facts: Facts, now: datetime, policy: Policy) -> Diagnosis | None:
    """D8: a bank card, and the bank said no. Fraud, lost and stolen codes read as a plain refusal."""
    tried = failed_try(facts)
    if tried is None or tried.payment.method.kind is not MethodKind.BANK_CARD or tried.code not in _CODES:
        return None
    if tried.code is CodeClass.RESTRICTED and not tried.by_bank:
        return None
    # "Not permitted" abroad may be about the country or the currency as well as the card.
    either = tried.code is CodeClass.NOT_PERMITTED and is_abroad(tried.payment, facts, policy)
    variant, steps = _TOLD.get(tried.code, ("generic", (Step.CONTACT_BANK, Step.OTHER_CARD)))
    return concluded(
        tried.payment,
        Cause.ISSUER_DECLINED,
        Confidence.LIKELY if either else Confidence.PROVEN,
        variant=variant,
        evidence=tried.code_evidence(),
        steps=steps,
        next_actor=Actor.CUSTOMER,
    )
