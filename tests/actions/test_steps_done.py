"""Ticked fix steps: the records are read again; and how it was is asked only when it went well."""

from __future__ import annotations

from datetime import timedelta

from actions.dialogue import Goodbye, Thanks
from actions.follow_up import StepsDone, StillNotWorking
from actions.ledger import Ledger
from actions.ledger.demo import DemoLedger
from actions.payments import DiagnosePayment, ReportUnauthorised
from tests.actions.harness import Talk

RATING = {"kind": "rating_request"}


def of(demo: DemoLedger, ledger: Ledger, customer_id: str | None = "cust_lin_wei") -> Talk:
    return Talk(ledger, customer_id, demo.now)


async def steps_of_the_coffee(talk: Talk) -> list[str]:
    said = await talk.does(DiagnosePayment, "payment_failed", "在星巴克付款失败", merchant="星巴克")
    steps = [name for name in said if name.startswith("utter_step_")]
    assert len(steps) > 1
    return steps


async def test_the_next_step_is_named_outside_the_list(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger)
    steps = await steps_of_the_coffee(talk)
    said = await talk.does(StepsDone, "steps_done", done="0", of=str(len(steps)))
    assert said == ["utter_steps_next", steps[1]]
    assert all(not one.get("custom") for one in talk.said)


async def test_all_done_without_a_change_offers_a_person(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger)
    steps = await steps_of_the_coffee(talk)
    ticked = ",".join(str(n) for n in range(len(steps)))
    said = await talk.does(StepsDone, "steps_done", done=ticked, of=str(len(steps)))
    assert said == ["utter_unchanged", "utter_offer_human"]


async def test_a_change_is_told_instead(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger)
    await steps_of_the_coffee(talk)
    talk.now += timedelta(hours=30)
    said = await talk.does(StepsDone, "steps_done", done="0", of="3")
    assert said[0] == "utter_changed"
    assert "utter_cause_pending_overdue" in said


async def test_topped_up_is_seen(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger, "cust_tom_harris")
    said = await talk.does(DiagnosePayment, "payment_failed", "my Taobao order", merchant="Taobao")
    steps = [name for name in said if name.startswith("utter_step_")]
    assert "utter_now_enough" in await talk.does(StepsDone, "steps_done", done="9", of=str(len(steps)))


async def test_what_worked_is_said_warmly(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger)
    await steps_of_the_coffee(talk)
    payments = await demo_ledger.payments("cust_lin_wei", since=demo.now - timedelta(days=180), limit=100)
    [good] = [p for p in payments if p.id != talk.slots["focus"] and p.status.value == "captured"][:1]
    talk.slots["focus"] = good.id
    said = await talk.does(StepsDone, "steps_done", done="0", of="3")
    assert said[0] == "utter_steps_worked"
    assert "utter_cause_succeeded_notified" in said


async def test_after_a_payment_that_was_not_theirs_the_steps_are_those_that_protect(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    for customer_id in ("cust_song_jia", None):
        talk = of(demo, demo_ledger, customer_id)
        await talk.does(ReportUnauthorised, "unauthorized_transaction", "有人盗刷")
        said = await talk.does(StepsDone, "steps_done", done="0,3", of="4")
        assert said == ["utter_steps_next", "utter_step_change_password"]
        assert await talk.does(StepsDone, "steps_done", done="0,1,2,3", of="4") == ["utter_steps_thanks"]


async def test_ticks_without_any_payment_are_acknowledged(demo: DemoLedger, demo_ledger: Ledger) -> None:
    assert await of(demo, demo_ledger).does(StepsDone, "steps_done", done="", of="2") == [
        "utter_steps_thanks"
    ]


async def test_how_it_was_is_asked_once_after_an_answer(demo: DemoLedger, demo_ledger: Ledger) -> None:
    talk = of(demo, demo_ledger)
    await talk.does(Thanks, "thanks")
    assert talk.customs == []
    await steps_of_the_coffee(talk)
    assert await talk.does(Thanks, "thanks") == ["utter_thanks"]
    assert talk.customs == [RATING]
    assert await talk.does(Goodbye, "goodbye") == ["utter_goodbye"]
    assert talk.customs == []


async def test_how_it_was_is_not_asked_while_something_is_open(demo: DemoLedger, demo_ledger: Ledger) -> None:
    unsolved = of(demo, demo_ledger)
    await steps_of_the_coffee(unsolved)
    await unsolved.does(StillNotWorking, "still_not_working", "还是不行")
    waiting = of(demo, demo_ledger, "cust_zhang_min")
    await waiting.does(DiagnosePayment, "charged_not_completed", "京东付了899", merchant="京东")
    for talk in (unsolved, waiting):
        await talk.does(Goodbye, "goodbye", "再见")
        assert talk.customs == []
