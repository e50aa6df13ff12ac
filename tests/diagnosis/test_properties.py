"""What must hold for any facts at all, sound or not."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from actions.diagnosis import diagnose, needs_attention
from actions.diagnosis.engine import PAY_AGAIN
from actions.diagnosis.facts import (
    Facts,
    PaymentKind,
    PaymentStatus,
)
from actions.diagnosis.money import is_open
from actions.diagnosis.registry import Rank
from actions.diagnosis.result import VARIANTS, Cause, MoneyState, Route, Step
from tests.diagnosis.anything import all_facts, moments, shuffled

ANY = settings(max_examples=150, deadline=None, derandomize=True)


@ANY
@given(all_facts(), moments)
def test_there_is_always_an_answer_and_it_is_well_formed(facts: Facts, now: datetime) -> None:
    found = diagnose(facts, now)
    assert found
    for one in found:
        assert one.evidence
        assert one.variant in VARIANTS.get(one.cause, (None,))
        assert len(set(one.steps)) == len(one.steps)
        assert one.payment_id is None or facts.payment is not None
    if facts.payment:
        needs_attention(facts.payment, now)


@ANY
@given(all_facts(), moments)
def test_never_pay_again_while_anything_of_the_order_is_open(facts: Facts, now: datetime) -> None:
    about = facts.payment
    if about is None:
        return
    same_order = [
        other
        for other in facts.siblings
        if (other.order_no, other.merchant.id) == (about.order_no, about.merchant.id)
    ]
    parts = about.kind is PaymentKind.SPLIT
    if is_open(about) or (not parts and any(map(is_open, same_order))):
        assert not PAY_AGAIN & {step for one in diagnose(facts, now) for step in one.steps}


@ANY
@given(all_facts(), moments, st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(facts: Facts, now: datetime, by: random.Random) -> None:
    assert diagnose(shuffled(facts, by), now) == diagnose(facts, now)


REASONS = {
    Cause.INSUFFICIENT_BALANCE,
    Cause.FX_FEE_SHORTFALL,
    Cause.LIMIT_EXCEEDED,
    Cause.ACCOUNT_RESTRICTED,
    Cause.PASSWORD_LOCKED,
    Cause.WRONG_PASSWORD,
    Cause.INTERNATIONAL_DISABLED,
    Cause.COUNTRY_UNSUPPORTED,
    Cause.CURRENCY_UNSUPPORTED,
    Cause.ISSUER_DECLINED,
    Cause.QR_EXPIRED,
    Cause.ORDER_EXPIRED,
    Cause.ORDER_CLOSED,
    Cause.MERCHANT_NOT_INTEGRATED,
    Cause.NETWORK_NOT_SENT,
    Cause.APP_OUTDATED,
    Cause.APP_BUG,
    Cause.ALREADY_PAID,
    Cause.REVERSAL_COMPLETED,
}


@ANY
@given(all_facts(), moments, st.sampled_from([PaymentStatus.UNKNOWN, PaymentStatus.PROCESSING]))
def test_unknown_is_never_treated_as_failed(facts: Facts, now: datetime, status: PaymentStatus) -> None:
    if facts.payment is None:
        return
    for one in diagnose(replace(facts, payment=replace(facts.payment, status=status)), now):
        assert one.cause not in REASONS
        assert one.label not in ("unknown_failed", "network_response_lost_not_charged")
        assert (
            one.money not in (MoneyState.REVERSING, MoneyState.PAID) or one.cause is Cause.DUPLICATE_PAYMENT
        )


@ANY
@given(all_facts(), moments)
def test_fraud_leads_and_contradictions_end_the_talk(facts: Facts, now: datetime) -> None:
    found = [one.cause for one in diagnose(facts, now)]
    if Cause.FRAUD_SUSPECTED in found:
        assert found[0] is Cause.FRAUD_SUSPECTED
        assert facts.not_me
    if Cause.LEDGER_INCONSISTENT in found:
        assert set(found) <= {Cause.FRAUD_SUSPECTED, Cause.LEDGER_INCONSISTENT}


@ANY
@given(all_facts(), moments)
def test_no_fraud_code_is_ever_shown(facts: Facts, now: datetime) -> None:
    for one in diagnose(facts, now):
        assert "59" not in {evidence.value for evidence in one.evidence}


@ANY
@given(all_facts(), moments)
def test_who_needs_a_person_gets_one(facts: Facts, now: datetime) -> None:
    for one in diagnose(facts, now):
        if Step.AGENT in one.steps and one.cause is not Cause.REFUND_OTHER_METHOD:
            assert one.route is Route.HUMAN or one.cause in (Cause.UNKNOWN, Cause.ACCOUNT_RESTRICTED)


def test_ranks_keep_the_tiers_of_the_priority_list() -> None:
    assert [rank.tier for rank in Rank] == sorted(rank.tier for rank in Rank)
    assert {rank.tier for rank in Rank} == set(range(1, 11))
