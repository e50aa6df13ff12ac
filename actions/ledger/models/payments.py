"""Payments and everything that happened to them.

How money is written down (double entry): each transaction's legs sum to zero in each currency.
A leg names one of these accounts:

* `customer`: the customer's side. With `wallet_account_id` it is that wallet balance, without it is
  the card or credit line that the payment's method names. Below zero = taken from the customer.
* `customer_hold`: money of a wallet balance that is frozen; so balance total = customer + customer_hold.
* `channel`: taken from the customer, with the payment channel, not yet the merchant's.
* `merchant`, `fees`, `fx` (the conversion account, one balanced set of legs a currency).

A payment that went through at once is one transaction: customer −, kind `debit`; merchant +, kind
`capture` (and customer − / fees +, kind `fee`). One that waits at the channel is customer − / channel +
(`debit`), later channel − / merchant + (`capture`) or channel − / customer + (`reversal`, whose customer
leg `reverses` the debit leg). A hold is customer − / customer_hold + (`hold`); it ends in customer_hold − /
merchant + (`capture`) or customer_hold − / customer + (`release`, which `reverses` the hold leg). A refund
is merchant − / customer + (`refund`). Rows are only ever added.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
)

from actions.diagnosis.facts import Outcome, PaymentKind, PaymentStatus, RefundStatus
from actions.ledger.models.base import Base, currency, customer_key, key, one_of
from actions.ledger.types import UtcDateTime

ACCOUNTS = ("customer", "customer_hold", "merchant", "channel", "fees", "fx")
KINDS = ("debit", "hold", "release", "capture", "reversal", "refund", "fee", "top_up", "withdrawal", "fx")
NETWORK_OUTCOMES = ("ok", "answer_lost", "channel_silent", "not_sent")
CLIENT_OUTCOMES = ("shown", "timed_out", "crashed")
RAILS = ("iso8583", "iso20022", "stripe", "wechat", "alipay", "wallet")


def _own_payment() -> ForeignKeyConstraint:
    """The payment belongs to the same customer as the row: the database itself refuses a mix."""
    return ForeignKeyConstraint(["payment_id", "customer_id"], ["payments.id", "payments.customer_id"])


class Payment(Base):
    """One payment, in the merchant's currency; `paying_account_id` only when a wallet balance pays."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("id", "customer_id"),
        ForeignKeyConstraint(
            ["method_id", "customer_id"], ["payment_methods.id", "payment_methods.customer_id"]
        ),
        one_of("status", PaymentStatus),
        one_of("kind", PaymentKind),
        CheckConstraint("minor > 0", name="amount_above_zero"),
        CheckConstraint("fee_minor >= 0", name="fee_not_negative"),
        Index("payments_recent", "customer_id", "created_at", "id"),
        Index("payments_at_merchant", "customer_id", "merchant_id", "currency", "created_at"),
        Index("payments_order", "customer_id", "order_no", "merchant_id"),
    )

    id = key()
    customer_id = customer_key()
    merchant_id = Column(String(64), ForeignKey("merchants.id"), nullable=False)
    method_id = Column(String(64), nullable=False)
    paying_account_id = Column(String(64), ForeignKey("wallet_accounts.id"))
    order_no = Column(String(64), nullable=False)
    transaction_no = Column(String(64), nullable=False, unique=True)
    kind = Column(String(16), nullable=False, default="purchase")
    status = Column(String(24), nullable=False)
    minor = Column(BigInteger, nullable=False)
    currency = currency()
    fee_minor = Column(BigInteger, nullable=False, default=0)  # in the payment's own currency
    country = Column(String(2), nullable=False, default="CN")
    idempotency_key = Column(String(64))
    link_key = Column(String(64))
    created_at = Column(UtcDateTime, nullable=False)
    expires_at = Column(UtcDateTime)
    authorized_at = Column(UtcDateTime)
    captured_at = Column(UtcDateTime)
    ended_at = Column(UtcDateTime)
    merchant_notified_at = Column(UtcDateTime)


class Attempt(Base):
    """One try that reached the wallet's server. `merchant_id` is repeated for the health count."""

    __tablename__ = "attempts"
    __table_args__ = (
        _own_payment(),
        one_of("outcome", [o for o in Outcome if o is not Outcome.NOT_SENT]),
        one_of("rail", RAILS, nullable=True),
        one_of("network_outcome", NETWORK_OUTCOMES),
        one_of("client_outcome", CLIENT_OUTCOMES),
        Index("attempts_of_payment", "customer_id", "payment_id", "started_at"),
        Index("attempts_at_merchant", "merchant_id", "started_at"),
    )

    id = key()
    customer_id = customer_key()
    payment_id = Column(String(64), nullable=False)
    merchant_id = Column(String(64), ForeignKey("merchants.id"), nullable=False)
    started_at = Column(UtcDateTime, nullable=False)  # request received
    finished_at = Column(UtcDateTime)  # response sent
    outcome = Column(String(16), nullable=False)
    channel = Column(String(40), nullable=False)
    rail = Column(String(16))
    code = Column(String(64))  # exactly as the channel sent it
    server_request_id = Column(String(64), nullable=False, unique=True)
    network_outcome = Column(String(16), nullable=False, default="ok")
    client_outcome = Column(String(16), nullable=False, default="shown")
    app_version = Column(String(20))
    device_new = Column(Boolean, nullable=False, default=False)
    country = Column(String(2))
    wrong_password_tries = Column(Integer, nullable=False, default=0)  # consecutive, this one included


class ClientLogEntry(Base):
    """A try known only from the app's own log: the request never reached the wallet's server."""

    __tablename__ = "client_log"
    __table_args__ = (
        ForeignKeyConstraint(
            ["method_id", "customer_id"], ["payment_methods.id", "payment_methods.customer_id"]
        ),
        one_of("client_outcome", CLIENT_OUTCOMES),
        CheckConstraint("minor > 0", name="amount_above_zero"),
        Index("client_log_recent", "customer_id", "started_at"),
        Index("client_log_order", "customer_id", "order_no"),
    )

    id = key()
    customer_id = customer_key()
    merchant_id = Column(String(64), ForeignKey("merchants.id"), nullable=False)
    method_id = Column(String(64), nullable=False)
    order_no = Column(String(64), nullable=False)
    minor = Column(BigInteger, nullable=False)
    currency = currency()
    country = Column(String(2), nullable=False, default="CN")
    started_at = Column(UtcDateTime, nullable=False)
    client_outcome = Column(String(16), nullable=False)
    app_version = Column(String(20))


class Posting(Base):
    """One leg of a double-entry transaction (see the top of this module). `sequence` orders a ledger's
    legs where times are equal; `balance_after` is that of the wallet account's side the leg changes."""

    __tablename__ = "postings"
    __table_args__ = (
        _own_payment(),
        one_of("account", ACCOUNTS),
        one_of("kind", KINDS),
        CheckConstraint("minor <> 0", name="leg_moves_money"),
        Index("postings_reverses", "reverses", unique=True),
        Index("postings_of_payment", "customer_id", "payment_id"),
        Index(
            "postings_of_account", "customer_id", "wallet_account_id", "account", "posted_at", "sequence"
        ),
        # What a customer spent in a month is added up from this index alone. The first four columns find
        # the legs; the others are there so that the table itself need not be read.
        Index(
            "postings_spent",
            *("customer_id", "account", "kind", "posted_at"),
            *("currency", "minor", "payment_id"),
            info={"leading": 4},
        ),
    )

    id = key()
    sequence = Column(BigInteger, nullable=False, unique=True)
    customer_id = customer_key()  # whose transaction it is, for every leg
    transaction_id = Column(String(64), nullable=False, index=True)
    account = Column(String(16), nullable=False)
    wallet_account_id = Column(String(64), ForeignKey("wallet_accounts.id"))
    kind = Column(String(16), nullable=False)
    minor = Column(BigInteger, nullable=False)
    currency = currency()
    posted_at = Column(UtcDateTime, nullable=False)
    payment_id = Column(String(64))
    refund_id = Column(String(64), ForeignKey("refunds.id"))
    reverses = Column(String(64), ForeignKey("postings.id"))
    balance_after = Column(BigInteger)


class Refund(Base):
    """Money on its way back for one payment; there may be several, partial ones."""

    __tablename__ = "refunds"
    __table_args__ = (
        _own_payment(),
        ForeignKeyConstraint(
            ["destination_id", "customer_id"], ["payment_methods.id", "payment_methods.customer_id"]
        ),
        one_of("status", RefundStatus),
        CheckConstraint("minor > 0", name="amount_above_zero"),
        Index("refunds_of_payment", "customer_id", "payment_id"),
    )

    id = key()
    customer_id = customer_key()
    payment_id = Column(String(64), nullable=False)
    destination_id = Column(String(64), nullable=False)
    status = Column(String(16), nullable=False)
    minor = Column(BigInteger, nullable=False)
    currency = currency()
    accepted_at = Column(UtcDateTime, nullable=False)
    completed_at = Column(UtcDateTime)
    reason_zh = Column(String(120))
    reason_en = Column(String(120))
    reference = Column(String(64))


class FxConversion(Base):
    """What a payment in another currency costs in the paying account's: quote, fee and safety margin."""

    __tablename__ = "fx_conversions"
    __table_args__ = (
        _own_payment(),
        CheckConstraint("converted_minor > 0 AND fee_minor >= 0", name="cost_above_zero"),
    )

    payment_id = key()
    customer_id = customer_key(index=True)
    quote_id = Column(String(64), ForeignKey("fx_quotes.id"), nullable=False)
    converted_minor = Column(BigInteger, nullable=False)
    fee_minor = Column(BigInteger, nullable=False, default=0)
    margin_minor = Column(BigInteger)
    currency = currency()  # of converted, fee and margin
