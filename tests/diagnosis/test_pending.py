"""D9: money that left the balance while its outcome, or its return, is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from actions.diagnosis.facts import Outcome, Payment, PaymentStatus, RefundStatus
from actions.diagnosis.result import Actor, Cause, Confidence, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import (
    CARD,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    PRICE,
    SECOND,
    TRIED,
    attempt,
    bought,
    causes,
    cny,
    debit,
    hold,
    incident,
    lead,
    of,
    payment,
    refund,
    release,
    reversal,
    with_refunds,
)

OPEN = (PaymentStatus.PROCESSING, PaymentStatus.UNKNOWN)
WAITING = (attempt(outcome=Outcome.PENDING, finished_at=None),)


def debited(status: PaymentStatus = PaymentStatus.PROCESSING, at: datetime = TRIED) -> Payment:
    """The balance was debited at `at`; no outcome."""
    return payment(
        status=status,
        created_at=at - SECOND,
        postings=debit(at),
        attempts=(replace(WAITING[0], started_at=at),),
        ended_at=None,
    )


@pytest.mark.parametrize("status", OPEN)
def test_debited_without_an_outcome_is_pending(status: PaymentStatus) -> None:
    found = lead(debited(status))
    assert (found.cause, found.confidence) == (Cause.PENDING_AT_CHANNEL, Confidence.PROVEN)
    assert (found.money, found.money_amount) == (MoneyState.DEBITED_PENDING, PRICE)
    assert found.values == {"since": TRIED, "due": TRIED + DAY, "left": 22 * HOUR}
    assert found.steps == (Step.DO_NOT_PAY_AGAIN, Step.WAIT, Step.KEEP_SCREENSHOT)
    assert (found.next_actor, found.resolves_at) == (Actor.WALLET, TRIED + DAY)
    assert (found.route, found.urgency) == (Route.SELF, Urgency.MEDIUM)


@pytest.mark.parametrize(
    ("age", "overdue"),
    [(DAY - SECOND, False), (DAY, False), (DAY + SECOND, True)],
    ids=["23:59:59", "24", "24:00:01"],
)
@pytest.mark.parametrize("status", [*OPEN, PaymentStatus.FAILED, PaymentStatus.REVERSING])
def test_at_exactly_24_hours_it_is_due_and_not_overdue(
    status: PaymentStatus, age: timedelta, overdue: bool
) -> None:
    money_out = replace(debited(status), ended_at=TRIED if status not in OPEN else None)
    found = lead(money_out, now=TRIED + age)
    assert found.cause is (Cause.PENDING_OVERDUE if overdue else Cause.PENDING_AT_CHANNEL)
    assert found.route is (Route.HUMAN if overdue else Route.SELF)
    assert found.urgency is (Urgency.HIGH if overdue else Urgency.MEDIUM)


def test_overdue_tells_by_how_much_and_brings_an_agent() -> None:
    found = lead(debited(), now=TRIED + DAY + MINUTE)
    assert found.values == {"since": TRIED, "due": TRIED + DAY, "over": MINUTE}
    assert (found.next_actor, found.steps[-1]) == (Actor.AGENT, Step.AGENT)
    assert Step.DO_NOT_PAY_AGAIN in found.steps


@pytest.mark.parametrize("status", [PaymentStatus.FAILED, PaymentStatus.REVERSING])
def test_a_return_is_counted_from_the_accepted_failure_not_from_the_payment(status: PaymentStatus) -> None:
    accepted = TRIED + 5 * HOUR
    failing = replace(debited(status), ended_at=accepted)
    found = lead(failing, now=TRIED + 28 * HOUR)
    assert (found.cause, found.money) == (Cause.PENDING_AT_CHANNEL, MoneyState.REVERSING)
    assert found.values["due"] == accepted + DAY
    assert lead(failing, now=accepted + DAY + SECOND).cause is Cause.PENDING_OVERDUE


def test_a_posting_beats_a_status() -> None:
    """ "Failed" on record, the money away all the same (rule 1)."""
    found = of(replace(debited(PaymentStatus.FAILED), ended_at=TRIED))
    assert found[0].cause is Cause.PENDING_AT_CHANNEL
    assert MoneyState.NOT_CHARGED not in {one.money for one in found}


def test_ruled_out_by_success() -> None:
    assert Cause.PENDING_AT_CHANNEL not in causes(of(bought()))


def test_ruled_out_by_a_reversal() -> None:
    back = replace(debited(PaymentStatus.REVERSED), postings=debit() + reversal(TRIED + MINUTE))
    assert lead(back).cause is Cause.REVERSAL_COMPLETED


def test_ruled_out_by_a_refund() -> None:
    refunded = replace(debited(PaymentStatus.FAILED), refunds=(refund(),), ended_at=TRIED)
    assert lead(refunded).cause is Cause.REFUND_IN_PROGRESS
    arrived = with_refunds(replace(refunded, refunds=()), refund(RefundStatus.SUCCEEDED))
    assert lead(arrived).cause is Cause.REFUND_COMPLETED


def test_a_hold_may_last_as_long_as_merchants_may_keep_one() -> None:
    held = payment(status=PaymentStatus.AUTHORIZED, authorized_at=TRIED, postings=hold())
    found = lead(held, now=TRIED + 7 * DAY)
    assert (found.cause, found.money) == (Cause.PENDING_AT_CHANNEL, MoneyState.HELD)
    assert lead(held, now=TRIED + 7 * DAY + SECOND).cause is Cause.PENDING_OVERDUE


def test_a_released_hold_is_not_pending() -> None:
    voided = payment(
        status=PaymentStatus.VOIDED, postings=hold() + release(TRIED + HOUR), ended_at=TRIED + HOUR
    )
    found = lead(voided)
    assert (found.cause, found.money) == (Cause.REVERSAL_COMPLETED, MoneyState.HOLD_RELEASED)


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.NO_RESPONSE])
@pytest.mark.parametrize("status", OPEN)
def test_a_bank_that_has_not_answered_is_likely_pending(status: PaymentStatus, outcome: Outcome) -> None:
    on_card = payment(status=status, method=CARD, attempts=(attempt(outcome=outcome),))
    found = lead(on_card)
    assert (found.cause, found.confidence) == (Cause.PENDING_AT_CHANNEL, Confidence.LIKELY)
    assert found.money is MoneyState.UNCLEAR
    assert Step.DO_NOT_PAY_AGAIN in found.steps


@pytest.mark.parametrize("code", ["09", "68"])
def test_in_progress_and_late_answers_of_a_bank_are_pending(code: str) -> None:
    on_card = payment(
        status=PaymentStatus.UNKNOWN,
        method=CARD,
        attempts=(attempt(code, "iso8583", outcome=Outcome.PENDING),),
    )
    assert lead(on_card).cause is Cause.PENDING_AT_CHANNEL


def test_a_bank_on_the_way_to_give_it_back() -> None:
    found = lead(payment(status=PaymentStatus.REVERSING, method=CARD, ended_at=TRIED))
    assert (found.cause, found.money) == (Cause.PENDING_AT_CHANNEL, MoneyState.REVERSING)


def test_an_outage_that_lasts_is_told_beside_it() -> None:
    found = of(debited(), incidents=(incident(TRIED - MINUTE),))
    assert causes(found) == [Cause.PENDING_AT_CHANNEL, Cause.CHANNEL_OUTAGE]
    assert found[1].urgency is Urgency.HIGH, "money is away"
    assert not {Step.RETRY, Step.OTHER_METHOD} & set(found[1].steps)


def test_a_large_amount_in_motion_goes_to_a_person_at_once() -> None:
    large = payment(
        status=PaymentStatus.PROCESSING,
        amount=cny(5_000_000),
        postings=debit(minor=5_000_000),
        attempts=WAITING,
    )
    found = lead(large)
    assert (found.cause, found.route, found.urgency) == (Cause.PENDING_AT_CHANNEL, Route.HUMAN, Urgency.HIGH)
    just_below = replace(large, amount=cny(4_999_999), postings=debit(minor=4_999_999))
    assert lead(just_below).route is Route.SELF


def test_the_clock_is_passed_in() -> None:
    assert lead(debited(at=NOW - DAY)).cause is Cause.PENDING_AT_CHANNEL
    assert lead(debited(at=NOW - DAY - SECOND)).cause is Cause.PENDING_OVERDUE
