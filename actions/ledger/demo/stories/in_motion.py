"""Money in motion: debited without an outcome, on its way back, or an answer that got lost."""

from __future__ import annotations

from datetime import timedelta

from actions.diagnosis.result import Cause
from actions.ledger.demo.book import Book


def lin_wei(book: Book) -> None:
    """The app said failed, the balance was debited, the channel still owes an answer; under 24 hours."""
    p = book.person("cust_lin_wei", "林伟", "zh", "我昨天在星巴克付款失败了，钱还被扣了", everyday=16)
    p.bought("starbucks", 3500, p.on(6, "08:52"))
    coffee = p.payment("starbucks", 3800, p.yesterday_within_a_day())
    coffee.attempt("pending", "09", seconds=30, client="timed_out", network="answer_lost").debit()
    coffee.state("processing")
    p.expects(coffee, Cause.PENDING_AT_CHANNEL, "undecided")
    lunch = p.on(9, "12:20")
    p.available(1210, before=lunch)
    p.expects(p.declined("meituan", 4650, lunch, "NOTENOUGH"), Cause.INSUFFICIENT_BALANCE, "exact")


def emma_clark(book: Book) -> None:
    """Debited, then declared failed: the return was accepted and has not arrived; under 24 hours."""
    p = book.person(
        "cust_emma_clark", "Emma Clark", "en", "My payment to Starbucks failed yesterday but I was charged"
    )
    p.bought("starbucks", 3300, p.on(4, "09:05"))
    coffee = p.payment("starbucks", 4200, p.yesterday_within_a_day())
    coffee.attempt("no_response", "68", seconds=45, client="timed_out", network="channel_silent").debit()
    coffee.end("reversing", coffee.at + timedelta(minutes=2))
    p.expects(coffee, Cause.PENDING_AT_CHANNEL, "returning")


def zhang_min(book: Book) -> None:
    """Debited three days ago, no outcome since: overdue. Besides, a small refused payment today."""
    p = book.person("cust_zhang_min", "张敏", "zh", "三天前在京东付了899，订单没成功，钱到现在也没退")
    order = p.payment("jd", 89900, p.on(3, "20:14"))
    order.attempt("no_response", "68", seconds=60, client="timed_out", network="channel_silent").debit()
    order.state("unknown")
    p.expects(order, Cause.PENDING_OVERDUE)
    lunch = p.ago(hours=5)
    p.available(900, before=lunch)
    p.expects(
        p.declined("mcdonalds", 3250, lunch, "BUYER_BALANCE_NOT_ENOUGH"), Cause.INSUFFICIENT_BALANCE, "exact"
    )


def chen_jie(book: Book) -> None:
    """Failed after a debit; the wallet took the debit back the same evening."""
    p = book.person("cust_chen_jie", "陈洁", "zh", "前天美团点餐付款失败，好像扣了56块5")
    meal = p.payment("meituan", 5650, p.on(2, "12:06"))
    meal.attempt("no_response", "SYSTEMERROR", seconds=30, network="channel_silent").debit()
    meal.end("failed", meal.at + timedelta(minutes=4)).reverse(meal.at + timedelta(hours=3, minutes=11))
    p.expects(meal, Cause.REVERSAL_COMPLETED)
    transfer = p.payment("friend_wang_fang", 50000, p.on(13, "21:05"), kind="transfer", fee=50)
    transfer.attempt("no_response", "CHANNEL_TIMEOUT", seconds=30, network="channel_silent").debit()
    transfer.end("failed", transfer.at + timedelta(minutes=1)).reverse(transfer.at + timedelta(minutes=7))
    p.expects(transfer, Cause.REVERSAL_COMPLETED)


def oliver_brown(book: Book) -> None:
    """The answer was lost and the outcome is not known yet; so far nothing has left the balance."""
    p = book.person(
        "cust_oliver_brown",
        "Oliver Brown",
        "en",
        "The app froze while I paid at Sam's Club. Did it go through?",
    )
    shop = p.payment("sams", 46850, p.ago(hours=2))
    shop.attempt("no_response", seconds=None, client="timed_out", network="channel_silent").state("unknown")
    p.expects(shop, Cause.NETWORK_RESPONSE_LOST, "open")


def liu_yang(book: Book) -> None:
    """The phone saw a time-out, the payment had gone through."""
    p = book.person("cust_liu_yang", "刘洋", "zh", "全家结账时手机提示超时，不知道付没付成功")
    snack = p.payment("familymart", 2680, p.ago(hours=7))
    snack.attempt("approved", seconds=24, client="timed_out", network="answer_lost").pay()
    p.expects(snack, Cause.NETWORK_RESPONSE_LOST, "succeeded")


def sophie_martin(book: Book) -> None:
    """The phone saw a time-out, the server ended the payment without taking anything."""
    p = book.person(
        "cust_sophie_martin", "Sophie Martin", "en", "My DiDi payment timed out, have I been charged?"
    )
    ride = p.payment("didi", 3640, p.ago(hours=9))
    ride.attempt("no_response", seconds=None, client="timed_out", network="channel_silent")
    ride.end("failed", ride.at + timedelta(minutes=5))
    p.expects(ride, Cause.NETWORK_RESPONSE_LOST, "not_charged")


STORIES = (lin_wei, emma_clark, zhang_min, chen_jie, oliver_brown, liu_yang, sophie_martin)
