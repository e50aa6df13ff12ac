"""Refunds: on their way, late, done, elsewhere, in part, failed and sent another way."""

from __future__ import annotations

from datetime import datetime, timedelta

from actions.diagnosis.facts import MethodKind, Money
from actions.diagnosis.result import Cause
from tests.simulator.paying import Paying
from tests.simulator.person import Person
from tests.simulator.stories.telling import (
    DAY,
    HOUR,
    SECOND,
    around_a_day,
    bought,
    foreign_currency,
    noise,
    story,
    tell,
    way_to_pay,
)
from tests.simulator.truth import Happened, Truth


def _paid(person: Person, at: datetime, *, fee: bool = True) -> Paying:
    """A payment by balance, card or abroad, to be refunded later."""
    dice = person.dice
    foreign = person.chance(0.15)
    currency = foreign_currency(person) if foreign else person.home
    shop = person.world.shop(currency, dice)
    minor = person.units(30, 3000, currency)
    paying = bought(
        person,
        at,
        shop=shop,
        minor=minor,
        method=way_to_pay(person),
        fee=minor // 250 if fee and person.chance(0.15) else 0,
    )
    noise(person, at, shop)
    return paying


def _before(person: Person, accepted: datetime) -> datetime:
    return accepted - person.dice.choice([HOUR, 20 * HOUR, 6 * DAY])


def _values(cause: Cause, minor: int, paying: Paying, accepted: datetime) -> dict[tuple[Cause, str], object]:
    return {
        (cause, "refund"): Money(minor, paying.currency),
        (cause, "accepted_at"): accepted,
        (cause, "due"): accepted + DAY,
    }


@story(5)
def refund_on_its_way(person: Person) -> Truth:
    """One refund, young or late; perhaps beside one that has arrived."""
    age = around_a_day(person)
    accepted = person.now - age
    paying = _paid(person, _before(person, accepted))
    done = 0
    if person.chance(0.25):
        done = paying.cost // 3 or 1
        paying.refund(done, accepted=paying.at + 10 * SECOND, completed=paying.at + 1800 * SECOND)
    rest = paying.cost - done
    minor = rest if person.chance(0.6) else max(1, rest // 2)
    paying.refund(minor, accepted=accepted, to=person.card if person.chance(0.2) else None)
    paying.settle_refunds()
    cause = Cause.REFUND_OVERDUE if age > DAY else Cause.REFUND_IN_PROGRESS
    return tell(
        person,
        paying,
        cause,
        values=_values(cause, minor, paying, accepted),
        also={Cause.REFUND_PARTIAL, Cause.REFUND_OTHER_METHOD} if done else (),
    )


@story(1.5)
def two_refunds_one_late(person: Person) -> Truth:
    """A late refund and a young one of the same payment: the late one matters."""
    late = person.now - DAY - timedelta(seconds=person.dice.choice([1, 7200, 90_000]))
    paying = _paid(person, _before(person, late))
    half = paying.cost // 2 or 1
    paying.refund(half, accepted=late)
    if paying.cost - half > 0:
        paying.refund(paying.cost - half, accepted=person.now - 3 * HOUR)
    return tell(person, paying, Cause.REFUND_OVERDUE, Cause.REFUND_IN_PROGRESS)


@story(3)
def refunded(person: Person) -> Truth:
    """All of it has come back, in one piece or in two."""
    accepted = person.now - timedelta(seconds=person.dice.randrange(7200, 9 * 86_400))
    paying = _paid(person, _before(person, accepted))
    # The channel's clock may be a little behind: done before it was accepted.
    done = accepted + timedelta(seconds=person.dice.choice([-45, *range(30, 7000, 90)]))
    if person.chance(0.3) and paying.cost > 1:
        first = paying.cost // 2
        paying.refund(first, accepted=paying.at + 60 * SECOND, completed=paying.at + 900 * SECOND)
        paying.refund(paying.cost - first, accepted=accepted, completed=done)
        values = {}
    else:
        minor = paying.cost + (paying.fee if person.chance(0.5) and not paying.foreign else 0)
        row = paying.refund(minor, accepted=accepted, completed=done)
        if paying.method.kind is MethodKind.BALANCE and person.chance(0.15):
            row.update(status="processing", completed_at=None)  # the row lags behind the books
        values = {
            (Cause.REFUND_COMPLETED, "at"): done,
            (Cause.REFUND_COMPLETED, "refund"): Money(minor, paying.currency),
        }
    if person.chance(0.8):  # the payment's own row may lag too
        paying.settle_refunds()
    return tell(person, paying, Cause.REFUND_COMPLETED, values=values)


@story(3)
def refunded_elsewhere(person: Person) -> Truth:
    """It came back, to another card or to the balance."""
    accepted = person.now - timedelta(seconds=person.dice.randrange(7200, 9 * 86_400))
    paying = _paid(person, _before(person, accepted))
    to = person.balance if paying.row["method_id"] == person.card else person.method(MethodKind.BANK_CARD)
    done = accepted + 1800 * SECOND
    paying.refund(accepted=accepted, completed=done, to=to).update()
    paying.settle_refunds()
    cause = Cause.REFUND_OTHER_METHOD
    values = {
        (cause, "at"): done,
        (cause, "refund"): Money(paying.cost, paying.currency),
        (cause, "destination"): person.methods[to],
        (cause, "original"): paying.method,
    }
    return tell(person, paying, cause, values=values)


@story(3)
def refunded_in_part(person: Person) -> Truth:
    """A part has come back, the rest is the merchant's."""
    accepted = person.now - timedelta(seconds=person.dice.randrange(7200, 9 * 86_400))
    paying = _paid(person, _before(person, accepted))
    minor = max(1, min(paying.cost - 1, person.dice.randrange(1, paying.cost))) if paying.cost > 1 else 1
    done = accepted + 1800 * SECOND
    paying.refund(minor, accepted=accepted, completed=done, reason=person.chance(0.4)).update()
    paying.settle_refunds()
    cause = Cause.REFUND_PARTIAL
    values = {
        (cause, "at"): done,
        (cause, "refund"): Money(minor, paying.currency),
        (cause, "remaining"): Money(paying.cost - minor, paying.currency),
    }
    return tell(person, paying, cause, variant="only_part", values=values)


@story(3)
def refund_failed(person: Person) -> Truth:
    """The card is closed: the money has not arrived. Perhaps a part had before."""
    accepted = person.now - timedelta(seconds=person.dice.randrange(7200, 9 * 86_400))
    paying = _paid(person, _before(person, accepted))
    closed = person.method(MethodKind.BANK_CARD, closed=accepted)
    part = paying.cost // 4
    if part and person.chance(0.3):
        paying.refund(part, accepted=paying.at + 60 * SECOND, completed=paying.at + 900 * SECOND)
    else:
        part = 0
    rest = paying.cost - part
    paying.refund(rest, accepted=accepted, status="failed", to=closed)
    paying.settle_refunds()
    cause = Cause.REFUND_FAILED
    return tell(
        person,
        paying,
        cause,
        values={
            (cause, "refund"): Money(rest, paying.currency),
            (cause, "destination"): person.methods[closed],
        },
        also={Cause.REFUND_PARTIAL} if part else (),
    )


@story(3)
def refund_sent_another_way(person: Person) -> Truth:
    """The first refund failed; a second one, to somewhere else, is on its way or has arrived."""
    age = around_a_day(person, least=30 * SECOND)
    accepted = person.now - age
    failed = accepted - 26 * HOUR
    paying = _paid(person, _before(person, failed))
    closed = person.method(MethodKind.BANK_CARD, closed=failed)
    paying.refund(accepted=failed, status="failed", to=closed)
    other = person.method(MethodKind.BANK_CARD)
    if person.chance(0.5) and age > HOUR:
        done = accepted + 600 * SECOND
        paying.refund(accepted=accepted, completed=done, to=other)
        paying.settle_refunds()
        cause = Cause.REFUND_OTHER_METHOD
        values = {(cause, "at"): done, (cause, "destination"): person.methods[other]}
        return tell(person, paying, cause, values=values)
    paying.refund(accepted=accepted, status=person.dice.choice(["processing", "rerouted"]), to=other)
    cause = Cause.REFUND_OVERDUE if age > DAY else Cause.REFUND_IN_PROGRESS
    return tell(person, paying, cause, values=_values(cause, paying.cost, paying, accepted))


@story(1)
def refund_withdrawn(person: Person) -> Truth:
    """A refund was asked for and cancelled again: the payment simply stands."""
    accepted = person.now - 30 * HOUR
    paying = _paid(person, accepted - DAY)
    paying.refund(accepted=accepted, status="canceled")
    return tell(person, paying, Happened(Cause.SUCCEEDED), variant="notified")
