"""Refunds: on their way, late, elsewhere, in part, done, failed, and one whose records disagree."""

from __future__ import annotations

from datetime import timedelta

from actions.diagnosis.result import Cause
from actions.ledger.demo.book import Book


def wang_fang(book: Book) -> None:
    """Accepted five hours ago."""
    p = book.person("cust_wang_fang", "王芳", "zh", "淘宝退的268块什么时候到账？")
    dress = p.bought("taobao", 26800, p.on(4, "21:10"))
    dress.refund(accepted=p.ago(hours=5), reason=("退货", "goods returned"))
    p.expects(dress, Cause.REFUND_IN_PROGRESS)


def zhao_lei(book: Book) -> None:
    """One refund is days late, another has just begun: two to choose from."""
    p = book.person("cust_zhao_lei", "赵磊", "zh", "京东退款好几天了还没到")
    late = p.bought("jd", 159_900, p.on(9, "10:24"))
    late.refund(accepted=p.ago(days=3, hours=2), reason=("取消订单", "order canceled"))
    p.expects(late, Cause.REFUND_OVERDUE)
    fresh = p.bought("pinduoduo", 4590, p.on(2, "20:50"))
    fresh.refund(accepted=p.ago(hours=2), reason=("缺货", "out of stock"))
    p.expects(fresh, Cause.REFUND_IN_PROGRESS)


def huang_ting(book: Book) -> None:
    """Paid by a card that has been closed since: the refund went to the balance."""
    p = book.person("cust_huang_ting", "黄婷", "zh", "山姆的退款没有退到我银行卡里")
    card = p.card("交通银行", "6613", closed=p.ago(days=6))
    goods = p.bought("sams", 38850, p.on(12, "16:15"), method=card)
    goods.refund(accepted=p.ago(days=3), completed=p.ago(days=2, hours=20), to=p.balance).state("refunded")
    p.expects(goods, Cause.REFUND_OTHER_METHOD)


def james_wilson(book: Book) -> None:
    """The merchant returned one article of several."""
    p = book.person("cust_james_wilson", "James Wilson", "en", "Sam's Club only refunded part of my money")
    goods = p.bought("sams", 62700, p.on(5, "17:40"))
    goods.refund(
        14900,
        accepted=p.ago(days=2),
        completed=p.ago(days=1, hours=21),
        reason=("退一件", "one item returned"),
    )
    goods.state("partially_refunded")
    p.expects(goods, Cause.REFUND_PARTIAL, "only_part")


def zhou_xin(book: Book) -> None:
    """A part has arrived, the rest is on its way."""
    p = book.person("cust_zhou_xin", "周欣", "zh", "淘宝应该退我300，怎么只到了120？")
    order = p.bought("taobao", 30000, p.on(6, "22:15"))
    order.refund(12000, accepted=p.ago(days=1, hours=8), completed=p.ago(days=1, hours=2))
    order.refund(18000, accepted=p.ago(hours=6), reason=("退货", "goods returned")).state(
        "partially_refunded"
    )
    p.expects(order, Cause.REFUND_PARTIAL, "rest_pending")


def wu_hao(book: Book) -> None:
    """Refunded yesterday, and there to be seen."""
    p = book.person("cust_wu_hao", "吴昊", "zh", "12306的退票款退到哪里了？")
    ticket = p.bought("railway", 34500, p.on(5, "08:20"))
    ticket.refund(
        accepted=p.ago(days=2), completed=p.ago(days=1, hours=18), reason=("退票", "ticket returned")
    )
    ticket.state("refunded")
    p.expects(ticket, Cause.REFUND_COMPLETED)


def grace_lee(book: Book) -> None:
    """The card is closed, so the refund could not be credited."""
    p = book.person("cust_grace_lee", "Grace Lee", "en", "Where is my JD refund? My old card is closed")
    card = p.card("HSBC", "8041", closed=p.ago(days=8))
    order = p.bought("jd", 79900, p.on(14, "12:00"), method=card)
    order.refund(accepted=p.ago(days=2, hours=5), status="failed", completed=p.ago(days=2))
    p.expects(order, Cause.REFUND_FAILED)


def xu_jing(book: Book) -> None:
    """On purpose against the ledger's own rules: a refund that is done without having been posted."""
    p = book.person("cust_xu_jing", "徐静", "zh", "拼多多显示已退款，可是我余额没有增加")
    order = p.bought("pinduoduo", 8850, p.on(4, "19:05"))
    order.refund(accepted=p.ago(days=2), completed=p.ago(days=1, hours=20), posted=False).state("refunded")
    p.expects(order, Cause.LEDGER_INCONSISTENT)


def yousef_alali(book: Book) -> None:
    """A refund in dinars, three decimals."""
    p = book.person(
        "cust_yousef_alali",
        "Yousef Al-Ali",
        "en",
        "When will Talabat's refund arrive?",
        zone="Asia/Kuwait",
        country="KW",
        home="KWD",
        everyday=10,
    )
    meal = p.bought("talabat", 12345, p.on(2, "20:30"))
    meal.refund(accepted=p.ago(hours=11), reason=("未送达", "not delivered"))
    p.expects(meal, Cause.REFUND_IN_PROGRESS)
    mall = p.on(1, "18:10")
    p.available(15250, before=mall)
    p.expects(
        p.declined("avenues_kuwait", 22750, mall, "INSUFFICIENT_BALANCE", rail="wallet"),
        Cause.INSUFFICIENT_BALANCE,
        "exact",
    )
    p.top_up(100_000, mall + timedelta(hours=1))


STORIES = (
    wang_fang,
    zhao_lei,
    huang_ting,
    james_wilson,
    zhou_xin,
    wu_hao,
    grace_lee,
    xu_jing,
    yousef_alali,
)
