"""Books that contradict themselves: whatever else is true, no story built on them can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from actions.diagnosis.result import Cause
from tests.simulator.paying import Paying
from tests.simulator.person import Person
from tests.simulator.stories.motion import came_back_after_a_failure, debited_without_an_outcome
from tests.simulator.stories.refunds import refund_failed, refund_on_its_way, refunded, refunded_elsewhere
from tests.simulator.stories.telling import DAY, HOUR, MINUTE, SECOND, noise, some_time, story, tell
from tests.simulator.stories.twice import charged_twice
from tests.simulator.truth import Happened, Truth


@story(4)
def records_contradict_each_other(person: Person) -> Truth:
    """An ordinary payment, and one thing in the books that cannot be."""
    dice = person.dice
    at = some_time(person, least=3 * HOUR, most=9 * DAY)
    foreign = person.chance(0.2)
    shop = person.world.shop("HKD" if foreign and person.home != "HKD" else person.home, dice)
    paying = person.payment(shop, person.units(50, 900, shop.currency), at, booked=True)
    noise(person, at, shop)
    paying.attempt("approved")
    way = dice.choice(sorted(_BREAKS))
    if way not in _INSTEAD:
        paying.pay()
    _BREAKS[way](paying, at + HOUR)
    return _untold(paying, tell(person, paying, Cause.LEDGER_INCONSISTENT))


@story(1.5)
def trouble_in_broken_books(person: Person) -> Truth:
    """Some other trouble with money, in books that do not balance."""
    other = person.dice.choice(
        [
            came_back_after_a_failure,
            charged_twice,
            debited_without_an_outcome,
            refund_failed,
            refund_on_its_way,
            refunded,
            refunded_elsewhere,
        ]
    )
    truth = other(person)
    paying = next(one for one in person.paid if one.id == truth.asked)
    paying.booked = True
    _one_legged(paying, person.now - MINUTE)
    truth.happened.append(Happened(Cause.LEDGER_INCONSISTENT))
    truth.variant = None
    return _untold(paying, truth)


def _untold(paying: Paying, truth: Truth) -> Truth:
    """Nobody can tell where the money is."""
    paying.flow.open = True
    paying.flow.place = "unknown"
    return truth


def _one_legged(paying: Paying, at: datetime) -> None:
    paying.note(at, paying.leg("merchant", "capture", paying.cost), broken=True)


def _refund_without_credit(paying: Paying, at: datetime) -> None:
    paying.refund(accepted=at, completed=at + MINUTE, status="succeeded")
    paying.person.journal.lose_refund(paying.id)
    paying.row["status"] = "refunded"


def _credit_without_refund(paying: Paying, at: datetime) -> None:
    leg = paying.leg
    paying.note(at, leg("merchant", "refund", -paying.cost), leg("customer", "refund", paying.cost))


def _credit_of_another_amount(paying: Paying, at: datetime) -> None:
    row = paying.refund(accepted=at, completed=at + MINUTE)
    row["minor"] = max(1, row["minor"] // 2)
    paying.settle_refunds()


def _failed_refund_with_credit(paying: Paying, at: datetime) -> None:
    paying.refund(accepted=at, completed=at + MINUTE)["status"] = "failed"


def _refunded_too_much(paying: Paying, at: datetime) -> None:
    paying.refund(accepted=at, completed=at + MINUTE)
    paying.refund(accepted=at + MINUTE, completed=at + 2 * MINUTE)
    paying.row["status"] = "refunded"


def _no_debit(paying: Paying, at: datetime) -> None:
    paying.booked = False
    paying.pay()


def _debit_twice(paying: Paying, at: datetime) -> None:
    paying.pay()
    leg = paying.leg
    paying.note(at, leg("customer", "debit", -paying.cost), leg("merchant", "capture", paying.cost))


def _wrong_debit(paying: Paying, at: datetime) -> None:
    paying.cost += 1
    paying.pay()
    paying.cost -= 1


def _unbalanced(paying: Paying, at: datetime) -> None:
    paying.note(
        paying.at + SECOND,
        paying.leg("customer", "debit", -paying.cost),
        paying.leg("merchant", "capture", paying.cost - 1),
        broken=True,
    )
    paying.row.update(status="captured", captured_at=paying.at + SECOND)


def _failed_but_captured(paying: Paying, at: datetime) -> None:
    paying.row.update(status="failed", ended_at=at)


def _reversed_but_gone(paying: Paying, at: datetime) -> None:
    paying.row.update(status="reversed", captured_at=None, ended_at=at)


def _captured_but_returned(paying: Paying, at: datetime) -> None:
    paying.reverse(at, status="captured")


def _held_and_taken(paying: Paying, at: datetime) -> None:
    paying.hold().capture_hold(at)
    paying.capture_hold(at + MINUTE)


def _refunded_before_paid(paying: Paying, at: datetime) -> None:
    paying.refund(accepted=paying.at - 2 * HOUR, completed=paying.at - HOUR)
    paying.settle_refunds()


def _refunded_without_a_refund(paying: Paying, at: datetime) -> None:
    paying.row["status"] = "refunded"


def _no_such_currency(paying: Paying, at: datetime) -> None:
    paying.refund(accepted=at)["currency"] = "ZZZ"


_INSTEAD = ("no debit", "debit twice", "wrong debit", "unbalanced", "held and taken twice")
_BREAKS: dict[str, Callable[[Paying, datetime], None]] = {
    "captured but returned": _captured_but_returned,
    "credit of another amount": _credit_of_another_amount,
    "credit without refund": _credit_without_refund,
    "debit twice": _debit_twice,
    "failed but captured": _failed_but_captured,
    "failed refund with credit": _failed_refund_with_credit,
    "held and taken twice": _held_and_taken,
    "no debit": _no_debit,
    "no such currency": _no_such_currency,
    "one leg alone": _one_legged,
    "refund without credit": _refund_without_credit,
    "refunded before paid": _refunded_before_paid,
    "refunded too much": _refunded_too_much,
    "refunded without a refund": _refunded_without_a_refund,
    "reversed but gone": _reversed_but_gone,
    "unbalanced": _unbalanced,
    "wrong debit": _wrong_debit,
}
