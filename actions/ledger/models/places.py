"""What is not any one customer's: merchants, disturbances of channels, app releases, exchange rates."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, Index, String

from actions.ledger.models.base import Base, currency, key, one_of
from actions.ledger.types import ExactDecimal, UtcDateTime


class Merchant(Base):
    """Who can be paid, through which channel, and how well they have connected the wallet's interface."""

    __tablename__ = "merchants"
    __table_args__ = (one_of("integration", ("live", "misconfigured", "suspended")),)

    id = key()
    name_zh = Column(String(80), nullable=False)
    name_en = Column(String(80), nullable=False)
    channel = Column(String(40), nullable=False)
    integration = Column(String(16), nullable=False, default="live")
    country = Column(String(2), nullable=False, default="CN")
    currencies = Column(JSON, nullable=False)  # list of ISO 4217 codes
    countries = Column(JSON, nullable=False)  # whose customers are served: ISO 3166; empty = everyone's
    special_rule_zh = Column(String(200))
    special_rule_en = Column(String(200))


class Incident(Base):
    """A known disturbance of one channel; `ended_at` empty = still going on."""

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="ends_after_start"),
        Index("incidents_time", "started_at", "ended_at"),
    )

    id = key()
    channel = Column(String(40), nullable=False)
    started_at = Column(UtcDateTime, nullable=False)
    ended_at = Column(UtcDateTime)
    title_zh = Column(String(120), nullable=False)
    title_en = Column(String(120), nullable=False)


class AppRelease(Base):
    """A version of the wallet's app. From `minimum_from` on, older versions are refused."""

    __tablename__ = "app_releases"
    __table_args__ = (Index("app_releases_time", "released_at"),)

    version = Column(String(20), primary_key=True)
    released_at = Column(UtcDateTime, nullable=False)
    minimum_from = Column(UtcDateTime)
    known_bug_zh = Column(String(200))
    known_bug_en = Column(String(200))
    fixed_in = Column(String(20))


class FxQuote(Base):
    """At `quoted_at`, one unit of `currency` cost `rate` units of `base` (major units)."""

    __tablename__ = "fx_quotes"
    __table_args__ = (Index("fx_quotes_latest", "base", "currency", "quoted_at"),)

    id = key()
    base = currency()
    currency = currency()
    rate = Column(ExactDecimal, nullable=False)
    quoted_at = Column(UtcDateTime, nullable=False)
