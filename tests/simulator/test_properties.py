"""Of any sound world: an answer without error, always the same, about the customer's own payments alone,
no money made up. Of a broken one: records inconsistent, to a person."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from actions.diagnosis import diagnose
from actions.diagnosis.facts import Facts, MethodKind, Money, Payment, PaymentStatus, Posting, RefundStatus
from actions.diagnosis.result import Cause, MoneyState, Route
from tests.simulator.store import reading, write
from tests.simulator.truth import Truth
from tests.simulator.world import World

ANY = settings(max_examples=250, deadline=None, derandomize=True)
COUNT = 220
numbers = st.integers(0, COUNT - 1)
Case = tuple[Truth, Facts]


class Cases(list[Case]):
    """Many questions, with a short name in a failure's report."""

    def __repr__(self) -> str:
        return f"<{len(self)} cases>"


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """The questions of one world, with the facts as the ledger gives them."""
    world, path = World(31, 0, COUNT), tmp_path_factory.mktemp("world") / "ledger.sqlite"

    async def read(path: Path) -> Cases:
        found = Cases()
        async with reading(path) as ledger:
            for one in world.truths:
                facts = await ledger.facts(
                    one.customer_id, one.asked, not_me=one.not_me, claims_duplicate=one.claims_duplicate
                )
                found.append((one, facts))
        return found

    write(world, path)
    return asyncio.run(read(path))


@ANY
@given(
    numbers,
    st.booleans(),
    st.booleans(),
    st.timedeltas(timedelta(0), timedelta(days=9)),
    st.randoms(use_true_random=False),
)
def test_any_sound_world_gets_the_same_answer_about_its_own_payments(
    cases: Cases, number: int, not_me: bool, twice: bool, later: timedelta, by: random.Random
) -> None:
    truth, facts = cases[number]
    facts, now = replace(facts, not_me=not_me, claims_duplicate=twice), truth.now + later
    answer = diagnose(facts, now)
    assert answer
    assert answer == diagnose(_shuffled(facts, by), now)
    own = {one.id for one in (facts.payment, *facts.siblings) if one}
    assert {one.payment_id for one in answer} <= own | {None}
    if Cause.LEDGER_INCONSISTENT not in truth.causes:
        assert Cause.LEDGER_INCONSISTENT not in {one.cause for one in answer}


@ANY
@given(numbers)
def test_no_more_money_is_spoken_of_than_there_is(cases: Cases, number: int) -> None:
    truth, facts = cases[number]
    for one in diagnose(facts, truth.now):
        about = next((p for p in (facts.payment, *facts.siblings) if p and p.id == one.payment_id), None)
        if about is None or one.money_amount is None or one.money is MoneyState.UNCLEAR:
            continue
        at_most = [about.amount, *(_price(p) for p in (about, *facts.siblings))]
        at_most += [leg.amount for leg in about.postings]
        times = sum(p.order_no == about.order_no for p in facts.siblings) + 1
        same = [money.minor for money in at_most if money.currency == one.money_amount.currency]
        assert 0 < one.money_amount.minor <= max(same) * times


@ANY
@given(numbers, st.data())
def test_a_broken_ledger_is_for_a_person_and_tells_no_story(
    cases: Cases, number: int, data: st.DataObject
) -> None:
    truth, facts = cases[number]
    assume(facts.payment is not None and facts.payment.postings)
    assume(Cause.LEDGER_INCONSISTENT not in truth.causes)  # else breaking it once more may mend it
    assert facts.payment is not None
    break_it = data.draw(st.sampled_from(BREAKS))
    payment = break_it(facts.payment, data)
    assume(payment is not None)
    answer = diagnose(replace(facts, payment=payment), truth.now)
    assert {one.cause for one in answer} <= {Cause.LEDGER_INCONSISTENT, Cause.FRAUD_SUSPECTED}
    assert any(one.cause is Cause.LEDGER_INCONSISTENT for one in answer)
    for one in answer:
        assert (one.route, one.money, one.money_amount) == (Route.HUMAN, MoneyState.UNCLEAR, None)


def _shuffled(facts: Facts, by: random.Random) -> Facts:
    def mixed(payment: Payment) -> Payment:
        return replace(
            payment,
            attempts=tuple(by.sample(payment.attempts, len(payment.attempts))),
            postings=tuple(by.sample(payment.postings, len(payment.postings))),
            refunds=tuple(by.sample(payment.refunds, len(payment.refunds))),
        )

    siblings = [mixed(one) for one in facts.siblings]
    by.shuffle(siblings)
    return replace(facts, payment=facts.payment and mixed(facts.payment), siblings=tuple(siblings))


def _price(payment: Payment) -> Money:
    if payment.fx:
        return payment.fx.converted + payment.fx.fee
    return payment.amount + payment.fee if payment.fee else payment.amount


# Each takes a payment and gives it back with one thing in it that cannot be; None if it has no such thing.


def _lost_leg(payment: Payment, data: st.DataObject) -> Payment | None:
    lost = data.draw(st.sampled_from(payment.postings))
    return replace(payment, postings=tuple(one for one in payment.postings if one is not lost))


def _wrong_amount(payment: Payment, data: st.DataObject) -> Payment | None:
    leg = data.draw(st.sampled_from(payment.postings))
    by = data.draw(st.integers(-100_000, 100_000).filter(bool))
    wrong = replace(leg, amount=Money(leg.amount.minor + by, leg.amount.currency))
    return replace(payment, postings=tuple(wrong if one is leg else one for one in payment.postings))


def _wrong_currency(payment: Payment, data: st.DataObject) -> Payment | None:
    leg = data.draw(st.sampled_from(payment.postings))
    wrong = replace(leg, amount=Money(leg.amount.minor, data.draw(st.sampled_from(["XBT", "THB"]))))
    return replace(payment, postings=tuple(wrong if one is leg else one for one in payment.postings))


def _taken_twice(payment: Payment, data: st.DataObject) -> Payment | None:
    if payment.status in (PaymentStatus.VOIDED, PaymentStatus.AUTH_EXPIRED):
        return None  # a second hold that has yet to be let go
    first = [one for one in payment.postings if one.transaction_id == payment.postings[0].transaction_id]
    again: list[Posting] = [replace(one, id=f"{one.id}-2", transaction_id="again") for one in first]
    return replace(payment, postings=(*payment.postings, *again))


def _lost_credit(payment: Payment, data: st.DataObject) -> Payment | None:
    done = [one for one in payment.refunds if one.status is RefundStatus.SUCCEEDED]
    if not any(leg.refund_id == one.id for one in done for leg in payment.postings):
        return None
    left = tuple(one for one in payment.postings if one.refund_id is None)
    to_wallet = any(one.destination.kind is MethodKind.BALANCE for one in done)
    return replace(payment, postings=left) if left or to_wallet else None


def _failed_after_capture(payment: Payment, data: st.DataObject) -> Payment | None:
    return replace(payment, status=PaymentStatus.FAILED) if payment.captured_at else None


BREAKS: list[Callable[[Payment, st.DataObject], Payment | None]] = [
    _lost_leg,
    _wrong_amount,
    _wrong_currency,
    _taken_twice,
    _lost_credit,
    _failed_after_capture,
]
