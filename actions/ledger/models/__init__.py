"""The tables of the wallet's ledger: people (customers and their settings), places (merchants,
channels' incidents, app releases, quotes) and payments (payments, attempts, postings, refunds).
"""

from actions.ledger.models.base import Base
from actions.ledger.models.payments import (
    Attempt,
    ClientLogEntry,
    FxConversion,
    Payment,
    Posting,
    Refund,
)
from actions.ledger.models.people import (
    Customer,
    InternationalSetting,
    PasswordLock,
    PaymentMethod,
    Restriction,
    SpendingLimit,
    WalletAccount,
)
from actions.ledger.models.places import AppRelease, FxQuote, Incident, Merchant

__all__ = [
    "AppRelease",
    "Attempt",
    "Base",
    "ClientLogEntry",
    "Customer",
    "FxConversion",
    "FxQuote",
    "Incident",
    "InternationalSetting",
    "Merchant",
    "PasswordLock",
    "Payment",
    "PaymentMethod",
    "Posting",
    "Refund",
    "Restriction",
    "SpendingLimit",
    "WalletAccount",
]
