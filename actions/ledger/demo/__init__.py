"""The demo ledger: some fifty customers, each with a story that a support agent would recognise.

`python -m actions.ledger.demo` drops and seeds it, the same for the same moment. Stories stand in
`stories`, what they happen in (merchants, incidents, releases, rates) in `world`.
"""

from actions.ledger.demo.book import Book, DemoLedger
from actions.ledger.demo.seed import make, seed

__all__ = ["Book", "DemoLedger", "make", "seed"]
