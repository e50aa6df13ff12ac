"""The part of a scenario that says what was paid, how each try went, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from actions.diagnosis.facts import Money, Outcome, PaymentKind, PaymentStatus, RefundStatus
from tests.scenarios.document import BadScenario, Field
from tests.scenarios.moments import When, read_end, read_following, read_past
from tests.scenarios.scenario import Attempt, Customer, Merchant, Payment, Refund
from tests.scenarios.world import MERCHANTS, RAILS, RATES, amount, country

ONE_ATTEMPT = ("outcome", "code", "rail", "client", "wrong_password_tries", "new_device")
PAYMENT = (
    "merchant", "amount", "when", "status", "kind", "method", "fee", "country", "order_no", "cart", "expires",
    "available_before", "debited", "held", "captured", "ended", "reversed", "merchant_notified",
    *ONE_ATTEMPT, "attempts", "refunds",
)  # fmt: skip
ATTEMPT = ("when", *ONE_ATTEMPT, "country")
REFUND = (
    "amount", "accepted", "completed", "status", "destination", "credited", "reason_zh", "reason_en",
)  # fmt: skip

NOT_SENT = "not_sent"
_TAKEN = ("captured", "partially_refunded", "refunded", "disputed")
_HOLDS = ("authorized", "voided", "auth_expired")
_ENDED = (
    "failed", "reversing", "reversed", "voided", "auth_expired", "expired", "closed", "canceled",
)  # fmt: skip
# Which statuses these times make sense for; every other combination contradicts itself.
_ONLY_FOR: Mapping[str, tuple[str, ...]] = {
    "held": (*_HOLDS, *_TAKEN),
    "captured": _TAKEN,
    "merchant_notified": _TAKEN,
    "ended": _ENDED,
    "reversed": ("reversed",),
    "refunds": _TAKEN,
    "debited": tuple(s.value for s in PaymentStatus if s.value not in ("created", *_HOLDS)),
}


@dataclass(frozen=True)
class Names:
    """What a payment may refer to by name."""

    merchants: Mapping[str, Merchant]
    customer: Customer

    @property
    def balances(self) -> tuple[str, ...]:
        """Currencies in which the customer has a balance."""
        return (self.customer.currency, *(money.currency for money in self.customer.other_balances))

    @property
    def methods(self) -> tuple[str, ...]:
        """Ways to pay."""
        credit = ("credit_line",) if self.customer.credit_line else ()
        return ("balance", *credit, *(card.id for card in self.customer.cards))


def read_payment(field: Field, names: Names) -> Payment:
    """One payment."""
    found = field.mapping(PAYMENT, needed=("merchant", "amount", "when"))
    home = names.customer.currency
    refunds = tuple(_refund(item, names) for item in found["refunds"].items()) if "refunds" in found else ()
    paid = _payable(found["amount"], names)
    costs = paid.currency if paid.currency in names.balances else home
    status = _status(found, paid.minor, refunds)
    for name, statuses in _ONLY_FOR.items():
        if name in found and status not in statuses:
            raise found[name].bad(f"does not go with the status {status}, only with {', '.join(statuses)}")
    if status == "reversed" and "reversed" not in found:
        raise field.bad("the field reversed is missing: when the money was back")
    if status in ("voided", "auth_expired") and "ended" not in found:
        raise field.bad("the field ended is missing: when the hold was released")
    return Payment(
        where=field.where,
        merchant=_merchant(found["merchant"], names),
        amount=paid,
        when=read_past(found["when"]),
        status=status,
        kind=found["kind"].one_of(k.value for k in PaymentKind) if "kind" in found else "purchase",
        method=_method(found["method"], names) if "method" in found else "balance",
        fee=_in(found["fee"], paid.currency, least=1) if "fee" in found else None,
        country=country(found["country"]) if "country" in found else None,
        order_no=found["order_no"].text() if "order_no" in found else None,
        cart=found["cart"].text() if "cart" in found else None,
        expires=read_end(found["expires"]) if "expires" in found else None,
        available_before=_in(found["available_before"], costs, least=0)
        if "available_before" in found
        else None,
        debited=_debited(found["debited"]) if "debited" in found else None,
        held=_following(found, "held"),
        captured=_following(found, "captured"),
        ended=_following(found, "ended"),
        reversed=_following(found, "reversed"),
        merchant_notified=found["merchant_notified"].flag() if "merchant_notified" in found else True,
        attempts=_attempts(found, field, status),
        refunds=refunds,
    )


def _payable(field: Field, names: Names) -> Money:
    """An amount in a currency that the customer has, or that can be converted into theirs."""
    money = amount(field, names.customer.currency)
    if money.currency in names.balances or (names.customer.currency == "CNY" and money.currency in RATES):
        return money
    rated = f", or one with an exchange rate: {', '.join(RATES)}" if names.customer.currency == "CNY" else ""
    raise field.bad(f"must be in a currency of the customer's balances ({', '.join(names.balances)}){rated}")


def _in(field: Field, currency: str, *, least: int) -> Money:
    money = amount(field, currency, least=least)
    if money.currency != currency:
        raise field.must_be(f"an amount in {currency}")
    return money


def _status(found: dict[str, Field], paid: int, refunds: tuple[Refund, ...]) -> str:
    """As told; else failed with a code, refunded as far as refunds have arrived, else captured."""
    if "status" in found:
        return found["status"].one_of((*(s.value for s in PaymentStatus), NOT_SENT))
    if "code" in found:
        return "failed"
    arrived = [refund.amount for refund in refunds if refund.status == "succeeded"]
    if not arrived:
        return "captured"
    whole = None in arrived or sum(money.minor for money in arrived if money) >= paid
    return "refunded" if whole else "partially_refunded"


def _merchant(field: Field, names: Names) -> str:
    return field.one_of((*names.merchants, *MERCHANTS))


def _method(field: Field, names: Names) -> str:
    return field.one_of(names.methods)


def _debited(field: Field) -> When | bool:
    if field.text().lower() in ("true", "false"):
        return field.flag()
    try:
        return read_following(field)
    except BadScenario:
        raise field.must_be("true, false, or when the money left, such as +1s") from None


def _following(found: dict[str, Field], name: str) -> When | None:
    return read_following(found[name]) if name in found else None


def _attempts(found: dict[str, Field], payment: Field, status: str) -> tuple[Attempt, ...]:
    short = [name for name in ONE_ATTEMPT if name in found]
    if "attempts" in found:
        if short:
            raise found[short[0]].bad("belongs into attempts when there is such a list")
        if status == NOT_SENT:
            raise found["attempts"].bad("a payment that was not sent has none; client says what the app saw")
        return tuple(_attempt(item) for item in found["attempts"].items())
    if status == NOT_SENT:
        wrong = [name for name in short if name != "client"]
        if wrong:
            raise found[wrong[0]].bad("a payment that was not sent has no answer; only client goes with it")
        return (_one({"client": found["client"]} if "client" in found else {}, client="timed_out"),)
    nothing_tried = not short and status in ("created", "expired", "closed", "canceled")
    return () if nothing_tried else (_one({name: found[name] for name in short}),)


def _attempt(field: Field) -> Attempt:
    return _one(field.mapping(ATTEMPT))


def _one(found: dict[str, Field], *, client: str = "shown") -> Attempt:
    outcomes = [o.value for o in Outcome if o is not Outcome.NOT_SENT]
    tries = found["wrong_password_tries"].whole() if "wrong_password_tries" in found else 0
    return Attempt(
        when=read_following(found["when"]) if "when" in found else None,
        outcome=found["outcome"].one_of(outcomes) if "outcome" in found else None,
        code=found["code"].text() if "code" in found else None,
        rail=found["rail"].one_of(RAILS) if "rail" in found else None,
        client=found["client"].one_of(("shown", "timed_out", "crashed")) if "client" in found else client,
        wrong_password_tries=tries,
        new_device=found["new_device"].flag() if "new_device" in found else False,
        country=country(found["country"]) if "country" in found else None,
    )


def _refund(field: Field, names: Names) -> Refund:
    found = field.mapping(REFUND, needed=("accepted",))
    completed = read_following(found["completed"]) if "completed" in found else None
    status = "succeeded" if completed else "processing"
    if "status" in found:
        status = found["status"].one_of(s.value for s in RefundStatus)
    if status == "succeeded" and completed is None:
        raise field.bad("the field completed is missing: when the refund arrived")
    if completed and status in ("requested", "processing"):
        raise found["completed"].bad(f"does not go with the status {status}")
    return Refund(
        amount=amount(found["amount"], names.customer.currency) if "amount" in found else None,
        accepted=read_past(found["accepted"]),
        completed=completed,
        status=status,
        destination=_method(found["destination"], names) if "destination" in found else None,
        credited=found["credited"].flag() if "credited" in found else True,
        reason_zh=found["reason_zh"].text() if "reason_zh" in found else None,
        reason_en=found["reason_en"].text() if "reason_en" in found else None,
    )
