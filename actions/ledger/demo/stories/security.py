"""Restrictions, locks, wrong passwords, and payments that the customer did not make."""

from __future__ import annotations

from datetime import timedelta

from actions.diagnosis.result import Cause
from actions.ledger.demo.book import Book


def zheng_kai(book: Book) -> None:
    """Restricted for now; the app offers an identity check."""
    p = book.person(
        "cust_zheng_kai", "郑凯", "zh", "我的账户是不是被限制了？京东付不了款", risk="under_review"
    )
    p.restrict("restricted", p.ago(days=2), check=True)
    tv = p.declined("jd", 219_900, p.on(1, "10:40"), "ACCOUNT_RESTRICTED", rail="wallet")
    p.expects(tv, Cause.ACCOUNT_RESTRICTED, "identity_check")


def mia_taylor(book: Book) -> None:
    """Frozen; only an agent can help."""
    p = book.person(
        "cust_mia_taylor", "Mia Taylor", "en", "I can't pay anywhere since yesterday", risk="watched"
    )
    p.restrict("frozen", p.ago(days=2, hours=3), check=False)
    shop = p.declined("freshippo", 9640, p.on(1, "18:05"), "ACCOUNT_RESTRICTED", rail="wallet")
    p.expects(shop, Cause.ACCOUNT_RESTRICTED, "agent")
    ride = p.declined("didi", 2310, p.ago(hours=5), "ACCOUNT_RESTRICTED", rail="wallet")
    p.expects(ride, Cause.ACCOUNT_RESTRICTED, "agent")


def xie_bo(book: Book) -> None:
    """A restriction long lifted; now it is only the password, typed wrong twice."""
    p = book.person("cust_xie_bo", "谢波", "zh", "以前账户被限制过，现在美团又付不了，是又限制了吗？")
    p.restrict("restricted", p.ago(days=25), lifted=p.ago(days=22), check=True)
    meal = p.payment("meituan", 3980, p.ago(hours=7))
    meal.attempt("declined", "WRONG_PASSWORD", rail="wallet", tries=1)
    meal.attempt("declined", "WRONG_PASSWORD", rail="wallet", tries=2, at=meal.at + timedelta(minutes=1))
    meal.end("failed", meal.at + timedelta(minutes=1, seconds=2))
    p.expects(meal, Cause.WRONG_PASSWORD, "counted")
    tv = p.declined("jd", 129_900, p.ago(days=24), "ACCOUNT_RESTRICTED", rail="wallet")
    p.expects(tv, Cause.ACCOUNT_RESTRICTED, "lifted")


def tang_wei(book: Book) -> None:
    """Five wrong passwords: locked for some hours yet."""
    p = book.person("cust_tang_wei", "唐薇", "zh", "支付密码被锁了，什么时候能用？")
    meal = p.payment("mcdonalds", 4150, p.ago(minutes=50))
    for tries in range(1, 6):
        code = "WRONG_PASSWORD" if tries < 5 else "PASSWORD_LOCKED"
        at = meal.at + timedelta(seconds=25 * (tries - 1))
        meal.attempt("declined", code, rail="wallet", tries=tries, at=at)
    locked = meal.at + timedelta(seconds=102)
    p.locked(locked)
    again = meal.at + timedelta(minutes=10)
    meal.attempt("declined", "PASSWORD_LOCKED", rail="wallet", tries=5, at=again)
    meal.end("failed", again + timedelta(seconds=2))
    p.expects(meal, Cause.PASSWORD_LOCKED, "locked")
    earlier = p.on(11, "13:20")
    p.locked(earlier - timedelta(minutes=2))
    cake = p.declined("freshippo", 6600, earlier, "PASSWORD_LOCKED", rail="wallet")
    p.expects(cake, Cause.PASSWORD_LOCKED, "unlocked")


def song_jia(book: Book) -> None:
    """From a new phone abroad, at night, twice: the customer says it was not them."""
    p = book.person("cust_song_jia", "宋佳", "zh", "有一笔亚马逊的付款不是我本人操作的！")
    at = p.ago(hours=13)
    for minor, minutes in ((19900, 0), (24900, 4)):
        theft = p.payment("amazon", minor, at + timedelta(minutes=minutes), currency="USD")
        theft.attempt("approved", new_device=True, country="US").pay()
        p.expects(theft, Cause.FRAUD_SUSPECTED)


def ren_peng(book: Book) -> None:
    """A code that nobody has ever written down: honest not-knowing."""
    p = book.person("cust_ren_peng", "任鹏", "zh", "山姆付款失败，不知道什么原因")
    shop = p.on(1, "19:50")
    p.available(88_000, before=shop)
    odd = p.declined("sams", 23150, shop, "Z9")
    p.expects(odd, Cause.UNKNOWN, "failed")
    ticket = p.payment("railway", 15350, p.ago(minutes=20)).attempt("pending", "WAIT_BUYER_PAY")
    ticket.state("authenticating")
    p.expects(ticket, Cause.UNKNOWN, "open")


STORIES = (zheng_kai, mia_taylor, xie_bo, tang_wei, song_jia, ren_peng)
