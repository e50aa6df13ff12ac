"""D19 fraud_suspected: a person at once, and no word of risk control."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.diagnosis.engine import PAY_AGAIN
from actions.diagnosis.facts import Payment, PaymentKind, PaymentStatus
from actions.diagnosis.result import Actor, Cause, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import CARD, DAY, TRIED, bought, causes, cny, debit, declined, lead, of, payment


@pytest.mark.parametrize(
    "about",
    [None, bought(), declined("INSUFFICIENT_BALANCE", available_before=cny(1)), declined("59", "iso8583")],
    ids=["no record", "paid", "declined", "fraud code"],
)
def test_not_me_leads_always(about: Payment | None) -> None:
    found = lead(about, not_me=True)
    assert found.cause is Cause.FRAUD_SUSPECTED
    assert (found.route, found.urgency, found.next_actor) == (Route.HUMAN, Urgency.CRITICAL, Actor.AGENT)
    assert found.steps[:2] == (Step.FREEZE_ACCOUNT, Step.CHANGE_PASSWORD)
    assert Step.WAIT not in found.steps


def test_the_money_is_told_as_the_records_show_it() -> None:
    assert lead(bought(), not_me=True).money is MoneyState.PAID
    assert lead(None, not_me=True).money is MoneyState.UNCLEAR


def test_it_comes_before_records_that_contradict_each_other() -> None:
    broken = bought(postings=())
    assert causes(of(broken, not_me=True)) == [Cause.FRAUD_SUSPECTED, Cause.LEDGER_INCONSISTENT]


def test_where_the_money_is_cannot_be_told_from_records_that_contradict_each_other() -> None:
    found = of(bought(postings=debit()[:1]), not_me=True)
    assert {(one.money, one.money_amount) for one in found} == {(MoneyState.UNCLEAR, None)}


def test_who_did_not_pay_is_never_told_how_to_pay_again() -> None:
    found = of(declined("INSUFFICIENT_BALANCE", available_before=cny(1)), not_me=True)
    assert not PAY_AGAIN & {step for one in found for step in one.steps}


def test_a_known_subscription_rules_it_out() -> None:
    earlier = bought("march", TRIED - 30 * DAY, kind=PaymentKind.SUBSCRIPTION)
    renewal = bought("april", kind=PaymentKind.SUBSCRIPTION)
    assert causes(of(renewal, earlier, not_me=True)) == [Cause.SUCCEEDED]
    assert lead(renewal, not_me=True).cause is Cause.FRAUD_SUSPECTED, "the first period is not known"
    unpaid = payment("march", created_at=TRIED - 30 * DAY, kind=PaymentKind.SUBSCRIPTION)
    assert lead(renewal, unpaid, not_me=True).cause is Cause.FRAUD_SUSPECTED


@pytest.mark.parametrize("signs", [{"device_new": True}, {"code": "59", "rail": "iso8583"}])
def test_signs_alone_are_never_said_to_be_fraud(signs: dict[str, Any]) -> None:
    assert Cause.FRAUD_SUSPECTED not in causes(of(declined(**signs)))


def test_a_fraud_code_changes_nothing_that_is_visible() -> None:
    plain, flagged = (declined(code, "iso8583", method=CARD) for code in ("05", "59"))
    one, other = lead(plain, not_me=True), lead(flagged, not_me=True)
    assert replace(one, evidence=()) == replace(other, evidence=())
    assert "59" not in repr(other.evidence)


def test_money_on_its_way_is_still_told_after_it() -> None:
    found = of(payment(status=PaymentStatus.PROCESSING, postings=debit()), not_me=True)
    assert causes(found) == [Cause.FRAUD_SUSPECTED, Cause.PENDING_AT_CHANNEL]
