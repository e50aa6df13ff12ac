"""Twice, or only seemingly: duplicates, two orders, holds that were released, an order already paid."""

from __future__ import annotations

from datetime import timedelta

from actions.diagnosis.result import Cause
from actions.ledger.demo.book import Book


def sun_li(book: Book) -> None:
    """One order number, captured twice."""
    p = book.person("cust_sun_li", "孙丽", "zh", "盒马一笔128的订单扣了我两次钱")
    at = p.on(1, "18:20")
    first = p.bought("freshippo", 12800, at)
    second = p.bought("freshippo", 12800, at + timedelta(minutes=3), order_no=first.row["order_no"])
    for payment in (first, second):
        p.expects(payment, Cause.DUPLICATE_PAYMENT, "unrefunded")


def daniel_kim(book: Book) -> None:
    """Two order numbers from one cart, two minutes apart; the surplus is already on its way back."""
    p = book.person("cust_daniel_kim", "Daniel Kim", "en", "I was charged twice for the same JD order")
    at = p.on(1, "13:42")
    cart = "cart-77120934"
    first = p.payment("jd", 32900, at, link=cart).attempt("approved", seconds=28, client="timed_out").pay()
    second = p.bought("jd", 32900, at + timedelta(minutes=2), link=cart)
    second.refund(accepted=p.ago(hours=4), reason=("重复支付", "paid twice"))
    p.expects(second, Cause.DUPLICATE_PAYMENT, "refunding")
    p.expects(first, Cause.DUPLICATE_PAYMENT, "refunding")


def ma_chao(book: Book) -> None:
    """A hotel's deposit was released, the stay itself was charged once."""
    p = book.person("cust_ma_chao", "马超", "zh", "汉庭酒店好像扣了我两笔钱")
    stay = "booking-20931877"
    deposit = p.payment("hanting", 30000, p.on(3, "14:10"), link=stay).attempt("approved").hold()
    deposit.release(p.on(2, "12:30"))
    p.bought("hanting", 30000, p.on(2, "12:25"), link=stay)
    p.expects(deposit, Cause.AUTH_RELEASED, "released")


def lucy_evans(book: Book) -> None:
    """The stay was charged, the deposit is still held."""
    p = book.person("cust_lucy_evans", "Lucy Evans", "en", "Hanting Hotel took my deposit and the room price")
    stay = "booking-55210346"
    deposit = p.payment("hanting", 45000, p.on(2, "15:20"), link=stay).attempt("approved").hold()
    p.bought("hanting", 45000, p.on(1, "11:45"), link=stay)
    p.expects(deposit, Cause.AUTH_RELEASED, "still_held")


def zhu_lin(book: Book) -> None:
    """Two equal coffees, 40 minutes apart, two orders: only the customer knows whether both were meant."""
    p = book.person("cust_zhu_lin", "朱琳", "zh", "瑞幸扣了我两次19块9")
    first = p.bought("luckin", 1990, p.on(1, "14:05"))
    second = p.bought("luckin", 1990, p.on(1, "14:45"))
    for payment in (first, second):
        p.expects(payment, Cause.POSSIBLE_DUPLICATE_ASK)


def hu_bin(book: Book) -> None:
    """Equal amounts that are right: a monthly subscription, and two transfers to a friend."""
    p = book.person("cust_hu_bin", "胡斌", "zh", "爱奇艺和给王芳的转账是不是都重复扣款了？")
    for days in (31, 1):
        show = p.bought("iqiyi", 2500, p.on(days, "09:00"), kind="subscription")
    p.expects(show, Cause.SUCCEEDED, "notified")
    at = p.on(1, "12:30")
    for minutes in (0, 6):
        transfer = p.bought("friend_wang_fang", 20000, at + timedelta(minutes=minutes), kind="transfer")
        p.expects(transfer, Cause.SUCCEEDED, "notified")


def guo_yan(book: Book) -> None:
    """The first try paid the order, the second was refused because it was paid."""
    p = book.person("cust_guo_yan", "郭燕", "zh", "拼多多付款失败，提示订单已支付，到底付了几次？")
    at = p.on(1, "20:02")
    paid = p.payment("pinduoduo", 6990, at).attempt("approved", seconds=21, client="timed_out").pay()
    again = p.declined(
        "pinduoduo", 6990, at + timedelta(minutes=1), "ORDERPAID", order_no=paid.row["order_no"]
    )
    p.expects(again, Cause.ALREADY_PAID)


STORIES = (sun_li, daniel_kim, ma_chao, lucy_evans, zhu_lin, hu_bin, guo_yan)
