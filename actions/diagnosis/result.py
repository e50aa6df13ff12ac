"""What the rules conclude: causes, where the money is, steps, and who acts next.

The labels are the contract with the rest of the house: for each cause (and variant) there is
a response `utter_cause_<cause>[_<variant>]` in `domain.yml`, for each money state
`utter_money_<state>`, for each step `utter_step_<step>`. Response texts may use the keys in
`Diagnosis.values`; values are typed (Money, datetime, timedelta, Method, int, str) and are
formatted at the edge, in the customer's language and zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from actions.diagnosis.facts import Money


class Cause(str, Enum):
    """What happened. The comment gives the values that each cause's response may use."""

    NO_RECORD = "no_record"
    INSUFFICIENT_BALANCE = "insufficient_balance"  # available, needed, shortfall: Money
    LIMIT_EXCEEDED = "limit_exceeded"  # limit, used, remaining: Money; resets_at: datetime
    ACCOUNT_RESTRICTED = "account_restricted"  # since, lifted_at: datetime
    PASSWORD_LOCKED = "password_locked"  # until: datetime; left: timedelta; tries: int
    WRONG_PASSWORD = "wrong_password"  # tries_left: int
    MERCHANT_NOT_INTEGRATED = "merchant_not_integrated"
    CHANNEL_OUTAGE = "channel_outage"  # started_at, ended_at: datetime
    NETWORK_NOT_SENT = "network_not_sent"
    NETWORK_RESPONSE_LOST = "network_response_lost"  # at: datetime
    ISSUER_DECLINED = "issuer_declined"
    PENDING_AT_CHANNEL = "pending_at_channel"  # since, due: datetime; left: timedelta
    PENDING_OVERDUE = "pending_overdue"  # since, due: datetime; over: timedelta
    DUPLICATE_PAYMENT = "duplicate_payment"  # first_at, second_at: datetime; surplus: Money; count: int
    AUTH_RELEASED = "auth_released"  # charged_at, released_at: datetime; held: Money
    POSSIBLE_DUPLICATE_ASK = "possible_duplicate_ask"  # first_at, second_at: datetime
    # refund: Money; accepted_at, due: datetime; destination: Method; left or over: timedelta
    REFUND_IN_PROGRESS = "refund_in_progress"
    REFUND_OVERDUE = "refund_overdue"
    REFUND_OTHER_METHOD = "refund_other_method"  # refund: Money; at: datetime; destination, original: Method
    REFUND_PARTIAL = "refund_partial"  # refund, remaining, pending: Money; at: datetime
    REFUND_COMPLETED = "refund_completed"  # refund: Money; at: datetime; destination: Method; reference: str
    REFUND_FAILED = "refund_failed"  # refund: Money; destination: Method
    REVERSAL_COMPLETED = "reversal_completed"  # failed payment whose debit was taken back; at: datetime
    INTERNATIONAL_DISABLED = "international_disabled"
    COUNTRY_UNSUPPORTED = "country_unsupported"  # country: str (ISO 3166)
    CURRENCY_UNSUPPORTED = "currency_unsupported"  # currency: str (ISO 4217)
    FX_FEE_SHORTFALL = "fx_fee_shortfall"  # converted, fee, needed, available, shortfall: Money; rate: str
    QR_EXPIRED = "qr_expired"  # expired_at: datetime
    ORDER_EXPIRED = "order_expired"  # expired_at: datetime
    ORDER_CLOSED = "order_closed"  # expired_at: datetime (when it was closed)
    ALREADY_PAID = "already_paid"  # paid_at: datetime
    FRAUD_SUSPECTED = "fraud_suspected"
    LEDGER_INCONSISTENT = "ledger_inconsistent"
    APP_OUTDATED = "app_outdated"  # version, required: str
    APP_BUG = "app_bug"  # version, fixed_in: str
    SUCCEEDED = "succeeded"  # at: datetime; transaction_no: str
    UNKNOWN = "unknown"


VARIANTS: Mapping[Cause, tuple[str, ...]] = {
    # The response is `utter_cause_<cause>_<variant>` for these, `utter_cause_<cause>` for all others.
    # "unspecified": the code says so, but the records hold no figures that agree, so none are told.
    Cause.INSUFFICIENT_BALANCE: ("exact", "unspecified"),
    Cause.LIMIT_EXCEEDED: ("per_payment", "daily", "monthly", "card", "unspecified"),  # card: no figures
    Cause.FX_FEE_SHORTFALL: ("exact", "unspecified"),
    Cause.ACCOUNT_RESTRICTED: ("identity_check", "agent", "lifted"),
    Cause.PASSWORD_LOCKED: ("locked", "unlocked", "unspecified"),
    Cause.WRONG_PASSWORD: ("counted", "unspecified"),
    Cause.CHANNEL_OUTAGE: ("ongoing", "ended", "unspecified"),  # unspecified: no incident is registered
    Cause.NETWORK_RESPONSE_LOST: ("succeeded", "not_charged", "open"),
    Cause.ISSUER_DECLINED: ("generic", "card_expired", "card_funds"),
    Cause.PENDING_AT_CHANNEL: ("undecided", "returning", "held"),
    Cause.DUPLICATE_PAYMENT: ("unrefunded", "refunding"),  # refunding: a refund of the surplus is moving
    Cause.AUTH_RELEASED: ("released", "still_held"),
    Cause.SUCCEEDED: ("notified", "merchant_waiting"),  # merchant_waiting: not told yet
    Cause.APP_BUG: ("fixed", "not_fixed", "unspecified"),
    Cause.REFUND_PARTIAL: ("only_part", "rest_pending"),
    Cause.NO_RECORD: ("nothing_matches", "no_payments"),
    Cause.UNKNOWN: ("failed", "open", "disputed"),
}


class Confidence(str, Enum):
    """Proven = recorded code and agreeing facts; likely = one of them; possible = they only coincide."""

    PROVEN = "proven"
    LIKELY = "likely"
    POSSIBLE = "possible"


class MoneyState(str, Enum):
    """Where the customer's money is now (rule 0: said before anything else)."""

    NOT_CHARGED = "not_charged"
    HELD = "held"  # reserved, not taken
    HOLD_RELEASED = "hold_released"
    DEBITED_PENDING = "debited_pending"  # left the balance, merchant does not have it
    PAID = "paid"  # with the merchant
    PAID_TWICE = "paid_twice"
    REVERSING = "reversing"
    REVERSED = "reversed"
    REFUNDING = "refunding"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    UNCLEAR = "unclear"  # the records conflict or are silent


class Step(str, Enum):
    """One thing the customer can do; never `RETRY` while an outcome is open."""

    TOP_UP = "top_up"
    OTHER_METHOD = "other_method"
    RETRY = "retry"
    SMALLER_AMOUNT = "smaller_amount"
    WAIT_RESET = "wait_reset"
    RAISE_LIMIT = "raise_limit"
    IDENTITY_CHECK = "identity_check"
    WAIT_UNLOCK = "wait_unlock"
    RESET_PASSWORD = "reset_password"
    RETRY_PASSWORD = "retry_password"
    TELL_MERCHANT = "tell_merchant"
    WAIT_INCIDENT = "wait_incident"
    CHECK_NETWORK = "check_network"
    RESTART = "restart"
    UPDATE_APP = "update_app"
    REFRESH_BILL = "refresh_bill"
    DO_NOT_PAY_AGAIN = "do_not_pay_again"
    KEEP_SCREENSHOT = "keep_screenshot"
    WAIT = "wait"
    CONTACT_BANK = "contact_bank"
    OTHER_CARD = "other_card"
    UPDATE_CARD = "update_card"
    CHECK_DESTINATION = "check_destination"
    ASK_MERCHANT = "ask_merchant"
    CONFIRM_BOTH = "confirm_both"
    ENABLE_INTERNATIONAL = "enable_international"
    OTHER_CURRENCY = "other_currency"
    NEW_ORDER = "new_order"
    SHOW_TRANSACTION = "show_transaction"
    FREEZE_ACCOUNT = "freeze_account"
    CHANGE_PASSWORD = "change_password"
    CALL_BANK = "call_bank"
    POLICE_REPORT = "police_report"
    CHECK_ORDER_NO = "check_order_no"
    CHECK_OTHER_ACCOUNT = "check_other_account"
    CHECK_BALANCE = "check_balance"
    CHECK_MERCHANT_RULES = "check_merchant_rules"
    AGENT = "agent"


class Actor(str, Enum):
    """Who acts next."""

    CUSTOMER = "customer"
    WALLET = "wallet"  # automatic: nothing to do but wait
    MERCHANT = "merchant"
    BANK = "bank"
    AGENT = "agent"
    NOBODY = "nobody"


class Urgency(str, Enum):
    """How soon a person should look."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Route(str, Enum):
    """Whether the customer can end the matter themselves."""

    SELF = "self"
    ASK = "ask"  # one question first
    HUMAN = "human"


@dataclass(frozen=True)
class Evidence:
    """One record that says so: which table, which row, which field, what it held."""

    record: str
    id: str
    field: str
    value: str


@dataclass(frozen=True)
class Diagnosis:
    """One answer to "what happened", with all that the customer and an agent need."""

    cause: Cause
    confidence: Confidence
    money: MoneyState
    money_amount: Money | None = None
    variant: str | None = None
    evidence: tuple[Evidence, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    next_actor: Actor = Actor.CUSTOMER
    resolves_at: datetime | None = None
    urgency: Urgency = Urgency.LOW
    route: Route = Route.SELF
    payment_id: str | None = None

    def __post_init__(self) -> None:
        allowed = VARIANTS.get(self.cause, ())
        if self.variant not in (allowed or (None,)):
            raise ValueError(f"{self.cause.value} has no variant {self.variant!r}")

    @property
    def label(self) -> str:
        """The response suffix: the cause, with its variant where it has one."""
        return f"{self.cause.value}_{self.variant}" if self.variant else self.cause.value
