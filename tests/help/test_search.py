"""What customers type, and which article they must get first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.help import HelpCentre
from bot.help.search import MAX_QUERY

CENTRE = HelpCentre.open()

CHINESE = """
退款多久到账               refund-times
退款什么时候到             refund-times
退款几天能退回来           refund-times
钱扣了订单没付             charged-order-unpaid
扣了钱没成功               charged-order-unpaid
钱没了订单还是未支付       charged-order-unpaid
退款没收到                 refund-not-arrived
商家说退了但我没收到钱     refund-not-arrived
重复扣款                   charged-twice
同一单扣了我两次钱         charged-twice
明明有钱为什么说余额不足   insufficient-balance
充值没到账                 insufficient-balance
信用卡被拒                 bank-card-declined
银行卡付不了               bank-card-declined
怎么提高限额               payment-limits
一直转圈                   network-problems
app闪退                    app-version
二维码过期了               expired-order
忘记支付密码               forgot-password
怎么改密码                 change-password
密码锁多久                 password-locked
账号被冻结了               account-restricted
出国怎么付款               enable-international
国际支付手续费多少         international-fees
国外付款失败               declined-abroad
有人盗刷我的钱             unknown-transaction
手机丢了                   unknown-transaction
转错人了                   wrong-person
自动续费怎么关             automatic-payments
人工客服几点上班           contact
工单进度                   cases
客服问我要验证码           account-security
商家没发货                 merchant-disputes
酒店押金没退               holds
付款失败                   payment-failed
钱不见了                   charged-order-unpaid
被骗了怎么办               unknown-transaction
会员乱扣钱                 automatic-payments
在日本能用吗               enable-international
退款多久到賬               refund-times
錢扣了訂單沒付             charged-order-unpaid
忘記支付密碼怎麼辦         forgot-password
帳戶被凍結                 account-restricted
ＷＩＦＩ 转圈              network-problems
"""
ENGLISH = """
refund not arrived                    refund-not-arrived
where is my refund                    refund-not-arrived
how long does a refund take           refund-times
when will I get my money back         refund-times
wrong password locked                 password-locked
forgot my pin                         forgot-password
how to change payment password        change-password
i was charged twice!!                 charged-twice
double charge                         charged-twice
money taken but order not paid        charged-order-unpaid
card declined                         bank-card-declined
insufficient funds                    insufficient-balance
daily limit                           payment-limits
app keeps crashing                    app-version
qr code expired                       expired-order
unauthorised charge                   unknown-transaction
i got hacked                          unknown-transaction
account frozen                        account-restricted
exchange rate                         international-fees
declined abroad                       declined-abroad
cancel subscription                   automatic-payments
sent money to the wrong person        wrong-person
chargeback                            merchant-disputes
talk to a human                       contact
who can see my screenshots            privacy
support asked for OTP                 account-security
hotel deposit hold                    holds
my money disappeared                  charged-order-unpaid
speak to someone                      contact
visa card refused                     bank-card-declined
is my data safe                       privacy
pasword lokced                        password-locked
cancel my subscripton                 automatic-payments
"""


def pairs(table: str) -> list[tuple[str, str]]:
    return [tuple(line.rsplit(maxsplit=1)) for line in table.strip().splitlines()]  # type: ignore[misc]


def slugs(language: str, query: str) -> list[str]:
    return [found.article.slug for found in CENTRE.search(language, query)]


@pytest.mark.parametrize(("query", "best"), pairs(CHINESE))
def test_what_is_asked_in_chinese_finds_its_article_first(query: str, best: str) -> None:
    assert slugs("zh", query.strip())[:1] == [best]


@pytest.mark.parametrize(("query", "best"), pairs(ENGLISH))
def test_what_is_asked_in_english_finds_its_article_first(query: str, best: str) -> None:
    assert slugs("en", query.strip())[:1] == [best]


def test_a_word_in_the_other_language_finds_the_article_in_this_one() -> None:
    assert slugs("en", "退款")[0] == "refund-times"
    assert slugs("zh", "subscription")[0] == "automatic-payments"


def test_a_word_half_typed_finds_already() -> None:
    assert set(slugs("en", "refun")[:2]) == {"refund-times", "refund-not-arrived"}
    assert "password-locked" in slugs("en", "my passw")[:4]


def test_an_article_can_be_found_by_its_own_title() -> None:
    for language in ("zh", "en"):
        for article in CENTRE.library.all(language):
            assert article.slug in slugs(language, article.title)[:2], article.title


def test_all_that_is_found_is_in_the_language_of_the_page() -> None:
    assert {found.article.language for found in CENTRE.search("en", "退款 refund")} == {"en"}


def test_a_snippet_shows_where_the_words_stand() -> None:
    found = {f.article.slug: f.snippet for f in CENTRE.search("en", "airplane mode")}
    assert "airplane mode" in found["network-problems"].lower()
    assert len(found["network-problems"]) <= 160
    found = {f.article.slug: f.snippet for f in CENTRE.search("zh", "飛行模式")}
    assert "飞行模式" in found["network-problems"]


def test_snippets_hold_no_html() -> None:
    for query in ("退款", "refund", "bill <b>"):
        for language in ("zh", "en"):
            for found in CENTRE.search(language, query):
                assert "<" not in found.snippet and "&" not in found.snippet


HOSTILE = [
    "",
    "   ",
    '"',
    '""" OR 1=1 --',
    "title:refund",
    "NEAR(refund card, 2)",
    "refund AND",
    "OR",
    "^refund*",
    "-refund +card",
    "{title body}: refund",
    "refund\x00card",
    "\ud800",
    "😀👍",
    "'; DROP TABLE help; --",
    "(((((",
    "а" * 50,
    "退" * 5_000,
    "refund " * 5_000,
    "a1b2" * 1_000,
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_query_is_just_words(query: str) -> None:
    assert len(CENTRE.search("en", query)) <= 10
    assert slugs("en", "refund")[0] == "refund-times"


def test_operators_of_the_engine_are_words_too() -> None:
    assert slugs("en", "subscription NEAR(")[:1] == ["automatic-payments"]
    assert slugs("en", "body: subscription*")[:1] == ["automatic-payments"]
    assert slugs("zh", '"退款"')[:1] == ["refund-times"]


def test_only_the_beginning_of_a_long_query_is_read() -> None:
    assert slugs("en", "refund " + "." * MAX_QUERY + " subscription") == slugs("en", "refund ")


@given(st.text(max_size=300), st.sampled_from(["zh", "en"]))
def test_whatever_is_typed_search_answers(query: str, language: str) -> None:
    found = CENTRE.search(language, query, limit=5)
    assert len(found) <= 5
    assert all(f.snippet and f.article.language == language for f in found)


def test_what_is_not_about_us_finds_nothing() -> None:
    assert slugs("en", "xylophone") == []
    assert slugs("zh", "鱼香肉丝") == []
