"""After the answer: why, what next, what has changed, and what became of it the next day."""

from __future__ import annotations

from datetime import timedelta

from actions.account import AccountRestricted
from actions.dialogue import HandOver, OutOfScope
from actions.follow_up import ExplainWhy, Greet, StillNotWorking, TopUp, WhatNext
from actions.ledger import Ledger
from actions.ledger.demo import DemoLedger
from actions.payments import DiagnosePayment
from tests.actions.harness import Talk


def of(demo: DemoLedger, ledger: Ledger, customer_id: str | None = "cust_lin_wei") -> Talk:
    return Talk(ledger, customer_id, demo.now)


async def about_the_coffee(talk: Talk) -> None:
    said = await talk.does(DiagnosePayment, "payment_failed", "在星巴克付款失败", merchant="星巴克")
    assert "utter_cause_pending_at_channel_undecided" in said


async def test_a_greeting_within_the_hour_is_just_a_greeting(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger)
    await about_the_coffee(talk)
    talk.now += timedelta(minutes=50)
    assert await talk.does(Greet, "greet", "你好") == ["utter_greet"]


async def test_who_comes_back_the_next_day_hears_what_became_of_it(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger)
    await about_the_coffee(talk)
    talk.now += timedelta(hours=30)
    said = await talk.does(Greet, "greet", "你好")
    assert said[0] == "utter_since_last_time"
    assert "utter_cause_pending_overdue" in said
    assert said[-1] == "utter_offer_case"
    assert [one["kind"] for one in talk.customs] == ["card"]


async def test_a_new_customer_is_just_greeted(demo: DemoLedger, demo_ledger: Ledger) -> None:
    assert await of(demo, demo_ledger).does(Greet, "greet", "你好") == ["utter_greet"]
    assert await of(demo, demo_ledger, None).does(Greet, "greet", "hello") == ["utter_greet"]


async def test_still_not_working_first_says_that_nothing_changed_then_brings_a_person(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger)
    await about_the_coffee(talk)
    first = await talk.does(StillNotWorking, "still_not_working", "还是不行")
    assert first[0] == "utter_unchanged"
    assert "utter_step_retry" not in first
    assert "utter_offer_human" in first
    second = await talk.does(StillNotWorking, "still_not_working", "还是不行")
    assert second[:2] == ["utter_sorry_unsolved", "utter_handoff_not_solved"]


async def test_still_not_working_after_a_change_gives_the_whole_answer_anew(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger)
    await about_the_coffee(talk)
    talk.now += timedelta(hours=30)
    said = await talk.does(StillNotWorking, "still_not_working", "还是没有")
    assert said[0] == "utter_changed"
    assert "utter_cause_pending_overdue" in said


async def test_why_without_a_payment_asks_which(demo: DemoLedger, demo_ledger: Ledger) -> None:
    assert await of(demo, demo_ledger).does(ExplainWhy, "ask_why", "为什么") == ["utter_why_which"]


async def test_why_names_the_evidence(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger)
    await about_the_coffee(talk)
    said = await talk.does(ExplainWhy, "ask_why", "为什么")
    assert said[0] == "utter_why"
    assert "utter_evidence_posting_amount" in said


async def test_what_next_after_a_hand_off_says_that_a_person_is_coming(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger, "cust_zhang_min")
    await talk.does(DiagnosePayment, "charged_not_completed", "京东付了899", merchant="京东")
    await talk.does(HandOver, "human_handoff", "转人工")
    assert (await talk.does(WhatNext, "ask_next", "那怎么办"))[0] == "utter_next_waiting"


async def test_topping_up_after_a_short_balance_is_about_that_payment(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger, "cust_tom_harris")
    said = await talk.does(DiagnosePayment, "payment_failed", "my Taobao order", merchant="Taobao")
    assert "utter_cause_insufficient_balance_exact" in said
    said = await talk.does(TopUp, "top_up", "I have added money")
    assert "utter_now_enough" in said
    assert await of(demo, demo_ledger).does(TopUp, "top_up", "how do I top up") == ["utter_top_up"]


async def test_limits_are_told_with_what_is_left(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger, "cust_liang_chen")
    said = await talk.does(AccountRestricted, "account_restricted", "我的限额是多少")
    assert said == [
        "utter_limit_per_payment",
        "utter_limit_daily",
        "utter_limit_monthly",
        "utter_limits_raise",
    ]
    monthly = next(one for one in talk.said if one["response"] == "utter_limit_monthly")
    assert monthly["limit"] == "¥3,000.00"


async def test_another_companys_name_may_be_the_shop_of_a_failed_payment(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger, "cust_noah_davis")
    said = await talk.does(
        OutOfScope, "out_of_scope", "why did apple refuse my card", likely=["out_of_scope", "payment_failed"]
    )
    assert "utter_cause_issuer_declined_card_funds" in said
    for text, likely in (
        ("what is the new apple phone", ["out_of_scope", "greet"]),
        ("why is the weather refused", ["out_of_scope", "payment_failed"]),
    ):
        assert await talk.does(OutOfScope, "out_of_scope", text, likely=likely) == ["utter_out_of_scope"]


async def test_why_did_it_fail_right_after_an_answer_is_about_that_payment(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger, "cust_luo_na")
    await talk.does(DiagnosePayment, "payment_failed", "京东付款失败", merchant="京东")
    said = await talk.does(
        DiagnosePayment, "payment_failed", "why did it fail", likely=["payment_failed", "ask_why"]
    )
    assert "utter_cause_limit_exceeded_card" in said
    assert "utter_which_payment" in await talk.does(DiagnosePayment, "payment_failed", "付款失败")
