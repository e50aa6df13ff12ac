"""Paid twice, meant twice, held beside a charge, or paid already; and what only looks like it."""

from __future__ import annotations

from actions.diagnosis.facts import Money
from actions.diagnosis.result import Cause
from tests.simulator.paying import Paying
from tests.simulator.person import Person
from tests.simulator.stories.telling import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    around_a_day,
    bought,
    code_for,
    noise,
    series,
    some_time,
    story,
    tell,
    way_to_pay,
)
from tests.simulator.truth import Truth


def _pair(person: Person) -> tuple[Paying, Paying, int]:
    """Two captured payments for one intent: how one charge becomes two. The second is the surplus."""
    dice = person.dice
    at = some_time(person, least=2 * HOUR, most=15 * DAY)
    shop = person.world.shop(person.home, dice)
    minor = person.units(20, 2000)
    way = dice.choice(["same order", "same order later", "same cart", "same key", "first seemed to fail"])
    gap = dice.randrange(20, 540) * SECOND
    if way == "same order later":
        gap = dice.choice([HOUR, 26 * HOUR])
    gap = min(gap, (person.now - at) / 2)
    link = f"cart-{person.digits(8)}" if way == "same cart" else None
    method = way_to_pay(person)
    seemed = way == "first seemed to fail"
    first = person.payment(shop, minor, at, link=link, method=method, booked=True)
    first.attempt(
        "approved",
        client="timed_out" if seemed else "shown",
        network="answer_lost" if seemed else "ok",
    ).pay()
    second = bought(
        person,
        at + gap,
        shop=shop,
        minor=minor,
        link=link,
        method=method if person.chance(0.7) else person.card,
        booked=True,
        order_no=first.row["order_no"] if way.startswith("same order") else None,
        key=first.row["idempotency_key"] if way == "same key" else None,
    )
    noise(person, at, shop)
    return first, second, minor


@story(5)
def charged_twice(person: Person) -> Truth:
    """Two charges (now and then three), or a refund of the surplus already under way."""
    before = len(person.paid)
    first, second, minor = _pair(person)
    before = len(person.paid) - 2
    count, also = 2, set()
    if person.chance(0.1) and first.row["order_no"] == second.row["order_no"]:
        bought(
            person,
            second.at + 30 * SECOND,
            shop=first.shop,
            minor=minor,
            method=first.row["method_id"],
            booked=True,
            order_no=first.row["order_no"],
        )
        count = 3
        if person.chance(0.4):  # and that one is back already
            third = person.paid[-1]
            third.refund(accepted=third.at + MINUTE, completed=third.at + 2 * MINUTE)
            third.settle_refunds()
            count = 2
    variant = "unrefunded"
    if person.chance(0.3) and len(person.paid) == before + 2:
        accepted = max(second.at + MINUTE, person.now - around_a_day(person))
        second.refund(accepted=accepted)
        variant = "refunding"
        also.add(Cause.REFUND_OVERDUE if person.now - accepted > DAY else Cause.REFUND_IN_PROGRESS)
    if first.unheard:
        also.add(Cause.NETWORK_RESPONSE_LOST)
    cause = Cause.DUPLICATE_PAYMENT
    asked = person.dice.choice([first, second])
    values = {
        (cause, "surplus"): Money(minor * (count - 1), person.home),
        (cause, "first_at"): first.row["captured_at"],
        (cause, "second_at"): second.row["captured_at"],
        (cause, "count"): count,
    }
    return tell(
        person,
        asked,
        cause,
        variant=variant,
        values=values,
        also=also,
        related={first.id, second.id},
        claims_duplicate=person.chance(0.5),
    )


@story(2)
def charged_twice_and_one_given_back(person: Person) -> Truth:
    """The surplus has been refunded: what is left is one charge."""
    first, second, _ = _pair(person)
    second.refund(accepted=second.at + MINUTE, completed=second.at + (person.now - second.at) / 2)
    second.settle_refunds()
    if person.chance(0.5):
        return tell(person, second, Cause.REFUND_COMPLETED, related={first.id})
    cause = Cause.NETWORK_RESPONSE_LOST if first.unheard else Cause.SUCCEEDED
    return tell(person, first, cause, related={second.id})


@story(3)
def charged_once_and_reserved_once(person: Person) -> Truth:
    """One charge, and beside it a reservation that was let go."""
    dice = person.dice
    at = some_time(person, least=4 * HOUR, most=6 * DAY)
    shop = person.world.shop(person.home, dice)
    minor = person.units(20, 2000)
    held = person.payment(shop, minor, at, booked=True)
    held.attempt("approved").hold(at + SECOND)
    same = person.chance(0.6)
    charge = bought(
        person, at + 90 * SECOND, shop=shop, minor=minor, order_no=held.row["order_no"] if same else None
    )
    noise(person, at, shop)
    back = at + 3 * HOUR
    cause = Cause.AUTH_RELEASED
    values = {(cause, "charged_at"): charge.row["captured_at"], (cause, "held"): Money(minor, person.home)}
    if person.chance(0.3):
        return tell(
            person,
            charge,
            cause,
            variant="still_held",
            values=values,
            related={held.id},
            claims_duplicate=True,
        )
    held.release(back, dice.choice(["voided", "auth_expired"]))
    values[cause, "released_at"] = back
    asked = dice.choice([held, charge])
    return tell(
        person,
        asked,
        cause,
        variant="released",
        values=values,
        related={held.id, charge.id},
        also={Cause.REVERSAL_COMPLETED},
        claims_duplicate=asked is charge and person.chance(0.5),
    )


@story(3)
def paid_already(person: Person) -> Truth:
    """A later try at an order that had been paid: refused, nothing taken."""
    at = some_time(person, least=HOUR, most=9 * DAY)
    shop = person.world.shop(person.home, person.dice, rails=("wechat", "alipay", "iso20022", "wallet"))
    first = bought(person, at, shop=shop, method=way_to_pay(person))
    noise(person, at, shop)
    later = at + person.dice.choice([2 * MINUTE, 40 * MINUTE])
    again = person.payment(shop, first.row["minor"], later, order_no=first.row["order_no"])
    person.exactly(later, again.all.minor)
    again.attempt("declined", code_for(person, shop, person.dice.choice(["paid", "duplicate"]), "paid"))
    again.end("failed", later + 2 * SECOND)
    cause = Cause.ALREADY_PAID
    return tell(
        person, again, cause, values={(cause, "paid_at"): first.row["captured_at"]}, related={first.id}
    )


@story(3)
def two_equal_purchases(person: Person) -> Truth:
    """Two purchases of the same amount, close together or as the customer complains: meant or not?"""
    claims = person.chance(0.5)
    gap = person.dice.choice([12, 30, 100]) * MINUTE
    if claims and person.chance(0.5):
        gap = 20 * HOUR
    at = some_time(person, least=30 * HOUR, most=9 * DAY)
    shop = person.world.shop(person.home, person.dice)
    minor = person.units(20, 500)
    first = bought(person, at, shop=shop, minor=minor)
    second = bought(person, at + gap, shop=shop, minor=minor)
    noise(person, at, shop)
    asked = person.dice.choice([first, second])
    cause = Cause.POSSIBLE_DUPLICATE_ASK
    values = {(cause, "first_at"): first.row["captured_at"], (cause, "second_at"): second.row["captured_at"]}
    return tell(
        person,
        asked,
        cause,
        values=values,
        claims_duplicate=claims,
        also={Cause.SUCCEEDED},
        related={first.id, second.id},
    )


@story(4)
def only_looks_like_twice(person: Person) -> Truth:
    """Parts of one cart, a friend paid twice, periods of a subscription, the daily coffee, one of two
    refused: each payment simply succeeded."""
    dice = person.dice
    at = some_time(person, least=4 * HOUR, most=12 * DAY)
    way = dice.choice(["split", "transfer", "subscription", "coffee", "refused first"])
    minor = person.units(20, 300)
    claims, split = person.chance(0.5), False
    if way == "subscription":
        asked = dice.choice(series(person, at, weeks=3, every=dice.choice([DAY, 7 * DAY])))
        shop = asked.shop
    elif way == "coffee":
        shop = person.world.shop(person.home, dice)
        asked = dice.choice([bought(person, at - n * DAY, shop=shop, minor=minor) for n in range(3)])
        claims = False  # two hours and more apart nobody is asked, unless they complain
    elif way == "split":
        split, shop = True, person.world.shop(person.home, dice)
        order, link = f"S{person.digits(12)}", f"cart-{person.digits(6)}"
        parts = [
            bought(
                person,
                at + n * MINUTE,
                shop=shop,
                minor=minor,
                kind="split",
                link=link,
                order_no=order if person.chance(0.5) else None,
            )
            for n in range(2)
        ]
        asked = dice.choice(parts)
    elif way == "transfer":
        shop = person.world.shop(person.home, dice, person=True)
        asked = dice.choice([bought(person, at + n * 3 * MINUTE, shop=shop, minor=minor) for n in range(2)])
    else:
        shop = person.world.shop(person.home, dice)
        first = person.payment(shop, minor, at)
        person.exactly(at, first.all.minor)
        first.attempt("declined", code_for(person, shop, "odd")).end("failed")
        asked = bought(person, at + 2 * MINUTE, shop=shop, minor=minor, order_no=first.row["order_no"])
    noise(person, at, shop)
    return tell(person, asked, Cause.SUCCEEDED, variant="notified", claims_duplicate=claims, split=split)
