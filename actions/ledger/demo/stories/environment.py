"""What lies around the payment: merchant, channel, network and app; and a crowd of passers-by."""

from __future__ import annotations

from datetime import timedelta

from actions.diagnosis.result import Cause
from actions.ledger.demo import world
from actions.ledger.demo.book import Book

PASSERS_BY = ("陈浩然", "李思远", "王梓涵", "张雨桐", "刘子墨", "赵一凡")


def _tea_time(book: Book) -> timedelta:
    """How long ago everybody failed at the tea house."""
    return timedelta(hours=26)


def feng_li(book: Book) -> None:
    """The tea house never set the wallet's interface up correctly: everybody fails there."""
    p = book.person("cust_feng_li", "冯丽", "zh", "在老街奶茶铺怎么都付不了款")
    tea = p.declined("old_street_tea", 2200, book.now - _tea_time(book), "SIGN_ERROR")
    p.expects(tea, Cause.MERCHANT_NOT_INTEGRATED)


def cheng_gang(book: Book) -> None:
    """The channel is disturbed, and still is."""
    p = book.person("cust_cheng_gang", "程刚", "zh", "刚才瑞幸付款提示系统繁忙")
    coffee = p.declined("luckin", 1690, p.ago(minutes=50), "SYSTEMERROR")
    p.expects(coffee, Cause.CHANNEL_OUTAGE, "ongoing")


def ava_white(book: Book) -> None:
    """The channel was disturbed at the time; it has been well since."""
    p = book.person("cust_ava_white", "Ava White", "en", "Starbucks couldn't take my payment two days ago")
    started, _ = world.ended_outage(book.now)
    coffee = p.declined("starbucks", 3700, started + timedelta(minutes=35), "91")
    p.expects(coffee, Cause.CHANNEL_OUTAGE, "ended")


def yuan_mei(book: Book) -> None:
    """Another channel was disturbed at the time; here the balance was short, and the app is not new."""
    p = book.person("cust_yuan_mei", "袁梅", "zh", "昨天滴滴付款失败，是不是你们系统坏了？", app="9.1.2")
    started, ended = world.stripe_outage(book.now)
    at = started + (ended - started) / 2
    p.available(640, before=at)
    p.expects(p.declined("didi", 2870, at, "USER_BALANCE_NOT_ENOUGH"), Cause.INSUFFICIENT_BALANCE, "exact")


def pan_tao(book: Book) -> None:
    """No signal in the basement: nothing ever reached the wallet."""
    p = book.person("cust_pan_tao", "潘涛", "zh", "地下停车场里付盒马订单，一直转圈失败")
    entry = p.not_sent("freshippo", 7620, p.ago(hours=6), client="timed_out")
    p.expects(entry, Cause.NETWORK_NOT_SENT)


def du_juan(book: Book) -> None:
    """An app so old that the wallet refuses it."""
    p = book.person("cust_du_juan", "杜娟", "zh", "付款提示版本过低，付不了", app="8.6.0")
    p.quiet(p.ago(days=2))
    old = p.declined("familymart", 1580, p.ago(hours=8), "APP_OUTDATED", rail="wallet")
    p.expects(old, Cause.APP_OUTDATED)


def ethan_moore(book: Book) -> None:
    """The app closed before it sent anything; a newer version cures that."""
    p = book.person(
        "cust_ethan_moore", "Ethan Moore", "en", "The app closes every time I show my code", app="9.1.0"
    )
    entry = p.not_sent("luckin", 2390, p.ago(hours=7), client="crashed")
    p.expects(entry, Cause.APP_BUG, "fixed")


def jiang_shan(book: Book) -> None:
    """The app closed before it sent anything; nobody has a cure yet."""
    p = book.person("cust_jiang_shan", "江珊", "zh", "用指纹付款时软件闪退", app="9.2.0")
    entry = p.not_sent("mcdonalds", 3150, p.ago(hours=10), client="crashed")
    p.expects(entry, Cause.APP_BUG, "not_fixed")


def passers_by(book: Book) -> None:
    """Nobody plays them: they fail at the tea house too, and succeed elsewhere."""
    for number, name in enumerate(PASSERS_BY):
        p = book.person(f"cust_passer_{number + 1}", name, "zh", None, everyday=8)
        at = book.now - _tea_time(book) + timedelta(minutes=4 * number - 12)
        p.declined("old_street_tea", 1800 + 200 * number, at, "SIGN_ERROR")


STORIES = (
    feng_li,
    cheng_gang,
    ava_white,
    yuan_mei,
    pan_tao,
    du_juan,
    ethan_moore,
    jiang_shan,
    passers_by,
)
