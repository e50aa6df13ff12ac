"""A payment that is refused: one obstacle, or two or three at once of which one stopped it."""

from __future__ import annotations

from actions.diagnosis.facts import MethodKind
from actions.diagnosis.result import Cause
from tests.simulator.codes import answer
from tests.simulator.paying import Paying
from tests.simulator.person import Person
from tests.simulator.places import Shop
from tests.simulator.stories.blocks import BANK_RAILS, BLOCKS, Block, Plan, Values, limit_just_enough
from tests.simulator.stories.telling import MINUTE, SECOND, bought, code_for, noise, some_time, story, tell
from tests.simulator.truth import Happened, Truth, lead

_SOON_OVER = (
    Cause.INSUFFICIENT_BALANCE,
    Cause.LIMIT_EXCEEDED,
    Cause.WRONG_PASSWORD,
    Cause.ISSUER_DECLINED,
    Cause.CHANNEL_OUTAGE,
)


@story(26)
def refused(person: Person) -> Truth:
    """One obstacle, as recorded by its code."""
    return _refused(person, 1)


@story(12)
def refused_for_several_reasons(person: Person) -> Truth:
    """Two or three obstacles; the code is of the one that the try met first."""
    return _refused(person, person.dice.choice([2, 2, 3]))


@story(5)
def refused_without_a_code(person: Person) -> Truth:
    """The channel refused and said nothing; what stood in the way is known from the records."""
    return _refused(person, person.dice.choice([1, 1, 2]), silent=True)


@story(2)
def refused_then_paid(person: Person) -> Truth:
    """Refused, then paid by a new payment of the same order; asked about the first: never pay again."""
    return _refused(person, 1, then_paid=True)


def _refused(person: Person, count: int, *, silent: bool = False, then_paid: bool = False) -> Truth:
    dice = person.dice
    first = dice.choice(
        [
            block
            for block in BLOCKS
            if (block.traced or not silent) and (block.cause in _SOON_OVER or not then_paid)
        ]
    )
    abroad = person.chance(0.2) if first.abroad is None else first.abroad
    kind = first.method or dice.choice([MethodKind.BALANCE] * 3 + [MethodKind.BANK_CARD])
    blocks = [first]
    others = [
        block
        for block in BLOCKS
        if block.traced
        and block.method in (None, kind)
        and block.abroad in (None, abroad)
        and not (first.cause is Cause.WRONG_PASSWORD and block.cause is Cause.PASSWORD_LOCKED)
    ]
    if first.meanings == ("not_permitted",):  # 57 may mean either: nobody could tell
        others = [block for block in others if block.cause is not Cause.CURRENCY_UNSUPPORTED]
    for block in dice.sample(others, len(others)):
        if len(blocks) < count and block.cause not in {one.cause for one in blocks}:
            blocks.append(block)
    plan = _plan(person, first, kind, abroad)
    # Later obstacles first: what the first one needs of the plan is not to be changed any more.
    for block in reversed(sorted(blocks, key=lambda one: one is not first)):
        block.arrange(person, plan)
    paying = person.payment(
        plan.shop,
        plan.minor,
        plan.at,
        currency=plan.currency,
        method=plan.method,
        fee=plan.fee,
        expires=plan.expires,
        margin=plan.margin,
    )
    noise(person, plan.at, plan.shop)
    values: Values = {}
    happened = []
    over: set[Cause] = set()
    variants = {}
    for block in blocks:
        variants[block.cause] = block.happen(person, paying, plan, values)
        # A restriction that is over by now stops nobody any more: a code for something else beats it.
        if variants[block.cause] == "lifted" and block is not first and not silent:
            over.add(block.cause)
        else:
            happened.append(Happened(block.cause, recorded=block is first and not silent))
    code = (
        (None, None)
        if silent
        else _code(person, plan, first, variants[first.cause], sum(bool(one.abroad) for one in blocks) == 1)
    )
    if not abroad and person.chance(0.1) and Cause.LIMIT_EXCEEDED not in variants:
        limit_just_enough(person, paying, plan)
    _try(person, paying, plan, code)
    also = over
    if plan.client != "shown":
        # Nothing moved: a lost answer leads only where the code gives no reason of its own.
        no_reason = silent or first.cause is Cause.CHANNEL_OUTAGE
        if no_reason:
            happened.append(Happened(Cause.NETWORK_RESPONSE_LOST))
            variants[Cause.NETWORK_RESPONSE_LOST] = "not_charged"
        else:
            also.add(Cause.NETWORK_RESPONSE_LOST)
    variant = variants[lead(happened)]
    related = set()
    if then_paid:
        again = plan.at + 11 * MINUTE
        second = person.payment(
            plan.shop,
            plan.minor,
            again,
            currency=plan.currency,
            method=person.card,
            order_no=paying.row["order_no"],
        )
        second.attempt("approved", at=again).pay()
        related.add(second.id)
    return tell(person, paying, *happened, variant=variant, values=values, also=also, related=related)


def _plan(person: Person, first: Block, kind: MethodKind, abroad: bool) -> Plan:
    dice = person.dice
    currency = person.home
    if abroad:
        currency = dice.choice([one for one in ("HKD", "JPY", "KWD", "EUR", "USD") if one != person.home])
    rails = first.rails or (BANK_RAILS if kind is MethodKind.BANK_CARD else ())
    shop = person.world.shop(currency, dice, rails=rails)
    minor = person.units(20, 2500, currency)
    at = some_time(person)
    by_balance = kind is MethodKind.BALANCE
    plan = Plan(first.cause, shop, minor, currency, person.balance if by_balance else person.card, at)
    if by_balance and not abroad and person.chance(0.2):
        plan.fee = max(1, minor // 200)
    if abroad and person.chance(0.4):
        plan.margin = person.units(1, 9)
    if person.chance(0.5):
        plan.expires = at + 15 * MINUTE
    if person.chance(0.12):
        plan.client = dice.choice(["timed_out", "crashed"])
    return plan


def _code(person: Person, plan: Plan, block: Block, variant: str | None, alone: bool) -> tuple[str, str]:
    """What the channel (or the wallet) says; "not permitted" only where it can mean but one thing."""
    by_card = person.methods[plan.method].kind is MethodKind.BANK_CARD
    meanings = block.meanings
    if block.cause is Cause.LIMIT_EXCEEDED and variant != "card":
        wallet = {"per_payment": "limit_single", "daily": "limit_day"}.get(variant or "", "limit_month")
        if by_card or plan.shop.rail == "wallet" or person.chance(0.4):
            return code_for(person, plan.shop, wallet, wallet=True)
        specific = (wallet,) if plan.shop.rail == "alipay" and variant == "daily" else ()
        return code_for(person, plan.shop, *specific, "limit")
    if by_card and plan.shop.rail == "iso8583" and block.abroad and alone and person.chance(0.4):
        return code_for(person, plan.shop, "not_permitted")
    if block.cause is Cause.PASSWORD_LOCKED and plan.tries and person.chance(0.5):
        meanings = ("password",)
    return code_for(person, plan.shop, *meanings, wallet=by_card and block.by_wallet)


def _try(person: Person, paying: Paying, plan: Plan, code: tuple[str | None, str | None]) -> None:
    """Plays the try; the balance suffices unless an obstacle took care of it."""
    if paying.row["paying_account_id"] and not plan.short:
        enough = paying.all.minor + (plan.margin or 0)
        person.exactly(plan.at, enough + person.dice.choice([0, person.units(1, 900)]))
    if person.chance(0.25):  # it had been tried before, and refused for something else
        paying.row["created_at"] -= 3 * MINUTE
        before = person.dice.choice([("wallet", "WRONG_PASSWORD"), code_for(person, plan.shop, "odd")])
        paying.attempt("declined", before, at=plan.at - 2 * MINUTE, tries=before[1] == "WRONG_PASSWORD")
    lost = plan.client != "shown"
    silence = plan.no_answer and person.chance(0.5)
    paying.attempt(
        "no_response" if silence else "declined",
        code,
        at=plan.at,
        client=plan.client,
        network="answer_lost" if lost else "ok",
        tries=plan.tries,
        app=plan.app,
        seconds=person.dice.choice([0.3, 2, 9]),
    )
    paying.end(plan.status, plan.ended or plan.at + 2 * SECOND)


@story(3)
def refused_for_no_known_reason(person: Person) -> Truth:
    """A refusal that leaves no proof: an unknown word, a word that can't be, or none at all."""
    dice = person.dice
    at = some_time(person)
    way = dice.choice(["odd", "silent card", "bank word", "duplicate", "others pay", "paid by others"])
    card = way == "silent card"
    rails = BANK_RAILS if card else ("iso8583",) if way == "bank word" else ()
    shop: Shop = person.world.shop(person.home, dice, rails=rails)
    if way == "others pay":
        shop = person.world.places.own_channel(shop)
    paying = person.payment(shop, person.units(20, 2500), at, method=person.card if card else None)
    noise(person, at, shop)
    words = {"bank word": "refused", "others pay": "config", "paid by others": "paid"}
    meaning = words.get(way, way if way == "duplicate" else "odd")
    code = answer(dice, shop.rail, meaning) or answer(dice, shop.rail, "odd")
    if not card:
        person.exactly(at, paying.all.minor + person.units(0, 500))
    if way == "others pay":
        crowd_pays(person, shop, paying)
    paying.attempt("declined", (None, None) if card or code is None else code).end("failed")
    true = {
        "others pay": Cause.MERCHANT_NOT_INTEGRATED,
        "bank word": Cause.CHANNEL_OUTAGE,
    }.get(way, Cause.ISSUER_DECLINED)
    return tell(person, paying, Happened(true, traced=False), variant="failed")


def crowd_pays(person: Person, shop: Shop, paying: Paying) -> None:
    """Other customers pay at the same merchant at the same time without trouble."""
    for other in person.world.passers_by[:3]:
        bought(other, paying.at - 4 * MINUTE, shop=shop, minor=other.units(5, 200, shop.currency))
