"""What is open is not told as failed, a paid order not by its later try; what a correction means."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.bootstrap import Services
from actions.conversation import Conversation
from actions.ledger import Ledger
from actions.ledger.demo import DemoLedger
from actions.payments import DiagnosePayment
from tests.actions.harness import SECRET, Talk


async def test_what_is_still_open_has_not_failed(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = Talk(demo_ledger, "cust_oliver_brown", demo.now)
    said = await talk.does(DiagnosePayment, "payment_failed", "山姆付款卡住了", merchant="山姆")
    assert said[:2] == ["utter_money_not_charged_yet", "utter_cause_network_response_lost_open"]


async def test_a_paid_order_is_told_with_the_time_at_which_it_was_paid(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = Talk(demo_ledger, "cust_guo_yan", demo.now)
    said = await talk.does(DiagnosePayment, "payment_failed", "拼多多付款失败", merchant="拼多多")
    assert said[:2] == ["utter_money_paid", "utter_cause_already_paid"]
    money, cause = talk.said[:2]
    assert money["time"] == cause["paid_at"]


@pytest.mark.parametrize(
    ("text", "said", "meant"),
    [
        ("不是88,是368那笔", ["368", "88"], "368"),  # the NLU puts what is ruled out last
        ("368那笔,不是88", ["368", "88"], "368"),
        ("I meant 368, not 88", ["368", "88"], "368"),
        ("88不对,368才对", ["88", "368"], "368"),
        ("是368", ["368"], "368"),
        ("不是88", ["88"], "88"),
    ],
)
def test_a_correction_means_what_is_not_ruled_out(text: str, said: list[str], meant: str) -> None:
    entities = [{"entity": "amount", "value": value, "start": text.index(value)} for value in said]
    latest: dict[str, Any] = {"text": text, "intent": {"name": "correct_detail"}, "entities": entities}
    tracker = Tracker("conv", {}, latest, [], False, None, {}, "action_listen")
    talk = Conversation(
        tracker, CollectingDispatcher(), Services(ledger=None, identity_secret=SECRET, budget_seconds=5)
    )
    assert talk.entity("amount") == meant
