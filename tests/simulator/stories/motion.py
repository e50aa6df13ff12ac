"""Money on its way: waiting at the channel, reserved, coming back after a failure, or with no outcome yet."""

from __future__ import annotations

from datetime import datetime

from actions.diagnosis.result import Cause
from tests.simulator.paying import Paying
from tests.simulator.person import Person
from tests.simulator.stories.blocks import BANK_RAILS
from tests.simulator.stories.telling import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    around_a_day,
    code_for,
    foreign_currency,
    noise,
    some_time,
    story,
    tell,
)
from tests.simulator.truth import Happened, Truth

WAITING = ("in_progress", "late", "system")


def _begin(
    person: Person, at: datetime, *, card: bool = False, foreign: bool = False, fees: bool = True
) -> Paying:
    dice = person.dice
    currency = foreign_currency(person) if foreign else person.home
    shop = person.world.shop(currency, dice, rails=BANK_RAILS if card else ())
    if person.chance(0.4):
        shop = person.world.places.own_channel(shop)
    minor = person.units(20, 3000, currency)
    method = person.card if card else person.balance
    fee = minor // 250 if fees and currency == person.home and person.chance(0.2) else 0
    paying = person.payment(shop, minor, at, method=method, booked=True, fee=fee)
    noise(person, at, shop)
    return paying


def _waits(person: Person, paying: Paying) -> tuple[str | None, str | None]:
    """What the channel said when it could not say yes or no."""
    words = [word for word in WAITING if word != "late" or paying.shop.rail != "stripe"]
    return (
        (None, None)
        if person.chance(0.2)
        else code_for(person, paying.shop, person.dice.choice(words), "system")
    )


def _late(person: Person, paying: Paying, happened: list[Happened], also: set[Cause]) -> str:
    """The phone may not have heard of it either, and the channel may be known to be disturbed."""
    if person.chance(0.2) and "." in paying.shop.channel and paying.at > person.now - 3 * DAY:
        person.world.places.incident(
            paying.shop.channel, paying.at - HOUR, None if person.chance(0.5) else paying.at + 5 * MINUTE
        )
        happened.append(Happened(Cause.CHANNEL_OUTAGE))
    if person.chance(0.3):
        also.add(Cause.NETWORK_RESPONSE_LOST)
        return "timed_out"
    return "shown"


@story(5)
def debited_without_an_outcome(person: Person) -> Truth:
    """Money left the customer and nobody knows yet whether the merchant gets it."""
    age = around_a_day(person)
    at = person.now - age - SECOND
    paying = _begin(person, at, card=person.chance(0.3), foreign=person.chance(0.15))
    overdue = age > DAY
    cause = Cause.PENDING_OVERDUE if overdue else Cause.PENDING_AT_CHANNEL
    happened = [Happened(cause)]
    also: set[Cause] = set()
    client = _late(person, paying, happened, also)
    status = person.dice.choice(["processing", "processing", "unknown"])
    outcome = person.dice.choice(["pending", "no_response"])
    seconds = None if outcome == "no_response" else 3
    paying.attempt(outcome, _waits(person, paying), client=client, seconds=seconds)
    paying.debit(at + SECOND).state(status, open=True)
    if person.chance(0.15) and age > HOUR:
        _tried_in_vain(person, paying)
    since = at + SECOND
    return tell(
        person,
        paying,
        *happened,
        variant=None if overdue else "undecided",
        values={(cause, "since"): since, (cause, "due"): since + DAY},
        also=also,
    )


def _tried_in_vain(person: Person, paying: Paying) -> None:
    """The customer tried the same order again, without a network."""
    person.add(
        "client_log",
        id=person.new_id("log"),
        merchant_id=paying.shop.id,
        method_id=person.balance,
        order_no=paying.row["order_no"],
        minor=paying.row["minor"],
        currency=paying.row["currency"],
        country=paying.row["country"],
        started_at=paying.at + 20 * MINUTE,
        client_outcome="timed_out",
        app_version=person.version_at(paying.at + 20 * MINUTE),
    )


@story(4)
def failed_after_the_debit(person: Person) -> Truth:
    """It failed in the end, and the money is coming back: the day counts from the failure."""
    age = around_a_day(person)
    failed = person.now - age
    at = failed - person.dice.choice([MINUTE, 5 * HOUR, 30 * HOUR])
    paying = _begin(person, at, card=person.chance(0.3))
    overdue = age > DAY
    cause = Cause.PENDING_OVERDUE if overdue else Cause.PENDING_AT_CHANNEL
    happened = [Happened(cause)]
    also: set[Cause] = set()
    client = _late(person, paying, happened, also)
    paying.attempt("no_response", _waits(person, paying), client=client, seconds=None)
    paying.debit(at + SECOND).failed_after_debit(failed)
    return tell(
        person,
        paying,
        *happened,
        variant=None if overdue else "returning",
        values={(cause, "since"): failed, (cause, "due"): failed + DAY},
        also=also,
    )


@story(3)
def came_back_after_a_failure(person: Person) -> Truth:
    """It failed after the debit, and all of the money is back."""
    at = some_time(person, least=2 * HOUR, most=9 * DAY)
    paying = _begin(person, at, card=person.chance(0.3), foreign=person.chance(0.2))
    happened = [Happened(Cause.REVERSAL_COMPLETED)]
    also: set[Cause] = set()
    client = _late(person, paying, happened, also)
    paying.attempt("no_response", _waits(person, paying), client=client, seconds=None).debit(at + SECOND)
    paying.failed_after_debit(at + 5 * MINUTE)
    back = at + person.dice.choice([10 * MINUTE, 90 * MINUTE])
    paying.reverse(back)
    return tell(person, paying, *happened, values={(Cause.REVERSAL_COMPLETED, "at"): back}, also=also)


@story(3)
def only_reserved(person: Person) -> Truth:
    """The merchant has reserved the amount and has neither taken it nor let it go."""
    dice = person.dice
    days = dice.choice([0, 1, 3, 5, 8, 12])
    at = person.now - days * DAY - dice.randrange(300, 80_000) * SECOND
    paying = _begin(person, at, card=person.chance(0.3), fees=False)
    lost = person.chance(0.2)
    paying.attempt("approved", client="timed_out" if lost else "shown").hold(at + SECOND)
    also = {Cause.NETWORK_RESPONSE_LOST} if lost else ()
    cause = Cause.PENDING_OVERDUE if days >= 8 else Cause.PENDING_AT_CHANNEL
    return tell(person, paying, cause, variant=None if days >= 8 else "held", also=also)


@story(1.5)
def reserved_and_let_go(person: Person) -> Truth:
    """A reservation that was cancelled: nothing was taken."""
    at = some_time(person, least=3 * HOUR, most=9 * DAY)
    paying = _begin(person, at, fees=False)
    paying.attempt("approved").hold(at + SECOND)
    back = at + 2 * HOUR
    paying.release(back, person.dice.choice(["voided", "auth_expired"]))
    return tell(person, paying, Cause.REVERSAL_COMPLETED, values={(Cause.REVERSAL_COMPLETED, "at"): back})


@story(2)
def no_outcome_and_no_debit(person: Person) -> Truth:
    """The channel is silent and nothing has left the wallet yet: it may still go through."""
    at = some_time(person, least=5 * MINUTE, most=20 * HOUR)
    paying = _begin(person, at)
    lost = person.chance(0.5)
    happened = [Happened(Cause.NETWORK_RESPONSE_LOST, traced=lost)]
    paying.attempt(
        "no_response",
        (None, None),
        client="timed_out" if lost else "shown",
        seconds=None,
        network="answer_lost" if lost else "channel_silent",
    ).state("unknown", open=True)
    return tell(person, paying, *happened, variant="open")


@story(2)
def a_bank_that_says_nothing(person: Person) -> Truth:
    """A card payment in progress; the bank has debited it, which the wallet cannot see."""
    at = some_time(person, least=5 * MINUTE, most=20 * HOUR)
    shop = person.world.shop(person.home, person.dice, rails=BANK_RAILS)
    paying = person.payment(shop, person.units(20, 3000), at, method=person.card, booked=False)
    noise(person, at, shop)
    paying.attempt("pending", code_for(person, shop, "in_progress"))
    paying.debit(at + SECOND).state("processing", open=True)
    return tell(person, paying, Cause.PENDING_AT_CHANNEL, variant="undecided")


@story(2)
def let_go_on_paper_only(person: Person) -> Truth:
    """The reservation was cancelled, but the money is not back yet: the day counts from then."""
    age = around_a_day(person)
    ended = person.now - age
    at = ended - 5 * HOUR
    paying = _begin(person, at, fees=False)
    paying.attempt("approved").hold(at + SECOND)
    paying.failed_after_debit(ended)
    paying.row["status"] = person.dice.choice(["voided", "auth_expired"])
    overdue = age > DAY
    cause = Cause.PENDING_OVERDUE if overdue else Cause.PENDING_AT_CHANNEL
    values = {(cause, "since"): ended, (cause, "due"): ended + DAY}
    return tell(person, paying, cause, variant=None if overdue else "returning", values=values)
