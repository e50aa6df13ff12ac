"""D1 balance, D2 limits, D17 shortfall after conversion: not enough of something."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from actions.diagnosis.facts import FxQuote, Money, PaymentStatus
from actions.diagnosis.result import Cause, Confidence, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import (
    CARD,
    CREDIT,
    EUROPE,
    MINUTE,
    NOW,
    SECOND,
    attempt,
    bought,
    causes,
    cny,
    declined,
    lead,
    limits,
    of,
    payment,
)

SHORT: dict[str, Any] = {"available_before": cny(7_250)}


# ---- D1 insufficient_balance ----------------------------------------------------------------------


def test_too_little_available_is_told_with_the_exact_shortfall() -> None:
    found = lead(declined("INSUFFICIENT_BALANCE", fee=cny(50), **SHORT))
    assert (found.cause, found.variant) == (Cause.INSUFFICIENT_BALANCE, "exact")
    assert found.confidence is Confidence.PROVEN
    assert found.values == {"available": cny(7_250), "needed": cny(10_050), "shortfall": cny(2_800)}
    assert found.money is MoneyState.NOT_CHARGED
    assert found.steps == (Step.TOP_UP, Step.OTHER_METHOD, Step.RETRY)
    assert (found.route, found.urgency) == (Route.SELF, Urgency.LOW)


def test_available_counts_and_not_the_total_with_its_frozen_part() -> None:
    found = lead(declined("INSUFFICIENT_BALANCE", available_before=cny(9_999), frozen_before=cny(90_000)))
    assert found.values["shortfall"] == cny(1)


@pytest.mark.parametrize("available", [10_050, 10_051, 99_999])
def test_enough_at_the_attempt_contradicts_the_code(available: int) -> None:
    found = of(declined("INSUFFICIENT_BALANCE", fee=cny(50), available_before=cny(available)))
    assert causes(found) == [Cause.LEDGER_INCONSISTENT]


def test_the_balance_at_the_attempt_counts_and_not_that_of_today() -> None:
    found = lead(declined("INSUFFICIENT_BALANCE", **SHORT))  # Alice has 200.00 now
    assert found.values["available"] == cny(7_250)


def test_a_shortage_without_a_code_is_only_likely() -> None:
    found = lead(declined(None, **SHORT))
    assert (found.cause, found.confidence) == (Cause.INSUFFICIENT_BALANCE, Confidence.LIKELY)


def test_a_code_without_a_known_balance_tells_no_figures() -> None:
    found = lead(declined("INSUFFICIENT_BALANCE", available_before=None))
    assert (found.label, found.confidence) == ("insufficient_balance_unspecified", Confidence.LIKELY)
    assert found.values == {}


def test_a_bank_card_is_not_short_of_wallet_balance() -> None:
    found = of(declined("51", "iso8583", method=CARD, **SHORT))
    assert [one.label for one in found] == ["issuer_declined_card_funds"]


def test_of_several_tries_the_last_one_counts() -> None:
    first = attempt("INSUFFICIENT_BALANCE", id="a1", available_before=cny(1))
    second = attempt("INSUFFICIENT_BALANCE", id="a2", started_at=first.started_at + MINUTE, **SHORT)
    assert lead(payment(attempts=(second, first))).values["available"] == cny(7_250)


# ---- D2 limit_exceeded ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "scope", "used"),
    [
        ("LIMIT_SINGLE", "per_payment", None),
        ("LIMIT_DAILY", "daily", 5_001),
        ("LIMIT_MONTHLY", "monthly", 5_001),
    ],
)
def test_each_limit_is_told_with_its_figures(code: str, scope: str, used: int | None) -> None:
    limit = 9_999 if used is None else 15_000
    name = {"daily": "used_today", "monthly": "used_month"}.get(scope)
    found = lead(declined(code, limits=limits(**{scope: limit}, **({name: used} if name else {}))))
    assert (found.label, found.confidence) == (f"limit_exceeded_{scope}", Confidence.PROVEN)
    assert found.values["limit"] == cny(limit)
    assert found.values["used"] == cny(used or 0)
    assert found.values["remaining"] == cny(limit - (used or 0))
    assert (found.route, found.urgency) == (Route.SELF, Urgency.LOW)


@pytest.mark.parametrize(("used", "over"), [(4_999, False), (5_000, False), (5_001, True)])
@pytest.mark.parametrize(("scope", "name"), [("daily", "used_today"), ("monthly", "used_month")])
def test_exactly_the_limit_is_allowed(scope: str, name: str, used: int, over: bool) -> None:
    found = of(declined(None, limits=limits(**{scope: 15_000, name: used})))
    assert (Cause.LIMIT_EXCEEDED in causes(found)) is over


@pytest.mark.parametrize(("limit", "over"), [(10_001, False), (10_000, False), (9_999, True)])
def test_a_payment_of_exactly_the_limit_is_allowed(limit: int, over: bool) -> None:
    found = of(declined(None, limits=limits(per_payment=limit)))
    assert (Cause.LIMIT_EXCEEDED in causes(found)) is over


def test_until_the_reset_the_customer_waits_or_pays_less() -> None:
    found = lead(declined("LIMIT_DAILY", limits=limits(daily=15_000, used_today=6_000)))
    assert found.steps[:2] == (Step.SMALLER_AMOUNT, Step.WAIT_RESET)
    assert found.resolves_at == found.values["resets_at"]


@pytest.mark.parametrize(("reset", "step"), [(NOW + SECOND, Step.WAIT_RESET), (NOW, Step.RETRY)])
def test_from_the_reset_on_it_can_be_tried_again(reset: Any, step: Step) -> None:
    found = lead(declined("LIMIT_DAILY", limits=limits(daily=15_000, used_today=6_000, resets_at=reset)))
    assert step in found.steps


def test_nothing_left_of_the_limit_means_no_smaller_amount() -> None:
    found = lead(declined("LIMIT_DAILY", limits=limits(daily=15_000, used_today=15_000)))
    assert found.values["remaining"] == cny(0)
    assert Step.SMALLER_AMOUNT not in found.steps


def test_a_limit_and_a_short_balance_are_both_told_the_recorded_one_first() -> None:
    both: dict[str, Any] = {"limits": limits(daily=5_000), **SHORT}
    assert causes(of(declined("LIMIT_DAILY", **both))) == [Cause.LIMIT_EXCEEDED, Cause.INSUFFICIENT_BALANCE]
    by_balance = of(declined("INSUFFICIENT_BALANCE", **both))
    assert causes(by_balance) == [Cause.INSUFFICIENT_BALANCE, Cause.LIMIT_EXCEEDED]


def test_a_limit_that_was_reset_since_does_not_stop_a_new_try() -> None:
    over = limits(daily=5_000, resets_at=NOW)
    assert causes(of(declined("INSUFFICIENT_BALANCE", limits=over, **SHORT))) == [Cause.INSUFFICIENT_BALANCE]


@pytest.mark.parametrize("code", ["61", "65"])
def test_the_limit_of_a_card_is_the_banks_and_has_no_figures(code: str) -> None:
    found = lead(declined(code, "iso8583", method=CARD, limits=limits(daily=5_000)))
    assert (found.label, found.values) == ("limit_exceeded_card", {})
    assert Step.CONTACT_BANK in found.steps


def test_a_limit_code_that_the_figures_do_not_bear_out_tells_none() -> None:
    found = lead(declined("LIMIT_DAILY", limits=limits(daily=50_000)))
    assert (found.label, found.confidence) == ("limit_exceeded_unspecified", Confidence.LIKELY)


def test_a_limit_in_another_currency_is_not_compared() -> None:
    found = of(declined(None, limits=limits(daily=Money(1, "USD"))))
    assert Cause.LIMIT_EXCEEDED not in causes(found)


def test_a_used_up_credit_line_is_a_limit_without_figures() -> None:
    found = lead(declined("INSUFFICIENT_BALANCE", method=CREDIT, **SHORT))
    assert found.label == "limit_exceeded_unspecified"


# ---- D17 fx_fee_shortfall -------------------------------------------------------------------------

QUOTE = FxQuote(Decimal("7.8000"), converted=cny(78_000), fee=cny(1_170), margin=cny(830))
NEEDED = 80_000
ABROAD: dict[str, Any] = {
    "merchant": EUROPE,
    "amount": Money(10_000, "EUR"),
    "fx": QUOTE,
}


def test_a_shortfall_after_conversion_is_told_in_both_currencies() -> None:
    found = lead(declined("FX_SHORTFALL", available_before=cny(NEEDED - 1), **ABROAD))
    assert (found.label, found.confidence) == ("fx_fee_shortfall_exact", Confidence.PROVEN)
    assert found.values == {
        "available": cny(NEEDED - 1),
        "needed": cny(NEEDED),
        "shortfall": cny(1),
        "converted": cny(78_000),
        "fee": cny(1_170),
        "rate": "7.8",
    }


@pytest.mark.parametrize(("available", "short"), [(NEEDED - 1, True), (NEEDED, False), (NEEDED + 1, False)])
def test_converted_with_fee_and_margin_must_be_covered(available: int, short: bool) -> None:
    found = of(declined(None, available_before=cny(available), **ABROAD))
    assert (Cause.FX_FEE_SHORTFALL in causes(found)) is short


def test_without_a_margin_converted_and_fee_are_enough() -> None:
    fx = replace(QUOTE, margin=None)
    found = of(declined(None, available_before=cny(79_170), **{**ABROAD, "fx": fx}))
    assert Cause.FX_FEE_SHORTFALL not in causes(found)


def test_a_balance_code_abroad_means_the_converted_amount() -> None:
    found = of(declined("INSUFFICIENT_BALANCE", available_before=cny(1), **ABROAD))
    assert found[0].cause is Cause.FX_FEE_SHORTFALL
    assert Cause.INSUFFICIENT_BALANCE not in causes(found)


def test_without_a_quote_only_the_code_may_say_so() -> None:
    no_quote = {**ABROAD, "fx": None}
    assert lead(declined("FX_SHORTFALL", **no_quote)).label == "fx_fee_shortfall_unspecified"
    assert Cause.FX_FEE_SHORTFALL not in causes(of(declined(None, available_before=cny(0), **no_quote)))


def test_no_reason_is_given_for_what_did_not_fail() -> None:
    assert causes(of(bought())) == [Cause.SUCCEEDED]
    for status in (PaymentStatus.PROCESSING, PaymentStatus.UNKNOWN, PaymentStatus.AUTHORIZED):
        found = of(declined("INSUFFICIENT_BALANCE", status=status, **SHORT))
        assert Cause.INSUFFICIENT_BALANCE not in causes(found), status
