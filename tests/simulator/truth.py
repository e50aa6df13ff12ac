"""What really happened, and what the best answer to it is.

`PRIORITY` is the published order in which causes lead an answer when several are true at once. A cause
that left no trace in any record cannot be found by anybody: the right answer is then to abstain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actions.diagnosis.facts import Method, Money
from actions.diagnosis.result import Cause

PRIORITY: tuple[tuple[Cause, ...], ...] = (
    (Cause.FRAUD_SUSPECTED,),
    (Cause.LEDGER_INCONSISTENT,),
    (Cause.DUPLICATE_PAYMENT, Cause.REFUND_FAILED, Cause.REFUND_OVERDUE, Cause.PENDING_OVERDUE),
    (Cause.PENDING_AT_CHANNEL, Cause.NETWORK_RESPONSE_LOST, Cause.REFUND_IN_PROGRESS),
    (
        Cause.ALREADY_PAID,
        Cause.AUTH_RELEASED,
        Cause.REFUND_COMPLETED,
        Cause.REFUND_OTHER_METHOD,
        Cause.REFUND_PARTIAL,
        Cause.REVERSAL_COMPLETED,
    ),
    (Cause.ACCOUNT_RESTRICTED,),
    # Of the next two lines the cause whose code the failing attempt carries leads, wherever it stands.
    (
        Cause.PASSWORD_LOCKED,
        Cause.WRONG_PASSWORD,
        Cause.LIMIT_EXCEEDED,
        Cause.INSUFFICIENT_BALANCE,
        Cause.FX_FEE_SHORTFALL,
        Cause.INTERNATIONAL_DISABLED,
        Cause.COUNTRY_UNSUPPORTED,
        Cause.CURRENCY_UNSUPPORTED,
        Cause.ISSUER_DECLINED,
        Cause.QR_EXPIRED,
        Cause.ORDER_EXPIRED,
        Cause.ORDER_CLOSED,
    ),
    (
        Cause.CHANNEL_OUTAGE,
        Cause.MERCHANT_NOT_INTEGRATED,
        Cause.NETWORK_NOT_SENT,
        Cause.APP_OUTDATED,
        Cause.APP_BUG,
    ),
    (Cause.POSSIBLE_DUPLICATE_ASK,),
    (Cause.NO_RECORD, Cause.SUCCEEDED, Cause.UNKNOWN),
)
_PLACE = {cause: (tier, place) for tier, line in enumerate(PRIORITY) for place, cause in enumerate(line)}
_REASONS = {cause for line in PRIORITY[6:8] for cause in line}


@dataclass(frozen=True)
class Happened:
    """One thing that went wrong (or right). `recorded`: the failing attempt carries its code;
    `traced`: some record shows it at all."""

    cause: Cause
    recorded: bool = False
    traced: bool = True


def lead(happened: list[Happened]) -> Cause:
    """The cause that the best possible answer names first."""
    traced = [one for one in happened if one.traced]
    if not traced:
        return Cause.UNKNOWN

    def order(one: Happened) -> tuple[int, int, int]:
        tier, place = _PLACE[one.cause]
        if one.cause in _REASONS:
            return 6, 0 if one.recorded else 1, 100 * tier + place
        return tier, 0, place

    return min(traced, key=order).cause


@dataclass
class Return:
    """Money on its way back to the customer. `state` is moving, done or failed; `kind` is refund,
    reversal (of a debit) or release (of a hold)."""

    kind: str
    money: Money
    state: str
    to: Method | None = None


@dataclass
class Flow:
    """Where the money of one payment truly is. `place`: nowhere (never left the customer), held, channel,
    merchant or unknown even to the wallet; `away`: what is off the customer's side now, minor units of the
    currency that pays, `fee` included, refunds not deducted; `open`: nobody knows yet how it will end;
    `whole`: whether refunds gave all of it back, where the sums do not say (another rate)."""

    payment_id: str
    order: tuple[str, str]
    price: Money
    cost: Money
    fee: int = 0
    place: str = "nowhere"
    away: int = 0
    open: bool = False
    whole: bool | None = None
    returns: list[Return] = field(default_factory=list)

    def sums(self, kind: str, state: str) -> Money:
        """The sum of its returns of a kind in a state."""
        found = [one.money for one in self.returns if (one.kind, one.state) == (kind, state)]
        return Money(sum(one.minor for one in found), found[0].currency if found else self.cost.currency)

    @property
    def pending(self) -> bool:
        """Whether paying for the same thing once more could take the money twice."""
        back = self.sums("refund", "done").minor
        if self.whole:
            return self.open
        return self.open or self.away - self.fee - back > 0


@dataclass
class Truth:
    """One question to the diagnosis, and everything an examiner needs to judge the answer.

    `happened` is all that is true of the payment asked about; `values` are the true figures and moments
    by (cause, key), `related` the other payments that an answer may name, `also` what is true but explains
    nothing, `split` a cart that is meant to be paid in several parts.
    """

    story: str
    customer_id: str
    asked: str
    now: datetime
    happened: list[Happened]
    flows: dict[str, Flow]
    variant: str | None = None
    values: dict[tuple[Cause, str], Any] = field(default_factory=dict)
    related: set[str] = field(default_factory=set)
    also: set[Cause] = field(default_factory=set)
    not_me: bool = False
    claims_duplicate: bool = False
    split: bool = False

    @property
    def lead(self) -> Cause:
        """What the answer ought to name first."""
        return lead(self.happened)

    @property
    def causes(self) -> set[Cause]:
        """All that is true, so that none of it said flatly is a lie."""
        return {one.cause for one in self.happened} | self.also

    @property
    def flow(self) -> Flow | None:
        """The money of the payment asked about."""
        return self.flows.get(self.asked)

    @property
    def may_pay_again(self) -> bool:
        """Whether a new payment for the same order cannot take the money twice."""
        if self.not_me:
            return False
        about = self.flow
        if about is None:
            return True
        same = [
            flow
            for flow in self.flows.values()
            if flow is about or (flow.order == about.order and not self.split)
        ]
        return not any(flow.pending for flow in same)
