"""D20 ledger_inconsistent: what must hold in a sound ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from actions.diagnosis.facts import FxQuote, Money, Payment, PaymentStatus, RefundStatus
from actions.diagnosis.result import Actor, Cause, Confidence, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import (
    CARD,
    EUROPE,
    HOUR,
    MINUTE,
    PRICE,
    SECOND,
    TRIED,
    bought,
    causes,
    cny,
    credit,
    debit,
    declined,
    hold,
    lead,
    legs,
    of,
    payment,
    refund,
    release,
    reversal,
    with_refunds,
)

PAID, BACK = bought(), refund(RefundStatus.SUCCEEDED)


def broken(about: Payment) -> bool:
    """Whether the records are said to contradict each other, and nothing else is said."""
    found = causes(of(about))
    assert Cause.LEDGER_INCONSISTENT not in found or found == [Cause.LEDGER_INCONSISTENT]
    return found == [Cause.LEDGER_INCONSISTENT]


def booked(*postings: Any, **more: Any) -> Payment:
    """The paid purchase with other postings."""
    return bought(postings=tuple(leg for group in postings for leg in group), **more)


def test_nothing_is_promised_and_a_person_gets_the_records() -> None:
    found = lead(replace(PAID, refunds=(BACK,)))
    assert (found.cause, found.confidence) == (Cause.LEDGER_INCONSISTENT, Confidence.PROVEN)
    assert (found.money, found.money_amount) == (MoneyState.UNCLEAR, None)
    assert found.steps == (Step.DO_NOT_PAY_AGAIN, Step.KEEP_SCREENSHOT, Step.AGENT)
    assert (found.route, found.urgency, found.next_actor) == (Route.HUMAN, Urgency.HIGH, Actor.AGENT)
    assert ("refund", "ref", "status") in {(e.record, e.id, e.field) for e in found.evidence}


SOUND = {
    "paid": PAID,
    "paid with a fee": booked(
        debit(to="merchant"),
        legs("fee", TRIED, ("customer", "fee", -50), ("fees", "fee", 50)),
        fee=cny(50),
    ),
    "held, then captured": booked(
        hold(), legs("capture", TRIED, ("customer_hold", "capture", -10_000), ("merchant", "capture", 10_000))
    ),
    "held, then released": payment(status=PaymentStatus.VOIDED, postings=hold() + release(TRIED + HOUR)),
    "debited, then reversed": payment(postings=debit() + reversal(TRIED + HOUR)),
    "refunded": with_refunds(PAID, BACK),
    "on a card, nothing booked": bought(method=CARD),
    "a card's refund, nothing booked": replace(
        bought(method=CARD), refunds=(replace(BACK, destination=CARD),)
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_sound_records_are_left_in_peace(name: str) -> None:
    assert not broken(SOUND[name])


# ---- 1 balanced, 2 append-only --------------------------------------------------------------------


def test_debits_equal_credits_in_each_transaction() -> None:
    assert broken(
        booked(legs("debit", TRIED, ("customer", "debit", -10_000), ("merchant", "capture", 9_999)))
    )
    assert broken(booked(debit()[:1]))


def test_and_in_each_currency() -> None:
    mixed = legs("d", TRIED, ("customer", "debit", -10_000)) + legs(
        "d", TRIED, ("merchant", "capture", 10_000), currency="USD"
    )
    assert broken(booked(mixed))


def test_an_entry_is_reversed_at_most_once() -> None:
    taken = debit()
    once = [
        replace(leg, reverses=taken[0].id) if leg.account == "customer" else leg for leg in reversal(TRIED)
    ]
    twice = [replace(leg, id=leg.id + "b", transaction_id="b") for leg in once]
    sound = payment(postings=(*taken, *once))
    assert not broken(sound)
    assert broken(replace(sound, postings=(*taken, *once, *twice)))


def test_a_reversal_takes_back_exactly_its_entry() -> None:
    taken = debit()
    part = tuple(
        replace(leg, reverses=taken[0].id) if leg.account == "customer" else leg
        for leg in reversal(TRIED, 9_000)
    )
    assert broken(payment(postings=taken + part))


# ---- 3 currencies -----------------------------------------------------------------------------------


@pytest.mark.parametrize("currency", ["XXX", "cny", "RMB", ""])
def test_an_unknown_currency_is_never_guessed_at(currency: str) -> None:
    assert broken(declined(None, amount=Money(100, currency)))
    assert broken(
        payment(postings=legs("d", TRIED, ("customer", "debit", -1), ("x", "d", 1), currency=currency))
    )
    assert broken(replace(bought(method=CARD), refunds=(refund(amount=Money(1, currency)),)))


# ---- 5, 6 balances and holds ------------------------------------------------------------------------


def test_a_wallet_balance_is_never_below_zero() -> None:
    taken = debit(to="merchant")
    for minor, wrong in ((-1, True), (0, False)):
        after = (replace(taken[0], balance_after=cny(minor)), taken[1])
        assert broken(booked(after)) is wrong
    assert broken(declined(None, available_before=cny(-1)))


def test_no_more_is_captured_than_was_held() -> None:
    more = legs("c", TRIED, ("customer_hold", "capture", -10_001), ("merchant", "capture", 10_001))
    assert broken(booked(hold(), more))


def test_a_hold_is_captured_or_released_and_not_both() -> None:
    capture = legs("c", TRIED, ("customer_hold", "capture", -10_000), ("merchant", "capture", 10_000))
    assert broken(booked(hold(), capture, release(TRIED + HOUR)))


def test_a_captured_payment_leaves_nothing_on_hold() -> None:
    assert broken(booked(hold()))


# ---- 7 one debit of amount + fee --------------------------------------------------------------------


@pytest.mark.parametrize(("minor", "wrong"), [(9_999, True), (10_000, False), (10_001, True), (20_000, True)])
def test_a_captured_payment_took_its_price_once(minor: int, wrong: bool) -> None:
    assert broken(booked(debit(minor=minor, to="merchant"))) is wrong


def test_captured_from_the_balance_with_no_debit_at_all() -> None:
    assert broken(bought(postings=()))


def test_a_completed_reversal_leaves_nothing_away_and_nothing_returns_that_did_not_leave() -> None:
    assert broken(payment(status=PaymentStatus.REVERSED, postings=debit()))
    assert broken(payment(status=PaymentStatus.REVERSED, postings=reversal(TRIED)))
    assert broken(payment(postings=debit() + reversal(TRIED, 10_001)))


def test_more_away_than_the_price() -> None:
    assert broken(payment(status=PaymentStatus.PROCESSING, postings=debit(minor=10_001)))


@pytest.mark.parametrize(
    "status",
    [
        PaymentStatus.FAILED,
        PaymentStatus.VOIDED,
        PaymentStatus.AUTH_EXPIRED,
        PaymentStatus.EXPIRED,
        PaymentStatus.CANCELED,
    ],
)
def test_what_ended_unpaid_was_never_captured(status: PaymentStatus) -> None:
    assert broken(payment(status=status, captured_at=TRIED))


def test_captured_has_a_time() -> None:
    assert broken(bought(captured_at=None))


# ---- 8 refunds --------------------------------------------------------------------------------------


def test_success_without_a_credit_and_a_credit_without_a_row() -> None:
    assert broken(replace(PAID, refunds=(BACK,)))
    assert broken(replace(PAID, postings=PAID.postings + credit(BACK, TRIED + HOUR)))


def test_success_with_two_credits() -> None:
    twice = credit(BACK, TRIED + HOUR) + tuple(
        replace(leg, id=leg.id + "b", transaction_id="b") for leg in credit(BACK, TRIED + HOUR)
    )
    assert broken(replace(PAID, refunds=(BACK,), postings=PAID.postings + twice))


@pytest.mark.parametrize("minor", [9_999, 10_001, -10_000])
def test_a_credit_of_another_amount(minor: int) -> None:
    assert broken(replace(PAID, refunds=(BACK,), postings=PAID.postings + credit(BACK, TRIED + HOUR, minor)))


@pytest.mark.parametrize("status", [RefundStatus.FAILED, RefundStatus.CANCELED])
def test_a_refund_that_did_not_happen_credits_nothing(status: RefundStatus) -> None:
    not_done = refund(status)
    assert broken(replace(PAID, refunds=(not_done,), postings=PAID.postings + credit(not_done, TRIED + HOUR)))


@pytest.mark.parametrize(("second", "wrong"), [(6_000, False), (6_001, True)])
def test_refunds_together_give_back_no_more_than_was_taken(second: int, wrong: bool) -> None:
    moving = refund(minor=second, id="r2")
    assert broken(with_refunds(PAID, refund(RefundStatus.SUCCEEDED, 4_000, id="r1"), moving)) is wrong


@pytest.mark.parametrize("status", [PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED])
def test_refunded_needs_a_refund(status: PaymentStatus) -> None:
    assert broken(replace(PAID, status=status))
    assert broken(replace(PAID, status=status, refunds=(refund(RefundStatus.CANCELED),)))


# ---- 11 times, 12 conversion ------------------------------------------------------------------------

SKEW = 2 * MINUTE


@pytest.mark.parametrize(("early", "wrong"), [(SKEW - SECOND, False), (SKEW, False), (SKEW + SECOND, True)])
def test_times_follow_each_other_but_for_small_differences_of_clocks(early: timedelta, wrong: bool) -> None:
    assert broken(replace(PAID, captured_at=TRIED - early)) is wrong
    assert broken(replace(PAID, authorized_at=TRIED + SECOND + early)) is wrong
    done = replace(BACK, completed_at=TRIED + SECOND - early, destination=CARD)
    assert broken(replace(bought(method=CARD), refunds=(done,))) is wrong


@pytest.mark.parametrize(
    ("converted", "wrong"),
    [(77_998, True), (77_999, False), (78_000, False), (78_001, False), (78_002, True)],
)
def test_converted_is_amount_times_rate_to_one_minor_unit(converted: int, wrong: bool) -> None:
    fx = FxQuote(Decimal("7.8"), converted=cny(converted), fee=cny(0))
    abroad = payment(method=CARD, merchant=EUROPE, amount=Money(10_000, "EUR"), country="CN", fx=fx)
    assert broken(abroad) is wrong


@pytest.mark.parametrize(
    ("amount", "rate", "converted"),
    [
        (Money(1_200, "JPY"), "0.0471", 5_652),  # ¥1,200, no decimals: 56.52 yuan
        (Money(12_345, "KWD"), "23.50", 29_011),  # 12.345 dinars, three decimals: 290.11 yuan
        (Money(1_200, "EUR"), "7.80", 9_360),
    ],
)
def test_conversion_knows_each_currencys_decimals(amount: Money, rate: str, converted: int) -> None:
    fx = FxQuote(Decimal(rate), converted=cny(converted), fee=cny(0))
    assert not broken(payment(method=CARD, amount=amount, fx=fx))
    for wrong in (converted * 10, converted // 10, converted * 100, converted // 100):
        assert broken(payment(method=CARD, amount=amount, fx=replace(fx, converted=cny(wrong))))


def test_the_price_is_the_same_everywhere() -> None:
    assert PAID.amount == PRICE
