"""What is taken out of a customer's words, and what must stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.masking import mask

MASKED = [
    # card numbers, as people type them
    ("我的卡号是4111111111111111", "我的卡号是**** 1111"),
    ("card 4111 1111 1111 1111 was charged", "card **** 1111 was charged"),
    ("5500-0055-5555-5559", "**** 5559"),
    ("6222 0212 3456 7890 128 扣了两次", "**** 0128 扣了两次"),
    ("卡号:4111111111111111。", "卡号:**** 1111。"),
    ("4111 1111 1111 1111", "**** 1111"),
    ("amex 378282246310005", "amex **** 0005"),
    ("visa4111111111111111", "visa**** 1111"),
    ("4111.1111.1111.1111", "**** 1111"),
    ("4111\u200b1111\u200b1111\u200b1111", "**** 1111"),
    ("2024-05-01 用 4111 1111 1111 1111 付的", "2024-05-01 用 **** 1111 付的"),
    ("2024-05-01 4111 1111 1111 1111", "2024-05-01 **** 1111"),
    ("2 cards: 4111111111111111, 5500005555555559", "2 cards: **** 1111, **** 5559"),
    # passwords
    ("我的支付密码是abc12345", "我的支付密码是****"),
    ("密码:123456,帮我看看", "密码:****,帮我看看"),
    ("密码 123456", "密码 ****"),
    ("密码123456对吗", "密码****对吗"),
    ("密码是123456", "密码是****"),
    ("密碼是 888888", "密碼是 ****"),
    ("登录密码改成了Qwe!2345,还是不行", "登录密码改成了****,还是不行"),
    ("密码是一二三四五六", "密码是****"),
    ("123456是我的密码", "****是我的密码"),
    ("my password is hunter2, please help", "my password is ****, please help"),
    ("password: correcthorse", "password: ****"),
    ("Password = S3cret!", "Password = ****!"),
    ("my payment password is 'tiger'", "my payment password is '****'"),
    ("passcode 998877", "passcode ****"),
    ("pwd:Zhang1990", "pwd:****"),
    ("hunter22 is my password", "**** is my password"),
    # codes
    ("验证码 123456", "验证码 ****"),
    ("验证码是482913", "验证码是****"),
    ("短信验证码收到了是482913", "短信验证码收到了是****"),
    ("驗證碼:482 913", "驗證碼:****"),
    ("动态码 4829", "动态码 ****"),
    ("482913 是验证码", "**** 是验证码"),
    ("cvv 123", "cvv ****"),
    ("CVV2是123", "CVV2是****"),
    ("安全码:321", "安全码:****"),
    ("PIN码 4321", "PIN码 ****"),
    ("my pin is 4321", "my pin is ****"),
    ("otp 123456", "otp ****"),
    ("the verification code I got is 482913.", "the verification code I got is ****."),
    ("the code is 482 913", "the code is ****"),
    ("one-time password: 99 88 77", "one-time password: ****"),
    ("OTP:123456", "OTP:****"),
    # several at once
    (
        "卡 4111111111111111 密码 654321 cvv 999",
        "卡 **** 1111 密码 **** cvv ****",
    ),
]

UNTOUCHED = [
    "我昨天在星巴克付款失败了,钖还被扣了",
    "订单号 4200001234202405011234567890",  # 28 digits
    "transaction 4200001234202405011234567890 is pending",
    "order SO4111111111111111",
    "A4111111111111111B",
    "商户订单号 PO20240501123456789",
    "4111111111111112",  # fails Luhn
    "1234567890123",  # no issuer begins with 1
    "手机号 13812345678",
    "扣了 128.00 元,128 块,一百二十八元",
    "2024-05-01 12:30:45 付了 1288 元",
    "密码忘了怎么办",
    "密码错了3次被锁了",
    "密码是多少位",
    "密码是6位数字吗",
    "密码输错5次",
    "验证码收不到",
    "验证码一直收不到,等了60秒",
    "怎么修改支付密码?",
    "我要改密码",
    "密码2024年改过",
    "my password is wrong",
    "my password is locked for 30 minutes",
    "I forgot my password",
    "password is not working",
    "password: how do I change it?",
    "how do I change my payment password",
    "I entered the wrong PIN 3 times",
    "is the PIN 6 digits?",
    "verification code never arrived",
    "the otp is expired",
    "error code 5001",
    "error code: 91",
    "my pin is blocked",
    "spinning 12345 wheels",
    "付款码过期了",
    "I paid 128 RMB on 2024-05-01",
]


# The same as a Chinese keyboard writes them: full-width punctuation, and digits too.
WIDE_PUNCTUATION = {ord(c): chr(ord(c) + 0xFEE0) for c in ",:?!();"}
WIDE_DIGITS = {ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789"}
NARROW_DIGITS = {ord(wide): chr(narrow) for narrow, wide in WIDE_DIGITS.items()}


def chinese(texts: list[str]) -> list[str]:
    return [t for t in texts if any("\u4e00" <= c <= "\u9fff" for c in t)]


@pytest.mark.parametrize(("typed", "kept"), MASKED)
def test_secrets_are_taken_out(typed: str, kept: str) -> None:
    masked = mask(typed)
    assert masked.text == kept
    assert masked.found


@pytest.mark.parametrize("typed", chinese([typed for typed, _ in MASKED]))
def test_secrets_are_taken_out_between_full_width_punctuation(typed: str) -> None:
    kept = dict(MASKED)[typed].translate(WIDE_PUNCTUATION)
    assert mask(typed.translate(WIDE_PUNCTUATION)).text == kept


@pytest.mark.parametrize("typed", chinese([typed for typed, _ in MASKED if "abc" not in typed]))
def test_full_width_digits_are_digits(typed: str) -> None:
    masked = mask(typed.translate(WIDE_DIGITS))
    assert masked.found
    assert masked.text.translate(NARROW_DIGITS) == dict(MASKED)[typed]


@pytest.mark.parametrize("typed", [*UNTOUCHED, *(t.translate(WIDE_PUNCTUATION) for t in chinese(UNTOUCHED))])
def test_everything_else_stays(typed: str) -> None:
    masked = mask(typed)
    assert masked.text == typed
    assert not masked.found


def test_masking_twice_changes_nothing_more() -> None:
    for typed, _ in MASKED:
        once = mask(typed).text
        assert mask(once).text == once


def test_a_long_hostile_text_is_quick() -> None:
    for piece in ("4111 ", "密码是", "password is ", "验证码我我我", "1 ", "a1!", "is my "):
        mask(piece * (2000 // len(piece)))


@given(st.text(max_size=300))
def test_any_text_survives(text: str) -> None:
    masked = mask(text)
    assert masked.found or masked.text == text
