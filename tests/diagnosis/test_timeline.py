"""The stations of the money, in order, each with its time; what is still to come has the time it is due."""

from __future__ import annotations

from actions.diagnosis.facts import Outcome, Payment, PaymentStatus, RefundStatus
from actions.diagnosis.timeline import Stage, State, timeline
from tests.diagnosis.build import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    PRICE,
    SECOND,
    TRIED,
    attempt,
    bought,
    debit,
    declined,
    hold,
    payment,
    refund,
    release,
    reversal,
    with_refunds,
)

DUE = TRIED + DAY


def stations(of: Payment) -> list[tuple[Stage, State]]:
    return [(moment.stage, moment.state) for moment in timeline(of, DUE, NOW)]


def test_a_payment_that_went_through() -> None:
    moments = timeline(bought(), None, NOW)
    assert [(m.stage, m.state, m.at) for m in moments] == [
        (Stage.INITIATED, State.DONE, TRIED),
        (Stage.CAPTURED, State.DONE, TRIED + SECOND),
        (Stage.MERCHANT_CONFIRMED, State.DONE, TRIED + 2 * SECOND),
    ]
    assert moments[0].amount == PRICE


def test_a_merchant_that_was_not_told_is_where_it_stands() -> None:
    assert stations(bought(merchant_notified_at=None))[-1] == (Stage.MERCHANT_CONFIRMED, State.CURRENT)


def test_a_debit_without_an_outcome_waits_until_it_is_due() -> None:
    pending = payment(status=PaymentStatus.PROCESSING, ended_at=None, postings=debit())
    moments = timeline(pending, DUE, NOW)
    assert [m.stage for m in moments] == [Stage.INITIATED, Stage.DEBITED, Stage.OUTCOME]
    assert (moments[1].state, moments[1].amount) == (State.DONE, PRICE)
    assert (moments[2].state, moments[2].at) == (State.CURRENT, DUE)


def test_money_on_its_way_back_and_money_that_is_back() -> None:
    failed = payment(status=PaymentStatus.REVERSING, postings=debit(), ended_at=TRIED + MINUTE)
    assert stations(failed)[1:] == [
        (Stage.DEBITED, State.DONE),
        (Stage.DECLINED, State.FAILED),
        (Stage.REVERSED, State.CURRENT),
    ]
    back = payment(status=PaymentStatus.REVERSED, postings=debit() + reversal(TRIED + HOUR))
    assert stations(back)[-1] == (Stage.REVERSED, State.DONE)
    assert timeline(back, None, NOW)[-1].at == TRIED + HOUR


def test_a_plain_refusal_moves_nothing() -> None:
    assert stations(declined("INSUFFICIENT_BALANCE")) == [
        (Stage.INITIATED, State.DONE),
        (Stage.DECLINED, State.FAILED),
    ]


def test_a_request_that_never_left_the_phone() -> None:
    unsent = payment(
        status=PaymentStatus.CREATED,
        ended_at=None,
        attempts=(attempt(outcome=Outcome.NOT_SENT, server_request_id=None),),
    )
    assert stations(unsent) == [(Stage.INITIATED, State.DONE), (Stage.NOT_SENT, State.FAILED)]


def test_a_hold_is_held_then_released() -> None:
    held = payment(status=PaymentStatus.AUTHORIZED, authorized_at=TRIED, postings=hold(), ended_at=None)
    assert stations(held)[1:] == [(Stage.HELD, State.DONE), (Stage.OUTCOME, State.CURRENT)]
    released = payment(
        status=PaymentStatus.VOIDED,
        authorized_at=TRIED,
        postings=hold() + release(TRIED + HOUR),
        ended_at=TRIED + HOUR,
    )
    assert stations(released)[1:] == [(Stage.HELD, State.DONE), (Stage.RELEASED, State.DONE)]


def test_each_refund_has_its_two_stations() -> None:
    arrived = refund(RefundStatus.SUCCEEDED, 4_000, id="r1")
    moving = refund(RefundStatus.PROCESSING, 6_000, TRIED + 90 * MINUTE, id="r2")
    stuck = refund(RefundStatus.FAILED, 6_000, TRIED + 80 * MINUTE, id="r3")
    paid = with_refunds(bought(status=PaymentStatus.PARTIALLY_REFUNDED), moving, arrived, stuck)
    assert stations(paid)[3:] == [
        (Stage.REFUND_ACCEPTED, State.DONE),
        (Stage.REFUNDED, State.DONE),
        (Stage.REFUND_ACCEPTED, State.DONE),
        (Stage.REFUNDED, State.FAILED),
        (Stage.REFUND_ACCEPTED, State.DONE),
        (Stage.REFUNDED, State.CURRENT),
    ]


def test_what_has_happened_lies_in_order_and_in_the_past() -> None:
    paid = with_refunds(bought(), refund(RefundStatus.SUCCEEDED))
    times = [moment.at for moment in timeline(paid, None, NOW) if moment.at]
    assert times == sorted(times)
    assert times[-1] < NOW


def test_what_is_waited_for_too_long_is_late() -> None:
    pending = payment(status=PaymentStatus.PROCESSING, ended_at=None, postings=debit())
    last = timeline(pending, DUE, DUE + SECOND)[-1]
    assert (last.stage, last.state, last.at) == (Stage.OUTCOME, State.LATE, DUE)
    assert timeline(pending, DUE, DUE)[-1].state is State.CURRENT


def test_authorised_and_captured_in_one_go_is_no_hold() -> None:
    at_once = bought(authorized_at=TRIED)
    assert Stage.HELD not in [stage for stage, _ in stations(at_once)]
    a_day_later = bought(authorized_at=TRIED - DAY, at=TRIED)
    assert Stage.HELD in [stage for stage, _ in stations(a_day_later)]
