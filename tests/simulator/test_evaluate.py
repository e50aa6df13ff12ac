"""The diagnosis over simulated wallets: right, never unsafe; and the judge sees what is unsafe."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from actions.diagnosis.facts import Money
from actions.diagnosis.result import Cause, Confidence, Diagnosis, Evidence, MoneyState, Step
from tests.simulator.evaluate import TARGET, evaluate, text
from tests.simulator.judge import unsafe
from tests.simulator.truth import Flow, Happened, Return, Truth

NOW = datetime(2026, 5, 4, tzinfo=timezone.utc)
PRICE = Money(12_800, "CNY")
SAFE = Diagnosis(
    Cause.INSUFFICIENT_BALANCE, Confidence.PROVEN, MoneyState.NOT_CHARGED, PRICE, "exact", payment_id="pay"
)


async def test_the_target_is_met_and_nothing_unsafe_is_said() -> None:
    report = await evaluate(1_250, seed=20)
    printed = text(report)
    assert report.count == 1_250
    assert report.accuracy >= TARGET, printed
    assert not report.unsafe, printed
    assert not report.alone, printed
    assert report.guessed == 0, printed


def test_the_simulator_knows_nothing_of_the_rules() -> None:
    allowed = {"actions.diagnosis.facts", "actions.diagnosis.result"}
    for path in Path(__file__).parent.rglob("*.py"):
        if path.name.startswith("test_") or path.name == "evaluate.py":  # these ask the diagnosis
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            assert not [n for n in names if n.startswith("actions.diagnosis") and n not in allowed], path


def truth(place: str = "nowhere", away: int = 0, *returns: Return) -> Truth:
    """A payment that was refused for want of balance, unless its money is elsewhere."""
    flow = Flow("pay", ("shop", "order"), PRICE, PRICE, 0, place, away, False, None, list(returns))
    happened = [Happened(Cause.INSUFFICIENT_BALANCE)]
    return Truth("told", "alice", "pay", NOW, happened, {"pay": flow})


def said(answer: Diagnosis, world: Truth | None = None) -> list[str]:
    """What is unsafe about an answer to Alice, who owns `pay`; `theirs` is Bob's."""
    return list(unsafe([answer], world or truth(), {"pay": "alice", "theirs": "bob"}))


def test_a_true_answer_is_safe() -> None:
    short = {(Cause.INSUFFICIENT_BALANCE, "shortfall"): Money(1, "CNY")}
    told = replace(SAFE, values={"shortfall": Money(1, "CNY")}, steps=(Step.TOP_UP, Step.RETRY))
    assert said(told, replace(truth(), values=short)) == []


@pytest.mark.parametrize(
    ("answer", "world", "word"),
    [
        (replace(SAFE, payment_id="theirs"), truth(), "another customer's payment"),
        (
            replace(SAFE, evidence=(Evidence("posting", "theirs", "minor", "1"),)),
            truth(),
            "another customer's record",
        ),
        (replace(SAFE, steps=(Step.RETRY,)), truth("channel", 12_800), "pay again"),
        (SAFE, truth("channel", 12_800), "money said to be not_charged"),
        (replace(SAFE, evidence=(Evidence("attempt", "a", "code", "stolen_card"),)), truth(), "risk control"),
        (replace(SAFE, cause=Cause.FRAUD_SUSPECTED, variant=None), truth(), "fraud"),
        (replace(SAFE, cause=Cause.ORDER_CLOSED, variant=None), truth(), "said flatly"),
        (replace(SAFE, money=MoneyState.REFUNDING), truth("merchant", 12_800), "refunding"),
        (
            replace(SAFE, cause=Cause.REFUND_IN_PROGRESS, variant=None, money=MoneyState.UNCLEAR),
            truth("merchant", 12_800),
            "a return that does not exist",
        ),
        (
            replace(SAFE, money=MoneyState.REFUNDING, money_amount=Money(12_801, "CNY")),
            truth("merchant", 12_800, Return("refund", PRICE, "moving")),
            "refunding (12801 CNY)",
        ),
        (replace(SAFE, values={"shortfall": Money(5, "CNY")}), truth(), "amount from nowhere"),
    ],
)
def test_the_judge_sees(answer: Diagnosis, world: Truth, word: str) -> None:
    assert any(word in what for what in said(answer, world)), said(answer, world)
