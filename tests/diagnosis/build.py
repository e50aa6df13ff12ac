"""Facts written by hand: the same moment, merchant and customer everywhere, each test says what differs.

Alice pays at the café at `TRIED`, two hours before `NOW`. Builders return sound records: money that
moved has its postings, and every transaction balances.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from actions.diagnosis import diagnose
from actions.diagnosis.facts import (
    Account,
    Attempt,
    Customer,
    Facts,
    Incident,
    Limits,
    Merchant,
    Method,
    MethodKind,
    Money,
    Outcome,
    Payment,
    PaymentStatus,
    Posting,
    Refund,
    RefundStatus,
)
from actions.diagnosis.result import Cause, Diagnosis

NOW = datetime(2026, 3, 11, 4, 0, tzinfo=timezone.utc)  # noon in Shanghai
TRIED = NOW - timedelta(hours=2)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

BALANCE = Method(MethodKind.BALANCE)
CARD = Method(MethodKind.BANK_CARD, bank="ICBC", last4="7720")
OTHER_CARD = Method(MethodKind.BANK_CARD, bank="CCB", last4="0932")
CREDIT = Method(MethodKind.CREDIT_LINE)
CAFE = Merchant("cafe", "咖啡馆", "Café", channel="wechat_pay")
EUROPE = Merchant(
    "brasserie",
    "小馆",
    "Brasserie",
    channel="stripe",
    country="FR",
    currencies=frozenset({"EUR"}),
)


def cny(minor: int) -> Money:
    """Yuan, in fen."""
    return Money(minor, "CNY")


PRICE = cny(10_000)
ALICE = Customer(
    "alice", "Alice", "en", "Asia/Shanghai", "CN", "2.0", accounts=(Account("CNY", cny(20_000), cny(0)),)
)


def attempt(code: str | None = None, rail: str | None = "wallet", **more: Any) -> Attempt:
    """One try, declined, that reached the server."""
    at = more.setdefault("started_at", TRIED)
    sound: dict[str, Any] = {
        "id": "att",
        "outcome": Outcome.DECLINED,
        "channel": "wechat_pay",
        "finished_at": at + SECOND,
        "server_request_id": "req",
        "available_before": cny(50_000),
    }
    return Attempt(code=code, rail=rail if code else None, **{**sound, **more})


def payment(id: str = "pay", status: PaymentStatus = PaymentStatus.FAILED, **more: Any) -> Payment:
    """A purchase of 100.00 from the balance that failed; nothing booked."""
    at = more.setdefault("created_at", TRIED)
    sound: dict[str, Any] = {
        "order_no": f"order-{id}",
        "transaction_no": f"T-{id}",
        "merchant": CAFE,
        "amount": PRICE,
        "method": BALANCE,
        "ended_at": at + 2 * SECOND if status is PaymentStatus.FAILED else None,
    }
    return Payment(id=id, status=status, **{**sound, **more})


def declined(code: str | None = None, rail: str = "wallet", **more: Any) -> Payment:
    """The failed purchase with one declined try. Keywords of an attempt go to it, others to the payment."""
    of_attempt = Attempt.__dataclass_fields__.keys() - Payment.__dataclass_fields__.keys()
    own = {name: more.pop(name) for name in [*more] if name in of_attempt}
    return payment(attempts=(attempt(code, rail, **own),), **more)


def legs(
    what: str, at: datetime, *sides: tuple[str, str, int], payment_id: str = "pay", **more: Any
) -> tuple[Posting, ...]:
    """One transaction: (account, kind, minor units) a leg."""
    currency = more.pop("currency", "CNY")
    name = f"{payment_id}-{what}"
    return tuple(
        Posting(f"{name}-{number}", name, account, kind, Money(minor, currency), at, payment_id, **more)
        for number, (account, kind, minor) in enumerate(sides)
    )


def debit(
    at: datetime = TRIED, minor: int = 10_000, to: str = "channel", id: str = "pay"
) -> tuple[Posting, ...]:
    """Taken from the customer."""
    return legs("debit", at, ("customer", "debit", -minor), (to, "debit", minor), payment_id=id)


def hold(at: datetime = TRIED, minor: int = 10_000, id: str = "pay") -> tuple[Posting, ...]:
    """Reserved, not taken."""
    return legs("hold", at, ("customer", "hold", -minor), ("customer_hold", "hold", minor), payment_id=id)


def release(at: datetime, minor: int = 10_000, id: str = "pay") -> tuple[Posting, ...]:
    """The reserved money can be spent again."""
    return legs(
        "release", at, ("customer_hold", "release", -minor), ("customer", "release", minor), payment_id=id
    )


def reversal(at: datetime, minor: int = 10_000, id: str = "pay") -> tuple[Posting, ...]:
    """The channel gives a debit back."""
    return legs(
        "reversal", at, ("channel", "reversal", -minor), ("customer", "reversal", minor), payment_id=id
    )


def credit(refund: Refund, at: datetime, minor: int | None = None, id: str = "pay") -> tuple[Posting, ...]:
    """The posting that gives a refund back."""
    minor = refund.amount.minor if minor is None else minor
    return legs(
        f"credit-{refund.id}",
        at,
        ("merchant", "refund", -minor),
        ("customer", "refund", minor),
        payment_id=id,
        refund_id=refund.id,
    )


def bought(id: str = "pay", at: datetime = TRIED, **more: Any) -> Payment:
    """A purchase that went through: debited, captured, the merchant told."""
    of_wallet = more.get("method", BALANCE).kind is MethodKind.BALANCE
    amount = more.get("amount", PRICE)
    sound: dict[str, Any] = {
        "created_at": at,
        "captured_at": at + SECOND,
        "merchant_notified_at": at + 2 * SECOND,
        "postings": debit(at, amount.minor, to="merchant", id=id) if of_wallet else (),
        "attempts": (attempt(id=f"att-{id}", started_at=at, outcome=Outcome.APPROVED),),
    }
    status = more.pop("status", PaymentStatus.CAPTURED)
    return payment(id, status, **{**sound, **more})


def refund(
    status: RefundStatus = RefundStatus.PROCESSING,
    minor: int = 10_000,
    accepted_at: datetime = TRIED + HOUR,
    **more: Any,
) -> Refund:
    """A refund to the balance, still on its way."""
    done = accepted_at + MINUTE if status is RefundStatus.SUCCEEDED else None
    sound: dict[str, Any] = {"id": "ref", "amount": cny(minor), "destination": BALANCE, "completed_at": done}
    return Refund(status=status, accepted_at=accepted_at, **{**sound, **more})


def with_refunds(paid: Payment, *refunds: Refund) -> Payment:
    """A payment with refunds, each that arrived with its credit."""
    credits = tuple(
        leg
        for one in refunds
        if one.completed_at and paid.postings
        for leg in credit(one, one.completed_at, id=paid.id)
    )
    return replace(paid, refunds=refunds, postings=paid.postings + credits)


def incident(since: datetime, until: datetime | None = None, channel: str = "wechat_pay") -> Incident:
    """A disturbance of a channel."""
    return Incident(f"inc-{since.isoformat()}", channel, since, until, "故障", "Trouble")


def limits(**more: Any) -> Limits:
    """Limits in yuan (fen) by scope and use, resetting after `NOW` unless told otherwise."""
    money: dict[str, Any] = {
        name: cny(value) if isinstance(value, int) else value for name, value in more.items()
    }
    return Limits(**{"resets_at": NOW + 12 * HOUR, "month_resets_at": NOW + 20 * DAY, **money})


def facts(about: Payment | None, *siblings: Payment, **more: Any) -> Facts:
    """What the rules see, about Alice unless told otherwise."""
    return Facts(**{"customer": ALICE, "payment": about, "siblings": siblings, **more})


def of(about: Payment | None, *siblings: Payment, now: datetime = NOW, **more: Any) -> list[Diagnosis]:
    """The diagnoses, the one that leads first."""
    return diagnose(facts(about, *siblings, **more), now)


def lead(about: Payment | None, *siblings: Payment, now: datetime = NOW, **more: Any) -> Diagnosis:
    """The diagnosis that leads."""
    return of(about, *siblings, now=now, **more)[0]


def causes(diagnoses: list[Diagnosis]) -> list[Cause]:
    """Their causes, in order."""
    return [one.cause for one in diagnoses]
