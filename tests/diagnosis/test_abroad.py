"""D17: the international setting, countries and currencies."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from actions.diagnosis.facts import Customer, InternationalSettings, Money
from actions.diagnosis.result import Actor, Cause, Confidence, Route, Step
from tests.diagnosis.build import (
    ALICE,
    CAFE,
    CARD,
    DAY,
    EUROPE,
    HOUR,
    SECOND,
    TRIED,
    causes,
    cny,
    declined,
    lead,
    of,
)

ON = InternationalSettings(True, countries=frozenset({"FR"}), currencies=frozenset({"EUR"}))
IN_FRANCE: dict[str, Any] = {"country": "FR", "merchant": EUROPE, "amount": Money(5_000, "EUR")}


def alice(**settings: Any) -> Customer:
    """Alice with her international settings."""
    return replace(ALICE, international=replace(ON, **settings))


# ---- international_disabled -----------------------------------------------------------------------


def test_switched_off_is_proven_by_code_and_setting() -> None:
    found = lead(declined("INTL_DISABLED", **IN_FRANCE), customer=alice(enabled=False))
    assert (found.cause, found.confidence) == (Cause.INTERNATIONAL_DISABLED, Confidence.PROVEN)
    assert found.steps == (Step.ENABLE_INTERNATIONAL, Step.RETRY)
    assert found.route is Route.SELF


def test_no_such_setting_is_for_a_person() -> None:
    found = lead(declined("INTL_DISABLED", **IN_FRANCE), customer=alice(enabled=None))
    assert (found.route, found.next_actor, found.steps) == (Route.HUMAN, Actor.AGENT, (Step.AGENT,))


@pytest.mark.parametrize(
    ("changed", "counts"), [(TRIED - SECOND, False), (TRIED, False), (TRIED + SECOND, True)]
)
def test_the_setting_at_the_attempt_counts(changed: datetime, counts: bool) -> None:
    switched_on = alice(enabled=True, changed_at=changed, enabled_before=False)
    found = of(declined(None, **IN_FRANCE), customer=switched_on)
    assert (Cause.INTERNATIONAL_DISABLED in causes(found)) is counts


def test_switched_on_since_means_try_again() -> None:
    switched_on = alice(enabled=True, changed_at=TRIED + HOUR, enabled_before=False)
    assert lead(declined("INTL_DISABLED", **IN_FRANCE), customer=switched_on).steps == (Step.RETRY,)
    other_reason = of(declined("MERCHANT_CONFIG", **IN_FRANCE), customer=switched_on)
    assert causes(other_reason) == [Cause.MERCHANT_NOT_INTEGRATED]


def test_switched_off_only_after_the_attempt_did_not_stop_it() -> None:
    switched_off = alice(enabled=False, changed_at=TRIED + DAY, enabled_before=True)
    assert Cause.INTERNATIONAL_DISABLED not in causes(of(declined(None, **IN_FRANCE), customer=switched_off))


@pytest.mark.parametrize(("home", "country"), [("CN", "CN"), ("FR", "FR"), ("FR", "CN")])
def test_at_home_the_setting_does_not_matter(home: str, country: str) -> None:
    someone = replace(alice(enabled=False), country=home)
    assert Cause.INTERNATIONAL_DISABLED not in causes(of(declined(None, country=country), customer=someone))


def test_an_issuers_not_permitted_means_abroad_only_where_the_setting_agrees() -> None:
    on_card = declined("57", "iso8583", method=CARD, **IN_FRANCE)
    off = of(on_card, customer=alice(enabled=False))
    assert causes(off) == [Cause.INTERNATIONAL_DISABLED, Cause.ISSUER_DECLINED]
    assert causes(of(on_card, customer=alice())) == [Cause.ISSUER_DECLINED]


def test_not_permitted_abroad_proves_one_thing_only() -> None:
    on_card = declined("57", "iso8583", method=CARD, **IN_FRANCE)
    for settings, cause in (
        ({"countries": frozenset({"JP"})}, Cause.COUNTRY_UNSUPPORTED),
        ({"currencies": frozenset({"JPY"})}, Cause.CURRENCY_UNSUPPORTED),
    ):
        found = of(on_card, customer=alice(**settings))
        assert [(one.cause, one.confidence) for one in found] == [
            (cause, Confidence.PROVEN),
            (Cause.ISSUER_DECLINED, Confidence.LIKELY),
        ]


# ---- country_unsupported, currency_unsupported ------------------------------------------------------


def test_a_country_off_the_list() -> None:
    found = lead(declined("COUNTRY_UNSUPPORTED", **IN_FRANCE), customer=alice(countries=frozenset({"JP"})))
    assert (found.cause, found.confidence) == (Cause.COUNTRY_UNSUPPORTED, Confidence.PROVEN)
    assert found.values == {"country": "FR"}


def test_a_listed_country_is_ruled_out() -> None:
    assert Cause.COUNTRY_UNSUPPORTED not in causes(of(declined(None, **IN_FRANCE), customer=alice()))


def test_a_currency_off_the_list() -> None:
    found = lead(declined("CURRENCY_UNSUPPORTED", **IN_FRANCE), customer=alice(currencies=frozenset({"JPY"})))
    assert (found.cause, found.confidence) == (Cause.CURRENCY_UNSUPPORTED, Confidence.PROVEN)
    assert found.values == {"currency": "EUR"}
    assert Step.OTHER_CURRENCY in found.steps


def test_a_listed_currency_is_ruled_out() -> None:
    assert Cause.CURRENCY_UNSUPPORTED not in causes(of(declined(None, **IN_FRANCE), customer=alice()))


def test_the_currency_of_an_own_account_needs_no_list() -> None:
    found = of(declined(None, amount=cny(100)), customer=alice(currencies=frozenset({"JPY"})))
    assert Cause.CURRENCY_UNSUPPORTED not in causes(found)


def test_a_merchant_that_does_not_take_the_currency() -> None:
    found = lead(declined(None, merchant=CAFE, amount=Money(5_000, "EUR")), customer=alice())
    assert (found.cause, found.confidence) == (Cause.CURRENCY_UNSUPPORTED, Confidence.LIKELY)


@pytest.mark.parametrize(
    ("code", "rail", "cause"),
    [
        ("BE09", "iso20022", Cause.COUNTRY_UNSUPPORTED),
        ("ALIN43877", "alipay", Cause.COUNTRY_UNSUPPORTED),
        ("CURR", "iso20022", Cause.CURRENCY_UNSUPPORTED),
        ("currency_not_supported", "stripe", Cause.CURRENCY_UNSUPPORTED),
    ],
)
def test_a_code_alone_is_likely(code: str, rail: str, cause: Cause) -> None:
    found = lead(declined(code, rail, **IN_FRANCE), customer=alice())
    assert (found.cause, found.confidence) == (cause, Confidence.LIKELY)
