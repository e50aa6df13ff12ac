"""Hypothesis strategies: any facts at all, mostly sound ones."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from actions.diagnosis.facts import (
    AppRelease,
    Attempt,
    Facts,
    FxQuote,
    Incident,
    InternationalSettings,
    Limits,
    MerchantHealth,
    Money,
    Outcome,
    PasswordLock,
    Payment,
    PaymentKind,
    PaymentStatus,
    Posting,
    Refund,
    RefundStatus,
    Restriction,
)
from tests.diagnosis.build import (
    ALICE,
    BALANCE,
    CAFE,
    CARD,
    CREDIT,
    DAY,
    EUROPE,
    HOUR,
    MINUTE,
    NOW,
    OTHER_CARD,
    TRIED,
    cny,
    debit,
    hold,
    release,
    reversal,
)

MOMENTS = [NOW - 2 * DAY, NOW - DAY, TRIED - HOUR, TRIED - MINUTE, TRIED, TRIED + MINUTE, NOW, NOW + HOUR]
moments = st.sampled_from(MOMENTS)
later = st.none() | moments
methods = st.sampled_from([BALANCE, BALANCE, CARD, OTHER_CARD, CREDIT])
amounts = st.sampled_from([4_000, 10_000, 10_000, 6_000_000]).map(cny)
codes = st.sampled_from(
    [
        (None, None),
        ("wallet", "INSUFFICIENT_BALANCE"),
        ("wallet", "LIMIT_DAILY"),
        ("wallet", "ACCOUNT_RESTRICTED"),
        ("wallet", "WRONG_PASSWORD"),
        ("wallet", "ORDER_PAID"),
        ("wallet", "ORDER_EXPIRED"),
        ("wallet", "INTL_DISABLED"),
        ("wallet", "APP_OUTDATED"),
        ("wechat", "SYSTEMERROR"),
        ("wechat", "NOAUTH"),
        ("iso8583", "57"),
        ("iso8583", "59"),
        ("iso8583", "09"),
        ("iso8583", "no such code"),
    ]
)
# Whole histories of postings. Those of a status are mostly drawn for it, so that many payments are sound.
BOOKINGS: list[tuple[Posting, ...]] = [
    (),
    debit(to="merchant"),
    debit(),
    debit() + reversal(TRIED + MINUTE),
    hold(),
    hold() + release(TRIED + HOUR),
    debit(minor=4_000),
    debit()[:1],
]
USUAL: dict[PaymentStatus, list[tuple[Posting, ...]]] = {
    PaymentStatus.CREATED: [()],
    PaymentStatus.AUTHENTICATING: [()],
    PaymentStatus.PROCESSING: [(), debit()],
    PaymentStatus.UNKNOWN: [(), debit()],
    PaymentStatus.AUTHORIZED: [hold()],
    PaymentStatus.FAILED: [(), (), debit(), debit() + reversal(TRIED + MINUTE)],
    PaymentStatus.REVERSING: [debit()],
    PaymentStatus.REVERSED: [debit() + reversal(TRIED + MINUTE)],
    PaymentStatus.VOIDED: [hold() + release(TRIED + HOUR)],
    PaymentStatus.AUTH_EXPIRED: [hold() + release(TRIED + HOUR)],
    PaymentStatus.EXPIRED: [()],
    PaymentStatus.CLOSED: [()],
    PaymentStatus.CANCELED: [()],
}


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    """One try."""
    rail, code = draw(codes)
    at = draw(moments)
    return Attempt(
        id=f"att-{draw(st.integers(0, 10_000))}",
        started_at=at,
        outcome=draw(st.sampled_from(Outcome)),
        channel=draw(st.sampled_from(["wechat_pay", "stripe"])),
        finished_at=draw(st.none() | st.just(at + MINUTE)),
        rail=rail,
        code=code,
        server_request_id=draw(st.sampled_from([None, "req"])),
        client_timed_out=draw(st.booleans()),
        client_crashed=draw(st.booleans()),
        app_version=draw(st.sampled_from([None, "1.9", "2.0", "beta"])),
        available_before=draw(st.sampled_from([None, cny(0), cny(10_000), Money(5, "USD")])),
        limits=draw(
            st.builds(Limits, daily=st.none() | amounts, used_today=st.none() | amounts, resets_at=later)
        ),
        wrong_password_tries=draw(st.integers(0, 6)),
    )


refunds = st.builds(
    Refund,
    id=st.integers(0, 10_000).map(lambda n: f"ref-{n}"),
    amount=amounts,
    status=st.sampled_from(RefundStatus),
    accepted_at=moments,
    destination=methods,
    completed_at=later,
)


@st.composite
def payments(draw: st.DrawFn, id: str = "pay") -> Payment:
    """One payment in any state."""
    status, sound = draw(st.sampled_from(PaymentStatus)), draw(st.integers(0, 4)) > 0
    booked = draw(st.sampled_from(USUAL.get(status, [debit(to="merchant")]) if sound else BOOKINGS))
    taken = status not in USUAL
    created = draw(moments)
    method = draw(methods)
    abroad = draw(st.integers(0, 5)) == 0
    fx = FxQuote(Decimal("7.8"), converted=cny(78_000), fee=cny(100)) if abroad else None
    return Payment(
        id=id,
        order_no=draw(st.sampled_from(["A", "A", "B"])),
        transaction_no=f"T-{id}",
        merchant=EUROPE if abroad else CAFE,
        amount=Money(10_000, "EUR") if abroad else (cny(10_000) if sound else draw(amounts)),
        method=method,
        status=status,
        created_at=created,
        kind=draw(st.sampled_from(PaymentKind)),
        fee=draw(st.sampled_from([None, cny(50)])) if not (abroad or sound) else None,
        country="FR" if abroad else "CN",
        link_key=draw(st.sampled_from([None, "cart"])),
        expires_at=draw(later),
        authorized_at=None if sound else draw(later),
        captured_at=(created if taken else None) if sound else draw(later),
        ended_at=draw(later),
        merchant_notified_at=draw(later),
        fx=fx,
        attempts=tuple(draw(st.lists(attempts(), max_size=3, unique_by=lambda one: one.id))),
        postings=() if sound and (abroad or method != BALANCE) else booked,
        refunds=tuple(draw(st.lists(refunds, max_size=2, unique_by=lambda one: one.id)))
        if taken or not sound
        else (),
    )


@st.composite
def all_facts(draw: st.DrawFn) -> Facts:
    """Anything that the ledger might hand over."""
    customer = replace(
        ALICE,
        restrictions=tuple(
            draw(st.lists(st.builds(Restriction, st.just("frozen"), moments, later), max_size=2))
        ),
        locks=tuple(draw(st.lists(st.builds(PasswordLock, moments, moments, st.just(5)), max_size=2))),
        international=InternationalSettings(
            draw(st.sampled_from([None, True, False])), draw(later), draw(st.booleans())
        ),
    )
    channel = st.sampled_from(["wechat_pay", "stripe"])
    return Facts(
        customer=customer,
        payment=draw(payments()) if draw(st.integers(0, 9)) else None,
        siblings=tuple(draw(payments(f"sibling-{n}")) for n in range(draw(st.integers(0, 2)))),
        incidents=tuple(
            draw(
                st.builds(Incident, st.just(f"inc-{n}"), channel, moments, later, st.just("x"), st.just("x"))
            )
            for n in range(draw(st.integers(0, 2)))
        ),
        releases=draw(st.sampled_from([(), (AppRelease("2.0", TRIED - DAY, minimum_from=TRIED),)])),
        merchant_health=MerchantHealth(draw(st.integers(0, 1)), draw(st.integers(0, 9))),
        not_me=draw(st.integers(0, 9)) == 9,
        claims_duplicate=draw(st.booleans()),
    )


def shuffled(facts: Facts, by: random.Random) -> Facts:
    """The same records in another order."""

    def mixed(records: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(by.sample(records, len(records)))

    def of(payment: Payment) -> Payment:
        return replace(
            payment,
            attempts=mixed(payment.attempts),
            postings=mixed(payment.postings),
            refunds=mixed(payment.refunds),
        )

    return replace(
        facts,
        payment=of(facts.payment) if facts.payment else None,
        siblings=mixed(tuple(map(of, facts.siblings))),
        incidents=mixed(facts.incidents),
        customer=replace(
            facts.customer,
            restrictions=mixed(facts.customer.restrictions),
            locks=mixed(facts.customer.locks),
        ),
    )
