"""Finds the payment that a customer means among their own records.

Pure: what was said (`Details`) and the payments go in, the ones that fit come out. A payment is
never guessed: several that fit are asked about, and none is a finding of its own (rule 4).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches

from actions.diagnosis.facts import Money, Outcome, Payment, PaymentKind, PaymentStatus, RefundStatus
from actions.formatting import to_minor
from actions.when import Span

RECENT = timedelta(days=3)  # "the payment that failed" said without more is most likely this fresh
MONTH = timedelta(days=30)

_FAILED = {
    PaymentStatus.FAILED,
    PaymentStatus.REVERSING,
    PaymentStatus.REVERSED,
    PaymentStatus.EXPIRED,
    PaymentStatus.CLOSED,
    PaymentStatus.CANCELED,
    PaymentStatus.VOIDED,
    PaymentStatus.AUTH_EXPIRED,
}
_OPEN = {
    PaymentStatus.CREATED,
    PaymentStatus.AUTHENTICATING,
    PaymentStatus.PROCESSING,
    PaymentStatus.UNKNOWN,
    PaymentStatus.AUTHORIZED,
}


@dataclass(frozen=True)
class Details:
    """What the customer said about the payment. Empty fields were not said."""

    amount: str | None = None  # decimal, major units
    currency: str | None = None  # ISO 4217
    merchant: str | None = None  # as said
    merchant_ids: frozenset[str] = frozenset()  # the customer's own merchants that it names
    when: Span | None = None
    order_no: str | None = None
    method: str | None = None  # MethodKind value
    country: str | None = None  # ISO 3166

    @property
    def empty(self) -> bool:
        """Whether nothing was said that could tell payments apart."""
        return self == Details()


@dataclass(frozen=True)
class Match:
    """The payments that fit, best first. `exact` is False when something said did not fit."""

    payments: tuple[Payment, ...]
    exact: bool = True


def named_merchants(text: str, payments: Sequence[Payment], said: str | None = None) -> frozenset[str]:
    """Ids of the merchants among `payments` that `text` names in Chinese or English.

    `said` is the merchant as the NLU knows it; where the records use a longer name ("12306" for
    "铁路12306"), it still counts. A word misspelt in one or two letters does too ("Starbuks").
    """
    words = [_plain(word) for word in re.findall(r"[A-Za-z']{5,}", text)]
    short = _plain(said or "")
    exact = {p.merchant.id for p in payments if any(_stands_in(name, text) for name in _spelt(p))}
    if exact:
        return frozenset(exact)
    longer = {p.merchant.id for p in payments if len(short) > 1 and any(short in n for n in _names(p))}
    if longer:
        return frozenset(longer)
    return frozenset(
        p.merchant.id for p in payments if any(get_close_matches(n, words, 1, 0.84) for n in _names(p))
    )


def _stands_in(name: str, text: str) -> bool:
    """Whether a text names it. A Latin name must be whole words: there is no DiDi in "why did it fail"."""
    if not name.isascii():
        return _plain(name) in _plain(text)
    spelt = r"\s*".join(map(re.escape, name.casefold().split()))
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.search(rf"(?<![a-z0-9]){spelt}(?![a-z0-9])", folded) is not None


def _plain(name: str) -> str:
    """Without case, width and spaces, so that 曼谷Big C is 曼谷 Big C."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name).casefold())


def find(
    payments: Sequence[Payment],
    details: Details,
    topic: str,
    now: datetime,
    attention: Callable[[Payment], bool],
) -> Match:
    """The payments meant by `details` when the customer talks about `topic`.

    `payments`: the customer's own, newest first. `attention` tells whether a payment by itself
    looks like trouble (`actions.diagnosis.needs_attention`).
    """
    if details.order_no:
        hits = [p for p in payments if _has_number(p, details.order_no)]
        return Match(_one_per_order(hits, attention))
    troubled = [p for p in payments if _fits_topic(p, payments, topic, attention)]
    if details.empty:
        return Match(_freshest(_one_per_purchase(troubled, topic, attention), now))
    hits = [p for p in payments if _fits(p, details)]
    if hits:
        # Of several, the one in trouble is meant, and of those the ones that are still fresh.
        preferred = [p for p in hits if is_troubled(p, attention)] or hits
        preferred = [p for p in preferred if p in troubled] or preferred
        said_when = details.when is not None
        chosen = _one_per_purchase(preferred, topic, attention)
        return Match(chosen if said_when else _freshest(chosen, now))
    # Something said fits no payment: people misremember one thing. Ask, never assume.
    near = [p for p in troubled if _nearly_fits(p, details)]
    near = near or [p for p in payments if is_troubled(p, attention) and _nearly_fits(p, details)]
    return Match(_one_per_purchase(near, topic, attention), exact=False)


def _spelt(payment: Payment) -> list[str]:
    """The ways in which its merchant's name may be written: Chinese, English, and its first word."""
    merchant = payment.merchant
    short = merchant.name_en.split(" ")[0]
    names = [merchant.name_zh, merchant.name_en] + ([short] if len(short) > 3 else [])
    return [name for name in names if len(name) > 1]


def _names(payment: Payment) -> list[str]:
    return [_plain(name) for name in _spelt(payment)]


def _has_number(payment: Payment, number: str) -> bool:
    wanted = number.casefold().replace(" ", "")
    return any(
        own.casefold() == wanted or (len(wanted) >= 6 and own.casefold().endswith(wanted))
        for own in (payment.order_no, payment.transaction_no)
    )


def _fits(payment: Payment, details: Details) -> bool:
    return (
        (details.amount is None or _amount_fits(payment, details.amount, details.currency))
        and (details.currency is None or details.currency in _currencies(payment))
        and (details.merchant is None or payment.merchant.id in details.merchant_ids)
        and (details.when is None or _time_fits(payment, details.when))
        and (details.method is None or payment.method.kind.value == details.method)
        and (details.country is None or payment.country == details.country)
    )


def _nearly_fits(payment: Payment, details: Details) -> bool:
    """Fits in what tells payments apart best: the shop or the amount; a lone wrong day also counts."""
    if details.merchant_ids or details.amount:
        return bool(
            payment.merchant.id in details.merchant_ids
            or (details.amount and _amount_fits(payment, details.amount, details.currency))
        )
    return not details.merchant and _fits(payment, replace(details, when=None))


def _time_fits(payment: Payment, span: Span) -> bool:
    moments = [payment.created_at, payment.captured_at, *(a.started_at for a in payment.attempts)]
    moments += [r.accepted_at for r in payment.refunds]
    return any(m in span for m in moments if m)


def _currencies(payment: Payment) -> set[str]:
    return {m.currency for m in _amounts(payment)}


def _amounts(payment: Payment) -> list[Money]:
    amounts = [payment.amount] + [r.amount for r in payment.refunds]
    if payment.fee and payment.fee.minor and payment.fee.currency == payment.amount.currency:
        amounts.append(payment.amount + payment.fee)
    if payment.fx:
        amounts.append(payment.fx.converted)
        if payment.fx.fee.currency == payment.fx.converted.currency:
            amounts.append(payment.fx.converted + payment.fx.fee)
    return amounts


def _amount_fits(payment: Payment, amount: str, currency: str | None) -> bool:
    def same(own: Money) -> bool:
        if currency and currency != own.currency:
            return False
        said = to_minor(amount, own.currency)
        if said == own.minor:
            return True
        # "128块" for ¥128.50: people leave out the small change.
        whole = to_minor("1", own.currency)
        return "." not in amount and said is not None and whole is not None and 0 < own.minor - said < whole

    return any(same(own) for own in _amounts(payment))


def _money_moved(payment: Payment) -> bool:
    """Whether the customer saw money leave or be held, even if it has come back since."""
    return any(p.account in ("customer", "customer_hold") for p in payment.postings)


def _fits_topic(
    payment: Payment, payments: Sequence[Payment], topic: str, attention: Callable[[Payment], bool]
) -> bool:
    if topic == "refund_timing":
        returning = {PaymentStatus.REVERSING, PaymentStatus.REVERSED}
        return bool(payment.refunds) or payment.status in returning or _failed_after_debit(payment)
    if topic == "duplicate_charge":
        return any(
            _twins(payment, other)
            # "The order is already paid": the refused try belongs to the question, too.
            and (_money_moved(payment) or (other.order_no == payment.order_no and _money_moved(other)))
            for other in payments
        )
    if topic == "charged_not_completed":
        return _money_moved(payment) and is_troubled(payment, attention)
    if topic in ("transaction_status", "unauthorized_transaction"):
        return True
    if topic == "international_payment":
        abroad = payment.country != "CN" or payment.fx is not None or payment.amount.currency != "CNY"
        return abroad and is_troubled(payment, attention)
    return is_troubled(payment, attention)


def is_troubled(payment: Payment, attention: Callable[[Payment], bool]) -> bool:
    """Whether a payment by itself gives cause to ask: its money is not well, or the customer saw an error."""
    return attention(payment) or _went_wrong(payment)


def _went_wrong(payment: Payment) -> bool:
    """Whether the customer saw an error, whatever became of the money (rule 1)."""
    bad = (Outcome.DECLINED, Outcome.NOT_SENT, Outcome.NO_RESPONSE)
    return payment.status in _FAILED or any(
        a.outcome in bad or a.client_timed_out or a.client_crashed for a in payment.attempts
    )


def _failed_after_debit(payment: Payment) -> bool:
    return payment.status in _FAILED | _OPEN and _money_moved(payment)


def _twins(payment: Payment, other: Payment) -> bool:
    """Whether two payments could look like one charge taken twice."""
    if payment.id == other.id:
        return False
    if payment.order_no == other.order_no:
        return True
    repeated = {PaymentKind.SUBSCRIPTION, PaymentKind.TRANSFER}
    return (
        payment.merchant.id == other.merchant.id
        and payment.amount == other.amount
        and _money_moved(other)
        and abs(payment.created_at - other.created_at) <= RECENT
        and (payment.kind not in repeated or abs(payment.created_at - other.created_at) <= timedelta(days=1))
    )


def _one_per_purchase(
    payments: Sequence[Payment], topic: str, attention: Callable[[Payment], bool]
) -> tuple[Payment, ...]:
    if topic != "duplicate_charge":
        return _one_per_order(payments, attention)
    chosen: list[Payment] = []
    for payment in payments:  # newest first: the later of two stands for both
        if not any(_twins(payment, other) for other in chosen):
            chosen.append(payment)
    return tuple(chosen)


def _one_per_order(payments: Sequence[Payment], attention: Callable[[Payment], bool]) -> tuple[Payment, ...]:
    """One payment for each order: the newest that needs attention, else the newest."""
    by_order: dict[str, Payment] = {}
    for payment in payments:
        kept = by_order.get(payment.order_no)
        if kept is None or (attention(payment) and not attention(kept)):
            by_order[payment.order_no] = payment
    return tuple(by_order.values())


def _freshest(payments: Sequence[Payment], now: datetime) -> tuple[Payment, ...]:
    """The latest ones; what is not over yet always counts as such."""
    for window in (RECENT, MONTH):
        fresh = tuple(p for p in payments if _last_event(p) >= now - window or _is_unfinished(p))
        if fresh:
            return fresh
    return tuple(payments)


def _is_unfinished(payment: Payment) -> bool:
    moving = (RefundStatus.REQUESTED, RefundStatus.PROCESSING, RefundStatus.REROUTED, RefundStatus.FAILED)
    money_away = (
        PaymentStatus.PROCESSING,
        PaymentStatus.UNKNOWN,
        PaymentStatus.AUTHORIZED,
        PaymentStatus.REVERSING,
    )
    return payment.status in money_away or any(r.status in moving for r in payment.refunds)


def _last_event(payment: Payment) -> datetime:
    return max([payment.created_at, *(r.accepted_at for r in payment.refunds)])
