"""Several things at once, and rarer lives of a payment."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from actions.diagnosis.facts import MethodKind, Money
from actions.diagnosis.result import Cause
from tests.simulator.codes import answer
from tests.simulator.journal import EXPONENTS
from tests.simulator.paying import Paying
from tests.simulator.person import Person
from tests.simulator.stories.declines import refused, refused_for_several_reasons
from tests.simulator.stories.motion import debited_without_an_outcome, failed_after_the_debit
from tests.simulator.stories.refunds import refund_failed, refund_on_its_way, refunded_in_part
from tests.simulator.stories.telling import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    around_a_day,
    bought,
    code_for,
    foreign_currency,
    noise,
    some_time,
    story,
    tell,
)
from tests.simulator.stories.twice import charged_twice
from tests.simulator.truth import Return, Truth

_ANY = (
    charged_twice,
    debited_without_an_outcome,
    failed_after_the_debit,
    refund_failed,
    refund_on_its_way,
    refunded_in_part,
    refused,
    refused_for_several_reasons,
)


@story(4)
def asked_about_another(person: Person) -> Truth:
    """The customer has a trouble, but asks about an ordinary payment elsewhere."""
    trouble = person.dice.choice(_ANY)(person)
    for _ in range(20):
        at = some_time(person, least=HOUR)
        shop = person.world.shop(person.home, person.dice)
        near = any(one.shop == shop and abs(one.at - at) < 4 * DAY for one in person.paid)
        if not near and not person.barred(at):
            truth = tell(person, bought(person, at, shop=shop), Cause.SUCCEEDED, variant="notified")
            truth.claims_duplicate = trouble.claims_duplicate
            return truth
    return trouble  # the account has been restricted all the time


@story(3)
def two_troubles(person: Person) -> Truth:
    """Two troubles at two merchants; the one that is asked about counts."""
    first, second = person.dice.sample(_ANY[:6], 2)
    return person.dice.choice([first(person), second(person)])


@story(2)
def charged_twice_both_refunded(person: Person) -> Truth:
    """Both of two charges are on their way back or one has failed to come back."""
    truth = charged_twice(person)
    first, second = (one for one in person.paid if one.id in truth.related)
    if len([one for one in person.paid if one.row["order_no"] == first.row["order_no"]]) > 2:
        return truth
    if second.flow.returns or truth.not_me:
        return truth
    accepted = max(second.at + MINUTE, person.now - around_a_day(person))
    part = second.cost // 2
    if part and person.chance(0.5):  # half of the surplus only: the other half is still too much
        second.refund(part, accepted=accepted)
        truth.also.add(Cause.REFUND_OVERDUE if person.now - accepted > DAY else Cause.REFUND_IN_PROGRESS)
    else:
        second.refund(
            accepted=accepted, status="failed", to=person.method(MethodKind.BANK_CARD, closed=accepted)
        )
        truth.also.add(Cause.REFUND_FAILED)
    return truth


@story(2)
def refunded_at_another_rate(person: Person) -> Truth:
    """Paid abroad; the refund is in the merchant's currency and comes back at the rate of its own day."""
    accepted = person.now - person.dice.choice([2 * DAY, 5 * DAY])
    shop = person.world.shop(foreign_currency(person), person.dice)
    paying = bought(person, accepted - 6 * DAY, shop=shop, minor=person.units(50, 2000, shop.currency))
    noise(person, paying.at, shop)
    whole = person.chance(0.6)
    minor = paying.row["minor"] if whole else max(1, paying.row["minor"] // 3)
    if person.chance(0.3):  # at which rate it will come back nobody knows yet
        row = paying.refund(minor, accepted=accepted)
        row["currency"] = shop.currency
        paying.flow.returns = [Return("refund", Money(minor, shop.currency), "moving", paying.method)]
        return tell(person, paying, Cause.REFUND_OVERDUE)
    done = accepted + 20 * MINUTE
    rate = person.world.places.quote(person.home, shop.currency, done)["rate"]
    scale = Decimal(10) ** (EXPONENTS[person.home] - EXPONENTS[shop.currency])
    back = int((minor * rate * scale).quantize(Decimal(1), ROUND_HALF_UP)) or 1
    row = paying.refund(minor, accepted=accepted, status="succeeded")
    row.update(currency=shop.currency, completed_at=done)
    leg, wallet = person.journal.leg, person.wallet(person.home)
    person.journal.note(
        done,
        leg("merchant", "refund", -minor, shop.currency),
        leg("fx", "fx", minor, shop.currency),
        leg("fx", "fx", -back, person.home),
        leg("customer", "refund", back, person.home, wallet=wallet),
        payment_id=paying.id,
        refund_id=row["id"],
    )
    paying.row["status"] = "refunded" if whole else "partially_refunded"
    paying.flow.returns = [Return("refund", Money(back, person.home), "done", paying.method)]
    paying.flow.whole = whole
    cause = Cause.REFUND_COMPLETED if whole else Cause.REFUND_PARTIAL
    values = {(cause, "refund"): Money(back, person.home), (cause, "at"): done}
    if not whole:  # what is left is known in the merchant's currency only
        values[cause, "remaining"] = None
    return tell(person, paying, cause, values=values)


@story(2)
def given_back_by_a_refund(person: Person) -> Truth:
    """It failed after the debit, and the money comes back as a refund instead of a reversal."""
    age = around_a_day(person)
    accepted = person.now - age
    at = accepted - 2 * HOUR
    shop = person.world.shop(person.home, person.dice)
    paying = person.payment(shop, person.units(20, 900), at)
    noise(person, at, shop)
    paying.attempt("no_response", code_for(person, shop, "system"), seconds=None).debit(at + SECOND)
    paying.end("failed", accepted)
    if person.chance(0.4) and age > HOUR:
        paying.refund(accepted=accepted, completed=accepted + 30 * MINUTE)
        return tell(person, paying, Cause.REFUND_COMPLETED)
    paying.refund(accepted=accepted)
    cause = Cause.REFUND_OVERDUE if age > DAY else Cause.REFUND_IN_PROGRESS
    return tell(
        person,
        paying,
        cause,
        values={(cause, "due"): accepted + DAY},
        also={Cause.PENDING_OVERDUE, Cause.PENDING_AT_CHANNEL},
    )


@story(2)
def short_in_one_purse(person: Person) -> Truth:
    """Paid from a second wallet account: short there, while the other one has plenty."""
    currency = foreign_currency(person)
    at = some_time(person)
    shop = person.world.shop(currency, person.dice)
    paying = person.payment(shop, person.units(20, 900, currency), at, purse=currency)
    noise(person, at, shop)
    person.exactly(at, person.units(5000, 9000))
    available = person.dice.randrange(paying.all.minor)
    person.exactly(at, available, currency)
    paying.attempt("declined", code_for(person, shop, "funds")).end("failed")
    cause = Cause.INSUFFICIENT_BALANCE
    values = {
        (cause, "available"): Money(available, currency),
        (cause, "needed"): paying.all,
        (cause, "shortfall"): Money(paying.all.minor - available, currency),
    }
    return tell(person, paying, cause, variant="exact", values=values)


@story(2)
def disturbed_and_undecided(person: Person) -> Truth:
    """The channel is down at this moment, nothing has left the wallet, and nobody knows the outcome."""
    at = some_time(person, least=2 * MINUTE, most=5 * HOUR)
    shop = person.world.places.own_channel(person.world.shop(person.home, person.dice))
    paying = person.payment(shop, person.units(20, 900), at)
    noise(person, at, shop)
    start = at - 10 * MINUTE
    person.world.places.incident(shop.channel, start, None)
    paying.attempt("no_response", code_for(person, shop, "system"), seconds=None).state("unknown", open=True)
    cause = Cause.CHANNEL_OUTAGE
    return tell(person, paying, cause, variant="ongoing", values={(cause, "started_at"): start})


@story(1.5)
def never_confirmed(person: Person) -> Truth:
    """The customer never confirmed: the order ran out of time, or the merchant closed it."""
    closed = person.chance(0.5)
    at = some_time(person, least=HOUR)
    shop = person.world.shop(person.home, person.dice)
    expires = at + 15 * MINUTE
    paying = person.payment(shop, person.units(20, 900), at, expires=expires)
    noise(person, at, shop)
    paying.end("closed" if closed else "expired", expires)
    cause = Cause.ORDER_CLOSED if closed else Cause.ORDER_EXPIRED
    return tell(person, paying, cause, values={(cause, "expired_at"): expires})


@story(1.5)
def a_moment_ago(person: Person) -> Truth:
    """So fresh that the ledger's clock is ahead of the bot's."""
    at = person.now + person.dice.randrange(-5, 60) * SECOND
    shop = person.world.shop(person.home, person.dice)
    paying = person.payment(shop, person.units(20, 900), at)
    noise(person, at, shop, share=0)
    if person.chance(0.5):
        paying.attempt("pending", _open_code(person, paying)).debit().state("processing", open=True)
        return tell(person, paying, Cause.PENDING_AT_CHANNEL, variant="undecided")
    paying.attempt("approved").pay()
    return tell(person, paying, Cause.SUCCEEDED)


def _open_code(person: Person, paying: Paying) -> tuple[str, str] | tuple[None, None]:
    return answer(person.dice, paying.shop.rail, "in_progress") or (None, None)


@story(1.5)
def disputed(person: Person) -> Truth:
    """The bank disputes a card payment; the merchant still has the money."""
    at = some_time(person, least=3 * DAY)
    shop = person.world.shop(person.home, person.dice, rails=("iso8583", "stripe"))
    paying = bought(person, at, shop=shop, method=person.card).state("disputed")
    noise(person, at, shop)
    return tell(person, paying, Cause.UNKNOWN)


@story(2)
def paid_again_while_waiting(person: Person) -> Truth:
    """The first payment of an order waits at the channel; the customer paid once more by card."""
    truth = debited_without_an_outcome(person)
    first = next(one for one in person.paid if one.id == truth.asked)
    again = first.at + (person.now - first.at) / 2
    second = person.payment(
        first.shop,
        first.row["minor"],
        again,
        currency=first.row["currency"],
        method=person.card,
        order_no=first.row["order_no"],
    )
    second.attempt("approved").pay()
    truth.flows[second.id] = second.flow
    truth.related.add(second.id)
    return truth


@story(2)
def paid_already_by_itself(person: Person) -> Truth:
    """The same payment was tried again after it had gone through: refused as paid."""
    at = some_time(person, least=HOUR, most=9 * DAY)
    shop = person.world.shop(person.home, person.dice, rails=("wechat", "alipay", "iso20022", "wallet"))
    paying = bought(person, at, shop=shop)
    noise(person, at, shop)
    paying.attempt("declined", code_for(person, shop, "paid"), at=at + 3 * MINUTE)
    cause = Cause.ALREADY_PAID
    return tell(person, paying, cause, values={(cause, "paid_at"): paying.row["captured_at"]})
