"""Refused with a reason on record: balance, limits, the bank, a code or order that ran out of time."""

from __future__ import annotations

from datetime import timedelta

from actions.diagnosis.result import Cause
from actions.ledger.demo.book import Book


def he_jun(book: Book) -> None:
    """The total would do, but part of it is frozen: what can be spent does not."""
    p = book.person("cust_he_jun", "何军", "zh", "余额明明有三百多，盒马付198却说余额不足")
    groceries = p.ago(hours=8)
    p.available(31500, before=p.on(3, "21:00"))
    p.freeze(20000, p.on(2, "10:00"))
    p.available(11500, before=groceries)
    p.expects(
        p.declined("freshippo", 19800, groceries, "BUYER_BALANCE_NOT_ENOUGH"),
        Cause.INSUFFICIENT_BALANCE,
        "exact",
    )


def tom_harris(book: Book) -> None:
    """Short of money at the attempt; topped up since."""
    p = book.person(
        "cust_tom_harris", "Tom Harris", "en", "My Taobao order for 259 was declined, but I have enough money"
    )
    order = p.on(1, "19:30")
    p.available(18040, before=order)
    p.expects(
        p.declined("taobao", 25900, order, "BUYER_BALANCE_NOT_ENOUGH"), Cause.INSUFFICIENT_BALANCE, "exact"
    )
    p.top_up(50000, order + timedelta(minutes=40))


def gao_fei(book: Book) -> None:
    """One more payment than the daily limit allows, two days ago."""
    p = book.person("cust_gao_fei", "高飞", "zh", "前天在京东买手机，提示超过限额")
    p.limit("daily", 5000)
    day = p.on(2, "15:00")
    p.available(900_000, before=day)
    p.bought("jd", 320_000, day)
    phone = p.declined("jd", 249_900, day + timedelta(hours=2), "LIMIT_DAILY", rail="wallet")
    p.expects(phone, Cause.LIMIT_EXCEEDED, "daily")


def luo_na(book: Book) -> None:
    """Above the limit for one payment yesterday; today the bank's own card limit. Two to choose from."""
    p = book.person("cust_luo_na", "罗娜", "zh", "这两天付了两次都失败，一次说超限额，一次银行卡不行")
    p.limit("per_payment", 3000)
    big = p.on(1, "11:10")
    p.available(450_000, before=big)
    sofa = p.declined("taobao", 368_000, big, "LIMIT_SINGLE", rail="wallet")
    p.expects(sofa, Cause.LIMIT_EXCEEDED, "per_payment")
    card = p.card("中国建设银行", "0932")
    shelf = p.declined("jd", 129_900, p.ago(hours=4), "61", method=card)
    p.expects(shelf, Cause.LIMIT_EXCEEDED, "card")


def liang_chen(book: Book) -> None:
    """A big order is more than what is left of the monthly limit."""
    p = book.person("cust_liang_chen", "梁晨", "zh", "盒马付款失败，说本月额度不够", everyday=8)
    p.limit("monthly", 3000)
    order = p.ago(hours=3)
    p.available(500_000, before=order - timedelta(hours=1))
    p.bought("sams", 186_000, order - timedelta(minutes=15))
    party = p.declined("freshippo", 308_800, order, "LIMIT_MONTHLY", rail="wallet")
    p.expects(party, Cause.LIMIT_EXCEEDED, "monthly")


def han_xue(book: Book) -> None:
    """Two cards, two refusals: one has expired, for the other the bank gives no reason."""
    p = book.person("cust_han_xue", "韩雪", "zh", "两张银行卡都付不了款，怎么回事？")
    old, new = p.card("中国工商银行", "7720"), p.card("中国银行", "1185")
    p.expects(
        p.declined("jd", 45900, p.on(1, "20:31"), "54", method=old), Cause.ISSUER_DECLINED, "card_expired"
    )
    p.expects(p.declined("sams", 52300, p.ago(hours=6), "05", method=new), Cause.ISSUER_DECLINED, "generic")


def noah_davis(book: Book) -> None:
    """The card's own account is short; the wallet balance is not asked. A hotel holds a deposit besides."""
    p = book.person("cust_noah_davis", "Noah Davis", "en", "Why was my card refused by Apple?")
    card = p.card("Bank of China", "5026")
    p.expects(
        p.declined("apple", 6800, p.on(1, "22:04"), "insufficient_funds", method=card),
        Cause.ISSUER_DECLINED,
        "card_funds",
    )
    room = p.payment("hanting", 32000, p.on(1, "16:05")).attempt("approved").hold()
    p.expects(room, Cause.PENDING_AT_CHANNEL, "held")


def cao_yu(book: Book) -> None:
    """The payment code on the phone was too old when it was scanned."""
    p = book.person("cust_cao_yu", "曹宇", "zh", "全家扫码付款一直失败")
    shown = p.ago(hours=5)
    snack = p.payment("familymart", 1890, shown, expires=shown + timedelta(minutes=1))
    snack.attempt("declined", "AUTH_CODE_EXPIRE", at=shown + timedelta(minutes=3))
    snack.end("expired", shown + timedelta(minutes=1))
    p.expects(snack, Cause.QR_EXPIRED)


def deng_hui(book: Book) -> None:
    """A train ticket not paid in time, and an order that the shop had closed: two to choose from."""
    p = book.person("cust_deng_hui", "邓辉", "zh", "火车票付款失败，淘宝那个订单也付不了")
    made = p.ago(hours=20)
    ticket = p.payment("railway", 55350, made, expires=made + timedelta(minutes=30))
    ticket.attempt("declined", "ORDER_EXPIRED", at=made + timedelta(minutes=41), rail="wallet")
    ticket.end("expired", made + timedelta(minutes=30))
    p.expects(ticket, Cause.ORDER_EXPIRED)
    order = p.payment("taobao", 13800, p.on(2, "21:40"))
    order.attempt("declined", "TRADE_HAS_CLOSE", at=order.at + timedelta(hours=1))
    order.end("closed", order.at + timedelta(minutes=50))
    p.expects(order, Cause.ORDER_CLOSED)


STORIES = (he_jun, tom_harris, gao_fei, luo_na, liang_chen, han_xue, noah_davis, cao_yu, deng_hui)
