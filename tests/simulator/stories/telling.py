"""How stories are registered and told, and the harmless things that happen around all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actions.diagnosis.facts import MethodKind
from actions.diagnosis.result import Cause
from tests.simulator.codes import answer
from tests.simulator.paying import Paying
from tests.simulator.person import Person, day_start
from tests.simulator.places import Shop
from tests.simulator.truth import Happened, Truth

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)
Play = Callable[[Person], Truth]


@dataclass(frozen=True)
class Story:
    """A trouble; `weight` is how often it is told, `home` the customer's currency if it must be one."""

    name: str
    weight: float
    play: Play
    home: str | None


STORIES: dict[str, Story] = {}


def story(weight: float = 1, *, home: str | None = None) -> Callable[[Play], Play]:
    """Registers a story under its function's name."""

    def register(play: Play) -> Play:
        STORIES[play.__name__] = Story(play.__name__, weight, play, home)
        return play

    return register


def tell(
    person: Person,
    asked: Paying | str,
    *happened: Happened | Cause,
    variant: str | None = None,
    values: dict[tuple[Cause, str], Any] | None = None,
    also: Iterable[Cause] = (),
    **more: Any,
) -> Truth:
    """What is true at the end of a story. A fifth of the customers, of those asked about payments that
    exist, say nothing; now and then one says "that was not me", which is then what matters most."""
    things = [one if isinstance(one, Happened) else Happened(one) for one in happened]
    if isinstance(asked, Paying) and person.chance(0.08):
        _same_number_elsewhere(person, asked)
    not_me = isinstance(asked, Paying) and person.chance(0.02)
    if not_me:
        things.append(Happened(Cause.FRAUD_SUSPECTED))
        variant = None
    return Truth(
        story="",
        customer_id=person.id,
        asked=asked if isinstance(asked, str) else asked.id,
        now=person.now,
        happened=things,
        flows={one.id: one.flow for one in person.paid},
        variant=variant,
        values=values if values is not None else {},  # not a copy: some figures are set later
        also=set(also),
        not_me=not_me,
        **more,
    )


def _same_number_elsewhere(person: Person, asked: Paying) -> None:
    """Order numbers are the merchants' own: another one may use the same."""
    at = asked.at + 5 * MINUTE
    shop = person.world.shop(person.home, person.dice)
    if shop.id != asked.shop.id and at < person.now and not person.barred(at):
        minor = asked.row["minor"] if asked.row["currency"] == person.home else None
        bought(person, at, shop=shop, minor=minor, order_no=asked.row["order_no"])


def some_time(person: Person, *, least: timedelta = 10 * MINUTE, most: timedelta = 20 * DAY) -> datetime:
    """A moment before now; sometimes right after or before a midnight of the wallet's zone."""
    seconds = person.dice.randrange(int(least.total_seconds()), int(most.total_seconds()))
    at = person.now - timedelta(seconds=seconds)
    if person.chance(0.15):
        at = day_start(at) + person.dice.choice([-1, 1]) * timedelta(seconds=person.dice.randrange(30, 600))
    return at if person.now - most <= at <= person.now - least else person.now - timedelta(seconds=seconds)


def around_a_day(person: Person, *, least: timedelta = 2 * MINUTE) -> timedelta:
    """How long ago something began that usually ends within 24 hours: often close to that boundary."""
    near = [DAY, DAY - SECOND, DAY + SECOND, DAY - MINUTE, DAY + MINUTE]
    spread = person.dice.choice(
        [
            least + timedelta(seconds=person.dice.randrange(60, 23 * 3600)),
            person.dice.choice(near),
            DAY + timedelta(seconds=person.dice.randrange(60, 6 * 86_400)),
        ]
    )
    return spread


def code_for(person: Person, shop: Shop, *meanings: str, wallet: bool = False) -> tuple[str, str]:
    """The code by which the shop's channel (or the wallet itself) says one of the meanings."""
    found = answer(person.dice, "wallet" if wallet else shop.rail, *meanings)
    if found is None:
        raise ValueError(f"no code for {meanings} on {shop.rail}")
    return found


def bought(
    person: Person, at: datetime, *, shop: Shop | None = None, minor: int | None = None, **more: Any
) -> Paying:
    """A payment that went through at once."""
    shop = shop or person.world.shop(person.home, person.dice)
    return person.payment(shop, minor or person.units(10, 900), at, **more).attempt("approved").pay()


def foreign_currency(person: Person) -> str:
    """A currency that is not the customer's own."""
    return person.dice.choice([one for one in ("HKD", "JPY", "EUR", "USD") if one != person.home])


def way_to_pay(person: Person) -> str:
    """Mostly the balance, else a card or the credit line."""
    if person.chance(0.08):
        return person.method(MethodKind.CREDIT_LINE)
    return person.card if person.chance(0.3) else person.balance


def noise(person: Person, at: datetime, shop: Shop, share: float = 0.18) -> None:
    """Things near a payment that have nothing to do with its end. Keeps ordinary life away from `at`."""
    person.busy(at - 4 * HOUR, at + 2 * HOUR)
    places, dice = person.world.places, person.dice
    early = at - timedelta(hours=dice.randrange(6, 60))
    just = dice.choice([SECOND, 5 * SECOND, HOUR])
    if person.chance(share):  # trouble in a channel that sounds alike
        places.incident(f"{shop.channel}_b", at - HOUR, at + HOUR if person.chance(0.8) else None)
    if person.chance(share) and "." in shop.channel:  # over before, or begun after
        over = person.chance(0.5)
        start = at - 3 * HOUR if over else at + 5 * MINUTE
        places.incident(shop.channel, start, at - 2 * MINUTE if over else start + HOUR)
    if person.chance(share):
        person.restrict(at - 30 * HOUR, at - just)
    if person.chance(share):
        person.lock(at - just - 3 * HOUR)
    if person.chance(share / 2) and at + 2 * HOUR < person.now:
        person.restrict(at + just)
    if person.chance(share):
        person.freeze(early, person.units(10, 500), None if person.chance(0.5) else early + 3 * HOUR)
    if person.chance(share) and at + 2 * HOUR < person.now:
        person.journal.transfer(at + HOUR, person.wallet(person.home), person.home, person.units(100, 900))
    if person.chance(share):
        friend = person.world.shop(person.home, dice, person=True)
        minor = person.units(20, 200)
        for minutes in (0, dice.randrange(1, 9)):
            bought(person, early + minutes * MINUTE, shop=friend, minor=minor)
    if person.chance(share):
        series(person, early, weeks=dice.randrange(1, 4))
    if person.chance(share):  # an earlier refusal there, of another order
        old = person.payment(shop, person.units(901, 1500, shop.currency), early, currency=shop.currency)
        old.attempt("declined", code_for(person, shop, "odd")).end("failed")


def series(person: Person, last: datetime, *, weeks: int = 3, every: timedelta = 7 * DAY) -> list[Paying]:
    """A subscription, the newest period first."""
    shop = person.world.shop(person.home, person.dice)
    minor, mandate = person.units(15, 60), f"mandate-{person.digits(8)}"
    return [
        bought(person, last - n * every, shop=shop, minor=minor, kind="subscription", link=mandate)
        for n in range(weeks)
    ]
