"""Several wishes in one message: "付款失败了,密码也想改". The urgent one is answered, the other offered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

# What a customer may want besides: matters that no answer about a payment covers.
BESIDES = (
    "change_password",
    "check_balance",
    "top_up",
    "fees",
    "security_tips",
    "contact_support",
    "human_handoff",
)
# What may come first, the more urgent before the less (docs/intents.md). All are about one trouble.
TROUBLES = (
    "unauthorized_transaction",
    "charged_not_completed",
    "duplicate_charge",
    "refund_timing",
    "payment_failed",
    "account_restricted",
    "international_payment",
    "app_problem",
    "network_problem",
    "transaction_status",
)
SURE = 0.75  # of a clause by itself: a wish that is only guessed at is not offered
_SHORTEST = 4  # characters of a clause that can hold a wish
_BREAK = re.compile(
    r"[,，。;；!！?？\n、]+|\s(?:also|and also|and|plus|besides)\s|(?:另外|还有|顺便|再就是|对了|以及)",
    re.IGNORECASE,
)

Guess = Callable[[str], tuple[str, float]]


def clauses(text: str) -> list[str]:
    """The parts of a message that could each hold a wish; empty for a message of one part."""
    parts = [part.strip() for part in _BREAK.split(text)]
    long_enough = [part for part in parts if len(part) >= _SHORTEST]
    return long_enough if len(long_enough) > 1 else []


def wishes(text: str, intent: str, guess: Guess) -> tuple[str, str | None]:
    """What to answer and what to offer besides (None: nothing), given the intent of the whole message.

    `guess` gives the likeliest intent of a clause and how sure it is.
    """
    if intent not in (*TROUBLES, *BESIDES):
        return intent, None
    sure = [name for name, confidence in map(guess, clauses(text)) if confidence >= SURE]
    first = _first(TROUBLES, sure) if intent in BESIDES else intent
    besides = [name for name in sure if name in BESIDES and name != (first or intent)]
    return first or intent, besides[0] if besides else None


def _first(order: Sequence[str], among: Sequence[str]) -> str | None:
    return next((name for name in order if name in among), None)
