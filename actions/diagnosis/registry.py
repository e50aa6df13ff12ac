"""The registry of rules: a rule says at which place of the priority list it speaks.

A rule looks at the facts and returns what it concludes, or None. To add a cause, write a function in
`rules/` and decorate it with `@rule(...)`; nothing else here changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from actions.diagnosis.codes import CodeClass
from actions.diagnosis.facts import Facts
from actions.diagnosis.policy import Policy
from actions.diagnosis.result import Diagnosis

Rule = Callable[[Facts, datetime, Policy], Diagnosis | None]


class Rank(IntEnum):
    """The priority list. Hundreds are its tiers, units the order within one."""

    FRAUD = 100
    LEDGER = 200

    # money taken wrongly or at risk
    DUPLICATE = 300
    REFUND_FAILED = 310
    REFUND_OVERDUE = 320
    PENDING_OVERDUE = 330

    # money in motion
    PENDING = 400
    RESPONSE_LOST = 410
    REFUND_IN_PROGRESS = 420

    # money settled well
    ALREADY_PAID = 500
    AUTH_RELEASED = 510
    REFUND_SETTLED = 520
    REVERSED = 530

    # only a person can lift it
    RESTRICTED = 600

    # why the attempt was declined
    PASSWORD = 700
    LIMIT = 710
    BALANCE = 720
    FX = 730
    ABROAD = 740
    ISSUER = 750
    EXPIRED = 760

    # the surroundings
    OUTAGE = 800
    MERCHANT = 810
    NETWORK = 820
    APP = 830

    ASK = 900
    LAST_RESORT = 1000  # heard only when no other rule has spoken

    @property
    def tier(self) -> int:
        """1 (fraud) to 10 (last resort)."""
        return self // 100


@dataclass(frozen=True)
class Registered:
    """A rule in its place. `explains` are the code classes that make its conclusion a recorded one."""

    rank: Rank
    explains: frozenset[CodeClass]
    find: Rule


RULES: list[Registered] = []


def rule(rank: Rank, explains: Iterable[CodeClass] = ()) -> Callable[[Rule], Rule]:
    """Register a rule at `rank`, for the code classes that it explains."""

    def register(find: Rule) -> Rule:
        RULES.append(Registered(rank, frozenset(explains), find))
        return find

    return register
