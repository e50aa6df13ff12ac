"""What a scenario file says, checked but not yet at any date: `docs/scenarios.md` explains each field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from actions.diagnosis.facts import Money
from actions.diagnosis.result import Cause, MoneyState
from tests.scenarios.moments import When


@dataclass(frozen=True)
class Card:
    """A bank card of the customer's."""

    id: str
    bank: str
    last4: str
    closed: When | None


@dataclass(frozen=True)
class Restriction:
    """A hold on the account."""

    status: str
    since: When
    lifted: When | None
    identity_check: bool


@dataclass(frozen=True)
class PasswordLock:
    """The payment password was locked."""

    since: When
    until: When
    wrong_tries: int


@dataclass(frozen=True)
class International:
    """The customer's settings for paying abroad; None = as usual for `countries` and `currencies`."""

    enabled: bool | None
    changed: When | None
    enabled_before: bool | None
    countries: tuple[str, ...] | None
    currencies: tuple[str, ...] | None
    fee_basis_points: int


@dataclass(frozen=True)
class Customer:
    """Who talks, and what is theirs."""

    name: str
    language: str
    zone: str
    country: str
    currency: str
    app_version: str | None
    available: Money | None
    frozen: Money | None
    frozen_since: When | None
    other_balances: tuple[Money, ...]
    cards: tuple[Card, ...]
    credit_line: bool
    limits: dict[str, Money]
    restrictions: tuple[Restriction, ...]
    password_locks: tuple[PasswordLock, ...]
    international: International | None
    top_ups: tuple[tuple[Money, When], ...]


@dataclass(frozen=True)
class Merchant:
    """A shop of the scenario's own."""

    id: str
    name_zh: str
    name_en: str
    channel: str
    integrated: bool
    country: str
    currencies: tuple[str, ...]
    special_rule_zh: str | None
    special_rule_en: str | None


@dataclass(frozen=True)
class Attempt:
    """One try at a payment; None = what follows from the payment's status."""

    when: When | None
    outcome: str | None
    code: str | None
    rail: str | None
    client: str
    wrong_password_tries: int
    new_device: bool
    country: str | None


@dataclass(frozen=True)
class Refund:
    """Money on its way back."""

    amount: Money | None
    accepted: When
    completed: When | None
    status: str
    destination: str | None
    credited: bool
    reason_zh: str | None
    reason_en: str | None


@dataclass(frozen=True)
class Payment:
    """A payment. `debited` and `held` are whether and when money left or was reserved; `where` is its place
    in the file, for messages."""

    where: str
    merchant: str
    amount: Money
    when: When
    status: str
    kind: str
    method: str
    fee: Money | None
    country: str | None
    order_no: str | None
    cart: str | None
    expires: When | None
    available_before: Money | None
    debited: When | bool | None
    held: When | None
    captured: When | None
    ended: When | None
    reversed: When | None
    merchant_notified: bool
    attempts: tuple[Attempt, ...]
    refunds: tuple[Refund, ...]


@dataclass(frozen=True)
class Others:
    """Other customers, all alike, whom nobody plays: strangers, and people who fail or succeed too."""

    count: int
    customer: Customer
    payments: tuple[Payment, ...]


@dataclass(frozen=True)
class Incident:
    """A disturbance of a channel; `ended` None = it still goes on."""

    channel: str
    started: When
    ended: When | None
    title_zh: str
    title_en: str


@dataclass(frozen=True)
class AppRelease:
    """A version of the wallet's app."""

    version: str
    released: When
    minimum_from: When | None
    known_bug_zh: str | None
    known_bug_en: str | None
    fixed_in: str | None


@dataclass(frozen=True)
class Answer:
    """Words that the answer must have: all of some, any one of others, none of the rest."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turn:
    """The customer writes something or presses a button, and what must come of it (None: not looked at)."""

    say: str | None
    press: str | None
    answer: Answer
    cause: Cause | None
    money: MoneyState | None
    handoff: bool | None
    language: str | None


@dataclass(frozen=True)
class Scenario:
    """One story: the records, and the talk."""

    file: Path
    line: int
    name: str
    signed_in: bool
    customer: Customer
    merchants: tuple[Merchant, ...]
    payments: tuple[Payment, ...]
    others: tuple[Others, ...]
    incidents: tuple[Incident, ...]
    app_releases: tuple[AppRelease, ...] | None
    turns: tuple[Turn, ...]

    @property
    def causes(self) -> frozenset[Cause]:
        """All causes that the talk expects."""
        return frozenset(turn.cause for turn in self.turns if turn.cause)
