"""The sampled accounts: double entry, balances without gaps, and payments that agree with themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timezone
from itertools import pairwise
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actions.diagnosis.invariants import violations
from actions.diagnosis.policy import DEFAULT
from actions.ledger import models as m
from actions.ledger.check.finding import Finding, note, some, wrong
from actions.ledger.check.sample import Sample
from actions.ledger.queries import Ledger, TooManyRecords

_EVER = datetime(1970, 1, 1, tzinfo=timezone.utc)
_LEGS = 300  # of one side of one account, the newest
_TRANSACTIONS = 100
_PAYMENTS = 50
_SINGLE = 0.01  # up to this share, records contradict themselves now and then; beyond, the mapping does

_CHAIN = (
    select(m.Posting.id, m.Posting.minor, m.Posting.balance_after)
    .where(
        m.Posting.customer_id == bindparam("customer"),
        m.Posting.wallet_account_id == bindparam("account"),
        m.Posting.account == bindparam("side"),
    )
    .order_by(m.Posting.posted_at.desc(), m.Posting.sequence.desc())
    .limit(_LEGS)
)
_LEGS_OF = select(
    m.Posting.id, m.Posting.transaction_id, m.Posting.currency, m.Posting.minor, m.Posting.customer_id
).where(
    m.Posting.customer_id == bindparam("customer"),
    m.Posting.transaction_id.in_(bindparam("ids", expanding=True)),
)


async def look(engine: AsyncEngine, sample: Sample, now: datetime) -> AsyncIterator[Finding]:
    """Everything that the books show; one sentence for a kind of fault, with examples."""
    async with engine.connect() as connection:
        for finding in [one async for one in _strangers(connection, sample)]:
            yield finding
        faults: dict[str, list[str]] = defaultdict(list)
        for who in sample.customers:
            for sentence, where in await _customer(connection, sample, who):
                faults[sentence].append(where)
    for sentence, places in faults.items():
        yield wrong(sentence.format(some(places)))
    async for finding in _payments(engine, sample):
        yield finding


async def _strangers(connection: AsyncConnection, sample: Sample) -> AsyncIterator[Finding]:
    """Rows that name something which is not there, or is another customer's."""
    for table in m.Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            mine = [element.parent.name for element in constraint.elements]
            theirs = [element.column for element in constraint.elements]
            named = {tuple(row.get(name) for name in mine) for row in sample.rows[table.name]}
            named = {values for values in named if None not in values}
            if not named:
                continue
            parents = select(*theirs).where(theirs[0].in_({values[0] for values in named}))
            known = {tuple(row) for row in await connection.execute(parents)}
            lost = sorted(named - known)
            if lost:
                yield wrong(
                    f"{table.name}.{mine[0]} names {some(values[0] for values in lost)}, which "
                    f"{theirs[0].table.name} has not (or has for another customer): the view of "
                    f"{theirs[0].table.name} must hold every row that is referred to."
                )


async def _customer(connection: AsyncConnection, sample: Sample, who: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    ids = dict.fromkeys(row["transaction_id"] for row in sample.rows["postings"] if row["customer_id"] == who)
    if ids:
        values = {"customer": who, "ids": list(ids)[:_TRANSACTIONS]}
        found += _unbalanced((await connection.execute(_LEGS_OF, values)).all())
    for account in sample.rows["wallet_accounts"]:
        if account["customer_id"] == who:
            frozen = account["frozen_minor"]
            for side, now in (("customer", account["total_minor"] - frozen), ("customer_hold", frozen)):
                asked = {"customer": who, "account": account["id"], "side": side}
                legs = (await connection.execute(_CHAIN, asked)).all()
                found += _chain(account["id"], side, now, legs)
    return found


def _unbalanced(legs: Any) -> Iterator[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for leg in legs:
        sums[leg.transaction_id, leg.currency] += leg.minor
    for (transaction, currency), rest in sums.items():
        if rest:
            yield (
                "Transactions do not balance ({}): in each currency the legs of one transaction_id must sum "
                "to zero, every leg with the customer's id; a leg or a fee is missing from postings.",
                f"{transaction} by {rest} {currency}",
            )


def _chain(account: str, side: str, now: int, newest_first: Any) -> Iterator[tuple[str, str]]:
    if not newest_first:
        if now:
            yield (
                "Accounts hold money but have no postings ({}): postings must show where it came from.",
                f"{account} {side}",
            )
        return
    if any(leg.balance_after is None for leg in newest_first):
        yield (
            "postings.balance_after is empty for legs of wallet accounts ({}): the balance at the moment of "
            "a try is read from it.",
            f"{account} {side}",
        )
        return
    if newest_first[0].balance_after != now:
        yield (
            "The balance after the last posting is not the account's ({}): wallet_accounts and postings "
            "must agree (customer = total - frozen, customer_hold = frozen).",
            f"{account} {side}: {newest_first[0].balance_after} and {now}",
        )
    for later, earlier in pairwise(newest_first):
        if earlier.balance_after + later.minor != later.balance_after:
            yield (
                "Balances have gaps ({}): balance_after must be the balance before + minor, in order of "
                "posted_at and sequence; a posting is missing or out of order.",
                f"{account} {side} at {later.id}",
            )
            return
    if any(leg.balance_after < 0 for leg in newest_first):
        yield ("Balances fall below zero ({}): a wallet account never does.", f"{account} {side}")


async def _payments(engine: AsyncEngine, sample: Sample) -> AsyncIterator[Finding]:
    """Reads payments as the bot does and checks each against the diagnosis' own invariants."""
    ledger = Ledger(engine)
    read, broken = 0, []
    for who in sample.customers:
        try:
            for payment in await ledger.payments(who, since=_EVER, limit=_PAYMENTS):
                read += 1
                contradictions = violations(payment, DEFAULT)
                if contradictions:
                    what = sorted({f"{one.record}.{one.field}" for one in contradictions})
                    broken.append(f"{payment.id}: {some(what)}")
        except TooManyRecords as error:
            yield note(f"The payments of {who} are too many to judge at once: {error}.")
        except DBAPIError as error:
            yield wrong(f"Reading the payments of {who} failed: {str(error.orig).splitlines()[0]}.")
        except (KeyError, ValueError, TypeError) as error:
            yield wrong(f"The payments of {who} cannot be read: {type(error).__name__} {error}.")
    if broken:
        share = len(broken) / read
        say = note if share <= _SINGLE else wrong
        yield say(
            f"{len(broken)} of {read} payments looked at contradict themselves ({some(broken)}): the bot "
            "hands such payments to a person"
            + ("." if share <= _SINGLE else "; so many point to a fault in the views.")
        )
    if not read:
        yield note("No payments were found for the sampled customers.")
