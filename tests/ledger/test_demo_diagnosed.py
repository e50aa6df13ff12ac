"""Each story of the demo, by the real rules over the real database, ends in the cause it was told for."""

from __future__ import annotations

from dataclasses import replace

from actions.diagnosis import diagnose
from actions.diagnosis.result import Cause
from actions.ledger import Ledger
from actions.ledger.demo import DemoLedger

# By the priority list money in motion is said before what is settled: these come second, not first.
SAID_SECOND = {(Cause.REFUND_PARTIAL, "rest_pending")}


async def test_every_story_leads_to_its_cause(demo: DemoLedger, demo_ledger: Ledger) -> None:
    wrong = []
    for payment_id, (customer_id, cause, variant) in demo.expected.items():
        facts = await demo_ledger.facts(customer_id, payment_id, not_me=cause is Cause.FRAUD_SUSPECTED)
        said = [(d.cause, d.variant) for d in diagnose(facts, demo.now)]
        place = 1 if (cause, variant) in SAID_SECOND else 0
        if said[place : place + 1] != [(cause, variant)]:
            wrong.append(f"{payment_id}: told for {cause.value} {variant}, diagnosed {said}")
    assert wrong == []


async def test_ordinary_payments_are_well(demo: DemoLedger, demo_ledger: Ledger) -> None:
    wrong = []
    for payment in demo.tables["payments"]:
        if payment["id"] in demo.expected or payment["status"] != "captured":
            continue
        facts = await demo_ledger.facts(payment["customer_id"], payment["id"])
        lead = diagnose(replace(facts, siblings=()), demo.now)[0]
        if lead.cause not in (Cause.SUCCEEDED, Cause.NETWORK_RESPONSE_LOST):
            wrong.append(f"{payment['id']}: {lead.label}")
    assert wrong == []


async def test_a_customer_who_never_paid_and_one_whose_payment_is_not_found(
    demo: DemoLedger, demo_ledger: Ledger
) -> None:
    for who, label in (
        ("cust_xiao_yu", "no_record_no_payments"),
        ("cust_qian_yi", "no_record_nothing_matches"),
    ):
        facts = await demo_ledger.facts(who, None)
        assert diagnose(facts, demo.now)[0].label == label
