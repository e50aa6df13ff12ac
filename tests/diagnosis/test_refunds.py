"""D13 to D16: money on its way back by a refund, arrived, or stuck."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from actions.diagnosis.facts import FxQuote, Money, Payment, PaymentStatus, Refund, RefundStatus
from actions.diagnosis.result import Actor, Cause, Confidence, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import (
    CARD,
    DAY,
    EUROPE,
    HOUR,
    MINUTE,
    OTHER_CARD,
    PRICE,
    SECOND,
    TRIED,
    bought,
    causes,
    cny,
    credit,
    lead,
    legs,
    of,
    refund,
    with_refunds,
)

ACCEPTED = TRIED + HOUR
ARRIVED, FAILED = RefundStatus.SUCCEEDED, RefundStatus.FAILED
ON_CARD = bought(method=CARD)


# ---- D13 refund_in_progress, D14 refund_overdue -----------------------------------------------------


@pytest.mark.parametrize("status", [RefundStatus.REQUESTED, RefundStatus.PROCESSING, RefundStatus.REROUTED])
def test_a_refund_on_its_way(status: RefundStatus) -> None:
    found = lead(with_refunds(bought(), refund(status)))
    assert (found.cause, found.confidence) == (Cause.REFUND_IN_PROGRESS, Confidence.PROVEN)
    assert (found.money, found.money_amount) == (MoneyState.REFUNDING, PRICE)
    assert found.values["left"] == 23 * HOUR
    assert (found.values["refund"], found.values["accepted_at"]) == (PRICE, ACCEPTED)
    assert found.resolves_at == found.values["due"] == ACCEPTED + DAY
    assert found.steps == (Step.WAIT, Step.CHECK_DESTINATION)
    assert (found.route, found.urgency, found.next_actor) == (Route.SELF, Urgency.LOW, Actor.WALLET)


@pytest.mark.parametrize(
    ("age", "overdue"),
    [(DAY - SECOND, False), (DAY, False), (DAY + SECOND, True)],
    ids=["23:59:59", "24", "24:00:01"],
)
def test_at_exactly_24_hours_after_it_was_accepted_it_is_due(age: timedelta, overdue: bool) -> None:
    found = lead(with_refunds(bought(at=TRIED - 3 * DAY), refund()), now=ACCEPTED + age)
    assert found.cause is (Cause.REFUND_OVERDUE if overdue else Cause.REFUND_IN_PROGRESS)


def test_an_overdue_refund_is_traced_by_a_person() -> None:
    found = lead(with_refunds(bought(), refund()), now=ACCEPTED + DAY + MINUTE)
    assert found.values["over"] == MINUTE
    assert (found.route, found.urgency, found.next_actor) == (Route.HUMAN, Urgency.HIGH, Actor.AGENT)
    assert found.steps == (Step.KEEP_SCREENSHOT, Step.AGENT)


def test_a_credited_posting_beats_the_status_processing() -> None:
    late = refund()
    paid = replace(bought(), refunds=(late,))
    arrived = replace(paid, postings=paid.postings + credit(late, ACCEPTED + HOUR))
    assert lead(arrived, now=ACCEPTED + 3 * DAY).cause is Cause.REFUND_COMPLETED


def test_a_large_refund_on_its_way_goes_to_a_person() -> None:
    large = with_refunds(bought(amount=cny(6_000_000)), refund(minor=6_000_000))
    assert (lead(large).cause, lead(large).route) == (Cause.REFUND_IN_PROGRESS, Route.HUMAN)


# ---- D15 refund_other_method ------------------------------------------------------------------------


def test_arrived_elsewhere_is_told_with_both_methods() -> None:
    found = lead(with_refunds(ON_CARD, refund(ARRIVED, destination=OTHER_CARD)))
    assert found.cause is Cause.REFUND_OTHER_METHOD
    assert (found.values["destination"], found.values["original"]) == (OTHER_CARD, CARD)
    assert found.values["at"] == ACCEPTED + MINUTE
    assert (found.route, found.urgency) == (Route.SELF, Urgency.MEDIUM)


def test_arrived_on_a_closed_card_needs_a_person() -> None:
    closed = replace(OTHER_CARD, closed=True)
    found = lead(with_refunds(ON_CARD, refund(ARRIVED, destination=closed)))
    assert (found.cause, found.route, found.next_actor) == (
        Cause.REFUND_OTHER_METHOD,
        Route.HUMAN,
        Actor.AGENT,
    )


def test_the_same_destination_rules_it_out() -> None:
    assert causes(of(with_refunds(ON_CARD, refund(ARRIVED, destination=CARD)))) == [Cause.REFUND_COMPLETED]


# ---- D16 refund_partial, D16b refund_completed ------------------------------------------------------


def test_a_part_came_back() -> None:
    found = lead(with_refunds(bought(), refund(ARRIVED, minor=4_000)))
    assert (found.label, found.confidence) == ("refund_partial_only_part", Confidence.PROVEN)
    assert (found.values["refund"], found.values["remaining"]) == (cny(4_000), cny(6_000))
    assert (found.money, found.money_amount) == (MoneyState.PARTLY_REFUNDED, cny(4_000))
    assert Step.ASK_MERCHANT in found.steps
    assert (found.next_actor, found.urgency) == (Actor.MERCHANT, Urgency.MEDIUM)


def test_a_part_came_back_and_the_rest_is_on_its_way() -> None:
    parts = (refund(ARRIVED, minor=4_000, id="r1"), refund(minor=6_000, id="r2"))
    found = of(with_refunds(bought(), *parts))
    assert causes(found) == [Cause.REFUND_IN_PROGRESS, Cause.REFUND_PARTIAL]
    assert found[1].label == "refund_partial_rest_pending"
    assert (found[1].values["pending"], found[1].values["remaining"]) == (cny(6_000), cny(0))


def test_parts_that_add_up_are_complete() -> None:
    parts = (refund(ARRIVED, minor=4_000, id="r1"), refund(ARRIVED, minor=6_000, id="r2"))
    found = lead(with_refunds(bought(), *parts))
    assert (found.cause, found.values["refund"]) == (Cause.REFUND_COMPLETED, PRICE)


def test_complete_tells_amount_time_destination_and_reference() -> None:
    found = lead(with_refunds(bought(status=PaymentStatus.REFUNDED), refund(ARRIVED, reference="RF1")))
    assert found.cause is Cause.REFUND_COMPLETED
    assert found.money is MoneyState.REFUNDED
    assert found.values["refund"] == PRICE
    assert (found.values["at"], found.values["reference"]) == (ACCEPTED + MINUTE, "RF1")
    assert (found.route, found.urgency, found.next_actor) == (Route.SELF, Urgency.LOW, Actor.NOBODY)


def test_the_refund_rows_decide_and_not_the_status_of_the_payment() -> None:
    part = with_refunds(bought(status=PaymentStatus.REFUNDED), refund(ARRIVED, minor=4_000))
    assert lead(part).cause is Cause.REFUND_PARTIAL


def test_success_without_its_credit_is_inconsistent() -> None:
    assert causes(of(replace(bought(), refunds=(refund(ARRIVED),)))) == [Cause.LEDGER_INCONSISTENT]


# ---- D16c refund_failed -----------------------------------------------------------------------------


def test_a_failed_refund_needs_another_route() -> None:
    failed = refund(FAILED, destination=replace(CARD, closed=True))
    found = lead(with_refunds(ON_CARD, failed))
    assert (found.cause, found.money) == (Cause.REFUND_FAILED, MoneyState.REFUND_FAILED)
    assert found.values == {"refund": PRICE, "destination": failed.destination}
    assert (found.route, found.urgency, found.next_actor) == (Route.HUMAN, Urgency.HIGH, Actor.AGENT)


FIRST = refund(FAILED, id="r1", destination=CARD)
LATER = ACCEPTED + HOUR


def test_a_retry_that_succeeded_or_is_on_its_way_rules_it_out() -> None:
    done = refund(ARRIVED, id="r2", accepted_at=LATER, destination=CARD)
    assert causes(of(with_refunds(ON_CARD, FIRST, done))) == [Cause.REFUND_COMPLETED]
    moving = refund(id="r2", accepted_at=LATER, destination=CARD)
    assert causes(of(with_refunds(ON_CARD, FIRST, moving))) == [Cause.REFUND_IN_PROGRESS]


def test_a_retry_in_two_parts_makes_it_good_too() -> None:
    halves = [refund(ARRIVED, 5_000, LATER + n * MINUTE, id=f"h{n}", destination=CARD) for n in (0, 1)]
    assert causes(of(with_refunds(ON_CARD, FIRST, *halves))) == [Cause.REFUND_COMPLETED]


@pytest.mark.parametrize("again", [FAILED, RefundStatus.CANCELED])
def test_a_retry_that_failed_or_was_canceled_does_not(again: RefundStatus) -> None:
    second = refund(again, id="r2", accepted_at=LATER, destination=CARD)
    assert lead(with_refunds(ON_CARD, FIRST, second)).cause is Cause.REFUND_FAILED


def test_an_earlier_refund_does_not_make_a_later_failure_good() -> None:
    half = refund(ARRIVED, 5_000, ACCEPTED - MINUTE, id="r0", destination=CARD)
    failed = refund(FAILED, 5_000, id="r1", destination=CARD)
    assert causes(of(with_refunds(ON_CARD, half, failed))) == [Cause.REFUND_FAILED, Cause.REFUND_PARTIAL]


def test_a_canceled_refund_alone_changes_nothing() -> None:
    assert causes(of(with_refunds(bought(), refund(RefundStatus.CANCELED)))) == [Cause.SUCCEEDED]


# ---- in another currency ----------------------------------------------------------------------------


def abroad(status: PaymentStatus, *refunds: Refund, credited: int | None = None) -> Payment:
    """A purchase of EUR 100 for CNY 780, with refunds in euros; `credited` in fen for the first."""
    fx = FxQuote(Decimal("7.8"), converted=cny(78_000), fee=cny(0))
    legs_taken = legs("debit", TRIED, ("customer", "debit", -78_000), ("fx", "fx", 78_000)) + legs(
        "debit", TRIED, ("fx", "fx", -10_000), ("merchant", "capture", 10_000), currency="EUR"
    )
    paid = bought(merchant=EUROPE, amount=Money(10_000, "EUR"), country="FR", fx=fx, postings=legs_taken)
    given = credit(refunds[0], ACCEPTED + MINUTE, minor=credited) if credited else ()
    return replace(paid, status=status, refunds=refunds, postings=legs_taken + given)


def test_a_refund_in_the_merchants_currency_credits_by_its_own_rate() -> None:
    back = refund(ARRIVED, amount=Money(10_000, "EUR"))
    found = lead(abroad(PaymentStatus.REFUNDED, back, credited=77_500))  # the rate has moved
    assert found.cause is Cause.REFUND_COMPLETED
    assert found.money_amount == found.values["refund"] == cny(77_500)


def test_of_a_partial_refund_abroad_what_was_credited_is_told() -> None:
    back = refund(ARRIVED, amount=Money(4_000, "EUR"))
    found = lead(abroad(PaymentStatus.PARTIALLY_REFUNDED, back, credited=30_000))
    assert found.cause is Cause.REFUND_PARTIAL
    assert found.money_amount == found.values["refund"] == cny(30_000)
    assert found.values["remaining"] == cny(46_800)  # at the payment's own rate


def test_at_which_rate_a_refund_on_its_way_will_arrive_is_not_promised() -> None:
    found = lead(abroad(PaymentStatus.CAPTURED, refund(amount=Money(10_000, "EUR"))))
    assert (found.money, found.money_amount) == (MoneyState.REFUNDING, Money(10_000, "EUR"))


@pytest.mark.parametrize(
    ("credited", "wrong"), [(58_500, False), (97_500, False), (50_000, True), (156_000, True)]
)
def test_a_rate_explains_only_so_much(credited: int, wrong: bool) -> None:
    back = refund(ARRIVED, amount=Money(10_000, "EUR"))
    found = lead(abroad(PaymentStatus.REFUNDED, back, credited=credited))
    assert (found.cause is Cause.LEDGER_INCONSISTENT) is wrong


def test_abroad_too_no_more_comes_back_than_was_paid() -> None:
    twice = refund(amount=Money(10_000, "EUR")), refund(amount=Money(1, "EUR"), id="second")
    assert lead(abroad(PaymentStatus.CAPTURED, *twice)).cause is Cause.LEDGER_INCONSISTENT
    in_yuan = refund(minor=78_000), refund(minor=78_000, id="second")
    assert lead(abroad(PaymentStatus.CAPTURED, *in_yuan)).cause is Cause.LEDGER_INCONSISTENT
