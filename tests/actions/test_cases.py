"""A case is offered, opened when the customer agrees or asks, and never twice for one thing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.cases import CaseStatus, OpenCase, PictureSent
from actions.diagnosis.policy import DEFAULT
from actions.dialogue import AnswerOffer, HandOver
from actions.follow_up import WhatNext
from actions.ledger import Ledger
from actions.ledger.demo import DemoLedger
from actions.payments import DiagnosePayment, ReportUnauthorised
from tests.actions.harness import Talk

TWICE = "cust_zhang_min"  # charged twice at JD.com


def of(demo: DemoLedger, ledger: Ledger, customer_id: str | None = "cust_lin_wei") -> Talk:
    return Talk(ledger, customer_id, demo.now)


async def offered(talk: Talk) -> None:
    said = await talk.does(DiagnosePayment, "charged_not_completed", "京东付了899", merchant="京东")
    assert said[-1] == "utter_offer_case"
    assert not cases(talk)


def cases(talk: Talk) -> list[dict]:
    return [one for one in talk.customs if one["kind"] == "case_request"]


async def test_where_only_the_company_can_act_a_case_is_offered_before_a_person_is_called(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger, TWICE)
    await offered(talk)
    assert [one["kind"] for one in talk.customs] == ["card"]


async def test_what_cannot_wait_goes_to_a_person_at_once(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger, "cust_xu_jing")
    said = await talk.does(DiagnosePayment, "refund_timing", "拼多多已退款", merchant="拼多多")
    assert "utter_cause_ledger_inconsistent" in said
    assert "utter_handoff_diagnosis" in said
    assert "utter_offer_case" not in said


async def test_a_large_amount_goes_to_a_person_at_once(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = Talk(demo_ledger, TWICE, demo.now, policy=replace(DEFAULT, large_amounts={"CNY": 50_000}))
    said = await talk.does(DiagnosePayment, "charged_not_completed", "京东付了899", merchant="京东")
    assert said[-1] == "utter_handoff_diagnosis"


async def test_the_next_step_while_a_case_is_open_is_its_answer(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger, TWICE)
    await offered(talk)
    await talk.does(AnswerOffer, "affirm")
    assert "utter_next_traced" in await talk.does(WhatNext, "ask_next", "那怎么办")


@pytest.mark.parametrize(("action", "intent"), [(AnswerOffer, "affirm"), (OpenCase, "open_case")])
async def test_yes_opens_it_with_a_promise_and_asks_for_a_screenshot(
    action: type, intent: str, demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger, TWICE)
    await offered(talk)
    assert await talk.does(action, intent) == ["utter_case_opened"]
    assert next(one for one in talk.said if one["response"])["within"] == "24 小时"
    [case] = cases(talk)
    assert "¥899.00" in case["title"]
    assert case["about"] == talk.slots["focus"]


async def test_no_opens_none(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger, TWICE)
    await offered(talk)
    assert await talk.does(AnswerOffer, "deny") == ["utter_case_declined"]
    assert talk.customs == []
    assert await talk.does(AnswerOffer, "affirm") == ["utter_anything_else"]


async def test_one_that_is_open_is_added_to_and_not_offered_again(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger, TWICE)
    await offered(talk)
    await talk.does(AnswerOffer, "affirm")
    about = cases(talk)[0]["about"]
    said = await talk.does(DiagnosePayment, "charged_not_completed", "京东付了899", merchant="京东")
    assert not {"utter_offer_case", "utter_case_opened"} & set(said)
    assert [one["about"] for one in cases(talk)] == [about]


async def test_what_needs_no_case_gets_none_even_when_asked_for(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger)
    await talk.does(DiagnosePayment, "payment_failed", "在星巴克付款失败", merchant="星巴克")
    said = await talk.does(OpenCase, "open_case", "给我开个工单")
    assert said[0] == "utter_case_not_needed"
    assert "utter_when_due" in said
    assert not cases(talk)


async def test_a_case_without_a_payment_begins_with_finding_it(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger, TWICE)
    assert await talk.does(OpenCase, "open_case", "开工单") == ["utter_which_payment"]
    said = await talk.does(OpenCase, "open_case", "京东那笔开工单", merchant="京东")
    assert said[-1] == "utter_offer_case"
    assert not cases(talk)


async def test_a_payment_that_was_not_the_customers_gets_a_case_at_once(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger, "cust_song_jia")
    said = await talk.does(ReportUnauthorised, "unauthorized_transaction", "有人盗刷")
    assert not {"utter_offer_case", "utter_case_opened"} & set(said)
    [case] = cases(talk)
    assert (case["about"], case["title"]) == ("account", "账户安全")
    assert "utter_handoff_fraud" in said


async def test_cases_are_for_those_who_are_signed_in(demo: DemoLedger, demo_ledger: Ledger) -> None:
    for action, intent in ((CaseStatus, "case_status"), (OpenCase, "open_case")):
        assert await of(demo, demo_ledger, None).does(action, intent) == ["utter_sign_in"]
    talk = of(demo, demo_ledger)
    assert await talk.does(CaseStatus, "case_status") == ["utter_case_status"]
    assert talk.customs == [{"kind": "case_list"}]


async def test_a_picture_goes_to_the_case_or_to_the_person_or_else_needs_words(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = of(demo, demo_ledger, TWICE)
    assert await talk.does(PictureSent, "picture_sent") == ["utter_picture_unread", "utter_offer_human"]
    await talk.does(HandOver, "human_handoff", "转人工")
    assert await talk.does(PictureSent, "picture_sent") == ["utter_picture_for_agent"]
    assert await talk.does(PictureSent, "picture_sent", case="C-ABCDE") == ["utter_picture_in_case"]
    assert talk.said[0]["case"] == "C-ABCDE"
