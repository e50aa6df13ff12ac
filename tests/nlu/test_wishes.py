"""Two wishes in one message: the urgent one is answered, the other is kept for an offer."""

from __future__ import annotations

import pytest

from bot.nlu.wishes import clauses, wishes

KNOWN = {
    "付款失败了": ("payment_failed", 0.97),
    "密码也想改": ("change_password", 0.95),
    "余额还剩多少": ("check_balance", 0.93),
    "什么时候退给我": ("refund_timing", 0.96),
    "my payment failed": ("payment_failed", 0.98),
    "how do I change my password": ("change_password", 0.98),
}


def guess(clause: str) -> tuple[str, float]:
    return KNOWN.get(clause, ("out_of_scope", 0.3))


@pytest.mark.parametrize(
    ("text", "intent", "answered", "offered"),
    [
        ("付款失败了,密码也想改", "payment_failed", "payment_failed", "change_password"),
        ("付款失败了,密码也想改", "change_password", "payment_failed", "change_password"),
        ("密码也想改,另外余额还剩多少", "change_password", "change_password", "check_balance"),
        (
            "my payment failed and how do I change my password",
            "payment_failed",
            "payment_failed",
            "change_password",
        ),
        # one trouble told in two parts is one wish
        ("付款失败了,什么时候退给我", "refund_timing", "refund_timing", None),
        ("付款失败了", "payment_failed", "payment_failed", None),
        ("付款失败了,真是的,气死我了", "payment_failed", "payment_failed", None),
        ("你好,密码也想改", "greet", "greet", None),
    ],
)
def test_wishes(text: str, intent: str, answered: str, offered: str | None) -> None:
    assert wishes(text, intent, guess) == (answered, offered)


def test_a_message_of_one_part_costs_nothing() -> None:
    assert clauses("付款失败了") == []
    assert clauses("嗯,付款失败了") == []
    assert len(clauses("付款失败了,密码也想改。谢谢你们")) == 3


def test_what_is_only_guessed_at_is_not_offered() -> None:
    assert wishes("付款失败了,密码也想改", "payment_failed", lambda _: ("change_password", 0.6)) == (
        "payment_failed",
        None,
    )
