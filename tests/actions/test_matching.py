"""Which payment a customer means: by what they said, by the topic, never by guessing."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from actions.diagnosis.facts import (
    Attempt,
    Merchant,
    Method,
    MethodKind,
    Money,
    Outcome,
    Payment,
    PaymentKind,
    PaymentStatus,
    Posting,
    Refund,
    RefundStatus,
)
from actions.matching import Details, find, named_merchants
from actions.when import Span

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=timezone.utc)
STARBUCKS = Merchant("m1", "星巴克", "Starbucks", "wx")
LUCKIN = Merchant("m2", "瑞幸咖啡", "Luckin Coffee", "wx")
BALANCE = Method(MethodKind.BALANCE)


def payment(
    id: str,
    merchant: Merchant = STARBUCKS,
    minor: int = 12800,
    *,
    hours_ago: float = 20,
    status: PaymentStatus = PaymentStatus.CAPTURED,
    debited: bool | None = None,
    order_no: str | None = None,
    kind: PaymentKind = PaymentKind.PURCHASE,
    currency: str = "CNY",
) -> Payment:
    at = NOW - timedelta(hours=hours_ago)
    amount = Money(minor, currency)
    took = status is PaymentStatus.CAPTURED if debited is None else debited
    failed = status is PaymentStatus.FAILED
    return Payment(
        id=id,
        order_no=order_no or f"ORDER-{id}-2026",
        transaction_no=f"4200000{id}",
        merchant=merchant,
        amount=amount,
        method=BALANCE,
        status=status,
        created_at=at,
        kind=kind,
        attempts=(Attempt(f"a-{id}", at, Outcome.DECLINED if failed else Outcome.APPROVED, "wx"),),
        postings=(Posting(f"p-{id}", f"t-{id}", "customer", "debit", Money(-minor, currency), at, id),)
        if took
        else (),
    )


def troubled(p: Payment) -> bool:
    return p.status is not PaymentStatus.CAPTURED


def ids(payments, topic="payment_failed", **details):
    match = find(payments, Details(**details), topic, NOW, troubled)
    return [p.id for p in match.payments], match.exact


FAILED = payment("failed", LUCKIN, 1990, hours_ago=5, status=PaymentStatus.FAILED)
PENDING = payment("pending", STARBUCKS, 12800, hours_ago=20, status=PaymentStatus.PROCESSING, debited=True)
FINE = payment("fine", STARBUCKS, 3600, hours_ago=2)


def test_without_details_the_one_in_trouble_is_meant():
    assert ids([FINE, FAILED]) == (["failed"], True)


def test_several_in_trouble_are_all_offered():
    assert ids([FINE, FAILED, PENDING]) == (["failed", "pending"], True)


def test_without_details_the_last_days_come_before_the_last_month():
    old = payment("old", hours_ago=24 * 20, status=PaymentStatus.FAILED)
    assert ids([FAILED, old]) == (["failed"], True)
    assert ids([old]) == (["old"], True)


def test_the_shop_tells_payments_apart():
    assert ids([FINE, FAILED, PENDING], merchant="x", merchant_ids=frozenset({"m1"})) == (["pending"], True)


def test_a_healthy_payment_is_found_when_it_is_what_was_named():
    assert ids([FINE, FAILED], amount="36") == (["fine"], True)


@pytest.mark.parametrize(("said", "found"), [("128", ["pending"]), ("128.00", ["pending"]), ("127", [])])
def test_amounts(said, found):
    assert ids([FINE, FAILED, PENDING], amount=said)[0] == found


def test_small_change_may_be_left_out_but_not_added():
    p = payment("p", minor=12850, status=PaymentStatus.FAILED)
    assert ids([p], amount="128") == (["p"], True)
    assert ids([p], amount="128.00")[0] == []
    assert ids([p], amount="129")[0] == []


def test_yen_have_no_small_change():
    yen = payment("yen", minor=1200, currency="JPY", status=PaymentStatus.FAILED)
    assert ids([yen], amount="1200") == (["yen"], True)
    assert ids([yen], amount="1200", currency="CNY")[0] == []
    assert ids([yen], amount="12")[0] == []


def test_the_time_said_must_hold():
    day = Span(NOW - timedelta(hours=28), NOW - timedelta(hours=4))
    assert ids([FINE, FAILED, PENDING], when=day) == (["failed", "pending"], True)
    assert ids([FINE], when=day)[1] is False


def test_a_misremembered_day_is_asked_about_never_assumed():
    day = Span(NOW - timedelta(days=9), NOW - timedelta(days=8))
    found = ids([PENDING, FAILED], merchant="星巴克", merchant_ids=frozenset({"m1"}), when=day)
    assert found == (["pending"], False)


def test_an_unknown_shop_matches_nothing():
    assert ids([PENDING, FAILED], merchant="麦当劳") == ([], False)


def test_order_and_transaction_numbers_are_exact_or_a_long_tail():
    assert ids([FINE, PENDING], order_no="order-pending-2026") == (["pending"], True)
    assert ids([FINE, PENDING], order_no="4200000fine") == (["fine"], True)
    assert ids([FINE, PENDING], order_no="pending-2026") == (["pending"], True)
    assert ids([FINE, PENDING], order_no="2026") == ([], True)


def test_tries_for_one_order_are_one_purchase():
    first = payment("first", status=PaymentStatus.FAILED, order_no="SAME", hours_ago=3)
    second = payment("second", order_no="SAME", hours_ago=2)
    assert ids([second, first]) == (["first"], True)


def test_two_charges_stand_as_one_choice():
    a, b = payment("a", hours_ago=5), payment("b", hours_ago=4.9)
    other = payment("c", LUCKIN, 900, hours_ago=3)
    assert ids([other, b, a], "duplicate_charge") == (["b"], True)


def test_monthly_subscriptions_are_no_twins():
    a = payment("a", hours_ago=48, kind=PaymentKind.SUBSCRIPTION)
    b = payment("b", hours_ago=5, kind=PaymentKind.SUBSCRIPTION)
    assert ids([b, a], "duplicate_charge") == ([], True)


def test_refund_questions_look_for_money_coming_back():
    refund = Refund("r", Money(500, "CNY"), RefundStatus.PROCESSING, NOW - timedelta(hours=3), BALANCE)
    returned = replace(FINE, id="returned", refunds=(refund,))
    assert ids([FINE, FAILED, returned], "refund_timing") == (["returned"], True)


def test_a_payment_that_took_nothing_is_not_charged_but_incomplete():
    assert ids([FAILED, PENDING], "charged_not_completed") == (["pending"], True)


@pytest.mark.parametrize(
    "text", ["我在星巴克付的", "my starbucks order", "STARBUCKS!!", "昨天 Starbucks 付款失败"]
)
def test_shops_are_recognised_among_the_customers_own(text):
    assert named_merchants(text, [FINE, FAILED]) == {"m1"}


def test_a_wrong_amount_is_asked_about_even_if_the_topic_does_not_fit_either():
    # "I paid 29 at Luckin and the money is gone": it failed, nothing was taken, and it was 19.90
    found = ids(
        [FAILED], "charged_not_completed", amount="29", merchant="瑞幸", merchant_ids=frozenset({"m2"})
    )
    assert found == (["failed"], False)


def test_the_try_refused_as_already_paid_stands_for_both():
    paid = payment("paid", hours_ago=5, order_no="ONE")
    refused = payment("refused", hours_ago=4.9, order_no="ONE", status=PaymentStatus.FAILED)
    assert ids([refused, paid, FINE], "duplicate_charge") == (["refused"], True)
    other_order = replace(refused, order_no="TWO")
    assert ids([other_order, paid], "duplicate_charge") == ([], True)


def test_a_latin_name_is_found_as_whole_words_only():
    didi = payment("ride", Merchant("m3", "滴滴出行", "DiDi", "wx"))
    club = payment("club", Merchant("m4", "山姆会员店", "Sam's Club", "wx"))
    mall = payment("mall", Merchant("m5", "曼谷 Big C", "Big C Bangkok", "wx"))
    payments = [didi, club, mall]
    assert named_merchants("why did it fail", payments) == frozenset()
    assert named_merchants("my didi ride", payments) == {"m3"}
    assert named_merchants("滴滴出行的车费", payments) == {"m3"}
    assert named_merchants("at SAM'S  CLUB", payments) == {"m4"}
    assert named_merchants("在曼谷Big C付款失败", payments) == {"m5"}
    assert named_merchants("在DiDi付款", payments) == {"m3"}
