"""D10 to D12: paid twice, meant twice, or only held beside one charge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from actions.diagnosis.facts import Merchant, Payment, PaymentKind, PaymentStatus, RefundStatus
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
    hold,
    lead,
    of,
    payment,
    refund,
    release,
    with_refunds,
)

WINDOW = 10 * MINUTE
ONE = bought("one", order_no="A")


def again(after: timedelta = MINUTE, id: str = "two", **more: Any) -> Payment:
    """A second equal purchase, `after` the first."""
    return bought(id, TRIED + after, **more)


# ---- D10 duplicate_payment --------------------------------------------------------------------------


@pytest.mark.parametrize("interval", [SECOND, WINDOW, WINDOW + SECOND, DAY, 60 * DAY])
def test_the_same_order_captured_twice_at_any_interval(interval: timedelta) -> None:
    found = lead(ONE, again(interval, order_no="A"), now=TRIED + interval + HOUR)
    assert (found.label, found.confidence) == ("duplicate_payment_unrefunded", Confidence.PROVEN)
    assert (found.money, found.money_amount) == (MoneyState.PAID_TWICE, PRICE)
    assert found.values["first_at"] == TRIED + SECOND
    assert found.values["second_at"] == TRIED + interval + SECOND
    assert (found.values["surplus"], found.values["count"]) == (PRICE, 2)
    assert (found.route, found.urgency, found.next_actor) == (Route.HUMAN, Urgency.HIGH, Actor.AGENT)
    assert Step.DO_NOT_PAY_AGAIN in found.steps


def test_asking_about_either_gives_the_same_answer() -> None:
    two = again(order_no="A")
    one_way, other_way = lead(ONE, two), lead(two, ONE)
    assert (one_way.label, one_way.values) == (other_way.label, other_way.values)


def test_three_captures_are_two_too_many() -> None:
    found = lead(ONE, again(order_no="A"), again(2 * MINUTE, "three", order_no="A"))
    assert (found.values["count"], found.values["surplus"]) == (3, cny(20_000))


LINKS = [{"link_key": "cart-1"}, {"idempotency_key": "key-1"}]


@pytest.mark.parametrize("link", LINKS, ids=["cart", "idempotency"])
@pytest.mark.parametrize(
    ("interval", "cause"),
    [
        (WINDOW - SECOND, Cause.DUPLICATE_PAYMENT),
        (WINDOW, Cause.DUPLICATE_PAYMENT),
        (WINDOW + SECOND, Cause.POSSIBLE_DUPLICATE_ASK),
    ],
)
def test_linked_orders_count_within_the_window(
    link: dict[str, Any], interval: timedelta, cause: Cause
) -> None:
    assert lead(replace(ONE, **link), again(interval, **link)).cause is cause


def test_a_first_try_that_was_shown_as_failed_links_the_second() -> None:
    untold = replace(ONE, attempts=(replace(ONE.attempts[0], client_timed_out=True),))
    assert lead(untold, again()).cause is Cause.DUPLICATE_PAYMENT
    assert lead(ONE, replace(again(), attempts=untold.attempts)).cause is Cause.POSSIBLE_DUPLICATE_ASK


@pytest.mark.parametrize(
    "other",
    [
        {"status": PaymentStatus.FAILED, "captured_at": None, "postings": ()},
        {"status": PaymentStatus.AUTHORIZED, "captured_at": None, "postings": hold(id="two")},
        {
            "status": PaymentStatus.VOIDED,
            "captured_at": None,
            "postings": hold(id="two") + release(NOW, id="two"),
        },
    ],
    ids=["failed", "only held", "voided"],
)
def test_ruled_out_unless_both_were_captured(other: dict[str, Any]) -> None:
    assert Cause.DUPLICATE_PAYMENT not in causes(of(ONE, again(order_no="A", **other)))


def test_ruled_out_when_one_was_refunded() -> None:
    refunded = with_refunds(again(order_no="A"), refund(RefundStatus.SUCCEEDED))
    assert causes(of(ONE, refunded)) == [Cause.SUCCEEDED]
    assert causes(of(refunded, ONE)) == [Cause.REFUND_COMPLETED]


def test_ruled_out_at_another_merchant_and_for_another_amount_of_another_order() -> None:
    elsewhere = again(order_no="A", merchant=Merchant("bar", "吧", "Bar", "wechat_pay"))
    assert causes(of(ONE, elsewhere)) == [Cause.SUCCEEDED]
    assert causes(of(ONE, again(amount=cny(9_999), link_key="c"))) == [Cause.SUCCEEDED]


def test_one_order_captured_with_two_amounts_is_only_likely_a_duplicate() -> None:
    found = lead(ONE, again(order_no="A", amount=cny(9_000)))
    assert (found.cause, found.confidence) == (Cause.DUPLICATE_PAYMENT, Confidence.LIKELY)
    assert (found.values["surplus"], found.route) == (cny(9_000), Route.HUMAN)


@pytest.mark.parametrize("kind", [PaymentKind.SUBSCRIPTION, PaymentKind.TRANSFER, PaymentKind.SPLIT])
def test_periods_transfers_and_parts_are_no_duplicates_on_amount_alone(kind: PaymentKind) -> None:
    for claims in (False, True):
        found = of(replace(ONE, kind=kind), again(kind=kind), claims_duplicate=claims)
        assert causes(found) == [Cause.SUCCEEDED]


def test_parts_of_one_cart_may_share_its_order_number() -> None:
    part: dict[str, Any] = {"order_no": "A", "kind": PaymentKind.SPLIT, "link_key": "cart"}
    assert causes(of(replace(ONE, **part), again(**part))) == [Cause.SUCCEEDED]


def test_a_persons_payment_code_links_no_transfers() -> None:
    code: dict[str, Any] = {"kind": PaymentKind.TRANSFER, "link_key": "code-of-bob"}
    assert causes(of(replace(ONE, **code), again(**code))) == [Cause.SUCCEEDED]


def test_a_refund_that_is_moving_already_opens_no_second_case() -> None:
    moving = with_refunds(again(order_no="A"), refund())
    for found in (of(ONE, moving), of(moving, ONE)):
        assert causes(found) == [Cause.DUPLICATE_PAYMENT, Cause.REFUND_IN_PROGRESS]
        assert found[0].variant == "refunding"
        assert (found[0].route, found[0].money) == (Route.SELF, MoneyState.REFUNDING)
        assert Step.AGENT not in found[0].steps


def test_a_refund_of_the_surplus_that_is_overdue_needs_a_person() -> None:
    moving = with_refunds(again(order_no="A"), refund())
    found = of(ONE, moving, now=TRIED + HOUR + DAY + SECOND)
    assert causes(found) == [Cause.DUPLICATE_PAYMENT, Cause.REFUND_OVERDUE]
    assert found[0].route is Route.HUMAN


def test_a_refund_of_only_a_part_does_not_settle_it() -> None:
    moving = with_refunds(again(order_no="A"), refund(minor=4_000))
    assert lead(ONE, moving).label == "duplicate_payment_unrefunded"
    arrived = with_refunds(again(order_no="A"), refund(RefundStatus.SUCCEEDED, minor=4_000))
    assert lead(ONE, arrived).values["surplus"] == cny(6_000)


# ---- D11 auth_released ------------------------------------------------------------------------------


def held(status: PaymentStatus, *released: object, **more: Any) -> Payment:
    """A hold for the same order, a minute before the charge."""
    at = TRIED - MINUTE
    postings = hold(at, id="hold") + (release(NOW - HOUR, id="hold") if released else ())
    return payment("hold", status, created_at=at, authorized_at=at, order_no="A", postings=postings, **more)


@pytest.mark.parametrize("status", [PaymentStatus.VOIDED, PaymentStatus.AUTH_EXPIRED])
def test_one_charge_and_a_hold_that_was_released(status: PaymentStatus) -> None:
    gone = held(status, "released")
    for found in (lead(ONE, gone), lead(gone, ONE)):
        assert (found.label, found.confidence) == ("auth_released_released", Confidence.PROVEN)
        assert (found.values["released_at"], found.values["held"]) == (NOW - HOUR, PRICE)
        assert (found.route, found.urgency, found.next_actor) == (Route.SELF, Urgency.LOW, Actor.NOBODY)


def test_a_hold_that_still_stands_ends_with_its_window() -> None:
    found = lead(ONE, held(PaymentStatus.AUTHORIZED))
    assert found.label == "auth_released_still_held"
    assert found.resolves_at == found.values["released_at"] == TRIED - MINUTE + 7 * DAY


def test_a_hold_on_a_card_by_its_status() -> None:
    voided = replace(held(PaymentStatus.VOIDED), method=CARD, postings=(), ended_at=NOW - HOUR)
    assert lead(ONE, voided).values["released_at"] == NOW - HOUR


def test_a_second_capture_rules_it_out() -> None:
    found = causes(of(ONE, again(order_no="A"), held(PaymentStatus.VOIDED, "released")))
    assert found == [Cause.DUPLICATE_PAYMENT]


def test_voided_on_paper_while_the_money_is_away_is_pending() -> None:
    voided = held(PaymentStatus.VOIDED, ended_at=NOW - HOUR)
    assert lead(voided, ONE).cause is Cause.PENDING_AT_CHANNEL


# ---- D12 possible_duplicate_ask ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "asks"), [(2 * HOUR - SECOND, True), (2 * HOUR, True), (2 * HOUR + SECOND, False)]
)
def test_two_equal_orders_close_in_time_are_asked_about(interval: timedelta, asks: bool) -> None:
    found = of(ONE, again(interval), now=TRIED + DAY)
    assert (causes(found) == [Cause.POSSIBLE_DUPLICATE_ASK]) is asks
    if asks:
        assert (found[0].route, found[0].steps) == (Route.ASK, (Step.CONFIRM_BOTH,))
        assert (found[0].confidence, found[0].urgency) == (Confidence.POSSIBLE, Urgency.MEDIUM)
        assert found[0].values["first_at"] < found[0].values["second_at"]


def test_a_customer_who_says_charged_twice_is_asked_at_any_interval() -> None:
    assert lead(ONE, again(3 * DAY), claims_duplicate=True).cause is Cause.POSSIBLE_DUPLICATE_ASK


def test_not_asked_when_a_refund_of_one_is_moving() -> None:
    moving = with_refunds(again(), refund())
    assert Cause.POSSIBLE_DUPLICATE_ASK not in causes(of(ONE, moving))
    assert causes(of(moving, ONE)) == [Cause.REFUND_IN_PROGRESS]


def test_not_asked_of_one_order_that_refunds_brought_down_to_its_price() -> None:
    halves = [
        with_refunds(paid, refund(RefundStatus.SUCCEEDED, minor=5_000, id=f"ref-{paid.id}"))
        for paid in (ONE, again(order_no="A"))
    ]
    assert Cause.POSSIBLE_DUPLICATE_ASK not in causes(of(*halves))


def test_attempts_of_one_payment_are_not_two_payments() -> None:
    tries = (attempt(id="a1", client_timed_out=True), attempt(id="a2", started_at=TRIED + MINUTE))
    assert Cause.DUPLICATE_PAYMENT not in causes(of(replace(ONE, attempts=tries)))
