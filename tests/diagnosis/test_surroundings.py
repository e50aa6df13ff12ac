"""D5 merchant, D6 channel, D7 network, D21 app: what lies around a payment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from actions.diagnosis.facts import AppRelease, MerchantHealth, Outcome, Payment, PaymentStatus
from actions.diagnosis.result import Actor, Cause, Confidence, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import (
    CAFE,
    CARD,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    TRIED,
    attempt,
    bought,
    causes,
    cny,
    debit,
    declined,
    incident,
    lead,
    of,
    payment,
    reversal,
)

# ---- D5 merchant_not_integrated ---------------------------------------------------------------------


def test_a_configuration_code_and_a_merchant_known_for_it() -> None:
    found = lead(declined("MERCHANT_CONFIG", merchant=replace(CAFE, integrated=False)))
    assert (found.cause, found.confidence) == (Cause.MERCHANT_NOT_INTEGRATED, Confidence.PROVEN)
    assert (found.money, found.next_actor) == (MoneyState.NOT_CHARGED, Actor.MERCHANT)
    assert found.steps == (Step.TELL_MERCHANT, Step.OTHER_METHOD)
    assert (found.route, found.urgency) == (Route.SELF, Urgency.LOW)


def test_everybody_fails_there_too() -> None:
    health = MerchantHealth(others_failed=5)
    assert lead(declined("MERCHANT_CONFIG"), merchant_health=health).confidence is Confidence.PROVEN
    silent = lead(declined(None), merchant_health=health)
    assert (silent.cause, silent.confidence) == (Cause.MERCHANT_NOT_INTEGRATED, Confidence.POSSIBLE)
    assert lead(declined(None), merchant_health=MerchantHealth(others_failed=4)).cause is Cause.UNKNOWN


def test_a_code_alone_is_likely() -> None:
    assert lead(declined("NOAUTH", "wechat")).confidence is Confidence.LIKELY


@pytest.mark.parametrize("code", ["MERCHANT_CONFIG", None])
def test_others_who_could_pay_there_rule_it_out(code: str | None) -> None:
    broken = declined(code, merchant=replace(CAFE, integrated=False))
    found = of(broken, merchant_health=MerchantHealth(others_succeeded=1, others_failed=50))
    assert Cause.MERCHANT_NOT_INTEGRATED not in causes(found)


# ---- D6 channel_outage ------------------------------------------------------------------------------


def test_an_incident_that_lasts_with_a_code() -> None:
    found = lead(declined("SYSTEM_ERROR"), incidents=(incident(TRIED - HOUR),))
    assert (found.label, found.confidence) == ("channel_outage_ongoing", Confidence.PROVEN)
    assert found.values == {"started_at": TRIED - HOUR, "ended_at": None}
    assert found.steps[0] is Step.WAIT_INCIDENT
    assert (found.route, found.urgency, found.next_actor) == (Route.SELF, Urgency.MEDIUM, Actor.WALLET)


@pytest.mark.parametrize(
    ("end", "label"), [(NOW + SECOND, "ongoing"), (NOW, "ended"), (NOW - SECOND, "ended")]
)
def test_exactly_at_its_end_an_incident_is_over(end: datetime, label: str) -> None:
    found = lead(declined("SYSTEM_ERROR"), incidents=(incident(TRIED - HOUR, end),))
    assert found.variant == label
    assert (Step.RETRY in found.steps) is (label == "ended")


@pytest.mark.parametrize(
    ("since", "until", "covers"),
    [
        (TRIED - HOUR, TRIED, False),
        (TRIED - HOUR, TRIED + SECOND, True),
        (TRIED, TRIED + MINUTE, True),
        (TRIED + SECOND, TRIED + MINUTE, True),  # the try lasted one second
        (TRIED + 2 * SECOND, None, False),
    ],
)
def test_only_an_incident_during_the_try_counts(
    since: datetime, until: datetime | None, covers: bool
) -> None:
    found = of(declined(None), incidents=(incident(since, until),))
    assert (Cause.CHANNEL_OUTAGE in causes(found)) is covers


def test_another_channel_is_never_evidence() -> None:
    found = of(declined(None), incidents=(incident(TRIED - HOUR, channel="stripe"),))
    assert causes(found) == [Cause.UNKNOWN]


@pytest.mark.parametrize(("rail", "code"), [("iso8583", "91"), ("iso8583", "96"), ("wechat", "SYSTEMERROR")])
def test_a_code_without_a_known_incident_is_likely(rail: str, code: str) -> None:
    found = lead(declined(code, rail))
    assert (found.label, found.confidence) == ("channel_outage_unspecified", Confidence.LIKELY)


def test_beside_another_recorded_reason_it_is_only_possible_and_only_while_it_lasts() -> None:
    short = declined("INSUFFICIENT_BALANCE", available_before=cny(1))
    lasting = of(short, incidents=(incident(TRIED - HOUR),))
    assert causes(lasting) == [Cause.INSUFFICIENT_BALANCE, Cause.CHANNEL_OUTAGE]
    assert lasting[1].confidence is Confidence.POSSIBLE
    assert causes(of(short, incidents=(incident(TRIED - HOUR, NOW),))) == [Cause.INSUFFICIENT_BALANCE]


def test_of_several_incidents_the_one_that_lasts_counts_in_any_order() -> None:
    over, lasting = incident(TRIED - HOUR, NOW - HOUR), incident(TRIED - MINUTE)
    for both in ((over, lasting), (lasting, over)):
        assert lead(declined("SYSTEM_ERROR"), incidents=both).variant == "ongoing"


# ---- D7a network_not_sent ---------------------------------------------------------------------------


def unsent(**more: Any) -> Payment:
    """Only the app's own log knows of the try."""
    sound = {"outcome": Outcome.NOT_SENT, "server_request_id": None, "available_before": None}
    return payment(status=PaymentStatus.CREATED, attempts=(attempt(**{**sound, **more}),))


def test_a_try_that_never_reached_the_server() -> None:
    found = lead(unsent())
    assert (found.cause, found.confidence) == (Cause.NETWORK_NOT_SENT, Confidence.PROVEN)
    assert found.money is MoneyState.NOT_CHARGED
    assert found.steps == (Step.CHECK_NETWORK, Step.RESTART, Step.RETRY)
    assert (found.route, found.urgency) == (Route.SELF, Urgency.LOW)


def test_any_record_of_the_servers_rules_it_out() -> None:
    assert Cause.NETWORK_NOT_SENT not in causes(of(unsent(server_request_id="req")))
    booked = replace(unsent(), status=PaymentStatus.PROCESSING, postings=debit())
    assert lead(booked).cause is Cause.PENDING_AT_CHANNEL
    for status in (PaymentStatus.UNKNOWN, PaymentStatus.PROCESSING):
        assert Cause.NETWORK_NOT_SENT not in causes(of(replace(unsent(), status=status))), status


def test_an_earlier_try_with_an_open_outcome_rules_it_out() -> None:
    first = attempt(id="a0", started_at=TRIED - MINUTE, outcome=Outcome.NO_RESPONSE)
    found = of(replace(unsent(), attempts=(first, *unsent().attempts)))
    assert Cause.NETWORK_NOT_SENT not in causes(found)
    assert Step.DO_NOT_PAY_AGAIN in found[0].steps


# ---- D7b network_response_lost ----------------------------------------------------------------------


def lost(status: PaymentStatus, **more: Any) -> Payment:
    """The phone gave up waiting; the server knows better."""
    tried = attempt(more.pop("code", None), outcome=Outcome.NO_RESPONSE, client_timed_out=True)
    return payment(status=status, attempts=(tried,), **more)


def test_it_went_through_though_the_phone_showed_an_error() -> None:
    timed_out = replace(attempt(outcome=Outcome.APPROVED), client_timed_out=True)
    found = lead(bought(attempts=(timed_out,)))
    assert (found.label, found.confidence) == ("network_response_lost_succeeded", Confidence.PROVEN)
    assert (found.money, found.values) == (MoneyState.PAID, {"at": TRIED + SECOND})
    assert found.steps == (Step.DO_NOT_PAY_AGAIN, Step.REFRESH_BILL)
    assert (found.route, found.urgency) == (Route.SELF, Urgency.HIGH)


@pytest.mark.parametrize("status", [PaymentStatus.PROCESSING, PaymentStatus.UNKNOWN])
def test_it_is_not_decided_yet(status: PaymentStatus) -> None:
    found = lead(lost(status))
    assert found.label == "network_response_lost_open"
    assert found.urgency is Urgency.HIGH
    assert found.steps == (Step.DO_NOT_PAY_AGAIN, Step.REFRESH_BILL)


def test_it_did_not_go_through() -> None:
    found = lead(lost(PaymentStatus.FAILED))
    assert (found.label, found.money) == ("network_response_lost_not_charged", MoneyState.NOT_CHARGED)
    assert found.steps == (Step.CHECK_NETWORK, Step.RETRY)


def test_a_recorded_reason_is_the_better_answer() -> None:
    wrong = declined("WRONG_PASSWORD", client_timed_out=True, wrong_password_tries=1)
    assert causes(of(wrong)) == [Cause.WRONG_PASSWORD]
    still_asking = replace(wrong, status=PaymentStatus.AUTHENTICATING)
    assert causes(of(still_asking)) == [Cause.WRONG_PASSWORD]


def test_no_server_record_rules_it_out() -> None:
    assert causes(of(unsent(client_timed_out=True))) == [Cause.NETWORK_NOT_SENT]


def test_money_away_or_returned_is_told_as_that() -> None:
    assert lead(lost(PaymentStatus.PROCESSING, postings=debit())).cause is Cause.PENDING_AT_CHANNEL
    back = lost(PaymentStatus.REVERSED, postings=debit() + reversal(TRIED + MINUTE))
    assert lead(back).cause is Cause.REVERSAL_COMPLETED


def test_a_bank_card_without_a_timeout_is_not_a_lost_response() -> None:
    assert causes(of(bought(method=CARD))) == [Cause.SUCCEEDED]


# ---- D21 app_outdated, app_bug ----------------------------------------------------------------------

OLD = AppRelease("9.9.1", TRIED - 90 * DAY)
NEW = AppRelease("9.10.0", TRIED - 60 * DAY, minimum_from=TRIED)


def test_too_old_at_the_attempt() -> None:
    found = lead(declined("APP_OUTDATED", app_version="9.9.1"), releases=(OLD, NEW))
    assert (found.cause, found.confidence) == (Cause.APP_OUTDATED, Confidence.PROVEN)
    assert found.values == {"version": "9.9.1", "required": "9.10.0"}
    assert found.steps == (Step.UPDATE_APP, Step.RESTART, Step.RETRY)
    assert (found.route, found.urgency) == (Route.SELF, Urgency.LOW)


@pytest.mark.parametrize(("version", "old"), [("9.9.1", True), ("9.10.0", False), ("9.10.1", False)])
def test_the_required_version_itself_is_new_enough(version: str, old: bool) -> None:
    found = of(declined(None, app_version=version), releases=(OLD, NEW))
    assert (Cause.APP_OUTDATED in causes(found)) is old


def test_required_only_after_the_attempt_did_not_stop_it() -> None:
    later = replace(NEW, minimum_from=TRIED + SECOND)
    assert Cause.APP_OUTDATED not in causes(of(declined(None, app_version="9.9.1"), releases=(OLD, later)))


def test_an_old_app_is_at_most_advice_when_the_balance_was_short() -> None:
    short = declined("INSUFFICIENT_BALANCE", available_before=cny(1), app_version="9.9.1")
    assert causes(of(short, releases=(OLD, NEW))) == [Cause.INSUFFICIENT_BALANCE, Cause.APP_OUTDATED]


def test_a_crash_before_anything_was_sent() -> None:
    crash = unsent(client_crashed=True, app_version="2.0")
    bug = AppRelease("2.0", TRIED - DAY, known_bug_zh="闪退", known_bug_en="It closes", fixed_in="2.1")
    fixed = lead(crash, releases=(bug,))
    assert (fixed.label, fixed.confidence) == ("app_bug_fixed", Confidence.PROVEN)
    assert fixed.values == {"version": "2.0", "fixed_in": "2.1"}
    assert Step.UPDATE_APP in fixed.steps
    not_fixed = lead(crash, releases=(replace(bug, fixed_in=None),))
    assert not_fixed.label == "app_bug_not_fixed"
    assert Step.UPDATE_APP not in not_fixed.steps
    unknown = lead(crash)
    assert (unknown.label, unknown.confidence) == ("app_bug_unspecified", Confidence.LIKELY)


def test_a_known_bug_is_nothing_to_a_decline_by_the_server() -> None:
    bug = AppRelease("2.0", TRIED - DAY, known_bug_zh="闪退", fixed_in="2.1")
    assert causes(of(declined(None, app_version="2.0"), releases=(bug,))) == [Cause.UNKNOWN]
