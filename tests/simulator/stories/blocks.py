"""What can stand in the way of a payment: how each obstacle comes about, and what the channel then says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from actions.diagnosis.facts import MethodKind, Money
from actions.diagnosis.result import Cause
from tests.simulator.paying import Paying
from tests.simulator.person import Person, day_start, month_start
from tests.simulator.places import COUNTRY_OF, OLD_VERSIONS, Shop
from tests.simulator.stories.telling import DAY, HOUR, MINUTE, SECOND, bought, code_for

Values = dict[tuple[Cause, str], Any]
BANK_RAILS = ("iso8583", "iso20022", "stripe")


@dataclass
class Plan:
    """A payment before it is made; obstacles may change it."""

    first: Cause  # what will stop it
    shop: Shop
    minor: int
    currency: str
    method: str
    at: datetime
    fee: int = 0
    expires: datetime | None = None
    margin: int | None = None
    app: str | None = None
    tries: int = 0
    status: str = "failed"
    ended: datetime | None = None
    client: str = "shown"
    short: bool = False  # an obstacle has set the balance
    no_answer: bool = False  # the channel may not have answered at all before the wallet gave up


@dataclass(frozen=True)
class Block:
    """An obstacle. `meanings` are what its code may mean, best first; `by_wallet`: the wallet answers,
    not the channel. `method` and `abroad` say which payments it can stop. `traced`: the records show it
    even if no code came, so that it can also be there while another obstacle stopped the try."""

    cause: Cause
    meanings: tuple[str, ...]
    arrange: Callable[[Person, Plan], None] = lambda person, plan: None
    happen: Callable[[Person, Paying, Plan, Values], str | None] = lambda person, paying, plan, values: None
    method: MethodKind | None = None
    abroad: bool | None = None
    by_wallet: bool = False
    traced: bool = True
    rails: tuple[str, ...] = field(default=())


def _balance(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    """A little or a lot is missing; what is frozen can't be spent."""
    needed = paying.all.minor + (plan.margin or 0)
    available = max(0, needed - (1 if person.chance(0.1) else person.dice.randint(1, needed)))
    if person.chance(0.3):
        person.freeze(plan.at - 2 * HOUR, needed)
    person.exactly(plan.at, available)
    plan.short = True
    foreign = plan.currency != person.home
    cause = Cause.FX_FEE_SHORTFALL if foreign else Cause.INSUFFICIENT_BALANCE
    values[cause, "available"] = Money(available, person.home)
    values[cause, "needed"] = Money(needed, person.home)
    values[cause, "shortfall"] = Money(needed - available, person.home)
    if foreign:
        values[cause, "converted"] = Money(paying.cost, person.home)
        values[cause, "fee"] = Money(paying.fee, person.home)
    return "exact"


def _limit(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    scope = person.dice.choice(["per_payment", "daily", "daily", "monthly"])
    at, minor = plan.at, paying.cost
    for hours in range(1, person.dice.randrange(1, 4)):
        earlier = at - hours * HOUR
        if earlier > day_start(at) and not person.barred(earlier):
            paying_then = bought(person, earlier)
            if person.chance(0.2) and paying_then.booked:  # what came back does not count
                paying_then.row.update(captured_at=None, merchant_notified_at=None, authorized_at=None)
                paying_then.end("failed", earlier + MINUTE).reverse(earlier + 2 * MINUTE)
    until = at + HOUR
    said = Cause.LIMIT_EXCEEDED
    if scope == "per_payment":
        limit = max(1, minor - person.dice.randint(1, minor))
        person.limit(scope, limit, at - DAY, until)
        values[said, "limit"] = Money(limit, person.home)
        return scope
    since = day_start(at) if scope == "daily" else month_start(at)

    def set_limit() -> None:
        used = person.used(since, at)
        left = person.dice.choice([0, minor - 1, person.dice.randrange(minor)])
        limit = max(1, used + left)
        person.limit(scope, limit, since, until)
        values[said, "limit"] = Money(limit, person.home)
        values[said, "used"] = Money(used, person.home)
        values[said, "remaining"] = Money(limit - used, person.home)

    person.later(set_limit)
    return scope


def limit_just_enough(person: Person, paying: Paying, plan: Plan) -> None:
    """A look-alike: the payment fits the day's limit to the last cent."""

    def set_limit() -> None:
        used = person.used(day_start(plan.at), plan.at)
        person.limit("daily", used + paying.cost, day_start(plan.at), plan.at + HOUR)
        person.limit("per_payment", paying.cost, day_start(plan.at), plan.at + HOUR)

    person.later(set_limit)


def _restricted(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    lifted = plan.at + HOUR if person.chance(0.25) and plan.at + 2 * HOUR < person.now else None
    row = person.restrict(plan.at - timedelta(minutes=person.dice.randrange(1, 3000)), lifted)
    if person.chance(0.2):  # and there had been another one
        person.restrict(row["effective_from"] - 9 * HOUR, row["effective_from"] - HOUR)
    values[Cause.ACCOUNT_RESTRICTED, "since"] = row["effective_from"]
    if lifted:
        return "lifted"
    return "identity_check" if row["identity_check_offered"] else "agent"


def _locked(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    since = plan.at - timedelta(minutes=person.dice.randrange(1, 170))
    if plan.first is Cause.PASSWORD_LOCKED and person.chance(0.3):  # the very try that was one too many
        since = plan.at + SECOND
        plan.tries = 5
    row = person.lock(since)
    values[Cause.PASSWORD_LOCKED, "until"] = row["locked_until"]
    return "locked" if row["locked_until"] > person.now else "unlocked"


def _wrong_password(person: Person, plan: Plan) -> None:
    plan.tries = person.dice.randrange(1, 5)


def _tries_left(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    values[Cause.WRONG_PASSWORD, "tries_left"] = 5 - plan.tries  # the wallet locks after five
    return "counted"


def _intl_off(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    kind = person.dice.choice(["off", "off", "no option", "since on"])
    if kind == "off":
        person.abroad.update(enabled=False, changed_at=plan.at - 9 * DAY, enabled_before=True)
    elif kind == "no option":
        person.abroad.update(enabled=None, changed_at=None, enabled_before=None)
    else:
        person.abroad.update(enabled=True, changed_at=plan.at + 5 * MINUTE, enabled_before=False)
    return None


def _country(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    person.abroad["countries"] = [one for one in person.abroad["countries"] if one != plan.shop.country]
    values[Cause.COUNTRY_UNSUPPORTED, "country"] = plan.shop.country
    return None


def _currency(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    person.abroad["currencies"] = [one for one in person.abroad["currencies"] if one != plan.currency]
    values[Cause.CURRENCY_UNSUPPORTED, "currency"] = plan.currency
    return None


def _merchant_currency(person: Person, plan: Plan) -> None:
    other = person.dice.choice([one for one in COUNTRY_OF if one != plan.currency])
    plan.shop = person.world.places.open(plan.shop.channel, plan.shop.currency, takes=other)


def _own_merchant(person: Person, plan: Plan) -> None:
    plan.shop = person.world.places.own_channel(plan.shop)


def crowd(person: Person, shop: Shop, at: datetime, count: int, code: tuple[str, str] | None) -> None:
    """What happens to other customers at the same merchant: refused with a code, or (None) they pay."""
    for other in person.world.passers_by[:count]:
        when = at + timedelta(seconds=person.dice.randrange(-1500, 1500))
        if when > person.now - MINUTE:
            when = at - timedelta(seconds=person.dice.randrange(60, 1500))
        paying = other.payment(shop, other.units(5, 200, shop.currency), when, currency=shop.currency)
        if code is None:
            paying.attempt("approved").pay()
        else:
            paying.attempt("declined", code).end("failed")


def _misconfigured(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    fixed = person.chance(0.2)
    if not fixed:
        person.world.places.break_integration(plan.shop)
    others = 8 if fixed else person.dice.choice([0, 2, 8])
    crowd(person, plan.shop, plan.at, others, code_for(person, plan.shop, "config"))
    return None


def _outage(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    start = plan.at - timedelta(minutes=person.dice.randrange(0, 300))
    lasts = person.chance(0.3) and person.now - plan.at < DAY
    end = (
        None
        if lasts
        else min(person.now - MINUTE, plan.at + timedelta(minutes=person.dice.randrange(3, 200)))
    )
    person.world.places.incident(plan.shop.channel, start, end)
    plan.no_answer = plan.first is Cause.CHANNEL_OUTAGE
    values[Cause.CHANNEL_OUTAGE, "started_at"] = start
    values[Cause.CHANNEL_OUTAGE, "ended_at"] = end
    return "ongoing" if lasts else "ended"


def _old_app(person: Person, plan: Plan) -> None:
    plan.app = person.dice.choice(OLD_VERSIONS)


def _old_app_values(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
    values[Cause.APP_OUTDATED, "version"] = plan.app
    values[Cause.APP_OUTDATED, "required"] = "6.0.1" if plan.at >= person.now - DAY else "5.12.0"
    return None


def _expire(status: str) -> Callable[[Person, Plan], None]:
    def arrange(person: Person, plan: Plan) -> None:
        plan.expires = plan.at - timedelta(seconds=person.dice.choice([1, 20, 300, 4000]))
        plan.status = status
        plan.ended = plan.expires if status != "failed" else None

    return arrange


def _says(variant: str) -> Callable[[Person, Paying, Plan, Values], str | None]:
    """Nothing but the code tells of it."""
    return lambda person, paying, plan, values: variant


def _expired_at(cause: Cause) -> Callable[[Person, Paying, Plan, Values], str | None]:
    def happen(person: Person, paying: Paying, plan: Plan, values: Values) -> str | None:
        values[cause, "expired_at"] = plan.expires
        return None

    return happen


_BALANCE, _CARD = MethodKind.BALANCE, MethodKind.BANK_CARD
BLOCKS: tuple[Block, ...] = (
    Block(Cause.INSUFFICIENT_BALANCE, ("funds",), happen=_balance, method=_BALANCE, abroad=False),
    Block(Cause.FX_FEE_SHORTFALL, ("fx_funds", "funds"), happen=_balance, method=_BALANCE, abroad=True),
    Block(Cause.LIMIT_EXCEEDED, ("limit",), happen=_limit, abroad=False, by_wallet=True),
    Block(
        Cause.LIMIT_EXCEEDED,
        ("limit",),
        happen=_says("card"),
        method=_CARD,
        abroad=False,
        rails=("iso8583", "stripe"),
        traced=False,
    ),
    Block(Cause.ACCOUNT_RESTRICTED, ("restricted",), happen=_restricted, by_wallet=True),
    Block(Cause.PASSWORD_LOCKED, ("password_tries",), happen=_locked, by_wallet=True),
    Block(Cause.WRONG_PASSWORD, ("password",), _wrong_password, _tries_left, by_wallet=True, traced=False),
    Block(Cause.INTERNATIONAL_DISABLED, ("intl_off",), happen=_intl_off, abroad=True, by_wallet=True),
    Block(Cause.COUNTRY_UNSUPPORTED, ("country",), happen=_country, abroad=True),
    Block(Cause.CURRENCY_UNSUPPORTED, ("currency",), happen=_currency, abroad=True),
    Block(Cause.CURRENCY_UNSUPPORTED, ("currency",), _merchant_currency, abroad=False),
    *(
        Block(
            Cause.ISSUER_DECLINED,
            (meaning,),
            happen=_says(said),
            method=_CARD,
            abroad=False,
            rails=rails,
            traced=False,
        )
        for meaning, said, rails in (
            ("refused", "generic", BANK_RAILS),
            ("refused", "generic", BANK_RAILS),
            ("card_expired", "card_expired", ("iso8583", "stripe")),
            ("funds", "card_funds", BANK_RAILS),
            ("not_permitted", "generic", ("iso8583",)),
            ("stolen", "generic", BANK_RAILS),
            ("restricted", "generic", ("iso8583", "stripe")),
        )
    ),
    *(
        Block(cause, (meaning,), _expire(status), _expired_at(cause), traced=False)
        for cause, meaning, status in (
            (Cause.QR_EXPIRED, "qr_expired", "failed"),
            (Cause.ORDER_EXPIRED, "expired", "expired"),
            (Cause.ORDER_CLOSED, "closed", "closed"),
        )
    ),
    Block(Cause.CHANNEL_OUTAGE, ("system",), _own_merchant, _outage),
    Block(Cause.MERCHANT_NOT_INTEGRATED, ("config",), _own_merchant, _misconfigured),
    Block(Cause.APP_OUTDATED, ("app_old",), _old_app, _old_app_values, by_wallet=True),
)
