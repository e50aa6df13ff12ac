"""The demo ledger, for actions that read it."""

from tests.ledger.conftest import demo, demo_ledger, demo_url

__all__ = ["demo", "demo_ledger", "demo_url"]
