"""D3 account_restricted: that it is limited, never why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from actions.diagnosis.facts import Customer, Restriction
from actions.diagnosis.result import Actor, Cause, Confidence, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import ALICE, CARD, DAY, HOUR, NOW, SECOND, TRIED, causes, cny, declined, lead, of


def limited(since: datetime, until: datetime | None = None, **more: bool) -> Customer:
    """Alice while her payments are limited."""
    return replace(ALICE, restrictions=(Restriction("restricted", since, until, **more),))


def test_a_restriction_in_force_goes_to_a_person() -> None:
    found = lead(declined("ACCOUNT_RESTRICTED"), customer=limited(TRIED - DAY))
    assert (found.label, found.confidence) == ("account_restricted_agent", Confidence.PROVEN)
    assert found.money is MoneyState.NOT_CHARGED
    assert (found.route, found.urgency, found.next_actor) == (Route.HUMAN, Urgency.HIGH, Actor.AGENT)
    assert found.steps == (Step.AGENT,)


def test_an_identity_check_in_the_app_comes_first_if_offered() -> None:
    found = lead(declined("ACCOUNT_RESTRICTED"), customer=limited(TRIED - DAY, identity_check_offered=True))
    assert found.variant == "identity_check"
    assert found.steps == (Step.IDENTITY_CHECK, Step.AGENT)


@pytest.mark.parametrize(
    ("since", "counts"), [(TRIED - SECOND, True), (TRIED, True), (TRIED + SECOND, False)]
)
def test_imposed_after_the_try_rules_it_out(since: datetime, counts: bool) -> None:
    found = of(declined(None), customer=limited(since))
    assert (Cause.ACCOUNT_RESTRICTED in causes(found)) is counts


@pytest.mark.parametrize(
    ("until", "counts"), [(TRIED - SECOND, False), (TRIED, False), (TRIED + SECOND, True)]
)
def test_lifted_before_the_try_rules_it_out(until: datetime, counts: bool) -> None:
    found = of(declined(None), customer=limited(TRIED - DAY, until))
    assert (Cause.ACCOUNT_RESTRICTED in causes(found)) is counts


@pytest.mark.parametrize(
    ("until", "label"), [(NOW + SECOND, "account_restricted_agent"), (NOW, "account_restricted_lifted")]
)
def test_lifted_since_lets_the_customer_try_again(until: datetime, label: str) -> None:
    found = lead(declined("ACCOUNT_RESTRICTED"), customer=limited(TRIED - DAY, until))
    assert found.label == label
    assert (Step.RETRY in found.steps) is (found.variant == "lifted")


def test_of_several_the_one_that_lasts_counts_in_any_order() -> None:
    over, lasting = Restriction("frozen", TRIED - DAY, NOW - HOUR), Restriction("restricted", TRIED - DAY)
    for both in ((over, lasting), (lasting, over)):
        found = lead(declined("ACCOUNT_RESTRICTED"), customer=replace(ALICE, restrictions=both))
        assert found.variant == "agent"


def test_code_or_record_alone_is_likely() -> None:
    assert lead(declined("ACCOUNT_RESTRICTED")).confidence is Confidence.LIKELY
    assert lead(declined(None), customer=limited(TRIED - DAY)).confidence is Confidence.LIKELY


def test_what_only_a_person_can_lift_comes_before_the_recorded_decline() -> None:
    short = declined("INSUFFICIENT_BALANCE", available_before=cny(1))
    found = of(short, customer=limited(TRIED - DAY))
    assert causes(found) == [Cause.ACCOUNT_RESTRICTED, Cause.INSUFFICIENT_BALANCE]


def test_what_was_lifted_since_does_not_stop_a_new_try() -> None:
    short = declined("INSUFFICIENT_BALANCE", available_before=cny(1))
    assert causes(of(short, customer=limited(TRIED - DAY, NOW))) == [Cause.INSUFFICIENT_BALANCE]


def test_a_banks_restriction_is_about_its_card() -> None:
    on_card = declined("62", "iso8583", method=CARD)
    assert causes(of(on_card)) == [Cause.ISSUER_DECLINED]
    lifted_since = of(on_card, customer=limited(TRIED - DAY, NOW - HOUR))
    assert causes(lifted_since) == [Cause.ISSUER_DECLINED]
