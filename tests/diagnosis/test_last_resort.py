"""D0 no_record and D24 unknown: when no other rule has spoken."""

from __future__ import annotations

import pytest

from actions.diagnosis.facts import Outcome, PaymentStatus
from actions.diagnosis.result import Actor, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import CARD, attempt, bought, declined, lead, of, payment


def test_no_record_is_a_finding_and_never_another_payment() -> None:
    found = of(None, bought())
    assert [one.label for one in found] == ["no_record_nothing_matches"]
    assert (found[0].payment_id, found[0].money, found[0].money_amount) == (None, MoneyState.UNCLEAR, None)
    assert Step.CHECK_ORDER_NO in found[0].steps
    assert found[0].route is Route.SELF


def test_a_customer_without_any_payment() -> None:
    assert lead(None).label == "no_record_no_payments"


def test_a_failure_that_nothing_explains() -> None:
    found = lead(declined(None))
    assert (found.label, found.money) == ("unknown_failed", MoneyState.NOT_CHARGED)
    assert (found.route, found.next_actor, found.urgency) == (Route.HUMAN, Actor.AGENT, Urgency.MEDIUM)
    assert Step.AGENT in found.steps


@pytest.mark.parametrize("status", [PaymentStatus.PROCESSING, PaymentStatus.UNKNOWN])
def test_an_open_outcome_is_not_a_failure(status: PaymentStatus) -> None:
    found = lead(payment(status=status, attempts=(attempt(outcome=Outcome.PENDING),)))
    assert found.label == "unknown_open"
    assert found.steps == (Step.DO_NOT_PAY_AGAIN, Step.REFRESH_BILL, Step.AGENT)


def test_urgency_goes_by_the_money_at_risk() -> None:
    on_card = payment(status=PaymentStatus.UNKNOWN, method=CARD)
    found = lead(on_card)
    assert (found.label, found.money, found.urgency) == ("unknown_open", MoneyState.UNCLEAR, Urgency.HIGH)


def test_a_disputed_payment_is_for_a_person() -> None:
    found = of(bought(status=PaymentStatus.DISPUTED))
    assert ([one.label for one in found], found[0].route) == (["unknown_disputed"], Route.HUMAN)
    assert Step.REFRESH_BILL not in found[0].steps


def test_an_order_that_was_never_tried() -> None:
    assert lead(payment(status=PaymentStatus.CREATED)).label == "unknown_failed"
