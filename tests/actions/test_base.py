"""Whatever breaks, the customer gets a kind sentence and a way to a human, and the log no personal data."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from actions.dialogue import HandOver
from actions.ledger import Ledger
from actions.ledger.demo import DemoLedger
from actions.payments import DiagnosePayment, ReportUnauthorised
from tests.actions.harness import Talk


class BrokenLedger:
    """A ledger that cannot be reached."""

    def __init__(self, error: Exception | None = None, delay: float = 0.0) -> None:
        self._error = error or ConnectionError("no route to cust_lin_wei's records")
        self._delay = delay

    async def customer(self, customer_id: str) -> Any:
        await asyncio.sleep(self._delay)
        raise self._error


async def test_a_ledger_that_is_down(demo: DemoLedger, caplog: pytest.LogCaptureFixture) -> None:
    talk = Talk(BrokenLedger(), "cust_lin_wei", demo.now)
    with caplog.at_level(logging.INFO):
        said = await talk.does(DiagnosePayment, "payment_failed", "我在星巴克付款失败了")
    assert said == ["utter_records_unavailable", "utter_handoff_system"]
    [request] = talk.customs
    assert (request["kind"], request["reason"]) == ("handoff_request", "system")
    assert "ConnectionError" in caplog.text
    for private in ("cust_lin_wei", "星巴克"):
        assert private not in caplog.text


async def test_a_ledger_that_is_slow(demo: DemoLedger) -> None:
    talk = Talk(BrokenLedger(delay=30), "cust_lin_wei", demo.now, budget_seconds=0.05)
    said = await talk.does(DiagnosePayment, "payment_failed", "付款失败")
    assert said == ["utter_records_unavailable", "utter_handoff_system"]


async def test_theft_reported_while_the_ledger_is_down_is_still_urgent(demo: DemoLedger) -> None:
    talk = Talk(BrokenLedger(), "cust_lin_wei", demo.now)
    await talk.does(ReportUnauthorised, "unauthorized_transaction", "有人盗刷我的钱")
    [request] = talk.customs
    assert (request["reason"], request["urgency"]) == ("fraud", "critical")


async def test_half_an_answer_is_never_said(demo: DemoLedger, demo_ledger: Ledger) -> None:
    class BreaksLater:
        customer = demo_ledger.customer
        payments = demo_ledger.payments

        async def facts(self, *_: Any, **__: Any) -> Any:
            raise ValueError("unknown currency 'XXQ'")

    talk = Talk(BreaksLater(), "cust_lin_wei", demo.now)
    said = await talk.does(DiagnosePayment, "payment_failed", "在星巴克付款失败", merchant="星巴克")
    assert said == ["utter_records_unavailable", "utter_handoff_system"]
    assert talk.slots.get("focus") is None


async def test_a_customer_that_the_ledger_does_not_know_is_treated_as_one_without_records(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    talk = Talk(demo_ledger, "cust_from_elsewhere", demo.now)
    assert "utter_sign_in" in await talk.does(DiagnosePayment, "payment_failed", "付款失败")
    assert "utter_handoff_asked" in await talk.does(HandOver, "human_handoff", "转人工")
