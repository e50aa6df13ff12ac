"""The wallet's records: SQLAlchemy mapping, bounded read-only queries, and the demo ledger.

Every query needs a verified customer id and returns the plain facts that `actions.diagnosis` reads.
How money is written down is told in `actions.ledger.models.payments`.
"""

from actions.ledger.engine import LedgerError, open_read_only, open_writable
from actions.ledger.queries import FxRate, Ledger, TooManyRecords, UnknownCustomer

__all__ = [
    "FxRate",
    "Ledger",
    "LedgerError",
    "TooManyRecords",
    "UnknownCustomer",
    "open_read_only",
    "open_writable",
]
