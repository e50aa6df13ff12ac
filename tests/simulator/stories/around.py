"""No network, a lost answer, an app that closes, a merchant that was not told, nothing at all to find;
and payments with which nothing is wrong."""

from __future__ import annotations

from actions.diagnosis.result import Cause
from tests.simulator.person import Person
from tests.simulator.stories.telling import (
    DAY,
    MINUTE,
    SECOND,
    bought,
    noise,
    some_time,
    story,
    tell,
    way_to_pay,
)
from tests.simulator.truth import Happened, Truth


def _app_log(person: Person, outcome: str, version: str | None, tries: int) -> str:
    """Tries that only the app knows of; gives the id by which they are asked about."""
    at = some_time(person, most=9 * DAY)
    shop = person.world.shop(person.home, person.dice)
    noise(person, at + (tries - 1) * MINUTE, shop)
    order, minor, first = f"A{person.digits(12)}", person.units(10, 900), ""
    for n in range(tries):
        row = person.add(
            "client_log",
            id=person.new_id("log"),
            merchant_id=shop.id,
            method_id=person.balance,
            order_no=order,
            minor=minor,
            currency=person.home,
            country=shop.country,
            started_at=at + n * MINUTE,
            client_outcome=outcome,
            app_version=version or person.version_at(at),
        )
        first = first or row["id"]
    return first


@story(3)
def never_sent(person: Person) -> Truth:
    """Without a network the request never left the phone; only the app's own log knows."""
    asked = _app_log(person, "timed_out", None, person.dice.choice([1, 1, 2]))
    return tell(person, asked, Cause.NETWORK_NOT_SENT)


@story(3)
def the_app_closed(person: Person) -> Truth:
    """The app crashed before it sent anything: by a known fault of this version, or nobody knows why."""
    version, variant = person.dice.choice(
        [("5.11.0", "fixed"), ("6.0.0", "not_fixed"), (None, "unspecified")]
    )
    asked = _app_log(person, "crashed", version, 1)
    return tell(person, asked, Cause.APP_BUG, variant=variant)


@story(4)
def paid_but_not_heard(person: Person) -> Truth:
    """It went through, but the answer never reached the phone."""
    at = some_time(person)
    shop = person.world.shop(person.home, person.dice)
    paying = person.payment(shop, person.units(10, 2000), at, method=way_to_pay(person))
    client = person.dice.choice(["timed_out", "timed_out", "crashed"])
    paying.attempt("approved", client=client, network="answer_lost").pay()
    noise(person, at, shop)
    cause = Cause.NETWORK_RESPONSE_LOST
    return tell(
        person,
        paying,
        cause,
        variant="succeeded",
        values={(cause, "at"): paying.row["captured_at"]},
        also={Cause.SUCCEEDED},
    )


@story(5)
def nothing_is_wrong(person: Person) -> Truth:
    """An ordinary payment, at home or abroad; the clocks of wallet and channel may differ a little."""
    at = some_time(person)
    currency = person.dice.choice(["HKD", "JPY", "EUR", "USD"]) if person.chance(0.2) else person.home
    shop = person.world.shop(currency, person.dice)
    paying = person.payment(shop, person.units(10, 2000, currency), at, method=way_to_pay(person))
    if person.chance(0.95):  # older imports have no tries
        paying.attempt("approved")
    way = person.dice.choice(["at once", "at once", "reserved first", "waited at the channel"])
    if way == "reserved first" and currency == person.home:
        paying.hold().capture_hold(at + 5 * MINUTE)
    elif way == "waited at the channel":
        paying.debit().pass_on(at + 4 * MINUTE)
    else:
        paying.pay()
    noise(person, at, shop)
    if person.chance(0.2):
        paying.row["captured_at"] -= person.dice.randrange(2, 90) * SECOND
    values = {
        (Cause.SUCCEEDED, "at"): paying.row["captured_at"],
        (Cause.SUCCEEDED, "transaction_no"): paying.row["transaction_no"],
    }
    claims = person.chance(0.2)  # that it was charged twice, which it was not
    return tell(person, paying, Cause.SUCCEEDED, variant="notified", values=values, claims_duplicate=claims)


@story(1.5)
def paid_after_a_refusal(person: Person) -> Truth:
    """The same payment was refused first and went through at the second try."""
    at = some_time(person)
    shop = person.world.shop(person.home, person.dice)
    paying = person.payment(shop, person.units(10, 900), at)
    paying.attempt("declined", ("wallet", "WRONG_PASSWORD"), tries=1)
    paying.attempt("approved", at=at + MINUTE).pay(at + MINUTE + SECOND)
    noise(person, at, shop)
    return tell(person, paying, Cause.SUCCEEDED, variant="notified")


@story(2)
def the_merchant_was_not_told(person: Person) -> Truth:
    """Paid, but the merchant has had no notice of it."""
    at = some_time(person, least=20 * SECOND, most=2 * DAY)
    shop = person.world.shop(person.home, person.dice)
    paying = bought(person, at, shop=shop, method=way_to_pay(person)).untold()
    noise(person, at, shop)
    return tell(person, paying, Cause.SUCCEEDED, variant="merchant_waiting")


@story(3)
def nothing_to_find(person: Person) -> Truth:
    """A number that does not exist, or is another customer's."""
    other = person.dice.choice(person.world.passers_by)
    strange = bought(other, some_time(other), minor=other.units(5, 80)).id
    asked = strange if person.chance(0.5) else f"pay_{person.digits(10)}"
    return tell(person, asked, Cause.NO_RECORD, variant="nothing_matches")


@story(2)
def said_not_to_be_mine(person: Person) -> Truth:
    """A payment from a new device abroad that the customer says they did not make."""
    at = some_time(person, most=3 * DAY)
    shop = person.world.shop(person.dice.choice(["HKD", "USD", "EUR"]), person.dice)
    paying = person.payment(shop, person.units(300, 3000, shop.currency), at, method=way_to_pay(person))
    paying.attempt("approved", new_device=True, country=shop.country).pay()
    truth = tell(person, paying, Happened(Cause.FRAUD_SUSPECTED), Happened(Cause.SUCCEEDED))
    truth.not_me = True
    return truth
