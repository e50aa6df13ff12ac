"""One thing that the checker found: a sentence that says what is so and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`fatal`: the bot must not be let onto this ledger. `about_shape`: rows cannot be read because of it."""

    text: str
    fatal: bool = True
    about_shape: bool = False

    def __str__(self) -> str:
        return f"{'WRONG' if self.fatal else 'note '}  {self.text}"


def wrong(text: str) -> Finding:
    """Something to mend before the bot may answer from this ledger."""
    return Finding(text)


def misshapen(text: str) -> Finding:
    """Something to mend before the rows can even be looked at."""
    return Finding(text, about_shape=True)


def note(text: str) -> Finding:
    """Something to know; the bot can live with it."""
    return Finding(text, fatal=False)


def some(things: Iterable[object], most: int = 3) -> str:
    """The first few of several things, for a sentence."""
    listed = list(things)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(map(str, listed[:most])) + more
