"""Nothing wrong: a healthy record, a healthy record with worries, and nobody's first day."""

from __future__ import annotations

from datetime import timedelta

from actions.diagnosis.result import Cause
from actions.ledger.demo.book import Book


def qian_yi(book: Book) -> None:
    """Everything went well."""
    p = book.person("cust_qian_yi", "钱怡", "zh", "帮我看看最近的付款有没有问题", everyday=24)
    late = p.payment("jd", 21900, p.on(8, "20:15")).attempt("pending", "09", seconds=20).debit()
    late.pass_on(late.at + timedelta(minutes=6))
    p.expects(late, Cause.SUCCEEDED, "notified")
    p.bought("jd", 35800, p.on(16, "13:15"), method=p.credit_line())
    coffee = p.bought("luckin", 1890, p.on(1, "15:20"))
    p.expects(coffee, Cause.SUCCEEDED, "notified")


def jack_turner(book: Book) -> None:
    """Everything went well, and he moves between time zones."""
    p = book.person(
        "cust_jack_turner",
        "Jack Turner",
        "en",
        "Did my DiDi payment of 45.60 go through?",
        zone="Europe/London",
        everyday=18,
    )
    p.bought("friend_wang_fang", 100_000, p.on(5, "20:40"), kind="transfer", fee=100)
    room = p.payment("hanting", 28800, p.on(12, "19:00")).attempt("approved").hold()
    room.capture_hold(room.at + timedelta(hours=15))
    p.expects(room, Cause.SUCCEEDED, "notified")
    ride = p.bought("didi", 4560, p.on(1, "11:35"))
    p.expects(ride, Cause.SUCCEEDED, "notified")


def xiao_yu(book: Book) -> None:
    """New: a balance, no payment yet."""
    book.person("cust_xiao_yu", "肖雨", "zh", "刚注册，付款怎么没有记录？", everyday=0)


STORIES = (qian_yi, jack_turner, xiao_yu)
