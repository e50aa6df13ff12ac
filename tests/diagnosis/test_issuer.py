"""D8 issuer_declined: the card's bank said no."""

from __future__ import annotations

from typing import Any

import pytest

from actions.diagnosis.result import Cause, Confidence, MoneyState, Route, Step, Urgency
from tests.diagnosis.build import CARD, CREDIT, causes, cny, declined, lead, of


@pytest.mark.parametrize(
    ("rail", "code", "variant", "steps"),
    [
        ("iso8583", "05", "generic", (Step.CONTACT_BANK, Step.OTHER_CARD)),
        ("iso8583", "14", "generic", (Step.CONTACT_BANK, Step.OTHER_CARD)),
        ("iso8583", "57", "generic", (Step.CONTACT_BANK, Step.OTHER_CARD)),
        ("iso8583", "62", "generic", (Step.CONTACT_BANK, Step.OTHER_CARD)),
        ("iso8583", "51", "card_funds", (Step.OTHER_CARD, Step.CONTACT_BANK)),
        ("iso8583", "54", "card_expired", (Step.UPDATE_CARD, Step.OTHER_CARD)),
        ("stripe", "expired_card", "card_expired", (Step.UPDATE_CARD, Step.OTHER_CARD)),
        ("stripe", "insufficient_funds", "card_funds", (Step.OTHER_CARD, Step.CONTACT_BANK)),
        ("iso20022", "MS03", "generic", (Step.CONTACT_BANK, Step.OTHER_CARD)),
    ],
)
def test_only_expiry_and_funds_are_told(rail: str, code: str, variant: str, steps: tuple[Step, ...]) -> None:
    found = lead(declined(code, rail, method=CARD))
    assert (found.cause, found.variant) == (Cause.ISSUER_DECLINED, variant)
    assert found.confidence is Confidence.PROVEN
    assert found.money is MoneyState.NOT_CHARGED
    assert found.steps == steps
    assert (found.route, found.urgency) == (Route.SELF, Urgency.LOW)


@pytest.mark.parametrize(
    ("rail", "code"),
    [
        ("iso8583", "34"),
        ("iso8583", "41"),
        ("iso8583", "43"),
        ("iso8583", "59"),
        ("iso20022", "FR01"),
        ("iso20022", "FRAD"),
        ("stripe", "fraudulent"),
        ("stripe", "lost_card"),
        ("stripe", "stolen_card"),
    ],
)
def test_fraud_theft_and_loss_read_as_a_plain_refusal(rail: str, code: str) -> None:
    plain, told = of(declined("05", "iso8583", method=CARD)), of(declined(code, rail, method=CARD))
    assert [one.label for one in told] == [one.label for one in plain] == ["issuer_declined_generic"]
    assert told[0].steps == plain[0].steps
    assert code not in repr(told)


@pytest.mark.parametrize("method", [None, CREDIT])
def test_without_a_card_no_issuer_declined(method: Any) -> None:
    found = of(declined("05", "iso8583", **({"method": method} if method else {})))
    assert causes(found) == [Cause.UNKNOWN]


def test_a_decline_by_the_wallet_is_not_the_banks() -> None:
    found = of(declined("ACCOUNT_RESTRICTED", method=CARD, available_before=cny(0)))
    assert causes(found) == [Cause.ACCOUNT_RESTRICTED]
