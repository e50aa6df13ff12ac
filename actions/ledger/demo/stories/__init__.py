"""The stories, one function a customer, one module a family. `STORIES` is the order of the sign-in list."""

from __future__ import annotations

from collections.abc import Callable

from actions.ledger.demo.book import Book
from actions.ledger.demo.stories import (
    abroad,
    calm,
    declined,
    environment,
    in_motion,
    refunded,
    security,
    twice,
)

STORIES: tuple[Callable[[Book], None], ...] = (
    *in_motion.STORIES,
    *declined.STORIES,
    *twice.STORIES,
    *refunded.STORIES,
    *abroad.STORIES,
    *environment.STORIES,
    *security.STORIES,
    *calm.STORIES,
)
