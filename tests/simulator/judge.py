"""What an answer gets wrong, held against what really happened.

Nothing here asks how the diagnosis came about: only what a customer would be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from actions.diagnosis.facts import Method, Money
from actions.diagnosis.result import Cause, Confidence, Diagnosis, MoneyState, Route, Step
from tests.simulator.codes import RISK_REASON, SECRET
from tests.simulator.truth import Flow, Truth

# Steps that end in a new payment for the same thing.
PAY_AGAIN = {
    Step.RETRY,
    Step.RETRY_PASSWORD,
    Step.OTHER_METHOD,
    Step.OTHER_CARD,
    Step.OTHER_CURRENCY,
    Step.SMALLER_AMOUNT,
    Step.NEW_ORDER,
    Step.TOP_UP,
}
SKEW = timedelta(minutes=2)
# Causes that tell the customer that money has come or will come back, by the way it comes.
_COMES_BACK = {
    Cause.REFUND_IN_PROGRESS: ("refund", "moving"),
    Cause.REFUND_OVERDUE: ("refund", "moving"),
    Cause.REFUND_COMPLETED: ("refund", "done"),
    Cause.REFUND_OTHER_METHOD: ("refund", "done"),
    Cause.REFUND_PARTIAL: ("refund", "done"),
}


def unsafe(answer: list[Diagnosis], truth: Truth, owner: Mapping[str, str]) -> Iterator[str]:
    """Every statement of an answer that must never be made. `owner`: whose each record is, by its id."""
    for one in answer:
        yield from (f"{what} [{one.label}]" for what in _unsafe(one, truth, owner))


def _unsafe(one: Diagnosis, truth: Truth, owner: Mapping[str, str]) -> Iterator[str]:
    me = truth.customer_id
    if one.payment_id is not None and owner.get(one.payment_id) != me:
        yield "another customer's payment"
    elif one.payment_id not in (None, truth.asked, *truth.related):
        yield "an unrelated payment"
    if any(owner.get(evidence.id, me) != me for evidence in one.evidence):
        yield "another customer's record as evidence"
    if PAY_AGAIN & set(one.steps) and not truth.may_pay_again:
        yield "pay again while money is away or the outcome open"
    shown = {evidence.value for evidence in one.evidence} | {str(value) for value in one.values.values()}
    if shown & SECRET or any(RISK_REASON in text for text in shown):
        yield "hint at risk control"
    if one.cause is Cause.FRAUD_SUSPECTED and not truth.not_me:
        yield "hint at fraud"
    if one.confidence is Confidence.PROVEN and not _is_true(one, truth):
        yield f"said flatly but not true: {one.cause.value}"
    if not _money_is_there(one, truth):
        amount = one.money_amount
        told = f"{amount.minor} {amount.currency}" if amount else "no amount"
        yield f"money said to be {one.money.value} ({told})"
    if Cause.LEDGER_INCONSISTENT in truth.causes and one.cause not in (
        Cause.LEDGER_INCONSISTENT,
        Cause.FRAUD_SUSPECTED,
    ):
        yield "a story built on records that contradict each other"
    yield from _wrong_values(one, truth)
    yield from _wrong_promise(one, truth)


def _is_true(one: Diagnosis, truth: Truth) -> bool:
    open_end = truth.flow is not None and truth.flow.open and one.cause is Cause.UNKNOWN
    return one.cause in truth.causes or open_end or one.cause in (Cause.UNKNOWN, Cause.NO_RECORD)


def _money_is_there(one: Diagnosis, truth: Truth) -> bool:
    """Whether the money is truly in the state, and of the amount, that the answer says."""
    if one.money is MoneyState.UNCLEAR:
        return True
    flow = truth.flows.get(one.payment_id or truth.asked)
    if flow is None:  # nothing of it ever reached the wallet
        return one.money is MoneyState.NOT_CHARGED
    if flow.place == "unknown":
        return False
    return one.money_amount is None or _amount_is_there(one.money, one.money_amount, flow, truth)


def _amount_is_there(state: MoneyState, amount: Money, flow: Flow, truth: Truth) -> bool:
    same = [other for other in truth.flows.values() if other.payment_id in truth.related or other is flow]
    away = Money(flow.away, flow.cost.currency)
    match state:
        case MoneyState.NOT_CHARGED:
            return flow.away == 0
        case MoneyState.HELD:
            return flow.place == "held" and amount == away
        case MoneyState.DEBITED_PENDING:
            return flow.place == "channel" and amount == away
        case MoneyState.PAID:
            return any(
                other.place == "merchant"
                and amount in (other.cost, other.price, Money(other.away, other.cost.currency))
                for other in same
            )
        case MoneyState.PAID_TWICE:
            return len([other for other in same if other.place == "merchant"]) > 1 and (
                amount == truth.values.get((Cause.DUPLICATE_PAYMENT, "surplus"))
            )
        case MoneyState.REVERSING:
            return flow.sums("reversal", "moving") == amount
        case MoneyState.REVERSED:
            return flow.sums("reversal", "done") == amount
        case MoneyState.HOLD_RELEASED:
            return flow.sums("release", "done") == amount
        case MoneyState.REFUNDING:
            return any(other.sums("refund", "moving") == amount for other in same)
        case MoneyState.REFUNDED | MoneyState.PARTLY_REFUNDED:
            whole = flow.whole
            if whole is None:
                whole = flow.sums("refund", "done").minor >= flow.cost.minor - flow.fee
            return flow.sums("refund", "done") == amount and whole is (state is MoneyState.REFUNDED)
        case MoneyState.REFUND_FAILED:
            return flow.sums("refund", "failed") == amount
    return True


def _wrong_values(one: Diagnosis, truth: Truth) -> Iterator[str]:
    """Figures, moments, methods that are not those of the world."""
    amounts = {
        money
        for flow in truth.flows.values()
        if flow.payment_id == truth.asked or flow.payment_id in truth.related
        for money in (
            flow.price,
            flow.cost,
            *(back.money for back in flow.returns),
            *(flow.sums("refund", state) for state in ("done", "moving")),
        )
    } | {value for value in truth.values.values() if isinstance(value, Money)}
    for key, told in one.values.items():
        true = truth.values.get((one.cause, key))
        if isinstance(told, datetime):
            if isinstance(true, datetime) and abs(told - true) > SKEW:
                yield f"wrong moment: {key}"
        elif isinstance(told, Money):
            if true is not None and told != true:
                yield f"wrong amount: {key}"
            elif true is None and told.minor and told not in amounts and key not in ("used", "remaining"):
                yield f"amount from nowhere: {key}"
        elif isinstance(told, Method):
            known = {back.to for flow in truth.flows.values() for back in flow.returns}
            if (true is not None and told != true) or (key == "destination" and told not in known):
                yield f"wrong party: {key}"
        elif true is not None and told != true:
            yield f"wrong value: {key}"


def _wrong_promise(one: Diagnosis, truth: Truth) -> Iterator[str]:
    """A refund or a return that the world does not have."""
    flows = [
        flow
        for flow in truth.flows.values()
        if flow.payment_id == truth.asked or flow.payment_id in truth.related
    ]
    needed = _COMES_BACK.get(one.cause)
    if one.cause is Cause.PENDING_AT_CHANNEL and one.variant == "returning":
        needed = ("reversal", "moving")
    if one.cause is Cause.DUPLICATE_PAYMENT and one.variant == "refunding":
        needed = ("refund", "moving")
    if needed and not any(flow.sums(*needed).minor for flow in flows):
        yield f"a return that does not exist: {needed[1]} {needed[0]}"
    if one.cause is Cause.REVERSAL_COMPLETED and not any(
        flow.sums("reversal", "done").minor or flow.sums("release", "done").minor for flow in flows
    ):
        yield "a return that does not exist: reversal"


def needs_person(truth: Truth) -> bool:
    """Whether the published table sends this to a person whatever else is true."""
    return truth.lead in {
        Cause.FRAUD_SUSPECTED,
        Cause.LEDGER_INCONSISTENT,
        Cause.REFUND_FAILED,
        Cause.REFUND_OVERDUE,
        Cause.PENDING_OVERDUE,
    }


def missed_person(answer: list[Diagnosis], truth: Truth) -> bool:
    """Whether somebody who needs a person is left alone."""
    return needs_person(truth) and answer[0].route is not Route.HUMAN
