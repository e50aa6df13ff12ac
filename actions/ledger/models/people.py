"""Customers, what they own and what is set for them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    UniqueConstraint,
)

from actions.diagnosis.facts import MethodKind
from actions.ledger.models.base import Base, currency, customer_key, key, one_of
from actions.ledger.types import UtcDateTime


class Customer(Base):
    """A person with a wallet. `risk_status` is risk control's own word: it is never read by a query
    that answers a customer, so that no answer can leak it."""

    __tablename__ = "customers"
    __table_args__ = (
        one_of("language", ("zh", "en")),
        one_of("risk_status", ("normal", "watched", "under_review")),
    )

    id = key()
    name = Column(String(80), nullable=False)
    language = Column(String(2), nullable=False)
    timezone = Column(String(40), nullable=False)  # IANA name
    country = Column(String(2), nullable=False)  # ISO 3166
    app_version = Column(String(20))
    risk_status = Column(String(20), nullable=False, default="normal")
    created_at = Column(UtcDateTime, nullable=False)


class WalletAccount(Base):
    """A balance in one currency. `total` = what can be spent + what is frozen; both follow from postings."""

    __tablename__ = "wallet_accounts"
    __table_args__ = (
        Index("wallet_accounts_owner", "customer_id", "currency", unique=True),
        CheckConstraint("frozen_minor >= 0 AND total_minor >= frozen_minor", name="available_not_negative"),
    )

    id = key()
    customer_id = customer_key()
    currency = currency()
    total_minor = Column(BigInteger, nullable=False, default=0)
    frozen_minor = Column(BigInteger, nullable=False, default=0)


class PaymentMethod(Base):
    """The balance, a bank card or a credit line. Of a card only the bank and the last four digits."""

    __tablename__ = "payment_methods"
    __table_args__ = (
        one_of("kind", MethodKind),
        CheckConstraint("last4 IS NULL OR length(last4) = 4", name="last_four_only"),
        Index("payment_methods_owner", "customer_id"),
        UniqueConstraint("id", "customer_id"),
    )

    id = key()
    customer_id = customer_key()
    kind = Column(String(16), nullable=False)
    bank = Column(String(60))
    last4 = Column(String(4))
    closed_at = Column(UtcDateTime)


class Restriction(Base):
    """A hold on the account. `reason` is risk control's and is never read by a query."""

    __tablename__ = "restrictions"
    __table_args__ = (
        one_of("status", ("restricted", "frozen")),
        CheckConstraint("lifted_at IS NULL OR lifted_at >= effective_from", name="lifted_after_set"),
        Index("restrictions_owner", "customer_id", "effective_from"),
    )

    id = key()
    customer_id = customer_key()
    status = Column(String(16), nullable=False)
    effective_from = Column(UtcDateTime, nullable=False)
    lifted_at = Column(UtcDateTime)
    identity_check_offered = Column(Boolean, nullable=False, default=False)
    reason = Column(String(120))


class PasswordLock(Base):
    """The payment password was locked after too many wrong tries."""

    __tablename__ = "password_locks"
    __table_args__ = (
        CheckConstraint("locked_until > locked_at", name="lock_has_length"),
        Index("password_locks_owner", "customer_id", "locked_at"),
    )

    id = key()
    customer_id = customer_key()
    locked_at = Column(UtcDateTime, nullable=False)
    locked_until = Column(UtcDateTime, nullable=False)
    wrong_tries = Column(Integer, nullable=False)


class SpendingLimit(Base):
    """A limit on what the customer may pay, in force from `effective_from` until `effective_until`.

    A "day" and a "month" are those of the wallet's zone, Asia/Shanghai.
    """

    __tablename__ = "spending_limits"
    __table_args__ = (
        one_of("scope", ("per_payment", "daily", "monthly")),
        CheckConstraint("minor > 0", name="limit_above_zero"),
        Index("spending_limits_owner", "customer_id", "currency", "effective_from"),
    )

    id = key()
    customer_id = customer_key()
    scope = Column(String(16), nullable=False)
    minor = Column(BigInteger, nullable=False)
    currency = currency()
    effective_from = Column(UtcDateTime, nullable=False)
    effective_until = Column(UtcDateTime)


class InternationalSetting(Base):
    """Whether and where the customer may pay abroad; no row = the app shows them no such setting."""

    __tablename__ = "international_settings"

    customer_id = customer_key(primary_key=True)
    enabled = Column(Boolean)
    changed_at = Column(UtcDateTime)
    enabled_before = Column(Boolean)
    countries = Column(JSON, nullable=False)  # list of ISO 3166 codes
    currencies = Column(JSON, nullable=False)  # list of ISO 4217 codes
    fee_basis_points = Column(Integer, nullable=False, default=0)
