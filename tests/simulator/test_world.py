"""The simulated world keeps a wallet's books, is the same for the same seed, and has every cause in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from sqlalchemy import create_engine

from actions.diagnosis.result import Cause
from actions.ledger.models import Base
from tests.simulator.stories import STORIES
from tests.simulator.truth import PRIORITY, Happened, lead
from tests.simulator.world import TABLES, World

# These are told with books that are wrong on purpose.
BROKEN = {"records_contradict_each_other", "trouble_in_broken_books"}


@pytest.fixture(scope="module")
def many() -> list[World]:
    """Six hundred questions."""
    return [World(11, number, 200) for number in range(3)]


@pytest.fixture(scope="module")
def sound(many: list[World]) -> list[tuple[World, set[str]]]:
    """Each world with its customers whose books are right."""
    return [
        (
            world,
            {row["id"] for row in world.tables["customers"]}
            - {truth.customer_id for truth in world.truths if truth.story in BROKEN},
        )
        for world in many
    ]


def test_the_same_seed_gives_the_same_world() -> None:
    one, same, other = World(3, 1, 40), World(3, 1, 40), World(4, 1, 40)
    assert (one.now, one.tables, one.truths) == (same.now, same.tables, same.truths)
    assert one.tables["payments"] != other.tables["payments"]


def test_every_transaction_balances_in_each_currency(sound: list[tuple[World, set[str]]]) -> None:
    for world, customers in sound:
        sums: Counter[tuple[str, str]] = Counter()
        for row in world.tables["postings"]:
            if row["customer_id"] in customers:
                sums[row["transaction_id"], row["currency"]] += row["minor"]
        assert len(sums) > 1000
        assert not [key for key, total in sums.items() if total]


def test_balances_run_without_gaps_and_never_below_zero(sound: list[tuple[World, set[str]]]) -> None:
    for world, customers in sound:
        running: Counter[tuple[str, str]] = Counter()
        for row in world.tables["postings"]:
            if row["wallet_account_id"] and row["customer_id"] in customers:
                side = (row["wallet_account_id"], row["account"])
                running[side] += row["minor"]
                assert row["balance_after"] == running[side] >= 0, row
        for account in world.tables["wallet_accounts"]:
            if account["customer_id"] in customers:
                free, frozen = (running[account["id"], side] for side in ("customer", "customer_hold"))
                assert (account["total_minor"], account["frozen_minor"]) == (free + frozen, frozen)


def test_what_the_world_says_is_away_is_away_in_the_books(sound: list[tuple[World, set[str]]]) -> None:
    for world, customers in sound:
        legs: dict[str, int] = defaultdict(int)
        booked = set()
        for row in world.tables["postings"]:
            if row["account"] == "customer" and row["payment_id"] and not row["refund_id"]:
                booked.add(row["payment_id"])
                legs[row["payment_id"]] -= row["minor"]
        for truth in world.truths:
            for flow in truth.flows.values():
                if truth.customer_id in customers and flow.payment_id in booked:
                    assert legs[flow.payment_id] == flow.away, (truth.story, flow)


def test_the_database_takes_it_with_all_its_keys(many: list[World]) -> None:
    engine = create_engine("sqlite://", future=True)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        for table in TABLES:
            connection.execute(Base.metadata.tables[table].insert(), many[0].tables[table])
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_nothing_is_from_the_future_but_by_the_difference_of_clocks(many: list[World]) -> None:
    for world in many:
        latest: list[Any] = [row["posted_at"] for row in world.tables["postings"]]
        latest += [row["started_at"] for row in world.tables["attempts"]]
        assert (max(latest) - world.now).total_seconds() <= 90


def test_every_story_is_told_and_every_cause_leads_somewhere() -> None:
    told: Counter[str] = Counter()
    led: Counter[Cause] = Counter()
    for number in range(10):
        for truth in World(5, number, 200).truths:
            told[truth.story] += 1
            led[truth.lead] += 1
    assert set(told) == set(STORIES)
    assert set(led) == set(Cause)


def test_the_published_order_decides_between_causes() -> None:
    assert sorted(cause for line in PRIORITY for cause in line) == sorted(Cause)
    balance = Happened(Cause.INSUFFICIENT_BALANCE)
    merchant = Happened(Cause.MERCHANT_NOT_INTEGRATED, recorded=True)
    assert lead([balance, merchant]) is Cause.MERCHANT_NOT_INTEGRATED
    assert lead([balance, Happened(Cause.APP_OUTDATED)]) is Cause.INSUFFICIENT_BALANCE
    assert lead([merchant, Happened(Cause.ACCOUNT_RESTRICTED)]) is Cause.ACCOUNT_RESTRICTED
    assert lead([balance, Happened(Cause.FRAUD_SUSPECTED)]) is Cause.FRAUD_SUSPECTED
    assert lead([Happened(Cause.CHANNEL_OUTAGE, traced=False)]) is Cause.UNKNOWN
