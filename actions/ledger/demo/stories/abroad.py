"""Payments abroad and in other currencies."""

from __future__ import annotations

from datetime import timedelta

from actions.diagnosis.result import Cause
from actions.ledger.demo.book import Book


def su_qing(book: Book) -> None:
    """Paying abroad is switched off in the app."""
    p = book.person("cust_su_qing", "苏晴", "zh", "在Steam买游戏付不了款")
    p.abroad(enabled=False, changed_at=p.ago(days=60), enabled_before=True)
    game = p.declined("steam", 1999, p.on(1, "21:00"), "INTL_DISABLED", rail="wallet", currency="USD")
    p.expects(game, Cause.INTERNATIONAL_DISABLED)


def fan_rui(book: Book) -> None:
    """A country that is not served, and a currency that is not: two to choose from."""
    p = book.person("cust_fan_rui", "范睿", "zh", "在国外旅游，伊斯坦布尔和曼谷都付款失败")
    carpet = p.declined(
        "grand_bazaar", 8500, p.on(3, "16:30"), "COUNTRY_UNSUPPORTED", rail="wallet", currency="USD"
    )
    p.expects(carpet, Cause.COUNTRY_UNSUPPORTED)
    fruit = p.declined(
        "big_c_bangkok", 64500, p.on(1, "17:45"), "CURRENCY_UNSUPPORTED", rail="wallet", currency="THB"
    )
    p.expects(fruit, Cause.CURRENCY_UNSUPPORTED)


def lu_yao(book: Book) -> None:
    """The converted price is covered, the price with the fee is not."""
    p = book.person("cust_lu_yao", "陆瑶", "zh", "在东京7-11付1200日元失败了")
    p.bought("lawson_tokyo", 860, p.on(2, "19:10"), currency="JPY")
    onigiri = p.payment("seven_tokyo", 1200, p.on(1, "12:40"), currency="JPY")
    p.available(onigiri.cost + onigiri.fee // 2, before=onigiri.at)
    onigiri.attempt("declined", "FX_SHORTFALL", rail="wallet").end("failed")
    p.expects(onigiri, Cause.FX_FEE_SHORTFALL, "exact")


def kenji_sato(book: Book) -> None:
    """Lives in Tokyo with a yen balance. Paid; the shop has not been told for half an hour."""
    p = book.person(
        "cust_kenji_sato",
        "Kenji Sato",
        "en",
        "I paid 4,980 yen at Bic Camera but the shop says it is unpaid",
        zone="Asia/Tokyo",
        country="JP",
        home="JPY",
        everyday=11,
    )
    p.limit("per_payment", 200_000)
    p.limit("daily", 400_000)
    p.limit("monthly", 2_000_000)
    lens = p.bought("bic_camera", 4980, p.ago(minutes=35)).untold()
    p.expects(lens, Cause.SUCCEEDED, "merchant_waiting")


def bai_lu(book: Book) -> None:
    """Abroad and all well: a converted payment with its fee, and one over a bank rail that still waits."""
    p = book.person("cust_bai_lu", "白露", "zh", "缤客的酒店扣了多少手续费？德铁的票付成功了吗？")
    room = p.bought("booking", 14900, p.on(8, "22:20"), currency="EUR")
    p.expects(room, Cause.SUCCEEDED, "notified")
    train = p.payment("deutsche_bahn", 5990, p.ago(hours=10), currency="EUR")
    train.attempt("pending", "G002", seconds=5).debit().state("processing")
    p.expects(train, Cause.PENDING_AT_CHANNEL, "undecided")


def ella_novak(book: Book) -> None:
    """A remote customer in New York who never switched international payments on: no such option shown."""
    p = book.person(
        "cust_ella_novak", "Ella Novak", "en", "Can I pay Amazon.com with my wallet?", zone="America/New_York"
    )
    p.abroad(enabled=None, changed_at=None, enabled_before=None, countries=[], currencies=[])
    book_order = p.declined("amazon", 3499, p.on(1, "10:15"), "INTL_DISABLED", rail="wallet", currency="USD")
    p.expects(book_order, Cause.INTERNATIONAL_DISABLED)
    p.bought("taobao", 8800, p.on(2, "09:00") + timedelta(minutes=10))


STORIES = (su_qing, fan_rui, lu_yao, kenji_sato, bai_lu, ella_novak)
