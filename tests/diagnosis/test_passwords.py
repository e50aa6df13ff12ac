"""D4 password_locked and D22 wrong_password."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from actions.diagnosis.facts import Customer, PasswordLock
from actions.diagnosis.result import Cause, Confidence, Route, Step, Urgency
from tests.diagnosis.build import (
    ALICE,
    CARD,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    TRIED,
    causes,
    cny,
    declined,
    lead,
    of,
)


def locked(since: datetime, until: datetime, *more: PasswordLock) -> Customer:
    """Alice, her payment password locked after five wrong tries."""
    return replace(ALICE, locks=(PasswordLock(since, until, 5), *more))


def test_a_lock_in_force_is_told_with_the_time_left() -> None:
    found = lead(declined("PASSWORD_LOCKED"), customer=locked(TRIED - HOUR, NOW + HOUR))
    assert (found.label, found.confidence) == ("password_locked_locked", Confidence.PROVEN)
    assert found.values == {"until": NOW + HOUR, "left": HOUR, "tries": 5}
    assert found.steps == (Step.WAIT_UNLOCK, Step.RESET_PASSWORD)
    assert (found.route, found.urgency) == (Route.SELF, Urgency.MEDIUM)


@pytest.mark.parametrize(
    ("until", "label"),
    [(NOW + SECOND, "password_locked_locked"), (NOW, "password_locked_unlocked")],
)
def test_exactly_at_its_end_the_lock_is_open_again(until: datetime, label: str) -> None:
    assert lead(declined("PASSWORD_LOCKED"), customer=locked(TRIED - HOUR, until)).label == label


@pytest.mark.parametrize(
    ("until", "counts"), [(TRIED + SECOND, True), (TRIED, False), (TRIED - SECOND, False)]
)
def test_a_lock_that_had_ended_before_the_try_rules_it_out(until: datetime, counts: bool) -> None:
    found = of(declined(None), customer=locked(TRIED - HOUR, until))
    assert (Cause.PASSWORD_LOCKED in causes(found)) is counts


def test_a_lock_set_after_the_try_did_not_stop_it() -> None:
    found = of(declined(None), customer=locked(TRIED + MINUTE, NOW + HOUR))
    assert Cause.PASSWORD_LOCKED not in causes(found)


def test_the_fifth_wrong_password_locks() -> None:
    fifth = declined("WRONG_PASSWORD", wrong_password_tries=5)
    assert lead(fifth, customer=locked(TRIED + SECOND, NOW + HOUR)).label == "password_locked_locked"


def test_the_longest_of_several_locks_counts_in_any_order() -> None:
    short, long = PasswordLock(TRIED - HOUR, NOW - HOUR, 5), PasswordLock(TRIED - HOUR, NOW + HOUR, 5)
    for locks in ((short, long), (long, short)):
        found = lead(declined("PASSWORD_LOCKED"), customer=replace(ALICE, locks=locks))
        assert found.label == "password_locked_locked"


def test_a_code_without_a_record_of_the_lock_tells_no_time() -> None:
    found = lead(declined("PASSWORD_LOCKED"))
    assert (found.label, found.confidence) == ("password_locked_unspecified", Confidence.LIKELY)
    assert found.values == {}


def test_a_lock_that_lasts_is_told_beside_the_recorded_reason() -> None:
    short = declined("INSUFFICIENT_BALANCE", available_before=cny(1))
    lasting = of(short, customer=locked(TRIED - HOUR, NOW + HOUR))
    assert causes(lasting) == [Cause.INSUFFICIENT_BALANCE, Cause.PASSWORD_LOCKED]
    over = of(short, customer=locked(TRIED - HOUR, NOW))
    assert causes(over) == [Cause.INSUFFICIENT_BALANCE]


# ---- D22 wrong_password ---------------------------------------------------------------------------


@pytest.mark.parametrize(("wrong", "left"), [(1, 4), (3, 2), (4, 1)])
def test_the_tries_left_are_told(wrong: int, left: int) -> None:
    found = lead(declined("WRONG_PASSWORD", wrong_password_tries=wrong))
    assert (found.label, found.confidence) == ("wrong_password_counted", Confidence.PROVEN)
    assert found.values == {"tries_left": left}
    assert found.steps == (Step.RETRY_PASSWORD, Step.RESET_PASSWORD)
    assert (found.route, found.urgency) == (Route.SELF, Urgency.LOW)


def test_no_count_no_promise_of_tries() -> None:
    assert lead(declined("WRONG_PASSWORD")).label == "wrong_password_unspecified"


def test_a_bank_does_not_tell_its_count() -> None:
    found = lead(declined("55", "iso8583", method=CARD, wrong_password_tries=2))
    assert found.label == "wrong_password_unspecified"


def test_a_lock_rules_out_a_merely_wrong_password() -> None:
    fifth = declined("WRONG_PASSWORD", wrong_password_tries=5)
    found = of(fifth, customer=locked(TRIED + SECOND, NOW + HOUR))
    assert causes(found) == [Cause.PASSWORD_LOCKED]


def test_without_a_code_tries_alone_prove_nothing() -> None:
    assert causes(of(declined(None, wrong_password_tries=2))) == [Cause.UNKNOWN]


def test_one_wrong_try_too_many_needs_no_code() -> None:
    customer = locked(TRIED + SECOND, TRIED + HOUR)
    fifth = lead(declined(None, wrong_password_tries=5), customer=customer)
    assert fifth.cause is Cause.PASSWORD_LOCKED
    assert Cause.PASSWORD_LOCKED not in causes(of(declined(None, wrong_password_tries=4), customer=customer))


def test_a_card_refused_without_a_code_while_the_password_was_locked() -> None:
    silent = declined(None, "stripe", method=CARD)
    found = lead(silent, customer=locked(TRIED - MINUTE, TRIED + HOUR))
    assert (found.cause, found.confidence) == (Cause.PASSWORD_LOCKED, Confidence.LIKELY)
    by_bank = declined("insufficient_funds", "stripe", method=CARD)
    assert causes(of(by_bank, customer=locked(TRIED - MINUTE, TRIED + HOUR))) == [Cause.ISSUER_DECLINED]
