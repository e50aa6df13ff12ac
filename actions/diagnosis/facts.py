"""Facts that the wallet's records hold about a customer and one of their payments.

Plain frozen dataclasses, filled by `actions.ledger` and read by the rules. Conventions:
money is a whole number of minor units with an ISO 4217 currency; every time is a
timezone-aware UTC `datetime`; nothing here carries risk-control reasons, scores or flags,
so that no rule can leak them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum


@dataclass(frozen=True)
class Money:
    """An amount in minor units (CNY 12800 = ¥128.00, JPY 1200 = ¥1,200, KWD 12345 = 12.345)."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")


class PaymentStatus(str, Enum):
    """The merged payment state machine."""

    CREATED = "created"
    AUTHENTICATING = "authenticating"
    PROCESSING = "processing"
    UNKNOWN = "unknown"  # never terminal, never the same as failed
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    FAILED = "failed"
    REVERSING = "reversing"  # failed after a debit; the money is on its way back
    REVERSED = "reversed"
    VOIDED = "voided"
    AUTH_EXPIRED = "auth_expired"
    EXPIRED = "expired"  # the order or payment code ran out of time
    CLOSED = "closed"
    CANCELED = "canceled"


class RefundStatus(str, Enum):
    """The refund state machine: requested → processing → succeeded | failed → rerouted → processing."""

    REQUESTED = "requested"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REROUTED = "rerouted"
    CANCELED = "canceled"


class MethodKind(str, Enum):
    """What the customer paid with."""

    BALANCE = "balance"
    BANK_CARD = "bank_card"
    CREDIT_LINE = "credit_line"


class PaymentKind(str, Enum):
    """Why money was sent; equal amounts mean different things for each kind."""

    PURCHASE = "purchase"
    SUBSCRIPTION = "subscription"
    TRANSFER = "transfer"
    SPLIT = "split"  # one cart deliberately paid in several parts


class Outcome(str, Enum):
    """How one attempt ended, as the wallet's server or the app's own log saw it."""

    APPROVED = "approved"
    DECLINED = "declined"
    PENDING = "pending"
    NO_RESPONSE = "no_response"  # the channel never answered the server
    NOT_SENT = "not_sent"  # only in the app's log: no server request id exists


@dataclass(frozen=True)
class Method:
    """A payment method; `last4` and `bank` only for cards, never a full number."""

    kind: MethodKind
    bank: str | None = None
    last4: str | None = None
    closed: bool = False

    def same_as(self, other: Method) -> bool:
        """Whether both name the same balance, card or credit line."""
        return (self.kind, self.bank, self.last4) == (other.kind, other.bank, other.last4)


@dataclass(frozen=True)
class Merchant:
    """Who was to be paid. `integrated` is False when the wallet's interface is not set up correctly."""

    id: str
    name_zh: str
    name_en: str
    channel: str
    integrated: bool = True
    country: str = "CN"
    currencies: frozenset[str] = frozenset({"CNY"})
    special_rule_zh: str | None = None  # e.g. "单笔不超过 500 元"
    special_rule_en: str | None = None


@dataclass(frozen=True)
class Limits:
    """Limits in force at a moment and what of them was used before it. None = no such limit."""

    per_payment: Money | None = None
    daily: Money | None = None
    monthly: Money | None = None
    used_today: Money | None = None
    used_month: Money | None = None
    resets_at: datetime | None = None  # next midnight in the wallet's zone (Asia/Shanghai)
    month_resets_at: datetime | None = None


@dataclass(frozen=True)
class Attempt:
    """One try at one payment, with the customer's state as it was at that moment (rule 3)."""

    id: str
    started_at: datetime
    outcome: Outcome
    channel: str
    finished_at: datetime | None = None
    rail: str | None = None  # whose code: iso8583, iso20022, stripe, wechat, alipay, wallet
    code: str | None = None  # exactly as the channel sent it
    server_request_id: str | None = None  # None = the request never reached the wallet
    client_timed_out: bool = False  # the app showed an error or gave up waiting
    client_crashed: bool = False
    app_version: str | None = None
    device_new: bool = False
    country: str | None = None
    available_before: Money | None = None  # total − frozen, in the paying account's currency
    frozen_before: Money | None = None
    limits: Limits = Limits()
    wrong_password_tries: int = 0  # consecutive, this attempt included


@dataclass(frozen=True)
class Posting:
    """One leg of a double-entry transaction. `minor` is signed: below zero takes from the account."""

    id: str
    transaction_id: str
    account: str  # "customer", "customer_hold", "merchant", "channel", "fees", "fx"
    kind: str  # debit, hold, release, capture, reversal, refund, fee, top_up, fx
    amount: Money
    posted_at: datetime
    payment_id: str | None = None
    refund_id: str | None = None
    reverses: str | None = None  # id of the posting this one takes back
    balance_after: Money | None = None  # of the account, for "customer" legs


@dataclass(frozen=True)
class Refund:
    """One refund (there may be several, partial ones) and where it goes."""

    id: str
    amount: Money
    status: RefundStatus
    accepted_at: datetime  # the clock for "usually within 24 hours" starts here
    destination: Method
    completed_at: datetime | None = None
    reason_zh: str | None = None
    reason_en: str | None = None
    reference: str | None = None


@dataclass(frozen=True)
class FxQuote:
    """The rate and fee that applied to a payment in another currency."""

    rate: Decimal  # units of `paid` currency for one unit of the merchant's currency (major units)
    converted: Money  # what the amount costs in the account's currency, fee not included
    fee: Money
    margin: Money | None = None  # safety margin that must be available too
    quoted_at: datetime | None = None


@dataclass(frozen=True)
class Payment:
    """One payment with everything recorded about it."""

    id: str
    order_no: str  # merchant order number; one captured payment each (invariant 10)
    transaction_no: str
    merchant: Merchant
    amount: Money  # in the merchant's currency
    method: Method
    status: PaymentStatus
    created_at: datetime
    kind: PaymentKind = PaymentKind.PURCHASE
    fee: Money | None = None
    country: str = "CN"
    idempotency_key: str | None = None
    link_key: str | None = None  # same cart, QR or idempotency parent
    expires_at: datetime | None = None
    authorized_at: datetime | None = None
    captured_at: datetime | None = None
    ended_at: datetime | None = None  # failed, voided, expired, closed or reversed at
    merchant_notified_at: datetime | None = None
    fx: FxQuote | None = None
    attempts: tuple[Attempt, ...] = ()
    postings: tuple[Posting, ...] = ()
    refunds: tuple[Refund, ...] = ()


@dataclass(frozen=True)
class Restriction:
    """A hold on the account. Why it was set is not here on purpose (safety rule 3)."""

    status: str  # restricted, frozen
    effective_from: datetime
    lifted_at: datetime | None = None
    identity_check_offered: bool = False


@dataclass(frozen=True)
class PasswordLock:
    """The payment password was locked after too many wrong tries."""

    locked_at: datetime
    locked_until: datetime
    wrong_tries: int


@dataclass(frozen=True)
class Incident:
    """A known disturbance of one payment channel. `ended_at` None = still going on."""

    id: str
    channel: str
    started_at: datetime
    ended_at: datetime | None
    title_zh: str
    title_en: str


@dataclass(frozen=True)
class AppRelease:
    """What the wallet knows of one app version; `minimum_from` is when older ones stopped being accepted."""

    version: str
    released_at: datetime
    minimum_from: datetime | None = None
    known_bug_zh: str | None = None
    known_bug_en: str | None = None
    fixed_in: str | None = None


@dataclass(frozen=True)
class InternationalSettings:
    """Whether and where this customer may pay abroad. None for `enabled` = the app has no such option."""

    enabled: bool | None
    changed_at: datetime | None = None  # since when `enabled` has its value
    enabled_before: bool | None = None  # what it was before `changed_at`
    countries: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()
    fee_basis_points: int = 0


@dataclass(frozen=True)
class MerchantHealth:
    """How other customers fared at the same merchant around the failing attempt."""

    others_succeeded: int = 0
    others_failed: int = 0


@dataclass(frozen=True)
class Account:
    """A wallet account as it is now. `available` = total − frozen."""

    currency: str
    total: Money
    frozen: Money

    @property
    def available(self) -> Money:
        """What can be spent."""
        return self.total - self.frozen


@dataclass(frozen=True)
class Customer:
    """Who asks; only what answers need."""

    id: str
    name: str
    language: str  # zh, en
    timezone: str  # IANA name
    country: str
    app_version: str | None
    accounts: tuple[Account, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    locks: tuple[PasswordLock, ...] = ()
    international: InternationalSettings = InternationalSettings(enabled=None)


@dataclass(frozen=True)
class Facts:
    """Everything the rules may look at for one question about one payment.

    `payment` is the one meant, None when no record matches. `siblings` are the same
    customer's other payments for the same order, and those to the same merchant in the same currency
    within some days: all of the same amount or of a subscription, of the others the nearest few.
    `not_me` is True when the customer says that they did not make the payment, `claims_duplicate` when
    they say that they were charged twice.
    """

    customer: Customer
    payment: Payment | None
    siblings: tuple[Payment, ...] = ()
    incidents: tuple[Incident, ...] = ()
    releases: tuple[AppRelease, ...] = ()
    merchant_health: MerchantHealth = MerchantHealth()
    not_me: bool = False
    claims_duplicate: bool = False
